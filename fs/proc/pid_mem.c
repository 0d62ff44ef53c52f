/*
 * pid_mem.c - /proc/PID/mem, environ, auxv and cmdline: bytes out of (and
 * into) the memory of a program.
 *
 * The first three keep the struct mm_struct they were opened for (mmgrab) and
 * take it as a user (mmget_not_zero) only while they copy, so that an open
 * file keeps no memory of a program that has gone.
 *
 * Entry points: proc_mem_open, proc_mem_fops, proc_environ_fops,
 * proc_auxv_fops, proc_cmdline_fops.
 */
#include <abi/auxvec.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/user_pages.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/* proc_mem_open - see internal.h. */
struct mm_struct *proc_mem_open(struct inode *inode, unsigned int mode)
{
	struct task_struct *task = get_proc_task(inode);
	struct mm_struct *mm;
	bool allowed;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	allowed = !mm || mm == current->mm ||
		  ptrace_may_access(task, mode | PTRACE_MODE_FSCREDS);
	put_task_struct(task);
	if (!mm)
		return NULL;
	if (allowed)
		mmgrab(mm);
	mmput(mm);
	return allowed ? mm : ERR_PTR(-EACCES);
}

static int open_mode(struct inode *inode, struct file *file, unsigned int mode)
{
	struct mm_struct *mm = proc_mem_open(inode, mode);

	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	file->private_data = mm;
	return 0;
}

static int read_open(struct inode *inode, struct file *file)
{
	return open_mode(inode, file, PTRACE_MODE_READ);
}

static int attach_open(struct inode *inode, struct file *file)
{
	return open_mode(inode, file, PTRACE_MODE_ATTACH);
}

static int mem_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		mmdrop(file->private_data);
	return 0;
}

/*
 * Copy [addr, addr + len) of @mm to @iter through @buf, a page.  Bytes done,
 * or -EIO when not even one can be read, -EFAULT.
 */
static ssize_t mem_to_iter(struct mm_struct *mm, unsigned long addr, size_t len,
			   unsigned int gup_flags, char *buf,
			   struct iov_iter *iter)
{
	ssize_t done = 0;
	size_t copied;
	int n;

	len = min(len, iov_iter_count(iter));
	while (len) {
		n = access_remote_vm(mm, addr, buf, (int)min(len, PAGE_SIZE),
				     gup_flags);
		if (n <= 0)
			return done ? done : -EIO;
		copied = copy_to_iter(buf, (size_t)n, iter);
		if (!copied)
			return done ? done : -EFAULT;
		done += (ssize_t)copied;
		if (copied < (size_t)n || fatal_signal_pending(current))
			break;
		addr += copied;
		len -= copied;
		(void)cond_resched();
	}
	return done;
}

static ssize_t iter_to_mem(struct mm_struct *mm, unsigned long addr, char *buf,
			   struct iov_iter *iter)
{
	ssize_t done = 0;
	size_t len;
	int n;

	while (iov_iter_count(iter)) {
		len = min(iov_iter_count(iter), PAGE_SIZE);
		if (copy_from_iter(buf, len, iter) != len)
			return done ? done : -EFAULT;
		n = access_remote_vm(mm, addr, buf, (int)len,
				     FOLL_WRITE | FOLL_FORCE);
		if (n <= 0)
			return done ? done : -EIO;
		done += n;
		addr += (unsigned long)n;
		if ((size_t)n < len || fatal_signal_pending(current))
			break;
		(void)cond_resched();
	}
	return done;
}

/* --- mem: any address, as ptrace(2) would --- */

static ssize_t mem_rw(struct file *file, struct iov_iter *iter, loff_t *pos,
		      bool write)
{
	struct mm_struct *mm = file->private_data;
	unsigned long addr = (unsigned long)*pos;
	ssize_t ret = 0;
	char *buf;

	if (!mm)
		return 0;
	buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	if (mmget_not_zero(mm)) {
		ret = write ? iter_to_mem(mm, addr, buf, iter)
			    : mem_to_iter(mm, addr, iov_iter_count(iter),
					  FOLL_FORCE, buf, iter);
		mmput(mm);
	}
	kfree(buf);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static ssize_t mem_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	return mem_rw(file, iter, pos, false);
}

static ssize_t mem_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	return mem_rw(file, iter, pos, true);
}

/* proc_mem_lseek - see internal.h. */
loff_t proc_mem_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

const struct file_operations proc_mem_fops = {
	.open = attach_open,
	.read_iter = mem_read,
	.write_iter = mem_write,
	.llseek = proc_mem_lseek,
	.release = mem_release,
};

/* --- environ --- */

static ssize_t environ_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	unsigned long start, end;
	ssize_t ret = 0;
	char *buf;

	if (!mm || !mm->env_end)
		return 0;
	start = mm->env_start;
	end = mm->env_end;
	if (end < start || (u64)*pos >= end - start)
		return 0;
	buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	if (mmget_not_zero(mm)) {
		ret = mem_to_iter(mm, start + (unsigned long)*pos,
				  end - start - (unsigned long)*pos, 0, buf,
				  iter);
		mmput(mm);
	}
	kfree(buf);
	if (ret > 0)
		*pos += ret;
	return ret;
}

const struct file_operations proc_environ_fops = {
	.open = read_open,
	.read_iter = environ_read,
	.llseek = proc_mem_lseek,
	.release = mem_release,
};

/* --- auxv: up to and with AT_NULL --- */

static ssize_t auxv_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	size_t words = 0, len;

	if (!mm)
		return 0;
	do
		words += 2;
	while (words + 2 <= AT_VECTOR_SIZE &&
	       mm->saved_auxv[words - 2] != AT_NULL);
	len = words * sizeof(mm->saved_auxv[0]);
	if (*pos < 0 || (u64)*pos >= len)
		return 0;
	len = min(len - (size_t)*pos, iov_iter_count(iter));
	if (len &&
	    copy_to_iter((char *)mm->saved_auxv + *pos, len, iter) != len)
		return -EFAULT;
	*pos += (loff_t)len;
	return (ssize_t)len;
}

const struct file_operations proc_auxv_fops = {
	.open = read_open,
	.read_iter = auxv_read,
	.llseek = proc_mem_lseek,
	.release = mem_release,
};

/* --- cmdline --- */

/*
 * What is left of the arguments from byte @pos on, in [*@start, *@start + the
 * result).  A program that has overwritten the end of its last argument has
 * given itself a title: that is one string, and may go on where its
 * environment was.
 */
static size_t cmdline_range(struct mm_struct *mm, u64 pos, char *buf,
			    unsigned long *start)
{
	unsigned long arg_start = mm->arg_start, arg_end = mm->arg_end;
	unsigned long env_end = mm->env_end;
	size_t len, got;
	char last;

	if (arg_start >= arg_end)
		return 0;
	if (mm->env_start != arg_end || env_end < arg_end)
		env_end = arg_end;
	len = arg_end - arg_start;
	if (access_remote_vm(mm, arg_end - 1, &last, 1, 0) == 1 && last) {
		got = (size_t)max(0,
				  access_remote_vm(mm, arg_start, buf,
						   (int)min(env_end - arg_start,
							    PAGE_SIZE),
						   0));
		len = strnlen(buf, got);
		if (len < got)
			len++;
	}
	if (pos >= len)
		return 0;
	*start = arg_start + pos;
	return len - pos;
}

static ssize_t cmdline_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	unsigned long start = 0;
	struct mm_struct *mm;
	ssize_t ret = 0;
	size_t len;
	char *buf;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return 0;
	buf = kmalloc(PAGE_SIZE);
	if (!buf) {
		mmput(mm);
		return -ENOMEM;
	}
	len = cmdline_range(mm, (u64)*pos, buf, &start);
	if (len)
		ret = mem_to_iter(mm, start, len, 0, buf, iter);
	mmput(mm);
	kfree(buf);
	if (ret == -EIO) /* not there (any more) */
		ret = 0;
	if (ret > 0)
		*pos += ret;
	return ret;
}

const struct file_operations proc_cmdline_fops = {
	.read_iter = cmdline_read,
	.llseek = proc_mem_lseek,
};
