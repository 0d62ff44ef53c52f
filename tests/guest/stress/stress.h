/*
 * What the programs share that put one part of the kernel under load for as
 * long as they are told: chance, the clock they stop by, a watch over each
 * round, and what there was before and must be there again afterwards.
 *
 *	PROGRAM [SECONDS [SEED]]
 *
 * One round is one function; need() ends the program where something was lost.
 * A round that does not come to its end is shown, with what each process
 * sleeps in, and ends the program.
 *
 * Entry points: chance, chance_seed, reap_all, show_processes, stress_run,
 * stress_pause, comes_to.
 */
#pragma once

#include "tap.h"
#include <dirent.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* No round takes so long, not even on a busy host. */
#define ROUND_STUCK_S 50
#define STRESS_REPORT 30000

/* --- chance --------------------------------------------------------------- */

/* Each thread has its own sequence: xorshift, seeded with its id. */
static __thread uint64_t chance_state = 88172645463325252u;

static inline void chance_seed(uint64_t seed)
{
	chance_state = (seed + 1) * 6364136223846793005u + 1442695040888963407u;
}

/* chance_of - a number from 0 to LIMIT - 1, of the sequence at STATE. */
static inline unsigned chance_of(uint64_t *state, unsigned limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (*state >> 11) % limit;
}

/* chance - a number from 0 to LIMIT - 1. */
static inline unsigned chance(unsigned limit)
{
	return chance_of(&chance_state, limit);
}

/* stress_pause - now and then a moment, of up to MICROSECONDS; else none. */
static inline void stress_pause(uint64_t *state, unsigned microseconds)
{
	switch (chance_of(state, 4)) {
	case 0:
		usleep(chance_of(state, microseconds) + 1);
		break;
	case 1:
		sched_yield();
		break;
	}
}

/* --- processes ------------------------------------------------------------ */

/* reap_all - until there is no child; how many came with the status WANT. */
static inline int reap_all(int want)
{
	int status;
	int good = 0;
	pid_t pid;

	for (;;) {
		pid = wait(&status);
		if (pid > 0)
			good += status == want;
		else if (errno != EINTR)
			return good;
	}
}

/* comes_to - wait, a minute at most, for COUNT to be WANT. */
static inline int comes_to(volatile int *count, int want)
{
	long end = now_ms() + 60000;

	while (*count != want && now_ms() < end)
		usleep(200);
	return *count == want;
}

/* show_processes - lines about all tasks, for whoever looks for the cause. */
static inline void show_processes(void)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	char path[300];
	char text[400];
	char where[100];

	while (folder && (entry = readdir(folder))) {
		DIR *threads;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/task", entry->d_name);
		threads = opendir(path);
		while (threads && (entry = readdir(threads))) {
			if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
				continue;
			snprintf(path, sizeof(path), "/proc/%.20s/wchan",
				 entry->d_name);
			file_text(path, where, sizeof(where));
			snprintf(path, sizeof(path), "/proc/%.20s/stat",
				 entry->d_name);
			file_text(path, text, 60);
			tap_line("# %s (%s)\n", text, where);
		}
		if (threads)
			closedir(threads);
	}
	if (folder)
		closedir(folder);
}

/* --- what there is -------------------------------------------------------- */

struct inventory {
	int processes; /* of this program, zombies too */
	int threads;   /* of this program */
	int files;     /* open here */
};

static inline int count_entries(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* The name in a stat file: TEXT is cut behind it; NULL if there is none. */
static inline char *name_in(const char *path, char *text, int size)
{
	char *end = strrchr(file_text(path, text, size), ')');

	if (!end)
		return NULL;
	*end = 0;
	return strchr(text, '(') + 1;
}

/* Does a process have our name?  Others (timeout(1), the kernel's threads)
 * come and go. */
static inline int is_ours(const char *pid)
{
	char path[40];
	char text[2][400];
	char *mine = name_in("/proc/self/stat", text[0], 400);
	char *its;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	its = name_in(path, text[1], 400);
	return mine && its && !strcmp(mine, its);
}

static inline struct inventory take_inventory(void)
{
	struct inventory found = {0, 0, 0};
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			found.processes += is_ours(entry->d_name);
	if (folder)
		closedir(folder);
	found.threads = count_entries("/proc/self/task") - 2;
	found.files = count_entries("/proc/self/fd");
	return found;
}

static inline int same_inventory(struct inventory a, struct inventory b)
{
	return a.processes == b.processes && a.threads == b.threads &&
	       a.files == b.files;
}

/* Is all as it was?  Threads that were joined have their last steps to go. */
static inline void check_inventory(struct inventory before)
{
	struct inventory after = take_inventory();
	int tries;

	for (tries = 0; tries < 500 && !same_inventory(before, after);
	     tries++) {
		sleep_ms(10);
		after = take_inventory();
	}
	ok(after.processes == before.processes, "as many processes as before");
	ok(after.threads == before.threads, "as many threads as before");
	ok(after.files == before.files, "as many files as before");
	if (!same_inventory(before, after))
		show_processes();
}

/* --- rounds --------------------------------------------------------------- */

static inline void on_stuck(int sig)
{
	(void)sig;
	tap_line("not ok %d - a round comes to its end\n", tap_count + 1);
	show_processes();
	_exit(98);
}

struct stress {
	const char *rounds; /* what the rounds are called in the report */
	void (*round)(void);
	void (*report)(char *line, int size); /* more counts, or NULL */
};

static inline void stress_report(const struct stress *stress, long rounds)
{
	char line[300] = "";

	if (stress->report)
		stress->report(line, sizeof(line));
	tap_line("# rounds: %s %ld%s\n", stress->rounds, rounds, line);
}

/*
 * stress_run - rounds for as long as main's arguments say (SECONDS if they do
 * not), then look that nothing is left: main's value.
 */
static inline int stress_run(const struct stress *stress, int argc, char **argv,
			     int seconds)
{
	struct inventory before = take_inventory();
	long report = now_ms() + STRESS_REPORT;
	long rounds = 0;
	long end;

	if (argc > 1)
		seconds = atoi(argv[1]);
	chance_seed(argc > 2 ? atoi(argv[2]) : getpid());
	/* Orphans come to us, to be counted. */
	need(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	signal(SIGALRM, on_stuck);
	end = now_ms() + seconds * 1000L;
	do {
		alarm(ROUND_STUCK_S);
		stress->round();
		need(fails(waitpid(-1, NULL, __WALL), ECHILD));
		rounds++;
		if (now_ms() >= report) {
			stress_report(stress, rounds);
			report += STRESS_REPORT;
		}
	} while (now_ms() < end);
	alarm(0);
	ok(1, "all rounds come to their end");
	ok(fails(wait(NULL), ECHILD), "no child is left");
	check_inventory(before);
	stress_report(stress, rounds);
	return done_testing();
}
