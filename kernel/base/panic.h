/*
 * panic() - stop the machine in a way that can be understood.
 *
 * Prints the reason, the registers where there are some, and a back trace;
 * stops the other CPUs; then obeys panic=: n > 0 reboots after n seconds,
 * n < 0 at once, 0 (default) stays.  Under a hypervisor it first leaves
 * through QEMU's isa-debug-exit device, where the tests have added one.
 */
#pragma once

#include <stdarg.h>

#include <kernel/lib/macros.h>

struct pt_regs;

/* panic - print and stop; any context; does not return. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn __cold;

/* panic_with_regs - as panic, for an exception: @regs are shown too. */
void panic_with_regs(const struct pt_regs *regs, const char *fmt, ...)
	__printf(2, 3) __noreturn __cold;

/* panic_in_progress - has some CPU called panic()? */
bool panic_in_progress(void);

/*
 * panic_set_timeout - what to do after a panic; as panic= (sysctl
 * kernel.panic).  panic_get_timeout reads it.
 */
void panic_set_timeout(int seconds);
int panic_get_timeout(void);

/* panic_init - read panic= from the command line. */
void panic_init(void);
