/*
 * pci.h - PCI devices: configuration space, BARs, interrupts.
 */
#pragma once

#include <kernel/drivers/bus/device.h>
#include <kernel/irq/irq.h>

#define PCI_VENDOR_ID		 0x00
#define PCI_DEVICE_ID		 0x02
#define PCI_COMMAND		 0x04
#define PCI_COMMAND_IO		 0x0001
#define PCI_COMMAND_MEMORY	 0x0002
#define PCI_COMMAND_MASTER	 0x0004
#define PCI_COMMAND_INTX_DISABLE 0x0400
#define PCI_STATUS		 0x06
#define PCI_STATUS_CAP_LIST	 0x10
#define PCI_CLASS_REVISION	 0x08
#define PCI_HEADER_TYPE		 0x0e
#define PCI_BASE_ADDRESS_0	 0x10
#define PCI_SECONDARY_BUS	 0x19
#define PCI_SUBSYSTEM_VENDOR_ID	 0x2c
#define PCI_SUBSYSTEM_ID	 0x2e
#define PCI_CAPABILITY_LIST	 0x34
#define PCI_INTERRUPT_LINE	 0x3c
#define PCI_INTERRUPT_PIN	 0x3d

#define PCI_CAP_ID_MSI	0x05
#define PCI_CAP_ID_VNDR 0x09
#define PCI_CAP_ID_MSIX 0x11

typedef enum irqreturn (*irq_handler_t)(unsigned int irq, void *cookie);

struct pci_bar {
	u64 start; /* physical address or port; 0: none */
	u64 size;
	bool is_io;
	bool is_64bit;
};

struct pci_dev {
	struct device dev;
	u8 bus, slot, func;
	u16 vendor, device;
	u16 subsystem_vendor, subsystem;
	u32 class; /* class, subclass, interface */
	u8 revision;
	u8 irq_line, irq_pin;
	struct pci_bar bar[6];
	void *msix_table; /* mapped, NULL: MSI-X is off */
	unsigned int msix_entries;
	u8 msix_cap;
};

struct pci_driver {
	struct driver drv;
	u16 vendor;
	u16 device_first, device_last;
	int (*probe)(struct pci_dev *pdev);
};

#define to_pci_dev(d) container_of(d, struct pci_dev, dev)

/* Configuration space.  Any context. */
u8 pci_read8(struct pci_dev *pdev, unsigned int offset);
u16 pci_read16(struct pci_dev *pdev, unsigned int offset);
u32 pci_read32(struct pci_dev *pdev, unsigned int offset);
void pci_write8(struct pci_dev *pdev, unsigned int offset, u8 value);
void pci_write16(struct pci_dev *pdev, unsigned int offset, u16 value);
void pci_write32(struct pci_dev *pdev, unsigned int offset, u32 value);

/* pci_find_capability - offset of the first (or next after @from) capability
 * with this id; 0: none. */
u8 pci_find_capability(struct pci_dev *pdev, u8 id, u8 from);

/* pci_iomap - map a memory BAR; NULL for a port BAR or without room. */
void *pci_iomap(struct pci_dev *pdev, unsigned int bar, u64 offset, u64 len);

/* pci_enable - decode memory and ports, and be a bus master. */
void pci_enable(struct pci_dev *pdev);

/* pci_msix_enable - map the table, mask all; number of vectors or -errno. */
int pci_msix_enable(struct pci_dev *pdev);
/* pci_msix_disable - back to INTx. */
void pci_msix_disable(struct pci_dev *pdev);
/*
 * pci_msix_request - vector @index calls @handler(cookie).
 * 0 or -errno.  May sleep.
 */
int pci_msix_request(struct pci_dev *pdev, unsigned int index,
		     irq_handler_t handler, const char *name, void *cookie);
/* pci_intx_request - the shared pin interrupt. */
int pci_intx_request(struct pci_dev *pdev, irq_handler_t handler,
		     const char *name, void *cookie);

int register_pci_driver(struct pci_driver *drv);
/* pci_init - scan all buses. */
void pci_init(void);
