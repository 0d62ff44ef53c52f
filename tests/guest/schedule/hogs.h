/*
 * Children that use a CPU for ever, and what they have used of it.  CPU time
 * is compared with CPU time, so that it does not matter how busy the host is.
 *
 * Not quite: a host that takes a CPU away for 100 ms takes it from whoever was
 * on it, and no scheduler can make that good at once.  So the limits are wide
 * unless the clock is steady, that is where it counts instructions.
 *
 * Entry points: steady, pin_to, start_hog, end_hogs, hog_ns, run_hogs.
 */
#pragma once

#include "tap.h"
#include <sys/prctl.h>

#define MAX_HOGS 64

static pid_t hogs[MAX_HOGS];
static int nr_hogs;

/* steady - does time follow what the CPU does, whatever the host's load? */
static inline int steady(void)
{
	return getenv("STEADY_CLOCK") != NULL;
}

/* pin_to - PID (0: us) runs on CPU only. */
static inline void pin_to(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(pid, sizeof(set), &set))
		bail("sched_setaffinity");
}

/* start_hog - a child on CPU (-1: any) at NICE that counts for ever. */
static inline pid_t start_hog(int cpu, int nice_level)
{
	pid_t pid = fork();

	if (pid < 0)
		bail("fork");
	if (pid == 0) {
		volatile unsigned long count = 0;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (cpu >= 0)
			pin_to(0, cpu);
		errno = 0;
		if (nice(nice_level) == -1 && errno)
			_exit(1);
		for (;;)
			count++;
	}
	hogs[nr_hogs++] = pid;
	return pid;
}

/* end_hogs - all of them; told all at once, as each needs its turn to die. */
static inline void end_hogs(void)
{
	int i;

	for (i = 0; i < nr_hogs; i++)
		kill(hogs[i], SIGKILL);
	while (nr_hogs)
		end_child(hogs[--nr_hogs]);
}

/* hog_ns - CPU time of PID so far. */
static inline double hog_ns(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		bail("clock_getcpuclockid");
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* read_hogs - all at one moment: a busy host may stop us between two, then it
 * is done again. */
static inline void read_hogs(double *used)
{
	struct timespec begin;
	struct timespec end;
	int tries = 0;
	int i;

	do {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		for (i = 0; i < nr_hogs; i++)
			used[i] = hog_ns(hogs[i]);
		clock_gettime(CLOCK_MONOTONIC, &end);
	} while ((end.tv_sec - begin.tv_sec) * 1e9 + end.tv_nsec -
				 begin.tv_nsec >
			 1e6 * (nr_hogs + 1) &&
		 ++tries < 100);
}

/* run_hogs - let them run for MS milliseconds of the clock; what each used of
 * it in ns into USED.  The sum. */
static inline double run_hogs(long ms, double *used)
{
	double before[MAX_HOGS];
	double sum = 0;
	int i;

	read_hogs(before);
	sleep_ms(ms);
	read_hogs(used);
	for (i = 0; i < nr_hogs; i++) {
		used[i] -= before[i];
		sum += used[i];
	}
	return sum;
}
