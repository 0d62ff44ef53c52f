/*
 * mm_struct.c - address spaces: make, share, copy and drop.
 *
 * The first reference comes from mm_alloc(); the tasks of a process share it
 * through mm_users.  When the last user leaves, every mapping goes, but the
 * struct and its page directory stay until the last CPU has stopped running
 * on it (mm_count).
 *
 * fork copies by ranges: mappings are duplicated one by one, and only tables
 * that hold pages no file has are walked (copy_page_range).
 *
 * Locks: mmap_lock of the old and the new one, in that order, in dup_mmap;
 * task->alloc_lock for task->mm.
 *
 * Entry points: mm_alloc, mmput, dup_mmap, mm_init_top, exec_mmap, mm_init.
 */
#include <kernel/mm/mm_struct.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/base/random.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/core.h>
#include <kernel/types/task.h>

int sysctl_randomize_va_space = 2;
int sysctl_legacy_va_layout;
int sysctl_mmap_rnd_bits = MMAP_RND_BITS_MIN;

struct mm_struct init_mm;

static struct kmem_cache *mm_cache __read_mostly;

static void mm_init_struct(struct mm_struct *mm)
{
	init_rwsem(&mm->mmap_lock, LOCK_MMAP);
	spin_lock_init(&mm->page_table_lock, LOCK_PAGE_TABLE);
	mm->mm_rb = RB_ROOT;
	INIT_LIST_HEAD(&mm->mmap);
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	mm->task_size = TASK_SIZE;
}

/* mm_init - boot. */
void mm_init(void)
{
	mm_cache = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 64,
				     NULL);
	assert(mm_cache);
	vma_init_caches();
	zero_page = alloc_zeroed_page();
	if (!zero_page)
		panic("no memory for the page of zeros");
	mm_init_struct(&init_mm);
	init_mm.pgd = swapper_pg_dir;
	/* The boot task runs on it for ever: it is never freed. */
	mmgrab(&init_mm);
	current->active_mm = &init_mm;
	sched_set_mm_drop(__mmdrop);
}

/* mm_alloc - an empty address space. */
struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cache);

	if (!mm)
		return NULL;
	mm_init_struct(mm);
	mm->pgd = pgd_alloc();
	if (!mm->pgd) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	return mm;
}

/* __mmdrop - nobody needs the struct any more. */
void __mmdrop(struct mm_struct *mm)
{
	assert(mm != &init_mm);
	leave_mm(mm);
	pgd_free(mm->pgd);
	kmem_cache_free(mm_cache, mm);
}

/* mmput - a user less. */
void mmput(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_mmap(mm);
	if (mm->exe_file && mm->release_exe)
		mm->release_exe(mm->exe_file);
	mm->exe_file = NULL;
	mmdrop(mm);
}

/* get_task_mm - @task's mm with one more user. */
struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	spin_lock(&task->alloc_lock);
	mm = task->mm;
	if (mm && (task->flags & PF_KTHREAD))
		mm = NULL;
	if (mm)
		mmget(mm);
	spin_unlock(&task->alloc_lock);
	return mm;
}

/* Make @mm what current runs on; the old one if any stays counted. */
static struct mm_struct *switch_current(struct mm_struct *mm)
{
	struct task_struct *task = current;
	struct mm_struct *old = task->mm;
	struct mm_struct *old_active;
	unsigned long flags;

	spin_lock(&task->alloc_lock);
	local_irq_save(flags);
	old_active = task->active_mm;
	task->mm = mm;
	task->active_mm = mm;
	local_irq_restore(flags);
	spin_unlock(&task->alloc_lock);
	activate_mm(old_active, mm);
	/* What a kernel thread had only borrowed goes back. */
	if (!old && old_active)
		mmdrop(old_active);
	return old;
}

/* exec_mmap - current begins a new life in @mm. */
struct mm_struct *exec_mmap(struct mm_struct *mm)
{
	return switch_current(mm);
}

/* mm_detach_current - current goes on without one, borrowing the old. */
struct mm_struct *mm_detach_current(void)
{
	struct task_struct *task = current;
	struct mm_struct *mm = task->mm;

	if (!mm)
		return NULL;
	mmgrab(mm);
	spin_lock(&task->alloc_lock);
	task->mm = NULL;
	spin_unlock(&task->alloc_lock);
	return mm;
}

/* kthread_use_mm - a kernel thread works in @mm for a while. */
void kthread_use_mm(struct mm_struct *mm)
{
	assert(!current->mm);
	(void)switch_current(mm);
}

/* kthread_unuse_mm - and stops; the caller still has its reference. */
void kthread_unuse_mm(struct mm_struct *mm)
{
	struct mm_struct *old = mm_detach_current();

	assert(old == mm);
}

/* Random bits for an address, as pages. */
static unsigned long random_pages(unsigned int bits)
{
	return (unsigned long)(get_random_u64() & ((1ULL << bits) - 1))
	       << PAGE_SHIFT;
}

#define STACK_RND_PAGES_BITS 22 /* 16 GiB */
#define BRK_RND_RANGE	     0x02000000UL
#define MIN_STACK_GAP	     (128UL << 20)
#define MAX_STACK_GAP	     (TASK_SIZE / 6 * 5)
#define TASK_UNMAPPED_BASE   PAGE_ALIGN(TASK_SIZE / 3)

/* mm_init_top - where mappings go: below the largest stack allowed. */
void mm_init_top(struct mm_struct *mm, unsigned long stack_limit,
		 bool randomize)
{
	unsigned long rnd = 0;
	unsigned long gap;
	unsigned long pad;

	if (randomize && sysctl_randomize_va_space)
		rnd = random_pages((unsigned int)sysctl_mmap_rnd_bits);
	mm->task_size = TASK_SIZE;
	mm->mmap_bottom_up = stack_limit == ~0UL || sysctl_legacy_va_layout;
	if (mm->mmap_bottom_up) {
		mm->mmap_base = TASK_UNMAPPED_BASE + rnd;
		return;
	}
	pad = (unsigned long)sysctl_stack_guard_gap << PAGE_SHIFT;
	if (rnd)
		pad += (1UL << STACK_RND_PAGES_BITS) << PAGE_SHIFT;
	gap = stack_limit + pad < stack_limit ? stack_limit : stack_limit + pad;
	gap = clamp(gap, MIN_STACK_GAP, MAX_STACK_GAP);
	mm->mmap_base = PAGE_ALIGN(TASK_SIZE - gap - rnd);
}

/* randomize_brk - where the heap of a program that ends at @end begins. */
unsigned long randomize_brk(unsigned long end, bool randomize)
{
	unsigned long start = PAGE_ALIGN(end);

	if (randomize && sysctl_randomize_va_space > 1)
		start += (get_random_u64() % BRK_RND_RANGE) & PAGE_MASK;
	return start;
}

/* randomize_stack_top - @top less a random distance. */
unsigned long randomize_stack_top(unsigned long top, bool randomize)
{
	if (randomize && sysctl_randomize_va_space)
		top -= random_pages(STACK_RND_PAGES_BITS);
	return PAGE_ALIGN(top);
}

/* elf_et_dyn_base - two thirds up, plus a random distance. */
unsigned long elf_et_dyn_base(bool randomize)
{
	unsigned long base = TASK_SIZE / 3 * 2;

	if (randomize && sysctl_randomize_va_space)
		base += random_pages((unsigned int)sysctl_mmap_rnd_bits);
	return base & PAGE_MASK;
}

/* get_mm_rss - resident pages. */
unsigned long get_mm_rss(struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_FILEPAGES) +
	       get_mm_counter(mm, MM_ANONPAGES) +
	       get_mm_counter(mm, MM_SHMEMPAGES);
}

/* update_hiwater_rss - remember the peak. */
void update_hiwater_rss(struct mm_struct *mm)
{
	long rss = (long)get_mm_rss(mm);

	if (mm->hiwater_rss < rss)
		mm->hiwater_rss = rss;
}

/* get_mm_hiwater_rss - the most there were. */
unsigned long get_mm_hiwater_rss(struct mm_struct *mm)
{
	return max((unsigned long)mm->hiwater_rss, get_mm_rss(mm));
}

static void copy_layout(struct mm_struct *mm, const struct mm_struct *oldmm)
{
	mm->mmap_base = oldmm->mmap_base;
	mm->mmap_bottom_up = oldmm->mmap_bottom_up;
	mm->task_size = oldmm->task_size;
	mm->start_code = oldmm->start_code;
	mm->end_code = oldmm->end_code;
	mm->start_data = oldmm->start_data;
	mm->end_data = oldmm->end_data;
	mm->start_brk = oldmm->start_brk;
	mm->brk = oldmm->brk;
	mm->start_stack = oldmm->start_stack;
	mm->arg_start = oldmm->arg_start;
	mm->arg_end = oldmm->arg_end;
	mm->env_start = oldmm->env_start;
	mm->env_end = oldmm->env_end;
	mm->membarrier_state = oldmm->membarrier_state;
	memcpy(mm->saved_auxv, oldmm->saved_auxv, sizeof(mm->saved_auxv));
}

/* One mapping of the child; the parent's pages come along. */
static int dup_vma(struct mm_struct *mm, struct vm_area_struct *old)
{
	unsigned long pages = vma_pages(old);
	struct vm_area_struct *vma;
	int err;

	if (old->vm_flags & VM_ACCOUNT) {
		err = vm_enough_memory(mm, (long)pages);
		if (err)
			return err;
	}
	vma = vm_area_dup(old);
	if (!vma) {
		if (old->vm_flags & VM_ACCOUNT)
			vm_unacct_memory((long)pages);
		return -ENOMEM;
	}
	vma->vm_mm = mm;
	vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (old->vm_flags & VM_WIPEONFORK)
		vma->vm_has_anon = false;
	vma_get_refs(vma);
	vma_link(mm, vma);
	vm_stat_account(mm, vma->vm_flags, (long)pages);
	if (old->vm_flags & VM_WIPEONFORK)
		return 0;
	return copy_page_range(vma, old);
}

/* dup_mmap - see mm_struct.h. */
__landmark int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *vma;
	int err;

	err = mmap_write_lock_killable(oldmm);
	if (err)
		return err;
	down_write_nested(&mm->mmap_lock, 1);
	copy_layout(mm, oldmm);
	for_each_vma (oldmm, vma) {
		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		err = dup_vma(mm, vma);
		if (err)
			break;
	}
	flush_tlb_mm(oldmm);
	mmap_write_unlock(mm);
	mmap_write_unlock(oldmm);
	return err;
}
