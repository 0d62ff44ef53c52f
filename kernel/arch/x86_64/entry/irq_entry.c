/*
 * Interrupts: from a vector to its handler.
 *
 * Device vectors go to kernel/irq by number, the others are the CPU's own: its
 * timer and the messages of other CPUs.  The APIC is told at the end, so that
 * a level-triggered line is quiet by then; before the timer's handler, because
 * that may take long and sets the next event.
 *
 * Entry points: common_interrupt.
 */
#include <kernel/arch/context.h>
#include <kernel/arch/irq_chip.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/printk.h>
#include <kernel/base/random.h>
#include <kernel/irq/irq.h>
#include <kernel/irq/softirq.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/core.h>
#include <kernel/time/timer.h>

static void own_vector(unsigned int vector)
{
	switch (vector) {
	case LOCAL_TIMER_VECTOR:
		irq_count_other(IRQ_OTHER_LOC);
		timer_interrupt();
		break;
	case CALL_FUNCTION_VECTOR:
		irq_count_other(IRQ_OTHER_CAL);
		ipi_call_function_interrupt();
		break;
	case RESCHEDULE_VECTOR:
		irq_count_other(IRQ_OTHER_RES);
		scheduler_ipi();
		break;
	case APIC_ERROR_VECTOR:
		pr_err("apic: error interrupt\n");
		break;
	default:
		pr_err("apic: unexpected vector %#x\n", vector);
		break;
	}
}

/*
 * common_interrupt - the vector is in orig_ax, inverted.  Interrupts off; @regs
 * are a program's or the kernel's.
 */
__landmark void common_interrupt(struct pt_regs *regs)
{
	unsigned int vector = (unsigned int)~regs->orig_ax;
	struct pt_regs *outer = this_cpu_read(irq_regs);

	regs->orig_ax = -1UL;
	if (vector == SPURIOUS_VECTOR)
		return; /* needs no end-of-interrupt */
	this_cpu_write(irq_regs, regs);
	irq_enter();
	if (likely(vector - ARCH_IRQ_VECTOR_BASE < ARCH_NR_IRQS)) {
		add_interrupt_randomness(vector - ARCH_IRQ_VECTOR_BASE);
		handle_irq(vector - ARCH_IRQ_VECTOR_BASE);
		apic_eoi();
	} else {
		apic_eoi();
		own_vector(vector);
	}
	irq_exit();
	this_cpu_write(irq_regs, outer);
}
