/*
 * device.h - the machine's devices as a tree, and the drivers for them.
 *
 * Every bus adds its devices here; each appears below /sys/devices with a
 * link in /sys/bus/BUS/devices.  A driver is found by the bus's own match.
 */
#pragma once

#include <abi/types.h>
#include <kernel/lib/list.h>

struct pseudo_entry;
struct device;
struct driver;

struct bus_type {
	const char *name;
	bool (*match)(struct device *dev, struct driver *drv);
	struct list_head devices; /* [device_lock] */
	struct list_head drivers; /* [device_lock] */
	struct pseudo_entry *sys_devices;
	struct pseudo_entry *sys_drivers;
	bool registered;
};

struct driver {
	const char *name;
	struct bus_type *bus;
	/* Take the device: 0, or -errno to leave it.  May sleep. */
	int (*probe)(struct device *dev);
	struct list_head link;
};

struct device {
	char name[32];
	struct bus_type *bus;
	struct device *parent;
	struct driver *driver; /* NULL: nobody's */
	void *driver_data;
	struct pseudo_entry *sys; /* its directory, or NULL */
	struct list_head link;
};

/* bus_register, driver_register, device_register - probe what matches.
 * 0 or -errno.  May sleep; task context. */
int bus_register(struct bus_type *bus);
int driver_register(struct driver *drv);
int device_register(struct device *dev);

/*
 * drivers_init - find all devices and start their drivers.
 *
 * Scans PCI, virtio-mmio; disks are there when it returns.  In a thread that
 * may sleep, with interrupts on.
 */
void drivers_init(void);
