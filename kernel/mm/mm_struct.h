/*
 * mm_struct.h - address spaces: make, share, copy, drop.
 *
 * mm_users counts the tasks that use it (mmget/mmput); when it falls to 0
 * all mappings go.  mm_count counts who needs the struct and the page
 * directory: 1 for all users, and one for each CPU that still runs on it
 * lazily (mmgrab/mmdrop).
 *
 * Entry points: mm_alloc, dup_mmap, mmput, mmap_read_lock and kin.
 */
#pragma once

#include <kernel/arch/atomic.h>
#include <kernel/sched/rwsem.h>
#include <kernel/types/mm.h>

struct task_struct;

/* The address space of kernel threads: swapper_pg_dir, no mappings. */
extern struct mm_struct init_mm;

/* mm_init - boot: object caches, the page of zeros, init_mm. */
void mm_init(void);

/* mm_alloc - an empty address space with one user; NULL without memory.
 * mm_init_top() must follow before anything is mapped. */
struct mm_struct *mm_alloc(void);

static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}

/* mmget_not_zero - one more user, unless it is being torn down. */
static inline bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

/* mmput - a user less; the last unmaps everything.  May sleep. */
void mmput(struct mm_struct *mm);

static inline void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

/* __mmdrop - free struct and page directory; sched calls it through a hook. */
void __mmdrop(struct mm_struct *mm);

/* mmdrop - one who needs the struct less. */
static inline void mmdrop(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_count))
		__mmdrop(mm);
}

/*
 * dup_mmap - fork: make @mm, fresh from mm_alloc(), a copy of @oldmm.
 *
 * Copies layout, limits, auxv and all mappings (not VM_DONTCOPY); private
 * pages become copy-on-write in both.  exe_file and flags are the caller's
 * (dup_mm in kernel/process/fork.c is mm_alloc + exe_file + dup_mmap, and
 * mmput on failure).  Takes both mmap_locks.  0, -ENOMEM or -EINTR.
 */
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);

/*
 * mm_init_top - choose the layout: task_size, mmap_base below the stack.
 * @stack_limit: RLIMIT_STACK; @randomize: ASLR is on for this program.
 */
void mm_init_top(struct mm_struct *mm, unsigned long stack_limit,
		 bool randomize);

/* randomize_brk - start of the heap for a program that ends at @end. */
unsigned long randomize_brk(unsigned long end, bool randomize);

/* randomize_stack_top - STACK_TOP less a random distance. */
unsigned long randomize_stack_top(unsigned long top, bool randomize);

/* elf_et_dyn_base - where a position independent program is loaded. */
unsigned long elf_et_dyn_base(bool randomize);

/* sysctl_randomize_va_space - 0 none, 1 all but the heap, 2 all. */
extern int sysctl_randomize_va_space;
extern int sysctl_legacy_va_layout; /* mappings from a third upward */
/* Of the addresses of mappings and of position-independent programs. */
#define MMAP_RND_BITS_MIN 28
#define MMAP_RND_BITS_MAX 32
extern int sysctl_mmap_rnd_bits;

/*
 * exec_mmap - current now uses @mm (its reference is taken over).
 *
 * Returns the old one (NULL for a kernel thread), whose reference the caller
 * drops with mmput() once nothing looks at it.  Used by exec.
 */
struct mm_struct *exec_mmap(struct mm_struct *mm);

/* mm_detach_current - exit: current has no mm any more, runs on lazily.
 * Returns it for mmput(); NULL for a kernel thread. */
struct mm_struct *mm_detach_current(void);

/* kthread_use_mm, kthread_unuse_mm - a kernel thread borrows @mm, which it
 * has a mmget() reference to. */
void kthread_use_mm(struct mm_struct *mm);
void kthread_unuse_mm(struct mm_struct *mm);

/* get_task_mm - @task's mm with one more user, or NULL.  mmput() it. */
struct mm_struct *get_task_mm(struct task_struct *task);

/* Counters, pages. */
static inline void add_mm_counter(struct mm_struct *mm, int which, long n)
{
	atomic64_add(n, &mm->rss[which]);
}

static inline unsigned long get_mm_counter(struct mm_struct *mm, int which)
{
	s64 n = atomic64_read(&mm->rss[which]);

	return n > 0 ? (unsigned long)n : 0;
}

/* get_mm_rss, get_mm_hiwater_rss - resident pages; the most there were. */
unsigned long get_mm_rss(struct mm_struct *mm);
unsigned long get_mm_hiwater_rss(struct mm_struct *mm);

/* update_hiwater_rss - remember the peak before pages go. */
void update_hiwater_rss(struct mm_struct *mm);

static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_read(&mm->mmap_lock);
}
static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}
static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock(&mm->mmap_lock);
}
static inline int __must_check mmap_read_lock_killable(struct mm_struct *mm)
{
	return down_read_killable(&mm->mmap_lock);
}
static inline void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}
static inline int __must_check mmap_write_lock_killable(struct mm_struct *mm)
{
	return down_write_killable(&mm->mmap_lock);
}
static inline void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}
