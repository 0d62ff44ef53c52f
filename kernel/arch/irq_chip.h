/*
 * Interrupt numbers and the controllers behind them.
 *
 * A number below ARCH_NR_GSI is an input of the I/O APICs (0 to 15: the old
 * ISA lines, as firmware wired them); above are message interrupts, given out
 * by arch_alloc_msi_vector.  Number n uses vector ARCH_IRQ_VECTOR_BASE + n on
 * every CPU.  The entry code calls handle_irq(n) of kernel/irq.
 *
 * Entry points: arch_irq_unmask, arch_irq_mask, arch_irq_set_type,
 * arch_irq_chip_name, arch_pci_intx_irq, arch_alloc_msi_vector.
 */
#pragma once

#include <abi/types.h>

#define ARCH_NR_GSI	     64
#define ARCH_NR_MSI	     128
#define ARCH_NR_IRQS	     (ARCH_NR_GSI + ARCH_NR_MSI)
#define ARCH_IRQ_VECTOR_BASE 0x28

enum arch_irq_type {
	ARCH_IRQ_EDGE_HIGH,
	ARCH_IRQ_EDGE_LOW,
	ARCH_IRQ_LEVEL_HIGH,
	ARCH_IRQ_LEVEL_LOW,
};

/* Let interrupt @irq in / keep it out.  Any context; 0 or -EINVAL: no line. */
int arch_irq_unmask(unsigned int irq);
int arch_irq_mask(unsigned int irq);

/* Trigger of a GSI, where the default (ISA: firmware; rest: level low) is not
 * right.  Before arch_irq_unmask. */
int arch_irq_set_type(unsigned int irq, enum arch_irq_type type);

/* "IO-APIC" or "PCI-MSI", for /proc/interrupts. */
const char *arch_irq_chip_name(unsigned int irq);

/*
 * arch_pci_intx_irq - the number of a PCI function's pin (1 = INTA) whose
 * interrupt-line register holds @line.  Negative errno if it has none.
 */
int arch_pci_intx_irq(unsigned int bus, unsigned int slot, unsigned int pin,
		      unsigned int line);

/* What a device has to write to raise a message interrupt. */
struct arch_msi {
	u64 address;
	u32 data;
};

/*
 * arch_alloc_msi_vector - a fresh number and its message, for CPU 0.  Returns
 * the number or -ENOSPC.  The device's own mask bit masks it.
 */
int arch_alloc_msi_vector(struct arch_msi *msi);
void arch_free_msi_vector(unsigned int irq);
