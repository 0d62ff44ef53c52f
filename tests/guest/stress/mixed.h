/*
 * What the workers of mixed.c share: the clock they stop by, the counts they
 * leave for the parent, chance, and streams of bytes that can be checked.
 *
 * Entry points: chance, chance_seed, out_of_time, reap_all, stream_byte,
 * stream_fill, stream_matches, write_all, read_all.
 */
#pragma once

#include "tap.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#define WORKERS_MAX 16

/* What all workers and the parent see: one page of shared memory. */
struct board {
	volatile int stop;
	volatile long rounds[WORKERS_MAX];
	volatile pid_t pids[WORKERS_MAX];
};

static struct board *board;
static const char *self_path;

/* Each process has its own sequence: xorshift, seeded with its pid. */
static uint64_t chance_state = 88172645463325252u;

static inline void chance_seed(uint64_t seed)
{
	chance_state = (seed + 1) * 6364136223846793005u + 1442695040888963407u;
}

/* chance - a number from 0 to LIMIT - 1. */
static inline unsigned chance(unsigned limit)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (chance_state >> 11) % limit;
}

/* reap_all - until there is no child; how many came with the status STATUS. */
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

/* stream_byte - byte number POSITION of the stream SEED. */
static inline unsigned char stream_byte(unsigned seed, unsigned position)
{
	return (position * 2654435761u + seed * 40503u) >> 21;
}

static inline void stream_fill(unsigned char *text, int length, unsigned seed,
			       unsigned position)
{
	int i;

	for (i = 0; i < length; i++)
		text[i] = stream_byte(seed, position + i);
}

static inline int stream_matches(const unsigned char *text, int length,
				 unsigned seed, unsigned position)
{
	int i;

	for (i = 0; i < length; i++)
		if (text[i] != stream_byte(seed, position + i))
			return 0;
	return 1;
}

/* write_all, read_all - LENGTH bytes, whatever the pieces; false if not. */
static inline int write_all(int fd, const void *text, int length)
{
	int done = 0;
	int got;

	while (done < length) {
		got = write(fd, (const char *)text + done, length - done);
		if (got <= 0 && errno != EINTR)
			return 0;
		done += got > 0 ? got : 0;
	}
	return 1;
}

static inline int read_all(int fd, void *text, int length)
{
	int done = 0;
	int got;

	while (done < length) {
		got = read(fd, (char *)text + done, length - done);
		if (got == 0 || (got < 0 && errno != EINTR))
			return 0;
		done += got > 0 ? got : 0;
	}
	return 1;
}
