/*
 * virtio.c - the bus of virtio devices: matching, features, readiness.
 *
 * Entry points: register_virtio_device, register_virtio_driver,
 * virtio_read_config, virtio_device_ready.
 */
#include <kernel/drivers/bus/virtio.h>

#include <abi/errno.h>
#include <kernel/arch/io.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

#define CPUID_HYPERVISOR      (1u << 31)
#define CPUID_HYPERVISOR_LEAF 0x40000000

#define TRANSPORT_FEATURES                                                     \
	(1ULL << VIRTIO_F_RING_INDIRECT_DESC | 1ULL << VIRTIO_F_RING_EVENT_IDX)

static struct virtio_driver *to_virtio_driver(struct driver *drv)
{
	return container_of(drv, struct virtio_driver, drv);
}

static bool virtio_match(struct device *dev, struct driver *drv)
{
	return to_virtio_device(dev)->id == to_virtio_driver(drv)->id;
}

static struct bus_type virtio_bus = {
	.name = "virtio",
	.match = virtio_match,
};

static void add_status(struct virtio_device *vdev, u8 status)
{
	vdev->ops->set_status(vdev, vdev->ops->get_status(vdev) | status);
}

bool virtio_may_suppress(void)
{
	char signature[12];
	u32 a, b, c, d;

	cpuid(1, 0, &a, &b, &c, &d);
	if (!(c & CPUID_HYPERVISOR))
		return true;
	cpuid(CPUID_HYPERVISOR_LEAF, 0, &a, &b, &c, &d);
	memcpy(signature, &b, 4);
	memcpy(signature + 4, &c, 4);
	memcpy(signature + 8, &d, 4);
	return memcmp(signature, "TCGTCGTCGTCG", 12) != 0;
}

/* Agree on features with the device.  0 or -ENODEV. */
static int negotiate(struct virtio_device *vdev, u64 driver_features)
{
	u64 offered = vdev->ops->get_features(vdev);
	u64 wanted = driver_features | TRANSPORT_FEATURES;

	if (!virtio_may_suppress())
		wanted &= ~(1ULL << VIRTIO_F_RING_EVENT_IDX);
	if (!vdev->legacy)
		wanted |= 1ULL << VIRTIO_F_VERSION_1;
	vdev->features = offered & wanted;
	vdev->ops->set_features(vdev, vdev->features);
	if (vdev->legacy)
		return 0;
	if (!virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		return -ENODEV;
	add_status(vdev, VIRTIO_STATUS_FEATURES_OK);
	if (!(vdev->ops->get_status(vdev) & VIRTIO_STATUS_FEATURES_OK))
		return -ENODEV;
	return 0;
}

static int virtio_probe(struct device *dev)
{
	struct virtio_device *vdev = to_virtio_device(dev);
	struct virtio_driver *drv = to_virtio_driver(dev->driver);
	int err;

	vdev->ops->reset(vdev);
	add_status(vdev, VIRTIO_STATUS_ACKNOWLEDGE);
	add_status(vdev, VIRTIO_STATUS_DRIVER);
	err = negotiate(vdev, drv->features);
	if (!err)
		err = drv->probe(vdev);
	if (err) {
		pr_err("%s: %s: probe failed: %d\n", dev->name, drv->drv.name,
		       err);
		add_status(vdev, VIRTIO_STATUS_FAILED);
	}
	return err;
}

int register_virtio_driver(struct virtio_driver *drv)
{
	int err = bus_register(&virtio_bus);

	if (err)
		return err;
	drv->drv.bus = &virtio_bus;
	drv->drv.probe = virtio_probe;
	return driver_register(&drv->drv);
}

int register_virtio_device(struct virtio_device *vdev)
{
	static int next_number;
	int err = bus_register(&virtio_bus);

	if (err)
		return err;
	vdev->dev.bus = &virtio_bus;
	snprintf(vdev->dev.name, sizeof(vdev->dev.name), "virtio%d",
		 next_number++);
	return device_register(&vdev->dev);
}

void virtio_read_config(struct virtio_device *vdev, unsigned int offset,
			void *buf, unsigned int len)
{
	u32 before;
	u32 after;
	int tries;

	/* Again when the device changed its config while we read. */
	for (tries = 0; tries < 16; tries++) {
		before = vdev->ops->config_generation(vdev);
		vdev->ops->read_config(vdev, offset, buf, len);
		after = vdev->ops->config_generation(vdev);
		if (before == after)
			return;
	}
}

void virtio_device_ready(struct virtio_device *vdev)
{
	add_status(vdev, VIRTIO_STATUS_DRIVER_OK);
}
