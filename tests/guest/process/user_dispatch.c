/*
 * PR_SET_SYSCALL_USER_DISPATCH: calls from outside a range of code become
 * SIGSYS while a byte of the program's says so.
 */
#include "tap.h"
#include <linux/audit.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

#define OFF   0
#define ON    1
#define ALLOW 0
#define BLOCK 1

extern char __executable_start[], etext[];

static volatile char selector;
static long (*outside)(long nr, long arg); /* a call from a page of its own */
static char *page;

static volatile int seen;
static siginfo_t info;
static long number, result;

static void on_sigsys(int sig, siginfo_t *got, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	seen++;
	info = *got;
	number = uc->uc_mcontext.gregs[REG_RAX];
	if (result)
		uc->uc_mcontext.gregs[REG_RAX] = result;
}

static int dispatch(long mode, void *from, long len, volatile char *byte)
{
	return prctl(PR_SET_SYSCALL_USER_DISPATCH, mode, from, len, byte);
}

/* All of this program's calls are allowed. */
static int on(void)
{
	return dispatch(ON, __executable_start, etext - __executable_start,
			&selector);
}

static void arguments(void)
{
	ok(fails(dispatch(2, NULL, 0, NULL), EINVAL) &&
		   fails(dispatch(-1, NULL, 0, NULL), EINVAL),
	   "unknown modes: EINVAL");
	ok(fails(dispatch(OFF, page, 0, NULL), EINVAL) &&
		   fails(dispatch(OFF, NULL, 1, NULL), EINVAL) &&
		   fails(dispatch(OFF, NULL, 0, &selector), EINVAL),
	   "off with more: EINVAL");
	ok(fails(dispatch(ON, page, 0, NULL), EINVAL) &&
		   fails(dispatch(ON, page, -1, NULL), EINVAL),
	   "a range that has no end, or begins behind it: EINVAL");
	ok_errno(dispatch(ON, __executable_start, 1 << 20, (char *)(1UL << 63)),
		 EFAULT, "a selector in the kernel: EFAULT");
	ok(dispatch(OFF, NULL, 0, NULL) == 0, "off");
}

static void selected(void)
{
	selector = ALLOW;
	ok(on() == 0, "on");
	ok(outside(SYS_getppid, 0) == getppid() && !seen,
	   "the byte allows: calls are made");
	selector = BLOCK;
	ok(getpid() == syscall(SYS_getpid) && !seen,
	   "the range's calls are, too");
	result = 0;
	ok(outside(SYS_getppid, 7) == SYS_getppid && seen == 1 &&
		   number == SYS_getppid,
	   "others are not: the registers are as they were");
	ok(info.si_signo == SIGSYS && info.si_code == 2 && info.si_errno == 0 &&
		   info.si_syscall == SYS_getppid &&
		   info.si_arch == AUDIT_ARCH_X86_64 &&
		   (char *)info.si_call_addr > page &&
		   (char *)info.si_call_addr < page + 20,
	   "SIGSYS tells which, where, and why: SYS_USER_DISPATCH");
	result = 4711;
	ok(outside(SYS_exit_group, 3) == 4711 && seen == 2,
	   "the handler makes the result");
	result = 0;
	ok(outside(100000, 0) == 100000 && info.si_syscall == 100000,
	   "of numbers that are no calls, too");
	ok(dispatch(OFF, NULL, 0, NULL) == 0 &&
		   outside(SYS_getppid, 0) == getppid(),
	   "off again");
}

static int child(void)
{
	return outside(SYS_getppid, 0) == getppid() ? 0 : 1;
}

static void *thread(void *unused)
{
	(void)unused;
	return (void *)(long)(outside(SYS_getppid, 0) == getppid());
}

static void others(void)
{
	pthread_t id;
	void *good;
	int before = seen;

	selector = BLOCK;
	on();
	ok(in_child(child) == 0, "not in a child");
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, &good);
	ok(good && seen == before, "nor in another thread");
	dispatch(OFF, NULL, 0, NULL);
}

/* --- how it ends ---------------------------------------------------------- */

static int other_values(void)
{
	on();
	selector = 2;
	outside(SYS_getppid, 0);
	return 1;
}

static int no_byte(void)
{
	char *byte = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (dispatch(ON, __executable_start, etext - __executable_start, byte))
		return 1;
	munmap(byte, 4096);
	outside(SYS_getppid, 0);
	return 1;
}

static int without_byte(void)
{
	if (dispatch(ON, __executable_start, etext - __executable_start, NULL))
		return 1;
	seen = 0;
	outside(SYS_getppid, 0);
	return seen == 1 ? 0 : 2;
}

static int without_range(void)
{
	selector = ALLOW;
	if (dispatch(ON, NULL, 0, &selector))
		return 1;
	need(getppid() == outside(SYS_getppid, 0));
	selector = BLOCK;
	signal(SIGSYS, SIG_DFL); /* this call is the first that is not made */
	return 1;
}

static int blocked(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	selector = BLOCK;
	on();
	outside(SYS_getppid, 0);
	return 1;
}

static int next_program(void)
{
	selector = BLOCK;
	on();
	execl("/proc/self/exe", "user_dispatch", "again", (char *)NULL);
	return 1;
}

static void ends(void)
{
	ok(in_child(other_values) == 128 + SIGSYS,
	   "another value of the byte: SIGSYS that no handler gets");
	ok(in_child(no_byte) == 128 + SIGSEGV, "no byte there: SIGSEGV");
	ok(in_child(without_byte) == 0, "without a byte: always");
	ok(in_child(blocked) == 128 + SIGSYS, "SIGSYS blocked: the end");
	ok(in_child(next_program) == 0, "a new program has its calls");
}

/* The handler would return by a call that is not made: it ends there. */
static void everything(void)
{
	signal(SIGSYS, SIG_DFL);
	ok(in_child(without_range) == 128 + SIGSYS,
	   "without a range: all calls");
}

static void make_page(void)
{
	static const unsigned char code[] = {
		0x48, 0x89, 0xf8, /* mov rax, rdi */
		0x48, 0x89, 0xf7, /* mov rdi, rsi */
		0x0f, 0x05, 0xc3, /* syscall; ret */
	};

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(page, code, sizeof(code));
	outside = (long (*)(long, long))page;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_sigsys,
				   .sa_flags = SA_SIGINFO};

	(void)argv;
	make_page();
	if (argc > 1)
		return outside(SYS_getppid, 0) == getppid() ? 0 : 1;
	sigaction(SIGSYS, &action, NULL);
	arguments();
	selected();
	others();
	ends();
	everything();
	return done_testing();
}
