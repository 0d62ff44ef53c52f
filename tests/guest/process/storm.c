/*
 * Much at once: processes that fork, run programs, pipe, map, signal and die
 * beside each other; in the end nothing is left and nothing was lost.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/mman.h>

static int forks(void)
{
	int i;

	for (i = 0; i < 40; i++)
		if (fork() == 0)
			_exit(i);
	for (i = 0; wait(NULL) > 0; i++)
		;
	return i != 40;
}

static int nothing(void)
{
	return 0;
}

static int runs(void)
{
	volatile int good = 0;
	volatile int i;

	for (i = 0; i < 15; i++) {
		pid_t pid = vfork();

		if (pid == 0) {
			execl("/bin/busybox", "true", NULL);
			_exit(1);
		}
		good += exit_code(pid) == 0;
	}
	return good != 15;
}

/* A ring of processes through which a number goes round. */
static int ring(void)
{
	int first[2];
	int next[2];
	int last;
	int number = 0;
	int i;

	if (pipe(first))
		return 1;
	last = first[0];
	for (i = 0; i < 8; i++) {
		if (pipe(next))
			return 1;
		if (fork() == 0) {
			close(first[1]);
			while (read(last, &number, 4) == 4) {
				number++;
				if (write(next[1], &number, 4) != 4)
					_exit(1);
			}
			_exit(0);
		}
		close(last);
		close(next[1]);
		last = next[0];
	}
	for (i = 0; i < 100; i++) {
		if (write(first[1], &number, 4) != 4 ||
		    read(last, &number, 4) != 4)
			return 1;
	}
	close(first[1]);
	while (wait(NULL) > 0)
		;
	return number != 800;
}

static int maps(void)
{
	char *memory;
	int i;

	for (i = 0; i < 60; i++) {
		memory = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(memory, i, 64 * 4096);
		if (i % 10 == 0 && in_child(nothing))
			return 1;
		if (memory[63 * 4096] != (char)i || munmap(memory, 64 * 4096))
			return 1;
	}
	return 0;
}

static volatile int received;

static void counts(int sig)
{
	(void)sig;
	received++;
}

static int signals(void)
{
	pid_t parent = getpid();
	pid_t pid;
	int i;

	signal(SIGUSR1, counts);
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 300; i++)
			kill(parent, SIGUSR1);
		_exit(0);
	}
	exit_code(pid);
	return received == 0;
}

static void *churns(void *unused)
{
	int i;

	for (i = 0; i < 20; i++)
		free(malloc(1000 * i));
	return unused;
}

static int threads(void)
{
	pthread_t all[5];
	int round;
	int i;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < 5; i++)
			if (pthread_create(&all[i], NULL, churns, NULL))
				return 1;
		for (i = 0; i < 5; i++)
			pthread_join(all[i], NULL);
	}
	return 0;
}

static int killed_in_the_middle(void)
{
	int i;

	for (i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			for (;;)
				in_child(nothing);
		}
		setpgid(pid, pid);
		usleep(500);
		kill(-pid, SIGKILL);
		if (exit_code(pid) != 128 + SIGKILL)
			return 1;
	}
	return 0;
}

int main(void)
{
	static int (*const bodies[])(void) = {forks,
					      runs,
					      ring,
					      maps,
					      signals,
					      threads,
					      killed_in_the_middle};
	static const char *const names[] = {"forks",  "runs",	 "a ring",
					    "maps",   "signals", "threads",
					    "killing"};
	pid_t pids[7];
	int round;
	int i;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < 7; i++)
			pids[i] = start_child(bodies[i]);
		for (i = 0; i < 7; i++)
			ok(exit_code(pids[i]) == 0, names[i]);
	}
	ok(fails(wait(NULL), ECHILD), "no child is left");
	return done_testing();
}
