/*
 * Test programs in the LTP's manner: what they print, how they end.
 *
 * A source file holds a family of programs, each begun with
 *
 *	TST(clone01, "a child is made and waited for") { ... }
 *
 * and run by the name it is called by (/ltp/clone01 is a link to the family),
 * or as `clone clone01`; `clone --list` prints the names.  HELPER() makes one
 * that a test runs with execve and that is not listed.
 *
 * The test's body is a child of the program, with a time limit; it and all its
 * children share one count of results.  Each result is a line "clone.c:42:
 * TPASS: ...", the end is the Summary, the exit status is the sum of TFAIL 1,
 * TBROK 2, TWARN 4 and TCONF 32 (the last if nothing passed).
 *
 * Entry points: tst_res, tst_brk, EXPECT, EXPECT_ERR, SAFE, tst_fork, tst_code,
 * tst_reap, tst_wake, tst_wait, tst_state_wait, tst_reinit, tst_self,
 * tst_become, tst_folder.
 */
#pragma once

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TPASS 0
#define TFAIL 1
#define TBROK 2
#define TWARN 4
#define TINFO 16
#define TCONF 32

/* A body may take this long; the runner waits a little longer. */
#define TST_SECONDS 30

/* The descriptor through which a program that was exec'ed counts on. */
#define TST_FD 200

/* The unprivileged user and group of the root image. */
#define TST_USER 1000

/* A pointer to no memory, unknown to the compiler. */
static void *volatile nowhere __attribute__((unused)) = (void *)8;

struct tst_program {
	const char *name;
	const char *about; /* NULL: a helper */
	void (*run)(void);
};

/* Shared by all processes of a test. */
struct tst_counts {
	int passed;
	int failed;
	int broken;
	int skipped;
	int warnings;
	int wakes[4];  /* tst_wake's, less tst_wait's */
	int words[16]; /* for the test's own use */
};

static struct tst_counts *tst_counts;
static pid_t tst_body;
static const char *tst_name;
extern const struct tst_program __start_tst_programs[];
extern const struct tst_program __stop_tst_programs[];

#define TST_ENTRY(name, about)                                                 \
	static void tst_run_##name(void);                                      \
	static const struct tst_program tst_##name                             \
		__attribute__((used, section("tst_programs"), aligned(8))) = { \
			#name, about, tst_run_##name};                         \
	static void tst_run_##name(void)
#define TST(name, about) TST_ENTRY(name, about)
#define HELPER(name)	 TST_ENTRY(name, NULL)

/* --- results ------------------------------------------------------------- */

static inline void tst_count(int type)
{
	int *count = type == TPASS   ? &tst_counts->passed
		     : type == TFAIL ? &tst_counts->failed
		     : type == TBROK ? &tst_counts->broken
		     : type == TCONF ? &tst_counts->skipped
		     : type == TWARN ? &tst_counts->warnings
				     : NULL;

	if (count)
		__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
}

static inline const char *tst_type_name(int type)
{
	return type == TPASS   ? "TPASS"
	       : type == TFAIL ? "TFAIL"
	       : type == TBROK ? "TBROK"
	       : type == TCONF ? "TCONF"
	       : type == TWARN ? "TWARN"
			       : "TINFO";
}

__attribute__((format(printf, 4, 5))) static inline void tst_report(
	const char *file, int line, int type, const char *format, ...)
{
	char text[400];
	char out[512];
	va_list args;
	int length;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	file = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	length = snprintf(out, sizeof(out), "%s:%d: %s: %s\n", file, line,
			  tst_type_name(type), text);
	/* One write(2), so that processes do not mix their lines. */
	if (write(1, out, length) != length)
		_exit(TBROK);
	tst_count(type);
}

/* tst_res - one result, or a remark with TINFO. */
#define tst_res(type, ...) tst_report(__FILE__, __LINE__, type, __VA_ARGS__)

/* tst_brk - TBROK or TCONF; the process that says so ends. */
#define tst_brk(type, ...)                                                     \
	({                                                                     \
		tst_res(type, __VA_ARGS__);                                    \
		_exit(type);                                                   \
	})

/* EXPECT - TPASS if the condition holds, else TFAIL; its value. */
#define EXPECT(condition, ...)                                                 \
	({                                                                     \
		int tst_holds = !!(condition);                                 \
		int tst_errno = errno;                                         \
		tst_res(tst_holds ? TPASS : TFAIL, __VA_ARGS__);               \
		if (!tst_holds)                                                \
			tst_res(TINFO, "not so: %s; errno %d (%s)",            \
				#condition, tst_errno, strerror(tst_errno));   \
		tst_holds;                                                     \
	})

/* EXPECT_ERR - TPASS if the call gives -1 and that errno. */
#define EXPECT_ERR(call, want)                                                 \
	({                                                                     \
		long tst_ret;                                                  \
		errno = 0;                                                     \
		tst_ret = (long)(call);                                        \
		tst_res(tst_ret == -1 && errno == (want) ? TPASS : TFAIL,      \
			"%s: %ld, %s; " #want " is right", #call, tst_ret,     \
			strerror(errno));                                      \
	})

/* SAFE - a call that must not fail for the test to mean something. */
#define SAFE(call)                                                             \
	({                                                                     \
		long tst_ret = (long)(call);                                   \
		if (tst_ret == -1)                                             \
			tst_brk(TBROK, "%s: %s", #call, strerror(errno));      \
		tst_ret;                                                       \
	})

/* --- children ------------------------------------------------------------ */

/* tst_fork - a child of the test: 0 in it, its pid in the parent. */
#define tst_fork() ((pid_t)SAFE(fork()))

/* tst_code - wait for a child: its exit status, or 128 + the signal. */
static inline int tst_code(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) != pid)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* tst_reap - wait for all children; each that did not end with 0 is a
 * warning. */
static inline void tst_reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (pid > 0 && status)
			tst_res(TWARN, "child %d: status %#x", (int)pid,
				status);
}

static inline void tst_sleep_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static inline long tst_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* tst_wake - let one tst_wait on the same BELL, 0 to 3, go on. */
static inline void tst_wake(int bell)
{
	__atomic_add_fetch(&tst_counts->wakes[bell], 1, __ATOMIC_SEQ_CST);
}

/* tst_wait - until a tst_wake on that BELL; ten seconds at most. */
static inline void tst_wait(int bell)
{
	int *bells = &tst_counts->wakes[bell];
	long end = tst_now_ms() + 10000;
	int wakes;

	for (;;) {
		wakes = __atomic_load_n(bells, __ATOMIC_SEQ_CST);
		if (wakes > 0 && __atomic_compare_exchange_n(
					 bells, &wakes, wakes - 1, 0,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
		if (tst_now_ms() > end)
			tst_brk(TBROK, "nobody called tst_wake(%d)", bell);
		tst_sleep_ms(1);
	}
}

/* tst_stat - a number of /proc/PID/stat by its place in proc(5), from 4 on;
 * place 3 is the state's letter. */
static inline long tst_stat(pid_t pid, int place)
{
	char path[40];
	char text[512] = "";
	char *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	at = strrchr(text, ')');
	if (!at)
		return -1;
	if (place == 3)
		return at[2];
	for (at += 2; place > 3 && at; place--)
		at = strchr(at + 1, ' ');
	return at ? strtol(at, NULL, 10) : -1;
}

/* tst_state_wait - until a process is in that state, ten seconds at most. */
static inline void tst_state_wait(pid_t pid, int letter)
{
	long end = tst_now_ms() + 10000;

	while (tst_stat(pid, 3) != letter) {
		if (tst_now_ms() > end)
			tst_brk(TBROK, "%d never was in state %c", (int)pid,
				letter);
		tst_sleep_ms(1);
	}
}

/* tst_become - for good: TST_USER's ids and no other groups. */
static inline void tst_become(void)
{
	SAFE(setgroups(0, NULL));
	SAFE(setresgid(TST_USER, TST_USER, TST_USER));
	SAFE(setresuid(TST_USER, TST_USER, TST_USER));
}

/* tst_folder - a fresh working directory in /tmp that anybody may use. */
static inline void tst_folder(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/ltp.%s.%d", tst_name, (int)getpid());
	SAFE(mkdir(path, 0777));
	SAFE(chmod(path, 0777));
	SAFE(chdir(path));
}

/* --- the program --------------------------------------------------------- */

/* tst_reinit - in a program that a test became with execve: count on. */
static inline void tst_reinit(void)
{
	tst_counts = mmap(NULL, sizeof(*tst_counts), PROT_READ | PROT_WRITE,
			  MAP_SHARED, TST_FD, 0);
	if (tst_counts == MAP_FAILED)
		_exit(TBROK);
}

static inline void tst_share(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/ltp-counts.%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || unlink(path) || ftruncate(fd, sizeof(*tst_counts)) ||
	    dup2(fd, TST_FD) != TST_FD || close(fd)) {
		perror(path);
		_exit(TBROK);
	}
	tst_reinit();
}

/* tst_self - the path of the family's program, for execve. */
static inline const char *tst_self(void)
{
	static char path[256];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[length > 0 ? length : 0] = 0;
	return path;
}

static inline void tst_summary(void)
{
	printf("\nSummary:\npassed   %d\nfailed   %d\nbroken   %d\n"
	       "skipped  %d\nwarnings %d\n",
	       tst_counts->passed, tst_counts->failed, tst_counts->broken,
	       tst_counts->skipped, tst_counts->warnings);
}

static inline int tst_exit_code(void)
{
	return (tst_counts->failed ? TFAIL : 0) |
	       (tst_counts->broken ? TBROK : 0) |
	       (tst_counts->warnings ? TWARN : 0) |
	       (tst_counts->skipped && !tst_counts->passed ? TCONF : 0);
}

static void tst_too_long(int sig)
{
	(void)sig;
	tst_report(tst_name, 0, TBROK, "took more than %d s", TST_SECONDS);
	kill(-tst_body, SIGKILL);
	kill(tst_body, SIGKILL);
}

/* Run the body in a process group of its own, under the time limit. */
static inline void tst_run(const struct tst_program *program)
{
	int status;

	tst_body = fork();
	if (tst_body < 0) {
		perror("fork");
		_exit(TBROK);
	}
	if (tst_body == 0) {
		setpgid(0, 0);
		program->run();
		_exit(0);
	}
	setpgid(tst_body, tst_body);
	signal(SIGALRM, tst_too_long);
	alarm(TST_SECONDS);
	while (waitpid(tst_body, &status, 0) != tst_body)
		;
	alarm(0);
	kill(-tst_body, SIGKILL);
	if (WIFSIGNALED(status))
		tst_report(tst_name, 0, TBROK, "killed by signal %d",
			   WTERMSIG(status));
	else if (!tst_counts->passed && !tst_counts->failed &&
		 !tst_counts->broken && !tst_counts->skipped)
		tst_report(tst_name, 0, TBROK, "no results at all");
}

int main(int argc, char **argv)
{
	const struct tst_program *program;
	const char *name = argc ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : argv[0];
	if (argc > 1 && !strcmp(argv[1], "--list")) {
		for (program = __start_tst_programs;
		     program < __stop_tst_programs; program++)
			if (program->about)
				puts(program->name);
		return 0;
	}
	for (program = __start_tst_programs; program < __stop_tst_programs;
	     program++) {
		if (strcmp(program->name, name) &&
		    (argc < 2 || strcmp(program->name, argv[1])))
			continue;
		tst_name = program->name;
		if (!program->about) {
			program->run();
			return 0;
		}
		tst_share();
		tst_report(tst_name, 0, TINFO, "%s", program->about);
		tst_run(program);
		tst_summary();
		return tst_exit_code();
	}
	fprintf(stderr, "%s: no such test; --list prints them\n", name);
	return TBROK;
}
