/*
 * panic(): stop well.
 *
 * The first CPU to panic prints; any other that panics, and the first one if
 * it faults while printing, only stops.  See panic.h for what happens then.
 * The messages have Linux's form, because people and scripts look for it.
 *
 * Locks: none; panic_cpu decides who prints.
 * Entry points: panic, panic_with_regs, assert_failed, panic_init.
 */
#include <kernel/base/panic.h>

#include <kernel/arch/clock.h>
#include <kernel/arch/context.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/power.h>
#include <kernel/arch/smp.h>
#include <kernel/base/assert.h>
#include <kernel/base/backtrace.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/lock_order.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>

#define QEMU_EXIT_PANIC 0x10 /* exit status 33 */

static int panic_cpu;	  /* [A] 1 + CPU that panics, 0: none */
static int panic_timeout; /* seconds; <0: at once; 0: never */
static char message[512]; /* the panicking CPU's */

/* panic_in_progress - has some CPU called panic()? */
bool panic_in_progress(void)
{
	return READ_ONCE(panic_cpu) != 0;
}

/* panic_set_timeout - what to do after a panic, as panic=. */
void panic_set_timeout(int seconds)
{
	panic_timeout = seconds;
}

/* panic_get_timeout - as panic_set_timeout was told. */
int panic_get_timeout(void)
{
	return panic_timeout;
}

static void __noreturn stop_this_cpu(void)
{
	for (;;) {
		local_irq_disable();
		__asm__ volatile("hlt");
	}
}

/* Let one CPU through, once; the others stop here. */
static void enter_panic(void)
{
	int me = (int)smp_processor_id() + 1;
	int none = 0;

	if (__atomic_compare_exchange_n(&panic_cpu, &none, me, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	if (none == me) {
		/* A fault while printing the first panic: just end. */
		if (cpu_has(X86_FEATURE_HYPERVISOR))
			qemu_debug_exit(QEMU_EXIT_PANIC);
		if (panic_timeout)
			machine_restart();
	}
	stop_this_cpu();
}

/* Everything is printed: obey panic=. */
static void __noreturn end_panic(void)
{
	int left;

	if (cpu_has(X86_FEATURE_HYPERVISOR))
		qemu_debug_exit(QEMU_EXIT_PANIC);
	if (panic_timeout > 0)
		printk(KERN_EMERG "Rebooting in %d seconds..\n", panic_timeout);
	for (left = panic_timeout * 1000; left > 0; left--)
		udelay(1000);
	if (panic_timeout != 0)
		machine_restart();
	stop_this_cpu();
}

static void __noreturn do_panic(const struct pt_regs *regs, const char *fmt,
				va_list args)
{
	local_irq_disable();
	enter_panic();
	printk_enter_panic();
	smp_stop_other_cpus();
	vscnprintf(message, sizeof(message), fmt, args);
	printk(KERN_EMERG "Kernel panic - not syncing: %s\n", message);
	lock_order_dump();
	if (regs) {
		show_regs(regs);
	} else {
		printk(KERN_EMERG "CPU: %u\n", smp_processor_id());
		dump_stack();
	}
	printk(KERN_EMERG "---[ end Kernel panic - not syncing: %s ]---\n",
	       message);
	end_panic();
}

/* panic - print and stop. */
void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	do_panic(NULL, fmt, args);
	va_end(args);
}

/* panic_with_regs - as panic, for an exception: @regs are shown too. */
void panic_with_regs(const struct pt_regs *regs, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	do_panic(regs, fmt, args);
	va_end(args);
}

/* assert_failed - panic with the place and the text of the condition. */
void assert_failed(const char *cond, const char *file, int line)
{
	panic("assertion failed: %s, at %s:%d", cond, file, line);
}

/* panic_init - read panic= from the command line. */
void panic_init(void)
{
	panic_timeout = (int)cmdline_get_int("panic", 0);
}
