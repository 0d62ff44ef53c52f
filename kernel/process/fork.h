/*
 * Making tasks: fork(2), vfork(2), clone(2), clone3(2).
 *
 * Entry points: kernel_clone, copy_process, kernel_thread, user_mode_thread,
 * fork_idle, ksys_unshare, ksys_set_tid_address, exit_mm_release.
 */
#pragma once

#include <abi/sched.h>
#include <kernel/types/task.h>

struct completion;
struct mm_struct;
struct pid;

#define MAX_PID_NS_LEVEL 32

struct kernel_clone_args {
	u64 flags;		/* CLONE_*, without the signal */
	int __user *pidfd;	/* CLONE_PIDFD: where the descriptor goes */
	int __user *child_tid;	/* CHILD_SETTID, CHILD_CLEARTID */
	int __user *parent_tid; /* PARENT_SETTID */
	int exit_signal;
	unsigned long stack;	  /* clone: its top; clone3: see below */
	unsigned long stack_size; /* clone3: stack is the lowest address */
	unsigned long tls;
	const pid_t *set_tid; /* kernel copy, [0] is the id wanted */
	size_t set_tid_size;
	bool kthread;	   /* a kernel thread: no program, no signals */
	bool idle;	   /* a CPU's idle task: not in any table */
	int (*fn)(void *); /* what it runs instead of returning */
	void *fn_arg;
	int pidfd_nr; /* copy_process' own: the descriptor made */
	void *pidfd_file;
};

/*
 * Set by fs/anon/pidfd.c: a descriptor for @pid is reserved (*@fd, *@file),
 * then installed or given back.  NULL: CLONE_PIDFD is -EINVAL.
 */
struct pidfd_ops {
	/* The descriptor's number, or -errno. */
	int (*prepare)(struct pid *pid, unsigned int flags, void **file);
	void (*install)(int fd, void *file);
	void (*cancel)(int fd, void *file);
};
extern const struct pidfd_ops *pidfd_ops;

/*
 * kernel_clone - make a child, start it, and for CLONE_VFORK wait until it
 * execs or exits.  Returns its pid, or -errno as clone(2).  May sleep.
 */
pid_t kernel_clone(struct kernel_clone_args *args);

/*
 * copy_process - make a child that is known to the system but does not run
 * yet: wake_up_new_task() starts it.  Returns it or ERR_PTR.  May sleep.
 */
struct task_struct *copy_process(struct kernel_clone_args *args);

/*
 * clone3_args_valid - what clone3(2) refuses beside what copy_process checks;
 * turns (stack, stack_size) into the stack's top.
 */
bool clone3_args_valid(struct kernel_clone_args *args);

/* kernel_thread - a kernel thread that runs @fn(@arg); its pid or -errno. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags);

/*
 * user_mode_thread - the same, but it may become a program by kernel_execve
 * and returning 0: how PID 1 starts.
 */
pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags);

/* fork_idle - the idle task of CPU @cpu (pid 0), or ERR_PTR. */
struct task_struct *fork_idle(int cpu);

/* unshare(2): 0, -EINVAL, -ENOMEM. */
int ksys_unshare(unsigned long flags);

/* set_tid_address(2): returns the caller's tid. */
pid_t ksys_set_tid_address(int __user *tidptr);

/*
 * exec_mm_release, exit_mm_release - current leaves @mm: robust futexes are
 * marked, *clear_child_tid is zeroed and woken, a vfork parent goes on.
 */
void exec_mm_release(struct task_struct *task, struct mm_struct *mm);
void exit_mm_release(struct task_struct *task, struct mm_struct *mm);
