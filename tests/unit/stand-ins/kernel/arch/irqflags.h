/*
 * Stand-in for <kernel/arch/irqflags.h>: a host program has no interrupts, but
 * it can check that they are switched on and off in pairs.
 */
#pragma once

#include <abi/types.h>

extern bool unit_irqs_off;

static inline void local_irq_disable(void)
{
	unit_irqs_off = true;
}

static inline void local_irq_enable(void)
{
	unit_irqs_off = false;
}

static inline bool irqs_disabled(void)
{
	return unit_irqs_off;
}

static inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = unit_irqs_off;

	unit_irqs_off = true;
	return flags;
}

#define local_irq_save(flags)	 ((flags) = arch_local_irq_save())
#define local_irq_restore(flags) (unit_irqs_off = (flags))
