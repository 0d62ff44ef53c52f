/*
 * pid_pages.c - /proc/PID/pagemap and clear_refs: the pages behind the
 * addresses of a program, proc(5).
 *
 * pagemap is an array of 64 bits per virtual page: whether it is there, to
 * whom, and - for who had CAP_SYS_ADMIN at open - where.  There is no swap and
 * no soft-dirty tracking, whose bits are 0.
 *
 * Locks: mmap_lock while entries are read, a buffer of them at a time.
 *
 * Entry points: proc_pagemap_fops, proc_clear_refs_fops.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>

#define PM_PRESENT	  (1ULL << 63)
#define PM_FILE		  (1ULL << 61) /* of a file, or shared memory */
#define PM_MMAP_EXCLUSIVE (1ULL << 56) /* mapped nowhere else */
#define PM_PFRAME_MASK	  ((1ULL << 55) - 1)
#define PM_ENTRY_BYTES	  sizeof(u64)
#define PM_ENTRIES	  (PAGE_SIZE / PM_ENTRY_BYTES) /* read at once */

/* What clear_refs takes. */
#define CLEAR_REFS_ALL	      1
#define CLEAR_REFS_ANON	      2
#define CLEAR_REFS_MAPPED     3
#define CLEAR_REFS_MM_HIWATER 5

/* --- pagemap --- */

struct pagemap_buffer {
	u64 *entries;
	unsigned long start; /* address of the first */
	bool show_frames;
};

static void note_entry(pte_t *ptep, unsigned long addr, void *arg)
{
	struct pagemap_buffer *buffer = arg;
	pte_t pte = ptep_get(ptep);
	u64 entry = PM_PRESENT;
	struct page *page;

	if (!pte_present(pte))
		return;
	if (buffer->show_frames)
		entry |= pte_pfn(pte) & PM_PFRAME_MASK;
	if (pfn_valid(pte_pfn(pte)) && !pte_special(pte)) {
		page = pfn_to_page(pte_pfn(pte));
		if (!is_zero_page(page) && !PageAnon(page))
			entry |= PM_FILE;
		if (!is_zero_page(page) && page_mapcount(page) == 1)
			entry |= PM_MMAP_EXCLUSIVE;
	}
	buffer->entries[(addr - buffer->start) >> PAGE_SHIFT] = entry;
}

/* @nr entries from @addr on into the buffer.  0 or -EINTR. */
static int read_entries(struct mm_struct *mm, unsigned long addr, size_t nr,
			struct pagemap_buffer *buffer)
{
	unsigned long end = addr + nr * PAGE_SIZE;
	struct vm_area_struct *vma;

	memset(buffer->entries, 0, nr * PM_ENTRY_BYTES);
	buffer->start = addr;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for (vma = find_vma(mm, addr); vma && vma->vm_start < end;
	     vma = vma_next(vma))
		walk_page_range(mm, max(addr, vma->vm_start),
				min(end, vma->vm_end), note_entry, buffer);
	mmap_read_unlock(mm);
	return 0;
}

static ssize_t pagemap_copy(struct mm_struct *mm, struct pagemap_buffer *buffer,
			    struct iov_iter *iter, loff_t *pos)
{
	ssize_t done = 0;
	unsigned long page;
	size_t nr, len;

	while (iov_iter_count(iter)) {
		page = (unsigned long)*pos / PM_ENTRY_BYTES;
		if (page >= TASK_SIZE >> PAGE_SHIFT)
			break;
		nr = min(iov_iter_count(iter) / PM_ENTRY_BYTES, PM_ENTRIES);
		nr = min(nr, (TASK_SIZE >> PAGE_SHIFT) - page);
		if (read_entries(mm, page << PAGE_SHIFT, nr, buffer))
			return done ? done : -EINTR;
		len = nr * PM_ENTRY_BYTES;
		if (copy_to_iter(buffer->entries, len, iter) != len)
			return done ? done : -EFAULT;
		*pos += (loff_t)len;
		done += (ssize_t)len;
		(void)cond_resched();
	}
	return done;
}

static ssize_t pagemap_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	struct pagemap_buffer buffer = {
		.show_frames = cred_capable(file->f_cred, CAP_SYS_ADMIN),
	};
	ssize_t ret;

	if (!mm)
		return 0;
	if ((u64)*pos % PM_ENTRY_BYTES || iov_iter_count(iter) % PM_ENTRY_BYTES)
		return -EINVAL;
	buffer.entries = kmalloc(PAGE_SIZE);
	if (!buffer.entries)
		return -ENOMEM;
	ret = 0;
	if (mmget_not_zero(mm)) {
		ret = pagemap_copy(mm, &buffer, iter, pos);
		mmput(mm);
	}
	kfree(buffer.entries);
	return ret;
}

static int pagemap_open(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = proc_mem_open(inode, PTRACE_MODE_READ);

	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	file->private_data = mm;
	return 0;
}

static int pagemap_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		mmdrop(file->private_data);
	return 0;
}

const struct file_operations proc_pagemap_fops = {
	.open = pagemap_open,
	.read_iter = pagemap_read,
	.llseek = proc_mem_lseek,
	.release = pagemap_release,
};

/* --- clear_refs --- */

static void clear_young(pte_t *ptep, unsigned long addr, void *arg)
{
	pte_t pte = ptep_get(ptep);

	if (!pte_present(pte) || !pfn_valid(pte_pfn(pte)) || pte_special(pte))
		return;
	(void)ptep_test_and_clear_young(ptep);
	clear_bit(PG_referenced, &pfn_to_page(pte_pfn(pte))->flags);
}

static int clear_refs(struct mm_struct *mm, int type)
{
	struct vm_area_struct *vma;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (type == CLEAR_REFS_MM_HIWATER) {
		mm->hiwater_rss = get_mm_rss(mm);
	} else {
		for_each_vma (mm, vma) {
			if ((type == CLEAR_REFS_ANON && vma->vm_file) ||
			    (type == CLEAR_REFS_MAPPED && !vma->vm_file) ||
			    (vma->vm_flags & VM_PFNMAP))
				continue;
			walk_page_range(mm, vma->vm_start, vma->vm_end,
					clear_young, NULL);
		}
		flush_tlb_mm(mm);
	}
	mmap_write_unlock(mm);
	return 0;
}

static ssize_t clear_refs_write(struct file *file, struct iov_iter *iter,
				loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	struct task_struct *task;
	struct mm_struct *mm;
	char text[16];
	ssize_t len = proc_copy_text(text, sizeof(text), iter);
	int err = 0;
	int type;

	if (len < 0)
		return len;
	if (kstrtoint(strim(text), 10, &type) ||
	    (type != CLEAR_REFS_MM_HIWATER &&
	     (type < CLEAR_REFS_ALL || type > CLEAR_REFS_MAPPED)))
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	if (mm) {
		err = clear_refs(mm, type);
		mmput(mm);
	}
	put_task_struct(task);
	return err ? err : count;
}

const struct file_operations proc_clear_refs_fops = {
	.write_iter = clear_refs_write,
	.llseek = noop_llseek,
};
