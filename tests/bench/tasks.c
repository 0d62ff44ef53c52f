/*
 * tasks.c - rows: fork, exec, exit, wait, threads and signals.
 *
 * Entry points: task_rows.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#define CROWD	 500
#define BIG_SIZE (32UL << 20)

static pid_t crowd[CROWD];
static int crowd_pipe[2];
static char *big;

static void wait_for(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid);
	must(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	must(pid > 0);
	wait_for(pid);
}

static uint64_t run_fork(unsigned int times)
{
	return MEASURE(times, fork_once());
}

static bool touch_big(void)
{
	big = mmap(NULL, BIG_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(big != MAP_FAILED);
	for (size_t at = 0; at < BIG_SIZE; at += 4096)
		((volatile char *)big)[at] = 1;
	return true;
}

static void drop_big(void)
{
	munmap(big, BIG_SIZE);
}

/* CROWD children that sleep until the pipe is closed. */
static bool start_crowd(void)
{
	must(pipe(crowd_pipe) == 0);
	for (int i = 0; i < CROWD; i++) {
		crowd[i] = fork();
		must(crowd[i] >= 0);
		if (crowd[i] == 0) {
			char byte;

			close(crowd_pipe[1]);
			(void)!read(crowd_pipe[0], &byte, 1);
			_exit(0);
		}
	}
	/* Each gets its turn to reach read(2). */
	usleep(200000);
	return true;
}

static void stop_crowd(void)
{
	close(crowd_pipe[0]);
	close(crowd_pipe[1]);
	for (int i = 0; i < CROWD; i++)
		wait_for(crowd[i]);
}

/* Bytes, not ticks: what one idle child takes. */
static uint64_t run_child_memory(unsigned int times)
{
	struct sysinfo before;
	struct sysinfo after;

	must(sysinfo(&before) == 0);
	start_crowd();
	must(sysinfo(&after) == 0);
	stop_crowd();
	return (before.freeram - after.freeram) / CROWD * times;
}

/* The children's exits count as well: they die when the pipe is closed. */
static uint64_t run_reap(unsigned int times)
{
	uint64_t ticks;

	start_crowd();
	ticks = tsc();
	close(crowd_pipe[0]);
	close(crowd_pipe[1]);
	for (int i = 0; i < CROWD; i++)
		wait_for(crowd[i]);
	return (tsc() - ticks) / CROWD * times;
}

static char *const exit_argv[] = {"/bench", "exit", NULL};
static char *const sh_argv[] = {"/bin/sh", "-c", "/bin/true", NULL};
static char *const no_env[] = {NULL};

static void vfork_exec_once(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(exit_argv[0], exit_argv, no_env);
		_exit(1);
	}
	must(pid > 0);
	wait_for(pid);
}

static uint64_t run_vfork_exec(unsigned int times)
{
	return MEASURE(times, vfork_exec_once());
}

static void fork_exec_once(char *const *argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		execve(argv[0], argv, no_env);
		_exit(1);
	}
	must(pid > 0);
	wait_for(pid);
}

static uint64_t run_fork_exec(unsigned int times)
{
	return MEASURE(times, fork_exec_once(exit_argv));
}

static bool have_shell(void)
{
	return access("/bin/sh", X_OK) == 0;
}

static uint64_t run_shell(unsigned int times)
{
	return MEASURE(times, fork_exec_once(sh_argv));
}

static void *thread_main(void *arg)
{
	return arg;
}

static void thread_once(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, thread_main, NULL) == 0);
	must(pthread_join(thread, NULL) == 0);
}

static uint64_t run_thread(unsigned int times)
{
	return MEASURE(times, thread_once());
}

static void on_signal(int number)
{
	(void)number;
}

static uint64_t run_sigaction(unsigned int times)
{
	struct sigaction action = {.sa_handler = on_signal};

	return MEASURE(times, sigaction(SIGUSR1, &action, NULL));
}

static uint64_t run_kill(unsigned int times)
{
	signal(SIGUSR1, on_signal);
	return MEASURE(times, kill(getpid(), SIGUSR1));
}

const struct row task_rows[] = {
	{"child_memory", 1, 0, NULL, run_child_memory, NULL},
	{"sigaction", 500, 9, NULL, run_sigaction, NULL},
	{"kill", 500, 9, NULL, run_kill, NULL},
	{"fork", 50, 9, NULL, run_fork, NULL},
	{"fork_32m", 5, 5, touch_big, run_fork, drop_big},
	{"fork_500", 20, 5, start_crowd, run_fork, stop_crowd},
	{"vfork_exec", 30, 9, NULL, run_vfork_exec, NULL},
	{"fork_exec", 30, 9, NULL, run_fork_exec, NULL},
	{"shell", 10, 7, have_shell, run_shell, NULL},
	{"pthread", 50, 9, NULL, run_thread, NULL},
	{"reap_500", 1, 3, NULL, run_reap, NULL},
	{0},
};
