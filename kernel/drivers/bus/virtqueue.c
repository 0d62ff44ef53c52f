/*
 * virtqueue.c - split rings (virtio 1.1, 2.6).
 *
 * All three parts lie in one piece of memory, laid out as legacy devices need
 * it, which modern ones accept as well.  Chains longer than a few buffers go
 * into an indirect table where the device takes them, so that long requests
 * leave room for others.  What the device writes is never trusted: an id that
 * was not given to it is logged and ignored.
 *
 * Locks: the caller's, see virtqueue.h.
 *
 * Entry points: virtqueue_create, virtqueue_add, virtqueue_kick,
 * virtqueue_get, virtqueue_interrupt.
 */
#include <kernel/drivers/bus/virtqueue.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/drivers/bus/virtio.h>
#include <kernel/lib/string.h>

#define VRING_DESC_F_NEXT     1
#define VRING_DESC_F_WRITE    2
#define VRING_DESC_F_INDIRECT 4

#define VRING_USED_F_NO_NOTIFY	   1
#define VRING_AVAIL_F_NO_INTERRUPT 1

/* Shorter chains are not worth a table. */
#define INDIRECT_MIN 4

struct vring_desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};

struct vring_avail {
	u16 flags;
	u16 idx;
	u16 ring[]; /* and behind num of them: used_event */
};

struct vring_used_elem {
	u32 id;
	u32 len;
};

struct vring_used {
	u16 flags;
	u16 idx;
	struct vring_used_elem ring[]; /* and behind num of them: avail_event */
};

static u16 *used_event(struct virtqueue *vq)
{
	return &vq->avail->ring[vq->num];
}

static u16 *avail_event(struct virtqueue *vq)
{
	return (u16 *)&vq->used->ring[vq->num];
}

static bool virtqueue_alloc_tables(struct virtqueue *vq)
{
	vq->cookies = kcalloc(vq->num, sizeof(*vq->cookies));
	vq->indirect = kcalloc(vq->num, sizeof(*vq->indirect));
	return vq->cookies && vq->indirect;
}

struct virtqueue *virtqueue_create(struct virtio_device *vdev,
				   unsigned int index, unsigned int num,
				   unsigned int align)
{
	size_t avail_at = num * sizeof(struct vring_desc);
	size_t used_at = ALIGN(avail_at + 2 * (3 + (size_t)num), (size_t)align);
	size_t size = used_at + 6 + num * sizeof(struct vring_used_elem);
	struct virtqueue *vq = kzalloc(sizeof(*vq));
	struct page *pages;
	unsigned int i;

	assert(is_power_of_2(num) && num <= 32768);
	if (!vq)
		return NULL;
	vq->vdev = vdev;
	vq->index = index;
	vq->num = num;
	vq->num_free = num;
	vq->ring_order = get_order(size);
	pages = alloc_pages(vq->ring_order);
	if (pages)
		vq->ring = page_address(pages);
	if (!pages || !virtqueue_alloc_tables(vq)) {
		virtqueue_free(vq);
		return NULL;
	}
	memset(vq->ring, 0, PAGE_SIZE << vq->ring_order);
	vq->desc = vq->ring;
	vq->avail = (void *)((char *)vq->ring + avail_at);
	vq->used = (void *)((char *)vq->ring + used_at);
	vq->desc_pa = page_to_phys(pages);
	vq->avail_pa = vq->desc_pa + avail_at;
	vq->used_pa = vq->desc_pa + used_at;
	for (i = 0; i < num; i++)
		vq->desc[i].next = (u16)(i + 1);
	vq->suppress = virtio_may_suppress();
	vq->event_idx = virtio_has_feature(vdev, VIRTIO_F_RING_EVENT_IDX);
	vq->use_indirect =
		virtio_has_feature(vdev, VIRTIO_F_RING_INDIRECT_DESC);
	return vq;
}

void virtqueue_free(struct virtqueue *vq)
{
	if (vq->ring)
		__free_pages(virt_to_page(vq->ring), vq->ring_order);
	kfree(vq->indirect);
	kfree(vq->cookies);
	kfree(vq);
}

static u16 desc_flags(unsigned int i, unsigned int nr_out, unsigned int total)
{
	return (i >= nr_out ? VRING_DESC_F_WRITE : 0) |
	       (i + 1 < total ? VRING_DESC_F_NEXT : 0);
}

/* Put the chain into a table of its own; NULL: no memory for one. */
static struct vring_desc *make_indirect(const struct virtq_sg *sg,
					unsigned int nr_out, unsigned int total)
{
	struct vring_desc *table = kmalloc(total * sizeof(*table));
	unsigned int i;

	for (i = 0; table && i < total; i++) {
		table[i].addr = sg[i].addr;
		table[i].len = sg[i].len;
		table[i].flags = desc_flags(i, nr_out, total);
		table[i].next = (u16)(i + 1);
	}
	return table;
}

/* Take @total free descriptors for the chain; returns the first. */
static unsigned int fill_direct(struct virtqueue *vq, const struct virtq_sg *sg,
				unsigned int nr_out, unsigned int total)
{
	unsigned int head = vq->free_head;
	unsigned int at = head;
	unsigned int i;

	for (i = 0; i < total; i++) {
		vq->desc[at].addr = sg[i].addr;
		vq->desc[at].len = sg[i].len;
		vq->desc[at].flags = desc_flags(i, nr_out, total);
		at = vq->desc[at].next;
	}
	vq->free_head = at;
	vq->num_free -= total;
	return head;
}

int virtqueue_add(struct virtqueue *vq, const struct virtq_sg *sg,
		  unsigned int nr_out, unsigned int nr_in, void *cookie)
{
	unsigned int total = nr_out + nr_in;
	struct vring_desc *table = NULL;
	struct virtq_sg whole;
	unsigned int head;

	assert(cookie && total > 0);
	if (vq->num_free == 0)
		return -ENOSPC;
	if (vq->use_indirect && total >= INDIRECT_MIN)
		table = make_indirect(sg, nr_out, total);
	if (!table && vq->num_free < total)
		return -ENOSPC;

	if (table) {
		whole.addr = __pa(table);
		whole.len = total * sizeof(*table);
		head = fill_direct(vq, &whole, 1, 1);
		vq->desc[head].flags = VRING_DESC_F_INDIRECT;
	} else {
		head = fill_direct(vq, sg, nr_out, total);
	}
	vq->cookies[head] = cookie;
	vq->indirect[head] = table;

	vq->avail->ring[vq->avail_shadow & (vq->num - 1)] = (u16)head;
	vq->avail_shadow++;
	smp_store_release(&vq->avail->idx, vq->avail_shadow);
	return 0;
}

/* Did the index pass @event on its way from @old to @now? */
static bool passed_event(u16 event, u16 now, u16 old)
{
	return (u16)(now - event - 1) < (u16)(now - old);
}

void virtqueue_kick(struct virtqueue *vq)
{
	bool needed;

	/* The device must see idx before we look whether it sleeps. */
	smp_mb();
	if (!vq->suppress)
		needed = true;
	else if (vq->event_idx)
		needed = passed_event(READ_ONCE(*avail_event(vq)),
				      vq->avail_shadow, vq->kicked);
	else
		needed = !(READ_ONCE(vq->used->flags) & VRING_USED_F_NO_NOTIFY);
	vq->kicked = vq->avail_shadow;
	if (needed)
		vq->notify(vq);
}

/* Give the chain that begins at @head back to the free list. */
static void free_chain(struct virtqueue *vq, unsigned int head)
{
	unsigned int at = head;
	unsigned int nr = 1;

	kfree(vq->indirect[head]);
	vq->indirect[head] = NULL;
	while (vq->desc[at].flags & VRING_DESC_F_NEXT) {
		at = vq->desc[at].next;
		nr++;
	}
	vq->desc[at].next = (u16)vq->free_head;
	vq->free_head = head;
	vq->num_free += nr;
}

static bool more_used(const struct virtqueue *vq)
{
	return smp_load_acquire(&vq->used->idx) != vq->last_used;
}

void *virtqueue_get(struct virtqueue *vq, u32 *len)
{
	struct vring_used_elem elem;
	void *cookie;

	while (more_used(vq)) {
		elem = vq->used->ring[vq->last_used & (vq->num - 1)];
		vq->last_used++;
		if (elem.id >= vq->num || !vq->cookies[elem.id]) {
			pr_err("virtio: %s: device returned bad id %u\n",
			       vq->name, elem.id);
			continue;
		}
		cookie = vq->cookies[elem.id];
		vq->cookies[elem.id] = NULL;
		free_chain(vq, elem.id);
		if (len)
			*len = elem.len;
		return cookie;
	}
	return NULL;
}

void virtqueue_disable_cb(struct virtqueue *vq)
{
	if (!vq->suppress)
		return;
	/* With event_idx: an index that is not reached for long. */
	if (vq->event_idx)
		WRITE_ONCE(*used_event(vq), (u16)(vq->last_used - 1));
	else
		WRITE_ONCE(vq->avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}

bool virtqueue_enable_cb(struct virtqueue *vq)
{
	if (!vq->suppress)
		return !more_used(vq);
	if (vq->event_idx)
		WRITE_ONCE(*used_event(vq), vq->last_used);
	else
		WRITE_ONCE(vq->avail->flags, 0);
	smp_mb();
	return !more_used(vq);
}

void virtqueue_interrupt(struct virtqueue *vq)
{
	if (more_used(vq) && vq->callback)
		vq->callback(vq);
}
