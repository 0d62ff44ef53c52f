/*
 * mremap(2): a mapping grows, shrinks and moves with its contents.
 */
#include "tap.h"
#include <sys/mman.h>

#define PAGE  4096
#define QUIET ((char *)0x210000000000)

static char *map_at(char *where, int pages)
{
	char *memory;

	memory = mmap(where, pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	return memory;
}

static int is_mapped(char *page)
{
	unsigned char there;

	return mincore(page, PAGE, &there) == 0;
}

static void in_place(void)
{
	char *memory = map_at(QUIET, 4);

	memset(memory, 'x', 4 * PAGE);
	ok(mremap(memory, 4 * PAGE, 2 * PAGE, 0) == memory &&
		   !is_mapped(memory + 2 * PAGE) && memory[PAGE] == 'x',
	   "it shrinks in place");
	ok(mremap(memory, 2 * PAGE, 3 * PAGE, 0) == memory &&
		   memory[PAGE] == 'x' && memory[2 * PAGE] == 0,
	   "it grows in place; the new page is empty");
	ok(mremap(memory, 3 * PAGE, 3 * PAGE, 0) == memory,
	   "the same size is no change");
	map_at(memory + 3 * PAGE, 1);
	ok(mremap(memory, 3 * PAGE, 4 * PAGE, 0) == MAP_FAILED &&
		   errno == ENOMEM,
	   "ENOMEM where there is no room and it may not move");
	munmap(memory, 4 * PAGE);
}

static void moving(void)
{
	char *memory = map_at(QUIET, 3);
	char *moved;

	memset(memory, 'x', PAGE);
	memory[PAGE] = 'y';
	map_at(memory + 2 * PAGE, 1);
	moved = mremap(memory, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	ok(moved != MAP_FAILED && moved != memory, "MREMAP_MAYMOVE: it moves");
	ok(moved[0] == 'x' && moved[PAGE] == 'y' && moved[2 * PAGE] == 0,
	   "with its contents");
	moved[8 * PAGE - 1] = 'z';
	ok(!is_mapped(memory) && is_mapped(memory + 2 * PAGE),
	   "the old place is free, its neighbour is not");
	munmap(moved, 8 * PAGE);
	munmap(memory, 3 * PAGE);
}

static void fixed(void)
{
	char *memory = map_at(QUIET, 2);
	char *target = map_at(QUIET + 8 * PAGE, 3);

	memory[PAGE] = 'm';
	memset(target, 't', 3 * PAGE);
	ok(mremap(memory, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		  target) == target,
	   "MREMAP_FIXED: it goes there");
	ok(target[0] == 0 && target[PAGE] == 'm' && target[2 * PAGE] == 't',
	   "and replaces what was there, no more");
	ok(!is_mapped(memory), "the old place is free");
	ok(mremap(target, PAGE, PAGE, MREMAP_FIXED, QUIET) == MAP_FAILED &&
		   errno == EINVAL,
	   "MREMAP_FIXED without MREMAP_MAYMOVE: EINVAL");
	ok(mremap(target, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		  target + PAGE) == MAP_FAILED &&
		   errno == EINVAL,
	   "the new place may not overlap the old: EINVAL");
	munmap(target, 3 * PAGE);
}

static void of_part(void)
{
	char *memory = map_at(QUIET, 3);
	char *moved;

	memory[0] = 'a';
	memory[PAGE] = 'b';
	memory[2 * PAGE] = 'c';
	moved = mremap(memory + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	ok(moved != MAP_FAILED && moved[0] == 'b',
	   "the middle page moves away");
	ok(memory[0] == 'a' && !is_mapped(memory + PAGE) &&
		   memory[2 * PAGE] == 'c',
	   "its neighbours stay");
	munmap(moved, 2 * PAGE);
	munmap(memory, 3 * PAGE);
}

static void shared(void)
{
	char *memory;
	char *twin;

	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memory[0] = 's';
	twin = mremap(memory, 0, PAGE, MREMAP_MAYMOVE);
	ok(twin != MAP_FAILED && twin != memory && twin[0] == 's',
	   "old size 0: a second view of shared memory");
	twin[1] = 't';
	ok(memory[1] == 't', "the two are one memory");
	munmap(memory, PAGE);
	munmap(twin, PAGE);
}

static void of_file(void)
{
	char *memory;
	char *moved;
	int fd;

	put_file("file", "start");
	fd = open("file", O_RDWR);
	if (ftruncate(fd, 2 * PAGE) || pwrite(fd, "second", 7, PAGE) != 7)
		bail("file");
	memory = mmap(QUIET, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map_at(QUIET + PAGE, 1);
	moved = mremap(memory, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	ok(moved != MAP_FAILED && !strcmp(moved, "start") &&
		   !strcmp(moved + PAGE, "second"),
	   "a file's mapping grows over more of the file");
	munmap(moved, 2 * PAGE);
	munmap(QUIET + PAGE, PAGE);
	close(fd);
}

static void errors(void)
{
	char *memory = map_at(QUIET, 2);

	ok(mremap(memory + 1, PAGE, PAGE, 0) == MAP_FAILED && errno == EINVAL,
	   "an address that is not a page's: EINVAL");
	ok(mremap(memory, PAGE, 0, 0) == MAP_FAILED && errno == EINVAL,
	   "new size 0: EINVAL");
	ok(mremap(memory, PAGE, PAGE, 0x100) == MAP_FAILED && errno == EINVAL,
	   "unknown flags: EINVAL");
	ok(mremap(memory, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED &&
		   errno == EFAULT,
	   "more than one mapping holds: EFAULT");
	munmap(memory, 2 * PAGE);
	ok(mremap(memory, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED &&
		   errno == EFAULT,
	   "nothing mapped: EFAULT");
}

int main(void)
{
	tap_folder("mremap");
	in_place();
	moving();
	fixed();
	of_part();
	shared();
	of_file();
	errors();
	return done_testing();
}
