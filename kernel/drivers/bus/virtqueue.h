/*
 * virtqueue.h - split rings between driver and device.
 *
 * The driver adds chains of buffers (those the device reads first, then those
 * it writes), kicks, and takes finished ones back with the cookie it gave.
 * The caller's lock guards a queue; get and add may not run at once.
 */
#pragma once

#include <abi/types.h>

struct virtio_device;
struct vring_avail;
struct vring_desc;
struct vring_used;

struct virtq_sg {
	u64 addr; /* physical */
	u32 len;
};

struct virtqueue {
	struct virtio_device *vdev;
	unsigned int index;
	unsigned int num; /* entries, a power of two */
	unsigned int num_free;
	unsigned int free_head;
	u16 last_used;	  /* next used entry to look at */
	u16 avail_shadow; /* our copy of avail->idx */
	u16 kicked;	  /* avail_shadow at the last kick */
	bool suppress; /* ask each other for silence: see virtio_may_suppress */
	bool event_idx;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u64 desc_pa, avail_pa, used_pa;
	void **cookies;		      /* by head descriptor */
	struct vring_desc **indirect; /* by head: its table, or NULL */
	bool use_indirect;
	void (*callback)(struct virtqueue *vq); /* from the interrupt */
	void (*notify)(struct virtqueue *vq);	/* the transport's door bell */
	void *transport_data;
	void *driver_data;
	const char *name;
	void *ring; /* memory of all three parts */
	unsigned int ring_order;
};

/*
 * virtqueue_create - rings for @num entries, the used ring aligned to
 * @align (4096 for legacy devices).  NULL without memory.
 */
struct virtqueue *virtqueue_create(struct virtio_device *vdev,
				   unsigned int index, unsigned int num,
				   unsigned int align);
void virtqueue_free(struct virtqueue *vq);

/*
 * virtqueue_add - @nr_out buffers the device reads, then @nr_in it writes.
 *
 * 0, or -ENOSPC when there are fewer free descriptors.  @cookie comes back
 * from virtqueue_get and may not be NULL.
 */
int virtqueue_add(struct virtqueue *vq, const struct virtq_sg *sg,
		  unsigned int nr_out, unsigned int nr_in, void *cookie);

/* virtqueue_kick - tell the device, unless it said it need not be told. */
void virtqueue_kick(struct virtqueue *vq);

/* virtqueue_get - a finished chain's cookie and bytes written, or NULL.
 * Nonsense from the device is logged and skipped. */
void *virtqueue_get(struct virtqueue *vq, u32 *len);

/* virtqueue_disable_cb / enable_cb - no interrupts please, and again;
 * enable returns false when something came in meanwhile. */
void virtqueue_disable_cb(struct virtqueue *vq);
bool virtqueue_enable_cb(struct virtqueue *vq);

/* virtqueue_interrupt - transports call it; runs the callback. */
void virtqueue_interrupt(struct virtqueue *vq);
