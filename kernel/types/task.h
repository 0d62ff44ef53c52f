/*
 * task.h - struct task_struct: one thread of execution.
 *
 * Types only; each layer that owns a part of it has its functions in a
 * header of its own (sched, process, vfs).  Members are held by value from
 * layers below and by pointer, forward-declared, from layers above.
 */
#pragma once

#include <abi/sched.h>
#include <abi/signal.h>
#include <abi/types.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/context.h>
#include <kernel/lib/list.h>
#include <kernel/lib/rbtree.h>
#include <kernel/types/lock.h>
#include <kernel/types/refcount.h>
#include <kernel/types/signal.h>
#include <kernel/types/task_work.h>
#include <kernel/types/time.h>

struct completion;
struct cred;
struct files_struct;
struct fs_struct;
struct kthread;
struct mm_struct;
struct pi_waiter;
struct pid;
struct sched_class;
struct robust_list_head;
struct rseq;

/* task_struct.thread_flags: looked at before each return to user mode. */
#define TIF_SIGPENDING		  0 /* get_signal() has something to look at */
#define TIF_NEED_RESCHED	  1 /* somebody better wants this CPU */
#define TIF_SYSCALL_TRACE	  2 /* ptrace or strace= wants to see calls */
#define TIF_NOTIFY_RESUME	  3 /* task_work waits */
#define TIF_RESTORE_SIGMASK	  4 /* saved_sigmask comes back at signal time */
#define TIF_SINGLESTEP		  5 /* ptrace steps */
#define TIF_RSEQ		  6 /* the rseq area is to be looked at */
#define TIF_SYSCALL_USER_DISPATCH 7 /* calls become SIGSYS */
#define TIF_WORK_MASK                                                          \
	((1UL << TIF_SIGPENDING) | (1UL << TIF_NEED_RESCHED) |                 \
	 (1UL << TIF_NOTIFY_RESUME) | (1UL << TIF_RESTORE_SIGMASK) |           \
	 (1UL << TIF_RSEQ))

/* task_struct.__state, as in /proc/PID/stat: R S D T t X Z P I */
#define TASK_RUNNING	     0x0000
#define TASK_INTERRUPTIBLE   0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define __TASK_STOPPED	     0x0004
#define __TASK_TRACED	     0x0008
#define TASK_DEAD	     0x0080 /* has left the CPU for good */
#define TASK_WAKEKILL	     0x0100 /* a fatal signal wakes it */
#define TASK_NOLOAD	     0x0400 /* idle kernel thread: no load */
#define TASK_NEW	     0x0800
#define TASK_KILLABLE	     (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED	     (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED	     (TASK_WAKEKILL | __TASK_TRACED)
#define TASK_IDLE	     (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL	     (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* task_struct.exit_state */
#define EXIT_DEAD   0x10
#define EXIT_ZOMBIE 0x20

/* task_struct.flags, Linux's numbers (seen in /proc/PID/stat) */
#define PF_IDLE		  0x00000002
#define PF_EXITING	  0x00000004
#define PF_WQ_WORKER	  0x00000020
#define PF_FORKNOEXEC	  0x00000040
#define PF_MCE_PROCESS	  0x00000080 /* PR_MCE_KILL has set a policy */
#define PF_SUPERPRIV	  0x00000100
#define PF_DUMPCORE	  0x00000200
#define PF_SIGNALED	  0x00000400
#define PF_MEMALLOC	  0x00000800
#define PF_NPROC_EXCEEDED 0x00001000
#define PF_MEMALLOC_NOFS  0x00040000 /* no file system to be entered */
#define PF_MEMALLOC_NOIO  0x00080000 /* no write-back to be waited for */
#define PF_LOCAL_THROTTLE 0x00100000 /* writes are slowed by its own disk */
#define PF_IO_FLUSHER	  (PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE)
#define PF_KTHREAD	  0x00200000
#define PF_RANDOMIZE	  0x00400000
#define PF_MCE_EARLY	  0x08000000 /* kill at once, not at the access */

#define TASK_COMM_LEN 16

#define MAX_PRIO	140
#define MAX_RT_PRIO	100
#define DEFAULT_PRIO	120
#define NICE_TO_PRIO(n) ((n) + DEFAULT_PRIO)
#define PRIO_TO_NICE(p) ((p)-DEFAULT_PRIO)

/* A task in its run queue.  Locks:  R rq->lock */
struct sched_entity {
	struct rb_node run_node;      /* [R] fair: by vruntime */
	struct list_head run_list;    /* [R] realtime: in its priority's list */
	u32 weight;		      /* [R] */
	bool on_rq;		      /* [R] */
	bool migrating;		      /* [R] off one queue, soon on another */
	u64 vruntime;		      /* [R] ns, weighted */
	u64 exec_start_ns;	      /* [R] when it was last charged */
	u64 sum_exec_runtime_ns;      /* [R] */
	u64 prev_sum_exec_runtime_ns; /* [R] at the last pick */
	u64 slice_end_ns;   /* [R] SCHED_RR: up to this sum_exec_runtime_ns */
	u64 rt_woken_ns;    /* [R] realtime: sum_exec_runtime_ns when it woke */
	u64 arrived_ns;	    /* [R] when it came to this queue from another */
	u64 nr_migrations;  /* [R] */
	u64 wait_start_ns;  /* [R] runnable, not running, since */
	u64 run_delay_ns;   /* [R] total so waited */
	u64 nr_switches_in; /* [R] times picked */
};

enum pid_type {
	PIDTYPE_PID,  /* one thread */
	PIDTYPE_TGID, /* a process, through its leader */
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};

/* How an interrupted call goes on: restart_syscall(2). */
struct restart_block {
	long (*fn)(struct restart_block *block);
	u64 expires_ns; /* absolute, in @clockid's time */
	int clockid;
	void __user *rmtp;
	u32 __user *uaddr;
	u32 val, bitset;
	unsigned int flags;
	void __user *ufds;
	unsigned long nfds;
	bool has_timeout;
};

/*
 * Locks:  T tasklist_lock   S sighand->siglock   R run queue   L alloc_lock
 *         C current only    A atomic             I fixed at creation
 */
struct task_struct {
	unsigned long thread_flags; /* [A] TIF_*; first, entry code reads it */
	unsigned int __state;	    /* [A, see set_current_state] TASK_* */
	unsigned int flags;	    /* [C] PF_* */
	void *stack;		    /* [I] lowest address of the kernel stack */
	refcount_t usage;	    /* [A] */
	int exit_state;		    /* [T] EXIT_* */
	int exit_code, exit_signal; /* [T] */
	int pdeath_signal;	    /* [C] */
	unsigned int personality;   /* [C] */

	/* Scheduling. */
	int cpu;			    /* [R] where it runs or last ran */
	bool on_cpu;			    /* [A] its registers are in a CPU */
	int prio, static_prio, normal_prio; /* [R] */
	int pi_prio; /* [R] the best of its PI futexes' waiters, MAX_PRIO: none
		      */
	unsigned int rt_priority; /* [R] 1..99 */
	unsigned int policy;	  /* [R] SCHED_* */
	bool sched_reset_on_fork; /* [R] */
	bool wakes_sync;	  /* own: whom it wakes may take its place */
	const struct sched_class *sched_class; /* [R] */
	struct sched_entity se;		       /* [R] */
	struct rseq __user *rseq;	       /* [C] rseq(2)'s area, or NULL */
	u32 rseq_sig;			       /* [C] */
	/* own: with TIF_SYSCALL_USER_DISPATCH, which calls are allowed */
	struct {
		unsigned long offset, len; /* those made from here */
		u8 __user *selector;	   /* and all while it says so */
	} syscall_dispatch;
	bool rseq_event;	    /* own: it left its CPU, or a signal came */
	u64 cpus_mask;		    /* [R] allowed CPUs */
	u64 nvcsw, nivcsw;	    /* [R] context switches */
	u64 utime, stime;	    /* [C, others read] ns */
	u64 prev_utime, prev_stime; /* [R] last reported split, ns */
	u64 acct_stamp_ns;	    /* [C] start of the stretch being counted */
	u64 start_time_ns;	    /* [I] monotonic */
	u64 start_boottime_ns;	    /* [I] */
	u64 min_flt, maj_flt;	    /* [C] */

	/* Memory. */
	struct mm_struct *mm;	     /* [L] NULL in kernel threads */
	struct mm_struct *active_mm; /* [R] page tables it runs on */

	/* Family. */
	pid_t pid, tgid;		 /* [I], tgid changes in exec */
	struct task_struct *real_parent; /* [T] who made it, or its reaper */
	struct task_struct
		*parent; /* [T] who gets SIGCHLD: tracer or real_parent */
	struct list_head children;	  /* [T] by sibling */
	struct list_head sibling;	  /* [T] in real_parent->children */
	struct task_struct *group_leader; /* [T] */
	struct list_head thread_node;	  /* [T|S] in signal->thread_head */
	struct list_head tasks;		  /* [T] all processes, leaders only */
	struct list_head ptraced, ptrace_entry;	  /* [T] */
	unsigned int ptrace;			  /* [T] 0: not traced */
	unsigned long ptrace_message;		  /* [S] */
	kernel_siginfo_t *last_siginfo;		  /* [S] */
	struct pid *pids[PIDTYPE_MAX];		  /* [T] */
	struct hlist_node pid_links[PIDTYPE_MAX]; /* [T+P] in pid->tasks[] */
	struct completion *vfork_done;		  /* [L] */
	int __user *set_child_tid;		  /* [C] */
	int __user *clear_child_tid;		  /* [C] */
	u64 parent_exec_id, self_exec_id;	  /* [L] */

	/* Who it is and what it sees. */
	const struct cred *real_cred; /* [T for others] */
	const struct cred *cred;      /* [C] */
	int cred_stock;		      /* [C] spare references to real_cred */
	char comm[TASK_COMM_LEN];     /* [L] */
	bool did_exec;
	bool no_new_privs; /* [C] sticky */
	bool in_execve;
	struct fs_struct *fs;	    /* [L] */
	struct files_struct *files; /* [L] */
	struct spinlock alloc_lock;

	/* Signals. */
	struct signal_struct *signal;	    /* [T] NULL once reaped */
	struct sighand_struct *sighand;	    /* [T+S] NULL once exited */
	sigset_t blocked, real_blocked;	    /* [C+S] */
	sigset_t saved_sigmask;		    /* [C] */
	struct sigpending pending;	    /* [S] */
	unsigned long sas_ss_sp;	    /* [C] */
	size_t sas_ss_size;		    /* [C] */
	unsigned int sas_ss_flags;	    /* [C] */
	unsigned long jobctl;		    /* [S] JOBCTL_* */
	struct restart_block restart_block; /* [C] */

	/* Futexes, timers. */
	struct robust_list_head __user *robust_list; /* [C] */
	struct list_head pi_states;	   /* [pi_lock] PI futexes it has */
	struct pi_waiter *pi_blocked_on;   /* [pi_lock] the one it waits for */
	bool pi_exited;			   /* [pi_lock] it gets no more */
	struct cpu_timer_queue cpu_timers; /* of its own CPU time */
	u64 timer_slack_ns;		   /* [R] */
	u64 default_timer_slack_ns;	   /* [I] */

	/* I/O accounting, /proc/PID/io. */
	u64 rchar, wchar, syscr, syscw, read_bytes, write_bytes; /* [C] */
	u64 inblock, oublock; /* [C] in 512-byte units */

	/* Deferred work run before returning to user mode. */
	struct callback_head *task_works; /* [A] */
	struct kthread *kthread; /* [C] kernel/process/kthread.c's, or NULL */
	int link_count;		 /* [C] symlinks being followed */
	unsigned long wchan;	 /* [C] where it sleeps, for /proc */
	int nr_locks_held;	 /* [C] debug builds: sleeping locks */
	void *held_locks[16];	 /* [C] debug builds */
	int preempt_count;	 /* [C] spin locks held; 0 in user mode */
	unsigned int fail_nth;	 /* [A] debug builds: which allocation fails */
	bool fault_injected;	 /* [C] debug builds: one did */

	struct thread_struct thread; /* [C] the CPU's part */
};

/*
 * An id in use as pid, thread group, process group or session.  Type-stable:
 * found without a lock, when count stays 0 while it is free.
 * Locks:  T+P tasklist_lock and pid->lock to write, either to read
 */
struct pid {
	pid_t nr;			      /* [I] */
	struct spinlock lock;		      /* rank LOCK_PIDS */
	refcount_t count;		      /* [A] */
	struct hlist_head tasks[PIDTYPE_MAX]; /* [T+P] */
	struct wait_queue wait_pidfd;
};

extern struct task_struct init_task;

#define set_tsk_thread_flag(t, f)   set_bit((f), &(t)->thread_flags)
#define clear_tsk_thread_flag(t, f) clear_bit((f), &(t)->thread_flags)
#define test_tsk_thread_flag(t, f)  test_bit((f), &(t)->thread_flags)
#define set_thread_flag(f)	    set_tsk_thread_flag(current, f)
#define clear_thread_flag(f)	    clear_tsk_thread_flag(current, f)
#define test_thread_flag(f)	    test_tsk_thread_flag(current, f)
