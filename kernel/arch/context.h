/*
 * Tasks as the CPU sees them: stacks, registers, switching.
 *
 * A task owns a kernel stack of THREAD_SIZE bytes (task->stack); at its top lie
 * the program's registers (task_pt_regs).  task->thread is what a switch saves
 * beside them, task->thread_flags what must be done before the program goes on.
 *
 * Entry points: current, current_pt_regs, task_pt_regs, switch_to, switch_mm,
 * copy_thread, start_thread, flush_thread, exit_thread, do_arch_prctl_64.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/ptrace_regs.h>

struct task_struct;
struct mm_struct;
struct fpu;

DECLARE_PER_CPU(struct task_struct *, current_task);
DECLARE_PER_CPU(unsigned long, cpu_current_top_of_stack);

/* The task that runs on this CPU; never NULL. */
static inline struct task_struct *get_current(void)
{
	return this_cpu_read_stable(current_task);
}
#define current get_current()

/* What must be done before the program goes on (task_struct's TIF_* bits;
 * these need <kernel/types/task.h>). */
#define test_and_set_tsk_thread_flag(t, flag)                                  \
	test_and_set_bit(flag, &(t)->thread_flags)
#define test_and_clear_tsk_thread_flag(t, flag)                                \
	test_and_clear_bit(flag, &(t)->thread_flags)
#define test_and_clear_thread_flag(flag)                                       \
	test_and_clear_tsk_thread_flag(current, flag)
#define set_tsk_need_resched(t) set_bit(TIF_NEED_RESCHED, &(t)->thread_flags)
#define clear_tsk_need_resched(t)                                              \
	clear_bit(TIF_NEED_RESCHED, &(t)->thread_flags)
#define test_tsk_need_resched(t) test_bit(TIF_NEED_RESCHED, &(t)->thread_flags)

/* Member thread of task_struct: what __switch_to saves and loads. */
struct thread_struct {
	unsigned long sp;     /* kernel stack pointer while not running */
	unsigned long fsbase; /* current unless the task runs */
	unsigned long gsbase; /* the program's; likewise */
	u16 fsindex;
	u16 gsindex;
	u16 ds;
	u16 es;
	struct fpu *fpu;   /* NULL in kernel threads */
	unsigned long cr2; /* the last fault, for signal frames */
	unsigned long trap_nr;
	unsigned long error_code;
	bool no_tsc; /* rdtsc faults, PR_SET_TSC */
};

/* Selectors, as Linux has them: programs see __USER_CS and __USER_DS. */
#define __KERNEL_CS 0x10
#define __KERNEL_DS 0x18
#define __USER32_CS 0x23
#define __USER_DS   0x2b
#define __USER_CS   0x33

/* The program's registers of a task (needs <kernel/types/task.h>). */
#define task_top_of_stack(t) ((unsigned long)(t)->stack + THREAD_SIZE)
#define task_pt_regs(t)	     ((struct pt_regs *)task_top_of_stack(t) - 1)

static inline struct pt_regs *current_pt_regs(void)
{
	return (struct pt_regs *)this_cpu_read_stable(
		       cpu_current_top_of_stack) -
	       1;
}

/*
 * __switch_to_asm - go on with @next; returns (to @prev, later) the task that
 * ran before it.  Interrupts off, run queue lock held.
 */
struct task_struct *__switch_to_asm(struct task_struct *prev,
				    struct task_struct *next);
#define switch_to(prev, next, last) ((last) = __switch_to_asm((prev), (next)))

/*
 * switch_mm - make @next the address space of this CPU.  @prev may equal it.
 * A kernel thread keeps what it finds (lazy).  Interrupts off.
 */
void switch_mm(struct mm_struct *prev, struct mm_struct *next);

/* The same for exec: interrupts may be on, current->mm is @next already. */
void activate_mm(struct mm_struct *prev, struct mm_struct *next);

/* Leave a dying address space: load the kernel's own table (mm teardown). */
void leave_mm(struct mm_struct *mm);

/*
 * copy_thread - make @child's stack and thread so that it starts in
 * ret_from_fork.  A program's child (@fn NULL) gets *@regs with ax 0, stack
 * @sp (0: the parent's) and, with CLONE_SETTLS, fs base @tls.  A kernel thread
 * calls @fn(@arg), which ends in do_exit or returns after kernel_execve.
 * child->stack is set.  Returns 0, -ENOMEM, or -EPERM for a bad @tls.
 */
int copy_thread(struct task_struct *child, const struct pt_regs *regs,
		unsigned long sp, unsigned long tls, unsigned long clone_flags,
		int (*fn)(void *), void *arg);

/* exit_thread - free what copy_thread allocated; @task no longer runs. */
void exit_thread(struct task_struct *task);

/*
 * flush_thread - exec: fresh FPU state, segment bases 0.  Returns 0 or
 * -ENOMEM (a kernel thread that becomes a program gets its FPU state here).
 */
int flush_thread(void);

/* start_thread - exec: *@regs begins at @ip with stack @sp, the rest zero. */
void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp);

/*
 * do_arch_prctl_64 - arch_prctl(2) on @task: ARCH_SET_FS and kin.  @arg is a
 * value or a user pointer.  Returns 0, -EINVAL, -EPERM or -EFAULT.
 */
long do_arch_prctl_64(struct task_struct *task, int option, unsigned long arg);

/* set_tsc_allowed - may the program of current read the TSC from now on?  Its
 * children and the programs it starts inherit that.  tsc_allowed: may it? */
void set_tsc_allowed(bool allowed);
bool tsc_allowed(void);

/* copy_thread's assembly half; ends in exit_to_user_mode. */
void ret_from_fork(void);

/*
 * show_task_stack - print the back trace of a task that does not run.
 * show_regs - print *@regs and, for kernel registers, the back trace.
 */
void show_task_stack(struct task_struct *task);
void show_regs(const struct pt_regs *regs);

/* The kernel code address where a sleeping task waits, or 0 (/proc wchan). */
unsigned long task_wchan(struct task_struct *task);
