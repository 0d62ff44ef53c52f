/*
 * The few ACPI tables we read, once, at boot.
 *
 * MADT (interrupt controllers, CPUs, ISA wiring), HPET, FADT (power, reset),
 * MCFG, and the DSDT.  The DSDT is byte code that we do not run: \_S5 and the
 * virtio-mmio devices of QEMU's microvm are found by their byte patterns.
 * Everything is read through the first page tables, which reach 4 GiB, and kept
 * in `acpi`.  A table with a wrong length or sum is passed over.
 *
 * Entry points: acpi_init, acpi_virtio_mmio, acpi_pci_ecam.
 */
#include <kernel/arch/acpi.h>

#include <abi/errno.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define EARLY_MAPPED	(4ULL << 30)
#define TABLE_MAX	(4U << 20)
#define VIRTIO_MMIO_MAX 32

struct sdt_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem[22];
	u32 creator_revision;
} __packed;

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
} __packed;

/* Generic address structure. */
struct gas {
	u8 space;
	u8 bits;
	u8 offset;
	u8 access;
	u64 address;
} __packed;

struct fadt {
	struct sdt_header header;
	u32 firmware_ctrl;
	u32 dsdt;
	u8 unused1[4]; /* 44: model, profile, SCI */
	u32 smi_cmd;   /* 48 */
	u8 acpi_enable;
	u8 unused2[11];
	u32 pm1a_cnt; /* 64 */
	u32 pm1b_cnt;
	u8 unused3[36];
	u8 century; /* 108 */
	u8 unused4[3];
	u32 flags; /* 112 */
	struct gas reset;
	u8 reset_value;
	u8 unused5[11];
	u64 x_dsdt; /* 140 */
	u8 unused6[96];
	struct gas sleep_control; /* 244 */
} __packed;
static_assert(offsetof(struct fadt, smi_cmd) == 48, "FADT");
static_assert(offsetof(struct fadt, pm1a_cnt) == 64, "FADT");
static_assert(offsetof(struct fadt, century) == 108, "FADT");
static_assert(offsetof(struct fadt, x_dsdt) == 140, "FADT");
static_assert(offsetof(struct fadt, sleep_control) == 244, "FADT");

#define FADT_RESET_SUPPORTED (1U << 10)
#define FADT_HW_REDUCED	     (1U << 20)

struct acpi_facts acpi;
static struct acpi_mmio_device virtio_mmio[VIRTIO_MMIO_MAX];
static unsigned int nr_virtio_mmio;
static u64 ecam_base;
static u8 ecam_first_bus;
static u8 ecam_last_bus;

static u32 __init read32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static u64 __init read64(const u8 *p)
{
	return read32(p) | (u64)read32(p + 4) << 32;
}

static bool __init sum_is_zero(const void *p, size_t n)
{
	const u8 *byte = p;
	u8 sum = 0;

	while (n--)
		sum += *byte++;
	return sum == 0;
}

/* The table at @pa if it can be read and its length makes sense. */
static const struct sdt_header *__init table_at(u64 pa)
{
	const struct sdt_header *table;

	if (pa == 0 || pa >= EARLY_MAPPED - sizeof(*table))
		return NULL;
	table = __va(pa);
	if (table->length < sizeof(*table) || table->length > TABLE_MAX ||
	    pa + table->length > EARLY_MAPPED)
		return NULL;
	return table;
}

/* A CPU that can be used; one may be listed in both forms. */
static void __init madt_cpu(u32 apic_id, u32 flags)
{
	unsigned int i;

	if (!(flags & 1))
		return;
	for (i = 0; i < acpi.nr_cpus; i++) {
		if (acpi.apic_ids[i] == apic_id)
			return;
	}
	if (acpi.nr_cpus == ARRAY_SIZE(acpi.apic_ids)) {
		pr_warn("acpi: no room for the CPU with APIC id %u\n", apic_id);
		return;
	}
	acpi.apic_ids[acpi.nr_cpus++] = apic_id;
}

/* The CPU we run on is CPU 0, wherever the list has it. */
static void __init put_boot_cpu_first(void)
{
	unsigned int i;

	for (i = 1; i < acpi.nr_cpus; i++) {
		if (acpi.apic_ids[i] == boot_cpu.apic_id)
			swap(acpi.apic_ids[0], acpi.apic_ids[i]);
	}
	if (acpi.nr_cpus == 0 || acpi.apic_ids[0] != boot_cpu.apic_id) {
		acpi.nr_cpus = 1;
		acpi.apic_ids[0] = boot_cpu.apic_id;
	}
}

static void __init madt_entry(const u8 *p)
{
	struct acpi_ioapic *ioapic;

	switch (p[0]) {
	case 0: /* local APIC */
		madt_cpu(p[3], read32(p + 4));
		break;
	case 1: /* I/O APIC */
		if (acpi.nr_ioapics == ACPI_MAX_IOAPICS)
			break;
		ioapic = &acpi.ioapics[acpi.nr_ioapics++];
		ioapic->id = p[2];
		ioapic->address = read32(p + 4);
		ioapic->gsi_base = read32(p + 8);
		break;
	case 2: /* an ISA line wired otherwise */
		if (p[3] >= ARRAY_SIZE(acpi.isa_gsi) || read32(p + 4) > 255)
			break;
		acpi.isa_gsi[p[3]] = (u8)read32(p + 4);
		acpi.isa_flags[p[3]] = (u16)(p[8] | p[9] << 8);
		acpi.isa_override[p[3]] = true;
		break;
	case 5: /* 64-bit local APIC address */
		acpi.lapic_address = read64(p + 4);
		break;
	case 9: /* x2APIC */
		madt_cpu(read32(p + 4), read32(p + 8));
		break;
	}
}

static void __init read_madt(const struct sdt_header *table)
{
	const u8 *p = (const u8 *)(table + 1);
	const u8 *end = (const u8 *)table + table->length;

	acpi.lapic_address = read32(p);
	for (p += 8; p + 2 <= end && p[1] >= 2 && p + p[1] <= end; p += p[1])
		madt_entry(p);
}

/* A small AML constant at *@p. */
static u8 __init aml_byte(const u8 **p)
{
	u8 op = *(*p)++;

	if (op == 0x0a) /* BytePrefix */
		return *(*p)++;
	return op == 0x01 ? 1 : 0; /* OneOp, ZeroOp */
}

/* Name (_S5, Package () { typa, typb, ... }) */
static void __init find_s5(const u8 *p, const u8 *end)
{
	for (; p + 9 <= end; p++) {
		if (memcmp(p, "_S5_\x12", 5) != 0)
			continue;
		p += 5;
		p += (*p >> 6) + 1; /* package length */
		p++;		    /* number of elements */
		acpi.slp_typa = aml_byte(&p);
		acpi.slp_typb = aml_byte(&p);
		acpi.has_s5 = true;
		return;
	}
}

/* Device with _HID LNRO0005: its Memory32Fixed and Interrupt descriptors. */
static void __init find_virtio_mmio(const u8 *p, const u8 *end)
{
	struct acpi_mmio_device *dev;
	const u8 *stop;

	for (; p + 64 < end; p++) {
		if (memcmp(p, "LNRO0005", 8) != 0)
			continue;
		if (nr_virtio_mmio == VIRTIO_MMIO_MAX)
			return;
		dev = &virtio_mmio[nr_virtio_mmio];
		stop = min(p + 128, end - 12);
		for (; p < stop && memcmp(p, "\x86\x09\x00", 3) != 0; p++)
			;
		if (p >= stop)
			return;
		dev->base = read32(p + 4);
		dev->size = read32(p + 8);
		p += 12;
		if (p + 9 > end || p[0] != 0x89)
			continue;
		dev->gsi = read32(p + 5);
		nr_virtio_mmio++;
	}
}

static void __init read_dsdt(u64 pa)
{
	const struct sdt_header *table = table_at(pa);
	const u8 *end;

	if (!table || memcmp(table->signature, "DSDT", 4) != 0)
		return;
	end = (const u8 *)table + table->length;
	find_s5((const u8 *)(table + 1), end);
	if (acpi.hw_reduced)
		find_virtio_mmio((const u8 *)(table + 1), end);
}

static void __init read_fadt(const struct sdt_header *table)
{
	const struct fadt *fadt = (const struct fadt *)table;
	u64 dsdt = fadt->dsdt;

	if (table->length < offsetof(struct fadt, reset))
		return;
	acpi.has_fadt = true;
	acpi.smi_cmd = fadt->smi_cmd;
	acpi.acpi_enable = fadt->acpi_enable;
	acpi.pm1a_cnt = (u16)fadt->pm1a_cnt;
	acpi.pm1b_cnt = (u16)fadt->pm1b_cnt;
	acpi.century = fadt->century;
	acpi.hw_reduced = fadt->flags & FADT_HW_REDUCED;
	if (table->length >= offsetof(struct fadt, x_dsdt) &&
	    (fadt->flags & FADT_RESET_SUPPORTED)) {
		acpi.reset_valid = true;
		acpi.reset_space = fadt->reset.space;
		acpi.reset_address = fadt->reset.address;
		acpi.reset_value = fadt->reset_value;
	}
	if (table->length >= offsetof(struct fadt, x_dsdt) + 8 && fadt->x_dsdt)
		dsdt = fadt->x_dsdt;
	if (table->length >= sizeof(*fadt) && acpi.hw_reduced) {
		acpi.sleep_space = fadt->sleep_control.space;
		acpi.sleep_control = fadt->sleep_control.address;
	}
	read_dsdt(dsdt);
}

static void __init read_mcfg(const struct sdt_header *table)
{
	const u8 *p = (const u8 *)(table + 1) + 8;

	if (table->length < sizeof(*table) + 24 || p[8] || p[9])
		return; /* no entry, or not of segment 0 */
	ecam_base = read64(p);
	ecam_first_bus = p[10];
	ecam_last_bus = p[11];
}

static void __init read_table(u64 pa)
{
	const struct sdt_header *table = table_at(pa);

	if (!table || !sum_is_zero(table, table->length))
		return;
	if (memcmp(table->signature, "APIC", 4) == 0)
		read_madt(table);
	else if (memcmp(table->signature, "FACP", 4) == 0)
		read_fadt(table);
	else if (memcmp(table->signature, "HPET", 4) == 0)
		acpi.hpet_address = read64((const u8 *)table + 44);
	else if (memcmp(table->signature, "MCFG", 4) == 0)
		read_mcfg(table);
}

/* The RSDP by its mark, where old firmware leaves it. */
static u64 __init scan_for_rsdp(void)
{
	u64 pa;

	for (pa = 0xe0000; pa < 0x100000; pa += 16) {
		if (memcmp(__va(pa), "RSD PTR ", 8) == 0 &&
		    sum_is_zero(__va(pa), 20))
			return pa;
	}
	return 0;
}

static void __init read_tables(u64 rsdp_address)
{
	const struct sdt_header *root = NULL;
	const struct rsdp *rsdp;
	unsigned int width = 8;
	const u8 *p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(acpi.isa_gsi); i++)
		acpi.isa_gsi[i] = (u8)i;
	if (rsdp_address == 0)
		rsdp_address = scan_for_rsdp();
	if (rsdp_address == 0 || rsdp_address >= EARLY_MAPPED)
		return;
	rsdp = __va(rsdp_address);
	if (rsdp->revision >= 2)
		root = table_at(rsdp->xsdt);
	if (!root) {
		root = table_at(rsdp->rsdt);
		width = 4;
	}
	if (!root)
		return;
	for (p = (const u8 *)(root + 1);
	     p + width <= (const u8 *)root + root->length; p += width)
		read_table(width == 8 ? read64(p) : read32(p));
}

/* acpi_init - read the tables; @rsdp as the loader said, or 0. */
void __init acpi_init(u64 rsdp_address)
{
	read_tables(rsdp_address);
	put_boot_cpu_first();
}

int acpi_virtio_mmio(unsigned int index, struct acpi_mmio_device *out)
{
	if (index >= nr_virtio_mmio)
		return -ENODEV;
	*out = virtio_mmio[index];
	return 0;
}

u64 acpi_pci_ecam(unsigned int *first_bus, unsigned int *last_bus)
{
	*first_bus = ecam_first_bus;
	*last_bus = ecam_last_bus;
	return ecam_base;
}
