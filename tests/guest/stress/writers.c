/*
 * Many writers on one file system, on one CPU and on all of them: the locks
 * that they share (a directory, the bitmaps of ext2) are held for moments, so
 * the writers must not put each other to sleep at each step.  Counted are
 * voluntary switches, which do not depend on how busy the host is.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define WRITERS 8
#define FILES	25
#define BLOCKS	8

static int writer;

/* Makes, fills and removes files of a few blocks, in a folder of its own. */
static int write_files(void)
{
	static char block[4096];
	char name[16];
	int i;
	int j;

	snprintf(name, sizeof(name), "w%d", writer);
	need(mkdir(name, 0700) == 0 && chdir(name) == 0);
	for (i = 0; i < FILES; i++) {
		int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);

		need(fd >= 0);
		for (j = 0; j < BLOCKS; j++)
			need(write(fd, block, sizeof(block)) == sizeof(block));
		need(ftruncate(fd, 4096) == 0);
		need(close(fd) == 0 && unlink("file") == 0);
	}
	need(chdir("..") == 0);
	return rmdir(name);
}

/* All write at once: milliseconds that took, and their voluntary switches. */
static int all_write(long *ms, long *switches)
{
	struct rusage before;
	struct rusage after;
	pid_t pids[WRITERS];
	int good = 0;

	getrusage(RUSAGE_CHILDREN, &before);
	*ms = now_ms();
	for (writer = 0; writer < WRITERS; writer++)
		pids[writer] = start_child(write_files);
	for (writer = 0; writer < WRITERS; writer++)
		good += exit_code(pids[writer]) == 0;
	*ms = now_ms() - *ms;
	getrusage(RUSAGE_CHILDREN, &after);
	*switches = after.ru_nvcsw - before.ru_nvcsw;
	return good == WRITERS;
}

static void on_one_and_on_all(void)
{
	long steps = WRITERS * FILES * (BLOCKS + 4);
	cpu_set_t all;
	cpu_set_t one;
	long switches;
	long ms;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_getaffinity(0, sizeof(all), &all);
	sched_setaffinity(0, sizeof(one), &one);
	ok(all_write(&ms, &switches), "writers on one CPU");
	tap_line("# one CPU: %ld ms, %ld switches\n", ms, switches);
	sched_setaffinity(0, sizeof(all), &all);
	ok(all_write(&ms, &switches), "writers on all CPUs");
	tap_line("# %d CPUs: %ld ms, %ld switches in %ld steps\n",
		 CPU_COUNT(&all), ms, switches, steps);
	ok(switches < steps / 10, "seldom sleep for each other");
}

/* --- in one folder -------------------------------------------------------- */

#define LEAST	 20
#define LIMIT_MS 20000

static volatile int *made; /* shared: how many files each has made */

static int all_have_enough(void)
{
	int i;

	for (i = 0; i < WRITERS; i++) {
		if (made[i] < LEAST)
			return 0;
	}
	return 1;
}

/* Makes and removes files in the folder of all, as fast as it can, until each
 * has made LEAST or the time is over. */
static int fill_and_empty(void)
{
	long until = now_ms() + LIMIT_MS;
	char name[16];

	snprintf(name, sizeof(name), "n%d", writer);
	while (!all_have_enough() && now_ms() < until) {
		int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

		need(fd >= 0 && close(fd) == 0 && unlink(name) == 0);
		made[writer]++;
	}
	return 0;
}

/* How many the others make meanwhile is up to the host, which may let one CPU
 * run and not the other. */
static void in_one_folder(void)
{
	pid_t pids[WRITERS];
	int good = 0;

	for (writer = 0; writer < WRITERS; writer++)
		made[writer] = 0;
	for (writer = 0; writer < WRITERS; writer++)
		pids[writer] = start_child(fill_and_empty);
	for (writer = 0; writer < WRITERS; writer++)
		good += exit_code(pids[writer]) == 0;
	for (writer = 0; writer < WRITERS; writer++)
		tap_line("# %d files\n", made[writer]);
	ok(good == WRITERS && all_have_enough(),
	   "none of those who want one folder is left out");
}

static void both(void)
{
	on_one_and_on_all();
	in_one_folder();
}

int main(void)
{
	made = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	each_folder(both);
	return done_testing();
}
