/*
 * curve.c - how costs grow with sizes: `bench curve NAME...`.
 *
 * Each curve prints `curve NAME SIZE TICKS` for each of its sizes, TICKS being
 * those of one operation, the median of some rounds; or `curve NAME 0 none`
 * where the kernel lacks what it needs.
 *
 * Entry points: curve_main.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS	   5
#define PAGE	   4096
#define MIB	   (1024 * 1024)
#define MAX_POLLED 4000
#define SAMPLES	   64
#define YIELDS	   40

struct curve {
	const char *name;
	void (*run)(const struct curve *self);
};

static void say(const struct curve *curve, unsigned int size, uint64_t ticks)
{
	printf("curve %s %u %lu\n", curve->name, size, (unsigned long)ticks);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Ticks of one operation(): the median of ROUNDS batches of @times. */
static uint64_t cost(unsigned int times, void (*operation)(void))
{
	uint64_t ticks[ROUNDS];

	operation();
	for (int i = 0; i < ROUNDS; i++)
		ticks[i] = MEASURE(times, operation()) / times;
	qsort(ticks, ROUNDS, sizeof(ticks[0]), compare);
	return ticks[ROUNDS / 2];
}

static void fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	must(pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static void raise_limit(int resource)
{
	struct rlimit limit;

	must(getrlimit(resource, &limit) == 0);
	if (limit.rlim_cur < 32768)
		limit.rlim_cur = limit.rlim_max = 32768;
	must(setrlimit(resource, &limit) == 0);
}

static void write_setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, value, strlen(value)) > 0);
	close(fd);
}

/* Fork while so many other processes sleep. */
static void by_processes(const struct curve *self)
{
	static const unsigned int sizes[] = {10, 100, 1000, 3000, 10000};
	unsigned int alive = 0;
	int ends[2];

	raise_limit(RLIMIT_NPROC);
	write_setting("/proc/sys/kernel/threads-max", "30000");
	must(pipe(ends) == 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (; alive < sizes[i]; alive++) {
			pid_t pid = fork();
			char byte;

			must(pid >= 0);
			if (pid > 0)
				continue;
			close(ends[1]);
			(void)!read(ends[0], &byte, 1);
			_exit(0);
		}
		/* Each gets to its read(2). */
		usleep(300000);
		say(self, alive, cost(20, fork_once));
	}
	close(ends[1]);
	while (alive-- > 0)
		must(wait(NULL) > 0);
	close(ends[0]);
}

/* Fork with so much memory of its own. */
static void by_memory(const struct curve *self)
{
	static const unsigned int sizes[] = {1, 4, 16, 64, 256};
	size_t bytes = 256UL * MIB;
	size_t touched = 0;
	char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(area != MAP_FAILED);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (; touched < (size_t)sizes[i] * MIB; touched += PAGE)
			area[touched] = 1;
		say(self, sizes[i], cost(4, fork_once));
	}
	munmap(area, bytes);
}

static char opened[64];

static void open_once(void)
{
	int fd = open(opened, O_RDONLY);

	must(fd >= 0);
	close(fd);
}

/* CPU time of one open whose disk has to be waited for, in ns: with -icount
 * shift=0 that is in instructions too. */
static uint64_t cold_open(void)
{
	struct timespec from;
	struct timespec to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	open_once();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000 +
	       (uint64_t)to.tv_nsec - (uint64_t)from.tv_nsec;
}

/* Open names spread over @folder/N, which has N files. */
static void open_spread(const struct curve *self, const char *folder,
			unsigned int size, bool cold)
{
	uint64_t sum = 0;
	unsigned int n = size < SAMPLES ? size : SAMPLES;

	for (unsigned int i = 0; i < n; i++) {
		snprintf(opened, sizeof(opened), "%s/%u/f%u", folder, size,
			 (unsigned int)((size_t)i * size / n));
		sum += cold ? cold_open() : cost(4, open_once);
	}
	say(self, size, sum / n);
}

static const unsigned int dir_sizes[] = {10, 100, 1000, 10000, 100000};
#define NR_DIRS (sizeof(dir_sizes) / sizeof(dir_sizes[0]))

static void by_files_tmpfs(const struct curve *self)
{
	char name[64];
	int fd;

	for (size_t d = 0; d < NR_DIRS; d++) {
		snprintf(name, sizeof(name), "/tmp/%u", dir_sizes[d]);
		must(mkdir(name, 0755) == 0);
		for (unsigned int i = 0; i < dir_sizes[d]; i++) {
			snprintf(name, sizeof(name), "/tmp/%u/f%u",
				 dir_sizes[d], i);
			fd = open(name, O_WRONLY | O_CREAT, 0644);
			must(fd >= 0);
			close(fd);
		}
		open_spread(self, "/tmp", dir_sizes[d], false);
	}
}

/* Debian's Linux has its virtio drivers as modules; Tine has no such call. */
static void load_drivers(void)
{
	static const char *const modules[] = {
		"virtio",
		"virtio_ring",
		"virtio_pci_legacy_dev",
		"virtio_pci_modern_dev",
		"virtio_pci",
		"virtio_blk",
	};
	char path[64];
	int fd;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(modules) / sizeof(*modules);
		     i++) {
			snprintf(path, sizeof(path), "/modules/%s.ko",
				 modules[i]);
			fd = open(path, O_RDONLY);
			if (fd < 0)
				continue;
			(void)syscall(SYS_finit_module, fd, "", 0);
			close(fd);
		}
	}
	for (int i = 0; i < 50 && access("/dev/vda", F_OK); i++)
		usleep(100000);
}

static void by_files_ext2(const struct curve *self)
{
	bool cold = strcmp(self->name, "open_ext2_first") == 0;

	if (access("/dev/vda", F_OK))
		load_drivers();
	mkdir("/disk", 0755);
	must(mount("/dev/vda", "/disk", "ext2", MS_RDONLY, NULL) == 0);
	for (size_t d = 0; d < NR_DIRS; d++)
		open_spread(self, "/disk", dir_sizes[d], cold);
	must(umount("/disk") == 0);
}

static const unsigned int poll_sizes[] = {1, 4, 16, 64, 256, 1024, MAX_POLLED};
#define NR_POLLS (sizeof(poll_sizes) / sizeof(poll_sizes[0]))
static struct pollfd polled[MAX_POLLED];
static int write_end[MAX_POLLED];
static unsigned int nr_polled;
static int epoll_fd;

static void open_pipes(unsigned int n)
{
	int ends[2];

	raise_limit(RLIMIT_NOFILE);
	for (; nr_polled < n; nr_polled++) {
		must(pipe(ends) == 0);
		polled[nr_polled].fd = ends[0];
		polled[nr_polled].events = POLLIN;
		write_end[nr_polled] = ends[1];
	}
}

static void close_pipes(void)
{
	while (nr_polled > 0) {
		nr_polled--;
		close(polled[nr_polled].fd);
		close(write_end[nr_polled]);
	}
}

static void poll_once(void)
{
	must(poll(polled, nr_polled, 0) == 0);
}

static void by_polled(const struct curve *self)
{
	for (size_t i = 0; i < NR_POLLS; i++) {
		open_pipes(poll_sizes[i]);
		say(self, poll_sizes[i], cost(10, poll_once));
	}
	close_pipes();
}

/* One of them has a byte; it is reported, read and written again. */
static void epoll_once(void)
{
	struct epoll_event event;
	char byte = 'x';

	must(epoll_wait(epoll_fd, &event, 1, 0) == 1);
	must(read(polled[0].fd, &byte, 1) == 1);
	must(write(write_end[0], &byte, 1) == 1);
}

static void by_epolled(const struct curve *self)
{
	struct epoll_event event = {.events = EPOLLIN};
	unsigned int added = 0;
	char byte = 'x';

	epoll_fd = epoll_create1(0);
	if (epoll_fd < 0) {
		must(errno == ENOSYS);
		printf("curve %s 0 none\n", self->name);
		return;
	}
	for (size_t i = 0; i < NR_POLLS; i++) {
		open_pipes(poll_sizes[i]);
		for (; added < nr_polled; added++) {
			event.data.u32 = added;
			must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD,
				       polled[added].fd, &event) == 0);
		}
		if (i == 0)
			must(write(write_end[0], &byte, 1) == 1);
		say(self, poll_sizes[i], cost(10, epoll_once));
	}
	close(epoll_fd);
	close_pipes();
}

static int mapped_fd;

/* One page of the same place of a file: it joins no neighbour. */
static void *map_page(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, mapped_fd, 0);

	must(page != MAP_FAILED);
	return page;
}

static void map_once(void)
{
	must(munmap(map_page(), PAGE) == 0);
}

/* A mapping made and removed beside so many others, which stay to the end. */
static void by_mappings(const struct curve *self)
{
	static const unsigned int sizes[] = {10, 100, 1000, 10000, 60000};
	unsigned int mappings = 0;

	mapped_fd = memfd_create("mapped", 0);
	must(mapped_fd >= 0 && ftruncate(mapped_fd, PAGE) == 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (; mappings < sizes[i]; mappings++)
			(void)map_page();
		say(self, mappings, cost(20, map_once));
	}
	close(mapped_fd);
}

static volatile int yield_stop;

static void *yield_main(void *arg)
{
	while (!yield_stop)
		sched_yield();
	return arg;
}

/* The ticks of one of them in a round of all. */
static uint64_t yield_round(unsigned int threads)
{
	uint64_t ticks = MEASURE(YIELDS, sched_yield());

	return ticks / YIELDS / threads;
}

static void by_runnable(const struct curve *self)
{
	static const unsigned int sizes[] = {2, 8, 32, 128, 512};
	static pthread_t thread[512];
	unsigned int threads = 1;
	uint64_t ticks[ROUNDS];
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	yield_stop = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (; threads < sizes[i]; threads++)
			must(pthread_create(&thread[threads], &attr, yield_main,
					    NULL) == 0);
		(void)yield_round(threads);
		for (int r = 0; r < ROUNDS; r++)
			ticks[r] = yield_round(threads);
		qsort(ticks, ROUNDS, sizeof(ticks[0]), compare);
		say(self, sizes[i], ticks[ROUNDS / 2]);
	}
	yield_stop = 1;
	while (--threads > 0)
		pthread_join(thread[threads], NULL);
}

static const struct curve curves[] = {
	{"fork_processes", by_processes},
	{"fork_memory", by_memory},
	{"open_tmpfs", by_files_tmpfs},
	{"open_ext2_first", by_files_ext2},
	{"open_ext2", by_files_ext2},
	{"poll", by_polled},
	{"epoll", by_epolled},
	{"switch", by_runnable},
	{"mmap", by_mappings},
};

static bool named(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc == 0;
}

/* curve_main - the curves named, or all. */
void curve_main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (named(curves[i].name, argc, argv))
			curves[i].run(&curves[i]);
	}
}
