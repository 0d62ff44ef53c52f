/*
 * pid_link.c - the magic links of a task: cwd, root, exe, and what fd/N and
 * map_files/A-B have in common with them.
 *
 * Such a link leads to an object, whatever its name is by now: to follow it is
 * to jump there.  proc(5): that takes PTRACE_MODE_READ_FSCREDS.
 *
 * Entry points: proc_link_iops, proc_cwd_path, proc_root_path, proc_exe_path.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/proc/internal.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/namei.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>

/* Follow or read the link?  proc(5): PTRACE_MODE_READ_FSCREDS. */
static int link_path(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	bool allowed;

	if (!task)
		return -EACCES;
	allowed = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	put_task_struct(task);
	if (!allowed)
		return -EACCES;
	return PROC_I(inode)->get_path(inode, path);
}

static const char *proc_get_link(struct dentry *dentry, struct inode *inode,
				 struct path *jump, void **cookie)
{
	int err = link_path(inode, jump);

	return err ? ERR_PTR(err) : NULL;
}

static int proc_readlink(struct dentry *dentry, char *buf, size_t size)
{
	char *text = kmalloc(PATH_MAX);
	struct path path;
	char *name;
	int ret;

	if (!text)
		return -ENOMEM;
	ret = link_path(d_inode(dentry), &path);
	if (ret)
		goto free_text;
	name = d_path(&path, text, PATH_MAX);
	ret = PTR_ERR_OR_ZERO(name);
	if (!ret) {
		ret = (int)min(strlen(name), size);
		memcpy(buf, name, (size_t)ret);
	}
	path_put(&path);
free_text:
	kfree(text);
	return ret;
}

const struct inode_operations proc_link_iops = {
	.get_link = proc_get_link,
	.readlink = proc_readlink,
	.setattr = proc_task_setattr,
};

/* proc_cwd_path, proc_root_path, proc_exe_path - see internal.h. */
int proc_cwd_path(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	int err;

	if (!task)
		return -ENOENT;
	err = get_task_pwd(task, path);
	put_task_struct(task);
	return err;
}

int proc_root_path(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	int err;

	if (!task)
		return -ENOENT;
	err = get_task_root(task, path);
	put_task_struct(task);
	return err;
}

int proc_exe_path(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	struct file *file;

	if (!task)
		return -ENOENT;
	file = get_task_exe_file(task);
	put_task_struct(task);
	if (!file)
		return -ENOENT;
	*path = file->f_path;
	path_get(path);
	fput(file);
	return 0;
}
