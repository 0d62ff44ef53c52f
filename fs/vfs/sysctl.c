/*
 * sysctl.c - the kernel's settings as files below /proc/sys.
 *
 * Nodes of proc_tree with a permission check of their own: what the mode does
 * not allow is refused to root as well, and only the effective user root and
 * group root have more rights than others, whatever owns the file.
 *
 * Entry points: sysctl_register, sysctl_register_ints, sysctl_register_ulong,
 * sysctl_parse_long.
 */
#include <fs/vfs/sysctl.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/pseudo.h>
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

/* sysctl_register - see sysctl.h. */
void sysctl_register(const char *name, umode_t mode,
		     int (*show)(struct seq_file *m, void *data),
		     ssize_t (*store)(void *data, const char *text, size_t len),
		     void *data)
{
	struct pseudo_entry *entry;
	char path[SYSCTL_NAME_MAX];

	snprintf(path, sizeof(path), "sys/%s", name);
	entry = pseudo_create(NULL, path, mode, show, store, data);
	if (entry)
		entry->iops = &sysctl_iops;
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
