/*
 * futexes.c - futex(2) from processes and threads at once: waiters that are
 * moved from one word to another, locks that lend priority, owners that die,
 * waits that time out or are interrupted.  No wake-up is lost, no two are
 * inside, nobody is left waiting.
 *
 *	futexes [SECONDS [SEED [KIND]]]
 *
 * The locks are written here, on the bare calls, in memory that processes
 * share: musl has neither requeue to a PI lock nor timed requeue.
 */
#include "stress.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/time.h>

#define WORKERS 6
#define TURNS	60

static volatile struct shared {
	uint32_t mutex; /* 0 free, 1 taken, 2 taken and waited for */
	uint32_t sequence;
	uint32_t pi;
	uint32_t pi_second;
	uint32_t ping;
	uint32_t pong;
	int inside;
	int started;
	long sum;
	long tokens; /* made by producers, taken by consumers */
	long made;
	long taken;
	int left; /* producers that go on */
	/* for the report */
	long waits, moved, timeouts, deaths, boosts;
} * shared;

static long futex(volatile uint32_t *where, int operation, long value,
		  const void *timeout, volatile uint32_t *other, long third)
{
	return syscall(SYS_futex, where, operation, value, timeout, other,
		       third);
}

static void add(volatile long *what, long number)
{
	__atomic_fetch_add(what, number, __ATOMIC_RELAXED);
}

static uint32_t swap_if(volatile uint32_t *where, uint32_t old, uint32_t value)
{
	__atomic_compare_exchange_n(where, &old, value, 0, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

/* When MICROSECONDS are over, by CLOCK. */
static struct timespec later(clockid_t clock, long microseconds)
{
	struct timespec when;

	clock_gettime(clock, &when);
	when.tv_nsec += microseconds * 1000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	return when;
}

/* Nobody else is between enter and leave. */
static void enter(void)
{
	need(__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) == 1);
}

static void leave(void)
{
	need(__atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) == 0);
}

/* --- a plain lock and a condition, with requeue -----------------------------
 */

static void lock_plain(int contended)
{
	uint32_t found = contended ? 1 : swap_if(&shared->mutex, 0, 1);

	while (found) {
		if (__atomic_exchange_n(&shared->mutex, 2, __ATOMIC_SEQ_CST) ==
		    0)
			return;
		add(&shared->waits, 1);
		need(futex(&shared->mutex, FUTEX_WAIT, 2, NULL, NULL, 0) == 0 ||
		     errno == EAGAIN || errno == EINTR);
	}
}

static void unlock_plain(void)
{
	if (__atomic_exchange_n(&shared->mutex, 0, __ATOMIC_SEQ_CST) == 2)
		need(futex(&shared->mutex, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
}

/* Wait for the condition, some with an end; the lock is had afterwards. */
static void wait_plain(void)
{
	uint32_t sequence = shared->sequence;
	struct timespec when = later(CLOCK_MONOTONIC, chance(3000));
	int timed = chance(4) == 0;
	long ret;

	unlock_plain();
	ret = futex(&shared->sequence, FUTEX_WAIT_BITSET, sequence,
		    timed ? &when : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
	need(ret == 0 || errno == EAGAIN || errno == EINTR ||
	     (timed && errno == ETIMEDOUT));
	if (ret && errno == ETIMEDOUT)
		add(&shared->timeouts, 1);
	/* Moved to the lock's word, it may not be the only one there. */
	lock_plain(1);
}

/* Wake one, and let the others wait for the lock instead.  Lock held. */
static void broadcast_plain(void)
{
	long ret;

	__atomic_add_fetch(&shared->sequence, 1, __ATOMIC_SEQ_CST);
	/* Who is moved must be woken by our unlock. */
	__atomic_store_n(&shared->mutex, 2, __ATOMIC_SEQ_CST);
	ret = futex(&shared->sequence, FUTEX_CMP_REQUEUE, 1,
		    (void *)(long)INT_MAX, &shared->mutex, shared->sequence);
	need(ret >= 0);
	add(&shared->moved, ret);
}

static void produce_plain(void)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		lock_plain(0);
		enter();
		shared->tokens++;
		shared->made++;
		leave();
		broadcast_plain();
		unlock_plain();
		stress_pause(&chance_state, 300);
	}
	lock_plain(0);
	shared->left--;
	broadcast_plain();
	unlock_plain();
}

static void consume_plain(void)
{
	lock_plain(0);
	while (shared->tokens || shared->left) {
		if (!shared->tokens) {
			wait_plain();
			continue;
		}
		enter();
		shared->tokens--;
		shared->taken++;
		leave();
	}
	unlock_plain();
}

/* --- locks that lend priority -----------------------------------------------
 */

static uint32_t tid(void)
{
	return syscall(SYS_gettid);
}

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

/* --- a condition whose waiters are moved to a PI lock -----------------------
 */

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

/* --- owners that die --------------------------------------------------------
 */

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

/* --- turns ------------------------------------------------------------------
 */

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

/* Sleep while *WHERE is VALUE, in one of three ways. */
static void wait_while(volatile uint32_t *where, uint32_t value)
{
	struct waitv both[2] = {{value, (uintptr_t)where, 2, 0},
				{0, (uintptr_t)&shared->pi, 2, 0}};
	long ret;

	switch (chance(3)) {
	case 0:
		ret = futex(where, FUTEX_WAIT, value, NULL, NULL, 0);
		break;
	case 1:
		ret = futex(where, FUTEX_WAIT_BITSET, value, NULL, NULL, 4);
		break;
	default:
		/* futex_waitv: beside it a word that nobody touches. */
		ret = syscall(449, both, 2, 0, NULL, 0);
	}
	need(ret == 0 || errno == EAGAIN || errno == EINTR);
	add(&shared->waits, ret == 0);
}

static void wake(volatile uint32_t *where)
{
	long ret;

	switch (chance(3)) {
	case 0:
		ret = futex(where, FUTEX_WAKE, 1, NULL, NULL, 0);
		break;
	case 1:
		ret = futex(where, FUTEX_WAKE_BITSET, 1, NULL, NULL, 6);
		break;
	default:
		/* And adds one to the other word, for the sum. */
		ret = futex(where, FUTEX_WAKE_OP, 1, (void *)0, &shared->pong,
			    FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_LT, 0));
		add(&shared->sum, 1);
	}
	need(ret >= 0 && ret <= 1);
}

/* One word says whose turn it is: a wake-up lost would be the last. */
static void play(int mine)
{
	uint32_t now;
	int i;

	for (i = 0; i < 4 * TURNS; i++) {
		while ((now = shared->ping) % 2 != (uint32_t)mine)
			wait_while(&shared->ping, now);
		shared->ping = now + 1;
		wake(&shared->ping);
	}
}

/* --- who works --------------------------------------------------------------
 */

static void (*body)(int number);

static void on_tick(int sig)
{
	(void)sig;
}

static void *works_in_thread(void *number)
{
	chance_seed(tid());
	body((int)(long)number);
	return NULL;
}

static int works_in_threads(int count)
{
	pthread_t threads[WORKERS];
	long i;

	for (i = 0; i < count; i++)
		need(!pthread_create(&threads[i], NULL, works_in_thread,
				     (void *)i));
	for (i = 0; i < count; i++)
		need(!pthread_join(threads[i], NULL));
	return 0;
}

static void interrupt_often(void)
{
	struct itimerval every = {{0, 1700}, {0, 1700}};
	struct sigaction action = {.sa_handler = on_tick};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* COUNT of them, processes or threads of one, interrupted or not. */
static void work(void (*what)(int number), int count, int threads)
{
	int interrupted = chance(2);
	int processes = threads ? 1 : count;
	int i;

	body = what;
	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid)
			continue;
		chance_seed(getpid());
		if (interrupted)
			interrupt_often();
		if (threads)
			_exit(works_in_threads(count));
		body(i);
		_exit(0);
	}
	need(reap_all(0) == processes);
}

static void plain_worker(int number)
{
	if (number % 2)
		consume_plain();
	else
		produce_plain();
}

static void requeue_round(void)
{
	shared->left = WORKERS / 2;
	work(plain_worker, WORKERS, chance(2));
	need(shared->made == WORKERS / 2 * TURNS);
	need(shared->taken == shared->made && shared->tokens == 0);
	need(shared->mutex == 0 && shared->inside == 0);
}

static void pi_worker(int number)
{
	some_priority(number);
	count_pi();
}

static void pi_round(void)
{
	work(pi_worker, WORKERS, chance(2));
	need(shared->sum == shared->made);
	need(shared->pi == 0 && shared->pi_second == 0);
}

static void requeue_pi_worker(int number)
{
	some_priority(number);
	if (number % 2)
		consume_pi();
	else
		produce_pi();
}

static void requeue_pi_round(void)
{
	shared->left = WORKERS / 2;
	work(requeue_pi_worker, WORKERS, chance(2));
	need(shared->made == WORKERS / 2 * TURNS);
	need(shared->taken == shared->made && shared->tokens == 0);
	need(shared->pi == 0);
}

static void mortal_worker(int number)
{
	some_priority(number);
	make_mortals();
}

static void death_round(void)
{
	work(mortal_worker, WORKERS, 0);
	need(shared->sum == shared->made);
	/* The last may have died with it. */
	need((shared->pi & ~FUTEX_OWNER_DIED) == 0);
}

static void turn_round(void)
{
	work(play, 2, chance(2));
	need(shared->ping == 2 * 4 * TURNS);
	need(shared->pong == shared->sum);
}

/* --- priority that is lent --------------------------------------------------
 */

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
	if (chance(2))
		end_child(pids[1]);
	unlock_pi(&shared->pi);
	need(has_priority(20));
	need(exit_code(pids[0]) == 0);
	if (middle)
		need(exit_code(middle) == 0);
	add(&shared->boosts, 1);
	while (wait(NULL) > 0)
		;
	return 0;
}

/* The plain case, looked at each step. */
static int owner_has_best(void)
{
	int first = 10 + chance(30);
	int second = first + 1 + chance(30);
	pid_t pids[2];

	need(lock_pi(&shared->pi, 0));
	pids[0] = start_waiter(&shared->pi, first, 0);
	need(has_priority(-first - 1));
	pids[1] = start_waiter(&shared->pi, second, 0);
	need(has_priority(-second - 1));
	if (chance(2)) {
		end_child(pids[1]);
		need(has_priority(-first - 1));
	}
	add(&shared->boosts, 1);
	unlock_pi(&shared->pi);
	need(has_priority(20));
	while (wait(NULL) > 0)
		;
	return 0;
}

static void inheritance_round(void)
{
	need(in_child(chance(2) ? owner_is_boosted : owner_has_best) == 0);
	need(shared->pi == 0 && shared->pi_second == 0);
}

static int only = -1; /* the one KIND of rounds there is to be */

static void round_futexes(void)
{
	static void (*const kinds[])(void) = {
		requeue_round, pi_round,   requeue_pi_round,
		death_round,   turn_round, inheritance_round};
	static unsigned turn;
	long kept[] = {shared->waits, shared->moved, shared->timeouts,
		       shared->deaths, shared->boosts};

	memset((void *)shared, 0, sizeof(*shared));
	shared->waits = kept[0];
	shared->moved = kept[1];
	shared->timeouts = kept[2];
	shared->deaths = kept[3];
	shared->boosts = kept[4];
	kinds[only >= 0 ? (unsigned)only % 6 : turn++ % 6]();
}

static void report(char *line, int size)
{
	snprintf(line, size,
		 ", waits %ld, moved %ld, timeouts %ld, dead owners %ld, "
		 "boosts %ld",
		 shared->waits, shared->moved, shared->timeouts, shared->deaths,
		 shared->boosts);
}

int main(int argc, char **argv)
{
	static const struct stress stress = {"6 workers", round_futexes,
					     report};

	if (argc > 3)
		only = atoi(argv[3]);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail("mmap");
	return stress_run(&stress, argc, argv, 2);
}
