/*
 * What a new program finds on its stack: arguments, environment and the
 * auxiliary vector, and the same in /proc.
 */
#include "tap.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/random.h>

static unsigned long auxiliary[64];

static void vector(char **argv)
{
	Elf64_Ehdr *header;
	Elf64_Phdr *phdr = (void *)getauxval(AT_PHDR);
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	int zeros = 0;
	int i;

	ok(getauxval(AT_PAGESZ) == 4096, "AT_PAGESZ");
	ok(getauxval(AT_CLKTCK) == 100, "AT_CLKTCK");
	ok(getauxval(AT_PHENT) == sizeof(Elf64_Phdr) &&
		   getauxval(AT_PHNUM) > 2 && getauxval(AT_PHNUM) < 30,
	   "AT_PHENT and AT_PHNUM");
	header = (void *)((unsigned long)phdr & ~4095ul);
	ok(!memcmp(header->e_ident, ELFMAG, 4) &&
		   (char *)phdr == (char *)header + header->e_phoff,
	   "AT_PHDR lies in the program");
	ok(getauxval(AT_ENTRY) == header->e_entry, "AT_ENTRY");
	ok(getauxval(AT_BASE) == 0, "AT_BASE is 0 without an interpreter");
	ok(getauxval(AT_UID) == getuid() && getauxval(AT_EUID) == geteuid() &&
		   getauxval(AT_GID) == getgid() &&
		   getauxval(AT_EGID) == getegid(),
	   "AT_UID, AT_EUID, AT_GID, AT_EGID");
	ok(getauxval(AT_SECURE) == 0, "AT_SECURE");
	for (i = 0; i < 16; i++)
		zeros += random[i] == 0;
	ok(zeros < 8, "AT_RANDOM: sixteen bytes");
	ok(!strcmp((char *)getauxval(AT_PLATFORM), "x86_64"), "AT_PLATFORM");
	ok(!strcmp((char *)getauxval(AT_EXECFN), argv[0]), "AT_EXECFN");
	ok(getauxval(AT_HWCAP) & 1 << 25, "AT_HWCAP is CPUID's: SSE is there");
}

static void on_the_stack(int argc, char **argv)
{
	char **env = argv + argc + 1;
	unsigned long *words;
	int i;

	ok(argv[argc] == NULL && env == environ,
	   "argv ends with NULL; the environment follows");
	for (i = 0; env[i]; i++)
		;
	words = (unsigned long *)(env + i + 1);
	for (i = 0; words[2 * i] != AT_NULL; i++)
		if (words[2 * i] == AT_PAGESZ)
			break;
	ok(words[2 * i] == AT_PAGESZ, "the vector follows the environment");
	ok(((unsigned long)(argv - 1) & 15) == 0,
	   "the stack begins at a multiple of 16");
	ok(argc < 2 || argv[1] == argv[0] + strlen(argv[0]) + 1,
	   "argument strings lie one after the other");
	ok(env[0] == NULL ||
		   env[0] == argv[argc - 1] + strlen(argv[argc - 1]) + 1,
	   "and the environment's behind them");
}

static void in_proc(int argc, char **argv)
{
	char text[4096];
	int length = 0;
	int at;
	int fd;
	int i;

	fd = open("/proc/self/cmdline", O_RDONLY);
	length = read(fd, text, sizeof(text));
	close(fd);
	for (i = at = 0; i < argc && at < length; i++) {
		if (strcmp(text + at, argv[i]))
			break;
		at += strlen(argv[i]) + 1;
	}
	ok(i == argc && at == length, "/proc/self/cmdline");
	fd = open("/proc/self/environ", O_RDONLY);
	length = read(fd, text, sizeof(text));
	close(fd);
	for (i = at = 0; environ[i] && at < length; i++) {
		if (strcmp(text + at, environ[i]))
			break;
		at += strlen(environ[i]) + 1;
	}
	ok(environ[i] == NULL && at == length, "/proc/self/environ");
	fd = open("/proc/self/auxv", O_RDONLY);
	length = read(fd, auxiliary, sizeof(auxiliary));
	close(fd);
	for (i = 0; i < 31 && auxiliary[2 * i] != AT_ENTRY; i++)
		;
	ok(length > 0 && length % 16 == 0 &&
		   auxiliary[2 * i + 1] == getauxval(AT_ENTRY),
	   "/proc/self/auxv");
}

/* Two runs of a program differ in AT_RANDOM and in where their stack lies. */
static void differs(void)
{
	unsigned long seen[2][3] = {{0}};
	int pipes[2];
	pid_t pid;
	int i;

	for (i = 0; i < 2; i++) {
		if (pipe(pipes))
			bail("pipe");
		pid = fork();
		if (pid == 0) {
			dup2(pipes[1], 0);
			execl("/proc/self/exe", "auxv", "tell", NULL);
			_exit(1);
		}
		close(pipes[1]);
		if (read(pipes[0], seen[i], sizeof(seen[i])) < 0)
			bail("read");
		close(pipes[0]);
		exit_code(pid);
	}
	ok(seen[0][0] && seen[1][0] && memcmp(seen[0], seen[1], 16),
	   "AT_RANDOM differs from run to run");
	ok(seen[0][2] != seen[1][2], "and so does the stack's place");
}

static int tell(char **argv)
{
	unsigned long told[3];

	memcpy(told, (void *)getauxval(AT_RANDOM), 16);
	told[2] = (unsigned long)argv;
	return write(0, told, sizeof(told)) != sizeof(told);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "tell"))
		return tell(argv);
	if (argc == 1) {
		execl("/proc/self/exe", "/proc/self/exe", "two", "three", NULL);
		bail("exec");
	}
	vector(argv);
	on_the_stack(argc, argv);
	in_proc(argc, argv);
	differs();
	return done_testing();
}
