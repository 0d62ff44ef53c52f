/*
 * beside.h - for tests of races: one changes what others look at, for some
 * time.
 *
 * Entry points: beside_init, begin_run, go_on, beside, empty_caches.
 */
#pragma once

#include "tap.h"

#include <sys/mman.h>

/* Not kept where short names are: a walk looks it up in another way. */
#define LONG_NAME                                                              \
	"a-name-that-is-too-long-to-be-kept-where-short-names-are-kept-so-it-" \
	"lies-somewhere-else"

static int *over; /* shared: the time is up */
static long deadline;
static long run_ms;

/* beside_init - before all; each run lasts MS. */
static inline void beside_init(long ms)
{
	run_ms = ms;
	over = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(over != MAP_FAILED);
}

static inline void begin_run(void)
{
	*over = 0;
	deadline = now_ms() + run_ms;
}

static inline int go_on(void)
{
	return !*over && now_ms() < deadline;
}

/* beside - run CHANGE in a child while LOOK runs here and in another; all
 * succeed. */
static inline int beside(int (*change)(void), int (*look)(void))
{
	pid_t changer;
	pid_t other;
	int good;

	begin_run();
	changer = start_child(change);
	other = start_child(look);
	good = in_child(look) == 0;
	good &= exit_code(other) == 0;
	good &= exit_code(changer) == 0;
	return good;
}

/* empty_caches - for a child: let names and inodes be freed all the time. */
static inline int empty_caches(void)
{
	while (1) {
		put_file("/proc/sys/vm/drop_caches", "2");
		sleep_ms(10);
	}
	return 0;
}
