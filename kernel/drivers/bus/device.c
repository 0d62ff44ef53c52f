/*
 * device.c - the tree of devices, and the order in which drivers start.
 *
 * Locks: device_lock guards the lists of each bus; probes run without it, one
 * at a time because all of it happens in one thread at boot.
 *
 * Entry points: bus_register, driver_register, device_register, drivers_init.
 */
#include <kernel/drivers/bus/device.h>

#include <fs/vfs/pseudo.h>
#include <fs/vfs/sysfs_link.h>
#include <kernel/drivers/bus/pci.h>
#include <kernel/drivers/bus/virtio.h>
#include <kernel/lib/format.h>
#include <kernel/sched/mutex.h>

static DEFINE_MUTEX(device_lock, LOCK_LEAF_SLEEPING);

int bus_register(struct bus_type *bus)
{
	char path[64];

	if (bus->registered)
		return 0;
	INIT_LIST_HEAD(&bus->devices);
	INIT_LIST_HEAD(&bus->drivers);
	snprintf(path, sizeof(path), "bus/%s/devices", bus->name);
	bus->sys_devices = pseudo_mkdir(&sysfs_tree.root, path);
	snprintf(path, sizeof(path), "bus/%s/drivers", bus->name);
	bus->sys_drivers = pseudo_mkdir(&sysfs_tree.root, path);
	bus->registered = true;
	return 0;
}

/* Offer @dev to @drv; true if it is taken. */
static bool try_driver(struct device *dev, struct driver *drv)
{
	char path[96];

	if (dev->driver || !dev->bus->match(dev, drv))
		return false;
	dev->driver = drv;
	if (drv->probe(dev)) {
		dev->driver = NULL;
		return false;
	}
	if (dev->sys) {
		snprintf(path, sizeof(path), "bus/%s/drivers/%s/%s",
			 dev->bus->name, drv->name, dev->name);
		(void)sysfs_link(path, dev->sys);
	}
	return true;
}

int driver_register(struct driver *drv)
{
	struct device *dev;

	mutex_lock(&device_lock);
	list_add_tail(&drv->link, &drv->bus->drivers);
	mutex_unlock(&device_lock);
	if (drv->bus->sys_drivers)
		(void)pseudo_mkdir(drv->bus->sys_drivers, drv->name);
	/* Nothing is ever removed from the list, so it may be walked. */
	list_for_each_entry (dev, &drv->bus->devices, link)
		(void)try_driver(dev, drv);
	return 0;
}

static void make_sysfs(struct device *dev)
{
	struct pseudo_entry *parent = NULL;
	char path[96];

	if (dev->parent)
		parent = dev->parent->sys;
	if (!parent)
		parent = pseudo_mkdir(&sysfs_tree.root, "devices/platform");
	if (parent)
		dev->sys = pseudo_mkdir(parent, dev->name);
	if (!dev->sys)
		return;
	snprintf(path, sizeof(path), "bus/%s/devices/%s", dev->bus->name,
		 dev->name);
	(void)sysfs_link(path, dev->sys);
}

int device_register(struct device *dev)
{
	struct driver *drv;

	if (!dev->sys)
		make_sysfs(dev);
	mutex_lock(&device_lock);
	list_add_tail(&dev->link, &dev->bus->devices);
	mutex_unlock(&device_lock);
	list_for_each_entry (drv, &dev->bus->drivers, link) {
		if (try_driver(dev, drv))
			break;
	}
	return 0;
}

void drivers_init(void)
{
	virtio_blk_init();
	virtio_pci_init();
	pci_init();
	virtio_mmio_init();
}
