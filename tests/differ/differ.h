/*
 * What every program of tests/differ needs: chance from a seed, and lines that
 * are the same on every kernel that behaves the same.
 *
 * A program asks COUNT random questions that its SEED gives, and prints one
 * line for each, with what can be seen afterwards.  What differs from run to
 * run by right (ids of processes, addresses, times) is named or left out, so
 * the outputs of two kernels can be compared as text (tests/differ/run).
 *
 * Entry points: differ_seed, pick, chance, one_of, some_of, say, say_end,
 * text_result, text_flags, raw.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* --- chance ----------------------------------------------------------------
 */

static uint64_t differ_state;

/* differ_random - the next 64 bits (splitmix64). */
static inline uint64_t differ_random(void)
{
	uint64_t z = (differ_state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* differ_seed - all that follows depends on SEED alone; seeds side by side have
 * nothing in common. */
static inline void differ_seed(unsigned long seed)
{
	differ_state = seed;
	differ_state = differ_random() ^ seed << 32;
}

/* pick - a number from 0 to N - 1. */
static inline unsigned pick(unsigned n)
{
	return (differ_random() >> 16) % n;
}

/* chance - true in PERCENT of 100 cases. */
static inline int chance(unsigned percent)
{
	return pick(100) < percent;
}

/* one_of - an element of an array. */
#define one_of(array) ((array)[pick(ARRAY_SIZE(array))])

/* differ_start - the arguments SEED and COUNT; the latter's value. */
static inline int differ_start(int argc, char **argv)
{
	if (argc != 3) {
		dprintf(2, "usage: %s SEED COUNT\n", argv[0]);
		exit(2);
	}
	differ_seed(strtoul(argv[1], NULL, 0));
	return atoi(argv[2]);
}

/* --- lines -----------------------------------------------------------------
 */

static char differ_line[8192];
static int differ_length;

/* say - more of the current line. */
__attribute__((format(printf, 1, 2))) static inline void say(const char *format,
							     ...)
{
	int room = sizeof(differ_line) - differ_length - 2;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(differ_line + differ_length, room, format, args);
	va_end(args);
	differ_length += length < room ? length : room - 1;
}

/* say_end - the line is complete. */
static inline void say_end(void)
{
	differ_line[differ_length++] = '\n';
	if (write(1, differ_line, differ_length) != differ_length)
		_exit(99);
	differ_length = 0;
}

/* differ_broken - the program itself cannot go on; no kernel's answer. */
static inline _Noreturn void differ_broken(const char *why)
{
	say("BROKEN: %s: %s", why, strerror(errno));
	say_end();
	_exit(98);
}

/* --- names -----------------------------------------------------------------
 */

struct differ_name {
	long value;
	const char *name;
};

/* A name of C is one here: {SIGHUP, "SIGHUP"}. */
#define N(name)                                                                \
	{                                                                      \
		(long)(name), #name                                            \
	}

static const struct differ_name differ_errors[] = {
	N(EPERM),     N(ENOENT),	  N(ESRCH),	      N(EINTR),
	N(EIO),	      N(ENXIO),		  N(E2BIG),	      N(ENOEXEC),
	N(EBADF),     N(ECHILD),	  N(EAGAIN),	      N(ENOMEM),
	N(EACCES),    N(EFAULT),	  N(ENOTBLK),	      N(EBUSY),
	N(EEXIST),    N(EXDEV),		  N(ENODEV),	      N(ENOTDIR),
	N(EISDIR),    N(EINVAL),	  N(ENFILE),	      N(EMFILE),
	N(ENOTTY),    N(ETXTBSY),	  N(EFBIG),	      N(ENOSPC),
	N(ESPIPE),    N(EROFS),		  N(EMLINK),	      N(EPIPE),
	N(EDOM),      N(ERANGE),	  N(EDEADLK),	      N(ENAMETOOLONG),
	N(ENOLCK),    N(ENOSYS),	  N(ENOTEMPTY),	      N(ELOOP),
	N(ENODATA),   N(EOVERFLOW),	  N(EBADFD),	      N(EUSERS),
	N(ENOTSOCK),  N(EOPNOTSUPP),	  N(EAFNOSUPPORT),    N(ENOPROTOOPT),
	N(ETIMEDOUT), N(EOWNERDEAD),	  N(ENOTRECOVERABLE), N(ESTALE),
	N(ECANCELED), N(EPROTONOSUPPORT), N(ENOTCONN),	      N(EDESTADDRREQ),
};

static const struct differ_name differ_signals[] = {
	N(SIGHUP),  N(SIGINT),	N(SIGQUIT),  N(SIGILL),	 N(SIGTRAP),
	N(SIGABRT), N(SIGBUS),	N(SIGFPE),   N(SIGKILL), N(SIGUSR1),
	N(SIGSEGV), N(SIGUSR2), N(SIGPIPE),  N(SIGALRM), N(SIGTERM),
	N(SIGCHLD), N(SIGCONT), N(SIGSTOP),  N(SIGTSTP), N(SIGTTIN),
	N(SIGTTOU), N(SIGURG),	N(SIGXCPU),  N(SIGXFSZ), N(SIGVTALRM),
	N(SIGPROF), N(SIGIO),	N(SIGWINCH), N(SIGPWR),	 N(SIGSYS),
};

/* differ_text - one of some buffers in turn, for a text of one line. */
static inline char *differ_text(void)
{
	static char texts[16][512];
	static int turn;

	turn = (turn + 1) % 16;
	texts[turn][0] = 0;
	return texts[turn];
}

/* fmt - a text of one line, good for a while. */
__attribute__((format(printf, 1, 2))) static inline const char *fmt(
	const char *format, ...)
{
	char *text = differ_text();
	va_list args;

	va_start(args, format);
	vsnprintf(text, 512, format, args);
	va_end(args);
	return text;
}

/* text_name - the name of VALUE in a table, else the number. */
static inline const char *text_name(const struct differ_name *names, int count,
				    long value)
{
	char *text;
	int i;

	for (i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	text = differ_text();
	sprintf(text, "%ld", value);
	return text;
}

#define text_named(names, value) text_name(names, ARRAY_SIZE(names), value)

/* text_signal - SIGHUP, or the number. */
static inline const char *text_signal(int sig)
{
	return text_named(differ_signals, sig);
}

/* text_result - what a raw call returned: -EINVAL, 0, 5. */
static inline const char *text_result(long ret)
{
	char *text = differ_text();

	if (ret < 0 && ret > -4096)
		sprintf(text, "-%s", text_named(differ_errors, -ret));
	else
		sprintf(text, "%ld", ret);
	return text;
}

/* text_flags - names of the bits set, joined by |, and the rest in hex. */
static inline const char *text_flags(const struct differ_name *names, int count,
				     unsigned long value)
{
	char *text = differ_text();
	int length = 0;
	int i;

	for (i = 0; i < count; i++) {
		unsigned long bits = names[i].value;

		if (!bits || (value & bits) != bits)
			continue;
		length += sprintf(text + length, "%s%s", length ? "|" : "",
				  names[i].name);
		value &= ~bits;
	}
	if (value || !length)
		sprintf(text + length, "%s%#lx", length ? "|" : "", value);
	return text;
}

#define text_bits(names, value) text_flags(names, ARRAY_SIZE(names), value)

/* some_bits - a few of the bits of a table, none at times. */
static inline unsigned long some_bits(const struct differ_name *names,
				      int count, int most)
{
	unsigned long value = 0;
	int bits = pick(most + 1);

	while (bits-- > 0)
		value |= names[pick(count)].value;
	return value;
}

#define some_of(names, most) some_bits(names, ARRAY_SIZE(names), most)

/* --- calls -----------------------------------------------------------------
 */

/* raw - a system call without the C library: -errno, and no use of TLS. */
static inline long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define raw0(nr)	  raw(nr, 0, 0, 0, 0, 0, 0)
#define raw1(nr, a)	  raw(nr, (long)(a), 0, 0, 0, 0, 0)
#define raw2(nr, a, b)	  raw(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define raw3(nr, a, b, c) raw(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define raw4(nr, a, b, c, d)                                                   \
	raw(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* What rt_sigaction(2) itself takes. */
struct raw_sigaction {
	unsigned long handler;
	unsigned long flags;
	unsigned long restorer;
	uint64_t mask;
};

#define RAW_SA_RESTORER 0x04000000UL

/* raw_restorer - where a handler returns to. */
void raw_restorer(void);
__asm__(".pushsection .text\n"
	".type raw_restorer, @function\n"
	"raw_restorer: mov $15, %eax\n"
	"syscall\n"
	".popsection");

/* read_text - what a file holds, as a string; its length, or -errno. */
static inline int read_text(const char *path, char *text, int size)
{
	int length = 0;
	int got = 0;
	int fd;

	text[0] = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (length < size - 1 &&
	       (got = read(fd, text + length, size - 1 - length)) > 0)
		length += got;
	text[length] = 0;
	close(fd);
	return length;
}
