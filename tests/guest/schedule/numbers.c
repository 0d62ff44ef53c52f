/*
 * What the scheduler tells of itself: switches, /proc/PID/sched and schedstat,
 * /proc/schedstat, the load average, and where a task is after
 * sched_setaffinity.
 */
#include "hogs.h"
#include <sys/mman.h>
#include <sys/resource.h>

static int nr_cpus;

/* The number behind NAME in a file of lines "name : number". */
static double number_in(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	if (!line || !(line = strchr(line, ':')))
		return -1;
	return atof(line + 1);
}

static double number_of(const char *path, const char *name)
{
	static char text[8192];

	return number_in(file_text(path, text, sizeof(text)), name);
}

/* --- switches ------------------------------------------------------------- */

static void switches(void)
{
	struct rusage before;
	struct rusage after;
	int least = steady() ? 20 : 10; /* late to sleep: no need to */
	double told[2];
	long slept;
	int i;

	getrusage(RUSAGE_SELF, &before);
	told[0] = number_of("/proc/self/status", "\nvoluntary_ctxt_switches");
	for (i = 0; i < 20; i++)
		sleep_ms(5);
	told[1] = number_of("/proc/self/status", "\nvoluntary_ctxt_switches");
	getrusage(RUSAGE_SELF, &after);
	slept = after.ru_nvcsw - before.ru_nvcsw;
	ok(slept >= least && slept < 40, "each sleep is a voluntary switch");
	ok(told[1] - told[0] >= least && told[1] - told[0] <= slept,
	   "/proc/PID/status tells the same");
}

static void preemptions(void)
{
	char path[40];
	double used[2];

	start_hog(0, 0);
	start_hog(0, 0);
	run_hogs(500, used);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)hogs[0]);
	ok(number_of(path, "nonvoluntary_ctxt_switches") >= 2,
	   "two hogs on a CPU push each other aside");
	end_hogs();
}

/* --- /proc/PID/schedstat -------------------------------------------------- */

struct sched_stat {
	double run, wait, slices;
};

static int read_stat(pid_t pid, struct sched_stat *stat)
{
	char path[40];
	char text[200];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	return sscanf(file_text(path, text, sizeof(text)), "%lf %lf %lf\n",
		      &stat->run, &stat->wait, &stat->slices) == 3;
}

static void waiting_is_counted(void)
{
	struct sched_stat a;
	struct sched_stat b;
	double used[2];
	double clock;
	double least;

	start_hog(0, 0);
	start_hog(0, 0);
	sleep_ms(50);
	ok(read_stat(hogs[0], &a), "/proc/PID/schedstat has three numbers");
	clock = hog_ns(hogs[0]);
	run_hogs(1000, used);
	clock = hog_ns(hogs[0]) - clock;
	read_stat(hogs[0], &b);
	b.run -= a.run;
	b.wait -= a.wait;
	b.slices -= a.slices;
	tap_line("# ran %.0f ms, waited %.0f ms, %.0f times\n", b.run / 1e6,
		 b.wait / 1e6, b.slices);
	least = steady() ? 0.9 : 0.5;
	ok(b.run > clock * least && b.run < clock / least,
	   "the first is the time that it ran");
	ok(b.wait > b.run * least && b.wait < b.run / least,
	   "the second the time that it waited");
	ok(b.slices >= 2 && b.slices < 1000, "the third how often it ran");
	end_hogs();
}

/* --- /proc/PID/sched ------------------------------------------------------ */

static void as_the_scheduler_sees(void)
{
	char text[4096];
	char path[40];
	char wanted[80];
	pid_t pid;

	pid = start_hog(nr_cpus - 1, 5);
	sleep_ms(50);
	snprintf(path, sizeof(path), "/proc/%d/sched", (int)pid);
	file_text(path, text, sizeof(text));
	snprintf(wanted, sizeof(wanted), "numbers (%d, #threads: 1)\n",
		 (int)pid);
	ok(!strncmp(text, wanted, strlen(wanted)),
	   "/proc/PID/sched begins with name, pid and threads");
	ok(strstr(text, "\nprio                                         :"
			"                  125\n") != NULL,
	   "tells the priority");
	ok(strstr(text, "\npolicy                                       :"
			"                    0\n") != NULL,
	   "the policy");
	ok(number_of(path, "se.load.weight") == 335 * 1024,
	   "the weight of nice 5");
	ok(number_of(path, "se.sum_exec_runtime") > 5 &&
		   number_of(path, "se.vruntime") != -1,
	   "how long it ran, in milliseconds");
	file_text(path, text, sizeof(text));
	ok(number_in(text, "nr_switches") ==
		   number_in(text, "nr_voluntary_switches") +
			   number_in(text, "nr_involuntary_switches"),
	   "and its switches of either kind");
	end_hogs();
}

/* --- /proc/schedstat ------------------------------------------------------ */

/* The last three numbers of all CPUs' lines, added up; the lines. */
static int read_cpus(double *sum)
{
	char line[400];
	FILE *file = fopen("/proc/schedstat", "r");
	int lines = 0;
	double n[9];
	int i;

	for (i = 0; i < 3; i++)
		sum[i] = 0;
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "cpu%*d %lf %lf %lf %lf %lf %lf %lf %lf %lf",
			   n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7,
			   n + 8) != 9)
			continue;
		lines++;
		for (i = 0; i < 3; i++)
			sum[i] += n[6 + i];
	}
	if (file)
		fclose(file);
	return lines;
}

static void of_all_cpus(void)
{
	char text[40];
	double before[3];
	double after[3];
	double used[1];

	ok(!strncmp(file_text("/proc/schedstat", text, sizeof(text)),
		    "version 15\ntimestamp ", 21),
	   "/proc/schedstat: its version, a time");
	ok(read_cpus(before) == nr_cpus, "a line for each CPU");
	start_hog(0, 0);
	run_hogs(300, used);
	end_hogs();
	read_cpus(after);
	ok(after[0] - before[0] >= used[0] * 0.9 && after[1] >= before[1] &&
		   after[2] > before[2],
	   "with the time that tasks ran, waited, and how often");
}

/* --- the load average ----------------------------------------------------- */

static double load_now(void)
{
	char text[80];

	return atof(file_text("/proc/loadavg", text, sizeof(text)));
}

static void load(void)
{
	double before = load_now();
	double after = before;
	double used[4];
	int tries;
	int i;

	for (i = 0; i < 4; i++)
		start_hog(-1, 0);
	for (tries = 0; tries < 24 && after == before; tries++) {
		run_hogs(250, used);
		after = load_now();
	}
	tap_line("# load from %.2f to %.2f\n", before, after);
	/* A step of five seconds: 92 % of what was, 8 % of what is. */
	ok(after > before * 0.92 + 0.2 && after < before * 0.92 + 2,
	   "four hogs bring the load average a little nearer to 4");
	end_hogs();
}

/* --- affinity ------------------------------------------------------------- */

/* Field 39 of /proc/PID/stat: where it runs or last ran. */
static int cpu_of(pid_t pid)
{
	char text[500];
	char path[40];
	char *at;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = strrchr(file_text(path, text, sizeof(text)), ')');
	for (i = 2; at && i < 39; i++)
		at = strchr(at + 1, ' ');
	return at ? atoi(at) : -1;
}

/* Counts, and tells after each count where it is. */
static void tell_where(volatile long *where)
{
	long count = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		count++;
		*where = count << 8 | sched_getcpu();
	}
}

static void gone_when_it_returns(void)
{
	volatile long *where = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int wrong_stat = 0;
	int wrong = 0;
	pid_t pid;
	long seen;
	int i;

	pid = fork();
	if (!pid)
		tell_where(where);
	for (i = 0; i < 200; i++) {
		pin_to(pid, i % nr_cpus);
		wrong_stat += cpu_of(pid) != i % nr_cpus;
		/* What it tells of the count after the next began now. */
		seen = *where >> 8;
		while (*where >> 8 < seen + 2)
			sched_yield();
		wrong += (*where & 255) != i % nr_cpus;
	}
	ok(!wrong_stat, "sched_setaffinity returns when it has been moved");
	ok(!wrong, "and runs no more where it must not");
	end_child(pid);
}

int main(void)
{
	cpu_set_t all;

	sched_getaffinity(0, sizeof(all), &all);
	nr_cpus = CPU_COUNT(&all);
	switches();
	preemptions();
	waiting_is_counted();
	as_the_scheduler_sees();
	of_all_cpus();
	gone_when_it_returns();
	load();
	return done_testing();
}
