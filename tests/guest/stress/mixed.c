/*
 * mixed.c - a mixed load, at which nothing may be lost: workers fork, run
 * programs, pipe, signal, map memory in threads, make and remove files, open
 * terminals and change their CPUs, all beside each other, until the time is
 * over.  Each worker checks what it did, down to the byte; the parent sees
 * that all go on, and that in the end no child is left.
 *
 *	mixed [SECONDS [WORKER...]]
 *
 * WORKER picks some of the workers by name.  A long run (soak_mixed) shows
 * the rounds done, once in half a minute.
 */
#include "mixed.h"

#include "mixed_data.h"
#include "mixed_process.h"
#include "mixed_signal.h"

/* No round takes so long, not even on a busy host. */
#define STUCK_MS  180000
#define REPORT_MS 30000

static void round_readers(void)
{
	static const char *const files[] = {"stat",    "status", "maps",
					    "cmdline", "statm",	 "wchan"};
	char text[4096];
	char path[300];
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	need(folder);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name,
			 files[chance(6)]);
		file_text(path, text, sizeof(text));
	}
	closedir(folder);
	need(*file_text("/proc/meminfo", text, sizeof(text)));
	need(*file_text("/proc/stat", text, sizeof(text)));
	usleep(1000);
}

static const struct worker {
	const char *name;
	void (*round)(void);
	const char *rule;
} workers[] = {
	{"forks", round_forks, "each child is reaped, with its status"},
	{"execs", round_execs, "each program ends with its number"},
	{"kills", round_kills, "of a killed group nobody is left"},
	{"threads", round_threads, "no wake-up is lost between threads"},
	{"cpus", round_cpus, "a task runs where it was told to"},
	{"pipes", round_pipes, "each byte through a pipe arrives"},
	{"files", round_files, "each file holds what was written"},
	{"terminals", round_terminals, "each session answers and ends"},
	{"memory", round_memory, "threads' memory is their own"},
	{"shared", round_shared, "shared memory is one memory"},
	{"signals", round_signals, "each queued signal arrives once"},
	{"readers", round_readers, "/proc can be read meanwhile"},
};

#define NR_WORKERS ((int)(sizeof(workers) / sizeof(workers[0])))

static int statuses[NR_WORKERS];

static void work(int number)
{
	chance_seed(getpid());
	prctl(PR_SET_NAME, workers[number].name);
	/* Orphans of this worker come back to it. */
	need(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	while (!board->stop) {
		workers[number].round();
		board->rounds[number]++;
	}
	need(fails(wait(NULL), ECHILD));
	_exit(0);
}

/* Processes that ended and that nobody waits for. */
static int count_zombies(void)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (folder && (entry = readdir(folder)))
		if (atoi(entry->d_name) && state_of(atoi(entry->d_name)) == 'Z')
			count++;
	if (folder)
		closedir(folder);
	return count;
}

static void report_rounds(void)
{
	char line[400] = "";
	int length = 0;
	int i;

	for (i = 0; i < NR_WORKERS; i++)
		length +=
			snprintf(line + length, sizeof(line) - length,
				 " %s %ld", workers[i].name, board->rounds[i]);
	tap_line("# rounds:%s\n", line);
}

/* Reap workers that have ended; how many still run. */
static int reap_workers(void)
{
	int running = 0;
	int status;
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		pid_t pid = board->pids[i];

		if (!pid)
			continue;
		if (waitpid(pid, &status, WNOHANG) == pid) {
			board->pids[i] = 0;
			statuses[i] = status;
			/* One that failed ends the run. */
			if (status)
				board->stop = 1;
		} else {
			running++;
		}
	}
	return running;
}

/* A worker whose count has not moved for long; NULL if all do. */
static const char *stuck_worker(void)
{
	static long last_rounds[NR_WORKERS];
	static long last_move[NR_WORKERS];
	long now = now_ms();
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		if (!last_move[i] || board->rounds[i] != last_rounds[i])
			last_move[i] = now;
		last_rounds[i] = board->rounds[i];
		if (board->pids[i] && now - last_move[i] > STUCK_MS)
			return workers[i].name;
	}
	return NULL;
}

/* Until the time is over and all workers are done; false if one hangs. */
static int watch(long run_ms)
{
	long end = now_ms() + run_ms;
	long report = now_ms() + REPORT_MS;
	const char *stuck;

	while (reap_workers()) {
		sleep_ms(50);
		if (now_ms() >= end)
			board->stop = 1;
		if (now_ms() >= report) {
			report_rounds();
			report += REPORT_MS;
		}
		stuck = stuck_worker();
		if (stuck) {
			tap_line("# %s does not go on\n", stuck);
			show_processes();
			return 0;
		}
	}
	return 1;
}

/* Is the worker one of the NAMES?  All are if there are none. */
static int chosen(int number, int count, char **names)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(names[i], workers[number].name))
			return 1;
	return count == 0;
}

static void start_workers(int count, char **names)
{
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		pid_t pid;

		if (!chosen(i, count, names))
			continue;
		pid = fork();
		if (pid < 0)
			bail("fork");
		if (pid == 0)
			work(i);
		board->pids[i] = pid;
	}
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 2;
	int i;

	self_path = "/proc/self/exe";
	if (argc > 2 && !strcmp(argv[1], "child"))
		return exec_child(argc, argv);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED ||
	    sched_getaffinity(0, sizeof(all_cpus), &all_cpus))
		bail("begin");
	start_workers(argc > 2 ? argc - 2 : 0, argv + 2);
	ok(watch(seconds * 1000L), "all workers go on to the end");
	for (i = 0; i < NR_WORKERS; i++)
		ok(statuses[i] == 0, workers[i].rule);
	report_rounds();
	ok(fails(wait(NULL), ECHILD), "no child is left");
	ok(count_zombies() == 0, "no zombie is left");
	return done_testing();
}
