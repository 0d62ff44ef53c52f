/*
 * Copy-on-write: after fork(2), and in private mappings of files, a store is
 * seen by nobody else, whoever makes it - the program or the kernel.
 */
#include "tap.h"
#include <sys/mman.h>

#define PAGE 4096

static char *page;
static int pipes[2];

static char *map_page(int flags)
{
	char *memory;

	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	return memory;
}

static int child_stores(void)
{
	need(page[0] == 'p');
	page[0] = 'c';
	need(page[0] == 'c');
	return 0;
}

static int child_reads_later(void)
{
	char go;

	need(read(pipes[0], &go, 1) == 1);
	need(page[0] == 'p');
	return 0;
}

static int kernel_stores(void)
{
	need(read(pipes[0], page, 1) == 1);
	need(page[0] == 'k');
	return 0;
}

static int grandchild_stores(void)
{
	page[1] = 'c';
	need(in_child(child_stores) == 0);
	need(page[0] == 'p' && page[1] == 'c');
	return 0;
}

static void after_fork(void)
{
	pid_t pid;

	page = map_page(MAP_PRIVATE | MAP_ANONYMOUS);
	page[0] = 'p';
	ok(in_child(child_stores) == 0 && page[0] == 'p',
	   "a child's store is not the parent's");
	pid = start_child(child_reads_later);
	page[0] = 'q';
	if (write(pipes[1], "g", 1) != 1)
		bail("write");
	ok(exit_code(pid) == 0, "a parent's store is not the child's");
	page[0] = 'p';
	if (write(pipes[1], "k", 1) != 1)
		bail("write");
	ok(in_child(kernel_stores) == 0 && page[0] == 'p',
	   "what read(2) stores for the child is not the parent's");
	ok(in_child(grandchild_stores) == 0 && page[0] == 'p' && page[1] == 0,
	   "three generations, three pages");
	munmap(page, PAGE);
}

static int child_stores_shared(void)
{
	page[0] = 's';
	return 0;
}

static void shared(void)
{
	page = map_page(MAP_SHARED | MAP_ANONYMOUS);
	ok(in_child(child_stores_shared) == 0 && page[0] == 's',
	   "a shared page, first stored to by the child, is one");
	munmap(page, PAGE);
}

static int child_unmaps(void)
{
	return munmap(page, PAGE) || mprotect(&page, 0, PROT_READ);
}

static void unmapping(void)
{
	page = map_page(MAP_PRIVATE | MAP_ANONYMOUS);
	page[0] = 'p';
	ok(in_child(child_unmaps) == 0 && page[0] == 'p',
	   "a child's munmap leaves the parent's mapping");
	munmap(page, PAGE);
}

static int many_generations(void)
{
	static int depth;

	page[depth]++;
	if (++depth == 20)
		return 0;
	return in_child(many_generations);
}

static void chain(void)
{
	int i;

	page = map_page(MAP_PRIVATE | MAP_ANONYMOUS);
	memset(page, 'a', PAGE);
	ok(in_child(many_generations) == 0, "twenty generations");
	for (i = 0; i < PAGE && page[i] == 'a'; i++)
		;
	ok(i == PAGE, "none of them changed the first page");
	munmap(page, PAGE);
}

static void private_file(void)
{
	char text[8];
	int fd;

	put_file("file", "content");
	fd = open("file", O_RDWR);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok(page != MAP_FAILED && !memcmp(page, "content", 8),
	   "a private mapping shows the file");
	page[0] = 'X';
	ok(pread(fd, text, 8, 0) == 7 && text[0] == 'c',
	   "a store to it is not in the file");
	ok(pwrite(fd, "new", 3, 0) == 3 && page[0] == 'X' && page[1] == 'o',
	   "a page once stored to no longer follows the file");
	munmap(page, PAGE);
	close(fd);
	fd = open("file", O_RDONLY);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok(page != MAP_FAILED, "O_RDONLY is enough for a private mapping");
	page[0] = 'p';
	ok(in_child(child_stores) == 0 && page[0] == 'p',
	   "its changed pages are copied by fork too");
	munmap(page, PAGE);
	close(fd);
}

/* The vDSO's neighbour, the stack, and the program's data are copied too. */
static void everywhere(void)
{
	static int data = 1;
	int stack = 1;
	int *heap = malloc(sizeof(*heap));
	pid_t pid;

	*heap = 1;
	pid = fork();
	if (pid == 0) {
		data = stack = *heap = 2;
		_exit(data + stack + *heap);
	}
	ok(exit_code(pid) == 6 && data == 1 && stack == 1 && *heap == 1,
	   "data, stack and heap are the child's own");
	free(heap);
}

int main(void)
{
	tap_folder("cow");
	if (pipe(pipes))
		bail("pipe");
	after_fork();
	shared();
	unmapping();
	chain();
	private_file();
	everywhere();
	return done_testing();
}
