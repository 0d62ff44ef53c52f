/*
 * Threads: one process, many tasks.  Made and joined by musl's pthreads, which
 * is clone(2) with CLONE_THREAD and futex(2).
 */
#include "tap.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define THREADS 30

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int total;
static __thread int mine;
static char bottom;

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument))
		bail("pthread_create");
	return thread;
}

static void *counts(void *argument)
{
	int i;

	for (i = 0; i < 1000; i++) {
		mine++;
		pthread_mutex_lock(&mutex);
		total++;
		pthread_mutex_unlock(&mutex);
	}
	return (char *)argument + mine;
}

static void joined(void)
{
	pthread_t threads[THREADS];
	void *value;
	int good = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		threads[i] = start(counts, &bottom + i);
	for (i = 0; i < THREADS; i++)
		if (pthread_join(threads[i], &value) == 0 &&
		    value == &bottom + i + 1000)
			good++;
	ok(good == THREADS, "thirty threads are joined with their values");
	ok(total == THREADS * 1000, "a mutex keeps their sum");
	ok(mine == 0, "each has variables of its own");
	for (i = 0; i < 500; i++)
		pthread_join(start(counts, NULL), NULL);
	ok(total == (THREADS + 500) * 1000, "five hundred, one by one");
}

static pid_t ids[2];

static void *tells(void *unused)
{
	ids[0] = getpid();
	ids[1] = gettid();
	return unused;
}

static void identity(void)
{
	int tries;

	pthread_join(start(tells, NULL), NULL);
	ok(ids[0] == getpid(), "a thread has the process's pid");
	ok(ids[1] != getpid() && ids[1] > 0, "and a tid of its own");
	ok(gettid() == getpid(), "the first thread's tid is the pid");
	ok_errno(waitpid(ids[1], NULL, __WALL), ECHILD, "a thread is no child");
	for (tries = 0; tries < 100 && kill(ids[1], 0) == 0; tries++)
		sleep_ms(1);
	ok_errno(kill(ids[1], 0), ESRCH, "a thread that ended is gone soon");
}

static void *waits(void *unused)
{
	pthread_mutex_lock(&mutex);
	total++;
	pthread_cond_signal(&arrived);
	while (total < 100)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static int count_tasks(void)
{
	DIR *folder = opendir("/proc/self/task");
	int count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count - 2;
}

static void conditions(void)
{
	pthread_t threads[5];
	char text[2000];
	int i;

	total = 0;
	for (i = 0; i < 5; i++)
		threads[i] = start(waits, NULL);
	pthread_mutex_lock(&mutex);
	while (total < 5)
		pthread_cond_wait(&arrived, &mutex);
	ok(count_tasks() == 6, "/proc/self/task lists six tasks");
	file_text("/proc/self/status", text, sizeof(text));
	ok(strstr(text, "Threads:\t6\n"), "and status counts them");
	total = 100;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	for (i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	ok(total == 100, "a broadcast wakes them all");
}

static void *exits(void *unused)
{
	(void)unused;
	exit(5);
}

static int one_exits(void)
{
	start(waits, NULL);
	start(exits, NULL);
	sleep_forever();
}

static void *faults(void *unused)
{
	*(volatile int *)8 = 1;
	return unused;
}

static int one_faults(void)
{
	start(faults, NULL);
	sleep_forever();
}

static void *ends_later(void *unused)
{
	(void)unused;
	sleep_ms(30);
	need(getpid() != gettid());
	need(state_of(getpid()) == 'Z');
	_exit(6);
}

static int leader_ends(void)
{
	start(ends_later, NULL);
	pthread_exit(NULL);
}

static void *execs(void *unused)
{
	execl("/bin/sh", "sh", "-c", "exit $(( $$ % 100 ))", NULL);
	return unused;
}

static int one_execs(void)
{
	start(waits, NULL);
	start(execs, NULL);
	sleep_forever();
}

static void *forks(void *result)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(count_tasks() == 1 && getpid() == gettid() ? 7 : 8);
	*(int *)result = exit_code(pid);
	return NULL;
}

static int one_forks(void)
{
	int result = 0;
	pthread_t thread;

	start(waits, NULL);
	thread = start(forks, &result);
	pthread_join(thread, NULL);
	return result;
}

static void together(void)
{
	pid_t pid;

	total = 0;
	ok(in_child(one_exits) == 5, "exit in a thread ends the process");
	ok(in_child(one_faults) == 128 + SIGSEGV,
	   "a thread's fault ends the process");
	ok(in_child(leader_ends) == 6,
	   "the first thread ends, a zombie; the process goes on");
	ok(in_child(one_forks) == 7, "fork copies the calling thread only");
	pid = start_child(one_execs);
	ok(exit_code(pid) == pid % 100,
	   "exec in a thread: the others end, the pid stays");
}

static void *changes_mask(void *unused)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return unused;
}

static volatile pid_t handled_by;

static void note_thread(int sig)
{
	(void)sig;
	handled_by = gettid();
}

static void *sleeps(void *unused)
{
	sleep_ms(100);
	return unused;
}

static void signals(void)
{
	pthread_t thread;
	sigset_t set;
	pid_t tid;

	pthread_join(start(changes_mask, NULL), NULL);
	sigprocmask(SIG_BLOCK, NULL, &set);
	ok(!sigismember(&set, SIGUSR1), "a thread's mask is its own");
	signal(SIGUSR1, note_thread);
	thread = start(sleeps, NULL);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	ok(handled_by > 0 && handled_by != getpid(),
	   "pthread_kill: that thread's handler runs");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	thread = start(sleeps, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	handled_by = 0;
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	tid = handled_by;
	ok(tid > 0 && tid != getpid(),
	   "a signal to the process goes to a thread that takes it");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	joined();
	identity();
	conditions();
	together();
	signals();
	return done_testing();
}
