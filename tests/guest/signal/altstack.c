/*
 * sigaltstack(2): handlers with SA_ONSTACK run on another stack; SS_AUTODISARM;
 * who inherits it.
 */
#include "tap.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>

static char memory[32768];
static stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
static volatile char *where;
static stack_t seen;
static volatile int refused;
static sigjmp_buf trap;

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static void notes(int sig)
{
	char here;
	stack_t other = {.ss_flags = SS_DISABLE};

	(void)sig;
	where = &here;
	sigaltstack(NULL, &seen);
	refused = fails(sigaltstack(&other, NULL), EPERM);
}

static int on_stack(volatile char *address)
{
	return address >= memory && address < memory + sizeof(memory);
}

static int inside(void)
{
	return on_stack(where);
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
	ok_errno(syscall(SYS_sigaltstack, &stack, nowhere), EFAULT,
		 "nowhere for the old one");
	wrong = stack;
	wrong.ss_size = 2047;
	ok_errno(syscall(SYS_sigaltstack, &wrong, NULL), ENOMEM,
		 "one byte less than MINSIGSTKSZ");
	wrong.ss_size = 2048;
	ok(syscall(SYS_sigaltstack, &wrong, NULL) == 0, "MINSIGSTKSZ will do");
	wrong = stack;
	wrong.ss_flags = SS_ONSTACK;
	ok(syscall(SYS_sigaltstack, &wrong, NULL) == 0 &&
		   sigaltstack(NULL, &seen) == 0 && seen.ss_flags == 0,
	   "SS_ONSTACK may be given, and means nothing");
	wrong.ss_flags = SS_ONSTACK | SS_DISABLE;
	ok_errno(syscall(SYS_sigaltstack, &wrong, NULL), EINVAL,
		 "but not both");
	wrong.ss_flags = 0;
	syscall(SYS_sigaltstack, &wrong, NULL);
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

/* --- nesting, and stacks that are too small ------------------------------- */

static volatile char *first_frame, *second_frame;

static void inner(int sig)
{
	(void)sig;
	second_frame = __builtin_frame_address(0);
}

static void outer(int sig)
{
	(void)sig;
	first_frame = __builtin_frame_address(0);
	raise(SIGUSR2);
}

static void nests(void)
{
	struct sigaction action = {.sa_handler = outer, .sa_flags = SA_ONSTACK};

	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = inner;
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR1);
	ok(on_stack(first_frame) && on_stack(second_frame) &&
		   second_frame < first_frame - 128,
	   "a handler on it is interrupted by one below it");
	action.sa_flags = 0;
	sigaction(SIGUSR2, &action, NULL);
	second_frame = NULL;
	raise(SIGUSR1);
	ok(on_stack(second_frame) && second_frame < first_frame - 128,
	   "one without SA_ONSTACK stays on it too");
}

static void to_its_end(int sig)
{
	char *low = memory + 600;

	(void)sig;
	signal(SIGUSR2, inner);
	__asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; syscall;"
			 "mov %%rbx, %%rsp"
			 :
			 : "r"(low), "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR2)
			 : "rbx", "rcx", "r11", "memory");
}

static int no_room(void)
{
	struct sigaction action = {.sa_handler = to_its_end,
				   .sa_flags = SA_ONSTACK};
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return 6;
}

static char *low_end;

static void measures(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	low_end = (char *)context - 8;
}

static void least_size(void)
{
	unsigned long least = getauxval(51); /* AT_MINSIGSTKSZ */
	struct sigaction action = {.sa_sigaction = measures,
				   .sa_flags = SA_ONSTACK | SA_SIGINFO};
	stack_t small = {.ss_sp = memory, .ss_size = least};

	if (small.ss_size < 2048)
		small.ss_size = 2048;
	ok(least > 440, "AT_MINSIGSTKSZ is told");
	sigaltstack(&small, NULL);
	sigaction(SIGUSR1, &action, NULL);
	low_end = NULL;
	raise(SIGUSR1);
	ok(on_stack(low_end) && memory + small.ss_size - low_end <= (long)least,
	   "a frame needs no more than that");
	sigaltstack(&stack, NULL);
}

/* --- SS_AUTODISARM -------------------------------------------------------- */

static char other_memory[32768];
static stack_t saved, inside_now;
static volatile int changed;

static void disarmed(int sig, siginfo_t *info, void *context)
{
	stack_t other = {.ss_sp = other_memory,
			 .ss_size = sizeof(other_memory)};

	(void)sig;
	(void)info;
	where = __builtin_frame_address(0);
	saved = ((ucontext_t *)context)->uc_stack;
	sigaltstack(NULL, &inside_now);
	changed = sigaltstack(&other, NULL) == 0;
}

static void autodisarm(void)
{
	struct sigaction action = {.sa_sigaction = disarmed,
				   .sa_flags = SA_ONSTACK | SA_SIGINFO};
	stack_t armed = stack;

	armed.ss_flags = (int)SS_AUTODISARM;
	ok(sigaltstack(&armed, NULL) == 0, "SS_AUTODISARM");
	sigaltstack(NULL, &seen);
	ok(seen.ss_flags == (int)SS_AUTODISARM, "and it is told");
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	ok(inside() && inside_now.ss_flags == SS_DISABLE &&
		   inside_now.ss_sp == NULL && inside_now.ss_size == 0,
	   "in the handler on it there is none");
	ok(saved.ss_flags == (int)SS_AUTODISARM && saved.ss_sp == memory &&
		   saved.ss_size == sizeof(memory),
	   "uc_stack has it");
	ok(changed, "so another can be set meanwhile");
	sigaltstack(NULL, &seen);
	ok(seen.ss_sp == memory && seen.ss_flags == (int)SS_AUTODISARM,
	   "behind the handler it is armed again");
	armed.ss_flags = (int)(SS_AUTODISARM | SS_DISABLE);
	ok(sigaltstack(&armed, NULL) == 0 && sigaltstack(NULL, &seen) == 0 &&
		   seen.ss_flags == (int)(SS_AUTODISARM | SS_DISABLE),
	   "with SS_DISABLE both flags stay");
	sigaltstack(&stack, NULL);
}

/* A handler may give the stack back that it came from in another shape. */
static void moves_stack(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	((ucontext_t *)context)->uc_stack.ss_sp = other_memory;
}

static void returned(void)
{
	struct sigaction action = {.sa_sigaction = moves_stack,
				   .sa_flags = SA_SIGINFO};

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigaltstack(NULL, &seen);
	ok(seen.ss_sp == other_memory, "uc_stack changed in a handler counts");
	sigaltstack(&stack, NULL);
}

/* --- who inherits it ------------------------------------------------------ */

static void *in_thread(void *unused)
{
	stack_t mine;

	(void)unused;
	sigaltstack(NULL, &mine);
	return mine.ss_flags == SS_DISABLE && !mine.ss_sp ? NULL : "has one";
}

static void inheritance(char *self)
{
	pthread_t thread;
	void *failed;
	pid_t pid;

	ok(in_child(inherited) == 0, "fork keeps it");
	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, &failed);
	ok(!failed, "a thread has none");
	pid = vfork();
	if (pid == 0) {
		sigaltstack(NULL, &seen);
		_exit(seen.ss_sp == memory ? 5 : 6);
	}
	ok(exit_code(pid) == 5, "vfork keeps it");
	pid = fork();
	if (pid == 0) {
		execl(self, self, "new", NULL);
		_exit(9);
	}
	ok(exit_code(pid) == 5, "a new program has none");
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		sigaltstack(NULL, &seen);
		return seen.ss_flags == SS_DISABLE && !seen.ss_sp ? 5 : 6;
	}
	used();
	errors();
	nests();
	ok(in_child(no_room) == 128 + SIGSEGV,
	   "a frame that would leave it: SIGSEGV kills");
	least_size();
	autodisarm();
	returned();
	inheritance(argv[0]);
	ok(in_child(survives_overflow) == 5,
	   "a handler on it survives the end of the stack");
	disabled();
	return done_testing();
}
