/*
 * The workers of mixed.c that make processes: forks, programs, threads,
 * groups that are killed at work, and CPUs that change.  Each function is one
 * round; need() ends the worker where something was lost.
 */
#pragma once

#include "mixed.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

/* --- forks ---------------------------------------------------------------- */

#define FAMILY 20

/* Child I ends in one of four ways; the last leaves an orphan behind. */
static void family_member(int i)
{
	switch (i % 4) {
	case 0:
		_exit(i);
	case 1:
		kill(getpid(), SIGUSR2);
		sleep_forever();
	case 2:
		sched_yield();
		_exit(i);
	default:
		if (fork() == 0)
			_exit(100 + i);
		_exit(i);
	}
}

static int member_status(int i)
{
	return i % 4 == 1 ? SIGUSR2 : i << 8;
}

/* Each child, and each orphan, comes once, with its own status. */
static void round_forks(void)
{
	pid_t pids[FAMILY];
	siginfo_t info;
	int orphans = 0;
	int left = FAMILY;
	int status;
	int i;

	for (i = 0; i < FAMILY; i++) {
		pids[i] = fork();
		need(pids[i] >= 0);
		if (pids[i] == 0)
			family_member(i);
	}
	while (left + FAMILY / 4 > orphans) {
		pid_t pid;

		if (chance(2)) {
			need(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);
			pid = waitpid(info.si_pid, &status, 0);
			need(pid == info.si_pid);
		} else {
			pid = wait(&status);
			need(pid > 0);
		}
		for (i = 0; i < FAMILY && pids[i] != pid; i++)
			;
		if (i < FAMILY) {
			need(status == member_status(i));
			pids[i] = -1;
			left--;
		} else {
			need(WIFEXITED(status) && WEXITSTATUS(status) >= 103);
			orphans++;
		}
		if (left == 0 && orphans == FAMILY / 4)
			break;
	}
	need(fails(wait(NULL), ECHILD));
}

/* --- programs ------------------------------------------------------------- */

/* The program that round_execs runs: it ends with the number given. */
static int exec_child(int argc, char **argv)
{
	int length = 0;
	int i;

	for (i = 3; i < argc; i++)
		length += strlen(argv[i]);
	if (argc > 3 && length != 30 * 1000)
		return 255;
	return atoi(argv[2]);
}

static char exec_number[8];

static void *exec_in_thread(void *unused)
{
	execl(self_path, "mixed", "child", exec_number, NULL);
	_exit(254);
	return unused;
}

static void *spin_for_ever(void *unused)
{
	for (;;)
		getppid();
	return unused;
}

static void exec_one_way(int way)
{
	static char big[1001];
	char *argv[34] = {"mixed", "child", exec_number};
	pthread_t thread;
	int i;

	switch (way) {
	case 0:
		memset(big, 'x', 1000);
		for (i = 3; i < 33; i++)
			argv[i] = big;
		execv(self_path, argv);
		break;
	case 1:
		for (i = 0; i < 3; i++)
			pthread_create(&thread, NULL, spin_for_ever, NULL);
		pthread_create(&thread, NULL, exec_in_thread, NULL);
		pthread_join(thread, NULL);
		break;
	default:
		snprintf(big, sizeof(big), "exit %s", exec_number);
		execl("/bin/sh", "sh", "-c", big, NULL);
	}
	_exit(253);
}

static void round_execs(void)
{
	int number = chance(200);
	int way = chance(4);
	pid_t pid;

	snprintf(exec_number, sizeof(exec_number), "%d", number);
	pid = way == 3 ? vfork() : fork();
	if (pid == 0) {
		if (way < 3)
			exec_one_way(way);
		execl(self_path, "mixed", "child", exec_number, NULL);
		_exit(254);
	}
	need(exit_code(pid) == number);
}

/* --- groups that are killed ----------------------------------------------- */

static int endless_forks(void)
{
	for (;;) {
		if (fork() == 0)
			_exit(0);
		if (chance(2))
			wait(NULL);
		else
			while (wait(NULL) > 0)
				;
	}
}

/* A family in the middle of its work: none of it survives, none is lost. */
static void round_kills(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		chance_seed(getpid());
		endless_forks();
	}
	setpgid(pid, pid);
	usleep(chance(4000));
	need(kill(-pid, SIGKILL) == 0);
	need(exit_code(pid) == 128 + SIGKILL);
	/* Its children come here, killed or ended. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	need(errno == ECHILD);
	need(fails(kill(-pid, 0), ESRCH));
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 5
#define TURNS	40

static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;

/* Threads take turns in order: each wake-up that was lost would be a hang. */
static void *take_turns(void *number)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&turn_lock);
		while (turn % THREADS != (int)(long)number)
			pthread_cond_wait(&turn_changed, &turn_lock);
		turn++;
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&turn_lock);
	}
	return number;
}

static int leave_with_threads(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, spin_for_ever, NULL);
	if (chance(2))
		usleep(chance(1000));
	exit(77);
}

static void round_threads(void)
{
	pthread_t thread[THREADS];
	void *value;
	long i;

	turn = 0;
	for (i = 0; i < THREADS; i++)
		need(!pthread_create(&thread[i], NULL, take_turns, (void *)i));
	for (i = 0; i < THREADS; i++)
		need(!pthread_join(thread[i], &value) && value == (void *)i);
	need(turn == THREADS * TURNS);
	need(in_child(leave_with_threads) == 77);
}

/* --- CPUs ----------------------------------------------------------------- */

static cpu_set_t all_cpus;

/* A set of some of the CPUs, at least one. */
static cpu_set_t some_cpus(void)
{
	cpu_set_t some;
	int cpu;

	do {
		CPU_ZERO(&some);
		for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &all_cpus) && chance(2))
				CPU_SET(cpu, &some);
	} while (!CPU_COUNT(&some));
	return some;
}

static int run_where_told(void)
{
	cpu_set_t told;
	unsigned cpu;
	int i;

	chance_seed(getpid());
	for (i = 0; i < 50; i++) {
		told = some_cpus();
		need(sched_setaffinity(0, sizeof(told), &told) == 0);
		need(syscall(SYS_getcpu, &cpu, NULL, NULL) == 0);
		need(CPU_ISSET(cpu, &told));
		if (chance(4) == 0)
			sched_yield();
	}
	return 0;
}

/* Two hop from CPU to CPU; all other workers are sent to and fro. */
static void round_cpus(void)
{
	pid_t pids[2];
	cpu_set_t told;
	cpu_set_t read;
	int i;

	for (i = 0; i < 2; i++)
		pids[i] = start_child(run_where_told);
	for (i = 0; i < WORKERS_MAX; i++) {
		pid_t pid = board->pids[i];

		told = some_cpus();
		if (!pid || pid == getpid() ||
		    sched_setaffinity(pid, sizeof(told), &told))
			continue;
		if (!sched_getaffinity(pid, sizeof(read), &read))
			need(CPU_EQUAL(&told, &read));
		if (chance(2))
			sched_setaffinity(pid, sizeof(all_cpus), &all_cpus);
	}
	for (i = 0; i < 2; i++)
		need(exit_code(pids[i]) == 0);
	usleep(chance(3000));
}
