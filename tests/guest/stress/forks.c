/*
 * forks.c - threads that fork while others exec, make threads and exit: in one
 * process, at any moment, everybody does something, and then one of them ends
 * it all.
 *
 *	forks [SECONDS [SEED]]
 *
 * A round is three such processes.  The end is a program run by the leader or
 * by another thread, exit_group, a signal from outside or inside, or each
 * thread leaving by itself.  Each process has the status that this end gives;
 * each child of its threads, reaped by them or by us, has its own; the pipe
 * they all hold has no writer in the end.
 */
#include "stress.h"
#include <pthread.h>

#define PROCESSES 3
#define THREADS	  8
#define GRANDSON  40 /* status of children of the threads: 40 to 47 */

enum end {
	END_EXEC_THREAD,
	END_EXEC_LEADER,
	END_EXIT_GROUP,
	END_KILL_INSIDE,
	END_KILL_OUTSIDE,
	END_EACH_ITSELF,
	NR_ENDS
};

static const char *const end_names[] = {"exec by a thread",  "exec",
					"exit_group",	     "kill",
					"kill from outside", "each itself"};

static struct counts {
	volatile long forks;
	volatile long execs;
	volatile long threads;
	volatile long ends[NR_ENDS];
} * counts;

static int held[2]; /* the pipe that all of a process hold */
static volatile int stop;
static char number[12];

/* This program; /proc/self/exe is none when the leader has left its memory. */
static char self[200];

static void count(volatile long *what)
{
	__atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

/* The program: alone in its process, whatever threads there were. */
static int child_main(char **argv)
{
	char text[2000];

	if (count_entries("/proc/self/task") != 3)
		return 255;
	file_text("/proc/self/status", text, sizeof(text));
	if (!strstr(text, "Threads:\t1\n") || getpid() != gettid())
		return 254;
	return atoi(argv[2]);
}

static void run_program(void)
{
	execl(self, "forks", "child", number, NULL);
	_exit(253);
}

/* --- what the threads do -------------------------------------------------- */

static void fork_and_wait(uint64_t *state)
{
	int status = GRANDSON + chance_of(state, 8);
	pid_t pid = fork();

	need(pid >= 0);
	if (pid == 0)
		_exit(status);
	count(&counts->forks);
	/* Any thread's wait might have taken it, but each waits for its own. */
	need(exit_code(pid) == status);
}

static void fork_and_exec(uint64_t *state)
{
	char digits[12];
	int status = GRANDSON + chance_of(state, 8);
	pid_t pid;

	snprintf(digits, sizeof(digits), "%d", status);
	pid = chance_of(state, 2) ? fork() : vfork();
	if (pid == 0) {
		execl(self, "forks", "child", digits, NULL);
		_exit(253);
	}
	need(pid > 0);
	count(&counts->execs);
	need(exit_code(pid) == status);
}

static void *ends_soon(void *seed)
{
	uint64_t state = (uintptr_t)seed;

	stress_pause(&state, 300);
	return seed;
}

static void make_and_join(uint64_t *state)
{
	void *value = NULL;
	pthread_t thread;
	long seed = chance_of(state, 1000) + 1;

	/* None to be had: others are quicker. */
	if (pthread_create(&thread, NULL, ends_soon, (void *)seed))
		return;
	count(&counts->threads);
	need(!pthread_join(thread, &value) && value == (void *)seed);
}

/* Their children fork too, and leave orphans for us. */
static void fork_orphans(uint64_t *state)
{
	int status = GRANDSON + chance_of(state, 8);
	pid_t pid = fork();

	need(pid >= 0);
	if (pid == 0) {
		if (fork() == 0)
			stress_pause(state, 1000);
		_exit(status);
	}
	count(&counts->forks);
	need(exit_code(pid) == status);
}

static void *works(void *seed)
{
	uint64_t state = (uintptr_t)seed * 6364136223846793005u + 1;

	while (!stop) {
		switch (chance_of(&state, 4)) {
		case 0:
			fork_and_wait(&state);
			break;
		case 1:
			fork_and_exec(&state);
			break;
		case 2:
			make_and_join(&state);
			break;
		default:
			fork_orphans(&state);
		}
	}
	return NULL;
}

/* The leader alone, past musl: pthread_exit in a child of fork leaves musl's
 * list of threads locked. */
static void leave_others(void)
{
	syscall(SYS_exit, 0);
}

/* --- how it ends ---------------------------------------------------------- */

static void *execs_then(void *unused)
{
	usleep(chance(20000));
	run_program();
	return unused;
}

static int busy_process(enum end end)
{
	pthread_t thread;
	long i;

	chance_seed(getpid());
	snprintf(number, sizeof(number), "%d", 20 + end);
	for (i = 0; i < THREADS; i++)
		need(!pthread_create(&thread, NULL, works,
				     (void *)(getpid() * THREADS + i)));
	if (end == END_EXEC_THREAD) {
		need(!pthread_create(&thread, NULL, execs_then, NULL));
		if (chance(2))
			leave_others();
		works((void *)(long)getpid());
	}
	if (end == END_KILL_OUTSIDE)
		works((void *)(long)getpid());
	usleep(chance(20000));
	if (end == END_EXEC_LEADER)
		run_program();
	if (end == END_KILL_INSIDE)
		syscall(SYS_tgkill, getpid(), getpid(), SIGKILL);
	if (end == END_EACH_ITSELF) {
		stop = 1;
		leave_others();
	}
	return 20 + end;
}

static int wanted_status(enum end end)
{
	switch (end) {
	case END_KILL_INSIDE:
	case END_KILL_OUTSIDE:
		return SIGKILL;
	case END_EACH_ITSELF:
		return 0;
	default:
		return (20 + end) << 8;
	}
}

/* Ours has the status wanted; an orphan one of those that they have. */
static void reap_and_check(const pid_t *pids, const enum end *ends)
{
	int status;
	pid_t pid;
	int i;

	while ((pid = wait(&status)) > 0) {
		for (i = 0; i < PROCESSES && pids[i] != pid; i++)
			;
		if (i < PROCESSES) {
			if (status != wanted_status(ends[i]))
				tap_line("# %s: status %x\n",
					 end_names[ends[i]], status);
			need(status == wanted_status(ends[i]));
			count(&counts->ends[ends[i]]);
		} else if (WEXITSTATUS(status) < GRANDSON ||
			   WEXITSTATUS(status) >= GRANDSON + 8) {
			tap_line("# an orphan: status %x\n", status);
			need(0);
		}
	}
	need(errno == ECHILD);
}

static void round_forks(void)
{
	static unsigned turn;
	enum end ends[PROCESSES];
	pid_t pids[PROCESSES];
	char byte;
	int i;

	need(pipe(held) == 0);
	for (i = 0; i < PROCESSES; i++) {
		ends[i] = turn++ % NR_ENDS;
		pids[i] = fork();
		need(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(busy_process(ends[i]));
	}
	usleep(chance(20000));
	for (i = 0; i < PROCESSES; i++)
		if (ends[i] == END_KILL_OUTSIDE)
			need(kill(pids[i], SIGKILL) == 0);
	reap_and_check(pids, ends);
	need(close(held[1]) == 0);
	need(read(held[0], &byte, 1) == 0);
	need(close(held[0]) == 0);
}

static void report(char *line, int size)
{
	int length;
	int i;

	length = snprintf(line, size, ", forks %ld, execs %ld, threads %ld;",
			  counts->forks, counts->execs, counts->threads);
	for (i = 0; i < NR_ENDS; i++)
		length += snprintf(line + length, size - length, " %s %ld",
				   end_names[i], counts->ends[i]);
}

int main(int argc, char **argv)
{
	static const struct stress stress = {"3 processes", round_forks,
					     report};

	if (argc > 2 && !strcmp(argv[1], "child"))
		return child_main(argv);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bail("readlink");
	counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		bail("mmap");
	return stress_run(&stress, argc, argv, 2);
}
