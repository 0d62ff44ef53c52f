/*
 * personality: what is kept, and what it does to a program.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/utsname.h>

static char first[4096];

static int child_has(void)
{
	return personality(0xffffffff) == ADDR_NO_RANDOMIZE ? 0 : 1;
}

/* Where a new program's stack is, as the line of its maps. */
static const char *maps_of_new(const char *program, int flags)
{
	static char text[2][8192];
	static int turn;
	int pipes[2];
	int length = 0, got;
	char *out = text[turn ^= 1];
	char *end;
	pid_t pid;

	if (pipe(pipes))
		bail("pipe");
	pid = fork();
	if (pid == 0) {
		personality(flags);
		dup2(pipes[1], 1);
		close(pipes[0]);
		need(!chdir("/proc/self"));
		execl(program, "cat", "maps", NULL);
		_exit(1);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], out + length, 8191 - length)) > 0)
		length += got;
	out[length] = 0;
	close(pipes[0]);
	exit_code(pid);
	/* The vDSO has a random place all the same; take the stack's line. */
	end = strstr(out, "[stack]");
	if (!end)
		bail("no stack");
	*end = 0;
	return strrchr(out, '\n');
}

static int page_zero(void)
{
	volatile char *zero = NULL;

	__asm__("" : "+r"(zero));
	return *zero == 0 ? 0 : 1;
}

static int reads_zero(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		personality(MMAP_PAGE_ZERO);
		execl("/proc/self/exe", argv[0], "zero", NULL);
		_exit(1);
	}
	return exit_code(pid);
}

static int implies_exec(void)
{
	char *page;

	personality(READ_IMPLIES_EXEC);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = (char)0xc3; /* ret */
	((void (*)(void))page)();
	return 0;
}

int main(int argc, char **argv)
{
	struct utsname name;
	pid_t pid;

	if (argc == 2 && !strcmp(argv[1], "maps"))
		return write(1, first,
			     strlen(file_text("maps", first, sizeof(first)))) <
		       0;
	if (argc == 2)
		return page_zero();
	ok(personality(0xffffffff) == 0, "at first it is PER_LINUX");
	ok(personality(ADDR_NO_RANDOMIZE) == 0 &&
		   personality(0xffffffff) == ADDR_NO_RANDOMIZE,
	   "set, and asked");
	ok(in_child(child_has) == 0, "a child has it");
	ok(!strcmp(file_text("/proc/self/personality", first, 100),
		   "00040000\n"),
	   "/proc shows it");
	personality(0x12345678 & 0xffffff00);
	ok(personality(0) == 0x12345600, "unknown bits are kept");
	ok(!strcmp(maps_of_new("exe", ADDR_NO_RANDOMIZE),
		   maps_of_new("exe", ADDR_NO_RANDOMIZE)),
	   "ADDR_NO_RANDOMIZE: the same places twice");
	ok(strcmp(maps_of_new("exe", 0), maps_of_new("exe", 0)),
	   "without it others");
	ok(strcmp(maps_of_new("/bin/cat", ADDR_NO_RANDOMIZE),
		  maps_of_new("/bin/cat", ADDR_NO_RANDOMIZE)),
	   "a set-user-ID program does not take it from its user");
	ok(reads_zero(argv) == 0, "MMAP_PAGE_ZERO: address 0 can be read");
	pid = fork();
	if (pid == 0)
		_exit(implies_exec());
	ok(exit_code(pid) == 0, "READ_IMPLIES_EXEC: data can be run");
	personality(UNAME26);
	uname(&name);
	ok(!strncmp(name.release, "2.6.", 4), "UNAME26: a release 2.6");
	personality(0);
	uname(&name);
	ok(!strncmp(name.release, "6.", 2), "without it the real one");
	return done_testing();
}
