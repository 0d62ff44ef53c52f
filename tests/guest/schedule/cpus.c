/*
 * The CPUs that a program sees, and where it may run: sched_setaffinity,
 * sched_getaffinity, getcpu, and what /proc and /sys say of them.
 */
#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int nr_cpus;

static int count_lines(const char *path, const char *start)
{
	char line[4096];
	FILE *file = fopen(path, "r");
	int n = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		n += !strncmp(line, start, strlen(start));
	fclose(file);
	return n;
}

static void one_set(cpu_set_t *set, int cpu)
{
	CPU_ZERO(set);
	CPU_SET(cpu, set);
}

static void what_is_told(void)
{
	char online[64] = "";
	char wanted[64];
	FILE *file = fopen("/sys/devices/system/cpu/online", "r");

	ok(count_lines("/proc/cpuinfo", "processor") == nr_cpus,
	   "/proc/cpuinfo lists those that run");
	ok(count_lines("/proc/stat", "cpu") == nr_cpus + 1,
	   "/proc/stat has a line for each and one for all");
	snprintf(wanted, sizeof(wanted), nr_cpus > 1 ? "0-%d\n" : "0\n",
		 nr_cpus - 1);
	ok(file && fgets(online, sizeof(online), file) &&
		   !strcmp(online, wanted),
	   "/sys/devices/system/cpu/online names them");
	if (file)
		fclose(file);
}

static void goes_where_it_is_sent(void)
{
	cpu_set_t set, got;
	unsigned int cpu, node;
	int i, wrong = 0;

	for (i = 0; i < nr_cpus * 3; i++) {
		one_set(&set, i % nr_cpus);
		if (sched_setaffinity(0, sizeof(set), &set) ||
		    sched_getaffinity(0, sizeof(got), &got) ||
		    !CPU_EQUAL(&set, &got) ||
		    syscall(SYS_getcpu, &cpu, &node, NULL) ||
		    (int)cpu != i % nr_cpus)
			wrong++;
	}
	ok(!wrong, "it stands where it was sent when the call returns");
	CPU_ZERO(&set);
	ok_errno(sched_setaffinity(0, sizeof(set), &set), EINVAL,
		 "an empty set");
	one_set(&set, 1000);
	ok_errno(sched_setaffinity(0, sizeof(set), &set), EINVAL,
		 "a set without a CPU that exists");
	one_set(&set, 0);
	ok_errno(sched_setaffinity(999999, sizeof(set), &set), ESRCH,
		 "a task that does not exist");
}

/* Spins and tells where it is. */
static void spin(volatile int *where)
{
	for (;;)
		*where = sched_getcpu();
}

static void running_child_is_moved(void)
{
	volatile int *where = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int target = nr_cpus - 1;
	cpu_set_t set;
	pid_t child;
	int tries;

	*where = -1;
	child = fork();
	if (!child)
		spin(where);
	one_set(&set, target);
	ok(sched_setaffinity(child, sizeof(set), &set) == 0,
	   "another process, while it runs");
	for (tries = 0; tries < 200 && *where != target; tries++)
		sleep_ms(5);
	ok(*where == target, "moves");
	sleep_ms(20);
	ok(*where == target, "and stays");
	child = (kill(child, SIGKILL), waitpid(child, NULL, 0));
	ok(child > 0, "and can be killed there");
}

static void child_inherits(void)
{
	cpu_set_t set, got;
	int status;

	one_set(&set, nr_cpus - 1);
	sched_setaffinity(0, sizeof(set), &set);
	if (!fork()) {
		CPU_ZERO(&got);
		sched_getaffinity(0, sizeof(got), &got);
		_exit(!CPU_EQUAL(&set, &got) || sched_getcpu() != nr_cpus - 1);
	}
	wait(&status);
	ok(status == 0, "a child inherits the set");
}

static void *counter(void *arg)
{
	long *n = arg;
	int i;

	for (i = 0; i < 20000; i++)
		__atomic_fetch_add(n, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Pages change hands between CPUs: no store may be lost on the way. */
static void threads_and_protection(void)
{
	pthread_t threads[4];
	long *n = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i, status, wrong = 0;

	*n = 0;
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, counter, n);
	for (i = 0; i < 20; i++) {
		long before;
		pid_t child = fork();

		if (!child) {
			before = *(volatile long *)n;
			sleep_ms(1);
			_exit(*(volatile long *)n != before);
		}
		if (waitpid(child, &status, 0) != child || status)
			wrong++;
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ok(*n == 80000, "four threads count while forks write-protect");
	ok(!wrong, "no child sees what they count after the fork");
}

int main(void)
{
	cpu_set_t set, all;

	sched_getaffinity(0, sizeof(all), &all);
	nr_cpus = CPU_COUNT(&all);
	ok(nr_cpus == sysconf(_SC_NPROCESSORS_ONLN), "all may be used");
	CPU_ZERO(&set);
	ok(syscall(SYS_sched_getaffinity, 0, sizeof(set), &set) > 0,
	   "sched_getaffinity returns the size of the set");
	what_is_told();
	goes_where_it_is_sent();
	running_child_is_moved();
	child_inherits();
	sched_setaffinity(0, sizeof(all), &all);
	threads_and_protection();
	return done_testing();
}
