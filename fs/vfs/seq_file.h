/*
 * seq_file.h - files whose text is made when they are read.
 *
 * A show function prints into the buffer; when it overflows, the buffer
 * doubles and the record is made again.  Reads may start anywhere.
 */
#pragma once

#include <stdarg.h>

#include <fs/vfs/types.h>

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

struct seq_file {
	char *buf;
	size_t size;  /* of buf */
	size_t from;  /* first byte not yet given out */
	size_t count; /* bytes in buf; == size after an overflow */
	loff_t index; /* record */
	loff_t read_pos;
	struct mutex lock;
	const struct seq_operations *op;
	struct file *file;
	void *private;
};

/* open functions: 0 or -ENOMEM; seq_release for all of them. */
int seq_open(struct file *file, const struct seq_operations *op);
int single_open(struct file *file, int (*show)(struct seq_file *, void *),
		void *data);
ssize_t seq_read_iter(struct file *file, struct iov_iter *iter, loff_t *pos);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int seq_release(struct inode *inode, struct file *file);
int single_release(struct inode *inode, struct file *file);

/* Print into the current record.  An overflow is noticed by the reader. */
__attribute__((format(printf, 2, 3))) void seq_printf(struct seq_file *m,
						      const char *fmt, ...);
void seq_vprintf(struct seq_file *m, const char *fmt, va_list args);
void seq_putc(struct seq_file *m, char c);
void seq_puts(struct seq_file *m, const char *s);
void seq_write(struct seq_file *m, const void *data, size_t len);
/* @s with the characters of @esc (and unprintables) as \ooo. */
void seq_escape(struct seq_file *m, const char *s, const char *esc);
/* Path as in /proc/mounts and maps; @esc as above. */
int seq_path(struct seq_file *m, const struct path *path, const char *esc);
/* Spaces up to column @column of the current line. */
void seq_pad_to(struct seq_file *m, size_t line_start, size_t column);

static inline bool seq_has_overflowed(const struct seq_file *m)
{
	return m->count == m->size;
}
