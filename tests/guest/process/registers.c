/*
 * Registers are a task's own: processes and threads that compute side by side
 * keep their general, SSE and x87 registers, and their thread pointers.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/syscall.h>

#define WORKERS 4

static volatile int wrong;
static __thread long own;

/* keeps - a value in many registers for MS: unchanged at every look. */
static int keeps(long seed, int ms)
{
	long until = now_ms() + ms;
	long a = seed;
	long b = ~seed;
	double x = seed * 1.5;
	long double y = seed * 2.5L;
	long i;

	own = seed;
	while (now_ms() < until) {
		for (i = 0; i < 3000; i++) {
			__asm__ volatile("movq %0, %%xmm5\n\t"
					 "movq %1, %%r12\n\t"
					 "pause\n\t"
					 "movq %%xmm5, %0\n\t"
					 "movq %%r12, %1"
					 : "+r"(a), "+r"(b)
					 :
					 : "xmm5", "r12");
			__asm__ volatile("" : "+x"(x));
			__asm__ volatile("" : "+t"(y));
		}
		if (a != seed || b != ~seed || x != seed * 1.5 ||
		    y != seed * 2.5L || own != seed)
			return 1;
	}
	return 0;
}

static int worker(void)
{
	return keeps(getpid(), 150);
}

static void processes(void)
{
	pid_t pids[WORKERS];
	int good = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		pids[i] = start_child(worker);
	for (i = 0; i < WORKERS; i++)
		good += exit_code(pids[i]) == 0;
	ok(good == WORKERS, "four processes keep their registers");
}

static void *thread(void *unused)
{
	if (keeps(gettid(), 150))
		wrong++;
	return unused;
}

static void threads(void)
{
	pthread_t all[WORKERS];
	int i;

	for (i = 0; i < WORKERS; i++)
		pthread_create(&all[i], NULL, thread, NULL);
	for (i = 0; i < WORKERS; i++)
		pthread_join(all[i], NULL);
	ok(!wrong, "four threads too");
}

static void across_calls(void)
{
	long kept[7] = {11, 12, 13, 14, 15, 16, 17};
	long rax = SYS_getppid;
	long flags;

	__asm__ volatile("mov %[k], %%rbx\n\t"
			 "mov 8(%%rbx), %%r12\n\t"
			 "mov 16(%%rbx), %%r13\n\t"
			 "mov 24(%%rbx), %%r14\n\t"
			 "mov 32(%%rbx), %%r8\n\t"
			 "mov 40(%%rbx), %%r9\n\t"
			 "mov 48(%%rbx), %%r10\n\t"
			 "syscall\n\t"
			 "sub 8(%%rbx), %%r12\n\t"
			 "sub 16(%%rbx), %%r13\n\t"
			 "sub 24(%%rbx), %%r14\n\t"
			 "sub 32(%%rbx), %%r8\n\t"
			 "sub 40(%%rbx), %%r9\n\t"
			 "sub 48(%%rbx), %%r10\n\t"
			 "or %%r12, %%r13\n\t"
			 "or %%r13, %%r14\n\t"
			 "or %%r14, %%r8\n\t"
			 "or %%r8, %%r9\n\t"
			 "or %%r9, %%r10\n\t"
			 "mov %%r10, %[f]"
			 : "+a"(rax), [f] "=&D"(flags)
			 : [k] "S"(kept)
			 : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "memory", "cc");
	ok(rax == getppid() && flags == 0,
	   "a call changes rax, rcx and r11, no other");
}

static void after_fork(void)
{
	double value = 2.718281828;
	pid_t pid;

	__asm__ volatile("movsd %0, %%xmm9" : : "m"(value) : "xmm9");
	pid = syscall(SYS_fork);
	__asm__ volatile("movsd %%xmm9, %0" : "=m"(value) : :);
	if (pid == 0)
		_exit(value == 2.718281828 ? 5 : 6);
	ok(exit_code(pid) == 5 && value == 2.718281828,
	   "fork copies floating-point registers");
}

int main(void)
{
	processes();
	threads();
	across_calls();
	after_fork();
	return done_testing();
}
