/*
 * Anonymous memory comes on demand and full of zeros; mincore(2) and
 * madvise(2) tell and change what is there.
 */
#include "tap.h"
#include <sys/mman.h>

#define PAGE  4096
#define PAGES 64

static char *map_pages(int count)
{
	char *memory;

	memory = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	return memory;
}

static int resident(char *memory, int count)
{
	unsigned char there[PAGES];
	int found = 0;
	int i;

	if (mincore(memory, count * PAGE, there))
		return -1;
	for (i = 0; i < count; i++)
		found += there[i] & 1;
	return found;
}

static long rss_pages(void)
{
	char text[100];
	long size = 0;
	long rss = 0;

	file_text("/proc/self/statm", text, sizeof(text));
	sscanf(text, "%ld %ld", &size, &rss);
	return rss;
}

static void on_demand(void)
{
	char *memory = map_pages(PAGES);
	int zeros = 1;
	int i;

	ok(resident(memory, PAGES) == 0, "a new mapping holds no page");
	memory[5 * PAGE + 7] = 1;
	ok(resident(memory, PAGES) == 1, "a store brings one page");
	for (i = 0; i < PAGES * PAGE; i++)
		if (memory[i] != (i == 5 * PAGE + 7))
			zeros = 0;
	ok(zeros, "the rest reads as zeros");
	memset(memory, 1, PAGES * PAGE);
	ok(resident(memory, PAGES) == PAGES, "stores bring all pages");
	munmap(memory, PAGES * PAGE);
}

/* The count is kept roughly: Linux may be 64 pages behind for each kind. */
static void counted(void)
{
	char *memory = map_pages(1024);
	long before = rss_pages();
	long grown;

	memset(memory, 1, 1024 * PAGE);
	grown = rss_pages() - before;
	ok(grown > 850 && grown < 1200, "the resident size grows");
	munmap(memory, 1024 * PAGE);
	ok(rss_pages() - before < 200, "and shrinks by munmap");
}

static void sparse(void)
{
	size_t size = 1ul << 36;
	char *memory;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!ok(memory != MAP_FAILED, "64 GB are mapped without reserve"))
		return;
	memory[0] = 1;
	memory[size / 2] = 2;
	memory[size - 1] = 3;
	ok(memory[0] == 1 && memory[size / 2] == 2 && memory[size - 1] == 3 &&
		   memory[size / 2 + PAGE] == 0,
	   "and used here and there");
	ok(munmap(memory, size) == 0, "and unmapped");
}

static void kernel_faults_in(void)
{
	char *memory = map_pages(2);
	int pipes[2];

	if (pipe(pipes) || write(pipes[1], "abcdef", 6) != 6)
		bail("pipe");
	ok(read(pipes[0], memory + PAGE - 3, 6) == 6 &&
		   !memcmp(memory + PAGE - 3, "abcdef", 6),
	   "read(2) stores to pages that are not there yet");
	close(pipes[0]);
	close(pipes[1]);
	munmap(memory, 2 * PAGE);
}

static void dont_need(void)
{
	char *memory = map_pages(4);
	char *file;
	char *shared;
	int fd;

	memset(memory, 7, 4 * PAGE);
	ok(madvise(memory + PAGE, 2 * PAGE, MADV_DONTNEED) == 0 &&
		   memory[PAGE] == 0 && memory[3 * PAGE - 1] == 0,
	   "MADV_DONTNEED: private memory reads as zeros again");
	ok(memory[PAGE - 1] == 7 && memory[3 * PAGE] == 7,
	   "its neighbours stay");

	put_file("file", "from the file");
	fd = open("file", O_RDWR);
	file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	file[0] = 'X';
	ok(madvise(file, PAGE, MADV_DONTNEED) == 0 && file[0] == 'f',
	   "MADV_DONTNEED: a private page of a file is the file's again");
	shared[0] = 'S';
	ok(madvise(shared, PAGE, MADV_DONTNEED) == 0 && shared[0] == 'S',
	   "MADV_DONTNEED: a shared page keeps what was stored");
	munmap(file, PAGE);
	munmap(shared, PAGE);
	close(fd);
	munmap(memory, 4 * PAGE);
}

/* The middle page of three that are shared, in FD or in memory. */
static int middle_goes(int fd)
{
	char *memory;
	int gone;

	memory = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
		      fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	memset(memory, 5, 3 * PAGE);
	gone = madvise(memory + PAGE, PAGE, MADV_REMOVE) == 0 &&
	       memory[PAGE - 1] == 5 && memory[PAGE] == 0 &&
	       memory[2 * PAGE - 1] == 0 && memory[2 * PAGE] == 5;
	munmap(memory, 3 * PAGE);
	return gone;
}

/* Another descriptor of the file at *FD instead of it; the old one. */
static int open_again(int *fd, int flags)
{
	char path[40];
	int old = *fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", old);
	*fd = open(path, flags);
	return old;
}

static void removing(void)
{
	int fd = memfd_create("memory", 0);
	char *memory = map_pages(1);
	char *shared;

	if (fd < 0 || ftruncate(fd, 3 * PAGE))
		bail("memfd_create");
	ok(middle_goes(fd), "MADV_REMOVE makes a hole in a file in memory");
	ok(middle_goes(-1), "and in shared memory");
	ok_errno(madvise(memory, PAGE, MADV_REMOVE), EINVAL,
		 "MADV_REMOVE: not in private memory");
	shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ok(madvise(shared, PAGE, MADV_REMOVE) == 0,
	   "where it may be made writable");
	munmap(shared, PAGE);
	close(open_again(&fd, O_RDONLY));
	shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ok_errno(madvise(shared, PAGE, MADV_REMOVE), EACCES,
		 "not where it may not");
	munmap(shared, PAGE);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok_errno(madvise(shared, PAGE, MADV_REMOVE), EACCES,
		 "nor what is private of a file");
	munmap(shared, PAGE);
	munmap(memory, PAGE);
	close(fd);
}

static void errors(void)
{
	char *memory = map_pages(4);
	unsigned char there[4];

	munmap(memory + 2 * PAGE, PAGE);
	ok_errno(mincore(memory + 1, PAGE, there), EINVAL,
		 "mincore: an address that is not a page's");
	ok_errno(mincore(memory, 4 * PAGE, there), ENOMEM,
		 "mincore: a range with a hole");
	ok_errno(mincore(memory, PAGE, (void *)8), EFAULT,
		 "mincore: a bad vector");
	ok_errno(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL,
		 "madvise: an address that is not a page's");
	ok_errno(madvise(memory, PAGE, 9999), EINVAL,
		 "madvise: unknown advice");
	memory[3 * PAGE] = 1;
	ok_errno(madvise(memory, 4 * PAGE, MADV_DONTNEED), ENOMEM,
		 "madvise: a range with a hole");
	ok(memory[3 * PAGE] == 0, "but what lies behind the hole is done");
	munmap(memory, 4 * PAGE);
}

static void locking(void)
{
	char *memory = map_pages(4);

	ok(mlock(memory, 4 * PAGE) == 0 && resident(memory, 4) == 4,
	   "mlock brings the pages");
	ok_errno(madvise(memory, PAGE, MADV_DONTNEED), EINVAL,
		 "MADV_DONTNEED: not on locked memory");
	ok(munlock(memory, 4 * PAGE) == 0, "munlock");
	munmap(memory, 4 * PAGE);
	ok_errno(mlock(memory, PAGE), ENOMEM, "mlock: nothing mapped");
	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ok(resident(memory, 4) == 4, "MAP_POPULATE brings the pages");
	munmap(memory, 4 * PAGE);
}

int main(void)
{
	tap_folder("demand");
	on_demand();
	counted();
	sparse();
	kernel_faults_in();
	dont_need();
	removing();
	errors();
	locking();
	return done_testing();
}
