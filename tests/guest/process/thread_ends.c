/*
 * How thread groups end and change: a leader that ends first, exec from another
 * thread, children of a thread, robust mutexes of the dead.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static pid_t tid_of_other;
static int pipes[2];

static void *ends_later(void *unused)
{
	(void)unused;
	sleep_ms(80);
	_exit(23);
}

/* Ends alone, when its leader has: exit(2), not exit_group(2). */
static void *ends_alone(void *unused)
{
	(void)unused;
	sleep_ms(80);
	syscall(SYS_exit, 24);
	return NULL;
}

static int leader_leaves_one(void)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, ends_alone, NULL));
	syscall(SYS_exit, 4);
	return 1;
}

static int leader_leaves(void)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, ends_later, NULL));
	syscall(SYS_exit, 4);
	return 1;
}

static void dead_leader(void)
{
	char path[64];
	char text[2048];
	siginfo_t info = {.si_pid = 0};
	pid_t pid = start_child(leader_leaves);

	ok(wait_for_state(pid, 'Z'), "a leader that ended is a zombie");
	ok(waitpid(pid, NULL, WNOHANG) == 0, "not to be waited for yet");
	ok(waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		   info.si_pid == 0,
	   "by waitid neither");
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	ok(strstr(file_text(path, text, sizeof(text)), "Threads:\t2") != NULL,
	   "its group still has two tasks");
	ok(exit_code(pid) == 23, "the last thread's exit_group is the status");
	ok(exit_code(start_child(leader_leaves_one)) == 24,
	   "and so is the last one's own exit");
}

static void *becomes_program(void *path)
{
	tid_of_other = (pid_t)syscall(SYS_gettid);
	execl(path, path, "report", NULL);
	return NULL;
}

static void *waits(void *unused)
{
	(void)unused;
	sleep_forever();
}

static char self[256];

static int execs_from_thread(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		need(!pthread_create(&thread, NULL, waits, NULL));
	need(!pthread_create(&thread, NULL, becomes_program, self));
	sleep_forever();
}

/* What the program that a thread became sees; its exit status. */
static int report(pid_t pid)
{
	char text[2048];

	if (getpid() != syscall(SYS_gettid))
		return 1;
	file_text("/proc/self/status", text, sizeof(text));
	if (!strstr(text, "Threads:\t1\n"))
		return 2;
	return getppid() == pid ? 3 : 7;
}

static void exec_in_thread(void)
{
	pid_t pid = start_child(execs_from_thread);

	ok(exit_code(pid) == 7, "exec from a thread: it is the leader, alone");
	ok(fails(waitpid(-1, NULL, __WALL), ECHILD), "there is one child only");
}

static void *makes_child(void *unused)
{
	char byte;

	(void)unused;
	if (start_child(leader_leaves) < 0 || read(pipes[0], &byte, 1) != 1)
		bail("makes_child");
	return NULL;
}

static int ends(void)
{
	return 9;
}

static void *makes_and_waits(void *unused)
{
	pid_t mine = start_child(ends);
	siginfo_t info;

	(void)unused;
	/* Both are dead; the leader's is the elder. */
	need(waitid(P_PID, mine, &info, WEXITED | WNOWAIT) == 0);
	need(waitpid(-1, NULL, 0) == mine);
	return NULL;
}

static int waits_for_own(void)
{
	pid_t elder = start_child(ends);
	pthread_t thread;
	siginfo_t info;

	need(waitid(P_PID, elder, &info, WEXITED | WNOWAIT) == 0);
	need(!pthread_create(&thread, NULL, makes_and_waits, NULL));
	pthread_join(thread, NULL);
	need(waitpid(-1, NULL, 0) == elder);
	return 0;
}

static void childs_of_threads(void)
{
	pthread_t thread;
	pid_t pid;
	int status;

	if (pipe(pipes))
		bail("pipe");
	ok(in_child(waits_for_own) == 0,
	   "a thread's own children come before the others'");
	pthread_create(&thread, NULL, makes_child, NULL);
	sleep_ms(20);
	ok_errno(waitpid(-1, &status, __WNOTHREAD), ECHILD,
		 "__WNOTHREAD: another thread's child is not waited for");
	pid = waitpid(-1, &status, 0);
	ok(pid > 0 && WEXITSTATUS(status) == 23, "without it it is");
	if (write(pipes[1], "x", 1) != 1)
		bail("write");
	pthread_join(thread, NULL);
}

static pthread_mutex_t *mutex;

static int locks_and_dies(void)
{
	need(pthread_mutex_lock(mutex) == 0);
	kill(getpid(), SIGKILL);
	return 1;
}

static void *locks_and_leaves(void *unused)
{
	(void)unused;
	pthread_mutex_lock(mutex);
	return NULL;
}

static int locks_and_execs(void)
{
	need(pthread_mutex_lock(mutex) == 0);
	execl("/bin/true", "true", NULL);
	return 1;
}

static void robust(void)
{
	pthread_mutexattr_t attributes;
	pthread_t thread;

	mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &attributes);

	pthread_create(&thread, NULL, locks_and_leaves, NULL);
	pthread_join(thread, NULL);
	ok(pthread_mutex_lock(mutex) == EOWNERDEAD &&
		   !pthread_mutex_consistent(mutex) &&
		   !pthread_mutex_unlock(mutex),
	   "a robust mutex of a thread that ended");
	ok(in_child(locks_and_dies) == 128 + SIGKILL &&
		   pthread_mutex_lock(mutex) == EOWNERDEAD &&
		   !pthread_mutex_consistent(mutex) &&
		   !pthread_mutex_unlock(mutex),
	   "of a process that was killed");
	ok(in_child(locks_and_execs) == 0 &&
		   pthread_mutex_lock(mutex) == EOWNERDEAD &&
		   !pthread_mutex_consistent(mutex) &&
		   !pthread_mutex_unlock(mutex),
	   "of a process that became another program");
}

static void *ends_soon(void *unused)
{
	(void)unused;
	sleep_ms(30);
	return NULL;
}

static volatile int made;

static void *makes_watcher(void *unused)
{
	(void)unused;
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGUSR1);
		sleep_forever();
	}
	made = 1;
	sleep_ms(60);
	return NULL;
}

static int watched(void)
{
	pthread_t thread;
	int status;

	pthread_create(&thread, NULL, ends_soon, NULL);
	pthread_create(&thread, NULL, makes_watcher, NULL);
	while (!made)
		sleep_ms(1);
	need(wait(&status) > 0);
	need(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return report(0);
	(void)argv;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bail("readlink");
	dead_leader();
	exec_in_thread();
	childs_of_threads();
	robust();
	ok(in_child(watched) == 0,
	   "PR_SET_PDEATHSIG: the parent is the thread that forked");
	return done_testing();
}
