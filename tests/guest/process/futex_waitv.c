/*
 * futex_waitv(2): waiting for several words at once.
 */
#include "tap.h"
#include <linux/futex.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

static volatile uint32_t *word; /* three, in shared memory */

static long wakes(volatile uint32_t *where)
{
	return syscall(SYS_futex, where, FUTEX_WAKE, 1, NULL, NULL, 0);
}

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static long waitv(struct waitv *v, unsigned int nr, unsigned int flags,
		  const struct timespec *time, int clock)
{
	return syscall(SYS_futex_waitv, v, nr, flags, time, clock);
}

static int waits_for_three(void)
{
	struct waitv v[3] = {{0, (uintptr_t)word, 2, 0},
			     {0, (uintptr_t)(word + 1), 2, 0},
			     {0, (uintptr_t)(word + 2), 2, 0}};

	return 10 + waitv(v, 3, 0, NULL, 0);
}

static void all_of_it(void)
{
	struct waitv v[2] = {{0, (uintptr_t)word, 2, 0},
			     {0, (uintptr_t)(word + 1), 2, 0}};
	struct timespec now;
	long before;
	pid_t pid;

	ok_errno(waitv(v, 0, 0, NULL, 0), EINVAL, "waitv: none");
	ok_errno(waitv(v, 129, 0, NULL, 0), EINVAL, "waitv: too many");
	ok_errno(waitv(v, 2, 1, NULL, 0), EINVAL, "waitv: a bad flag");
	ok_errno(waitv(NULL, 2, 0, NULL, 0), EINVAL, "waitv: no list");
	ok_errno(waitv(nowhere, 2, 0, NULL, 0), EFAULT, "waitv: a bad list");
	v[1].flags = 0;
	ok_errno(waitv(v, 2, 0, NULL, 0), EINVAL, "waitv: no size");
	v[1].flags = 2 | 64;
	ok_errno(waitv(v, 2, 0, NULL, 0), EINVAL, "waitv: unknown flags");
	v[1].flags = 2;
	v[1].reserved = 1;
	ok_errno(waitv(v, 2, 0, NULL, 0), EINVAL, "waitv: reserved");
	v[1].reserved = 0;
	v[1].val = 1;
	ok_errno(waitv(v, 2, 0, NULL, 0), EAGAIN, "waitv: not the value");
	v[1].val = 1ULL << 32;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ok_errno(waitv(v, 2, 0, &now, CLOCK_MONOTONIC), ETIMEDOUT,
		 "waitv: only 32 bits count");
	v[1].val = 0;
	v[1].uaddr++;
	ok_errno(waitv(v, 2, 0, NULL, 0), EINVAL, "waitv: not aligned");
	v[1].uaddr = 8;
	ok_errno(waitv(v, 2, 0, NULL, 0), EFAULT, "waitv: no memory there");
	v[1].uaddr = (uintptr_t)(word + 1);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ok_errno(waitv(v, 2, 0, &now, CLOCK_BOOTTIME), EINVAL,
		 "waitv: another clock");
	before = now_ms();
	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_sec++;
	ok_errno(waitv(v, 2, 0, &now, CLOCK_MONOTONIC), ETIMEDOUT,
		 "waitv: the time is over");
	ok(now_ms() - before >= 999, "not before");
	pid = start_child(waits_for_three);
	sleep_ms(5);
	wait_for_state(pid, 'S');
	ok(wakes(word + 1) == 1 && exit_code(pid) == 11,
	   "waitv: which was woken");
	ok(wakes(word) == 0, "waitv: it waits for none any more");
}

int main(void)
{
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	all_of_it();
	return done_testing();
}
