/*
 * Back traces: which function called which, from frame pointers.
 *
 * The walk itself is the CPU's (stack_trace_save); this prints.
 */
#pragma once

#include <kernel/lib/macros.h>

struct pt_regs;

#define BACKTRACE_MAX 32

/* dump_stack - print who called the caller, one line per frame. */
void dump_stack(void);

/* backtrace_from_regs - print the stack of an interrupted context. */
void backtrace_from_regs(const struct pt_regs *regs);

/* backtrace_print - print @n return addresses with their symbols. */
void backtrace_print(const unsigned long *addrs, unsigned int n);
