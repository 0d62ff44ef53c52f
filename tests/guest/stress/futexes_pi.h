/*
 * futexes.c: locks that lend priority, conditions whose waiters are moved to
 * them, owners that die, and the priority that is lent.
 *
 * Entry points: some_priority, count_pi, produce_pi, consume_pi, make_mortals,
 * owner_is_boosted, owner_has_best.
 */
#pragma once

#include "futexes.h"

/* --- locks ---------------------------------------------------------------- */

static void need_owned(volatile uint32_t *lock)
{
	need((*lock & FUTEX_TID_MASK) == tid());
}

/* Take a PI lock, with or without an end; false if the time was over. */
static int lock_pi(volatile uint32_t *lock, long microseconds)
{
	struct timespec when = later(CLOCK_REALTIME, microseconds);
	long ret = 0;

	if (swap_if(lock, 0, tid()) != 0) {
		add(&shared->waits, 1);
		ret = futex(lock, FUTEX_LOCK_PI, 0, microseconds ? &when : NULL,
			    NULL, 0);
	}
	if (ret) {
		need(microseconds && errno == ETIMEDOUT);
		add(&shared->timeouts, 1);
		return 0;
	}
	need_owned(lock);
	return 1;
}

static void unlock_pi(volatile uint32_t *lock)
{
	need_owned(lock);
	if (swap_if(lock, tid(), 0) != tid())
		need(futex(lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
}

/* Half of them are realtime, of different priorities. */
static void some_priority(int number)
{
	struct sched_param param = {.sched_priority = 10 + number};

	if (number % 2)
		need(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param) ==
		     0);
}

static void count_pi(void)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		if (!lock_pi(&shared->pi, chance(4) ? 0 : chance(500) + 1))
			continue;
		enter();
		shared->sum++;
		add(&shared->made, 1);
		if (chance(8) == 0)
			sched_yield();
		/* Two locks, always in this order. */
		if (chance(4) == 0 && lock_pi(&shared->pi_second, 0))
			unlock_pi(&shared->pi_second);
		leave();
		unlock_pi(&shared->pi);
		stress_pause(&chance_state, 200);
	}
}

/* --- a condition whose waiters are moved to a PI lock --------------------- */

/* Returns with the lock, moved or not. */
static void wait_pi(void)
{
	uint32_t sequence = shared->sequence;
	struct timespec when = later(CLOCK_MONOTONIC, chance(3000));
	int timed = chance(4) == 0;
	long ret;

	unlock_pi(&shared->pi);
	ret = futex(&shared->sequence, FUTEX_WAIT_REQUEUE_PI, sequence,
		    timed ? &when : NULL, &shared->pi, 0);
	if (ret == 0) {
		need_owned(&shared->pi);
		return;
	}
	need(errno == EAGAIN || errno == EINTR ||
	     (timed && errno == ETIMEDOUT));
	if (errno == ETIMEDOUT)
		add(&shared->timeouts, 1);
	lock_pi(&shared->pi, 0);
}

/* Lock held: the first waiter gets it next, MOVED others wait for it too. */
static void broadcast_pi(long moved)
{
	long ret;

	__atomic_add_fetch(&shared->sequence, 1, __ATOMIC_SEQ_CST);
	ret = futex(&shared->sequence, FUTEX_CMP_REQUEUE_PI, 1, (void *)moved,
		    &shared->pi, shared->sequence);
	need(ret >= 0);
	add(&shared->moved, ret);
}

static void produce_pi(void)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		lock_pi(&shared->pi, 0);
		enter();
		shared->tokens++;
		shared->made++;
		leave();
		broadcast_pi(chance(2) ? INT_MAX : 1);
		unlock_pi(&shared->pi);
		stress_pause(&chance_state, 300);
	}
	lock_pi(&shared->pi, 0);
	shared->left--;
	broadcast_pi(INT_MAX);
	unlock_pi(&shared->pi);
}

static void consume_pi(void)
{
	lock_pi(&shared->pi, 0);
	while (shared->tokens || shared->left) {
		if (!shared->tokens) {
			wait_pi();
			continue;
		}
		enter();
		shared->tokens--;
		shared->taken++;
		leave();
	}
	unlock_pi(&shared->pi);
}

/* --- owners that die ------------------------------------------------------ */

static struct {
	struct robust_list_head head;
	struct robust_list entry;
} chain;

/* The kernel is told of the lock while we have it. */
static void tell_robust(volatile uint32_t *lock, int pi)
{
	chain.head.futex_offset = (char *)lock - (char *)&chain.entry;
	chain.entry.next = (void *)&chain.head.list;
	chain.head.list.next = (void *)((uintptr_t)&chain.entry | pi);
	need(syscall(SYS_set_robust_list, &chain.head, sizeof(chain.head)) ==
	     0);
}

static void no_robust(void)
{
	chain.head.list.next = (void *)&chain.head.list;
}

static void dies_or_leaves(void)
{
	chance_seed(getpid());
	tell_robust(&shared->pi, 1);
	lock_pi(&shared->pi, 0);
	if (shared->pi & FUTEX_OWNER_DIED) {
		add(&shared->deaths, 1);
		/* The dead did not say that it left. */
		__atomic_store_n(&shared->inside, 0, __ATOMIC_SEQ_CST);
		__atomic_fetch_and(&shared->pi, ~FUTEX_OWNER_DIED,
				   __ATOMIC_SEQ_CST);
	}
	enter();
	shared->sum++;
	if (chance(3) == 0)
		kill(getpid(), SIGKILL);
	if (chance(3) == 0)
		_exit(0);
	leave();
	unlock_pi(&shared->pi);
	no_robust();
	_exit(0);
}

/* Whoever comes after a dead owner is told, and has the lock. */
static void make_mortals(void)
{
	int code;
	int i;

	for (i = 0; i < TURNS / 4; i++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0)
			dies_or_leaves();
		add(&shared->made, 1);
		code = exit_code(pid);
		need(code == 0 || code == 128 + SIGKILL);
	}
}

/* --- priority that is lent ------------------------------------------------ */

static int has_priority(int want)
{
	char text[400];
	int tries;
	int found;

	for (tries = 0; tries < 5000; tries++) {
		char *after = strrchr(
			file_text("/proc/self/stat", text, sizeof(text)), ')');

		need(after && sscanf(after + 1,
				     " %*c %*d %*d %*d %*d %*d %*u %*u %*u "
				     "%*u %*u %*u %*u %*d %*d %d",
				     &found) == 1);
		if (found == want)
			return 1;
		usleep(200);
	}
	tap_line("# priority %d instead of %d\n", found, want);
	return 0;
}

/* The end of a chain: realtime, waits for LOCK. */
static pid_t start_waiter(volatile uint32_t *lock, int priority, long limit)
{
	struct sched_param param = {.sched_priority = priority};
	pid_t pid = fork();

	need(pid >= 0);
	if (pid)
		return pid;
	need(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param) == 0);
	if (lock_pi(lock, limit))
		unlock_pi(lock);
	_exit(0);
}

/* The middle: has the second lock, waits for the first. */
static pid_t start_middle(void)
{
	pid_t pid = fork();

	need(pid >= 0);
	if (pid == 0) {
		lock_pi(&shared->pi_second, 0);
		lock_pi(&shared->pi, 0);
		unlock_pi(&shared->pi);
		unlock_pi(&shared->pi_second);
		need(has_priority(20));
		_exit(0);
	}
	while (!shared->pi_second)
		usleep(100);
	return pid;
}

/* Waiters come and go: the owner's priority follows, through a chain too. */
static int owner_is_boosted(void)
{
	int first = 10 + chance(30);
	int second = first + 1 + chance(30);
	int through = chance(2);
	int killed = chance(2);
	pid_t middle = 0;
	pid_t pids[2];

	chance_seed(getpid());
	need(lock_pi(&shared->pi, 0));
	if (through)
		middle = start_middle();
	pids[0] = start_waiter(&shared->pi, first, 0);
	need(has_priority(-first - 1));
	pids[1] = start_waiter(through ? &shared->pi_second : &shared->pi,
			       second, chance(2) ? 30000 : 0);
	/* It may not have come yet, be over, or still wait when it is killed.
	 */
	usleep(chance(3000));
	/* Gone before we let go: it could get a lock and die with it. */
	if (killed)
		end_child(pids[1]);
	unlock_pi(&shared->pi);
	need(has_priority(20));
	need(exit_code(pids[0]) == 0);
	need(killed || exit_code(pids[1]) == 0);
	if (middle)
		need(exit_code(middle) == 0);
	add(&shared->boosts, 1);
	return 0;
}

/* The plain case, looked at each step. */
static int owner_has_best(void)
{
	int first = 10 + chance(30);
	int second = first + 1 + chance(30);
	int killed = chance(2);
	pid_t pids[2];

	need(lock_pi(&shared->pi, 0));
	pids[0] = start_waiter(&shared->pi, first, 0);
	need(has_priority(-first - 1));
	pids[1] = start_waiter(&shared->pi, second, 0);
	need(has_priority(-second - 1));
	if (killed) {
		end_child(pids[1]);
		need(has_priority(-first - 1));
	}
	add(&shared->boosts, 1);
	unlock_pi(&shared->pi);
	need(has_priority(20));
	need(reap_all(0) == 2 - killed);
	return 0;
}
