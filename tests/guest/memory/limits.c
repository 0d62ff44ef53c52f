/*
 * brk(2), the stack's growth, and the limits on memory: RLIMIT_DATA,
 * RLIMIT_AS, RLIMIT_STACK.
 */
#include "tap.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE	 4096
#define MEGABYTE (1l << 20)

static char *set_brk(char *where)
{
	return (char *)syscall(SYS_brk, where);
}

static int set_limit(int which, long size)
{
	struct rlimit limit = {size, size};

	return setrlimit(which, &limit);
}

static int heap(void)
{
	char *start = set_brk(NULL);
	int i;

	need(start != NULL);
	need(set_brk(start + 10 * PAGE) == start + 10 * PAGE);
	need(set_brk(NULL) == start + 10 * PAGE);
	for (i = 0; i < 10 * PAGE; i++)
		need(start[i] == 0);
	memset(start, 'x', 10 * PAGE);
	need(set_brk(start + PAGE) == start + PAGE);
	need(start[PAGE - 1] == 'x');
	need(set_brk(start + 2 * PAGE) == start + 2 * PAGE);
	need(start[PAGE] == 0);
	need(set_brk(start + 2 * PAGE + 5) == start + 2 * PAGE + 5);
	need(set_brk(start - 100 * MEGABYTE) == start + 2 * PAGE + 5);
	need(set_brk((char *)-1) == start + 2 * PAGE + 5);
	return 0;
}

static int heap_hits_mapping(void)
{
	char *start = set_brk(NULL);
	char *page = (char *)(((long)start + 8 * PAGE) & ~(PAGE - 1l));

	need(mmap(page, PAGE, PROT_READ,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
	need(set_brk(page + PAGE) == start);
	return 0;
}

static int data_limit(void)
{
	char *start = set_brk(NULL);

	need(set_limit(RLIMIT_DATA, 2 * MEGABYTE) == 0);
	need(set_brk(start + 4 * MEGABYTE) == start);
	need(set_brk(start + MEGABYTE) == start + MEGABYTE);
	need(mmap(NULL, 4 * MEGABYTE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	need(errno == ENOMEM);
	need(mmap(NULL, 4 * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0) != MAP_FAILED);
	need(mmap(NULL, 4 * MEGABYTE, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	return 0;
}

static int space_limit(void)
{
	char *start = set_brk(NULL);
	char *memory;

	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(set_limit(RLIMIT_AS, 16 * MEGABYTE) == 0);
	need(mmap(NULL, 20 * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0) == MAP_FAILED);
	need(errno == ENOMEM);
	need(mmap(NULL, 20 * MEGABYTE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0) == MAP_FAILED);
	need(errno == ENOMEM);
	need(set_brk(start + 20 * MEGABYTE) == start);
	need(mremap(memory, 4 * PAGE, 20 * MEGABYTE, MREMAP_MAYMOVE) ==
	     MAP_FAILED);
	need(errno == ENOMEM);
	need(mmap(NULL, MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		  0) != MAP_FAILED);
	return 0;
}

static sigjmp_buf trap;
static char *lowest;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	lowest = info->si_addr;
	siglongjmp(trap, 1);
}

static __attribute__((noinline)) int deeper(int bytes)
{
	volatile char frame[PAGE];

	frame[0] = 1;
	if (bytes <= PAGE)
		return frame[0];
	return deeper(bytes - PAGE) + frame[0];
}

static int stack_grows(void)
{
	return deeper(6 * MEGABYTE) < 1000;
}

static int stack_limit(void)
{
	static char alternate[16384];
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};
	char here;
	long depth;

	need(set_limit(RLIMIT_STACK, MEGABYTE) == 0);
	need(sigaltstack(&stack, NULL) == 0);
	need(sigaction(SIGSEGV, &action, NULL) == 0);
	if (sigsetjmp(trap, 1) == 0) {
		deeper(100 * MEGABYTE);
		return 1;
	}
	depth = &here - lowest;
	need(depth > MEGABYTE / 2 && depth < MEGABYTE + 4 * PAGE);
	return 0;
}

static int runs_over(void)
{
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_STACK, MEGABYTE);
	return deeper(100 * MEGABYTE);
}

/* The kernel keeps a gap between the stack and what lies below it. */
static int stack_gap(void)
{
	char here;
	char *below = (char *)(((long)&here - 2 * MEGABYTE) & ~(PAGE - 1l));

	set_limit(RLIMIT_CORE, 0);
	need(mmap(below, PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == below);
	need(deeper(512 * 1024) > 0);
	return deeper(1536 * 1024);
}

static int lock_limit(void)
{
	char *memory;

	set_limit(RLIMIT_MEMLOCK, 2 * PAGE);
	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(mlock(memory, 2 * PAGE) == 0);
	need(fails(mlock(memory, 4 * PAGE), ENOMEM));
	need(munlock(memory, 2 * PAGE) == 0);
	set_limit(RLIMIT_MEMLOCK, 0);
	need(fails(mlock(memory, PAGE), EPERM));
	return 0;
}

int main(void)
{
	ok(in_child(heap) == 0, "brk grows, shrinks, and refuses");
	ok(in_child(heap_hits_mapping) == 0, "brk stops at another mapping");
	ok(in_child(data_limit) == 0,
	   "RLIMIT_DATA bounds brk and private writable memory");
	ok(in_child(space_limit) == 0, "RLIMIT_AS bounds mmap, brk and mremap");
	ok(in_child(stack_grows) == 0, "the stack grows by megabytes");
	ok(in_child(stack_limit) == 0,
	   "RLIMIT_STACK ends it; the signal comes on the other stack");
	ok(in_child(runs_over) == 128 + SIGSEGV,
	   "without another stack the program is killed");
	ok(in_child(stack_gap) == 128 + SIGSEGV,
	   "the stack stops short of a mapping below it");
	ok(in_child_as(STUDENT, lock_limit) == 0,
	   "RLIMIT_MEMLOCK bounds mlock");
	return done_testing();
}
