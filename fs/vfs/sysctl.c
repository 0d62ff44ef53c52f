/*
 * sysctl.c - the kernel's settings as files below /proc/sys.
 *
 * Nodes of proc_tree with a permission check of their own: what the mode does
 * not allow is refused to root as well, and only the effective user root and
 * group root have more rights than others, whatever owns the file.
 *
 * Entry points: sysctl_register, sysctl_register_text, sysctl_register_vector,
 * sysctl_register_ints, sysctl_register_ulong, sysctl_parse_long.
 */
#include <fs/vfs/sysctl.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/pseudo.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>

#define SYSCTL_NAME_MAX 96

static int sysctl_permission(struct inode *inode, int mask)
{
	umode_t mode = inode->i_mode;

	if (current_euid() == 0)
		mode >>= 6;
	else if (in_egroup_p(0))
		mode >>= 3;
	mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
	return mask & ~mode ? -EACCES : 0;
}

/* proc(5): mode and owner of a setting cannot be changed. */
static int sysctl_setattr(struct dentry *dentry, struct iattr *attr)
{
	if (attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID))
		return -EPERM;
	return 0;
}

static const struct inode_operations sysctl_iops = {
	.permission = sysctl_permission,
	.setattr = sysctl_setattr,
};

static size_t span_spaces(const char *text)
{
	return strspn(text, " \t\n\v\f\r");
}

/* Up to the second number of @text, or its end. */
static size_t span_number(const char *text)
{
	size_t len = span_spaces(text);

	len += strcspn(text + len, " \t\n");
	return len + span_spaces(text + len);
}

static ssize_t number_store(const struct pseudo_entry *entry, const char *text,
			    size_t len, loff_t pos)
{
	ssize_t ret;

	if (pos)
		return (ssize_t)len;
	ret = entry->store(entry->data, text, len);
	return ret == (ssize_t)len ? (ssize_t)min(span_number(text), len) : ret;
}

static struct pseudo_entry *create(
	const char *name, umode_t mode,
	int (*show)(struct seq_file *m, void *data),
	ssize_t (*store)(void *data, const char *text, size_t len), void *data)
{
	struct pseudo_entry *entry;
	char path[SYSCTL_NAME_MAX];

	snprintf(path, sizeof(path), "sys/%s", name);
	entry = pseudo_create(NULL, path, mode, show, store, data);
	if (entry)
		entry->iops = &sysctl_iops;
	return entry;
}

/* sysctl_register - see sysctl.h. */
void sysctl_register(const char *name, umode_t mode,
		     int (*show)(struct seq_file *m, void *data),
		     ssize_t (*store)(void *data, const char *text, size_t len),
		     void *data)
{
	struct pseudo_entry *entry = create(name, mode, show, store, data);

	if (entry && store)
		entry->store_at = number_store;
}

/* --- words and rows of numbers --- */

struct sysctl_text {
	int (*show)(struct seq_file *m, void *data);
	void (*store)(void *data, const char *text, size_t len, size_t pos);
	void *data;
};

static int text_show(struct seq_file *m, void *data)
{
	const struct sysctl_text *text = data;

	return text->show(m, text->data);
}

static ssize_t no_store(void *data, const char *text, size_t len)
{
	return -EIO;
}

static ssize_t text_store(const struct pseudo_entry *entry, const char *text,
			  size_t len, loff_t pos)
{
	const struct sysctl_text *words = entry->data;

	if (pos < (loff_t)PAGE_SIZE)
		words->store(words->data, text, strcspn(text, "\n"),
			     (size_t)pos);
	return (ssize_t)len;
}

/* sysctl_register_text - see sysctl.h. */
void sysctl_register_text(const char *name, umode_t mode,
			  int (*show)(struct seq_file *m, void *data),
			  void (*store)(void *data, const char *text,
					size_t len, size_t pos),
			  void *data)
{
	struct sysctl_text *text = kmalloc(sizeof(*text));
	struct pseudo_entry *entry;

	if (!text)
		return;
	*text = (struct sysctl_text){show, store, data};
	entry = create(name, mode, text_show, no_store, text);
	if (entry)
		entry->store_at = text_store;
}

struct sysctl_vector {
	int *values;
	unsigned int nr;
};

static int vector_show(struct seq_file *m, void *data)
{
	const struct sysctl_vector *vector = data;
	unsigned int i;

	for (i = 0; i < vector->nr; i++)
		seq_printf(m, "%s%d", i ? "\t" : "",
			   READ_ONCE(vector->values[i]));
	seq_putc(m, '\n');
	return 0;
}

/* Numbers are taken one by one, so those before a bad one are set. */
static ssize_t vector_store(const struct pseudo_entry *entry, const char *text,
			    size_t len, loff_t pos)
{
	const struct sysctl_vector *vector = entry->data;
	size_t done = 0;
	unsigned int i;
	long value;
	int err;

	if (pos)
		return (ssize_t)len;
	for (i = 0; i < vector->nr; i++) {
		if (i && done + span_spaces(text + done) >= len)
			break;
		err = sysctl_parse_long(text + done, INT_MIN, INT_MAX, &value);
		if (err)
			return err;
		WRITE_ONCE(vector->values[i], (int)value);
		done += span_number(text + done);
	}
	return (ssize_t)min(done, len);
}

/* sysctl_register_vector - see sysctl.h. */
void sysctl_register_vector(const char *name, umode_t mode, int *values,
			    unsigned int nr)
{
	struct sysctl_vector *vector = kmalloc(sizeof(*vector));
	struct pseudo_entry *entry;

	if (!vector)
		return;
	*vector = (struct sysctl_vector){values, nr};
	entry = create(name, mode, vector_show, no_store, vector);
	if (entry)
		entry->store_at = vector_store;
}

/* sysctl_parse_long - see sysctl.h. */
int sysctl_parse_long(const char *text, long min, long max, long *value)
{
	char number[24];
	size_t len;
	long n;

	text = skip_spaces(text);
	len = strcspn(text, " \t\n");
	if (len == 0 || len >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, len);
	number[len] = '\0';
	if (kstrtol(number, 0, &n) || n < min || n > max)
		return -EINVAL;
	*value = n;
	return 0;
}

static int int_show(struct seq_file *m, void *data)
{
	const struct sysctl_int *entry = data;

	seq_printf(m, "%d\n", READ_ONCE(*entry->value));
	return 0;
}

static ssize_t int_store(void *data, const char *text, size_t len)
{
	const struct sysctl_int *entry = data;
	long value;
	int err = sysctl_parse_long(text, entry->min, entry->max, &value);

	if (err)
		return err;
	WRITE_ONCE(*entry->value, (int)value);
	return len;
}

/* sysctl_register_ints - see sysctl.h. */
void sysctl_register_ints(const struct sysctl_int *table, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		sysctl_register(table[i].name, table[i].mode, int_show,
				table[i].mode & 0222 ? int_store : NULL,
				(void *)&table[i]);
}

static int ulong_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", READ_ONCE(*(unsigned long *)data));
	return 0;
}

static ssize_t ulong_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, 0, LONG_MAX, &value);

	if (err)
		return err;
	WRITE_ONCE(*(unsigned long *)data, (unsigned long)value);
	return (ssize_t)len;
}

/* sysctl_register_ulong - see sysctl.h. */
void sysctl_register_ulong(const char *name, umode_t mode, unsigned long *value)
{
	sysctl_register(name, mode, ulong_show,
			mode & 0222 ? ulong_store : NULL, value);
}
