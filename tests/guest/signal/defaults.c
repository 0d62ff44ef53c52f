/*
 * What each signal does by default: it ends the program, stops it, or does
 * nothing; and how stopping and continuing undo each other.
 */
#include "tap.h"
#include <sys/resource.h>

static int wanted;

static int raises(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	signal(wanted, SIG_DFL);
	raise(wanted);
	return 55;
}

/* all_do - each signal of the list, raised, leads to WHAT. */
static int all_do(const int *list, int count, const char *what)
{
	int good = 1;
	int status;
	pid_t pid;
	int i;

	for (i = 0; i < count; i++) {
		wanted = list[i];
		pid = start_child(raises);
		waitpid(pid, &status, WUNTRACED);
		if (*what == 'k' &&
		    !(WIFSIGNALED(status) && WTERMSIG(status) == wanted))
			good = 0;
		if (*what == 'i' &&
		    !(WIFEXITED(status) && WEXITSTATUS(status) == 55))
			good = 0;
		if (*what == 's' &&
		    !(WIFSTOPPED(status) && WSTOPSIG(status) == wanted))
			good = 0;
		if (!good)
			tap_line("# signal %d: status %x\n", wanted, status);
		if (WIFSTOPPED(status))
			end_child(pid);
	}
	return good;
}

static void table(void)
{
	static const int killing[] = {
		SIGHUP,	 SIGINT,  SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS,
		SIGFPE,	 SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,   SIGPIPE, SIGALRM,
		SIGTERM, 16,	  SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
		SIGPWR,	 SIGSYS,  32,	   33,	    34,	       63,	64};
	static const int ignored[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
	static const int stopping[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

	ok(all_do(killing, sizeof(killing) / sizeof(int), "kill"),
	   "most end the program");
	ok(all_do(ignored, 4, "ignore"), "four do nothing");
	ok(all_do(stopping, 4, "stop"), "four stop it");
}

static volatile int continued;

static void notes(int sig)
{
	(void)sig;
	continued++;
}

static int counts_conts(void)
{
	signal(SIGCONT, notes);
	raise(SIGSTOP);
	return 60 + continued;
}

static int cont_blocked(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGSTOP);
	sigpending(&set);
	return 60 + sigismember(&set, SIGCONT);
}

static int cont_ignored(void)
{
	signal(SIGCONT, SIG_IGN);
	raise(SIGSTOP);
	return 60;
}

/* stop_and_go - wait until BODY has stopped, continue it: its exit_code. */
static int stop_and_go(int (*body)(void))
{
	int status;
	pid_t pid = start_child(body);

	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return -1;
	kill(pid, SIGCONT);
	return exit_code(pid);
}

static int cancels(void)
{
	sigset_t set;
	sigset_t pending;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGTSTP);
	raise(SIGCONT);
	sigpending(&pending);
	need(!sigismember(&pending, SIGTSTP) && sigismember(&pending, SIGCONT));
	raise(SIGTSTP);
	sigpending(&pending);
	need(sigismember(&pending, SIGTSTP) && !sigismember(&pending, SIGCONT));
	raise(SIGCONT);
	return 0;
}

static int in_new_session(void)
{
	setsid();
	raise(SIGTSTP);
	raise(SIGTTIN);
	raise(SIGTTOU);
	return 61;
}

static void stops(void)
{
	pid_t pid;
	int status;

	ok(stop_and_go(counts_conts) == 61,
	   "SIGCONT continues, and is handled");
	ok(stop_and_go(cont_blocked) == 61, "SIGCONT continues though blocked");
	ok(stop_and_go(cont_ignored) == 60, "SIGCONT continues though ignored");
	ok(in_child(cancels) == 0,
	   "stop and continue signals cancel each other");
	ok(in_child(in_new_session) == 61,
	   "an orphaned group is not stopped by SIGTSTP, SIGTTIN, SIGTTOU");
	wanted = SIGSTOP;
	pid = start_child(raises);
	waitpid(pid, &status, WUNTRACED);
	ok(state_of(pid) == 'T', "a stopped process is in state T");
	kill(pid, SIGTERM);
	sleep_ms(10);
	ok(waitpid(pid, &status, WNOHANG) == 0, "SIGTERM waits while it stops");
	kill(pid, SIGCONT);
	ok(exit_code(pid) == 128 + SIGTERM, "and comes when it continues");
	pid = start_child(raises);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	ok(exit_code(pid) == 128 + SIGKILL, "SIGKILL does not wait");
}

static int writes_to_none(void)
{
	int pipes[2];

	if (pipe(pipes))
		return 1;
	close(pipes[0]);
	return write(pipes[1], "x", 1) == 1;
}

int main(void)
{
	table();
	stops();
	ok(in_child(writes_to_none) == 128 + SIGPIPE,
	   "a write to a pipe that nobody reads: SIGPIPE");
	return done_testing();
}
