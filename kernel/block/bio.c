/*
 * bio.c - making, sending and awaiting bios.
 *
 * Bios come from kmalloc.  When it has nothing left, which is when dirty
 * pages must go to disk for memory to become free, they come from a small
 * reserve; who finds that empty too sleeps until one in flight is done.
 * Those on the way to a disk always come back, so this always ends.
 *
 * Locks: reserve_lock guards the reserve's list.
 *
 * Entry points: bio_alloc, bio_put, bio_add_page, submit_bio,
 * submit_bio_wait, blkdev_issue_flush.
 */
#include <kernel/block/bio.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/block/disk.h>
#include <kernel/lib/string.h>
#include <kernel/sched/completion.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define RESERVE_BIOS 16
#define RESERVE_SEGS 8

static u8 reserve_memory[RESERVE_BIOS]
			[sizeof(struct bio) +
			 RESERVE_SEGS * sizeof(struct bio_vec)] __aligned(16);
static DEFINE_SPINLOCK(reserve_lock, LOCK_LEAF_IRQ);
static struct bio *reserve_free;  /* [reserve_lock] chained by bi_next */
static unsigned int reserve_used; /* [reserve_lock] slots ever handed out */
static DECLARE_WAIT_QUEUE_HEAD(reserve_wait);

/* A bio of the reserve, or NULL. */
static struct bio *reserve_take(void)
{
	struct bio *bio = NULL;
	unsigned long flags;

	spin_lock_irqsave(&reserve_lock, flags);
	if (reserve_free) {
		bio = reserve_free;
		reserve_free = bio->bi_next;
	} else if (reserve_used < RESERVE_BIOS) {
		bio = (struct bio *)reserve_memory[reserve_used++];
	}
	spin_unlock_irqrestore(&reserve_lock, flags);
	return bio;
}

struct bio *bio_alloc(struct block_device *bdev, enum bio_op op, u64 sector,
		      unsigned int nr_segs)
{
	struct bio *bio;
	bool reserved = false;

	nr_segs = min(nr_segs, (unsigned int)BIO_MAX_SEGS);
	bio = kmalloc(sizeof(*bio) + nr_segs * sizeof(bio->bi_vec[0]));
	if (!bio) {
		wait_event(&reserve_wait, (bio = reserve_take()) != NULL);
		reserved = true;
		nr_segs = min(nr_segs, (unsigned int)RESERVE_SEGS);
	}

	memset(bio, 0, sizeof(*bio));
	bio->bi_bdev = bdev;
	bio->bi_op = op;
	bio->bi_sector = sector;
	bio->bi_max = nr_segs;
	bio->bi_reserved = reserved;
	return bio;
}

void bio_put(struct bio *bio)
{
	unsigned long flags;

	if (!bio->bi_reserved) {
		kfree(bio);
		return;
	}
	spin_lock_irqsave(&reserve_lock, flags);
	bio->bi_next = reserve_free;
	reserve_free = bio;
	spin_unlock_irqrestore(&reserve_lock, flags);
	wake_up(&reserve_wait);
}

bool bio_add_page(struct bio *bio, struct page *page, u32 len, u32 offset)
{
	const struct request_queue *q = &bio->bi_bdev->bd_disk->queue;
	struct bio_vec *bv;

	if (bio->bi_size + len > q->max_bytes)
		return false;
	if (bio->bi_vcnt) {
		bv = &bio->bi_vec[bio->bi_vcnt - 1];
		if (page_to_phys(bv->bv_page) + bv->bv_offset + bv->bv_len ==
			    page_to_phys(page) + offset &&
		    bv->bv_len + len <= q->max_seg_bytes) {
			bv->bv_len += len;
			bio->bi_size += len;
			return true;
		}
	}
	if (bio->bi_vcnt == bio->bi_max || bio->bi_vcnt >= q->max_segs)
		return false;

	bv = &bio->bi_vec[bio->bi_vcnt++];
	bv->bv_page = page;
	bv->bv_len = len;
	bv->bv_offset = offset;
	bio->bi_size += len;
	return true;
}

/* May @bio go to its device?  0 or -errno. */
static int bio_check(const struct bio *bio)
{
	const struct block_device *bdev = bio->bi_bdev;
	u64 nr = bio->bi_size >> SECTOR_SHIFT;
	u64 have = READ_ONCE(bdev->bd_nr_sectors);
	u32 block = bdev_logical_block_size(bdev);

	if (bio->bi_op == BIO_FLUSH)
		return have ? 0 : -ENXIO;
	if (nr == 0 || nr > have || bio->bi_sector > have - nr)
		return -EIO;
	if ((bio->bi_size | (bio->bi_sector << SECTOR_SHIFT)) & (block - 1))
		return -EIO;
	if (bio->bi_op == BIO_WRITE && bdev_read_only(bdev))
		return -EROFS;
	return 0;
}

void submit_bio(struct bio *bio)
{
	struct block_device *bdev = bio->bi_bdev;
	struct request *rq = &bio->bi_rq;
	int err;

	assert(bio->bi_end_io);
	bio->bi_next = NULL;
	bio->bi_status = bio_check(bio);
	err = bio->bi_status;
	if (err || (bio->bi_op == BIO_FLUSH && !bdev->bd_disk->write_cache)) {
		bio->bi_end_io(bio);
		return;
	}

	if (bio->bi_op == BIO_READ) { /* proc(5), getrusage(2) */
		current->read_bytes += bio->bi_size;
		current->inblock += bio->bi_size >> SECTOR_SHIFT;
	}
	rq->first = bio;
	rq->last = bio;
	rq->sector = bdev->bd_start_sect + bio->bi_sector;
	rq->bytes = bio->bi_size;
	rq->nr_segs = bio->bi_vcnt;
	rq->op = bio->bi_op;
	rq->start_ns = ktime_get_ns();
	disk_account_start(bio);
	queue_submit(bdev->bd_disk, bio);
}

static void end_waited_bio(struct bio *bio)
{
	complete(bio->bi_private);
}

int submit_bio_wait(struct bio *bio)
{
	struct completion done;

	init_completion(&done);
	bio->bi_private = &done;
	bio->bi_end_io = end_waited_bio;
	submit_bio(bio);
	wait_for_completion_io(&done);
	return bio->bi_status;
}

int blkdev_issue_flush(struct block_device *bdev)
{
	struct bio *bio;
	int err;

	if (!bdev->bd_disk->write_cache)
		return 0;
	bio = bio_alloc(bdev, BIO_FLUSH, 0, 0);
	err = submit_bio_wait(bio);
	bio_put(bio);
	return err;
}
