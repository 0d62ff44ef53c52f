/*
 * vfork(2) and clone(2): what a child shares with its parent, by flag, and
 * the combinations that are refused.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int word;
static pid_t tid_there;

/* start - a clone of this process that runs BODY on a stack of its own. */
static pid_t start(int (*body)(void *), int flags)
{
	return clone(body, stack + sizeof(stack), flags, NULL, &tid_there, NULL,
		     &tid_there);
}

static int status_of(pid_t pid, int options)
{
	int status;

	if (waitpid(pid, &status, options) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void vforks(void)
{
	long before = now_ms();
	pid_t pid;

	pid = vfork();
	if (pid == 0) {
		sleep_ms(50);
		word = 7;
		_exit(3);
	}
	ok(now_ms() - before >= 45, "vfork: the parent waits for the child");
	ok(word == 7, "the child stores to the parent's memory");
	ok(status_of(pid, 0) == 3, "and is waited for like any");

	before = now_ms();
	pid = vfork();
	if (pid == 0) {
		execl("/bin/sleep", "sleep", "0.3", NULL);
		_exit(1);
	}
	ok(now_ms() - before < 250, "vfork: exec lets the parent go on");
	end_child(pid);
	pid = vfork();
	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	ok(status_of(pid, 0) == 128 + SIGKILL, "and so does a signal's death");
}

static int stores(void *unused)
{
	(void)unused;
	word = 9;
	return 4;
}

static void memory(void)
{
	pid_t pid;

	word = 0;
	pid = start(stores, SIGCHLD);
	ok(status_of(pid, 0) == 4 && word == 0, "without CLONE_VM: a copy");
	pid = start(stores, CLONE_VM | SIGCHLD);
	ok(status_of(pid, 0) == 4 && word == 9, "CLONE_VM: the same memory");
	word = 0;
	pid = start(stores, CLONE_VM | CLONE_VFORK | SIGCHLD);
	ok(word == 9 && status_of(pid, 0) == 4,
	   "CLONE_VM with CLONE_VFORK: the parent waits");
}

static int opens_and_moves(void *unused)
{
	(void)unused;
	close(100);
	return chdir("/proc") || umask(077) == 077;
}

static void descriptors(void)
{
	pid_t pid;

	dup2(1, 100);
	pid = start(opens_and_moves, SIGCHLD);
	ok(status_of(pid, 0) == 0 && fcntl(100, F_GETFD) == 0,
	   "without CLONE_FILES a close is the child's own");
	pid = start(opens_and_moves, CLONE_FILES | SIGCHLD);
	ok(status_of(pid, 0) == 0 && fails(fcntl(100, F_GETFD), EBADF),
	   "CLONE_FILES: one table of descriptors");
}

static void folders(void)
{
	char cwd[64];
	pid_t pid;

	if (chdir("/"))
		bail("chdir");
	umask(022);
	pid = start(opens_and_moves, SIGCHLD);
	ok(status_of(pid, 0) == 0 && getcwd(cwd, 64) && !strcmp(cwd, "/"),
	   "without CLONE_FS a chdir is the child's own");
	pid = start(opens_and_moves, CLONE_FS | SIGCHLD);
	ok(status_of(pid, 0) == 0 && getcwd(cwd, 64) && !strcmp(cwd, "/proc") &&
		   umask(022) == 077,
	   "CLONE_FS: one working folder, one umask");
}

static void nothing(int sig)
{
	(void)sig;
}

static int handles(void *unused)
{
	(void)unused;
	return signal(SIGUSR2, nothing) == SIG_ERR;
}

static void handlers(void)
{
	struct sigaction action;
	pid_t pid;

	pid = start(handles, CLONE_VM | SIGCHLD);
	sigaction(SIGUSR2, NULL, &action);
	ok(status_of(pid, 0) == 0 && action.sa_handler == SIG_DFL,
	   "without CLONE_SIGHAND a handler is the child's own");
	pid = start(handles, CLONE_VM | CLONE_SIGHAND | SIGCHLD);
	status_of(pid, 0);
	sigaction(SIGUSR2, NULL, &action);
	ok(action.sa_handler == nothing, "CLONE_SIGHAND: one set of handlers");
	signal(SIGUSR2, SIG_DFL);
}

static pid_t seen_parent;

static int looks_up(void *unused)
{
	(void)unused;
	seen_parent = getppid();
	return 0;
}

static int makes_sibling(void)
{
	need(start(looks_up, CLONE_VM | CLONE_PARENT | SIGCHLD) > 0);
	need(fails(wait(NULL), ECHILD));
	sleep_ms(20);
	return seen_parent == getppid() ? 0 : 1;
}

static void parents(void)
{
	int codes = 0;
	int status;

	start_child(makes_sibling);
	while (wait(&status) > 0)
		codes += 10 + WEXITSTATUS(status);
	ok(codes == 20, "CLONE_PARENT: the child is the parent's sibling");
}

static int checks_tid(void *unused)
{
	(void)unused;
	return tid_there == syscall(SYS_gettid) ? 5 : 6;
}

static void thread_ids(void)
{
	pid_t pid;

	tid_there = 0;
	pid = start(stores, CLONE_PARENT_SETTID | SIGCHLD);
	ok(tid_there == pid && status_of(pid, 0) == 4,
	   "CLONE_PARENT_SETTID: in the parent's memory");
	tid_there = 0;
	pid = start(checks_tid, CLONE_CHILD_SETTID | SIGCHLD);
	ok(status_of(pid, 0) == 5 && tid_there == 0,
	   "CLONE_CHILD_SETTID: in the child's memory");
	tid_there = 1;
	pid = start(stores, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD);
	ok(status_of(pid, 0) == 4 && tid_there == 0,
	   "CLONE_CHILD_CLEARTID: cleared at the end");
}

static void exit_signals(void)
{
	sigset_t usr1;
	siginfo_t info;
	pid_t pid;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	pid = start(stores, SIGUSR1);
	ok(sigwaitinfo(&usr1, &info) == SIGUSR1 && info.si_pid == pid &&
		   info.si_status == 4,
	   "the exit signal is the one that was asked for");
	ok(fails(waitpid(pid, NULL, 0), ECHILD),
	   "such a child is not waited for without __WCLONE");
	ok(status_of(pid, __WCLONE) == 4, "but with it");
	pid = start(stores, 0);
	ok(status_of(pid, __WALL) == 4, "no exit signal: __WALL waits");
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void refused(void)
{
	ok_errno(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0),
		 EINVAL, "CLONE_SIGHAND without CLONE_VM");
	ok_errno(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0),
		 EINVAL, "CLONE_THREAD without CLONE_SIGHAND");
	ok_errno(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0), EINVAL,
		 "CLONE_FS with CLONE_NEWNS");
	ok(syscall(SYS_clone, 0x01000000 | SIGCHLD, 0, 0, 0, 0) != 0 ||
		   (_exit(0), 0),
	   "a flag of no meaning is passed over");
	while (wait(NULL) > 0)
		;
}

int main(void)
{
	vforks();
	memory();
	descriptors();
	folders();
	handlers();
	parents();
	thread_ids();
	exit_signals();
	refused();
	return done_testing();
}
