/*
 * rseq.h - restartable sequences: what a thread and the kernel share, rseq(2).
 */
#pragma once

#include <abi/types.h>

#define RSEQ_CPU_ID_UNINITIALIZED	(-1)
#define RSEQ_CPU_ID_REGISTRATION_FAILED (-2)

#define RSEQ_FLAG_UNREGISTER (1 << 0)

/* No longer allowed in either structure's flags. */
#define RSEQ_CS_FLAG_NO_RESTART_ON_PREEMPT (1U << 0)
#define RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL  (1U << 1)
#define RSEQ_CS_FLAG_NO_RESTART_ON_MIGRATE (1U << 2)

/* A critical section.  The four bytes before abort_ip hold the signature. */
struct rseq_cs {
	u32 version;
	u32 flags;
	u64 start_ip;
	u64 post_commit_offset; /* from start_ip */
	u64 abort_ip;
} __attribute__((aligned(32)));

/* A thread's own area. */
struct rseq {
	u32 cpu_id_start;
	u32 cpu_id;
	u64 rseq_cs; /* address of the struct rseq_cs it is in, or 0 */
	u32 flags;
} __attribute__((aligned(32)));
