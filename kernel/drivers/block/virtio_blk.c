/*
 * virtio_blk.c - disks of a virtual machine (virtio 1.1, 5.2): vda, vdb, ...
 *
 * Each request of the block layer becomes one chain: a header, the segments,
 * a status byte.  Slots for as many requests as the ring has room for are
 * made at probe, so that no I/O needs memory (the table of a long chain is
 * optional).  Should interrupts not arrive, a timer looks instead.
 *
 * Locks: vblk->lock (LOCK_VIRTQUEUE) guards the ring and the slots; taken
 * inside the queue's lock, never held while requests end.
 *
 * Entry points: virtio_blk_init.
 */
#include <abi/errno.h>
#include <abi/major.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/block/disk.h>
#include <kernel/drivers/bus/virtio.h>
#include <kernel/lib/string.h>
#include <kernel/sched/completion.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

#define VIRTIO_BLK_F_SIZE_MAX 1
#define VIRTIO_BLK_F_SEG_MAX  2
#define VIRTIO_BLK_F_RO	      5
#define VIRTIO_BLK_F_BLK_SIZE 6
#define VIRTIO_BLK_F_FLUSH    9
#define VIRTIO_BLK_F_TOPOLOGY 10

#define VIRTIO_BLK_T_IN	    0
#define VIRTIO_BLK_T_OUT    1
#define VIRTIO_BLK_T_FLUSH  4
#define VIRTIO_BLK_T_GET_ID 8

#define VIRTIO_BLK_S_OK	    0
#define VIRTIO_BLK_S_UNSUPP 2

#define ID_BYTES      20
#define MAX_RING      256
#define PART_BITS     4
#define MAX_REQUEST   (1u << 20)
#define ID_TIMEOUT_NS (3 * NSEC_PER_SEC)
#define POLL_NS	      NSEC_PER_MSEC

struct virtio_blk_config {
	u64 capacity;
	u32 size_max;
	u32 seg_max;
	u8 geometry[4];
	u32 blk_size;
	u8 physical_block_exp;
	u8 alignment_offset;
	u16 min_io_size;
	u32 opt_io_size;
} __packed;

struct vblk_header {
	u32 type;
	u32 reserved;
	u64 sector;
};

/* One chain in flight; 64 bytes, so that a page boundary is never crossed. */
struct vblk_slot {
	struct vblk_header header;
	u8 status;
	struct request *rq;	   /* NULL for GET_ID */
	struct completion *waiter; /* of GET_ID */
	struct vblk_slot *next;	   /* free list, or list of finished ones */
} __aligned(64);
static_assert(sizeof(struct vblk_slot) == 64, "slot: 64 bytes");

struct vblk {
	struct virtio_device *vdev;
	struct gendisk *disk;
	struct virtqueue *vq;
	struct spinlock lock;
	struct vblk_slot *slots;
	struct vblk_slot *free; /* [lock] */
	struct virtq_sg *sg;	/* [lock] chain being put together */
	unsigned int max_segs;
	struct timer poll_timer;
	char serial[ID_BYTES + 1];
};

static unsigned int next_index; /* drivers_init's thread only */

/* The segments of @rq into vblk->sg from 1 on; how many. */
static unsigned int fill_segments(struct vblk *vblk, struct request *rq)
{
	struct virtq_sg *sg = vblk->sg;
	unsigned int nr = 0;
	struct bio_vec *bv;
	struct bio *bio;
	int i;

	for_each_rq_segment(bv, bio, i, rq)
	{
		u64 addr = page_to_phys(bv->bv_page) + bv->bv_offset;

		if (nr && sg[nr].addr + sg[nr].len == addr &&
		    sg[nr].len + bv->bv_len <=
			    vblk->disk->queue.max_seg_bytes) {
			sg[nr].len += bv->bv_len;
			continue;
		}
		nr++;
		sg[nr].addr = addr;
		sg[nr].len = bv->bv_len;
	}
	return nr;
}

/* Header in front, status behind the @nr segments in between, and off. */
static int add_chain(struct vblk *vblk, struct vblk_slot *slot, unsigned int nr)
{
	bool to_device = slot->header.type == VIRTIO_BLK_T_OUT;

	vblk->sg[0].addr = __pa(&slot->header);
	vblk->sg[0].len = sizeof(slot->header);
	vblk->sg[nr + 1].addr = __pa(&slot->status);
	vblk->sg[nr + 1].len = 1;
	slot->status = 0xff;
	return virtqueue_add(vblk->vq, vblk->sg, to_device ? nr + 1 : 1,
			     to_device ? 1 : nr + 1, slot);
}

static struct vblk_slot *take_slot_locked(struct vblk *vblk)
{
	struct vblk_slot *slot = vblk->free;

	if (slot)
		vblk->free = slot->next;
	return slot;
}

static void put_slot_locked(struct vblk *vblk, struct vblk_slot *slot)
{
	slot->next = vblk->free;
	vblk->free = slot;
}

static int start_locked(struct vblk *vblk, struct request *rq)
{
	static const u32 types[] = {
		[BIO_READ] = VIRTIO_BLK_T_IN,
		[BIO_WRITE] = VIRTIO_BLK_T_OUT,
		[BIO_FLUSH] = VIRTIO_BLK_T_FLUSH,
	};
	struct vblk_slot *slot = take_slot_locked(vblk);

	if (!slot)
		return -EBUSY;
	slot->rq = rq;
	slot->waiter = NULL;
	slot->header.type = types[rq->op];
	slot->header.reserved = 0;
	slot->header.sector = rq->op == BIO_FLUSH ? 0 : rq->sector;
	if (add_chain(vblk, slot, fill_segments(vblk, rq))) {
		put_slot_locked(vblk, slot);
		return -EBUSY;
	}
	return 0;
}

static int vblk_queue_rq(struct gendisk *disk, struct request *rq, bool last)
{
	struct vblk *vblk = disk->private_data;
	int err;

	spin_lock(&vblk->lock);
	err = start_locked(vblk, rq);
	/* Before we are told to wait, what was added must be on its way. */
	if (last || err)
		virtqueue_kick(vblk->vq);
	spin_unlock(&vblk->lock);
	return err;
}

static int vblk_status(u8 status)
{
	switch (status) {
	case VIRTIO_BLK_S_OK:
		return 0;
	case VIRTIO_BLK_S_UNSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

/* Take everything finished off the ring, as a list in order. */
static struct vblk_slot *collect_finished(struct vblk *vblk)
{
	struct vblk_slot *first = NULL;
	struct vblk_slot **end = &first;
	struct vblk_slot *slot;

	do {
		virtqueue_disable_cb(vblk->vq);
		while ((slot = virtqueue_get(vblk->vq, NULL))) {
			slot->next = NULL;
			*end = slot;
			end = &slot->next;
		}
	} while (!virtqueue_enable_cb(vblk->vq));
	return first;
}

/* In the interrupt, or from the timer. */
static void vblk_done(struct virtqueue *vq)
{
	struct vblk *vblk = vq->driver_data;
	struct vblk_slot *slot;
	struct vblk_slot *next;
	struct request *rq;
	unsigned long flags;
	int status;

	spin_lock_irqsave(&vblk->lock, flags);
	slot = collect_finished(vblk);
	spin_unlock_irqrestore(&vblk->lock, flags);

	for (; slot; slot = next) {
		next = slot->next;
		rq = slot->rq;
		status = vblk_status(slot->status);
		if (!rq) {
			complete(slot->waiter);
			continue;
		}
		spin_lock_irqsave(&vblk->lock, flags);
		put_slot_locked(vblk, slot);
		spin_unlock_irqrestore(&vblk->lock, flags);
		request_done(vblk->disk, rq, status);
	}
}

/* Interrupts don't come: look every millisecond. */
static void vblk_poll(struct timer *timer, void *cookie)
{
	struct vblk *vblk = cookie;

	virtqueue_interrupt(vblk->vq);
	timer_start(timer, ktime_get_ns() + POLL_NS);
}

static int vblk_get_serial(struct gendisk *disk, char *buf, size_t size)
{
	struct vblk *vblk = disk->private_data;

	strscpy(buf, vblk->serial, size);
	return 0;
}

/*
 * Ask for the device's id.  It is the first request, so it also shows whether
 * interrupts work; if not, the timer takes over.
 */
static void vblk_read_id(struct vblk *vblk)
{
	struct completion done;
	struct vblk_slot *slot;
	char *id = kzalloc(64);
	int err;

	if (!id)
		return;
	init_completion(&done);
	spin_lock_irq(&vblk->lock);
	slot = take_slot_locked(vblk);
	slot->rq = NULL;
	slot->waiter = &done;
	slot->header.type = VIRTIO_BLK_T_GET_ID;
	slot->header.reserved = 0;
	slot->header.sector = 0;
	vblk->sg[1].addr = __pa(id);
	vblk->sg[1].len = ID_BYTES;
	err = add_chain(vblk, slot, 1);
	virtqueue_kick(vblk->vq);
	spin_unlock_irq(&vblk->lock);

	if (!err && !wait_for_completion_timeout_ns(&done, ID_TIMEOUT_NS)) {
		pr_warn("%s: no interrupt came, polling\n", vblk->disk->name);
		timer_start(&vblk->poll_timer, ktime_get_ns() + POLL_NS);
		wait_for_completion(&done);
	}
	if (!err && slot->status == VIRTIO_BLK_S_OK)
		memcpy(vblk->serial, id, ID_BYTES);
	spin_lock_irq(&vblk->lock);
	put_slot_locked(vblk, slot);
	spin_unlock_irq(&vblk->lock);
	kfree(id);
}

/* vda ... vdz, vdaa ... */
static void vblk_name(unsigned int index, char *name)
{
	char letters[8];
	int n = 0;

	do {
		letters[n++] = (char)('a' + index % 26);
		index /= 26;
	} while (index-- > 0 && n < 7);
	*name++ = 'v';
	*name++ = 'd';
	while (n > 0)
		*name++ = letters[--n];
	*name = '\0';
}

static const struct disk_ops vblk_ops = {
	.queue = {.queue_rq = vblk_queue_rq},
	.get_serial = vblk_get_serial,
};

/* Slots, segment list and queue; 0 or -errno. */
static int vblk_make_queue(struct vblk *vblk)
{
	unsigned int i;

	vblk->vq = vblk->vdev->ops->setup_vq(vblk->vdev, 0, MAX_RING, vblk_done,
					     "virtio-blk");
	if (IS_ERR(vblk->vq))
		return (int)PTR_ERR(vblk->vq);
	vblk->vq->driver_data = vblk;
	/* A chain without a table of its own must fit into the ring. */
	vblk->max_segs = min(vblk->max_segs, vblk->vq->num - 2);
	vblk->slots = kcalloc(vblk->vq->num, sizeof(*vblk->slots));
	vblk->sg = kcalloc(vblk->max_segs + 2, sizeof(*vblk->sg));
	if (!vblk->slots || !vblk->sg)
		return -ENOMEM;
	for (i = 0; i < vblk->vq->num; i++)
		put_slot_locked(vblk, &vblk->slots[i]);
	return 0;
}

/* What the device says of itself into @disk. */
static void vblk_read_limits(struct vblk *vblk, struct gendisk *disk,
			     u32 *max_seg_bytes)
{
	struct virtio_device *vdev = vblk->vdev;
	struct virtio_blk_config cfg;

	virtio_read_config(vdev, 0, &cfg, sizeof(cfg));
	disk->capacity = cfg.capacity;
	disk->read_only = virtio_has_feature(vdev, VIRTIO_BLK_F_RO);
	disk->write_cache = virtio_has_feature(vdev, VIRTIO_BLK_F_FLUSH);
	disk->rotational = true;
	vblk->max_segs = 1;
	if (virtio_has_feature(vdev, VIRTIO_BLK_F_SEG_MAX))
		vblk->max_segs = clamp(cfg.seg_max, 1u, (u32)BIO_MAX_SEGS);
	*max_seg_bytes = MAX_REQUEST;
	if (virtio_has_feature(vdev, VIRTIO_BLK_F_SIZE_MAX))
		*max_seg_bytes =
			clamp(cfg.size_max, (u32)PAGE_SIZE, MAX_REQUEST);
	if (virtio_has_feature(vdev, VIRTIO_BLK_F_BLK_SIZE) &&
	    is_power_of_2(cfg.blk_size) && cfg.blk_size >= SECTOR_SIZE &&
	    cfg.blk_size <= PAGE_SIZE)
		disk->logical_block_size = cfg.blk_size;
	disk->physical_block_size = disk->logical_block_size;
	if (virtio_has_feature(vdev, VIRTIO_BLK_F_TOPOLOGY) &&
	    cfg.physical_block_exp < 16)
		disk->physical_block_size <<= cfg.physical_block_exp;
}

static int vblk_probe(struct virtio_device *vdev)
{
	struct vblk *vblk = kzalloc(sizeof(*vblk));
	struct gendisk *disk = alloc_disk();
	u32 max_seg_bytes;
	int err;

	if (!vblk || !disk) {
		kfree(vblk);
		kfree(disk);
		return -ENOMEM;
	}
	vblk->vdev = vdev;
	vblk->disk = disk;
	spin_lock_init(&vblk->lock, LOCK_VIRTQUEUE);
	timer_init(&vblk->poll_timer, vblk_poll, vblk);
	vblk_read_limits(vblk, disk, &max_seg_bytes);
	err = vblk_make_queue(vblk);
	if (err) {
		/* The ring, if any, is the device's until it is reset. */
		vdev->ops->reset(vdev);
		kfree(vblk->slots);
		kfree(vblk->sg);
		kfree(vblk);
		kfree(disk);
		return err;
	}

	disk->major = VIRTBLK_MAJOR;
	disk->first_minor = next_index << PART_BITS;
	disk->ops = &vblk_ops;
	disk->private_data = vblk;
	disk->sys_parent = vdev->dev.sys;
	vblk_name(next_index++, disk->name);
	queue_init(&disk->queue, &vblk_ops.queue, vblk->max_segs, MAX_REQUEST,
		   max_seg_bytes);
	virtio_device_ready(vdev);
	vblk_read_id(vblk);
	pr_info("virtio_blk %s: [%s] %llu %u-byte logical blocks (%llu MiB)\n",
		vdev->dev.name, disk->name,
		disk->capacity / (disk->logical_block_size / SECTOR_SIZE),
		disk->logical_block_size, disk->capacity >> 11);
	return add_disk(disk);
}

static struct virtio_driver virtio_blk_driver = {
	.drv = {.name = "virtio_blk"},
	.id = VIRTIO_ID_BLOCK,
	.features = 1ULL << VIRTIO_BLK_F_SIZE_MAX |
		    1ULL << VIRTIO_BLK_F_SEG_MAX | 1ULL << VIRTIO_BLK_F_RO |
		    1ULL << VIRTIO_BLK_F_BLK_SIZE | 1ULL << VIRTIO_BLK_F_FLUSH |
		    1ULL << VIRTIO_BLK_F_TOPOLOGY,
	.probe = vblk_probe,
};

void virtio_blk_init(void)
{
	(void)register_virtio_driver(&virtio_blk_driver);
}
