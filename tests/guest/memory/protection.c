/*
 * mprotect(2) and the faults of forbidden accesses: SIGSEGV with code and
 * address for the program, EFAULT for a call.
 */
#include "tap.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE	   4096
#define READ_WRITE (PROT_READ | PROT_WRITE)

static sigjmp_buf trap;
static siginfo_t seen;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	siglongjmp(trap, sig);
}

static int load(volatile char *address)
{
	int sig = sigsetjmp(trap, 1);

	if (sig == 0)
		(void)*address;
	return sig;
}

static int store(volatile char *address)
{
	int sig = sigsetjmp(trap, 1);

	if (sig == 0)
		*address = 1;
	return sig;
}

static int jump(void *address)
{
	int sig = sigsetjmp(trap, 1);

	if (sig == 0)
		((void (*)(void))address)();
	return sig;
}

/* was - the last fault had this code, and this address. */
static int was(int code, void *address)
{
	return seen.si_signo == SIGSEGV && seen.si_code == code &&
	       seen.si_addr == address;
}

static char *map_pages(int count, int protection)
{
	char *memory;

	memory = mmap(NULL, count * PAGE, protection,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	return memory;
}

static void codes(void)
{
	char *memory = map_pages(3, PROT_NONE);
	char *gone = map_pages(1, PROT_READ);

	munmap(gone, PAGE);
	ok(load(gone) && was(SEGV_MAPERR, gone), "no mapping: SEGV_MAPERR");
	ok(load((void *)16) && was(SEGV_MAPERR, (void *)16),
	   "a null pointer's field: SEGV_MAPERR");
	ok(load(memory + 5) && was(SEGV_ACCERR, memory + 5),
	   "PROT_NONE: SEGV_ACCERR, the very byte");
	mprotect(memory, PAGE, PROT_READ);
	ok(load(memory) == 0 && store(memory) && was(SEGV_ACCERR, memory),
	   "PROT_READ: a store faults, a load does not");
	mprotect(memory, PAGE, READ_WRITE);
	memory[0] = (char)0xc3;
	ok(jump(memory) && was(SEGV_ACCERR, memory),
	   "without PROT_EXEC it is not run");
	mprotect(memory, PAGE, PROT_READ | PROT_EXEC);
	ok(jump(memory) == 0, "with it, it is");
	ok(load((void *)0x8000000000000000) && was(SI_KERNEL, NULL),
	   "an address that is none: SI_KERNEL, no address");
	ok(load((void *)0xffffffff81000000) &&
		   was(SEGV_MAPERR, (void *)0xffffffff81000000),
	   "the kernel's half looks unmapped");
	munmap(memory, 3 * PAGE);
}

static void splitting(void)
{
	char *memory = map_pages(3, READ_WRITE);

	memset(memory, 'x', 3 * PAGE);
	ok(mprotect(memory + PAGE, PAGE, PROT_READ) == 0, "the middle page");
	ok(store(memory + PAGE) == SIGSEGV && store(memory) == 0 &&
		   store(memory + 2 * PAGE) == 0,
	   "only it is protected");
	ok(memory[PAGE] == 'x', "it keeps its contents");
	ok(mprotect(memory, 3 * PAGE, PROT_NONE) == 0 &&
		   load(memory) == SIGSEGV,
	   "all three are closed");
	ok(mprotect(memory, 3 * PAGE, READ_WRITE) == 0 && memory[PAGE] == 'x' &&
		   store(memory + PAGE) == 0,
	   "and open again");
	munmap(memory, 3 * PAGE);
}

static void errors(void)
{
	char *memory = map_pages(3, READ_WRITE);
	char *file;
	int fd;

	munmap(memory + PAGE, PAGE);
	ok_errno(syscall(SYS_mprotect, memory + 1, PAGE, PROT_READ), EINVAL,
		 "an address that is not a page's");
	ok_errno(mprotect(memory, PAGE, 0x1000), EINVAL, "unknown bits");
	ok_errno(mprotect(memory, 3 * PAGE, PROT_READ), ENOMEM,
		 "a range with a hole");
	ok(store(memory) == SIGSEGV && store(memory + 2 * PAGE) == 0,
	   "what lies before the hole is done, what lies behind is not");
	ok(mprotect(memory, 0, PROT_NONE) == 0 && load(memory) == 0,
	   "length 0 does nothing");
	put_file("file", "text");
	fd = open("file", O_RDONLY);
	file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ok_errno(mprotect(file, PAGE, READ_WRITE), EACCES,
		 "a shared mapping of an O_RDONLY file stays read-only");
	munmap(file, PAGE);
	close(fd);
	munmap(memory, 3 * PAGE);
}

static void in_calls(void)
{
	char *memory = map_pages(2, READ_WRITE);
	struct stat st;
	int pipes[2];

	mprotect(memory + PAGE, PAGE, PROT_NONE);
	if (pipe(pipes))
		bail("pipe");
	ok_errno(write(pipes[1], memory + PAGE, 4), EFAULT,
		 "write from PROT_NONE");
	ok(write(pipes[1], "abcd", 4) == 4 &&
		   fails(read(pipes[0], memory + PAGE, 4), EFAULT),
	   "read into PROT_NONE: EFAULT");
	ok_errno(stat(memory + PAGE, &st), EFAULT, "a path in PROT_NONE");
	memset(memory + PAGE - 4, 'a', 4);
	ok_errno(stat(memory + PAGE - 4, &st), EFAULT,
		 "a path that runs into PROT_NONE");
	ok_errno(stat("/", (void *)(memory + PAGE)), EFAULT,
		 "a struct to PROT_NONE");
	ok_errno(write(pipes[1], (void *)0xffff888000000000, 4), EFAULT,
		 "write from the kernel's half");
	ok_errno(read(pipes[0], (void *)0xffffffff81000000, 4), EFAULT,
		 "read to the kernel's half");
	close(pipes[0]);
	close(pipes[1]);
	munmap(memory, 2 * PAGE);
}

static void after_fork(void)
{
	char *memory = map_pages(1, READ_WRITE);
	pid_t pid;

	memory[0] = 'p';
	mprotect(memory, PAGE, PROT_READ);
	pid = fork();
	if (pid == 0) {
		need(store(memory) == SIGSEGV);
		need(mprotect(memory, PAGE, READ_WRITE) == 0);
		need(store(memory) == 0);
		_exit(0);
	}
	ok(exit_code(pid) == 0, "a child inherits the protection, and owns it");
	ok(store(memory) == SIGSEGV && memory[0] == 'p',
	   "the parent's stays as it was");
	munmap(memory, PAGE);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO};

	tap_folder("protection");
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	codes();
	splitting();
	errors();
	in_calls();
	after_fork();
	return done_testing();
}
