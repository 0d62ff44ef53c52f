/*
 * bench - what system calls cost, in ticks of the TSC.
 *
 * PID 1 of an initramfs: mounts what it needs (files are on tmpfs), runs the
 * rows named on the command line, or all, and prints `bench NAME COUNT` for
 * each, or `bench NAME none` where the kernel lacks it.  Then it turns the
 * machine off.  Under -icount shift=0 the TSC counts instructions.
 *
 * `bench exit` is the small static program that the exec rows start;
 * `bench scale` measures what a second CPU adds, `bench curve` how costs grow.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MAX_ROUNDS 32

void bench_fail(const char *what)
{
	printf("bench failed: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	if (getpid() != 1)
		_exit(1);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run_row(const struct row *row)
{
	double results[MAX_ROUNDS] = {0};

	if (row->prepare && !row->prepare()) {
		printf("bench %s none\n", row->name);
		return;
	}
	/* The first batch fills caches, and counts only if it is the only one.
	 */
	results[0] = (double)row->run(row->times) / row->times;
	for (unsigned int i = 0; i < row->rounds; i++)
		results[i] = (double)row->run(row->times) / row->times;
	qsort(results, row->rounds ? row->rounds : 1, sizeof(results[0]),
	      compare);
	printf("bench %s %.0f\n", row->name, results[row->rounds / 2]);
	if (row->finish)
		row->finish();
	fflush(stdout);
}

/* Is @name one of the names in @list, "one,two,three"?  Linux hands its init no
 * more than 32 arguments. */
static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, name, length) == 0 &&
		    (list[length] == ',' || !list[length]))
			return true;
	}
	return false;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int names = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		names++;
		if (listed(argv[i], name))
			return true;
	}
	return names == 0;
}

static void run_rows(const struct row *rows, int argc, char **argv)
{
	for (; rows->name; rows++) {
		if (wanted(rows->name, argc, argv))
			run_row(rows);
	}
}

static void run_all(int argc, char **argv)
{
	/* Memory per child first, while no cache is warm. */
	run_rows(task_rows, argc, argv);
	run_rows(file_rows, argc, argv);
	run_rows(memory_rows, argc, argv);
	run_rows(ipc_rows, argc, argv);
}

static void mount_all(void)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mkdir("/tmp", 01777);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL))
		must(errno == EBUSY);
	must(mount("proc", "/proc", "proc", 0, NULL) == 0);
	must(mount("tmp", "/tmp", "tmpfs", 0, NULL) == 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		_exit(0);
	if (getpid() == 1)
		mount_all();
	if (argc > 1 && strcmp(argv[1], "scale") == 0)
		scale_main(argc - 2, argv + 2);
	else if (argc > 1 && strcmp(argv[1], "curve") == 0)
		curve_main(argc - 2, argv + 2);
	else
		run_all(argc, argv);
	printf("bench done\n");
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	return 0;
}
