/*
 * What the workers of mixed.c share: the clock they stop by, the counts they
 * leave for the parent, and streams of bytes that can be checked.
 *
 * Entry points: stream_byte, stream_fill, stream_matches, write_all, read_all.
 */
#pragma once

#include "stress.h"
#include <pthread.h>

#define WORKERS_MAX 16

/* What all workers and the parent see: one page of shared memory. */
struct board {
	volatile int stop;
	volatile long rounds[WORKERS_MAX];
	volatile pid_t pids[WORKERS_MAX];
};

static struct board *board;
static const char *self_path;

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
