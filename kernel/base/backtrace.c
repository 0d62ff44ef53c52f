/*
 * Back traces: see backtrace.h.
 *
 * Entry points: dump_stack, backtrace_from_regs, backtrace_print.
 */
#include <kernel/base/backtrace.h>

#include <kernel/arch/stacktrace.h>
#include <kernel/base/printk.h>

/* backtrace_print - print @n return addresses with their symbols. */
void backtrace_print(const unsigned long *addrs, unsigned int n)
{
	unsigned int i;

	printk(KERN_EMERG "Call Trace:\n");
	for (i = 0; i < n; i++) {
		/*
		 * A call at a function's end returns behind it: look up the
		 * call.  The first address may be where an interrupt struck.
		 */
		printk(KERN_EMERG " [<%016lx>] %pS\n", addrs[i],
		       (void *)(addrs[i] - (i > 0)));
	}
}

/* dump_stack - print who called the caller, one line per frame. */
void dump_stack(void)
{
	unsigned long addrs[BACKTRACE_MAX];

	backtrace_print(addrs, stack_trace_save(addrs, BACKTRACE_MAX));
}

/* backtrace_from_regs - print the stack of an interrupted context. */
void backtrace_from_regs(const struct pt_regs *regs)
{
	unsigned long addrs[BACKTRACE_MAX];

	backtrace_print(addrs,
			stack_trace_save_regs(addrs, BACKTRACE_MAX, regs));
}
