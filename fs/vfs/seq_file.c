/*
 * seq_file.c - files whose text is made when they are read.
 *
 * A read makes records with start/show/next into one buffer until it holds
 * something, then hands out from the buffer.  A record that does not fit is
 * made again in a buffer twice the size.  A read at another position than
 * where the last one ended starts over and throws text away up to there.
 *
 * Locks: m->lock, one reader of an open file at a time.
 *
 * Entry points: seq_open, single_open, seq_read_iter, seq_lseek,
 * seq_release, seq_printf and kin.
 */
#include <fs/vfs/seq_file.h>

#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/mutex.h>

#define SEQ_MAX_BUF (32UL << 20) /* a record larger than this is a bug */

static struct seq_file *seq_alloc(void)
{
	struct seq_file *m = kzalloc(sizeof(*m));

	if (m)
		mutex_init(&m->lock, LOCK_SEQ);
	return m;
}

/*
 * seq_open - open function of a file of records.  m->private is the
 * caller's to set: the seq_file is file->private_data.  0 or -ENOMEM.
 */
int seq_open(struct file *file, const struct seq_operations *op)
{
	struct seq_file *m = seq_alloc();

	if (!m)
		return -ENOMEM;
	m->op = op;
	m->file = file;
	file->private_data = m;
	/* Read from anywhere, written only where one stands. */
	file->f_mode &= ~FMODE_PWRITE;
	return 0;
}

static void *single_start(struct seq_file *m, loff_t *pos)
{
	return *pos == 0 ? m : NULL;
}

static void *single_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

/*
 * single_open - open function of a file that is one record, made by @show
 * with m->private set to @data.  0 or -ENOMEM.
 */
int single_open(struct file *file, int (*show)(struct seq_file *, void *),
		void *data)
{
	struct seq_operations *op = kzalloc(sizeof(*op));
	int err;

	if (!op)
		return -ENOMEM;
	op->start = single_start;
	op->next = single_next;
	op->stop = single_stop;
	op->show = show;
	err = seq_open(file, op);
	if (err) {
		kfree(op);
		return err;
	}
	((struct seq_file *)file->private_data)->private = data;
	return 0;
}

/*
 * seq_release - release function of seq_open's files.
 */
int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kvfree(m->buf);
	kfree(m);
	return 0;
}

/*
 * single_release - release function of single_open's files.
 */
int single_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kfree((void *)m->op);
	return seq_release(inode, file);
}

/* A bigger buffer for the record that overflowed.  0 or -ENOMEM. */
static int seq_grow(struct seq_file *m)
{
	size_t size = m->size ? m->size * 2 : PAGE_SIZE;

	if (size > SEQ_MAX_BUF)
		return -ENOMEM;
	kvfree(m->buf);
	m->count = 0;
	m->from = 0;
	m->size = 0;
	m->buf = kvmalloc(size);
	if (!m->buf)
		return -ENOMEM;
	m->size = size;
	return 0;
}

/*
 * Make records from m->index on until the buffer holds at least one byte;
 * then go on while they fit whole.  0 (m->count 0 at the end) or -errno.
 */
static int seq_fill(struct seq_file *m)
{
	loff_t index;
	size_t good;
	void *v;
	int err = 0;

again:
	m->from = 0;
	m->count = 0;
	index = m->index;
	v = m->op->start(m, &index);
	while (v && !IS_ERR(v)) {
		good = m->count;
		err = m->op->show(m, v);
		if (err < 0)
			m->count = good;
		if (err < 0 || (seq_has_overflowed(m) && good))
			break;
		if (seq_has_overflowed(m)) {
			m->op->stop(m, v);
			err = seq_grow(m);
			if (err)
				return err;
			goto again;
		}
		if (err > 0) { /* the show function skips this one */
			m->count = good;
			err = 0;
		}
		v = m->op->next(m, v, &index);
		m->index = index;
	}
	if (seq_has_overflowed(m))
		m->count = good;
	if (IS_ERR(v))
		err = PTR_ERR(v);
	m->op->stop(m, IS_ERR(v) ? NULL : v);
	return m->count ? 0 : err;
}

/* Go to byte @pos by making the text up to there again. */
static int seq_traverse(struct seq_file *m, loff_t pos)
{
	loff_t at = 0;
	int err;

	m->index = 0;
	m->from = m->count = 0;
	while (at < pos) {
		err = seq_fill(m);
		if (err)
			return err;
		if (!m->count)
			break;
		if (at + (loff_t)m->count > pos) {
			m->from = pos - at;
			m->count -= m->from;
			break;
		}
		at += m->count;
		m->count = 0;
	}
	m->read_pos = pos;
	return 0;
}

static ssize_t seq_read_locked(struct seq_file *m, struct iov_iter *iter,
			       loff_t *pos)
{
	size_t n, done = 0;
	int err;

	if (!m->buf) {
		err = seq_grow(m);
		if (err)
			return err;
	}
	if (*pos != m->read_pos) {
		err = seq_traverse(m, *pos);
		if (err)
			return err;
	}
	while (iov_iter_count(iter)) {
		if (!m->count) {
			if (done)
				break;
			err = seq_fill(m);
			if (err)
				return err;
			if (!m->count)
				break;
		}
		n = copy_to_iter(m->buf + m->from,
				 min(m->count, iov_iter_count(iter)), iter);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		m->from += n;
		m->count -= n;
		done += n;
	}
	*pos += done;
	m->read_pos = *pos;
	return done;
}

/*
 * seq_read_iter - read function of all seq files.  May sleep.
 */
ssize_t seq_read_iter(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	ssize_t ret;

	mutex_lock(&m->lock);
	ret = seq_read_locked(m, iter, pos);
	mutex_unlock(&m->lock);
	return ret;
}

/*
 * seq_lseek - llseek of all seq files: SEEK_SET and SEEK_CUR; there is no
 * end to seek from.
 */
loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

/*
 * seq_vprintf - as vsnprintf, at the end of the record.
 */
void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
{
	size_t room = m->size - m->count;
	int n;

	if (!room)
		return;
	n = vsnprintf(m->buf + m->count, room, fmt, args);
	m->count += (size_t)n < room ? (size_t)n : room;
}

/*
 * seq_printf - as snprintf, at the end of the record.
 */
void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq_vprintf(m, fmt, args);
	va_end(args);
}

/*
 * seq_write - @len bytes as they are.
 */
void seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len >= m->size) {
		m->count = m->size;
		return;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
}

/*
 * seq_putc - one character.
 */
void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

/*
 * seq_puts - a string.
 */
void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

/*
 * seq_escape - see seq_file.h.
 */
void seq_escape(struct seq_file *m, const char *s, const char *esc)
{
	for (; *s; s++) {
		if (*s == '\\' || strchr(esc, *s))
			seq_printf(m, "\\%03o", (unsigned char)*s);
		else
			seq_putc(m, *s);
	}
}

/*
 * seq_path - the name of @path from the caller's root, escaped.  0 or
 * -ENOMEM, -ENAMETOOLONG.  May sleep.
 */
int seq_path(struct seq_file *m, const struct path *path, const char *esc)
{
	char *buf = kmalloc(PATH_MAX);
	char *name;
	int err = 0;

	if (!buf)
		return -ENOMEM;
	name = d_path(path, buf, PATH_MAX);
	if (IS_ERR(name))
		err = PTR_ERR(name);
	else
		seq_escape(m, name, esc);
	kfree(buf);
	return err;
}

/*
 * seq_pad_to - spaces until @column bytes stand behind @line_start.
 */
void seq_pad_to(struct seq_file *m, size_t line_start, size_t column)
{
	do
		seq_putc(m, ' ');
	while (!seq_has_overflowed(m) && m->count < line_start + column);
}
