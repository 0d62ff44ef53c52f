/*
 * futex(2): wait and wake, timeouts, bit sets, requeue, between threads and
 * between processes; and set_tid_address(2).
 */
#include "tap.h"
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int *word;

static long futex(int *where, int operation, int value, const void *timeout,
		  int *other, int third)
{
	return syscall(SYS_futex, where, operation, value, timeout, other,
		       third);
}

static int waits_shared(void)
{
	return futex(word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 11 : 12;
}

static int waits_bit(void)
{
	return futex(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 2) == 0 ? 11 : 12;
}

/* start_waiter - a child that sleeps in BODY's futex call. */
static pid_t start_waiter(int (*body)(void))
{
	pid_t pid = start_child(body);

	sleep_ms(5);
	wait_for_state(pid, 'S');
	return pid;
}

static void refuses_to_wait(void)
{
	struct timespec soon = {0, 20000000};
	struct timespec wrong = {0, 1000000000};
	long before;

	*word = 1;
	ok_errno(futex(word, FUTEX_WAIT, 0, NULL, NULL, 0), EAGAIN,
		 "WAIT: the word is not the value");
	before = now_ms();
	ok_errno(futex(word, FUTEX_WAIT, 1, &soon, NULL, 0), ETIMEDOUT,
		 "WAIT: the time is over");
	ok(now_ms() - before >= 19, "not before");
	ok_errno(futex(word, FUTEX_WAIT, 1, &wrong, NULL, 0), EINVAL,
		 "WAIT: no such time");
	ok_errno(futex((int *)((char *)word + 1), FUTEX_WAIT, 1, NULL, NULL, 0),
		 EINVAL, "WAIT: not an int's address");
	ok_errno(futex((int *)8, FUTEX_WAIT, 1, NULL, NULL, 0), EFAULT,
		 "WAIT: no memory there");
	ok_errno(futex(word, 99, 1, NULL, NULL, 0), ENOSYS,
		 "an unknown operation");
	ok(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0,
	   "WAKE: nobody waits");
}

static void wakes(void)
{
	pid_t pids[3];
	int woken;
	int i;

	*word = 0;
	for (i = 0; i < 3; i++)
		pids[i] = start_waiter(waits_shared);
	ok(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0) == 1, "WAKE wakes one");
	ok(exit_code(pids[0]) == 11, "the one that came first");
	ok(futex(word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0) == 2,
	   "WAKE wakes the rest");
	woken = exit_code(pids[1]) + exit_code(pids[2]);
	ok(woken == 22, "processes share a futex in shared memory");
	pids[0] = start_waiter(waits_shared);
	ok(futex(word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0) == 0,
	   "FUTEX_PRIVATE_FLAG: not another process's");
	futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
	exit_code(pids[0]);
}

static void bit_sets(void)
{
	pid_t pid;

	*word = 0;
	pid = start_waiter(waits_bit);
	ok(futex(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 4) == 0,
	   "WAKE_BITSET: no common bit");
	ok(futex(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 6) == 1 &&
		   exit_code(pid) == 11,
	   "WAKE_BITSET: a common bit");
	ok_errno(futex(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL,
		 "WAIT_BITSET: no bit at all");
}

static void absolute(void)
{
	struct timespec until;
	long before = now_ms();

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	ok_errno(futex(word, FUTEX_WAIT_BITSET, *word, &until, NULL, -1),
		 ETIMEDOUT, "WAIT_BITSET: until a time on the clock");
	ok(now_ms() - before >= 19 && now_ms() - before < 500, "at that time");
}

static void requeue(void)
{
	int *second = word + 1;
	pid_t pids[3];
	int i;

	*word = 0;
	for (i = 0; i < 3; i++)
		pids[i] = start_waiter(waits_shared);
	ok_errno(futex(word, FUTEX_CMP_REQUEUE, 1, (void *)5, second, 1),
		 EAGAIN, "CMP_REQUEUE: the word is not the value");
	ok(futex(word, FUTEX_CMP_REQUEUE, 1, (void *)5, second, 0) == 3,
	   "CMP_REQUEUE: one woken, two moved");
	ok(exit_code(pids[0]) == 11, "the first is awake");
	ok(futex(word, FUTEX_WAKE, 9, NULL, NULL, 0) == 0,
	   "nobody waits at the first word");
	ok(futex(second, FUTEX_WAKE, 9, NULL, NULL, 0) == 2,
	   "two wait at the second");
	exit_code(pids[1]);
	exit_code(pids[2]);
}

static void nothing(int sig)
{
	(void)sig;
}

static int interrupted(void)
{
	struct sigaction action = {.sa_handler = nothing};

	sigaction(SIGUSR1, &action, NULL);
	return fails(futex(word, FUTEX_WAIT, 0, NULL, NULL, 0), EINTR) ? 13
								       : 14;
}

static void signals(void)
{
	pid_t pid;

	*word = 0;
	pid = start_waiter(interrupted);
	kill(pid, SIGUSR1);
	ok(exit_code(pid) == 13, "WAIT: EINTR after a handler");
}

static int clears_tid(void)
{
	*word = 99;
	need(syscall(SYS_set_tid_address, word) == getpid());
	_exit(0);
}

/*
 * The word is cleared only while somebody else uses the memory: here nobody
 * does, as fork's child has a copy of everything but the shared page.
 */
static void tid_address(void)
{
	ok(in_child(clears_tid) == 0, "set_tid_address returns the tid");
}

static void in_files(void)
{
	pid_t pid;
	int *other;
	int fd;

	put_file("futex", "\0\0\0\0\0\0\0\0");
	fd = open("futex", O_RDWR);
	if (ftruncate(fd, 4096))
		bail("ftruncate");
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid = start_waiter(waits_shared);
	ok(futex(other, FUTEX_WAKE, 1, NULL, NULL, 0) == 1 &&
		   exit_code(pid) == 11,
	   "a futex in a file is one, wherever it is mapped");
}

int main(void)
{
	tap_folder("futex");
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	refuses_to_wait();
	wakes();
	bit_sets();
	absolute();
	requeue();
	signals();
	tid_address();
	in_files();
	return done_testing();
}
