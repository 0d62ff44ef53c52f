/*
 * Interrupts: a table of lines, each with a list of handlers.
 *
 * kernel/arch masks, unmasks and acknowledges (<kernel/arch/irq_chip.h>) and
 * calls handle_irq() when a line fires; drivers add handlers with
 * request_irq().  A line may be shared; all its handlers are asked.
 * Locks: irq_desc.lock (LOCK_IRQ) for a line's handlers and mask depth.
 */
#pragma once

#include <kernel/arch/irq_chip.h>
#include <kernel/lib/macros.h>

#define NR_IRQS ARCH_NR_IRQS

enum irqreturn {
	IRQ_NONE,    /* not from my device */
	IRQ_HANDLED, /* mine, done */
};

/* irq_init - no line has a handler.  Before the first interrupt. */
void irq_init(void);

/*
 * request_irq - call @handler(@irq, @cookie) whenever @irq comes.
 *
 * Runs in hard irq with interrupts off.  Unmasks the line for its first
 * handler. Returns 0, -EINVAL (no such line) or -ENOMEM.
 */
int request_irq(unsigned int irq,
		enum irqreturn (*handler)(unsigned int irq, void *cookie),
		const char *name, void *cookie);

/* free_irq - remove the handler with @cookie; waits while it runs. */
void free_irq(unsigned int irq, void *cookie);

/* disable_irq, enable_irq - mask and unmask, counted. */
void disable_irq(unsigned int irq);
void disable_irq_nosync(unsigned int irq);
void enable_irq(unsigned int irq);

/*
 * handle_irq - arch: line @irq came; count it and call its handlers.
 * Interrupts are off; between irq_enter and irq_exit.
 */
void handle_irq(unsigned int irq);

/* One line of /proc/interrupts. */
struct irq_info {
	const char *chip;
	char actions[64]; /* names, separated by ", " */
};

/* irq_get_info - false if nothing handles @irq. */
bool irq_get_info(unsigned int irq, struct irq_info *info);

/* irq_count - how often @irq came on @cpu; irq_total - all lines and CPUs. */
u64 irq_count(unsigned int irq, int cpu);
u64 irq_total(void);

/* Interrupts that are no line, as /proc/interrupts lists them. */
enum irq_other {
	IRQ_OTHER_LOC, /* the CPU's timer */
	IRQ_OTHER_RES, /* reschedule */
	IRQ_OTHER_CAL, /* function calls */
	IRQ_OTHER_TLB, /* those of them that asked for a flush */
	NR_IRQ_OTHER,
};

/* irq_count_other - count one on this CPU; irq_other_count - how many. */
void irq_count_other(enum irq_other kind);
u64 irq_other_count(enum irq_other kind, int cpu);
