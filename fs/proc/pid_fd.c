/*
 * pid_fd.c - /proc/PID/fd and fdinfo: what a task has open.
 *
 * fd/N is a magic link to the open file's place; its owner bits tell how it
 * was opened.  Both directories follow the table of the task as it is now.
 *
 * Entry points: proc_fd_dir_*, proc_fdinfo_dir_*, proc_fd_revalidate.
 */
#include <abi/dirent.h>
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/proc/internal.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/format.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>

static umode_t link_mode(const struct file *file)
{
	umode_t mode = S_IFLNK;

	if (file->f_mode & FMODE_READ)
		mode |= S_IRUSR | S_IXUSR;
	if (file->f_mode & FMODE_WRITE)
		mode |= S_IWUSR | S_IXUSR;
	return mode;
}

/* proc_fd_revalidate - see internal.h. */
bool proc_fd_revalidate(struct inode *inode, struct task_struct *task)
{
	struct file *file = fget_task(task, PROC_I(inode)->fd);

	if (!file)
		return false;
	if (S_ISLNK(inode->i_mode))
		inode->i_mode = link_mode(file);
	fput(file);
	return true;
}

static int fd_path(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	struct file *file;

	if (!task)
		return -ENOENT;
	file = fget_task(task, PROC_I(inode)->fd);
	put_task_struct(task);
	if (!file)
		return -ENOENT;
	*path = file->f_path;
	path_get(path);
	fput(file);
	return 0;
}

/* --- fdinfo/N --- */

static int fdinfo_show(struct seq_file *m, void *v)
{
	struct inode *inode = m->private;
	struct task_struct *task = get_proc_task(inode);
	unsigned int fd = PROC_I(inode)->fd;
	unsigned int flags;
	struct file *file;

	if (!task)
		return -ENOENT;
	file = fget_task(task, fd);
	flags = fd_is_cloexec_task(task, fd) ? O_CLOEXEC : 0;
	put_task_struct(task);
	if (!file)
		return -ENOENT;
	flags |= file->f_flags & ~O_CLOEXEC;
	seq_printf(m, "pos:\t%lli\nflags:\t0%o\nmnt_id:\t%i\nino:\t%llu\n",
		   (long long)file->f_pos, flags, file->f_path.mnt->mnt_id,
		   (unsigned long long)file_inode(file)->i_ino);
	if (file->f_op->show_fdinfo)
		file->f_op->show_fdinfo(m, file);
	fput(file);
	return 0;
}

/* proc(5): fdinfo is governed by PTRACE_MODE_READ_FSCREDS at open. */
static int fdinfo_allowed(struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	bool allowed;

	if (!task)
		return -ESRCH;
	allowed = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	put_task_struct(task);
	return allowed ? 0 : -EACCES;
}

static int fdinfo_open(struct inode *inode, struct file *file)
{
	int err = fdinfo_allowed(inode);

	return err ? err : single_open(file, fdinfo_show, inode);
}

static const struct file_operations fdinfo_fops = {
	.open = fdinfo_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = single_release,
};

/* --- the directories --- */

static struct inode *fd_inode(struct super_block *sb, struct task_struct *task,
			      unsigned int fd, const struct file *file,
			      enum proc_ino_class class)
{
	bool link = class == INO_FD;
	struct inode *inode = proc_task_inode(
		sb, task, link ? link_mode(file) : S_IFREG | 0444,
		PROC_INO(task->pid, class, fd));

	if (!inode)
		return NULL;
	PROC_I(inode)->fd = fd;
	if (link) {
		PROC_I(inode)->get_path = fd_path;
		inode->i_op = &proc_link_iops;
		i_size_write(inode, 64); /* as Linux: room for a name */
	} else {
		inode->i_fop = &fdinfo_fops;
	}
	return inode;
}

static struct dentry *lookup_fd(struct inode *dir, struct dentry *dentry,
				enum proc_ino_class class)
{
	unsigned int fd = proc_name_to_int(&dentry->d_name);
	struct task_struct *task;
	struct inode *inode = NULL;
	struct file *file;

	if (fd == UINT32_MAX)
		return ERR_PTR(-ENOENT);
	task = get_proc_task(dir);
	if (!task)
		return ERR_PTR(-ENOENT);
	file = fget_task(task, fd);
	if (file) {
		inode = fd_inode(dir->i_sb, task, fd, file, class);
		fput(file);
	}
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	d_add(dentry, inode);
	return NULL;
}

static struct dentry *fd_lookup(struct inode *dir, struct dentry *dentry,
				unsigned int flags)
{
	return lookup_fd(dir, dentry, INO_FD);
}

static struct dentry *fdinfo_lookup(struct inode *dir, struct dentry *dentry,
				    unsigned int flags)
{
	return lookup_fd(dir, dentry, INO_FDINFO);
}

static int iterate_fds(struct file *dir, struct dir_context *ctx,
		       enum proc_ino_class class)
{
	struct task_struct *task = get_proc_task(file_inode(dir));
	struct file *file;
	unsigned int fd;
	char name[12];
	bool room = true;
	int len;

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(dir, ctx))
		goto put;
	while (room && ctx->pos - 2 <= NR_OPEN_HIGH) {
		fd = (unsigned int)(ctx->pos - 2);
		file = fget_task_next(task, &fd);
		if (!file)
			break;
		fput(file);
		ctx->pos = (loff_t)fd + 2;
		len = snprintf(name, sizeof(name), "%u", fd);
		room = dir_emit(ctx, name, len, PROC_INO(task->pid, class, fd),
				class == INO_FD ? DT_LNK : DT_REG);
		if (room)
			ctx->pos++;
	}
put:
	put_task_struct(task);
	return 0;
}

static int fd_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate_fds(file, ctx, INO_FD);
}

static int fdinfo_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate_fds(file, ctx, INO_FDINFO);
}

/* A process may always see its own descriptors, whatever its ids. */
static int fd_permission(struct inode *inode, int mask)
{
	int err = generic_permission(inode, mask);
	struct task_struct *task;

	if (!err)
		return 0;
	task = get_proc_task(inode);
	if (!task)
		return err;
	if (same_thread_group(task, current))
		err = 0;
	put_task_struct(task);
	return err;
}

/* Who may not look at the process's memory may not at its files. */
static int fdinfo_permission(struct inode *inode, int mask)
{
	int err = fdinfo_allowed(inode);

	return err ? err : generic_permission(inode, mask);
}

static int fdinfo_dir_open(struct inode *inode, struct file *file)
{
	return fdinfo_allowed(inode);
}

const struct inode_operations proc_fd_dir_iops = {
	.lookup = fd_lookup,
	.permission = fd_permission,
	.setattr = proc_task_setattr,
};

const struct file_operations proc_fd_dir_fops = {
	.iterate = fd_iterate,
	.llseek = generic_file_llseek,
};

const struct inode_operations proc_fdinfo_dir_iops = {
	.lookup = fdinfo_lookup,
	.permission = fdinfo_permission,
	.setattr = proc_task_setattr,
};

const struct file_operations proc_fdinfo_dir_fops = {
	.open = fdinfo_dir_open,
	.iterate = fdinfo_iterate,
	.llseek = generic_file_llseek,
};
