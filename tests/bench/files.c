/*
 * files.c - rows: the shortest calls, and files on the tmpfs at /tmp.
 *
 * Entry points: file_rows.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define FILE_SIZE (1024 * 1024)

static int file_fd = -1;
static int device_fd = -1;
static char buffer[65536];

static uint64_t run_getppid(unsigned int times)
{
	return MEASURE(times, syscall(SYS_getppid));
}

static uint64_t run_clock_gettime(unsigned int times)
{
	struct timespec now;

	return MEASURE(times, clock_gettime(CLOCK_MONOTONIC, &now));
}

static uint64_t run_sched_yield(unsigned int times)
{
	return MEASURE(times, sched_yield());
}

static bool open_zero(void)
{
	device_fd = open("/dev/zero", O_RDONLY);
	return device_fd >= 0;
}

static bool open_null(void)
{
	device_fd = open("/dev/null", O_WRONLY);
	return device_fd >= 0;
}

static void close_device(void)
{
	close(device_fd);
}

static uint64_t run_read1(unsigned int times)
{
	return MEASURE(times, read(device_fd, buffer, 1));
}

static uint64_t run_write1(unsigned int times)
{
	return MEASURE(times, write(device_fd, buffer, 1));
}

static bool make_file(void)
{
	file_fd = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	must(file_fd >= 0);
	for (size_t done = 0; done < FILE_SIZE; done += sizeof(buffer))
		must(write(file_fd, buffer, sizeof(buffer)) ==
		     (ssize_t)sizeof(buffer));
	return true;
}

static void remove_file(void)
{
	close(file_fd);
	unlink("/tmp/file");
}

static uint64_t run_stat(unsigned int times)
{
	struct stat st;

	return MEASURE(times, stat("/tmp/file", &st));
}

static uint64_t run_fstat(unsigned int times)
{
	struct stat st;

	return MEASURE(times, fstat(file_fd, &st));
}

static uint64_t run_open_close(unsigned int times)
{
	return MEASURE(times, close(open("/tmp/file", O_RDONLY)));
}

static uint64_t run_pread4k(unsigned int times)
{
	return MEASURE(times, pread(file_fd, buffer, 4096, 8192));
}

static uint64_t run_pread64k(unsigned int times)
{
	return MEASURE(times, pread(file_fd, buffer, 65536, 65536));
}

static uint64_t run_pwrite4k(unsigned int times)
{
	return MEASURE(times, pwrite(file_fd, buffer, 4096, 8192));
}

static void create_one(void)
{
	close(open("/tmp/new", O_RDWR | O_CREAT | O_EXCL, 0644));
	unlink("/tmp/new");
}

static uint64_t run_create(unsigned int times)
{
	return MEASURE(times, create_one());
}

const struct row file_rows[] = {
	{"getppid", 1000, 9, NULL, run_getppid, NULL},
	{"clock_gettime", 1000, 9, NULL, run_clock_gettime, NULL},
	{"read1", 1000, 9, open_zero, run_read1, close_device},
	{"write1", 1000, 9, open_null, run_write1, close_device},
	{"stat", 500, 9, make_file, run_stat, remove_file},
	{"fstat", 500, 9, make_file, run_fstat, remove_file},
	{"open", 500, 9, make_file, run_open_close, remove_file},
	{"pread4k", 500, 9, make_file, run_pread4k, remove_file},
	{"pread64k", 100, 9, make_file, run_pread64k, remove_file},
	{"pwrite4k", 500, 9, make_file, run_pwrite4k, remove_file},
	{"create", 200, 9, NULL, run_create, NULL},
	{"sched_yield", 500, 9, NULL, run_sched_yield, NULL},
	{0},
};
