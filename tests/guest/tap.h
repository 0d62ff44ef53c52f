/*
 * TAP for programs that run inside the guest, and what most of them need.
 *
 * A test program is one .c file in tests/guest/SUBJECT/, named for what it
 * shows.  It checks rules with ok(), skips with skip(), and ends with
 * `return done_testing();`.  The same binary must pass on Linux.
 *
 * Results are written with write(2), so a fork never repeats them; only the
 * first process counts them.  A child checks with need(), and the parent
 * looks at how it ended.
 *
 * Entry points: ok, ok_errno, need, skip, bail, tap_folder, each_folder,
 * start_child, in_child, in_child_as, exit_code, end_child, become, sleep_ms,
 * sleep_forever, now_ms,
 * wait_for_state, file_text, put_file, done_testing.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The unprivileged user of the root image. */
#define STUDENT 1000

/* A pointer to no memory, unknown to the compiler. */
static void *volatile nowhere __attribute__((unused)) = (void *)8;

static int tap_count;
static int tap_failures;

/* Stands before each rule: which of several rounds this is. */
static const char *tap_round = "";

static inline void tap_line(const char *format, ...)
{
	char line[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	if (write(1, line, length) != length)
		_exit(99);
}

static inline int tap_result(int holds, const char *rule, const char *file,
			     int line)
{
	int error = errno;

	tap_count++;
	tap_line("%sok %d - %s%s\n", holds ? "" : "not ", tap_count, tap_round,
		 rule);
	if (!holds) {
		tap_failures++;
		tap_line("# at %s:%d, errno %d (%s)\n", file, line, error,
			 strerror(error));
	}
	return holds;
}

/* ok - one result: RULE holds or it does not.  The condition's value. */
#define ok(condition, rule) tap_result(!!(condition), rule, __FILE__, __LINE__)

/* ok_errno - CALL returned -1 and errno is WANT. */
#define ok_errno(call, want, rule)                                             \
	({                                                                     \
		long tap_ret;                                                  \
		errno = 0;                                                     \
		tap_ret = (long)(call);                                        \
		tap_result(tap_ret == -1 && errno == (want), rule, __FILE__,   \
			   __LINE__);                                          \
	})

/* fails - CALL returned -1 and errno is WANT: a condition, not a result. */
#define fails(call, want)                                                      \
	({                                                                     \
		errno = 0;                                                     \
		(long)(call) == -1 && errno == (want);                         \
	})

/* need - in a child: end it with status 97 if the condition does not hold. */
#define need(condition)                                                        \
	({                                                                     \
		if (!(condition)) {                                            \
			tap_line("# child at %s:%d, errno %d (%s)\n",          \
				 __FILE__, __LINE__, errno, strerror(errno));  \
			_exit(97);                                             \
		}                                                              \
	})

/* skip - a result that cannot be had here, and why. */
static inline void skip(const char *rule, const char *why)
{
	tap_count++;
	tap_line("ok %d - %s%s # SKIP %s\n", tap_count, tap_round, rule, why);
}

/* bail - the test cannot go on. */
static inline void bail(const char *why)
{
	tap_line("Bail out! %s: %s\n", why, strerror(errno));
	_exit(98);
}

/* done_testing - print the plan; the value for main to return. */
static inline int done_testing(void)
{
	tap_line("1..%d\n", tap_count);
	return tap_failures ? 1 : 0;
}

/* --- time ----------------------------------------------------------------- */

/* now_ms - the monotonic clock in milliseconds. */
static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* sleep_ms - sleep that long, signals or not. */
static inline void sleep_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* sleep_forever - until a signal ends the program. */
static inline _Noreturn void sleep_forever(void)
{
	for (;;)
		pause();
}

/* --- children ------------------------------------------------------------- */

/* start_child - BODY's value is the exit status of a new child. */
static inline pid_t start_child(int (*body)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		bail("fork");
	if (pid == 0)
		_exit(body());
	return pid;
}

/* exit_code - wait for PID: its exit status, or 128 + the signal. */
static inline int exit_code(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + WTERMSIG(status);
}

/* in_child - run BODY in a child; its exit_code. */
static inline int in_child(int (*body)(void))
{
	return exit_code(start_child(body));
}

/* become - for good: user and group ID, no other groups. */
static inline void become(int id)
{
	if (setgroups(0, NULL) || setresgid(id, id, id) ||
	    setresuid(id, id, id))
		bail("become");
}

/* in_child_as - run BODY in a child that is user and group ID. */
static inline int in_child_as(int id, int (*body)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		bail("fork");
	if (pid == 0) {
		become(id);
		_exit(body());
	}
	return exit_code(pid);
}

/* end_child - kill and reap. */
static inline void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	exit_code(pid);
}

/* file_text - what a (small) file holds, as a string; "" if it cannot be. */
static inline char *file_text(const char *path, char *text, int size)
{
	int length = 0;
	int got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && length < size - 1) {
		got = read(fd, text + length, size - 1 - length);
		if (got <= 0)
			break;
		length += got;
	}
	text[length] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

/* put_file - make PATH a file that holds TEXT. */
static inline void put_file(const char *path, const char *text)
{
	int length = strlen(text);
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, length) != length || close(fd))
		bail(path);
}

/* state_of - the letter of PID's state in /proc; 0 if there is none. */
static inline int state_of(pid_t pid)
{
	char path[40];
	char text[400];
	char *letter;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	letter = strrchr(file_text(path, text, sizeof(text)), ')');
	return letter ? letter[2] : 0;
}

/* wait_for_state - until PID's state is LETTER, for two seconds at most. */
static inline int wait_for_state(pid_t pid, int letter)
{
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (state_of(pid) == letter)
			return 1;
		sleep_ms(2);
	}
	return 0;
}

/* --- folders -------------------------------------------------------------- */

/* tap_folder_in - a fresh folder in WHERE, made the working directory. */
static inline void tap_folder_in(const char *where, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s.%d", where, name, (int)getpid());
	if (mkdir(path, 0700) || chdir(path))
		bail(path);
}

/* tap_folder - a fresh folder in /tmp, made the working directory. */
static inline void tap_folder(const char *name)
{
	tap_folder_in("/tmp", name);
}

static inline int tap_remove_one(const char *path, const struct stat *st,
				 int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* remove_tree - a file or folder and all that is in it. */
static inline int remove_tree(const char *path)
{
	return nftw(path, tap_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/*
 * each_folder - run TEST in a fresh folder of the root file system, then in
 * one of /tmp, a tmpfs; the folder goes away afterwards.
 */
static inline void each_folder(void (*test)(void))
{
	static const char *const where[] = {"/home", "/tmp"};
	static const char *const rounds[] = {"root: ", "tmpfs: "};
	char path[64];
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/t.%d", where[i],
			 (int)getpid());
		if (mkdir(path, 0755) || chdir(path))
			bail(path);
		tap_round = rounds[i];
		test();
		if (chdir("/") || remove_tree(path))
			tap_line("# %s stays: %s\n", path, strerror(errno));
	}
	tap_round = "";
}
