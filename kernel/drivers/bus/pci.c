/*
 * pci.c - finding PCI devices, and their configuration space.
 *
 * Access is by ports 0xcf8 and 0xcfc, which every PC has; the extended space
 * above 256 bytes is not needed.  Firmware has numbered the buses and placed
 * the BARs; we follow bridges and use what is there.  Interrupts: MSI-X where
 * the driver asks for it, else the pin's line of the I/O APIC.
 *
 * Locks: config_lock makes address and data one step.
 *
 * Entry points: pci_init, register_pci_driver, pci_read*, pci_write*,
 * pci_find_capability, pci_iomap, pci_enable, pci_msix_*, pci_intx_request.
 */
#include <kernel/drivers/bus/pci.h>

#include <abi/errno.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/sysfs_link.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irq_chip.h>
#include <kernel/arch/paging.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

#define HEADER_MULTI  0x80
#define HEADER_TYPE   0x7f
#define HEADER_BRIDGE 1

#define MSIX_CONTROL	   2
#define MSIX_TABLE	   4
#define MSIX_ENABLE	   0x8000
#define MSIX_MASK_ALL	   0x4000
#define MSIX_SIZE_MASK	   0x07ff
#define MSIX_ENTRY_SIZE	   16
#define MSIX_ENTRY_ADDR	   0
#define MSIX_ENTRY_ADDR_HI 4
#define MSIX_ENTRY_DATA	   8
#define MSIX_ENTRY_CTRL	   12

static DEFINE_SPINLOCK(config_lock, LOCK_LEAF_IRQ);

/* Select @offset's dword; config_lock is held. */
static void config_select(const struct pci_dev *pdev, unsigned int offset)
{
	outl(CONFIG_ENABLE | (u32)pdev->bus << 16 | (u32)pdev->slot << 11 |
		     (u32)pdev->func << 8 | (offset & 0xfc),
	     CONFIG_ADDRESS);
}

u32 pci_read32(struct pci_dev *pdev, unsigned int offset)
{
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&config_lock, flags);
	config_select(pdev, offset);
	value = inl(CONFIG_DATA);
	spin_unlock_irqrestore(&config_lock, flags);
	return value;
}

u16 pci_read16(struct pci_dev *pdev, unsigned int offset)
{
	return (u16)(pci_read32(pdev, offset) >> (offset & 2) * 8);
}

u8 pci_read8(struct pci_dev *pdev, unsigned int offset)
{
	return (u8)(pci_read32(pdev, offset) >> (offset & 3) * 8);
}

void pci_write32(struct pci_dev *pdev, unsigned int offset, u32 value)
{
	unsigned long flags;

	spin_lock_irqsave(&config_lock, flags);
	config_select(pdev, offset);
	outl(value, CONFIG_DATA);
	spin_unlock_irqrestore(&config_lock, flags);
}

void pci_write16(struct pci_dev *pdev, unsigned int offset, u16 value)
{
	unsigned long flags;

	spin_lock_irqsave(&config_lock, flags);
	config_select(pdev, offset);
	outw(value, (u16)(CONFIG_DATA + (offset & 2)));
	spin_unlock_irqrestore(&config_lock, flags);
}

void pci_write8(struct pci_dev *pdev, unsigned int offset, u8 value)
{
	unsigned long flags;

	spin_lock_irqsave(&config_lock, flags);
	config_select(pdev, offset);
	outb(value, (u16)(CONFIG_DATA + (offset & 3)));
	spin_unlock_irqrestore(&config_lock, flags);
}

u8 pci_find_capability(struct pci_dev *pdev, u8 id, u8 from)
{
	u8 at;
	int left;

	if (!(pci_read16(pdev, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	at = from ? pci_read8(pdev, from + 1u)
		  : pci_read8(pdev, PCI_CAPABILITY_LIST);
	/* A list that loops ends after as many as there is room for. */
	for (left = 48; left && (at & 0xfc) >= 0x40; left--) {
		at &= 0xfc;
		if (pci_read8(pdev, at) == id)
			return at;
		at = pci_read8(pdev, at + 1u);
	}
	return 0;
}

void *pci_iomap(struct pci_dev *pdev, unsigned int bar, u64 offset, u64 len)
{
	const struct pci_bar *b;

	if (bar >= ARRAY_SIZE(pdev->bar))
		return NULL;
	b = &pdev->bar[bar];
	if (!b->start || b->is_io || len == 0 || offset > b->size ||
	    len > b->size - offset)
		return NULL;
	return ioremap(b->start + offset, len);
}

void pci_enable(struct pci_dev *pdev)
{
	pci_write16(pdev, PCI_COMMAND,
		    pci_read16(pdev, PCI_COMMAND) | PCI_COMMAND_IO |
			    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void msix_control(struct pci_dev *pdev, u16 set, u16 clear)
{
	unsigned int at = pdev->msix_cap + MSIX_CONTROL;

	pci_write16(pdev, at, (pci_read16(pdev, at) & ~clear) | set);
}

int pci_msix_enable(struct pci_dev *pdev)
{
	u8 cap = pci_find_capability(pdev, PCI_CAP_ID_MSIX, 0);
	unsigned int i;
	u32 place;

	if (!cap)
		return -ENODEV;
	pdev->msix_entries =
		(pci_read16(pdev, cap + MSIX_CONTROL) & MSIX_SIZE_MASK) + 1u;
	place = pci_read32(pdev, cap + MSIX_TABLE);
	pdev->msix_table = pci_iomap(pdev, place & 7, place & ~7u,
				     pdev->msix_entries * MSIX_ENTRY_SIZE);
	if (!pdev->msix_table)
		return -ENODEV;
	pdev->msix_cap = cap;
	msix_control(pdev, MSIX_ENABLE | MSIX_MASK_ALL, 0);
	for (i = 0; i < pdev->msix_entries; i++)
		writel(1, (char *)pdev->msix_table + i * MSIX_ENTRY_SIZE +
				  MSIX_ENTRY_CTRL);
	msix_control(pdev, 0, MSIX_MASK_ALL);
	return (int)pdev->msix_entries;
}

void pci_msix_disable(struct pci_dev *pdev)
{
	if (!pdev->msix_table)
		return;
	msix_control(pdev, 0, MSIX_ENABLE);
	iounmap(pdev->msix_table);
	pdev->msix_table = NULL;
}

int pci_msix_request(struct pci_dev *pdev, unsigned int index,
		     irq_handler_t handler, const char *name, void *cookie)
{
	struct arch_msi msi;
	char *entry;
	int irq;
	int err;

	if (!pdev->msix_table || index >= pdev->msix_entries)
		return -EINVAL;
	irq = arch_alloc_msi_vector(&msi);
	if (irq < 0)
		return irq;
	err = request_irq((unsigned int)irq, handler, name, cookie);
	if (err) {
		arch_free_msi_vector((unsigned int)irq);
		return err;
	}
	entry = (char *)pdev->msix_table + index * MSIX_ENTRY_SIZE;
	writel((u32)msi.address, entry + MSIX_ENTRY_ADDR);
	writel((u32)(msi.address >> 32), entry + MSIX_ENTRY_ADDR_HI);
	writel(msi.data, entry + MSIX_ENTRY_DATA);
	writel(0, entry + MSIX_ENTRY_CTRL);
	return 0;
}

int pci_intx_request(struct pci_dev *pdev, irq_handler_t handler,
		     const char *name, void *cookie)
{
	int irq;

	if (!pdev->irq_pin)
		return -ENODEV;
	irq = arch_pci_intx_irq(pdev->bus, pdev->slot, pdev->irq_pin,
				pdev->irq_line);
	if (irq < 0)
		return irq;
	pci_write16(pdev, PCI_COMMAND,
		    pci_read16(pdev, PCI_COMMAND) & ~PCI_COMMAND_INTX_DISABLE);
	return request_irq((unsigned int)irq, handler, name, cookie);
}

/* Size of a BAR: which of its bits can be written.  Decoding is off. */
static u32 probe_bar(struct pci_dev *pdev, unsigned int offset, u32 old)
{
	u32 mask;

	pci_write32(pdev, offset, ~0u);
	mask = pci_read32(pdev, offset);
	pci_write32(pdev, offset, old);
	return mask;
}

/* Read BAR @i; returns how many slots it takes. */
static unsigned int read_bar(struct pci_dev *pdev, unsigned int i,
			     unsigned int nr)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * i;
	struct pci_bar *bar = &pdev->bar[i];
	u32 low = pci_read32(pdev, offset);
	u64 mask = probe_bar(pdev, offset, low);
	u32 high;

	if (!mask)
		return 1;
	bar->is_io = low & 1;
	if (bar->is_io) {
		bar->start = low & 0xfffc;
		bar->size = (~mask & 0xffff & ~3ULL) | 3;
		bar->size++;
		return 1;
	}
	bar->is_64bit = (low & 6) == 4 && i + 1 < nr;
	bar->start = low & ~15u;
	mask = (mask & ~15u) | 0xffffffff00000000ULL;
	if (bar->is_64bit) {
		high = pci_read32(pdev, offset + 4);
		bar->start |= (u64)high << 32;
		mask = (mask & 0xffffffff) |
		       (u64)probe_bar(pdev, offset + 4, high) << 32;
	}
	bar->size = ~mask + 1;
	return bar->is_64bit ? 2 : 1;
}

static void read_bars(struct pci_dev *pdev, unsigned int nr)
{
	u16 command = pci_read16(pdev, PCI_COMMAND);
	unsigned int i;

	pci_write16(pdev, PCI_COMMAND,
		    command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (i = 0; i < nr;)
		i += read_bar(pdev, i, nr);
	pci_write16(pdev, PCI_COMMAND, command);
}

static struct pci_driver *to_pci_driver(struct driver *drv)
{
	return container_of(drv, struct pci_driver, drv);
}

static bool pci_match(struct device *dev, struct driver *drv)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	struct pci_driver *pdrv = to_pci_driver(drv);

	return pdev->vendor == pdrv->vendor &&
	       pdev->device >= pdrv->device_first &&
	       pdev->device <= pdrv->device_last;
}

static int pci_probe(struct device *dev)
{
	return to_pci_driver(dev->driver)->probe(to_pci_dev(dev));
}

static struct bus_type pci_bus = {
	.name = "pci",
	.match = pci_match,
};

int register_pci_driver(struct pci_driver *drv)
{
	int err = bus_register(&pci_bus);

	if (err)
		return err;
	drv->drv.bus = &pci_bus;
	drv->drv.probe = pci_probe;
	return driver_register(&drv->drv);
}

/* Files of the device's directory in sysfs. */

static int vendor_show(struct seq_file *m, void *data)
{
	seq_printf(m, "0x%04x\n", ((struct pci_dev *)data)->vendor);
	return 0;
}

static int device_show(struct seq_file *m, void *data)
{
	seq_printf(m, "0x%04x\n", ((struct pci_dev *)data)->device);
	return 0;
}

static int class_show(struct seq_file *m, void *data)
{
	seq_printf(m, "0x%06x\n", ((struct pci_dev *)data)->class);
	return 0;
}

static int uevent_show(struct seq_file *m, void *data)
{
	struct pci_dev *pdev = data;

	if (pdev->dev.driver)
		seq_printf(m, "DRIVER=%s\n", pdev->dev.driver->name);
	seq_printf(m, "PCI_CLASS=%X\nPCI_ID=%04X:%04X\n", pdev->class,
		   pdev->vendor, pdev->device);
	seq_printf(m, "PCI_SUBSYS_ID=%04X:%04X\nPCI_SLOT_NAME=%s\n",
		   pdev->subsystem_vendor, pdev->subsystem, pdev->dev.name);
	return 0;
}

static void make_sysfs(struct pci_dev *pdev)
{
	static const struct {
		const char *name;
		int (*show)(struct seq_file *m, void *data);
	} attrs[] = {
		{"vendor", vendor_show},
		{"device", device_show},
		{"class", class_show},
		{"uevent", uevent_show},
	};
	struct pseudo_entry *root;
	char path[64];
	size_t i;

	root = pseudo_mkdir(&sysfs_tree.root, "devices/pci0000:00");
	if (root)
		pdev->dev.sys = pseudo_mkdir(root, pdev->dev.name);
	if (!pdev->dev.sys)
		return;
	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		(void)pseudo_create(pdev->dev.sys, attrs[i].name,
				    S_IFREG | 0444, attrs[i].show, NULL, pdev);
	snprintf(path, sizeof(path), "bus/pci/devices/%s", pdev->dev.name);
	(void)sysfs_link(path, pdev->dev.sys);
}

static void pci_scan_bus(u8 bus, int depth);

/* A function that answers: read its header, follow it if it is a bridge. */
static void pci_add_function(const struct pci_dev *at, int depth)
{
	struct pci_dev *pdev = kmemdup(at, sizeof(*at));
	bool bridge;
	u8 secondary;
	u32 class;

	if (!pdev)
		return;
	pdev->vendor = pci_read16(pdev, PCI_VENDOR_ID);
	pdev->device = pci_read16(pdev, PCI_DEVICE_ID);
	class = pci_read32(pdev, PCI_CLASS_REVISION);
	pdev->class = class >> 8;
	pdev->revision = (u8) class;
	bridge = (pci_read8(pdev, PCI_HEADER_TYPE) & HEADER_TYPE) ==
		 HEADER_BRIDGE;
	if (!bridge) {
		pdev->subsystem_vendor =
			pci_read16(pdev, PCI_SUBSYSTEM_VENDOR_ID);
		pdev->subsystem = pci_read16(pdev, PCI_SUBSYSTEM_ID);
	}
	pdev->irq_line = pci_read8(pdev, PCI_INTERRUPT_LINE);
	pdev->irq_pin = pci_read8(pdev, PCI_INTERRUPT_PIN);
	read_bars(pdev, bridge ? 2 : 6);
	snprintf(pdev->dev.name, sizeof(pdev->dev.name), "0000:%02x:%02x.%x",
		 pdev->bus, pdev->slot, pdev->func);
	pdev->dev.bus = &pci_bus;
	make_sysfs(pdev);
	pr_debug("pci: %s [%04x:%04x] class 0x%06x\n", pdev->dev.name,
		 pdev->vendor, pdev->device, pdev->class);
	(void)device_register(&pdev->dev);

	secondary = bridge ? pci_read8(pdev, PCI_SECONDARY_BUS) : 0;
	/* Numbers grow downward; anything else firmware left undone. */
	if (bridge && secondary > pdev->bus)
		pci_scan_bus(secondary, depth + 1);
}

static void pci_scan_bus(u8 bus, int depth)
{
	struct pci_dev at = {.bus = bus};
	unsigned int nr_funcs;
	unsigned int func;
	u8 slot;

	if (depth > 8)
		return;
	for (slot = 0; slot < 32; slot++) {
		at.slot = slot;
		at.func = 0;
		if (pci_read16(&at, PCI_VENDOR_ID) == 0xffff)
			continue;
		nr_funcs =
			pci_read8(&at, PCI_HEADER_TYPE) & HEADER_MULTI ? 8 : 1;
		for (func = 0; func < nr_funcs; func++) {
			at.func = (u8)func;
			if (pci_read16(&at, PCI_VENDOR_ID) != 0xffff)
				pci_add_function(&at, depth);
		}
	}
}

/* Is there a host bridge behind the ports at all?  microvm has none. */
static bool pci_present(void)
{
	u32 back;

	outl(CONFIG_ENABLE, CONFIG_ADDRESS);
	back = inl(CONFIG_ADDRESS);
	return back == CONFIG_ENABLE;
}

void pci_init(void)
{
	(void)bus_register(&pci_bus);
	if (pci_present())
		pci_scan_bus(0, 0);
}
