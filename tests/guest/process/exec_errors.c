/*
 * execve(2): what cannot be run, and the errno that says why.  Each failure
 * leaves the caller as it was.
 */
#include "tap.h"
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>

static char *no_args[] = {"name", NULL};
static char *no_env[] = {NULL};

static int run(const char *path)
{
	return execve(path, no_args, no_env);
}

/* copy_program - /bin/busybox as FILE, executable. */
static void copy_program(const char *file)
{
	char block[4096];
	int from = open("/bin/busybox", O_RDONLY);
	int to = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	int got;

	while ((got = read(from, block, sizeof(block))) > 0)
		if (write(to, block, got) != got)
			bail("copy");
	close(from);
	close(to);
}

static void put_program(const char *file, const char *text)
{
	put_file(file, text);
	if (chmod(file, 0755))
		bail(file);
}

static int as_student(void)
{
	need(fails(run("rootonly"), EACCES));
	need(fails(run("closed/program"), EACCES));
	return 0;
}

static void paths(void)
{
	char name[NAME_MAX + 2];

	ok_errno(run("none"), ENOENT, "ENOENT: no such file");
	ok_errno(run(""), ENOENT, "ENOENT: an empty path");
	put_program("program", "#!/bin/true\n");
	ok_errno(run("program/x"), ENOTDIR, "ENOTDIR: a file as a folder");
	if (symlink("loop", "loop"))
		bail("symlink");
	ok_errno(run("loop"), ELOOP, "ELOOP: a link to itself");
	memset(name, 'n', NAME_MAX + 1);
	name[NAME_MAX + 1] = 0;
	ok_errno(run(name), ENAMETOOLONG, "ENAMETOOLONG: a name of 256 bytes");
	ok_errno(run(nowhere), EFAULT, "EFAULT: a bad path");
}

static void permissions(void)
{
	put_file("plain", "#!/bin/true\n");
	ok_errno(run("plain"), EACCES, "EACCES: nobody may run it, not root");
	ok_errno(run("/"), EACCES, "EACCES: a folder");
	ok_errno(run("/dev/null"), EACCES, "EACCES: a device");
	put_program("rootonly", "#!/bin/true\n");
	chmod("rootonly", 0700);
	mkdir("closed", 0700);
	put_program("closed/program", "#!/bin/true\n");
	ok(in_child_as(STUDENT, as_student) == 0,
	   "EACCES: a user without the right to it, or to its folder");
}

static void formats(void)
{
	put_program("text", "just words\n");
	ok_errno(run("text"), ENOEXEC, "ENOEXEC: text");
	put_program("empty", "");
	ok_errno(run("empty"), ENOEXEC, "ENOEXEC: an empty file");
	put_program("elf", "\177ELF\2\1\1");
	ok_errno(run("elf"), ENOEXEC, "ENOEXEC: the beginning of a program");
	copy_program("cut");
	if (truncate("cut", 64))
		bail("truncate");
	ok_errno(run("cut"), ENOEXEC,
		 "ENOEXEC: a program without its segments");
	put_program("bang", "#!\n");
	ok_errno(run("bang"), ENOEXEC, "ENOEXEC: #! and nothing");
	put_program("blank", "#!   \t \n");
	ok_errno(run("blank"), ENOEXEC, "ENOEXEC: #! and blanks");
	put_program("nowhere", "#!/none/there\n");
	ok_errno(run("nowhere"), ENOENT, "ENOENT: no interpreter");
	put_program("folder", "#!/tmp\n");
	ok_errno(run("folder"), EACCES, "EACCES: the interpreter is a folder");
}

static int runs_chain(void)
{
	return run("chain4");
}

static void chains(void)
{
	char path[128];
	char line[160];
	char cwd[64];
	int i;

	if (!getcwd(cwd, sizeof(cwd)))
		bail("getcwd");
	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "chain%d", i);
		snprintf(line, sizeof(line),
			 i ? "#!%s/chain%d\n" : "#!/bin/true\n", cwd, i - 1);
		put_program(path, line);
	}
	ok_errno(run("chain7"), ELOOP, "ELOOP: too many interpreters in a row");
	ok(in_child(runs_chain) == 0, "five in a row are run");
}

static void busy(void)
{
	pid_t pid;
	int fd;

	copy_program("sleep");
	fd = open("sleep", O_WRONLY);
	ok_errno(run("sleep"), ETXTBSY, "ETXTBSY: open for writing");
	close(fd);
	pid = fork();
	if (pid == 0) {
		char *args[] = {"sleep", "5", NULL};

		execve("sleep", args, no_env);
		_exit(1);
	}
	sleep_ms(5);
	wait_for_state(pid, 'S');
	ok_errno(open("sleep", O_WRONLY), ETXTBSY,
		 "ETXTBSY: a running program is not opened for writing");
	ok_errno(truncate("sleep", 0), ETXTBSY, "nor truncated");
	ok(unlink("sleep") == 0, "but unlinked");
	end_child(pid);
	copy_program("sleep");
	fd = open("sleep", O_WRONLY);
	ok(fd >= 0, "when it has ended, it can be written");
	close(fd);
}

static void too_big(void)
{
	static char big[131073];
	static char *args[300];
	int i;

	memset(big, 'a', sizeof(big) - 1);
	args[0] = "true";
	args[1] = big;
	ok_errno(execve("/bin/true", args, no_env), E2BIG,
		 "E2BIG: one argument of 128 KiB");
	big[131071] = 0;
	for (i = 1; i < 100; i++)
		args[i] = big;
	ok_errno(execve("/bin/true", args, no_env), E2BIG,
		 "E2BIG: more than a quarter of the stack's limit");
	args[1] = nowhere;
	args[2] = NULL;
	ok_errno(execve("/bin/true", args, no_env), EFAULT,
		 "EFAULT: a bad argument");
	ok_errno(execve("/bin/true", nowhere, no_env), EFAULT,
		 "EFAULT: a bad list");
}

int main(void)
{
	char here[64];

	tap_folder("exec");
	chmod(".", 0755);
	paths();
	permissions();
	formats();
	chains();
	busy();
	too_big();
	ok(getcwd(here, sizeof(here)) && !strncmp(here, "/tmp/exec", 9),
	   "after all that the caller goes on");
	return done_testing();
}
