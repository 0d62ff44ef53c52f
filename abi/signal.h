/*
 * signal.h - signals: numbers, sets, actions, what comes with them.
 *
 * A signal set is one 64-bit word; signal n is bit n - 1.
 */
#pragma once

#include <abi/types.h>

typedef u64 sigset_t;

#define _NSIG	     64
#define sigmask(sig) (1ULL << ((sig)-1))
#define SIG_SETSIZE  sizeof(sigset_t)

#define SIGHUP	  1
#define SIGINT	  2
#define SIGQUIT	  3
#define SIGILL	  4
#define SIGTRAP	  5
#define SIGABRT	  6
#define SIGIOT	  6
#define SIGBUS	  7
#define SIGFPE	  8
#define SIGKILL	  9
#define SIGUSR1	  10
#define SIGSEGV	  11
#define SIGUSR2	  12
#define SIGPIPE	  13
#define SIGALRM	  14
#define SIGTERM	  15
#define SIGSTKFLT 16
#define SIGCHLD	  17
#define SIGCONT	  18
#define SIGSTOP	  19
#define SIGTSTP	  20
#define SIGTTIN	  21
#define SIGTTOU	  22
#define SIGURG	  23
#define SIGXCPU	  24
#define SIGXFSZ	  25
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGWINCH  28
#define SIGIO	  29
#define SIGPOLL	  SIGIO
#define SIGPWR	  30
#define SIGSYS	  31
#define SIGUNUSED 31
#define SIGRTMIN  32
#define SIGRTMAX  _NSIG
#define SIGSTKSZ  8192
#define SIGRTMAX  _NSIG

/* rt_sigprocmask(2) */
#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

/* Actions */
#define SA_RESTORER	  0x04000000
#define SA_NOCLDSTOP	  0x00000001
#define SA_NOCLDWAIT	  0x00000002
#define SA_SIGINFO	  0x00000004
#define SA_UNSUPPORTED	  0x00000400
#define SA_EXPOSE_TAGBITS 0x00000800
#define SA_ONSTACK	  0x08000000
#define SA_RESTART	  0x10000000
#define SA_NODEFER	  0x40000000
#define SA_RESETHAND	  0x80000000
#define SA_NOMASK	  SA_NODEFER
#define SA_ONESHOT	  SA_RESETHAND

typedef void (*__sighandler_t)(int);
typedef void (*__sigrestore_t)(void);

#define SIG_DFL ((__sighandler_t)0)
#define SIG_IGN ((__sighandler_t)1)
#define SIG_ERR ((__sighandler_t)-1)

/* rt_sigaction(2): the kernel's layout, not the C library's */
struct sigaction {
	__sighandler_t sa_handler;
	unsigned long sa_flags;
	__sigrestore_t sa_restorer;
	sigset_t sa_mask;
};

/* sigaltstack(2) */
typedef struct sigaltstack {
	void __user *ss_sp;
	int ss_flags;
	size_t ss_size;
} stack_t;

#define MINSIGSTKSZ   2048
#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (1U << 31)
#define SS_FLAG_BITS  SS_AUTODISARM

typedef union sigval {
	int sival_int;
	void __user *sival_ptr;
} sigval_t;

#define SI_MAX_SIZE 128

/*
 * What a signal tells.  The members share their place as in the UAPI's
 * union; which of them mean something follows from si_signo and si_code.
 */
#define __SIGINFO                                                              \
	union {                                                                \
		struct {                                                       \
			int si_signo;                                          \
			int si_errno;                                          \
			int si_code;                                           \
			int __si_pad;                                          \
			union {                                                \
				pid_t si_pid;	      /* kill, chld, rt */     \
				int si_tid;	      /* posix timer id */     \
				void __user *si_addr; /* fault */              \
				long si_band;	      /* poll */               \
				void __user *si_call_addr; /* seccomp */       \
			};                                                     \
		};                                                             \
		struct {                                                       \
			int __si_head[5];                                      \
			union {                                                \
				uid_t si_uid;	/* kill, chld, rt */           \
				int si_overrun; /* posix timer */              \
			};                                                     \
			union {                                                \
				sigval_t si_value; /* rt, timer */             \
				int si_int;                                    \
				void __user *si_ptr;                           \
				int si_status;	   /* chld */                  \
				int si_fd;	   /* poll */                  \
				short si_addr_lsb; /* BUS_MCEERR_* */          \
				struct {                                       \
					int si_syscall; /* seccomp */          \
					unsigned int si_arch;                  \
				};                                             \
			};                                                     \
			union {                                                \
				clock_t si_utime;   /* chld */                 \
				int si_sys_private; /* timer, kernel only */   \
				void __user *si_lower; /* SEGV_BNDERR */       \
				u32 si_pkey;	       /* SEGV_PKUERR */       \
			};                                                     \
			union {                                                \
				clock_t si_stime;                              \
				void __user *si_upper;                         \
			};                                                     \
		};                                                             \
	}

typedef struct siginfo {
	union {
		__SIGINFO;
		int __si_fill[SI_MAX_SIZE / sizeof(int)];
	};
} siginfo_t;

/* si_code: who sent it, or for a fault why */
#define SI_USER		     0
#define SI_KERNEL	     0x80
#define SI_QUEUE	     -1
#define SI_TIMER	     -2
#define SI_MESGQ	     -3
#define SI_ASYNCIO	     -4
#define SI_SIGIO	     -5
#define SI_TKILL	     -6
#define SI_DETHREAD	     -7
#define SI_ASYNCNL	     -60
#define ILL_ILLOPC	     1
#define ILL_ILLOPN	     2
#define ILL_ILLADR	     3
#define ILL_ILLTRP	     4
#define ILL_PRVOPC	     5
#define ILL_PRVREG	     6
#define ILL_COPROC	     7
#define ILL_BADSTK	     8
#define ILL_BADIADDR	     9
#define __ILL_BNDMOD	     11
#define FPE_INTDIV	     1
#define FPE_INTOVF	     2
#define FPE_FLTDIV	     3
#define FPE_FLTOVF	     4
#define FPE_FLTUND	     5
#define FPE_FLTRES	     6
#define FPE_FLTINV	     7
#define FPE_FLTSUB	     8
#define FPE_FLTUNK	     14
#define FPE_CONDTRAP	     15
#define SEGV_MAPERR	     1
#define SEGV_ACCERR	     2
#define SEGV_BNDERR	     3
#define SEGV_PKUERR	     4
#define SEGV_ACCADI	     5
#define SEGV_ADIDERR	     6
#define SEGV_ADIPERR	     7
#define SEGV_MTEAERR	     8
#define SEGV_MTESERR	     9
#define BUS_ADRALN	     1
#define BUS_ADRERR	     2
#define BUS_OBJERR	     3
#define BUS_MCEERR_AR	     4
#define BUS_MCEERR_AO	     5
#define TRAP_BRKPT	     1
#define TRAP_TRACE	     2
#define TRAP_BRANCH	     3
#define TRAP_HWBKPT	     4
#define TRAP_UNK	     5
#define TRAP_PERF	     6
#define TRAP_PERF_FLAG_ASYNC (1u << 0)
#define CLD_EXITED	     1
#define CLD_KILLED	     2
#define CLD_DUMPED	     3
#define CLD_TRAPPED	     4
#define CLD_STOPPED	     5
#define CLD_CONTINUED	     6
#define POLL_IN		     1
#define POLL_OUT	     2
#define POLL_MSG	     3
#define POLL_ERR	     4
#define POLL_PRI	     5
#define POLL_HUP	     6
/* si_arch of SIGSYS */
#define AUDIT_ARCH_X86_64 0xc000003e
#define SYS_SECCOMP	  1
#define SYS_USER_DISPATCH 2
#define EMT_TAGOVF	  1

#define SI_FROMUSER(info)   ((info)->si_code <= 0)
#define SI_FROMKERNEL(info) ((info)->si_code > 0)

#define SIGEV_MAX_SIZE 64

/* timer_create(2), mq_notify(2) */
typedef struct sigevent {
	sigval_t sigev_value;
	int sigev_signo;
	int sigev_notify;
	union {
		int __sigev_pad[12];
		int sigev_notify_thread_id;
		struct {
			void __user *sigev_notify_function;
			void __user *sigev_notify_attributes;
		};
	};
} sigevent_t;

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4

/* signalfd4(2) */
struct signalfd_siginfo {
	u32 ssi_signo;
	s32 ssi_errno;
	s32 ssi_code;
	u32 ssi_pid;
	u32 ssi_uid;
	s32 ssi_fd;
	u32 ssi_tid;
	u32 ssi_band;
	u32 ssi_overrun;
	u32 ssi_trapno;
	s32 ssi_status;
	s32 ssi_int;
	u64 ssi_ptr;
	u64 ssi_utime;
	u64 ssi_stime;
	u64 ssi_addr;
	u16 ssi_addr_lsb;
	u16 __pad2;
	s32 ssi_syscall;
	u64 ssi_call_addr;
	u32 ssi_arch;
	u8 __pad[28];
};

#define SFD_CLOEXEC  02000000
#define SFD_NONBLOCK 00004000
