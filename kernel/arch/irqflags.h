/*
 * Masking interrupts on this CPU.
 *
 * Entry points: local_irq_save(flags)/local_irq_restore(flags),
 * local_irq_disable/enable, irqs_disabled, cpu_wait_for_irq.
 */
#pragma once

#include <abi/types.h>

#define X86_EFLAGS_IF_BIT 9

/* Returns this CPU's flags register. */
static inline unsigned long arch_read_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=rm"(flags)::"memory");
	return flags;
}

static inline void local_irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void local_irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

/* True if @flags, as saved by local_irq_save, had interrupts masked. */
static inline bool irqs_disabled_flags(unsigned long flags)
{
	return !(flags & (1UL << X86_EFLAGS_IF_BIT));
}

static inline bool irqs_disabled(void)
{
	return irqs_disabled_flags(arch_read_flags());
}

static inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_read_flags();

	local_irq_disable();
	return flags;
}

#define local_irq_save(flags)	((flags) = arch_local_irq_save())
#define local_save_flags(flags) ((flags) = arch_read_flags())

/* Unmask again if @flags says so; never masks. */
static inline void local_irq_restore(unsigned long flags)
{
	if (!irqs_disabled_flags(flags))
		local_irq_enable();
}

/*
 * cpu_wait_for_irq - unmask and sleep until an interrupt.  The caller has
 * masked interrupts and found nothing to do; none can slip in between.
 */
static inline void cpu_wait_for_irq(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}
