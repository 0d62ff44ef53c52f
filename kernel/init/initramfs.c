/*
 * initramfs.c - unpack a cpio archive into the first root.
 *
 * The loader leaves one or several archives, newc format, each plain or
 * gzip'ed, one behind the other.  A state machine takes the bytes as they
 * come, in pieces of any size: a header, a name, then the contents.  Files
 * with several links have their contents at the last one; the earlier ones
 * are remembered by inode number and linked.
 *
 * Entry points: initramfs_reserve, initramfs_unpack.
 */
#include <kernel/init/init.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <abi/stat.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/file.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/open.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/list.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define CPIO_HEADER 110 /* "070701" and 13 fields of 8 hexadecimal digits */

enum cpio_state { CPIO_HEAD, CPIO_NAME, CPIO_DATA, CPIO_SKIP };

/* A file with more links to come. */
struct hard_link {
	struct list_head link;
	u32 major, minor, ino;
	char name[];
};

struct cpio {
	enum cpio_state state;
	size_t have;  /* bytes collected of header or name */
	u64 left;     /* bytes of contents or padding still to come */
	u64 consumed; /* bytes of the archive so far, for alignment */
	enum cpio_state after_skip;
	char header[CPIO_HEADER];
	char name[PATH_MAX];
	char *target; /* contents of a symlink */
	u32 ino, mode, uid, gid, nlink, mtime, size, major, minor;
	u32 rmajor, rminor, namesize;
	struct file *file; /* open while its contents arrive */
	loff_t pos;
	bool done; /* TRAILER!!! seen */
	struct list_head links;
	unsigned long nr_files;
};

static u64 initrd_start, initrd_size;

/*
 * initramfs_reserve - see init.h.
 */
void __init initramfs_reserve(const struct boot_info *bi)
{
	initrd_start = bi->initrd_start;
	initrd_size = bi->initrd_size;
}

static bool parse_hex(const char *text, u32 *value)
{
	int i, digit;

	*value = 0;
	for (i = 0; i < 8; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			digit = text[i] - '0';
		else if ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'f')
			digit = (text[i] | 32) - 'a' + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static int parse_header(struct cpio *c)
{
	u32 *fields[] = {&c->ino,   &c->mode,	&c->uid,    &c->gid,
			 &c->nlink, &c->mtime,	&c->size,   &c->major,
			 &c->minor, &c->rmajor, &c->rminor, &c->namesize};
	unsigned int i;

	if (memcmp(c->header, "070701", 6) && memcmp(c->header, "070702", 6))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!parse_hex(c->header + 6 + 8 * i, fields[i]))
			return -EINVAL;
	if (!c->namesize || c->namesize > PATH_MAX)
		return -EINVAL;
	return 0;
}

/* Skip to the next multiple of four, then go on in state @next. */
static void skip_padding(struct cpio *c, enum cpio_state next)
{
	c->left = -c->consumed & 3;
	c->state = CPIO_SKIP;
	c->after_skip = next;
	c->have = 0;
}

/* The parent directories, for archives that leave them out. */
static void make_parents(const char *name)
{
	char *copy = kstrdup(name), *slash;

	if (!copy)
		return;
	for (slash = strchr(copy + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)do_mkdirat(AT_FDCWD, copy, 0755);
		*slash = '/';
	}
	kfree(copy);
}

/* An earlier link of this file, or NULL (then this name is remembered). */
static const char *find_link(struct cpio *c)
{
	size_t len = strlen(c->name) + 1;
	struct hard_link *hl;

	if (c->nlink < 2)
		return NULL;
	list_for_each_entry (hl, &c->links, link)
		if (hl->ino == c->ino && hl->major == c->major &&
		    hl->minor == c->minor)
			return hl->name;
	hl = kmalloc(sizeof(*hl) + len);
	if (hl) {
		hl->ino = c->ino;
		hl->major = c->major;
		hl->minor = c->minor;
		memcpy(hl->name, c->name, len);
		list_add(&hl->link, &c->links);
	}
	return NULL;
}

static void set_attributes(const struct cpio *c)
{
	struct timespec times[2] = {{.tv_sec = c->mtime}, {.tv_sec = c->mtime}};

	(void)do_fchownat(AT_FDCWD, c->name, c->uid, c->gid,
			  AT_SYMLINK_NOFOLLOW);
	if (!S_ISLNK(c->mode))
		(void)do_fchmodat(AT_FDCWD, c->name, c->mode & S_IALLUGO);
	(void)do_utimes(AT_FDCWD, c->name, times, AT_SYMLINK_NOFOLLOW);
}

static int open_regular(struct cpio *c)
{
	const char *old = find_link(c);
	int err;

	if (old) {
		(void)do_unlinkat(AT_FDCWD, c->name);
		err = do_linkat(AT_FDCWD, old, AT_FDCWD, c->name, 0);
		if (err || !c->size)
			return err;
	}
	c->file = filp_open(c->name, O_WRONLY | O_CREAT | O_TRUNC | O_LARGEFILE,
			    c->mode & S_IALLUGO);
	if (IS_ERR(c->file)) {
		err = PTR_ERR(c->file);
		c->file = NULL;
		return err;
	}
	c->pos = 0;
	return 0;
}

/* The name is known: make the file.  Its contents may follow. */
static int make_node(struct cpio *c)
{
	dev_t dev = MKDEV(c->rmajor, c->rminor);
	int err = 0;

	if (strcmp(c->name, "TRAILER!!!") == 0) {
		c->done = true;
		return 0;
	}
	c->nr_files++;
	make_parents(c->name);
	if (S_ISREG(c->mode))
		return open_regular(c);
	if (S_ISLNK(c->mode)) {
		if (c->size >= PATH_MAX)
			return -ENAMETOOLONG;
		c->target = kzalloc(c->size + 1);
		c->pos = 0;
		return c->target ? 0 : -ENOMEM;
	}
	if (S_ISDIR(c->mode))
		err = do_mkdirat(AT_FDCWD, c->name, c->mode & S_IALLUGO);
	else
		err = do_mknodat(AT_FDCWD, c->name, c->mode, dev);
	if (err == -EEXIST)
		err = 0;
	if (!err)
		set_attributes(c);
	return err;
}

static int take_data(struct cpio *c, const char *data, size_t len)
{
	ssize_t n;

	if (c->file) {
		n = kernel_write(c->file, data, len, &c->pos);
		if (n < 0)
			return n;
		if ((size_t)n != len)
			return -ENOSPC;
	} else if (c->target) {
		memcpy(c->target + c->pos, data, len);
		c->pos += len;
	}
	return 0;
}

static int finish_file(struct cpio *c)
{
	int err = 0;

	if (c->target) {
		(void)do_unlinkat(AT_FDCWD, c->name);
		err = do_symlinkat(c->target, AT_FDCWD, c->name);
		kfree(c->target);
		c->target = NULL;
		if (!err)
			set_attributes(c);
	} else if (c->file) {
		__fput_sync(c->file);
		c->file = NULL;
		set_attributes(c);
	}
	skip_padding(c, CPIO_HEAD);
	return err;
}

/* Collect up to @want bytes into @to; true when all are there. */
static bool collect(struct cpio *c, char *to, size_t want, const char **data,
		    size_t *len)
{
	size_t n = min(want - c->have, *len);

	memcpy(to + c->have, *data, n);
	c->have += n;
	c->consumed += n;
	*data += n;
	*len -= n;
	return c->have == want;
}

/* One step of the machine; 0 or -errno. */
static int cpio_step(struct cpio *c, const char **data, size_t *len)
{
	size_t n;
	int err = 0;

	switch (c->state) {
	case CPIO_HEAD:
		/* Zeroes may stand between two archives. */
		if (!c->have && **data == '\0') {
			(*data)++, (*len)--, c->consumed++;
			break;
		}
		if (!collect(c, c->header, CPIO_HEADER, data, len))
			break;
		err = parse_header(c);
		c->have = 0;
		c->state = CPIO_NAME;
		break;
	case CPIO_NAME:
		if (!collect(c, c->name, c->namesize, data, len))
			break;
		c->name[c->namesize - 1] = '\0';
		err = make_node(c);
		skip_padding(c, CPIO_DATA);
		break;
	case CPIO_SKIP:
		n = min((u64)*len, c->left);
		*data += n, *len -= n, c->left -= n, c->consumed += n;
		if (c->left)
			break;
		c->state = c->after_skip;
		if (c->state != CPIO_DATA)
			break;
		c->left = c->size;
		if (!c->left)
			err = finish_file(c);
		break;
	case CPIO_DATA:
		n = min((u64)*len, c->left);
		err = take_data(c, *data, n);
		*data += n, *len -= n, c->left -= n, c->consumed += n;
		if (!err && !c->left)
			err = finish_file(c);
		break;
	}
	return err;
}

/* The machine takes a piece of the archive. */
static int cpio_feed(const void *piece, size_t len, void *cookie)
{
	const char *data = piece;
	struct cpio *c = cookie;
	int err;

	while (len || (c->state == CPIO_SKIP && !c->left)) {
		err = cpio_step(c, &data, &len);
		if (err) {
			pr_err("initramfs: %s: error %d\n", c->name, err);
			return err;
		}
	}
	return 0;
}

static int unpack_one(struct cpio *c, const u8 *data, size_t size, size_t *used)
{
	c->state = CPIO_HEAD;
	c->have = 0;
	c->consumed = 0;
	if (size > 2 && data[0] == 0x1f && data[1] == 0x8b)
		return gunzip(data, size, used, cpio_feed, c);
	*used = size;
	return cpio_feed(data, size, c);
}

static int unpack_all(struct cpio *c, const u8 *data, size_t size)
{
	size_t used;
	int err = 0;

	while (size && !err) {
		if (*data == '\0') {
			data++, size--;
			continue;
		}
		err = unpack_one(c, data, size, &used);
		if (!err && (c->file || c->target || !c->done))
			err = -EINVAL; /* cut off */
		data += used;
		size -= used;
	}
	return err;
}

static void free_links(struct cpio *c)
{
	struct hard_link *hl, *next;

	list_for_each_entry_safe (hl, next, &c->links, link)
		kfree(hl);
}

/*
 * initramfs_unpack - see init.h.
 */
bool initramfs_unpack(void)
{
	struct cpio *c;
	int err;

	if (!initrd_size)
		return false;
	c = kzalloc(sizeof(*c));
	if (!c)
		panic("initramfs: no memory to unpack it");
	INIT_LIST_HEAD(&c->links);
	err = unpack_all(c, __va(initrd_start), initrd_size);
	if (err)
		panic("initramfs: cannot unpack the archive of %llu bytes: "
		      "error %d%s",
		      (unsigned long long)initrd_size, err,
		      err == -ENOSPC || err == -ENOMEM ? " (no memory)" : "");
	pr_info("initramfs: %lu files\n", c->nr_files);
	free_links(c);
	kfree(c);
	free_reserved_range(initrd_start, initrd_start + initrd_size);
	initrd_size = 0;
	return true;
}
