/*
 * queue.c - from bios to requests the driver has taken.
 *
 * pending is a FIFO.  While the driver is busy its last request grows by bios
 * that follow it on the disk; nothing is reordered, so whoever submits a
 * flush after his writes finds them in front of it.
 *
 * Locks: request_queue.lock, interrupts off; bi_end_io runs without it.
 *
 * Entry points: queue_init, queue_submit, request_done.
 */
#include <kernel/block/queue.h>

#include <abi/errno.h>
#include <kernel/arch/paging.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/block/disk.h>

void queue_init(struct request_queue *q, const struct queue_ops *ops,
		unsigned int max_segs, u32 max_bytes, u32 max_seg_bytes)
{
	assert(max_segs >= 1 && max_bytes >= PAGE_SIZE &&
	       max_seg_bytes >= PAGE_SIZE);
	spin_lock_init(&q->lock, LOCK_QUEUE);
	INIT_LIST_HEAD(&q->pending);
	q->in_flight = 0;
	q->max_segs = max_segs;
	q->max_bytes = max_bytes;
	q->max_seg_bytes = max_seg_bytes;
	q->ops = ops;
}

/* Append @bio to the request waiting last, if it continues it. */
static bool queue_merge_locked(struct request_queue *q, struct bio *bio)
{
	struct request *rq;

	if (list_empty(&q->pending) || bio->bi_op == BIO_FLUSH)
		return false;
	rq = list_last_entry(&q->pending, struct request, link);
	if (rq->op != bio->bi_op ||
	    rq->sector + (rq->bytes >> SECTOR_SHIFT) != bio->bi_rq.sector)
		return false;
	if (rq->nr_segs + bio->bi_vcnt > q->max_segs ||
	    rq->bytes + bio->bi_size > q->max_bytes)
		return false;

	rq->last->bi_next = bio;
	rq->last = bio;
	rq->bytes += bio->bi_size;
	rq->nr_segs += bio->bi_vcnt;
	atomic64_inc(&bio->bi_bdev->bd_stats.merges[bio->bi_op]);
	return true;
}

/* Hand requests to the driver; those it refuses for good go to @failed. */
static void queue_run_locked(struct gendisk *disk, struct list_head *failed)
{
	struct request_queue *q = &disk->queue;
	struct request *rq;
	int err;

	assert_held(&q->lock);
	while (!list_empty(&q->pending)) {
		rq = list_first_entry(&q->pending, struct request, link);
		list_del_init(&rq->link);
		err = q->ops->queue_rq(disk, rq, list_empty(&q->pending));
		if (err == -EBUSY) {
			list_add(&rq->link, &q->pending);
			return;
		}
		if (err) {
			rq->first->bi_status = err;
			list_add_tail(&rq->link, failed);
			continue;
		}
		q->in_flight++;
	}
}

/* Tell each bio of @rq's chain its end. */
static void request_end(struct request *rq, int status)
{
	struct bio *bio = rq->first;
	struct bio *next;

	for (; bio; bio = next) {
		next = bio->bi_next;
		bio->bi_next = NULL;
		bio->bi_status = status;
		disk_account_end(bio, bio->bi_rq.start_ns);
		bio->bi_end_io(bio);
	}
}

static void end_failed(struct list_head *failed)
{
	struct request *rq;

	while (!list_empty(failed)) {
		rq = list_first_entry(failed, struct request, link);
		list_del_init(&rq->link);
		request_end(rq, rq->first->bi_status);
	}
}

void queue_submit(struct gendisk *disk, struct bio *bio)
{
	struct request_queue *q = &disk->queue;
	LIST_HEAD(failed);
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	if (queue_merge_locked(q, bio)) {
		spin_unlock_irqrestore(&q->lock, flags);
		return;
	}
	list_add_tail(&bio->bi_rq.link, &q->pending);
	queue_run_locked(disk, &failed);
	spin_unlock_irqrestore(&q->lock, flags);
	end_failed(&failed);
}

void request_done(struct gendisk *disk, struct request *rq, int status)
{
	static const char *const names[] = {"READ", "WRITE", "FLUSH"};
	struct request_queue *q = &disk->queue;
	LIST_HEAD(failed);
	unsigned long flags;

	if (status)
		pr_err("I/O error, dev %s, sector %llu op 0x%x:(%s) flags 0x0 "
		       "phys_seg %u\n",
		       disk->name, rq->sector, rq->op, names[rq->op],
		       rq->nr_segs);
	request_end(rq, status);

	spin_lock_irqsave(&q->lock, flags);
	assert(q->in_flight > 0);
	q->in_flight--;
	queue_run_locked(disk, &failed);
	spin_unlock_irqrestore(&q->lock, flags);
	end_failed(&failed);
}
