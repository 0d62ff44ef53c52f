/*
 * Who gets how much of the CPUs: equal tasks the same, others by their weight,
 * tasks that no number of CPUs divides take turns, and a task that sleeps is
 * quick beside those that do not.  An argument is the time of each measurement
 * in milliseconds.
 */
#include "hogs.h"
#include <sys/syscall.h>

static long span_ms;
static int nr_cpus;

/* Are all within PERCENT of WANT, by a steady clock? */
static int all_near(const double *used, int number, double want, double percent)
{
	int good = 1;
	int i;

	percent = steady() ? percent : percent + 25;
	for (i = 0; i < number; i++) {
		tap_line("# %d: %.1f ms, %.2f of the wish\n", i, used[i] / 1e6,
			 used[i] / want);
		good &= used[i] > want * (1 - percent / 100) &&
			used[i] < want * (1 + percent / 100);
	}
	return good;
}

static void equal_ones(void)
{
	double used[2];
	double sum;

	start_hog(0, 0);
	start_hog(0, 0);
	sleep_ms(50);
	sum = run_hogs(span_ms, used);
	ok(all_near(used, 2, sum / 2, 3), "two equal hogs share a CPU");
	end_hogs();
}

/* sched(7): the weights of nice 0 and nice 10 are 1024 and 110. */
static void nice_ones(void)
{
	double used[2];
	double sum;

	start_hog(0, 0);
	start_hog(0, 10);
	sleep_ms(50);
	sum = run_hogs(span_ms, used);
	tap_line("# ratio %.2f, wanted %.2f\n", used[0] / used[1],
		 1024.0 / 110);
	ok(all_near(used, 1, sum * 1024 / 1134, 5) &&
		   all_near(used + 1, 1, sum * 110 / 1134, 5),
	   "nice 0 and nice 10 share it as 1024 to 110");
	end_hogs();
}

static void idle_one(void)
{
	struct sched_param param = {0};
	double used[2];

	start_hog(0, 0);
	/* musl's function has no such call to make. */
	if (syscall(SYS_sched_setscheduler, start_hog(0, 0), SCHED_IDLE,
		    &param))
		bail("sched_setscheduler");
	sleep_ms(50);
	run_hogs(span_ms / 3, used);
	ok(used[1] < used[0] / (steady() ? 200 : 10),
	   "SCHED_IDLE gets next to nothing");
	end_hogs();
}

/* On each two CPUs three hogs: 2/3 of a CPU for each. */
static void taking_turns(void)
{
	double used[3];
	double sum;
	int i;

	for (i = 0; i < 3; i++)
		start_hog(-1, 0);
	sleep_ms(200);
	sum = run_hogs(3 * span_ms, used);
	ok(all_near(used, 3, sum / 3, 6), "three hogs take turns on two CPUs");
	end_hogs();
}

/* A CPU that has less to do takes over what waits elsewhere. */
static void balancing(void)
{
	double used[4];
	double sum;
	int i;

	for (i = 0; i < 4; i++)
		start_hog(-1, 0);
	sleep_ms(200);
	sum = run_hogs(span_ms, used);
	ok(all_near(used, 4, sum / 4, 8), "four hogs share two CPUs");
	end_hogs();
	for (i = 0; i < 2; i++)
		start_hog(-1, 0);
	sleep_ms(200);
	sum = run_hogs(span_ms / 3, used);
	ok(all_near(used, 2, sum / 2, 8), "two hogs have one each");
	end_hogs();
}

static int by_size(const void *a, const void *b)
{
	long x = *(const long *)a;
	long y = *(const long *)b;

	return x < y ? -1 : x > y;
}

/* The median of how late a sleep of 10 ms ends, in microseconds. */
static long lateness(void)
{
	struct timespec nap = {0, 10000000};
	struct timespec begin;
	struct timespec end;
	long late[51];
	int i;

	for (i = 0; i < 51; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		nanosleep(&nap, NULL);
		clock_gettime(CLOCK_MONOTONIC, &end);
		late[i] = (end.tv_sec - begin.tv_sec) * 1000000 +
			  (end.tv_nsec - begin.tv_nsec) / 1000 - 10000;
	}
	qsort(late, 51, sizeof(*late), by_size);
	tap_line("# late: median %ld us, worst %ld us\n", late[25], late[50]);
	return late[25];
}

static void sleeper(void)
{
	int i;

	for (i = 0; i < 50; i++)
		start_hog(-1, 0);
	sleep_ms(300);
	ok(lateness() < (steady() ? 2000 : 250000),
	   "a sleeper wakes at once beside 50 hogs");
	end_hogs();
}

int main(int argc, char **argv)
{
	cpu_set_t all;

	span_ms = argc > 1 ? atol(argv[1]) : steady() ? 10000 : 3000;
	sched_getaffinity(0, sizeof(all), &all);
	nr_cpus = CPU_COUNT(&all);
	equal_ones();
	nice_ones();
	idle_one();
	if (nr_cpus == 2) {
		taking_turns();
		balancing();
	}
	sleeper();
	return done_testing();
}
