/*
 * scale.c - how much more work two CPUs do than one: `bench scale NAME...`.
 *
 * For each operation and for 1 and 2 workers: the workers do it over and over,
 * each counting in a cache line of its own; the first process sleeps, looks
 * at the counts at both ends of a window, and prints
 *
 *     scale NAME WORKERS begin
 *     scale NAME WORKERS end OPERATIONS NANOSECONDS SWITCHES MESSAGES
 *
 * so that the host can tell what the virtual CPUs got to run meanwhile.
 * SWITCHES (of tasks) and MESSAGES (interrupts between CPUs) are both sums.
 * Nobody is bound to a CPU: where tasks go is a part of what is measured.
 *
 * Entry points: scale_main.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_WORKERS 2
#define WARM_NS	    200000000L
#define SETTLE_NS   10000000L
#define WINDOW_NS   200000000L
#define FAULT_PAGES 64
#define PAGE	    4096

/* What the workers and the first process share. */
struct shared {
	struct {
		unsigned long done;
		char pad[120];
	} worker[MAX_WORKERS];
	int stop;
};

/* once() does `count` operations; prepare() is called in each worker. */
struct scaling {
	const char *name;
	unsigned int count;
	bool threads; /* workers share one address space */
	void (*prepare)(int worker);
	void (*once)(int worker);
};

static struct shared *shared;
static char *fault_area[MAX_WORKERS];
static char file_name[MAX_WORKERS][32];
static int out_pipe[2];
static int back_pipe[2];

static void fork_and_wait(int worker)
{
	pid_t pid = fork();

	(void)worker;
	if (pid == 0)
		_exit(0);
	must(pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static void exec_and_wait(int worker)
{
	static char *const argv[] = {"/bench", "exit", NULL};
	static char *const env[] = {NULL};
	pid_t pid = fork();

	(void)worker;
	if (pid == 0) {
		execve(argv[0], argv, env);
		_exit(1);
	}
	must(pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static void map_area(int worker)
{
	fault_area[worker] =
		mmap(NULL, FAULT_PAGES * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(fault_area[worker] != MAP_FAILED);
}

static void touch_area(int worker)
{
	volatile char *area = fault_area[worker];

	for (int i = 0; i < FAULT_PAGES; i++)
		area[i * PAGE] = 1;
	must(madvise((void *)area, FAULT_PAGES * PAGE, MADV_DONTNEED) == 0);
}

/* The other end of a worker's pair of pipes dies with it. */
static void start_pair(int worker)
{
	char byte;

	(void)worker;
	must(pipe(out_pipe) == 0 && pipe(back_pipe) == 0);
	if (fork() != 0)
		return;
	close(out_pipe[1]);
	while (read(out_pipe[0], &byte, 1) == 1)
		must(write(back_pipe[1], &byte, 1) == 1);
	_exit(0);
}

static void echo_byte(int worker)
{
	char byte = 'x';

	(void)worker;
	must(write(out_pipe[1], &byte, 1) == 1);
	must(read(back_pipe[0], &byte, 1) == 1);
}

static void name_file(int worker, const char *name)
{
	int fd;

	snprintf(file_name[worker], sizeof(file_name[worker]), "/tmp/%s", name);
	fd = open(file_name[worker], O_RDWR | O_CREAT, 0644);
	must(fd >= 0);
	close(fd);
}

static void own_file(int worker)
{
	name_file(worker, worker ? "own1" : "own0");
}

static void same_file(int worker)
{
	name_file(worker, "same");
}

static void open_and_close(int worker)
{
	int fd = open(file_name[worker], O_RDONLY);

	must(fd >= 0);
	close(fd);
}

/* Pipes that no worker shares with another: one byte in, the same out. */
static void own_pipe(int worker)
{
	(void)worker;
	must(pipe(out_pipe) == 0);
}

static void through_pipe(int worker)
{
	char byte = 'x';

	(void)worker;
	must(write(out_pipe[1], &byte, 1) == 1);
	must(read(out_pipe[0], &byte, 1) == 1);
}

static const struct scaling scalings[] = {
	{"fork", 1, false, NULL, fork_and_wait},
	{"exec", 1, false, NULL, exec_and_wait},
	{"fault_threads", FAULT_PAGES, true, map_area, touch_area},
	{"fault_processes", FAULT_PAGES, false, map_area, touch_area},
	{"pipe_pairs", 1, false, start_pair, echo_byte},
	{"pipe_alone", 1, false, own_pipe, through_pipe},
	{"open_own", 1, false, own_file, open_and_close},
	{"open_same", 1, false, same_file, open_and_close},
};

struct worker {
	const struct scaling *what;
	int number;
};

static void *work(void *arg)
{
	const struct worker *self = arg;
	unsigned long *done = &shared->worker[self->number].done;

	if (self->what->prepare)
		self->what->prepare(self->number);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		self->what->once(self->number);
		__atomic_store_n(done, *done + self->what->count,
				 __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The process of worker @number, or of all of them as threads. */
static pid_t start_process(const struct scaling *what, int number, int threads)
{
	struct worker self[MAX_WORKERS];
	pthread_t thread[MAX_WORKERS];
	pid_t pid = fork();

	must(pid >= 0);
	if (pid > 0)
		return pid;
	for (int i = 0; i < threads; i++) {
		self[i] = (struct worker){what, number + i};
		if (i > 0)
			must(pthread_create(&thread[i], NULL, work, &self[i]) ==
			     0);
	}
	(void)work(&self[0]);
	for (int i = 1; i < threads; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

static unsigned long total(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < MAX_WORKERS; i++)
		sum += __atomic_load_n(&shared->worker[i].done,
				       __ATOMIC_RELAXED);
	return sum;
}

static unsigned long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)now.tv_sec * 1000000000UL +
	       (unsigned long)now.tv_nsec;
}

static void pass_time(long ns)
{
	struct timespec rest = {ns / 1000000000L, ns % 1000000000L};

	nanosleep(&rest, NULL);
}

/* The numbers behind @word at the beginning of a line of @text. */
static unsigned long sum_behind(const char *text, const char *word)
{
	const char *line = strstr(text, word);
	unsigned long sum = 0;
	char *end;

	if (!line)
		return 0;
	for (line += strlen(word);; line = end) {
		while (*line == ' ')
			line++;
		if (*line < '0' || *line > '9')
			return sum;
		sum += strtoul(line, &end, 10);
	}
}

static const char *read_text(const char *path)
{
	static char text[16384];
	ssize_t length = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY);

	must(fd >= 0);
	while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	text[length] = 0;
	close(fd);
	return text;
}

static unsigned long count_switches(void)
{
	return sum_behind(read_text("/proc/stat"), "\nctxt");
}

static unsigned long count_messages(void)
{
	const char *text = read_text("/proc/interrupts");

	/* Linux's TLB messages are function calls, and counted there. */
	return sum_behind(text, "RES:") + sum_behind(text, "CAL:");
}

static void measure(const struct scaling *what, int workers)
{
	pid_t pid[MAX_WORKERS];
	int processes = what->threads ? 1 : workers;
	unsigned long switches;
	unsigned long messages;
	unsigned long done;
	unsigned long start;

	memset(shared, 0, sizeof(*shared));
	for (int i = 0; i < processes; i++)
		pid[i] = start_process(what, i, what->threads ? workers : 1);
	pass_time(WARM_NS);
	printf("scale %s %d begin\n", what->name, workers);
	fflush(stdout);
	/* The host reads it and prepares. */
	pass_time(SETTLE_NS);
	switches = count_switches();
	messages = count_messages();
	start = now_ns();
	done = total();
	pass_time(WINDOW_NS);
	done = total() - done;
	start = now_ns() - start;
	switches = count_switches() - switches;
	messages = count_messages() - messages;
	printf("scale %s %d end %lu %lu %lu %lu\n", what->name, workers, done,
	       start, switches, messages);
	fflush(stdout);
	shared->stop = 1;
	for (int i = 0; i < processes; i++)
		must(waitpid(pid[i], NULL, 0) == pid[i]);
}

static bool named(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc == 0;
}

/* scale_main - measure the operations named, or all. */
void scale_main(int argc, char **argv)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED);
	/* Fork copies what is buffered. */
	fflush(stdout);
	for (size_t i = 0; i < sizeof(scalings) / sizeof(scalings[0]); i++) {
		if (!named(scalings[i].name, argc, argv))
			continue;
		for (int workers = 1; workers <= MAX_WORKERS; workers++)
			measure(&scalings[i], workers);
	}
}
