/*
 * fs_struct.c - what a process calls "/" and ".", and its umask.
 *
 * All fs_structs are in one list, so that pivot_root finds those that stand
 * on the old root.
 *
 * Locks: fs_list_lock guards the list; fs->lock the contents.  Path walks read
 * root and pwd without it, by fs->seq (namei_lazy.c).
 *
 * Entry points: get_fs_root, set_fs_pwd, copy_fs, exit_fs, chroot_fs_refs,
 * ksys_chdir, ksys_chroot.
 */
#include <fs/vfs/fs_struct.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/sched.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/namei.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>
#include <kernel/types/task.h>

static DEFINE_SPINLOCK(fs_list_lock, LOCK_FS_LIST);

struct fs_struct init_fs = {
	.users = 1,
	.lock = __SPIN_LOCK_INIT(LOCK_FS),
	.umask = 0022,
	.link = LIST_HEAD_INIT(init_fs.link),
};

static struct list_head *fs_list = &init_fs.link; /* [fs_list_lock] */

/*
 * get_fs_root, get_fs_pwd, get_fs_root_and_pwd - see fs_struct.h.
 */
void get_fs_root(struct fs_struct *fs, struct path *root)
{
	spin_lock(&fs->lock);
	*root = fs->root;
	path_get(root);
	spin_unlock(&fs->lock);
}

void get_fs_pwd(struct fs_struct *fs, struct path *pwd)
{
	spin_lock(&fs->lock);
	*pwd = fs->pwd;
	path_get(pwd);
	spin_unlock(&fs->lock);
}

void get_fs_root_and_pwd(struct fs_struct *fs, struct path *root,
			 struct path *pwd)
{
	spin_lock(&fs->lock);
	*root = fs->root;
	path_get(root);
	*pwd = fs->pwd;
	path_get(pwd);
	spin_unlock(&fs->lock);
}

/*
 * get_task_root, get_task_pwd - see fs_struct.h.
 */
int get_task_root(struct task_struct *task, struct path *root)
{
	int err = -ENOENT;

	spin_lock(&task->alloc_lock);
	if (task->fs) {
		get_fs_root(task->fs, root);
		err = 0;
	}
	spin_unlock(&task->alloc_lock);
	return err;
}

int get_task_pwd(struct task_struct *task, struct path *pwd)
{
	int err = -ENOENT;

	spin_lock(&task->alloc_lock);
	if (task->fs) {
		get_fs_pwd(task->fs, pwd);
		err = 0;
	}
	spin_unlock(&task->alloc_lock);
	return err;
}

/* Walks without references see the change.  Caller holds fs->lock. */
static void set_path_locked(struct fs_struct *fs, struct path *place,
			    const struct path *path)
{
	WRITE_ONCE(fs->seq, fs->seq + 1);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*place = *path;
	__atomic_store_n(&fs->seq, fs->seq + 1, __ATOMIC_RELEASE);
}

static void replace_path(struct fs_struct *fs, struct path *place,
			 const struct path *path)
{
	struct path old;

	path_get(path);
	spin_lock(&fs->lock);
	old = *place;
	set_path_locked(fs, place, path);
	spin_unlock(&fs->lock);
	if (old.dentry)
		path_put(&old);
}

/*
 * set_fs_root, set_fs_pwd - see fs_struct.h.
 */
void set_fs_root(struct fs_struct *fs, const struct path *path)
{
	replace_path(fs, &fs->root, path);
}

void set_fs_pwd(struct fs_struct *fs, const struct path *path)
{
	replace_path(fs, &fs->pwd, path);
}

static unsigned int move_locked(struct fs_struct *fs, struct path *place,
				const struct path *old, const struct path *new)
{
	if (!path_equal(place, old))
		return 0;
	path_get(new);
	set_path_locked(fs, place, new);
	return 1;
}

/*
 * chroot_fs_refs - see fs_struct.h.
 */
void chroot_fs_refs(const struct path *old, const struct path *new)
{
	struct fs_struct *fs;
	struct list_head *pos = fs_list;
	unsigned int moved = 0;

	spin_lock(&fs_list_lock);
	do {
		fs = list_entry(pos, struct fs_struct, link);
		spin_lock(&fs->lock);
		moved += move_locked(fs, &fs->root, old, new);
		moved += move_locked(fs, &fs->pwd, old, new);
		spin_unlock(&fs->lock);
		pos = pos->next;
	} while (pos != fs_list);
	spin_unlock(&fs_list_lock);
	while (moved-- > 0)
		path_put(old);
}

/*
 * copy_fs_struct - see fs_struct.h.
 */
struct fs_struct *copy_fs_struct(struct fs_struct *old)
{
	struct fs_struct *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->users = 1;
	spin_lock_init(&fs->lock, LOCK_FS);
	spin_lock(&fs_list_lock);
	spin_lock(&old->lock);
	fs->umask = old->umask;
	fs->root = old->root;
	path_get(&fs->root);
	fs->pwd = old->pwd;
	path_get(&fs->pwd);
	spin_unlock(&old->lock);
	list_add_tail(&fs->link, fs_list);
	spin_unlock(&fs_list_lock);
	return fs;
}

/*
 * copy_fs - see fs_struct.h.
 */
int copy_fs(unsigned long clone_flags, struct task_struct *child)
{
	struct fs_struct *fs = current->fs;
	int err = 0;

	child->fs = NULL;
	if (clone_flags & CLONE_FS) {
		spin_lock(&fs->lock);
		if (fs->in_exec)
			err = -EAGAIN;
		else
			fs->users++;
		spin_unlock(&fs->lock);
		if (!err)
			child->fs = fs;
		return err;
	}
	child->fs = copy_fs_struct(fs);
	return child->fs ? 0 : -ENOMEM;
}

static void put_fs(struct fs_struct *fs)
{
	bool last;

	spin_lock(&fs->lock);
	last = --fs->users == 0;
	spin_unlock(&fs->lock);
	if (!last)
		return;
	spin_lock(&fs_list_lock);
	list_del(&fs->link);
	spin_unlock(&fs_list_lock);
	path_put(&fs->root);
	path_put(&fs->pwd);
	kfree(fs);
}

/*
 * exit_fs - see fs_struct.h.
 */
void exit_fs(struct task_struct *task)
{
	struct fs_struct *fs;

	spin_lock(&task->alloc_lock);
	fs = task->fs;
	task->fs = NULL;
	spin_unlock(&task->alloc_lock);
	if (fs)
		put_fs(fs);
}

/*
 * unshare_fs - see fs_struct.h.
 */
int unshare_fs(void)
{
	struct fs_struct *old = current->fs;
	struct fs_struct *new;

	if (READ_ONCE(old->users) == 1)
		return 0;
	new = copy_fs_struct(old);
	if (!new)
		return -ENOMEM;
	spin_lock(&current->alloc_lock);
	current->fs = new;
	spin_unlock(&current->alloc_lock);
	put_fs(old);
	return 0;
}

/*
 * current_umask, set_current_umask - see fs_struct.h.
 */
int current_umask(void)
{
	return READ_ONCE(current->fs->umask);
}

int set_current_umask(int mask)
{
	return xchg(&current->fs->umask, mask & S_IRWXUGO);
}

/*
 * ksys_chdir, ksys_fchdir, ksys_chroot - see fs_struct.h.
 */
int ksys_chdir(const char *name)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = path_permission(&path, MAY_EXEC | MAY_CHDIR);
	if (!err)
		set_fs_pwd(current->fs, &path);
	path_put(&path);
	return err;
}

int ksys_fchdir(unsigned int fd)
{
	struct fd f = fdget_raw(fd);
	int err = -EBADF;

	if (!f.file)
		return err;
	err = -ENOTDIR;
	if (S_ISDIR(file_inode(f.file)->i_mode))
		err = path_permission(&f.file->f_path, MAY_EXEC | MAY_CHDIR);
	if (!err)
		set_fs_pwd(current->fs, &f.file->f_path);
	fdput(f);
	return err;
}

int ksys_chroot(const char *name)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = path_permission(&path, MAY_EXEC | MAY_CHDIR);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		set_fs_root(current->fs, &path);
	path_put(&path);
	return err;
}
