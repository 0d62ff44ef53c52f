/*
 * vforks.c - vfork(2) and exec, from many places at once: the parent waits
 * until its memory is its own again, sees what the child wrote there, and gets
 * its status.
 *
 *	vforks [SECONDS [SEED]]
 *
 * A round is a hundred of them, from four processes beside each other, one of
 * which has threads that do it too.  Some children end without a program, some
 * find none, some parents are killed while they wait.
 */
#include "stress.h"
#include <pthread.h>
#include <spawn.h>

#define PARENTS 4
#define THREADS 3
#define EACH	25

static volatile long *vforks; /* counted by all, in shared memory */

/* The program: it sees its number, and that no file came along. */
static int child_main(char **argv)
{
	int fd = atoi(argv[3]);

	if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
		return 255;
	return atoi(argv[2]);
}

/* In the child: the parent's memory, until exec. */
static void run_number(int number, int fd)
{
	char *argv[] = {"vforks", "child", NULL, NULL, NULL};
	char digits[2][12];

	snprintf(digits[0], sizeof(digits[0]), "%d", number);
	snprintf(digits[1], sizeof(digits[1]), "%d", fd);
	argv[2] = digits[0];
	argv[3] = digits[1];
	execv("/proc/self/exe", argv);
	_exit(254);
}

/* One vfork: WAY 0 runs a program, 1 finds none, 2 ends at once. */
static void one_vfork(unsigned way, int number)
{
	volatile int left = 0;
	int ends[2];
	char byte;
	pid_t pid;

	need(pipe2(ends, O_CLOEXEC) == 0);
	pid = vfork();
	if (pid == 0) {
		left = number + 1;
		if (way == 1)
			execl("/no/such/program", "none", NULL);
		else if (way == 0)
			run_number(number, ends[1]);
		_exit(number);
	}
	need(pid > 0);
	/* The parent goes on only now: it has been written, and closed. */
	need(left == number + 1);
	need(close(ends[1]) == 0);
	need(read(ends[0], &byte, 1) == 0);
	need(close(ends[0]) == 0);
	need(exit_code(pid) == number);
	__atomic_fetch_add(vforks, 1, __ATOMIC_RELAXED);
}

static void one_spawn(int number)
{
	char *argv[] = {"vforks", "child", NULL, "999", NULL};
	char digits[12];
	pid_t pid;

	snprintf(digits, sizeof(digits), "%d", number);
	argv[2] = digits;
	need(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) ==
	     0);
	need(exit_code(pid) == number);
	__atomic_fetch_add(vforks, 1, __ATOMIC_RELAXED);
}

static int runs_each(void)
{
	int i;

	for (i = 0; i < EACH; i++)
		one_vfork(chance(8) ? 0 : chance(2) + 1, chance(200));
	return 0;
}

/* Threads go on while another is in vfork.  No pipes: the others' children
 * would hold them for a moment. */
static void *runs_in_thread(void *seed)
{
	uint64_t state = (uint64_t)(uintptr_t)seed * 6364136223846793005u + 1;
	int i;

	for (i = 0; i < EACH / THREADS; i++)
		one_spawn(chance_of(&state, 200));
	return NULL;
}

static int runs_threads(void)
{
	pthread_t threads[THREADS];
	long i;

	for (i = 0; i < THREADS; i++)
		need(!pthread_create(&threads[i], NULL, runs_in_thread,
				     (void *)(getpid() + i)));
	for (i = 0; i < THREADS; i++)
		need(!pthread_join(threads[i], NULL));
	return 0;
}

/* Killed while it waits: its child goes on, and ends as it would. */
static int waits_in_vfork(void)
{
	if (vfork() == 0) {
		/* No exec: the parent stays until it is killed. */
		usleep(chance(3000));
		_exit(66);
	}
	usleep(chance(2000));
	return 65;
}

static void killed_in_vfork(void)
{
	pid_t parent = start_child(waits_in_vfork);
	int children = 0;
	int status;
	pid_t pid;

	usleep(chance(4000));
	kill(parent, SIGKILL);
	while ((pid = wait(&status)) > 0) {
		if (pid == parent)
			need(status == SIGKILL || status == 65 << 8);
		else
			need(status == 66 << 8);
		children += pid != parent;
	}
	/* It was killed before it came to its vfork, or reaped by nobody but
	 * us. */
	need(errno == ECHILD && children <= 1);
}

static void round_vforks(void)
{
	int i;

	for (i = 0; i < PARENTS; i++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0) {
			chance_seed(getpid());
			_exit(i ? runs_each() : runs_threads());
		}
	}
	need(reap_all(0) == PARENTS);
	for (i = 0; i < 4; i++)
		killed_in_vfork();
}

static void report(char *line, int size)
{
	snprintf(line, size, ", vfork and exec %ld", *vforks);
}

int main(int argc, char **argv)
{
	static const struct stress stress = {"4 parents", round_vforks, report};

	if (argc > 3 && !strcmp(argv[1], "child"))
		return child_main(argv);
	vforks = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vforks == MAP_FAILED)
		bail("mmap");
	return stress_run(&stress, argc, argv, 2);
}
