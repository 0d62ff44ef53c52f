/*
 * queue.h - a disk's queue: merges bios into requests, feeds the driver.
 *
 * A bio goes to the driver at once while it has room.  When the driver says
 * -EBUSY, requests wait here and grow by bios that continue them; each
 * completion starts the next ones.
 *
 * Driver's side: queue_ops.queue_rq and request_done.
 */
#pragma once

#include <kernel/block/bio.h>
#include <kernel/types/lock.h>

struct gendisk;

struct queue_ops {
	/*
	 * Start @rq.  0: taken, request_done() will be called; -EBUSY: no
	 * room now, offered again after a request_done(); anything else
	 * fails the request.  Called with the queue's lock held, interrupts
	 * off.  @last: no other request follows at once (time to notify).
	 */
	int (*queue_rq)(struct gendisk *disk, struct request *rq, bool last);
};

/* Locks:  Q lock   I fixed when the disk is added */
struct request_queue {
	struct spinlock lock;	     /* rank LOCK_QUEUE */
	struct list_head pending;    /* [Q] requests not yet taken, in order */
	unsigned int in_flight;	     /* [Q] taken by the driver */
	unsigned int max_segs;	     /* [I] per request */
	u32 max_bytes;		     /* [I] per request */
	u32 max_seg_bytes;	     /* [I] */
	const struct queue_ops *ops; /* [I] */
};

/* queue_init - an empty queue with the driver's limits. */
void queue_init(struct request_queue *q, const struct queue_ops *ops,
		unsigned int max_segs, u32 max_bytes, u32 max_seg_bytes);

/* queue_submit - @bio with its request part filled goes in.  Any context. */
void queue_submit(struct gendisk *disk, struct bio *bio);

/*
 * request_done - @rq is finished with @status (0 or -errno).
 *
 * Ends each bio of it and starts waiting requests.  Any context, usually the
 * device's interrupt; the caller holds no lock.
 */
void request_done(struct gendisk *disk, struct request *rq, int status);

/* for_each_rq_segment - walk the bio_vecs of a request, bio by bio. */
#define for_each_rq_segment(bv, bio, i, rq)                                    \
	for (bio = (rq)->first; bio; bio = bio->bi_next)                       \
		for (i = 0; i < bio->bi_vcnt && (bv = &bio->bi_vec[i], 1); i++)
