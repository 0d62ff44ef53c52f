/*
 * sigaltstack(2): handlers with SA_ONSTACK run on another stack.
 */
#include "tap.h"
#include <setjmp.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static char memory[32768];
static stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
static volatile char *where;
static stack_t seen;
static volatile int refused;
static sigjmp_buf trap;

static void notes(int sig)
{
	char here;
	stack_t other = {.ss_flags = SS_DISABLE};

	(void)sig;
	where = &here;
	sigaltstack(NULL, &seen);
	refused = fails(sigaltstack(&other, NULL), EPERM);
}

static int inside(void)
{
	return where >= memory && where < memory + sizeof(memory);
}

static void install(int flags)
{
	struct sigaction action = {.sa_handler = notes, .sa_flags = flags};

	sigaction(SIGUSR1, &action, NULL);
}

static void used(void)
{
	ok(sigaltstack(NULL, &seen) == 0 && seen.ss_flags == SS_DISABLE,
	   "at first there is none");
	ok(sigaltstack(&stack, NULL) == 0, "one is set");
	install(SA_ONSTACK);
	raise(SIGUSR1);
	ok(inside(), "SA_ONSTACK: the handler runs on it");
	ok(seen.ss_flags == SS_ONSTACK && seen.ss_sp == memory &&
		   seen.ss_size == sizeof(memory),
	   "and is told so");
	ok(refused, "it cannot be changed meanwhile: EPERM");
	sigaltstack(NULL, &seen);
	ok(seen.ss_flags == 0, "behind the handler it is not in use");
	install(0);
	raise(SIGUSR1);
	ok(!inside(), "without SA_ONSTACK: the usual stack");
}

static void errors(void)
{
	stack_t wrong = stack;

	wrong.ss_size = 1000;
	ok_errno(syscall(SYS_sigaltstack, &wrong, NULL), ENOMEM, "too small");
	wrong = stack;
	wrong.ss_flags = 0x100;
	ok_errno(syscall(SYS_sigaltstack, &wrong, NULL), EINVAL,
		 "unknown flags");
	ok_errno(syscall(SYS_sigaltstack, nowhere, NULL), EFAULT,
		 "a bad pointer");
	sigaltstack(NULL, &seen);
	ok(seen.ss_sp == memory, "after errors all is as before");
}

static void overflowed(int sig)
{
	siglongjmp(trap, sig);
}

static __attribute__((noinline)) int deeper(int n)
{
	volatile char frame[4096];

	frame[0] = n;
	return n ? deeper(n - 1) + frame[0] : 0;
}

static int survives_overflow(void)
{
	struct sigaction action = {.sa_handler = overflowed,
				   .sa_flags = SA_ONSTACK};
	struct rlimit limit = {1 << 20, 1 << 20};

	setrlimit(RLIMIT_STACK, &limit);
	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(trap, 1) == 0)
		deeper(100000);
	return 5;
}

static int inherited(void)
{
	sigaltstack(NULL, &seen);
	return seen.ss_sp == memory && seen.ss_flags == 0 ? 0 : 1;
}

static void disabled(void)
{
	stack_t none = {.ss_flags = SS_DISABLE};
	stack_t old;

	ok(sigaltstack(&none, &old) == 0 && old.ss_sp == memory,
	   "SS_DISABLE; the old one is told");
	install(SA_ONSTACK);
	raise(SIGUSR1);
	ok(!inside(), "then handlers run on the usual stack");
}

int main(void)
{
	used();
	errors();
	ok(in_child(inherited) == 0, "fork keeps it");
	ok(in_child(survives_overflow) == 5,
	   "a handler on it survives the end of the stack");
	disabled();
	return done_testing();
}
