/*
 * pid_maps.c - /proc/PID/maps, smaps and smaps_rollup: the mappings of an
 * address space.
 *
 * A read takes the space as a user and its mmap_lock for as long as it makes
 * records, and goes on at the address where the last read stopped; mappings
 * that come and go between two reads cannot confuse it.
 *
 * Entry points: proc_maps_fops, proc_smaps_fops, proc_smaps_rollup_fops.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/shmem.h>
#include <kernel/mm/vma.h>
#include <kernel/process/ptrace.h>

#define MAPS_DONE (-1LL)

/* An open maps file: m->private. */
struct maps_reader {
	struct mm_struct *mm; /* mmgrab'ed, or NULL */
	bool locked;	      /* inside start..stop: user and mmap_lock held */
};

static void *maps_start(struct seq_file *m, loff_t *pos)
{
	struct maps_reader *reader = m->private;
	struct mm_struct *mm = reader->mm;

	if (*pos == MAPS_DONE || !mm || !mmget_not_zero(mm))
		return NULL;
	if (mmap_read_lock_killable(mm)) {
		mmput(mm);
		return ERR_PTR(-EINTR);
	}
	reader->locked = true;
	return find_vma(mm, (unsigned long)*pos);
}

static void *maps_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct vm_area_struct *next = vma_next(v);

	*pos = next ? (loff_t)next->vm_start : MAPS_DONE;
	return next;
}

static void maps_stop(struct seq_file *m, void *v)
{
	struct maps_reader *reader = m->private;

	if (!reader->locked)
		return;
	reader->locked = false;
	mmap_read_unlock(reader->mm);
	mmput(reader->mm);
}

/* What stands in the last column of a mapping without a file. */
static const char *mapping_name(struct vm_area_struct *vma)
{
	if (vma_is_shmem_anon(vma))
		return "/dev/zero (deleted)";
	return vma_special_name(vma);
}

/* "start-end rwxp offset major:minor inode " */
static void show_header(struct seq_file *m, unsigned long start,
			unsigned long end, unsigned long flags, u64 offset,
			dev_t dev, u64 ino)
{
	seq_printf(m, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %llu ", start, end,
		   flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
		   flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p',
		   offset, MAJOR(dev), MINOR(dev), ino);
}

/* proc_map_line - see internal.h.  The name begins in column 73. */
void proc_map_line(struct seq_file *m, struct vm_area_struct *vma)
{
	struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;
	size_t line = m->count;
	bool has_offset = inode || vma_is_shmem_anon(vma);
	const char *name;

	show_header(m, vma->vm_start, vma->vm_end, vma->vm_flags,
		    has_offset ? vma->vm_pgoff << PAGE_SHIFT : 0,
		    inode ? inode->i_sb->s_dev : 0, inode ? inode->i_ino : 0);
	if (inode) {
		seq_pad_to(m, line, 73);
		(void)seq_path(m, &vma->vm_file->f_path, "\n");
		return;
	}
	name = mapping_name(vma);
	if (name) {
		seq_pad_to(m, line, 73);
		seq_puts(m, name);
	}
}

static int maps_show(struct seq_file *m, void *v)
{
	proc_map_line(m, v);
	seq_putc(m, '\n');
	return 0;
}

static int smaps_show(struct seq_file *m, void *v)
{
	struct mem_usage use = {0};

	proc_map_line(m, v);
	seq_putc(m, '\n');
	proc_smap_gather(v, &use);
	proc_smap_show(m, v, &use);
	return 0;
}

static const struct seq_operations maps_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = maps_show,
};

static const struct seq_operations smaps_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = smaps_show,
};

/* A reader for the address space of @inode's task, or ERR_PTR. */
static struct maps_reader *reader_alloc(struct inode *inode)
{
	struct maps_reader *reader = kzalloc(sizeof(*reader));
	struct mm_struct *mm;

	if (!reader)
		return ERR_PTR(-ENOMEM);
	mm = proc_mem_open(inode, PTRACE_MODE_READ);
	if (IS_ERR(mm)) {
		kfree(reader);
		return ERR_CAST(mm);
	}
	reader->mm = mm;
	return reader;
}

static void reader_free(struct maps_reader *reader)
{
	if (reader->mm)
		mmdrop(reader->mm);
	kfree(reader);
}

static int open_ops(struct inode *inode, struct file *file,
		    const struct seq_operations *ops)
{
	struct maps_reader *reader = reader_alloc(inode);
	int err;

	if (IS_ERR(reader))
		return (int)PTR_ERR(reader);
	err = seq_open(file, ops);
	if (err)
		reader_free(reader);
	else
		((struct seq_file *)file->private_data)->private = reader;
	return err;
}

static int maps_open(struct inode *inode, struct file *file)
{
	return open_ops(inode, file, &maps_ops);
}

static int smaps_open(struct inode *inode, struct file *file)
{
	return open_ops(inode, file, &smaps_ops);
}

static int maps_release(struct inode *inode, struct file *file)
{
	reader_free(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

const struct file_operations proc_maps_fops = {
	.open = maps_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = maps_release,
};

const struct file_operations proc_smaps_fops = {
	.open = smaps_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = maps_release,
};

/* --- smaps_rollup: all mappings in one record --- */

static void rollup_locked(struct seq_file *m, struct mm_struct *mm)
{
	struct mem_usage use = {0};
	struct vm_area_struct *vma;
	unsigned long first = 0, end = 0;
	size_t line = m->count;

	for_each_vma (mm, vma) {
		if (!end)
			first = vma->vm_start;
		end = vma->vm_end;
		proc_smap_gather(vma, &use);
	}
	show_header(m, first, end, 0, 0, 0, 0);
	seq_pad_to(m, line, 73);
	seq_puts(m, "[rollup]\n");
	proc_smap_rollup(m, &use);
}

static int rollup_show(struct seq_file *m, void *v)
{
	struct maps_reader *reader = m->private;
	struct mm_struct *mm = reader->mm;
	int err;

	if (!mm || !mmget_not_zero(mm))
		return -ESRCH;
	err = mmap_read_lock_killable(mm);
	if (!err) {
		rollup_locked(m, mm);
		mmap_read_unlock(mm);
	}
	mmput(mm);
	return err;
}

static int rollup_open(struct inode *inode, struct file *file)
{
	struct maps_reader *reader = reader_alloc(inode);
	int err;

	if (IS_ERR(reader))
		return (int)PTR_ERR(reader);
	err = single_open(file, rollup_show, reader);
	if (err)
		reader_free(reader);
	return err;
}

static int rollup_release(struct inode *inode, struct file *file)
{
	reader_free(((struct seq_file *)file->private_data)->private);
	return single_release(inode, file);
}

const struct file_operations proc_smaps_rollup_fops = {
	.open = rollup_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = rollup_release,
};
