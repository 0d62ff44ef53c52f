/*
 * cpu_timer.c - clocks that count CPU time, and timers on them.
 *
 * The timers on a thread's time hang at its task_struct, those on a process's
 * at its signal_struct, a tree by expiry for each kind of time.  Nothing runs
 * for them but the tick of the CPU that the owner runs on: it compares, takes
 * out what is due and calls it.  A process without any pays a few loads a
 * tick.  For one with threads, adding up their times costs; so a tick that did
 * it notes until when the earliest expiry cannot come, were all threads
 * running, and ticks before that do nothing (not for VIRT: the split into user
 * and system time is an estimate, which may jump).
 *
 * Locks: cpu_timers_lock (LOCK_CPU_TIMERS, interrupts off) for all queues; it
 * is not held while a timer is called.  An owner's siglock is taken only before
 * it, to read the time.
 *
 * Entry points: see cpu_timer.h.
 */
#include <kernel/process/cpu_timer.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/process/internal.h>
#include <kernel/process/itimer.h>
#include <kernel/process/restart.h>
#include <kernel/process/rusage.h>
#include <kernel/sched/core.h>
#include <kernel/sched/stats.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

static DEFINE_SPINLOCK(cpu_timers_lock, LOCK_CPU_TIMERS);

/* --- clocks --- */

/* The id behind @clock, with a reference, or NULL: no such clock for current.
 * @read: a process may name itself by any of its threads. */
static struct pid *cpu_clock_pid(clockid_t clock, bool read)
{
	bool thread = clock & CPUCLOCK_PERTHREAD_MASK;
	pid_t nr = ~(clock >> 3);
	struct task_struct *task;
	struct pid *pid;
	bool good;

	if ((clock & CPUCLOCK_CLOCK_MASK) == CLOCKFD)
		return NULL;
	if (!nr)
		return get_pid(thread ? task_pid(current) : task_tgid(current));
	pid = find_get_pid(nr);
	if (!pid)
		return NULL;
	if (!thread && read && pid == task_pid(current)) {
		put_pid(pid);
		return get_pid(task_tgid(current));
	}
	task = get_pid_task(pid, thread ? PIDTYPE_PID : PIDTYPE_TGID);
	good = task && (!thread || same_thread_group(task, current));
	if (task)
		put_task_struct(task);
	if (good)
		return pid;
	put_pid(pid);
	return NULL;
}

/* One reading of kind @kind of a thread, or of its whole process. */
static u64 cpu_time_read(struct task_struct *task, bool thread,
			 enum cpu_time kind)
{
	u64 utime;
	u64 stime;

	if (kind == CPU_TIME_SCHED)
		return thread ? task_sched_runtime(task)
			      : thread_group_sched_runtime_ns(task);
	if (thread)
		task_cputime(task, &utime, &stime);
	else
		thread_group_cputime(task, &utime, &stime);
	return kind == CPU_TIME_VIRT ? utime : utime + stime;
}

static struct task_struct *timer_task(const struct cpu_timer *timer)
{
	return get_pid_task(timer->pid,
			    timer->thread ? PIDTYPE_PID : PIDTYPE_TGID);
}

/* cpu_timer_now - see cpu_timer.h. */
int cpu_timer_now(const struct cpu_timer *timer, u64 *ns)
{
	struct task_struct *task = timer_task(timer);

	if (!task)
		return -ESRCH;
	*ns = cpu_time_read(task, timer->thread, timer->kind);
	put_task_struct(task);
	return 0;
}

/* cpu_clock_get - see cpu_timer.h. */
int cpu_clock_get(clockid_t clock, u64 *ns)
{
	struct cpu_timer probe = {
		.thread = clock & CPUCLOCK_PERTHREAD_MASK,
		.kind = clock & CPUCLOCK_CLOCK_MASK,
	};
	int err;

	if (clock == PROCESS_CPU_CLOCK || clock == THREAD_CPU_CLOCK) {
		*ns = cpu_time_read(current, probe.thread, CPU_TIME_SCHED);
		return 0;
	}
	probe.pid = cpu_clock_pid(clock, true);
	if (!probe.pid)
		return -EINVAL;
	err = cpu_timer_now(&probe, ns);
	put_pid(probe.pid);
	return err ? -EINVAL : 0;
}

/* --- timers --- */

/* cpu_timer_init - see cpu_timer.h. */
int cpu_timer_init(struct cpu_timer *timer, clockid_t clock,
		   void (*fire)(struct cpu_timer *timer))
{
	timer->pid = cpu_clock_pid(clock, false);
	if (!timer->pid)
		return -EINVAL;
	RB_CLEAR_NODE(&timer->node);
	INIT_LIST_HEAD(&timer->link);
	timer->thread = clock & CPUCLOCK_PERTHREAD_MASK;
	timer->kind = clock & CPUCLOCK_CLOCK_MASK;
	timer->expires_ns = 0;
	timer->queued = false;
	timer->firing = false;
	timer->queue = NULL;
	timer->fire = fire;
	return 0;
}

/* cpu_timer_release - see cpu_timer.h. */
void cpu_timer_release(struct cpu_timer *timer)
{
	assert(!timer->queued && !timer->firing);
	put_pid(timer->pid);
}

static struct cpu_timer *first_locked(const struct cpu_timer_queue *queue,
				      enum cpu_time kind)
{
	struct rb_node *n = rb_first_cached(&queue->tree[kind]);

	return n ? rb_entry(n, struct cpu_timer, node) : NULL;
}

static void insert_locked(struct cpu_timer_queue *queue,
			  struct cpu_timer *timer)
{
	struct rb_root_cached *tree = &queue->tree[timer->kind];
	struct rb_node **link = &tree->rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool leftmost = true;

	assert_held(&cpu_timers_lock);
	while (*link) {
		parent = *link;
		if (timer->expires_ns <
		    rb_entry(parent, struct cpu_timer, node)->expires_ns) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&timer->node, parent, link);
	rb_insert_color_cached(&timer->node, tree, leftmost);
	timer->queue = queue;
	timer->queued = true;
	WRITE_ONCE(queue->nr, queue->nr + 1);
}

static void remove_locked(struct cpu_timer *timer)
{
	struct cpu_timer_queue *queue = timer->queue;

	assert_held(&cpu_timers_lock);
	rb_erase_cached(&timer->node, &queue->tree[timer->kind]);
	RB_CLEAR_NODE(&timer->node);
	timer->queued = false;
	timer->queue = NULL;
	WRITE_ONCE(queue->nr, queue->nr - 1);
}

/*
 * cpu_timer_start - see cpu_timer.h.
 *
 * A task that is still found by its id stays while cpu_timers_lock is held: its
 * end waits for that (cpu_timers_exit).  So the reference is never the last.
 */
void cpu_timer_start(struct cpu_timer *timer, u64 expires_ns)
{
	struct cpu_timer_queue *queue;
	struct task_struct *task;
	unsigned long flags;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	assert(!timer->queued);
	timer->expires_ns = expires_ns;
	task = timer_task(timer);
	if (task) {
		queue = timer->thread ? &task->cpu_timers
				      : &task->signal->cpu_timers;
		if (!queue->dead)
			insert_locked(queue, timer);
		if (!timer->thread)
			WRITE_ONCE(task->signal->cpu_check_ns, 0);
		put_task_struct(task);
	}
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
}

/* cpu_timer_fire - see cpu_timer.h. */
void cpu_timer_fire(struct cpu_timer *timer)
{
	unsigned long flags;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	if (timer->queued || timer->firing) {
		spin_unlock_irqrestore(&cpu_timers_lock, flags);
		return;
	}
	timer->firing = true;
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
	timer->fire(timer);
	spin_lock_irqsave(&cpu_timers_lock, flags);
	timer->firing = false;
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
}

/* cpu_timer_try_cancel - see cpu_timer.h. */
int cpu_timer_try_cancel(struct cpu_timer *timer)
{
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	if (timer->firing) {
		ret = -1;
	} else if (timer->queued) {
		remove_locked(timer);
		ret = 1;
	}
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
	return ret;
}

/* cpu_timer_cancel - see cpu_timer.h. */
void cpu_timer_cancel(struct cpu_timer *timer)
{
	while (cpu_timer_try_cancel(timer) < 0)
		cpu_relax();
}

/* cpu_timers_exit - see cpu_timer.h.  The owner's id leads to it no more. */
void cpu_timers_exit(struct cpu_timer_queue *queue)
{
	unsigned long flags;
	struct cpu_timer *timer;
	int kind;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	queue->dead = true;
	for (kind = 0; queue->nr && kind < NR_CPU_TIMES; kind++) {
		while ((timer = first_locked(queue, kind)))
			remove_locked(timer);
	}
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
}

/* cpu_timers_recheck - see cpu_timer.h. */
void cpu_timers_recheck(struct signal_struct *sig)
{
	unsigned long flags;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	WRITE_ONCE(sig->cpu_check_ns, 0);
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
}

/* --- the tick --- */

/* Take what is due at @now (by kind) out of @queue, for fire_all(). */
static void collect_locked(struct cpu_timer_queue *queue,
			   const u64 now[NR_CPU_TIMES], struct list_head *due)
{
	struct cpu_timer *timer;
	int kind;

	for (kind = 0; kind < NR_CPU_TIMES; kind++) {
		while ((timer = first_locked(queue, kind)) &&
		       timer->expires_ns <= now[kind]) {
			remove_locked(timer);
			timer->firing = true;
			list_add_tail(&timer->link, due);
		}
	}
}

static void fire_all(struct list_head *due)
{
	struct cpu_timer *timer;

	while (!list_empty(due)) {
		timer = list_first_entry(due, struct cpu_timer, link);
		list_del_init(&timer->link);
		timer->fire(timer);
		/* Whoever frees it waits for this. */
		spin_lock(&cpu_timers_lock);
		timer->firing = false;
		spin_unlock(&cpu_timers_lock);
	}
}

static void check_thread(struct task_struct *task, struct list_head *due)
{
	u64 now[NR_CPU_TIMES];
	u64 stime;

	task_cputime(task, &now[CPU_TIME_VIRT], &stime);
	now[CPU_TIME_SCHED] = task->se.sum_exec_runtime_ns;
	now[CPU_TIME_PROF] = now[CPU_TIME_VIRT] + stime;
	spin_lock(&cpu_timers_lock);
	collect_locked(&task->cpu_timers, now, due);
	spin_unlock(&cpu_timers_lock);
}

/* Wall time that passes at least before @sig's process, having used @used ns,
 * has anything that is due. */
static u64 time_to_next_locked(const struct signal_struct *sig, u64 used)
{
	u64 next = itimer_next_cpu_ns(sig);
	struct cpu_timer *timer;
	int kind;

	if (first_locked(&sig->cpu_timers, CPU_TIME_VIRT))
		return 0;
	for (kind = 0; kind < NR_CPU_TIMES; kind++) {
		timer = first_locked(&sig->cpu_timers, kind);
		if (timer)
			next = min(next, timer->expires_ns);
	}
	if (next <= used)
		return 0;
	return (next - used) /
	       (u64)min(max(READ_ONCE(sig->nr_threads), 1), NR_CPUS);
}

static void check_process(struct task_struct *task, struct list_head *due)
{
	struct signal_struct *sig = task->signal;
	u64 wall = ktime_get_ns();
	u64 now[NR_CPU_TIMES];
	u64 stime;

	if (wall < READ_ONCE(sig->cpu_check_ns))
		return;
	thread_group_cputime(task, &now[CPU_TIME_VIRT], &stime);
	now[CPU_TIME_PROF] = now[CPU_TIME_VIRT] + stime;
	now[CPU_TIME_SCHED] = now[CPU_TIME_PROF];
	itimer_check_cpu(task, now[CPU_TIME_VIRT], now[CPU_TIME_PROF]);
	spin_lock(&cpu_timers_lock);
	collect_locked(&sig->cpu_timers, now, due);
	WRITE_ONCE(sig->cpu_check_ns,
		   wall + time_to_next_locked(sig, now[CPU_TIME_SCHED]));
	spin_unlock(&cpu_timers_lock);
}

/* run_posix_cpu_timers - see cpu_timer.h. */
void run_posix_cpu_timers(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	bool process = READ_ONCE(sig->cpu_timers.nr) || itimer_counts_cpu(sig);
	bool realtime = itimer_has_rt_limit(task);
	LIST_HEAD(due);

	if (likely(!process && !realtime && !READ_ONCE(task->cpu_timers.nr)))
		return;
	if (task->exit_state || (task->flags & PF_EXITING))
		return;
	if (realtime)
		itimer_check_rt_limit(task);
	if (READ_ONCE(task->cpu_timers.nr))
		check_thread(task, &due);
	if (process)
		check_process(task, &due);
	fire_all(&due);
}

/* --- clock_nanosleep(2) --- */

struct cpu_sleeper {
	struct cpu_timer timer;
	struct task_struct *task;
	bool fired;
};

static void wake_sleeper(struct cpu_timer *timer)
{
	struct cpu_sleeper *sleeper =
		container_of(timer, struct cpu_sleeper, timer);

	WRITE_ONCE(sleeper->fired, true);
	wake_up_process(sleeper->task);
}

/* Sleep until @expires_ns; true if that came, false for a signal. */
static bool sleep_until(struct cpu_sleeper *sleeper, u64 expires_ns)
{
	cpu_timer_start(&sleeper->timer, expires_ns);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(sleeper->fired) || signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	cpu_timer_cancel(&sleeper->timer);
	return sleeper->fired;
}

/* The program learns what is left; the owner of the clock may be gone. */
static long put_remaining(struct cpu_timer *timer, u64 expires_ns,
			  struct timespec __user *rmtp)
{
	struct timespec ts;
	u64 left = 0;
	u64 now;

	if (cpu_timer_now(timer, &now) == 0 && expires_ns > now)
		left = expires_ns - now;
	ts.tv_sec = (long)(left / NSEC_PER_SEC);
	ts.tv_nsec = (long)(left % NSEC_PER_SEC);
	if (rmtp && copy_to_user(rmtp, &ts, sizeof(ts)))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long cpu_nanosleep_restart(struct restart_block *block);

/* Until @ns, or for @ns, on @clock; what a restart needs is left behind. */
static long cpu_sleep(clockid_t clock, bool until, u64 ns,
		      struct timespec __user *rmtp)
{
	struct restart_block *block = &current->restart_block;
	struct cpu_sleeper sleeper = {.task = current};
	u64 now = 0;
	long ret;

	ret = cpu_timer_init(&sleeper.timer, clock, wake_sleeper);
	if (ret)
		return ret;
	ret = cpu_timer_now(&sleeper.timer, &now);
	if (ret)
		goto release;
	if (!until)
		ns = ns < MAX_TIMEOUT_NS - now ? now + ns : MAX_TIMEOUT_NS;
	if (ns <= now || sleep_until(&sleeper, ns))
		goto release;
	block->fn = cpu_nanosleep_restart;
	block->clockid = clock;
	block->expires_ns = ns;
	block->rmtp = rmtp;
	ret = put_remaining(&sleeper.timer, ns, rmtp);
release:
	cpu_timer_release(&sleeper.timer);
	return ret;
}

static long cpu_nanosleep_restart(struct restart_block *block)
{
	return cpu_sleep(block->clockid, true, block->expires_ns, block->rmtp);
}

/* cpu_clock_nanosleep - see cpu_timer.h. */
long cpu_clock_nanosleep(clockid_t clock, int flags, u64 ns,
			 struct timespec __user *rmtp)
{
	pid_t nr = ~(clock >> 3);
	long ret;

	if ((clock & CPUCLOCK_PERTHREAD_MASK) && (!nr || nr == current->pid))
		return -EINVAL;
	ret = cpu_sleep(clock, flags & TIMER_ABSTIME, ns, rmtp);
	if (ret == -ERESTART_RESTARTBLOCK && (flags & TIMER_ABSTIME))
		return -ERESTARTNOHAND;
	return ret;
}
