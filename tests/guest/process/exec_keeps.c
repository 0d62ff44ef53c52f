/*
 * execve(2): what the new program inherits and what begins anew.  This program
 * runs itself with the name of a check as its argument.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>

static void nothing(int sig)
{
	(void)sig;
}

static void exec_self(const char *check)
{
	execl("/proc/self/exe", "exec_keeps", check, NULL);
	_exit(96);
}

/* --- before --------------------------------------------------------------- */

static int with_descriptors(void)
{
	dup2(1, 50);
	dup2(1, 51);
	fcntl(51, F_SETFD, FD_CLOEXEC);
	exec_self("descriptors");
	return 1;
}

static int with_signals(void)
{
	static char memory[16384];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
	sigset_t set;

	signal(SIGUSR1, nothing);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGTERM);
	sigaltstack(&stack, NULL);
	exec_self("signals");
	return 1;
}

static int with_identity(void)
{
	char text[32];
	struct rlimit limit = {77, 88};

	if (chdir("/proc"))
		return 1;
	umask(0137);
	setpriority(PRIO_PROCESS, 0, 5);
	setrlimit(RLIMIT_NOFILE, &limit);
	snprintf(text, sizeof(text), "%d %d", (int)getpid(), (int)getppid());
	setenv("IDS", text, 1);
	alarm(100);
	exec_self("identity");
	return 1;
}

static int with_memory(void)
{
	char *memory = mmap((void *)0x220000000000, 4096, PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	exec_self("memory");
	return 1;
}

static int with_environment(void)
{
	char *args[] = {"zero", "environment", "", "last", NULL};
	char *env[] = {"A=1", "B=", "C", NULL};

	execve("/proc/self/exe", args, env);
	return 1;
}

static int with_no_arguments(void)
{
	char *none[] = {NULL};

	execve("/proc/self/exe", none, none);
	return 1;
}

/* --- after ---------------------------------------------------------------- */

static int descriptors(void)
{
	return fcntl(50, F_GETFD) != 0 || !fails(fcntl(51, F_GETFD), EBADF);
}

static int signals(void)
{
	struct sigaction action;
	stack_t stack;
	sigset_t set;

	sigaction(SIGUSR1, NULL, &action);
	need(action.sa_handler == SIG_DFL);
	sigaction(SIGUSR2, NULL, &action);
	need(action.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &set);
	need(sigismember(&set, SIGTERM) && !sigismember(&set, SIGUSR1));
	sigpending(&set);
	need(sigismember(&set, SIGTERM));
	sigaltstack(NULL, &stack);
	need(stack.ss_flags == SS_DISABLE);
	return 0;
}

static int identity(void)
{
	char text[32];
	char cwd[32];
	struct rlimit limit;

	snprintf(text, sizeof(text), "%d %d", (int)getpid(), (int)getppid());
	need(getenv("IDS") && !strcmp(getenv("IDS"), text));
	need(getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, "/proc"));
	need(umask(0) == 0137);
	need(getpriority(PRIO_PROCESS, 0) == 5);
	getrlimit(RLIMIT_NOFILE, &limit);
	need(limit.rlim_cur == 77 && limit.rlim_max == 88);
	need(alarm(0) > 90);
	return 0;
}

static int memory(void)
{
	unsigned char there;

	return !fails(mincore((void *)0x220000000000, 4096, &there), ENOMEM);
}

static int environment(int argc, char **argv)
{
	need(argc == 4 && !argv[4]);
	need(!strcmp(argv[0], "zero") && !*argv[2] && !strcmp(argv[3], "last"));
	need(environ[0] && !strcmp(environ[0], "A=1"));
	need(environ[1] && !strcmp(environ[1], "B="));
	need(environ[2] && !strcmp(environ[2], "C") && !environ[3]);
	return 0;
}

/* --- the program's file --------------------------------------------------- */

#define COPY "/home/busy-program"

/* The copy forks and ends; its child lives until killed. */
static int leaves_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		sleep_forever();
	need(write(9, &pid, sizeof(pid)) == sizeof(pid));
	return 0;
}

static int runs_copy(void)
{
	execl(COPY, COPY, "leaves", NULL);
	return 9;
}

static void busy(void)
{
	char text[65536];
	int pipes[2];
	pid_t pid = 0;
	int from;
	int to;
	int got;

	from = open("/proc/self/exe", O_RDONLY);
	to = open(COPY, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((got = read(from, text, sizeof(text))) > 0)
		need(write(to, text, got) == got);
	close(from);
	close(to);
	if (pipe(pipes) || dup2(pipes[1], 9) != 9)
		bail("pipe");
	need(in_child(runs_copy) == 0);
	need(read(pipes[0], &pid, sizeof(pid)) == sizeof(pid));
	ok_errno(open(COPY, O_WRONLY), ETXTBSY,
		 "a program is busy while a child runs it that outlives it");
	kill(pid, SIGKILL);
	for (got = 0; got < 500 && state_of(pid); got++)
		sleep_ms(2);
	to = open(COPY, O_WRONLY);
	ok(to >= 0, "and free when that is gone");
	close(to);
	close(9);
	unlink(COPY);
}

static int run_check(int argc, char **argv)
{
	if (!strcmp(argv[1], "leaves"))
		return leaves_child();
	if (!strcmp(argv[1], "descriptors"))
		return descriptors();
	if (!strcmp(argv[1], "signals"))
		return signals();
	if (!strcmp(argv[1], "identity"))
		return identity();
	if (!strcmp(argv[1], "memory"))
		return memory();
	return environment(argc, argv);
}

int main(int argc, char **argv)
{
	if (argc == 1 && !*argv[0])
		return 42;
	if (argc > 1)
		return run_check(argc, argv);
	ok(in_child(with_descriptors) == 0,
	   "descriptors stay, but for those with FD_CLOEXEC");
	ok(in_child(with_signals) == 0,
	   "ignored signals, mask and pending ones stay; handlers go");
	ok(in_child(with_identity) == 0,
	   "pid, parent, folder, umask, nice, limits and alarm stay");
	ok(in_child(with_memory) == 0, "mappings go");
	ok(in_child(with_environment) == 0,
	   "arguments and environment arrive as they were given");
	ok(in_child(with_no_arguments) == 42,
	   "an empty list of arguments becomes one empty argument");
	busy();
	return done_testing();
}
