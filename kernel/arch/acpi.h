/*
 * The few ACPI facts that drivers ask for.
 *
 * Entry points: acpi_virtio_mmio, acpi_pci_ecam.
 */
#pragma once

#include <abi/types.h>

struct acpi_mmio_device {
	u64 base;
	u32 size;
	u32 gsi;
};

/*
 * acpi_virtio_mmio - the @index-th virtio-mmio transport (LNRO0005) that the
 * DSDT describes, as on QEMU's microvm.  0, or -ENODEV past the last.
 */
int acpi_virtio_mmio(unsigned int index, struct acpi_mmio_device *out);

/*
 * acpi_pci_ecam - where PCI configuration space is mapped (MCFG), for buses
 * *@first_bus to *@last_bus of segment 0.  Returns 0 where there is none.
 */
u64 acpi_pci_ecam(unsigned int *first_bus, unsigned int *last_bus);
