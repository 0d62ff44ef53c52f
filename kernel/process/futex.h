/*
 * Futexes: waiting on a word of user memory, futex(2), futex(7).
 *
 * Entry points: do_futex, futex_wait, futex_wake, futex_requeue,
 * futex_wake_op, exit_robust_list, ksys_set_robust_list.
 */
#pragma once

#include <abi/futex.h>
#include <kernel/types/task.h>

/*
 * do_futex - futex(2).  @timeout_ns: NULL, or an absolute time on the clock of
 * @op (FUTEX_CLOCK_REALTIME: realtime, else monotonic); the door has turned
 * FUTEX_WAIT's relative time into one.  @val2 is the timeout argument as a
 * number for the requeue and wake_op operations.
 */
long do_futex(u32 __user *uaddr, int op, u32 val, const u64 *timeout_ns,
	      u32 __user *uaddr2, u32 val2, u32 val3);

/* The pieces; @flags: FLAGS_SHARED, FLAGS_CLOCKRT. */
#define FLAGS_SHARED  0x01
#define FLAGS_CLOCKRT 0x02
int futex_wait(u32 __user *uaddr, unsigned int flags, u32 val,
	       const u64 *abs_time_ns, u32 bitset);
int futex_wake(u32 __user *uaddr, unsigned int flags, int nr_wake, u32 bitset);

/*
 * do_futex_waitv - futex_waitv(2) on @nr words, a kernel copy.  @clock:
 * FLAGS_CLOCKRT or 0; @abs_ns NULL: for ever.  Which was woken, or -errno.
 */
int do_futex_waitv(const struct futex_waitv *waiters, unsigned int nr,
		   unsigned int clock, const u64 *abs_ns);

/* exit_pi_state_list - current leaves its memory: its PI futexes go to those
 * who wait.  pi_exec_done - it goes on as another program. */
void exit_pi_state_list(struct task_struct *task);
void pi_exec_done(struct task_struct *task);

/* pi_priority_changed - sched_setscheduler(2) and kin changed @task: so may
 * those who have what it waits for. */
void pi_priority_changed(struct task_struct *task);

/* set_robust_list(2): 0 or -EINVAL. */
int ksys_set_robust_list(struct robust_list_head __user *head, size_t len);

/* get_robust_list(2): of thread @pid (0: current).  0, -ESRCH, -EPERM. */
int ksys_get_robust_list(pid_t pid, struct robust_list_head __user **head);

/* exit_robust_list - mark the dead owner's locks; current leaves its memory. */
void exit_robust_list(struct task_struct *task);

void futex_init(void);
