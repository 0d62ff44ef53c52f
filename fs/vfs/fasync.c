/*
 * fasync.c - SIGIO: which files want it, and to whom it goes.
 *
 * Locks: fasync_lock (LOCK_FASYNC) for all lists; signals are sent under it, so
 * that a file stays until its owner was told.
 *
 * Entry points: fasync_helper, __kill_fasync, f_setown_ex, f_setown_if_none,
 * file_put_owner.
 */
#include <fs/vfs/fasync.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/cred.h>

struct fasync_struct {
	struct list_head link; /* [fasync_lock] */
	struct file *file;     /* [I] */
	int fd;		       /* [fasync_lock] */
};

static DEFINE_SPINLOCK(fasync_lock, LOCK_FASYNC);
static const struct fasync_ops *fasync_ops; /* [I] set at boot */

/* set_fasync_ops - once, at boot. */
void set_fasync_ops(const struct fasync_ops *ops)
{
	fasync_ops = ops;
}

static struct fasync_struct *find_locked(const struct file *file,
					 struct list_head *list)
{
	struct fasync_struct *entry;

	list_for_each_entry (entry, list, link) {
		if (entry->file == file)
			return entry;
	}
	return NULL;
}

/* fasync_helper - see fasync.h. */
int fasync_helper(int fd, struct file *file, bool on, struct list_head *list)
{
	struct fasync_struct *fresh = on ? kmalloc(sizeof(*fresh)) : NULL;
	struct fasync_struct *old;

	if (on && !fresh)
		return -ENOMEM;
	spin_lock(&fasync_lock);
	old = find_locked(file, list);
	if (old && on) {
		old->fd = fd;
	} else if (old) {
		list_del(&old->link);
	} else if (on) {
		fresh->file = file;
		fresh->fd = fd;
		list_add_tail(&fresh->link, list);
		fresh = NULL;
	}
	spin_unlock(&fasync_lock);
	kfree(fresh);
	if (!on)
		kfree(old);
	return 0;
}

/* The file's owner; his id is referenced. */
static bool get_owner(struct file *file, struct fown *owner)
{
	spin_lock(&file->f_lock);
	owner->pid = file->f_owner ? fasync_ops->get_pid(file->f_owner) : NULL;
	owner->type = file->f_owner_type;
	owner->sig = file->f_owner_sig;
	owner->uid = file->f_owner_uid;
	owner->euid = file->f_owner_euid;
	spin_unlock(&file->f_lock);
	return owner->pid;
}

/* __kill_fasync - see fasync.h. */
void __kill_fasync(struct list_head *list, int band)
{
	struct fasync_struct *entry;
	struct fown owner;

	spin_lock(&fasync_lock);
	list_for_each_entry (entry, list, link) {
		if (!get_owner(entry->file, &owner))
			continue;
		fasync_ops->send_sigio(&owner, entry->fd, band);
		fasync_ops->put_pid(owner.pid);
	}
	spin_unlock(&fasync_lock);
}

/* @pid owns the file, unless somebody else does and @replace is false. */
static void set_owner(struct file *file, const struct f_owner_ex *owner,
		      struct pid *pid, bool replace)
{
	const struct cred *cred = current_cred();
	struct pid *unused = pid;

	spin_lock(&file->f_lock);
	if (replace || !file->f_owner) {
		unused = file->f_owner;
		file->f_owner = pid;
		file->f_owner_type = owner->type;
		file->f_owner_pid = owner->pid;
		file->f_owner_uid = cred->uid;
		file->f_owner_euid = cred->euid;
	}
	spin_unlock(&file->f_lock);
	if (unused)
		fasync_ops->put_pid(unused);
}

/* f_setown_ex - see fasync.h. */
void f_setown_ex(struct file *file, const struct f_owner_ex *owner,
		 struct pid *pid)
{
	set_owner(file, owner, pid, true);
}

/* f_setown_if_none - see fasync.h. */
void f_setown_if_none(struct file *file, const struct f_owner_ex *owner,
		      struct pid *pid)
{
	set_owner(file, owner, pid, false);
}

/* file_put_owner - see fasync.h. */
void file_put_owner(struct file *file)
{
	if (file->f_owner)
		fasync_ops->put_pid(file->f_owner);
	file->f_owner = NULL;
}
