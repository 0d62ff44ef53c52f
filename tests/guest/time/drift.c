/*
 * The clocks against one another, from CPU to CPU for three seconds: they may
 * neither drift apart nor go back.
 */
#include "tap.h"
#include <sys/syscall.h>

#define SECONDS 3
#define ALLOWED 3000 /* ns */

static const int clocks[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
			     CLOCK_BOOTTIME, CLOCK_REALTIME, CLOCK_TAI};
#define NR 5

static long long ns(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* CLOCK minus CLOCK_MONOTONIC, measured as closely as a few tries allow. */
static long long difference(int clock)
{
	long long best = 1000000000;
	long long found = 0;
	long long a, b, c;
	int i;

	for (i = 0; i < 200; i++) {
		a = ns(CLOCK_MONOTONIC);
		b = ns(clock);
		c = ns(CLOCK_MONOTONIC);
		if (c - a < best) {
			best = c - a;
			found = b - (a + c) / 2;
		}
	}
	return found;
}

static void go_to(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

int main(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long long start[NR];
	long long last[NR];
	long long worst[NR] = {0};
	long long apart;
	int back = 0;
	int round;
	int i;

	for (i = 0; i < NR; i++) {
		start[i] = difference(clocks[i]);
		last[i] = ns(clocks[i]);
	}
	for (round = 0; round < SECONDS * 20; round++) {
		go_to(round % cpus);
		for (i = 0; i < NR; i++) {
			long long now = ns(clocks[i]);

			back += now < last[i];
			last[i] = now;
			apart = llabs(difference(clocks[i]) - start[i]);
			if (apart > worst[i])
				worst[i] = apart;
		}
		sleep_ms(50);
	}
	ok(!back, "no clock goes back, on any CPU");
	for (i = 1; i < NR; i++) {
		char rule[60];

		snprintf(rule, sizeof(rule), "clock %d does not drift",
			 clocks[i]);
		if (!ok(worst[i] < ALLOWED, rule))
			tap_line("# %lld ns\n", worst[i]);
	}
	return done_testing();
}
