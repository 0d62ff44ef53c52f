/*
 * Set-user-ID and set-group-ID programs: what they gain, and when they do not.
 */
#include "tap.h"
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>

static const char *program;

/* tell - the program run: its IDs in one number. */
static int tell(void)
{
	uid_t r;
	uid_t e;
	uid_t s;

	getresuid(&r, &e, &s);
	if (s != e)
		return 90;
	return (e == 0 ? 1 : 0) + (r == 0 ? 2 : 0) +
	       (getegid() == 300 ? 4 : 0) + (getauxval(AT_SECURE) ? 8 : 0) +
	       (prctl(PR_GET_DUMPABLE) == 1 ? 16 : 0);
}

static int runs(void)
{
	execl(program, program, "tell", NULL);
	return 91;
}

static int runs_without_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 92;
	return runs();
}

static void copy_self(const char *to)
{
	static char block[65536];
	int from = open("/proc/self/exe", O_RDONLY);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	int got;

	while ((got = read(from, block, sizeof(block))) > 0)
		if (write(fd, block, got) != got)
			bail("copy");
	close(from);
	close(fd);
	if (chmod(to, 0755))
		bail(to);
}

static int as_student(const char *path, int user, int group, int mode)
{
	if (chown(path, user, group) || chmod(path, mode))
		bail(path);
	program = path;
	return in_child_as(STUDENT, runs);
}

static void gains(void)
{
	ok(as_student("copy", 0, 0, 0755) == 16,
	   "a plain program gains nothing");
	ok(as_student("copy", 0, 0, 04755) == 1 + 8,
	   "set-user-ID: effective and saved user, AT_SECURE, not dumpable");
	ok(as_student("copy", STUDENT, 300, 02755) == 4 + 8,
	   "set-group-ID: the group");
	ok(as_student("copy", STUDENT, 300, 02745) == 16,
	   "set-group-ID without x for the group: nothing");
	ok(as_student("copy", 0, 300, 06755) == 1 + 4 + 8, "both");
	ok(as_student("copy", STUDENT, STUDENT, 06755) == 16,
	   "one's own IDs are no gain");
	program = "copy";
	if (chown("copy", STUDENT, 0) || chmod("copy", 04755))
		bail("copy");
	ok((in_child(runs) & 3) == 2, "root's effective user becomes another");
}

static void does_not(void)
{
	if (chown("copy", 0, 0) || chmod("copy", 04755))
		bail("copy");
	program = "copy";
	ok(in_child_as(STUDENT, runs_without_privileges) == 16,
	   "PR_SET_NO_NEW_PRIVS: nothing");
	put_file("script", "#!/bin/sh\nexit $(($(id -u) / 100))\n");
	if (chmod("script", 04755))
		bail("script");
	program = "./script";
	ok(in_child_as(STUDENT, runs) == 10,
	   "a script's set-user-ID is nothing");
	mkdir("nosuid", 0755);
	if (mount("none", "nosuid", "tmpfs", MS_NOSUID, NULL))
		bail("mount");
	chmod("nosuid", 0755);
	copy_self("nosuid/copy");
	ok(as_student("nosuid/copy", 0, 0, 04755) == 16,
	   "on a nosuid mount: nothing");
	umount("nosuid");
	mkdir("noexec", 0755);
	if (mount("none", "noexec", "tmpfs", MS_NOEXEC, NULL))
		bail("mount");
	copy_self("noexec/copy");
	ok_errno(execl("noexec/copy", "copy", NULL), EACCES,
		 "on a noexec mount: not even run");
	umount("noexec");
}

int main(int argc, char **argv)
{
	if (argc > 1 && argv[1])
		return tell();
	tap_folder_in("/home", "suid");
	chmod(".", 0755);
	copy_self("copy");
	gains();
	does_not();
	if (chdir("/"))
		return 1;
	return done_testing();
}
