/*
 * membarrier(2): what is known, who must register, and that it orders.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/syscall.h>

#define QUERY		 0
#define GLOBAL		 1
#define GLOBAL_EXPEDITED 2
#define REGISTER_GLOBAL	 4
#define PRIVATE		 8
#define REGISTER_PRIVATE 16
#define COMMANDS	 31

static long membarrier(int command, unsigned int flags)
{
	return syscall(SYS_membarrier, command, flags, 0);
}

static int in_new_child(void)
{
	return membarrier(PRIVATE, 0) == 0 ? 1 : 2;
}

/*
 * Two threads each write one word and read the other's; one has only a
 * compiler barrier between, the other the call: never both read 0.
 */
static volatile int x, y, seen_x, seen_y, round_no, answer;

static void *light_side(void *arg)
{
	int last = 0;

	(void)arg;
	for (;;) {
		while (round_no == last)
			sched_yield();
		last = round_no;
		if (last < 0)
			return NULL;
		x = 1;
		__asm__ volatile("" ::: "memory");
		seen_y = y;
		__atomic_store_n(&answer, last, __ATOMIC_SEQ_CST);
	}
}

static void orders(void)
{
	pthread_t thread;
	int bad = 0;
	int i;

	pthread_create(&thread, NULL, light_side, NULL);
	for (i = 1; i <= 300; i++) {
		x = y = 0;
		__atomic_store_n(&round_no, i, __ATOMIC_SEQ_CST);
		y = 1;
		membarrier(PRIVATE, 0);
		seen_x = x;
		while (__atomic_load_n(&answer, __ATOMIC_SEQ_CST) != i)
			sched_yield();
		bad += !seen_x && !seen_y;
	}
	round_no = -1;
	pthread_join(thread, NULL);
	ok(!bad, "one side's barriers serve both");
}

int main(void)
{
	ok((membarrier(QUERY, 0) & COMMANDS) == COMMANDS,
	   "QUERY: the commands there are");
	ok_errno(membarrier(QUERY, 1), EINVAL, "a bad flag");
	ok_errno(membarrier(3, 0), EINVAL, "two commands at once");
	ok_errno(membarrier(1 << 20, 0), EINVAL, "an unknown one");
	ok(membarrier(GLOBAL, 0) == 0, "GLOBAL");
	ok(membarrier(GLOBAL_EXPEDITED, 0) == 0,
	   "GLOBAL_EXPEDITED: without registration");
	ok(membarrier(REGISTER_GLOBAL, 0) == 0, "its registration");
	ok_errno(membarrier(PRIVATE, 0), EPERM,
		 "PRIVATE_EXPEDITED: not without");
	ok(membarrier(REGISTER_PRIVATE, 0) == 0 &&
		   membarrier(REGISTER_PRIVATE, 0) == 0,
	   "REGISTER_PRIVATE_EXPEDITED, twice");
	ok(membarrier(PRIVATE, 0) == 0, "PRIVATE_EXPEDITED");
	ok(in_child(in_new_child) == 1, "a child is registered too");
	orders();
	return done_testing();
}
