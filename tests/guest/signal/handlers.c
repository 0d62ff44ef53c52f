/*
 * sigaction(2): handlers, their masks and flags, and what siginfo and the
 * saved context tell them.
 */
#include "tap.h"
#include <sys/syscall.h>
#include <ucontext.h>

static volatile int calls;
static volatile int depth;
static volatile int deepest;
static siginfo_t seen;
static sigset_t mask_inside;

static void install(int sig, void (*handler)(int, siginfo_t *, void *),
		    int flags, int also_masked)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = flags | SA_SIGINFO};

	sigemptyset(&action.sa_mask);
	if (also_masked)
		sigaddset(&action.sa_mask, also_masked);
	if (sigaction(sig, &action, NULL))
		bail("sigaction");
}

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	calls++;
	seen = *info;
	sigprocmask(SIG_BLOCK, NULL, &mask_inside);
}

static void nests(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	if (++depth > deepest)
		deepest = depth;
	if (calls++ < 2)
		raise(sig);
	depth--;
}

static void masks(void)
{
	sigset_t set;

	install(SIGUSR1, notes, 0, SIGTERM);
	raise(SIGUSR1);
	ok(calls == 1, "a handler runs before raise returns");
	ok(sigismember(&mask_inside, SIGUSR1) &&
		   sigismember(&mask_inside, SIGTERM) &&
		   !sigismember(&mask_inside, SIGUSR2),
	   "in it the signal and sa_mask are blocked");
	sigprocmask(SIG_BLOCK, NULL, &set);
	ok(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGTERM),
	   "behind it the old mask is back");
	install(SIGUSR1, notes, SA_NODEFER, 0);
	raise(SIGUSR1);
	ok(!sigismember(&mask_inside, SIGUSR1), "SA_NODEFER does not block it");

	calls = deepest = 0;
	install(SIGUSR1, nests, 0, 0);
	raise(SIGUSR1);
	ok(calls == 3 && deepest == 1, "a blocked signal waits for the end");
	calls = deepest = 0;
	install(SIGUSR1, nests, SA_NODEFER, 0);
	raise(SIGUSR1);
	ok(calls == 3 && deepest == 3, "SA_NODEFER lets handlers nest");
}

static void once(void)
{
	struct sigaction action;

	install(SIGUSR1, notes, SA_RESETHAND, 0);
	calls = 0;
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	ok(calls == 1 && action.sa_handler == SIG_DFL,
	   "SA_RESETHAND: the default is back");
	install(SIGUSR2, notes, SA_RESTART, SIGHUP);
	sigaction(SIGUSR2, NULL, &action);
	ok(action.sa_sigaction == notes &&
		   (action.sa_flags & (SA_RESTART | SA_SIGINFO)) ==
			   (SA_RESTART | SA_SIGINFO) &&
		   sigismember(&action.sa_mask, SIGHUP),
	   "sigaction tells what was set");
}

static void sources(void)
{
	union sigval value = {.sival_int = 4711};
	pid_t pid;

	install(SIGUSR1, notes, 0, 0);
	kill(getpid(), SIGUSR1);
	ok(seen.si_signo == SIGUSR1 && seen.si_code == SI_USER &&
		   seen.si_pid == getpid() && seen.si_uid == getuid(),
	   "kill: SI_USER, pid, uid");
	raise(SIGUSR1);
	ok(seen.si_code == SI_TKILL && seen.si_pid == getpid(),
	   "raise: SI_TKILL");
	sigqueue(getpid(), SIGUSR1, value);
	ok(seen.si_code == SI_QUEUE && seen.si_value.sival_int == 4711 &&
		   seen.si_pid == getpid(),
	   "sigqueue: SI_QUEUE and the value");
	pid = fork();
	if (pid == 0) {
		setresuid(STUDENT, 0, 0);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	exit_code(pid);
	ok(seen.si_code == SI_USER && seen.si_pid == pid &&
		   seen.si_uid == STUDENT,
	   "from another process: its pid and real uid");
}

static void skips_hlt(int sig, siginfo_t *info, void *context)
{
	ucontext_t *state = context;

	(void)sig;
	(void)info;
	calls++;
	state->uc_mcontext.gregs[REG_RIP]++;
	state->uc_mcontext.gregs[REG_RBX] += 5;
	sigaddset(&state->uc_sigmask, SIGHUP);
}

static void contexts(void)
{
	long rbx = 100;
	sigset_t set;

	install(SIGSEGV, skips_hlt, 0, 0);
	calls = 0;
	__asm__ volatile("hlt" : "+b"(rbx));
	ok(calls == 1 && rbx == 105,
	   "registers changed in the context are changed");
	sigprocmask(SIG_BLOCK, NULL, &set);
	ok(sigismember(&set, SIGHUP), "and so is the mask");
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGSEGV, SIG_DFL);
}

static void uses_floats(int sig, siginfo_t *info, void *context)
{
	volatile double sum = 0;
	int i;

	(void)sig;
	(void)info;
	(void)context;
	for (i = 0; i < 100; i++)
		sum = sum * 1.5 + i;
	__asm__ volatile("pxor %%xmm7, %%xmm7; std; cld" ::: "xmm7");
	calls++;
}

static void registers(void)
{
	double kept;
	long flags;

	install(SIGUSR1, uses_floats, 0, 0);
	calls = 0;
	__asm__ volatile(
		"movq %[value], %%xmm7\n\t"
		"mov %[call], %%eax\n\t"
		"mov %[pid], %%edi\n\t"
		"mov %[sig], %%esi\n\t"
		"stc\n\t"
		"syscall\n\t"
		"movq %%xmm7, %[kept]\n\t"
		: [kept] "=x"(kept)
		: [value] "r"(0x400921fb54442d18), [call] "i"(SYS_kill),
		  [pid] "r"(getpid()), [sig] "i"(SIGUSR1)
		: "rax", "rdi", "rsi", "rcx", "r11", "xmm7", "memory", "cc");
	ok(calls == 1 && kept > 3.14159 && kept < 3.1416,
	   "floating-point registers survive a handler");
	__asm__ volatile("pushf; pop %0" : "=r"(flags));
	ok(!(flags & 0x400), "the direction flag is clear");
}

static void errors(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t set;

	ok_errno(sigaction(SIGKILL, &action, NULL), EINVAL, "SIGKILL");
	ok_errno(sigaction(SIGSTOP, &action, NULL), EINVAL, "SIGSTOP");
	ok(sigaction(SIGKILL, NULL, &action) == 0 &&
		   action.sa_handler == SIG_DFL,
	   "SIGKILL may be looked at");
	ok_errno(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL,
		 "signal 0");
	ok_errno(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL,
		 "signal 65");
	ok_errno(syscall(SYS_rt_sigaction, 1, NULL, NULL, 4), EINVAL,
		 "a set of another size");
	ok_errno(syscall(SYS_rt_sigaction, 1, nowhere, NULL, 8), EFAULT,
		 "a bad pointer");
	ok_errno(syscall(SYS_rt_sigprocmask, 9, &set, NULL, 8), EINVAL,
		 "an unknown way to change the mask");
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigprocmask(SIG_SETMASK, NULL, &set);
	ok(sigismember(&set, SIGTERM) && !sigismember(&set, SIGKILL) &&
		   !sigismember(&set, SIGSTOP),
	   "SIGKILL and SIGSTOP are never blocked");
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

int main(void)
{
	masks();
	once();
	sources();
	contexts();
	registers();
	errors();
	return done_testing();
}
