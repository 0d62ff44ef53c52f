/*
 * threads.c - two hundred threads, made and joined, again and again: each runs,
 * has memory and an id of its own, comes back with its value and is gone.
 *
 *	threads [SECONDS [SEED]]
 *
 * A round makes them in one of four ways: each as it comes; all there at once;
 * threads that make threads; a process that ends with all of them at work.
 */
#include "stress.h"
#include <pthread.h>

#define THREADS 200
#define NESTS	10
#define STEPS	20

static pthread_attr_t small;
static pthread_mutex_t sum_lock = PTHREAD_MUTEX_INITIALIZER;
static long sum;
static __thread long mine;
static pid_t tids[THREADS];
static long threads_made;

static void make(pthread_t *thread, void *(*body)(void *), long number)
{
	need(!pthread_create(thread, &small, body, (void *)number));
	__atomic_fetch_add(&threads_made, 1, __ATOMIC_RELAXED);
}

/* What each of them does: count, alone and with all. */
static void do_steps(long number)
{
	int i;

	need(mine == 0);
	for (i = 0; i < STEPS; i++) {
		mine += number;
		pthread_mutex_lock(&sum_lock);
		sum++;
		pthread_mutex_unlock(&sum_lock);
	}
	need(mine == number * STEPS);
	tids[number] = syscall(SYS_gettid);
}

static void *counts(void *number)
{
	do_steps((long)number);
	return (char *)number + THREADS;
}

/* Each had an id, no two at one time the same, and none has it now. */
static void check_tids(int all_at_once)
{
	int tries;
	int i;
	int j;

	for (i = 0; i < THREADS; i++) {
		need(tids[i] > 0 && tids[i] != getpid());
		for (j = 0; all_at_once && j < i; j++)
			need(tids[j] != tids[i]);
	}
	/* Joined when it has left its memory; its last steps come then. */
	for (i = 0; i < THREADS; i++) {
		for (tries = 0; tries < 5000; tries++) {
			if (syscall(SYS_tgkill, getpid(), tids[i], 0))
				break;
			usleep(200);
		}
		need(tries < 5000 && errno == ESRCH);
	}
}

static void begin_round(void)
{
	sum = 0;
	memset(tids, 0, sizeof(tids));
}

static void as_they_come(void)
{
	pthread_t threads[THREADS];
	void *value;
	long i;

	for (i = 0; i < THREADS; i++)
		make(&threads[i], counts, i);
	for (i = 0; i < THREADS; i++)
		need(!pthread_join(threads[i], &value) &&
		     value == (char *)NULL + i + THREADS);
	need(sum == THREADS * STEPS);
	check_tids(0);
}

static pthread_barrier_t together;

static void *counts_together(void *number)
{
	do_steps((long)number);
	pthread_barrier_wait(&together);
	/* Here all are alive. */
	pthread_barrier_wait(&together);
	return number;
}

static void all_at_once(void)
{
	pthread_t threads[THREADS];
	void *value;
	long i;

	need(!pthread_barrier_init(&together, NULL, THREADS + 1));
	for (i = 0; i < THREADS; i++)
		make(&threads[i], counts_together, i);
	pthread_barrier_wait(&together);
	need(count_entries("/proc/self/task") == THREADS + 1 + 2);
	need(sum == THREADS * STEPS);
	pthread_barrier_wait(&together);
	for (i = THREADS - 1; i >= 0; i--)
		need(!pthread_join(threads[i], &value) && value == (void *)i);
	pthread_barrier_destroy(&together);
	check_tids(1);
}

/* The first of a nest makes the others, and joins them. */
static void *makes_others(void *number)
{
	const long others = THREADS / NESTS;
	pthread_t threads[THREADS / NESTS];
	long first = (long)number;
	void *value;
	long i;

	for (i = 1; i < others; i++)
		make(&threads[i], counts, first + i);
	do_steps(first);
	for (i = 1; i < others; i++)
		need(!pthread_join(threads[i], &value) &&
		     value == (char *)NULL + first + i + THREADS);
	return number;
}

static void nests(void)
{
	pthread_t threads[NESTS];
	void *value;
	long i;

	for (i = 0; i < NESTS; i++)
		make(&threads[i], makes_others, i * (THREADS / NESTS));
	for (i = 0; i < NESTS; i++)
		need(!pthread_join(threads[i], &value) &&
		     value == (void *)(i * (THREADS / NESTS)));
	need(sum == THREADS * STEPS);
	check_tids(0);
}

/* --- a process that ends with all of them --------------------------------- */

/* Most sleep, so that the one that makes them comes to its end. */
static void *never_ends(void *number)
{
	if ((long)number % 40 == 0)
		for (;;)
			getppid();
	if ((long)number % 40 == 1)
		for (;;)
			sched_yield();
	sleep_forever();
}

static int ends_with_all(void)
{
	pthread_t thread;
	unsigned way;
	long i;

	chance_seed(getpid());
	way = chance(3);
	for (i = 0; i < THREADS; i++)
		make(&thread, never_ends, i);
	if (way == 0)
		kill(getpid(), SIGKILL);
	else if (way == 1)
		syscall(SYS_tgkill, getpid(), getpid(), SIGTERM);
	return way == 2 ? 77 : 78;
}

static void ended_at_work(void)
{
	int code = in_child(ends_with_all);

	threads_made += THREADS;
	need(code == 77 || code == 128 + SIGKILL || code == 128 + SIGTERM);
}

static void round_threads(void)
{
	static int round;

	begin_round();
	switch (round++ % 4) {
	case 0:
		as_they_come();
		break;
	case 1:
		all_at_once();
		break;
	case 2:
		nests();
		break;
	default:
		ended_at_work();
	}
}

static void report(char *line, int size)
{
	snprintf(line, size, ", threads %ld", threads_made);
}

int main(int argc, char **argv)
{
	static const struct stress stress = {"200 threads", round_threads,
					     report};

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	return stress_run(&stress, argc, argv, 2);
}
