/*
 * virtio.h - virtio devices, whatever carries them (PCI or MMIO).
 *
 * A transport finds a device, fills struct virtio_device and registers it;
 * a driver negotiates features, sets up its queues and says it is ready.
 * The order of steps is the specification's (virtio 1.1, 3.1.1).
 */
#pragma once

#include <kernel/drivers/bus/device.h>
#include <kernel/drivers/bus/virtqueue.h>

#define VIRTIO_ID_NET	1
#define VIRTIO_ID_BLOCK 2
#define VIRTIO_ID_RNG	4

/* Device status bits. */
#define VIRTIO_STATUS_ACKNOWLEDGE 1
#define VIRTIO_STATUS_DRIVER	  2
#define VIRTIO_STATUS_DRIVER_OK	  4
#define VIRTIO_STATUS_FEATURES_OK 8
#define VIRTIO_STATUS_FAILED	  128

/* Features of the transport and the rings. */
#define VIRTIO_F_NOTIFY_ON_EMPTY    24
#define VIRTIO_F_RING_INDIRECT_DESC 28
#define VIRTIO_F_RING_EVENT_IDX	    29
#define VIRTIO_F_VERSION_1	    32

struct virtio_device;

struct virtio_transport {
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	void (*reset)(struct virtio_device *vdev);
	u64 (*get_features)(struct virtio_device *vdev);
	void (*set_features)(struct virtio_device *vdev, u64 features);
	void (*read_config)(struct virtio_device *vdev, unsigned int offset,
			    void *buf, unsigned int len);
	u32 (*config_generation)(struct virtio_device *vdev);
	/* Make queue @index with at most @max entries and an interrupt that
	 * calls @callback; ERR_PTR on failure. */
	struct virtqueue *(*setup_vq)(struct virtio_device *vdev,
				      unsigned int index, unsigned int max,
				      void (*callback)(struct virtqueue *vq),
				      const char *name);
};

struct virtio_device {
	struct device dev;
	u32 id; /* VIRTIO_ID_* */
	u32 vendor;
	bool legacy;  /* speaks 0.9.5: no VERSION_1, page-number queues */
	u64 features; /* negotiated */
	const struct virtio_transport *ops;
};

struct virtio_driver {
	struct driver drv;
	u32 id;
	u64 features; /* those it can use, transport bits added by the core */
	int (*probe)(struct virtio_device *vdev);
};

#define to_virtio_device(d) container_of(d, struct virtio_device, dev)

/* Register; 0 or -errno.  May sleep. */
int register_virtio_device(struct virtio_device *vdev);
int register_virtio_driver(struct virtio_driver *drv);

/* virtio_has_feature - was it negotiated? */
static inline bool virtio_has_feature(const struct virtio_device *vdev,
				      unsigned int bit)
{
	return vdev->features >> bit & 1;
}

/*
 * virtio_read_config - a stable copy of part of the device's config space.
 */
void virtio_read_config(struct virtio_device *vdev, unsigned int offset,
			void *buf, unsigned int len);

/*
 * virtio_may_suppress - may driver and device tell each other to be silent?
 *
 * That needs a store to be seen before a later load on both sides.  QEMU's
 * translator, when it runs a single CPU, leaves out the barrier that says so
 * (before release 8.0); there each notification is sent.
 */
bool virtio_may_suppress(void);

/* virtio_device_ready - DRIVER_OK: queues are live from here. */
void virtio_device_ready(struct virtio_device *vdev);

/* The transports' scans, called by drivers_init. */
void virtio_pci_init(void);
void virtio_mmio_init(void);
void virtio_blk_init(void);
