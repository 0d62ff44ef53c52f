/*
 * bio.h - one request for blocks: which sectors, which pieces of pages.
 *
 * A bio names a block device (a disk or a partition), a first sector of 512
 * bytes and up to bi_max segments of memory; the segments' bytes follow each
 * other on the disk.  submit_bio() hands it over; when the I/O is done
 * bi_end_io(bio) runs, usually in hard-irq context with interrupts off, with
 * bi_status 0 or -errno.  The bio belongs to the block layer in between.
 *
 * Entry points: bio_alloc, bio_add_page, submit_bio, submit_bio_wait, bio_put.
 */
#pragma once

#include <abi/types.h>
#include <kernel/lib/list.h>

struct bio;
struct block_device;
struct page;

#define SECTOR_SHIFT 9
#define SECTOR_SIZE  512u

/* No bio has more segments than this: 1 MiB of whole pages. */
#define BIO_MAX_SEGS 256

enum bio_op {
	BIO_READ,
	BIO_WRITE,
	BIO_FLUSH, /* no data: everything completed before is durable after */
};

struct bio_vec {
	struct page *bv_page;
	u32 bv_len;
	u32 bv_offset;
};

/*
 * What the queue makes of one or more bios that follow each other; lives in
 * the first of them.  Drivers work on this.
 */
struct request {
	struct list_head link; /* pending list, or the driver's */
	struct bio *first;     /* chained by bi_next */
	struct bio *last;
	u64 sector; /* of the whole disk */
	u32 bytes;
	u16 nr_segs;
	u8 op;	      /* enum bio_op */
	u64 start_ns; /* when it was submitted */
};

struct bio {
	struct block_device *bi_bdev;
	u64 bi_sector;	  /* 512 bytes each, from the start of bi_bdev */
	u32 bi_size;	  /* bytes in all */
	u8 bi_op;	  /* enum bio_op */
	u16 bi_vcnt;	  /* segments used */
	u16 bi_max;	  /* segments there is room for */
	bool bi_reserved; /* one of the reserve */
	int bi_status;	  /* 0 or -errno, valid in bi_end_io */
	void (*bi_end_io)(struct bio *bio);
	void *bi_private;     /* the submitter's */
	struct bio *bi_next;  /* the queue's: next of the same request */
	struct request bi_rq; /* the queue's */
	struct bio_vec bi_vec[];
};

/*
 * bio_alloc - an empty bio with room for @nr_segs segments.
 *
 * @nr_segs is cut to BIO_MAX_SEGS.  Never fails in a context that may sleep:
 * waits for one of a few bios kept in reserve, which hold fewer segments, so
 * look at bio_add_page's result.  May sleep.
 */
struct bio *bio_alloc(struct block_device *bdev, enum bio_op op, u64 sector,
		      unsigned int nr_segs);

/* bio_put - free a bio that is not in flight.  Any context. */
void bio_put(struct bio *bio);

/*
 * bio_add_page - append @len bytes at @offset of @page.
 *
 * Grows the last segment where memory is contiguous.  False: no room, submit
 * this bio and start another.
 */
bool bio_add_page(struct bio *bio, struct page *page, u32 len, u32 offset);

/* bio_end_sector - first sector behind the bio's. */
static inline u64 bio_end_sector(const struct bio *bio)
{
	return bio->bi_sector + (bio->bi_size >> SECTOR_SHIFT);
}

/*
 * submit_bio - start it; bi_end_io tells the end, perhaps before this returns.
 *
 * Checks bounds and read-only devices (-EIO, -EROFS in bi_status).  Any
 * context; does not sleep.
 */
void submit_bio(struct bio *bio);

/*
 * submit_bio_wait - start it and sleep until it is done.
 *
 * Uses bi_end_io and bi_private itself.  Returns bi_status; the bio is still
 * the caller's.
 */
int submit_bio_wait(struct bio *bio);

/* blkdev_issue_flush - make completed writes durable; waits.  0 or -errno. */
int blkdev_issue_flush(struct block_device *bdev);
