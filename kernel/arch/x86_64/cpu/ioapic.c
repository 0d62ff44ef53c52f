/*
 * I/O APICs: the inputs of devices, and message interrupts.
 *
 * Every input is masked at boot and gets its vector (fixed: number + base) and
 * trigger when it is first unmasked.  ISA lines 0 to 15 go where the MADT says.
 * Message interrupts need no controller, only a number.
 *
 * Locks: ioapic_lock (LOCK_IRQ_CHIP) for the registers' index/data pair and
 * the maps below.
 *
 * Entry points: ioapic_init; arch_irq_* and arch_*_msi_vector of irq_chip.h.
 */
#include <kernel/arch/irq_chip.h>

#include <abi/errno.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/io.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>

#define IOAPIC_VERSION 1
#define IOAPIC_REDIR   0x10

#define REDIR_ACTIVE_LOW (1U << 13)
#define REDIR_LEVEL	 (1U << 15)
#define REDIR_MASKED	 (1U << 16)

#define MSI_ADDRESS 0xfee00000ULL

struct ioapic {
	void *regs;    /* [I] index at 0, data at 0x10 */
	u32 gsi_base;  /* [I] */
	u32 nr_inputs; /* [I] */
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static unsigned int nr_ioapics;
static u8 line_type[ARCH_NR_GSI];      /* [ioapic_lock] enum arch_irq_type */
static u64 msi_used[ARCH_NR_MSI / 64]; /* [ioapic_lock] */
static DEFINE_SPINLOCK(ioapic_lock, LOCK_IRQ_CHIP);

static u32 ioapic_read(const struct ioapic *chip, u32 reg)
{
	writel(reg, chip->regs);
	return readl((char *)chip->regs + 0x10);
}

static void ioapic_write(const struct ioapic *chip, u32 reg, u32 value)
{
	writel(reg, chip->regs);
	writel(value, (char *)chip->regs + 0x10);
}

static void __init add_ioapic(const struct acpi_ioapic *found)
{
	struct ioapic *chip = &ioapics[nr_ioapics];
	u32 i;

	chip->regs = ioremap(found->address, 0x20);
	if (!chip->regs)
		return;
	chip->gsi_base = found->gsi_base;
	chip->nr_inputs = (ioapic_read(chip, IOAPIC_VERSION) >> 16 & 255) + 1;
	for (i = 0; i < chip->nr_inputs; i++)
		ioapic_write(chip, IOAPIC_REDIR + i * 2, REDIR_MASKED);
	nr_ioapics++;
}

/* MADT's polarity and trigger; 0 in either means: as the bus has it. */
static enum arch_irq_type __init isa_type(u16 flags)
{
	bool low = (flags & 3) == 3;
	bool level = (flags >> 2 & 3) == 3;

	if (level)
		return low ? ARCH_IRQ_LEVEL_LOW : ARCH_IRQ_LEVEL_HIGH;
	return low ? ARCH_IRQ_EDGE_LOW : ARCH_IRQ_EDGE_HIGH;
}

/* ioapic_init - find and mask all; silence the old controllers. */
void __init ioapic_init(void)
{
	static const struct acpi_ioapic usual = {0, 0xfec00000, 0};
	unsigned int i;

	/* Both 8259s: all lines masked. */
	outb(0xff, 0x21);
	outb(0xff, 0xa1);

	for (i = 0; i < acpi.nr_ioapics; i++)
		add_ioapic(&acpi.ioapics[i]);
	if (nr_ioapics == 0)
		add_ioapic(&usual);
	for (i = 0; i < ARCH_NR_GSI; i++)
		line_type[i] = i < 16 ? isa_type(acpi.isa_flags[i])
				      : ARCH_IRQ_LEVEL_LOW;
	pr_debug("arch: %u I/O APIC(s)\n", nr_ioapics);
}

/* The chip and input of interrupt number @irq; NULL: no such line. */
static const struct ioapic *find_input(unsigned int irq, u32 *input)
{
	unsigned int gsi = irq < 16 ? acpi.isa_gsi[irq] : irq;
	unsigned int i;

	for (i = 0; i < nr_ioapics; i++) {
		if (gsi - ioapics[i].gsi_base < ioapics[i].nr_inputs) {
			*input = gsi - ioapics[i].gsi_base;
			return &ioapics[i];
		}
	}
	return NULL;
}

static int set_redirection(unsigned int irq, bool masked)
{
	const struct ioapic *chip;
	unsigned long flags;
	u32 input;
	u32 low;

	if (irq >= ARCH_NR_IRQS)
		return -EINVAL;
	if (irq >= ARCH_NR_GSI)
		return 0; /* a message: its device masks it */
	chip = find_input(irq, &input);
	if (!chip)
		return -EINVAL;

	spin_lock_irqsave(&ioapic_lock, flags);
	low = ARCH_IRQ_VECTOR_BASE + irq;
	if (line_type[irq] == ARCH_IRQ_LEVEL_HIGH ||
	    line_type[irq] == ARCH_IRQ_LEVEL_LOW)
		low |= REDIR_LEVEL;
	if (line_type[irq] == ARCH_IRQ_LEVEL_LOW ||
	    line_type[irq] == ARCH_IRQ_EDGE_LOW)
		low |= REDIR_ACTIVE_LOW;
	if (masked)
		low |= REDIR_MASKED;
	ioapic_write(chip, IOAPIC_REDIR + input * 2 + 1,
		     boot_cpu.apic_id << 24);
	ioapic_write(chip, IOAPIC_REDIR + input * 2, low);
	spin_unlock_irqrestore(&ioapic_lock, flags);
	return 0;
}

int arch_irq_unmask(unsigned int irq)
{
	return set_redirection(irq, false);
}

int arch_irq_mask(unsigned int irq)
{
	return set_redirection(irq, true);
}

int arch_irq_set_type(unsigned int irq, enum arch_irq_type type)
{
	if (irq >= ARCH_NR_GSI)
		return -EINVAL;
	line_type[irq] = (u8)type;
	return 0;
}

const char *arch_irq_chip_name(unsigned int irq)
{
	return irq < ARCH_NR_GSI ? "IO-APIC" : "PCI-MSI";
}

/*
 * Firmware routed the pin to an ISA line and wrote it into @line; QEMU's pc and
 * q35 keep that routing alive beside the I/O APIC's own inputs.
 */
int arch_pci_intx_irq(unsigned int bus, unsigned int slot, unsigned int pin,
		      unsigned int line)
{
	(void)bus;
	(void)slot;
	if (pin == 0 || line == 0 || line >= 16)
		return -ENODEV;
	/* PCI lines are level triggered, whatever an absent override says. */
	if (!acpi.isa_override[line])
		(void)arch_irq_set_type(line, ARCH_IRQ_LEVEL_LOW);
	return (int)line;
}

int arch_alloc_msi_vector(struct arch_msi *msi)
{
	unsigned long flags;
	int irq = -ENOSPC;
	unsigned int i;

	spin_lock_irqsave(&ioapic_lock, flags);
	for (i = 0; i < ARCH_NR_MSI; i++) {
		if (msi_used[i / 64] >> (i % 64) & 1)
			continue;
		msi_used[i / 64] |= 1ULL << (i % 64);
		irq = (int)(ARCH_NR_GSI + i);
		break;
	}
	spin_unlock_irqrestore(&ioapic_lock, flags);
	if (irq < 0)
		return irq;
	msi->address = MSI_ADDRESS | (u64)boot_cpu.apic_id << 12;
	msi->data = ARCH_IRQ_VECTOR_BASE + (u32)irq;
	return irq;
}

void arch_free_msi_vector(unsigned int irq)
{
	unsigned int n = irq - ARCH_NR_GSI;
	unsigned long flags;

	spin_lock_irqsave(&ioapic_lock, flags);
	msi_used[n / 64] &= ~(1ULL << (n % 64));
	spin_unlock_irqrestore(&ioapic_lock, flags);
}
