/*
 * mmap(2) and munmap(2): where mappings go, holes in them, MAP_FIXED and
 * MAP_FIXED_NOREPLACE, and what /proc/self/maps says of it.
 */
#include "tap.h"
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#define PAGE	   4096
#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ANONYMOUS  (MAP_PRIVATE | MAP_ANONYMOUS)

/* A far place where nothing lies: tests that look at neighbours use it. */
#define QUIET ((char *)0x200000000000)

static char *map_at(char *where, int pages, int protection, int flags)
{
	return mmap(where, pages * PAGE, protection, ANONYMOUS | flags, -1, 0);
}

/* maps_line - the line of /proc/self/maps that begins with that range. */
static int maps_line(char *from, char *to, const char *rest)
{
	static char text[16384];
	char line[80];

	snprintf(line, sizeof(line), "%lx-%lx %s", (long)from, (long)to, rest);
	return strstr(file_text("/proc/self/maps", text, sizeof(text)), line) !=
	       NULL;
}

static int is_mapped(char *page)
{
	unsigned char there;

	return mincore(page, PAGE, &there) == 0;
}

static void holes(void)
{
	char *memory = map_at(QUIET, 5, READ_WRITE, MAP_FIXED);

	ok(memory == QUIET, "MAP_FIXED puts it there");
	memset(memory, 'x', 5 * PAGE);
	ok(munmap(memory + 2 * PAGE, PAGE) == 0 &&
		   !is_mapped(memory + 2 * PAGE) && is_mapped(memory + PAGE) &&
		   is_mapped(memory + 3 * PAGE),
	   "munmap of the middle leaves both sides");
	ok(memory[2 * PAGE - 1] == 'x' && memory[3 * PAGE] == 'x',
	   "with their contents");
	ok(maps_line(memory, memory + 2 * PAGE, "rw-p 00000000 00:00 0") &&
		   maps_line(memory + 3 * PAGE, memory + 5 * PAGE, "rw-p"),
	   "/proc/self/maps shows two");
	ok(map_at(memory + 2 * PAGE, 1, READ_WRITE, MAP_FIXED) ==
			   memory + 2 * PAGE &&
		   maps_line(memory, memory + 5 * PAGE, "rw-p"),
	   "the hole filled, it is one again");
	ok(memory[2 * PAGE] == 0 && memory[0] == 'x', "the new page is empty");
	ok(munmap(memory + PAGE, 3 * PAGE + 1) == 0 && is_mapped(memory) &&
		   !is_mapped(memory + 4 * PAGE),
	   "a length is rounded up to pages");
	ok(munmap(memory, 5 * PAGE) == 0 && !is_mapped(memory),
	   "munmap passes over holes");
	ok(munmap(memory, 5 * PAGE) == 0, "munmap of nothing is no error");
}

static void replaces(void)
{
	char *memory = map_at(QUIET, 3, READ_WRITE, MAP_FIXED);

	memset(memory, 'x', 3 * PAGE);
	ok(map_at(memory + PAGE, 1, PROT_READ, MAP_FIXED) == memory + PAGE &&
		   memory[PAGE] == 0 && memory[0] == 'x' &&
		   memory[2 * PAGE] == 'x',
	   "MAP_FIXED replaces what lies there, no more");
	ok(maps_line(memory + PAGE, memory + 2 * PAGE, "r--p"),
	   "with its own protection");
	ok(map_at(memory + PAGE, 3, READ_WRITE, MAP_FIXED_NOREPLACE) ==
			   MAP_FAILED &&
		   errno == EEXIST,
	   "MAP_FIXED_NOREPLACE: EEXIST where something lies");
	ok(memory[2 * PAGE] == 'x', "and nothing is touched");
	ok(map_at(memory + 3 * PAGE, 1, READ_WRITE, MAP_FIXED_NOREPLACE) ==
		   memory + 3 * PAGE,
	   "MAP_FIXED_NOREPLACE where nothing lies");
	munmap(memory, 4 * PAGE);
}

static void hints(void)
{
	char *memory = map_at(QUIET, 1, READ_WRITE, 0);
	char *other;

	ok(memory == QUIET, "a hint is followed where there is room");
	other = map_at(QUIET, 1, READ_WRITE, 0);
	ok(other != MAP_FAILED && other != QUIET,
	   "and not where there is none");
	munmap(other, PAGE);
	munmap(memory, PAGE);
	memory = map_at(QUIET + 5, 1, READ_WRITE, 0);
	ok(memory != MAP_FAILED && ((long)memory & (PAGE - 1)) == 0,
	   "a hint need not be a page's");
	munmap(memory, PAGE);
}

static int low_addresses(void)
{
	need(map_at((char *)PAGE, 1, PROT_READ, MAP_FIXED) == MAP_FAILED);
	need(errno == EPERM);
	return 0;
}

static void errors(void)
{
	char *memory;

	ok_errno((long)map_at(QUIET + 1, 1, PROT_READ, MAP_FIXED), EINVAL,
		 "MAP_FIXED: an address that is not a page's");
	ok_errno((long)mmap(NULL, 1ul << 47, PROT_READ, ANONYMOUS, -1, 0),
		 ENOMEM, "longer than the address space");
	ok_errno((long)mmap((void *)-PAGE, PAGE, PROT_READ,
			    ANONYMOUS | MAP_FIXED, -1, 0),
		 ENOMEM, "MAP_FIXED in the kernel's half");
	ok_errno(munmap(QUIET + 1, PAGE), EINVAL,
		 "munmap: an address that is not a page's");
	ok_errno(munmap(QUIET, 0), EINVAL, "munmap: length 0");
	ok_errno(munmap((void *)-PAGE, PAGE), EINVAL,
		 "munmap: the kernel's half");
	ok(in_child_as(STUDENT, low_addresses) == 0,
	   "the lowest pages are refused to a user: EPERM");
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ok(memory != MAP_FAILED, "shared anonymous memory needs no file");
	munmap(memory, PAGE);
}

static void names(void)
{
	static char text[16384];

	file_text("/proc/self/maps", text, sizeof(text));
	ok(strstr(text, "[stack]") != NULL, "maps names the stack");
	ok(strstr(text, "/tests/memory/ranges\n") != NULL,
	   "maps names the program's file");
}

/* Many mappings: each second page, then all gone in one call. */
static void many(void)
{
	int count = 1000;
	int made = 0;
	int i;

	for (i = 0; i < count; i++)
		made += map_at(QUIET + 2l * i * PAGE, 1, READ_WRITE,
			       MAP_FIXED) == QUIET + 2l * i * PAGE;
	for (i = 0; i < count; i++)
		QUIET[2l * i * PAGE] = i;
	for (i = 0; i < count; i++)
		made -= QUIET[2l * i * PAGE] == (char)i;
	ok(made == 0, "a thousand mappings with gaps");
	ok(munmap(QUIET, 2l * count * PAGE) == 0 && !is_mapped(QUIET) &&
		   !is_mapped(QUIET + 2l * (count - 1) * PAGE),
	   "one munmap takes them all");
}

/* MADV_POPULATE_READ: a hole is told at the end, what cannot be read at once.
 */
static void populating(void)
{
	char *memory = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char there = 0;

	munmap(memory + 4096, 4096);
	ok(fails(madvise(memory, 4 * 4096, 22), ENOMEM) &&
		   mincore(memory + 3 * 4096, 4096, &there) == 0 && (there & 1),
	   "MADV_POPULATE_READ goes on behind a hole");
	mprotect(memory + 2 * 4096, 4096, PROT_NONE);
	ok_errno(madvise(memory, 4 * 4096, 22), EINVAL,
		 "but not where it cannot be read");
	munmap(memory, 4 * 4096);
}

int main(void)
{
	holes();
	replaces();
	hints();
	errors();
	names();
	many();
	populating();
	return done_testing();
}
