/*
 * futex(2): the locks with priority inheritance, requeue to one of them, dead
 * owners.
 */
#include "tap.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static volatile uint32_t *word; /* three, in shared memory */

static long futex(volatile uint32_t *where, int operation, long value,
		  const void *timeout, volatile uint32_t *other, long third)
{
	return syscall(SYS_futex, where, operation, value, timeout, other,
		       third);
}

static int tid(void)
{
	return syscall(SYS_gettid);
}

static long lock_pi(volatile uint32_t *where)
{
	uint32_t free = 0;

	if (__atomic_compare_exchange_n(where, &free, tid(), 0,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	return futex(where, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long unlock_pi(volatile uint32_t *where)
{
	uint32_t mine = tid();

	if (__atomic_compare_exchange_n(where, &mine, 0, 0, __ATOMIC_RELEASE,
					__ATOMIC_RELAXED))
		return 0;
	return futex(where, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static void realtime(int priority)
{
	struct sched_param param = {.sched_priority = priority};

	need(syscall(SYS_sched_setscheduler, 0,
		     priority ? SCHED_FIFO : SCHED_OTHER, &param) == 0);
}

/* The effective priority in /proc: -2 to -100 realtime, 20 normal. */
static int priority_of(pid_t pid)
{
	char path[40];
	char text[400];
	char *at;
	int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = strrchr(file_text(path, text, sizeof(text)), ')');
	for (field = 2; at && field < 18; field++)
		at = strchr(at + 1, ' ');
	return at ? atoi(at) : 999;
}

static int has_priority(pid_t pid, int priority)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (priority_of(pid) == priority)
			return 1;
		sleep_ms(2);
	}
	tap_line("# priority %d\n", priority_of(pid));
	return 0;
}

static void alone(void)
{
	struct timespec past = {1, 0};

	word[0] = 0;
	ok(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   word[0] == (uint32_t)tid(),
	   "LOCK_PI: a free one, the word is our id");
	ok_errno(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK,
		 "LOCK_PI: we have it");
	ok_errno(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK,
		 "TRYLOCK_PI: we have it");
	ok(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0 && word[0] == 0,
	   "UNLOCK_PI: nobody waits, the word is 0");
	ok_errno(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM,
		 "UNLOCK_PI: it is not ours");
	ok(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   word[0] == (uint32_t)tid(),
	   "TRYLOCK_PI: a free one");
	word[0] = 4000000;
	ok_errno(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH,
		 "LOCK_PI: no such owner");
	word[0] = FUTEX_OWNER_DIED;
	ok(futex(word, FUTEX_LOCK_PI, 0, &past, NULL, 0) == 0 &&
		   word[0] == (FUTEX_OWNER_DIED | (uint32_t)tid()),
	   "LOCK_PI: of a dead owner, the mark stays");
	word[0] = 0;
	ok(futex(word, FUTEX_LOCK_PI2, 0, NULL, NULL, 0) == 0, "LOCK_PI2");
	word[0] = 2;
	ok_errno(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EPERM,
		 "LOCK_PI: a kernel thread has no locks");
	ok_errno(futex((void *)((char *)word + 1), FUTEX_LOCK_PI, 0, NULL, NULL,
		       0),
		 EINVAL, "LOCK_PI: not an int's address");
	ok_errno(futex((void *)8, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EFAULT,
		 "LOCK_PI: no memory there");
	ok_errno(futex(word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL,
		       NULL, 0),
		 ENOSYS, "LOCK_PI has its clock");
}

static int takes_and_leaves(void)
{
	need(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	need((word[0] & FUTEX_TID_MASK) == (uint32_t)tid());
	need(unlock_pi(word) == 0);
	return 0;
}

static int tries(void)
{
	return fails(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN)
		       ? 0
		       : 1;
}

static void waiting(void)
{
	struct timespec soon;
	struct timespec wrong = {0, 1000000000};
	pid_t pid;

	word[0] = 0;
	lock_pi(word);
	ok(in_child(tries) == 0, "TRYLOCK_PI: another has it");
	pid = start_child(takes_and_leaves);
	ok(wait_for_state(pid, 'S') &&
		   word[0] == (FUTEX_WAITERS | (uint32_t)tid()),
	   "a waiter sets FUTEX_WAITERS");
	ok_errno(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL,
		 "WAKE does not wake it");
	ok_errno(futex(word, FUTEX_REQUEUE, 1, (void *)1, word + 1, 0), EINVAL,
		 "nor does REQUEUE move it");
	ok(unlock_pi(word) == 0 && exit_code(pid) == 0,
	   "UNLOCK_PI hands it over");
	ok(word[0] == 0, "and back it is free");
	/* An owner that does not let go. */
	word[0] = getppid();
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 30000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	ok_errno(futex(word, FUTEX_LOCK_PI, 0, &soon, NULL, 0), ETIMEDOUT,
		 "LOCK_PI: an absolute time of the wall clock");
	clock_gettime(CLOCK_MONOTONIC, &soon);
	ok_errno(futex(word, FUTEX_LOCK_PI2, 0, &soon, NULL, 0), ETIMEDOUT,
		 "LOCK_PI2: of the monotonic clock");
	clock_gettime(CLOCK_REALTIME, &soon);
	ok_errno(futex(word, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, 0, &soon,
		       NULL, 0),
		 ETIMEDOUT, "or as asked for");
	ok_errno(futex(word, FUTEX_LOCK_PI, 0, &wrong, NULL, 0), EINVAL,
		 "LOCK_PI: no such time");
	word[0] = 0;
}

/* --- inheritance --------------------------------------------------------- */

static int waits_40(void)
{
	realtime(40);
	return takes_and_leaves();
}

static int waits_20(void)
{
	realtime(20);
	return takes_and_leaves();
}

/* Holds the second, waits for the first. */
static int middle(void)
{
	need(lock_pi(word + 1) == 0);
	need(lock_pi(word) == 0);
	need(unlock_pi(word) == 0);
	need(unlock_pi(word + 1) == 0);
	need(priority_of(getpid()) == 20);
	return 0;
}

static int waits_second_60(void)
{
	realtime(60);
	need(futex(word + 1, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	need(unlock_pi(word + 1) == 0);
	return 0;
}

static void inheritance(void)
{
	struct sched_param param = {.sched_priority = 70};
	pid_t low = getpid();
	pid_t pid[3];

	word[0] = word[1] = 0;
	ok(priority_of(low) == 20, "a normal task");
	lock_pi(word);
	pid[0] = start_child(waits_20);
	ok(has_priority(low, -21), "has its waiter's priority");
	pid[1] = start_child(waits_40);
	ok(has_priority(low, -41), "the best one's");
	ok(syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER,
	   "but its own policy");
	end_child(pid[1]);
	ok(has_priority(low, -21), "a waiter gone: the next one's");
	ok(unlock_pi(word) == 0 && priority_of(low) == 20,
	   "UNLOCK_PI: its own again");
	ok(exit_code(pid[0]) == 0, "the waiter has had it");
	/* A chain. */
	lock_pi(word);
	pid[0] = start_child(middle);
	wait_for_state(pid[0], 'S');
	pid[1] = start_child(waits_second_60);
	ok(has_priority(pid[0], -61) && has_priority(low, -61),
	   "priority goes along a chain");
	syscall(SYS_sched_setscheduler, pid[1], SCHED_FIFO, &param);
	ok(has_priority(low, -71), "and follows a change");
	unlock_pi(word);
	ok(exit_code(pid[0]) == 0 && exit_code(pid[1]) == 0,
	   "all have had their locks");
	ok(priority_of(low) == 20, "and nothing is left of it");
}

static int order_log;

static int takes_20(void)
{
	realtime(20);
	need(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	word[2] = word[2] * 10 + 2;
	need(unlock_pi(word) == 0);
	return order_log;
}

static int takes_40(void)
{
	realtime(40);
	need(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	word[2] = word[2] * 10 + 4;
	need(unlock_pi(word) == 0);
	return 0;
}

static void best_first(void)
{
	pid_t pid[3];
	int i;

	word[0] = word[2] = 0;
	lock_pi(word);
	pid[0] = start_child(takes_20);
	has_priority(getpid(), -21);
	pid[1] = start_child(takes_40);
	has_priority(getpid(), -41);
	pid[2] = start_child(takes_20);
	sleep_ms(20);
	wait_for_state(pid[2], 'S');
	unlock_pi(word);
	for (i = 0; i < 3; i++)
		exit_code(pid[i]);
	ok(word[2] == 422, "the best waiter gets it first");
}

static int closes_ring(void)
{
	need(lock_pi(word + 1) == 0);
	while (!(word[1] & FUTEX_WAITERS))
		sleep_ms(1);
	wait_for_state(getppid(), 'S');
	need(fails(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK));
	need(unlock_pi(word + 1) == 0);
	return 0;
}

static void rings(void)
{
	pid_t pid;

	word[0] = word[1] = 0;
	lock_pi(word);
	pid = start_child(closes_ring);
	while (!word[1])
		sleep_ms(1);
	ok(futex(word + 1, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   exit_code(pid) == 0,
	   "a ring of owners: EDEADLK");
	unlock_pi(word + 1);
	unlock_pi(word);
}

/* --- owners that die ------------------------------------------------------ */

static int takes_and_dies(void)
{
	need(lock_pi(word) == 0);
	sleep_forever();
}

static struct {
	struct robust_list_head head;
	struct robust_list entry;
} chain;

static int takes_robustly(void)
{
	chain.head.list.next = &chain.entry;
	chain.head.futex_offset = (char *)word - (char *)&chain.entry;
	chain.head.list_op_pending = NULL;
	chain.entry.next = (void *)((uintptr_t)&chain.head.list);
	chain.head.list.next = (void *)((uintptr_t)&chain.entry | 1);
	need(syscall(SYS_set_robust_list, &chain.head, sizeof(chain.head)) ==
	     0);
	need(lock_pi(word) == 0);
	sleep_forever();
}

static void deaths(void)
{
	pid_t pid;

	word[0] = 0;
	pid = start_child(takes_and_dies);
	while (!word[0])
		sleep_ms(1);
	wait_for_state(pid, 'S');
	if (fork() == 0) {
		wait_for_state(getppid(), 'S');
		kill(pid, SIGKILL);
		_exit(0);
	}
	ok(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   (word[0] & FUTEX_TID_MASK) == (uint32_t)tid() &&
		   (word[0] & FUTEX_OWNER_DIED),
	   "the owner dies: ours, and marked");
	ok(unlock_pi(word) == 0, "we let go");
	while (wait(NULL) > 0)
		;
	word[0] = 0;
	pid = start_child(takes_robustly);
	while (!word[0])
		sleep_ms(1);
	wait_for_state(pid, 'S');
	end_child(pid);
	ok(word[0] == FUTEX_OWNER_DIED, "a robust one is marked at once");
	ok(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   word[0] == (FUTEX_OWNER_DIED | (uint32_t)tid()),
	   "and can be had");
	unlock_pi(word);
	word[0] = 0;
	pid = start_child(takes_robustly);
	while (!word[0])
		sleep_ms(1);
	wait_for_state(pid, 'S');
	if (fork() == 0) {
		wait_for_state(getppid(), 'S');
		kill(pid, SIGKILL);
		_exit(0);
	}
	ok(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 &&
		   (word[0] & FUTEX_TID_MASK) == (uint32_t)tid() &&
		   (word[0] & FUTEX_OWNER_DIED),
	   "or waited for");
	unlock_pi(word);
	while (wait(NULL) > 0)
		;
}

/* --- requeue ---------------------------------------------------------------
 */

static int cond_waits(void)
{
	uint32_t value = word[0];

	need(futex(word, FUTEX_WAIT_REQUEUE_PI, value, NULL, word + 1, 0) == 0);
	need((word[1] & FUTEX_TID_MASK) == (uint32_t)tid());
	word[2]++;
	need(unlock_pi(word + 1) == 0);
	return 0;
}

static int cond_waits_40(void)
{
	realtime(40);
	return cond_waits();
}

static int waits_plain(void)
{
	return futex(word, FUTEX_WAIT, word[0], NULL, NULL, 0) == 0 ? 0 : 1;
}

/* One that can be moved, and behind it one that cannot. */
static void requeue_half(void)
{
	pid_t pid[2];
	int i;

	lock_pi(word + 1);
	for (i = 0; i < 2; i++) {
		pid[i] = start_child(i ? waits_plain : cond_waits);
		sleep_ms(5);
		wait_for_state(pid[i], 'S');
	}
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)2, word + 1, 0),
		 EINVAL, "CMP_REQUEUE_PI: a plain waiter behind another");
	unlock_pi(word + 1);
	ok(exit_code(pid[0]) == 0 &&
		   futex(word, FUTEX_WAKE, 1, NULL, NULL, 0) == 1 &&
		   exit_code(pid[1]) == 0,
	   "which was moved nevertheless");
}

static void requeue(void)
{
	struct timespec now;
	pid_t pid[3];
	int i;

	word[0] = word[1] = word[2] = 0;
	ok_errno(futex(word, FUTEX_WAIT_REQUEUE_PI, 0, NULL, word, 0), EINVAL,
		 "WAIT_REQUEUE_PI: to itself");
	ok_errno(futex(nowhere, FUTEX_WAIT_REQUEUE_PI, 0, NULL,
		       (void *)((char *)word + 5), 0),
		 EINVAL, "WAIT_REQUEUE_PI: the second word is looked at first");
	ok_errno(futex(word, FUTEX_WAIT_REQUEUE_PI, 1, NULL, word + 1, 0),
		 EAGAIN, "WAIT_REQUEUE_PI: not the value");
	clock_gettime(CLOCK_MONOTONIC, &now);
	ok_errno(futex(word, FUTEX_WAIT_REQUEUE_PI, 0, &now, word + 1, 0),
		 ETIMEDOUT, "WAIT_REQUEUE_PI: the time is over");
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, nowhere,
		       word[0]),
		 EFAULT, "CMP_REQUEUE_PI: no second word, nobody waits");
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 2, (void *)1, word + 1, 0),
		 EINVAL, "CMP_REQUEUE_PI: only one is woken");
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, word, 0),
		 EINVAL, "CMP_REQUEUE_PI: to itself");
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, word + 1, 9),
		 EAGAIN, "CMP_REQUEUE_PI: not the value");
	ok(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, word + 1, 0) == 0,
	   "CMP_REQUEUE_PI: nobody waits");
	pid[0] = start_child(cond_waits);
	sleep_ms(5);
	wait_for_state(pid[0], 'S');
	ok_errno(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL,
		 "WAKE does not wake such a waiter");
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, word + 2, 0),
		 EINVAL, "CMP_REQUEUE_PI: to another than it said");
	ok(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)0, word + 1, 0) == 1 &&
		   exit_code(pid[0]) == 0 && word[1] == 0 && word[2] == 1,
	   "CMP_REQUEUE_PI: the lock is free, the waiter gets it");
	lock_pi(word + 1);
	for (i = 0; i < 3; i++) {
		pid[i] = start_child(i == 2 ? cond_waits_40 : cond_waits);
		sleep_ms(5);
		wait_for_state(pid[i], 'S');
	}
	ok(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)(long)INT_MAX, word + 1,
		 0) == 3,
	   "CMP_REQUEUE_PI: all wait for the lock now");
	ok(has_priority(getpid(), -41), "and lend their priority");
	unlock_pi(word + 1);
	for (i = 0; i < 3; i++)
		need(exit_code(pid[i]) == 0);
	ok(word[2] == 4 && word[1] == 0, "each has had it");
	pid[0] = start_child(waits_plain);
	sleep_ms(5);
	wait_for_state(pid[0], 'S');
	ok_errno(futex(word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, word + 1, 0),
		 EINVAL, "CMP_REQUEUE_PI: a plain waiter");
	ok(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0) == 1 &&
		   exit_code(pid[0]) == 0,
	   "which still waits");
	requeue_half();
}

/* --- many threads ----------------------------------------------------------
 */

static long counter;

static void *counts(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 2000; i++) {
		if (lock_pi(word))
			return (void *)1;
		counter++;
		if (i % 16 == 0)
			sched_yield();
		if (unlock_pi(word))
			return (void *)2;
	}
	return NULL;
}

static void contended(void)
{
	pthread_t threads[4];
	void *result;
	int bad = 0;
	int i;

	word[0] = 0;
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, counts, NULL);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		bad |= result != NULL;
	}
	ok(!bad && counter == 8000 && word[0] == 0,
	   "four threads, one lock: none is lost");
}

int main(void)
{
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	alone();
	waiting();
	inheritance();
	best_first();
	rings();
	deaths();
	requeue();
	contended();
	return done_testing();
}
