/*
 * Shared mappings of files are the file: what is stored is read, what is
 * written is seen.  Behind the last page of the file there is SIGBUS.
 */
#include "tap.h"
#include <setjmp.h>
#include <sys/mman.h>

#define PAGE 4096

static sigjmp_buf trap;
static siginfo_t seen;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	siglongjmp(trap, sig);
}

/* faults - the signal of a load from there, 0 if none. */
static int faults(volatile char *address)
{
	int sig = sigsetjmp(trap, 1);

	if (sig == 0)
		(void)*address;
	return sig;
}

static int open_pages(const char *name, int pages)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		bail(name);
	return fd;
}

static char *map_shared(int fd, int pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		bail("mmap");
	return memory;
}

static void coherent(void)
{
	int fd = open_pages("shared", 2);
	char *one = map_shared(fd, 2);
	char *two = map_shared(fd, 2);
	char text[8] = "";

	memcpy(one + PAGE, "stored", 7);
	ok(pread(fd, text, 7, PAGE) == 7 && !strcmp(text, "stored"),
	   "what is stored is read");
	ok(pwrite(fd, "written", 8, 10) == 8 && !strcmp(one + 10, "written"),
	   "what is written is seen");
	ok(!strcmp(two + PAGE, "stored"), "two mappings are one memory");
	ok(msync(one, 2 * PAGE, MS_SYNC) == 0, "msync");
	close(fd);
	memcpy(one, "open", 5);
	ok(!strcmp(two, "open"), "a mapping outlives its descriptor");
	unlink("shared");
	ok(!strcmp(two + 10, "written"), "and its file's name");
	munmap(one, 2 * PAGE);
	ok(!strcmp(two, "open"), "and another mapping");
	munmap(two, 2 * PAGE);
}

static void lasting(void)
{
	int fd = open_pages("lasting", 1);
	char *memory = map_shared(fd, 1);
	char text[8] = "";

	memcpy(memory, "kept", 5);
	munmap(memory, PAGE);
	close(fd);
	ok(!strcmp(file_text("lasting", text, sizeof(text)), "kept"),
	   "a store is in the file after munmap");
}

static void two_processes(void)
{
	int fd = open_pages("both", 1);
	char *memory = map_shared(fd, 1);
	pid_t pid = fork();

	if (pid == 0) {
		int again = open("both", O_RDWR);
		char *mine = map_shared(again, 1);

		memcpy(mine, "child", 6);
		_exit(0);
	}
	ok(exit_code(pid) == 0 && !strcmp(memory, "child"),
	   "a mapping of the same file in another process is the same memory");
	munmap(memory, PAGE);
	close(fd);
}

static void behind_the_end(void)
{
	int fd = open_pages("short", 2);
	char *memory = map_shared(fd, 4);

	ok(faults(memory + PAGE) == 0, "the last page is there");
	ok(faults(memory + 2 * PAGE) == SIGBUS && seen.si_code == BUS_ADRERR &&
		   seen.si_addr == memory + 2 * PAGE,
	   "behind it: SIGBUS, BUS_ADRERR, the address");
	ok(ftruncate(fd, PAGE + 10) == 0 && memory[PAGE + 9] == 0,
	   "a file that ends in a page");
	memory[PAGE + 10] = 'x';
	ok(lseek(fd, 0, SEEK_END) == PAGE + 10,
	   "a store behind the end does not make it longer");
	ok(ftruncate(fd, PAGE) == 0 && faults(memory + PAGE) == SIGBUS,
	   "a page truncated away: SIGBUS");
	ok(ftruncate(fd, 3 * PAGE) == 0 && faults(memory + 2 * PAGE) == 0 &&
		   memory[PAGE] == 0,
	   "a file made longer: the page is there, zeros");
	ok(fails(pwrite(fd, memory + 3 * PAGE, 8, 0), EFAULT),
	   "write(2) from behind the end: EFAULT");
	munmap(memory, 4 * PAGE);
	close(fd);
}

static void offsets(void)
{
	int fd = open_pages("offset", 3);
	char *memory;

	if (pwrite(fd, "second", 7, PAGE) != 7)
		bail("pwrite");
	memory = mmap(NULL, 100, PROT_READ, MAP_SHARED, fd, PAGE);
	ok(memory != MAP_FAILED && !strcmp(memory, "second"),
	   "an offset of one page");
	munmap(memory, 100);
	ok_errno((long)mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd,
			    0x7ffffffffffff000),
		 EOVERFLOW, "an offset past what a file can have: EOVERFLOW");
	close(fd);
}

static void errors(void)
{
	int fd;

	put_file("plain", "x");
	fd = open("plain", O_RDONLY);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0),
		 EACCES, "a shared writable mapping needs O_RDWR");
	ok_errno((long)mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL,
		 "length 0");
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, 0, fd, 0), EINVAL,
		 "neither shared nor private");
	close(fd);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), EBADF,
		 "a closed descriptor");
	fd = open("plain", O_WRONLY);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES,
		 "a mapping needs a file open for reading");
	close(fd);
	fd = open(".", O_RDONLY);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV,
		 "a folder");
	close(fd);
	fd = open("plain", O_PATH);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EBADF,
		 "O_PATH");
	close(fd);
}

static void syncing(void)
{
	int fd = open_pages("sync", 3);
	char *memory = map_shared(fd, 3);

	ok_errno(msync(memory + 1, PAGE, MS_SYNC), EINVAL,
		 "msync: an address that is not a page's");
	ok_errno(msync(memory, PAGE, MS_SYNC | MS_ASYNC), EINVAL,
		 "msync: both MS_SYNC and MS_ASYNC");
	munmap(memory + PAGE, PAGE);
	ok_errno(msync(memory, 3 * PAGE, MS_SYNC), ENOMEM,
		 "msync: a range with a hole");
	munmap(memory, 3 * PAGE);
	close(fd);
}

static void everything(void)
{
	coherent();
	lasting();
	two_processes();
	behind_the_end();
	offsets();
	errors();
	syncing();
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	each_folder(everything);
	return done_testing();
}
