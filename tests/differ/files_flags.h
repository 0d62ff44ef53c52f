/*
 * The flags that files.c gives its calls, and their names.
 *
 * Entry points: CHOICE(), the choices it makes, and the tables.
 */
#pragma once

#include "calls.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define SYS_OPENAT2	437
#define SYS_CLOSE_RANGE 436
#define SYS_PIDFD_GETFD 438

#define CHOICE(name, table, most)                                              \
	static long name(struct seat *seat, const char **text)                 \
	{                                                                      \
		long flags = some_of(table, most);                             \
                                                                               \
		(void)seat;                                                    \
		*text = text_bits(table, flags);                               \
		return flags;                                                  \
	}

static const struct differ_name fd_flags[] = {
	N(O_CLOEXEC), N(O_NONBLOCK), {O_CLOEXEC, "O_CLOEXEC"}, {1, "1"}};
CHOICE(some_fd_flags, fd_flags, 2)

static const struct differ_name pipe_flags[] = {
	N(O_CLOEXEC), N(O_DIRECT), {O_NONBLOCK, "O_NONBLOCK"}, {2, "2"}};
CHOICE(some_pipe_flags, pipe_flags, 2)

static const struct differ_name event_flags[] = {
	N(EFD_SEMAPHORE), N(EFD_NONBLOCK), N(EFD_CLOEXEC), {2, "2"}};
CHOICE(some_event_flags, event_flags, 2)

static const struct differ_name memfd_flags[] = {
	{1, "CLOEXEC"}, {2, "ALLOW_SEALING"}, {2, "ALLOW_SEALING"}, {16, "16"}};
CHOICE(some_memfd_flags, memfd_flags, 2)

static const struct differ_name range_flags[] = {
	{2, "UNSHARE"}, {4, "CLOEXEC"}, {8, "8"}};
CHOICE(some_range_flags, range_flags, 1)

static const struct differ_name seals[] = {{1, "SEAL"},		 {2, "SHRINK"},
					   {4, "GROW"},		 {8, "WRITE"},
					   {16, "FUTURE_WRITE"}, {32, "32"}};

static const struct differ_name open_flags[] = {
	N(O_WRONLY),	N(O_RDWR),    N(O_CREAT),    N(O_EXCL),
	N(O_TRUNC),	N(O_APPEND),  N(O_NOFOLLOW), N(O_PATH),
	N(O_DIRECTORY), N(O_CLOEXEC), N(O_SYNC),     {020000000, "TMPFILE"},
	N(O_NOATIME),
};
CHOICE(some_open_flags, open_flags, 3)

static const struct differ_name splice_flags[] = {
	{1, "MOVE"}, {2, "NONBLOCK"}, {8, "GIFT"}, {16, "16"}};

/* May not wait: only the flags besides that are chosen. */
static long some_splice_flags(struct seat *seat, const char **text)
{
	long flags = 2 | some_of(splice_flags, 1);

	(void)seat;
	*text = text_bits(splice_flags, flags);
	return flags;
}

static const struct differ_name poll_events[] = {
	N(EPOLLIN),
	N(EPOLLOUT),
	N(EPOLLPRI),
	N(EPOLLRDHUP),
	N(EPOLLONESHOT),
	N(EPOLLET),
	{EPOLLWAKEUP, "EPOLLWAKEUP"},
	{EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"}};

static const struct differ_name rw_flags[] = {{1, "HIPRI"},   {2, "DSYNC"},
					      {4, "SYNC"},    {8, "NOWAIT"},
					      {16, "APPEND"}, {32, "32"}};
CHOICE(some_rw_flags, rw_flags, 1)
