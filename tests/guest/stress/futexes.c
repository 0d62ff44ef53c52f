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
#include "futexes_pi.h"

/* --- a plain lock and a condition, with requeue --------------------------- */

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

/* --- turns ---------------------------------------------------------------- */

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

/* --- who works ------------------------------------------------------------ */

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
