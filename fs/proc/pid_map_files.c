/*
 * pid_map_files.c - /proc/PID/map_files: a magic link for each mapping of a
 * file, named by its addresses, proc(5).
 *
 * Looking takes PTRACE_MODE_READ_FSCREDS; following a link opens a file that
 * the program may only have mapped, and takes CAP_CHECKPOINT_RESTORE or
 * CAP_SYS_ADMIN as well.
 *
 * Locks: mmap_lock while a mapping is looked up.
 *
 * Entry points: proc_map_files_dir_iops and _fops.
 */
#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/format.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/vma.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>

#define NAME_SIZE 36 /* two addresses, a dash, a zero */

/* "start-end" in hexadecimal without leading zeros.  0 or -EINVAL. */
static int parse_range(const struct qstr *name, unsigned long *start,
		       unsigned long *end)
{
	char text[NAME_SIZE], again[NAME_SIZE];
	char *dash;

	if (name->len >= sizeof(text))
		return -EINVAL;
	memcpy(text, name->name, name->len);
	text[name->len] = '\0';
	dash = strchr(text, '-');
	if (!dash)
		return -EINVAL;
	*dash = '\0';
	if (kstrtoul(text, 16, start) || kstrtoul(dash + 1, 16, end))
		return -EINVAL;
	*dash = '-';
	snprintf(again, sizeof(again), "%lx-%lx", *start, *end);
	return strcmp(text, again) == 0 ? 0 : -EINVAL;
}

/* The file mapped at exactly [start, end), as a referenced path; -ENOENT. */
static int mapped_path(struct mm_struct *mm, unsigned long start,
		       unsigned long end, struct path *path)
{
	struct vm_area_struct *vma;
	int err = -ENOENT;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vma = find_vma(mm, start);
	if (vma && vma->vm_start == start && vma->vm_end == end &&
	    vma->vm_file) {
		*path = vma->vm_file->f_path;
		path_get(path);
		err = 0;
	}
	mmap_read_unlock(mm);
	return err;
}

/* The same of the task behind @inode. */
static int task_mapped_path(struct inode *inode, unsigned long start,
			    unsigned long end, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	struct mm_struct *mm;
	int err;

	if (!task)
		return -ENOENT;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return -ENOENT;
	err = mapped_path(mm, start, end, path);
	mmput(mm);
	return err;
}

static int link_target(struct inode *inode, struct path *path)
{
	return task_mapped_path(inode, PROC_I(inode)->map_start,
				PROC_I(inode)->map_end, path);
}

static const char *map_files_get_link(struct dentry *dentry,
				      struct inode *inode, struct path *jump,
				      void **cookie)
{
	if (!capable(CAP_SYS_ADMIN) && !capable(CAP_CHECKPOINT_RESTORE))
		return ERR_PTR(-EPERM);
	return proc_link_iops.get_link(dentry, inode, jump, cookie);
}

static int map_files_readlink(struct dentry *dentry, char *buf, size_t size)
{
	return proc_link_iops.readlink(dentry, buf, size);
}

static const struct inode_operations map_files_link_iops = {
	.get_link = map_files_get_link,
	.readlink = map_files_readlink,
	.setattr = proc_task_setattr,
};

static umode_t mapping_mode(const struct vm_area_struct *vma)
{
	umode_t mode = S_IFLNK;

	if (vma->vm_file->f_mode & FMODE_READ)
		mode |= S_IRUSR;
	if (vma->vm_file->f_mode & FMODE_WRITE)
		mode |= S_IWUSR;
	return mode;
}

/* The mode that the link of [start, end) has, or 0: there is none. */
static umode_t mode_of_range(struct task_struct *task, unsigned long start,
			     unsigned long end)
{
	struct mm_struct *mm = get_task_mm(task);
	struct vm_area_struct *vma;
	umode_t mode = 0;

	if (!mm)
		return 0;
	mmap_read_lock(mm);
	vma = find_vma(mm, start);
	if (vma && vma->vm_start == start && vma->vm_end == end && vma->vm_file)
		mode = mapping_mode(vma);
	mmap_read_unlock(mm);
	mmput(mm);
	return mode;
}

/* proc_map_files_revalidate - see internal.h. */
bool proc_map_files_revalidate(struct inode *inode, struct task_struct *task)
{
	umode_t mode = mode_of_range(task, PROC_I(inode)->map_start,
				     PROC_I(inode)->map_end);

	if (mode)
		inode->i_mode = mode;
	return mode != 0;
}

static struct inode *mapping_inode(struct inode *dir, struct task_struct *task,
				   unsigned long start, unsigned long end)
{
	umode_t mode = mode_of_range(task, start, end);
	struct inode *inode;

	if (!mode)
		return NULL;
	inode = proc_task_inode(dir->i_sb, task, mode,
				PROC_INO(task->pid, INO_MAP_FILES,
					 start >> PAGE_SHIFT & 0x3fffff));
	if (!inode)
		return NULL;
	PROC_I(inode)->map_start = start;
	PROC_I(inode)->map_end = end;
	PROC_I(inode)->get_path = link_target;
	inode->i_op = &map_files_link_iops;
	i_size_write(inode, 64); /* as Linux: room for a name */
	return inode;
}

static struct dentry *map_files_lookup(struct inode *dir, struct dentry *dentry,
				       unsigned int flags)
{
	struct task_struct *task = get_proc_task(dir);
	struct inode *inode = NULL;
	unsigned long start, end;
	int err = -EACCES;

	if (!task)
		return ERR_PTR(-ENOENT);
	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS)) {
		err = -ENOENT;
		if (!parse_range(&dentry->d_name, &start, &end))
			inode = mapping_inode(dir, task, start, end);
	}
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(err);
	d_add(dentry, inode);
	return NULL;
}

/* The @n-th mapping of a file, or false. */
static bool nth_range(struct mm_struct *mm, u64 n, unsigned long *start,
		      unsigned long *end)
{
	struct vm_area_struct *vma;
	bool found = false;

	mmap_read_lock(mm);
	for_each_vma (mm, vma) {
		if (vma->vm_file && n-- == 0) {
			*start = vma->vm_start;
			*end = vma->vm_end;
			found = true;
			break;
		}
	}
	mmap_read_unlock(mm);
	return found;
}

static int emit_mappings(struct task_struct *task, struct dir_context *ctx)
{
	struct mm_struct *mm = get_task_mm(task);
	unsigned long start, end;
	char name[NAME_SIZE];
	int len;

	if (!mm)
		return 0;
	while (nth_range(mm, (u64)ctx->pos - 2, &start, &end)) {
		len = snprintf(name, sizeof(name), "%lx-%lx", start, end);
		if (!dir_emit(ctx, name, len,
			      PROC_INO(task->pid, INO_MAP_FILES,
				       start >> PAGE_SHIFT & 0x3fffff),
			      DT_LNK))
			break;
		ctx->pos++;
	}
	mmput(mm);
	return 0;
}

static int map_files_iterate(struct file *file, struct dir_context *ctx)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	int err = 0;

	if (!task)
		return -ENOENT;
	if (!ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		err = -EACCES;
	else if (dir_emit_dots(file, ctx))
		err = emit_mappings(task, ctx);
	put_task_struct(task);
	return err;
}

const struct inode_operations proc_map_files_dir_iops = {
	.lookup = map_files_lookup,
	.setattr = proc_task_setattr,
};

const struct file_operations proc_map_files_dir_fops = {
	.iterate = map_files_iterate,
	.llseek = generic_file_llseek,
};
