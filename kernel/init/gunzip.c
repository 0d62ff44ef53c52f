/*
 * gunzip.c - zlib's inflate, as the kernel calls it.
 *
 * zlib is built from its source package with Z_SOLO: no library calls but
 * the two allocation functions given here.
 *
 * Entry points: gunzip.
 */
#include <kernel/init/init.h>

#include <zlib.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>

#define OUT_SIZE    32768
#define WINDOW_BITS 15
#define GZIP_ONLY   16 /* added to the window bits: gzip header and crc */

static voidpf z_alloc(voidpf opaque, uInt items, uInt size)
{
	return kcalloc(items, size);
}

static void z_free(voidpf opaque, voidpf address)
{
	kfree(address);
}

/* Inflate until the stream ends; zlib's state is ready. */
static int inflate_all(z_stream *z, unsigned char *out,
		       int (*flush)(const void *, size_t, void *), void *cookie)
{
	size_t len;
	int ret, err;

	do {
		z->next_out = out;
		z->avail_out = OUT_SIZE;
		ret = inflate(z, Z_NO_FLUSH);
		if (ret != Z_OK && ret != Z_STREAM_END)
			return ret == Z_MEM_ERROR ? -ENOMEM : -EINVAL;
		len = OUT_SIZE - z->avail_out;
		if (!len && ret != Z_STREAM_END)
			return -EINVAL; /* the input ends too early */
		err = flush(out, len, cookie);
		if (err)
			return err;
	} while (ret != Z_STREAM_END);
	return 0;
}

/*
 * gunzip - see init.h.  May sleep.
 */
int gunzip(const void *data, size_t size, size_t *used,
	   int (*flush)(const void *piece, size_t len, void *cookie),
	   void *cookie)
{
	z_stream z = {
		.zalloc = z_alloc,
		.zfree = z_free,
		.next_in = (unsigned char *)data,
		.avail_in = size,
	};
	unsigned char *out = kmalloc(OUT_SIZE);
	int err;

	if (!out)
		return -ENOMEM;
	if (inflateInit2(&z, WINDOW_BITS + GZIP_ONLY) != Z_OK) {
		kfree(out);
		return -ENOMEM;
	}
	err = inflate_all(&z, out, flush, cookie);
	*used = size - z.avail_in;
	(void)inflateEnd(&z);
	kfree(out);
	return err;
}
