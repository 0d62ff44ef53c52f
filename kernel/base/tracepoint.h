/*
 * Tracepoints: null hooks in lower layers that kernel/trace fills.
 *
 * DECLARE_TRACEPOINT in a header makes trace_NAME(args) and
 * register_trace_NAME; DEFINE_TRACEPOINT in one .c makes its storage.  An empty
 * hook costs a load and a branch.  One probe per tracepoint: kernel/trace
 * multiplexes.
 *
 *   DECLARE_TRACEPOINT(sched_wakeup, TP_PROTO(struct task_struct *t),
 * TP_ARGS(t));
 */
#pragma once

#include <kernel/lib/macros.h>

struct tracepoint {
	const char *name;
	void *probe; /* void (*)(proto...), or NULL */
};

#define TP_PROTO(args...) args
#define TP_ARGS(args...)  args

#define DECLARE_TRACEPOINT(tp, proto, args)                                    \
	extern struct tracepoint __tracepoint_##tp;                            \
	static inline void trace_##tp(proto)                                   \
	{                                                                      \
		void (*probe)(proto) = READ_ONCE(__tracepoint_##tp.probe);     \
		if (unlikely(probe))                                           \
			probe(args);                                           \
	}                                                                      \
	static inline void register_trace_##tp(void (*probe)(proto))           \
	{                                                                      \
		WRITE_ONCE(__tracepoint_##tp.probe, (void *)probe);            \
	}

#define DEFINE_TRACEPOINT(tp) struct tracepoint __tracepoint_##tp = {#tp, NULL}
