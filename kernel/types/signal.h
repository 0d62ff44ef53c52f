/*
 * signal.h - the structs of signals: queues, dispositions, and what the
 * threads of one process share.  Functions: <kernel/process/signal.h>.
 */
#pragma once

#include <abi/resource.h>
#include <abi/signal.h>
#include <abi/types.h>
#include <kernel/lib/list.h>
#include <kernel/types/lock.h>
#include <kernel/types/refcount.h>
#include <kernel/types/time.h>

struct tty_struct;
struct pid;
struct task_struct;
struct user_struct;

/* siginfo_t without what pads it, for the kernel's own use. */
typedef struct kernel_siginfo {
	__SIGINFO;
} kernel_siginfo_t;

/* One queued signal. */
struct sigqueue {
	struct list_head list;
	kernel_siginfo_t info;
	struct user_struct *user;  /* whose RLIMIT_SIGPENDING it counts in */
	struct posix_timer *timer; /* preallocated by a POSIX timer, or NULL */
};

/* Signals sent and not yet taken. */
struct sigpending {
	struct list_head list; /* struct sigqueue, in order of arrival */
	sigset_t signal;       /* which are pending */
};

/* Dispositions, shared by CLONE_SIGHAND.  Locks:  S siglock */
struct sighand_struct {
	refcount_t count;
	struct spinlock siglock;
	struct sigaction action[64]; /* [S] kernel layout, index signo - 1 */
	struct wait_queue signalfd_wq;
	bool signalfd_polled; /* [S] an epoll may stand in signalfd_wq */
};

/* A signal about to be delivered to a handler. */
struct ksignal {
	struct sigaction sa;
	kernel_siginfo_t info;
	int sig; /* 0: none */
};

/* signal_struct.flags */
#define SIGNAL_STOP_STOPPED   0x01 /* the group is stopped */
#define SIGNAL_STOP_CONTINUED 0x02 /* SIGCONT since the last wait */
#define SIGNAL_GROUP_EXIT     0x04 /* the group is dying */
#define SIGNAL_CLD_STOPPED    0x10 /* parent to be told: stopped */
#define SIGNAL_CLD_CONTINUED  0x20 /* parent to be told: continued */
#define SIGNAL_UNKILLABLE     0x40 /* init: no default fatal action */

/* A timer of setitimer(2) that counts CPU time, in ns; 0: off. */
struct cpu_itimer {
	u64 expires_ns;
	u64 interval_ns;
};

/*
 * What the threads of one process share beside dispositions.
 *
 * Locks:  S siglock   T tasklist_lock   A atomic   L limits' own rule:
 *         written under tasklist_lock + siglock, each read by itself
 */
struct signal_struct {
	refcount_t count;
	atomic_t live;			  /* [A] threads not yet in do_exit */
	int nr_threads;			  /* [S|T] */
	struct list_head thread_head;	  /* [S|T] task_struct.thread_node */
	struct wait_queue wait_chldexit;  /* waiters in wait4(2) */
	struct sigpending shared_pending; /* [S] */
	struct task_struct *curr_target;  /* [S] round robin */
	struct task_struct *group_exec_task; /* [S] the thread in exec */
	int notify_count;		     /* [S] threads exec waits for */
	int group_exit_code;		     /* [S] */
	int group_stop_count;		     /* [S] threads still to stop */
	unsigned int flags;		     /* [S] SIGNAL_* */
	bool is_child_subreaper;
	bool has_child_subreaper;
	bool leader;		  /* [T] session leader */
	struct tty_struct *tty;	  /* [S] controlling terminal */
	struct pid *tty_old_pgrp; /* [S] in front when it was hung up */

	struct pid *tgid_pid;		   /* the process's id, fixed */
	struct timer real_timer;	   /* ITIMER_REAL */
	u64 it_real_incr_ns;		   /* [S] */
	struct cpu_itimer it[2];	   /* [S] VIRTUAL, PROF */
	struct cpu_timer_queue cpu_timers; /* of the process's CPU time */
	u64 cpu_check_ns; /* [cpu_timers_lock] ticks need not look before */
	struct list_head posix_timers; /* [S] */
	int posix_timer_id;	       /* [S] next to try */

	/* Totals of threads that are gone, ns. [S] */
	u64 utime, stime, cutime, cstime;
	u64 nvcsw, nivcsw, cnvcsw, cnivcsw;
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt;
	u64 inblock, oublock, cinblock, coublock;
	u64 sum_sched_runtime;
	u64 rchar, wchar, syscr, syscw, read_bytes, write_bytes;
	long maxrss, cmaxrss; /* pages */

	struct rlimit64 rlim[RLIM_NLIMITS]; /* [L] */
	struct mutex cred_guard_mutex;	    /* exec against ptrace attach */
	short oom_score_adj;
	short oom_score_adj_min;
};
