/*
 * memory.c - rows: mappings, page faults and the break.
 *
 * Entry points: memory_rows.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define KIB  1024
#define MIB  (1024 * KIB)
#define PAGE 4096

static int file_fd = -1;
static char *break_start;

static bool make_file(void)
{
	static char block[64 * KIB];

	file_fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
	must(file_fd >= 0);
	for (int i = 0; i < 16; i++)
		must(write(file_fd, block, sizeof(block)) ==
		     (ssize_t)sizeof(block));
	return true;
}

static void remove_file(void)
{
	close(file_fd);
	unlink("/tmp/mapped");
}

static void map_file_once(void)
{
	volatile char *area =
		mmap(NULL, MIB, PROT_READ, MAP_SHARED, file_fd, 0);

	must(area != MAP_FAILED);
	for (size_t at = 0; at < MIB; at += PAGE)
		(void)area[at];
	munmap((void *)area, MIB);
}

static uint64_t run_mmap_file(unsigned int times)
{
	return MEASURE(times, map_file_once());
}

static uint64_t run_mmap_page(unsigned int times)
{
	return MEASURE(times, munmap(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
				     PAGE));
}

static void map_and_touch(void)
{
	volatile char *area = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(area != MAP_FAILED);
	for (size_t at = 0; at < 4 * MIB; at += PAGE)
		area[at] = 1;
	munmap((void *)area, 4 * MIB);
}

static uint64_t run_mmap_touch(unsigned int times)
{
	return MEASURE(times, map_and_touch());
}

/* musl's sbrk() refuses to move, so the call is made by number. */
static bool find_break(void)
{
	long now = syscall(SYS_brk, 0);

	break_start = (char *)((now + PAGE - 1) / PAGE * PAGE);
	return syscall(SYS_brk, break_start) == (long)break_start;
}

static void brk_once(void)
{
	volatile char *area = break_start;

	syscall(SYS_brk, break_start + 2 * PAGE);
	area[0] = 1;
	area[PAGE] = 1;
	syscall(SYS_brk, break_start);
}

static uint64_t run_brk(unsigned int times)
{
	return MEASURE(times, brk_once());
}

const struct row memory_rows[] = {
	{"mmap_file", 20, 9, make_file, run_mmap_file, remove_file},
	{"mmap_page", 500, 9, NULL, run_mmap_page, NULL},
	{"mmap_touch", 5, 5, NULL, run_mmap_touch, NULL},
	{"brk", 200, 9, find_break, run_brk, NULL},
	{0},
};
