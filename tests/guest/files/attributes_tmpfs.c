/*
 * Extended attributes on a tmpfs, xattr(7): "trusted." and "security.", of
 * every kind of file; none of users, none that only another knows.
 */
#include "tap.h"

#include <sys/mount.h>
#include <sys/xattr.h>

static char text[70000];

static void one_of(const char *path, const char *rule)
{
	ok(!lsetxattr(path, "trusted.a", "value", 5, 0) &&
		   !lsetxattr(path, "security.b", "", 0, 0) &&
		   lgetxattr(path, "trusted.a", text, 100) == 5 &&
		   !memcmp(text, "value", 5) &&
		   lgetxattr(path, "security.b", text, 100) == 0 &&
		   llistxattr(path, text, 100) == 21 &&
		   !lremovexattr(path, "security.b") &&
		   llistxattr(path, text, 100) == 10 &&
		   !strcmp(text, "trusted.a"),
	   rule);
}

static void setting(void)
{
	ok(lgetxattr("file", "trusted.a", NULL, 0) == 5, "its size alone");
	ok_errno(getxattr("file", "trusted.a", text, 4), ERANGE, "no room");
	ok_errno(getxattr("file", "trusted.b", text, 4), ENODATA, "not there");
	ok_errno(setxattr("file", "trusted.a", "x", 1, XATTR_CREATE), EEXIST,
		 "XATTR_CREATE");
	ok_errno(setxattr("file", "trusted.b", "x", 1, XATTR_REPLACE), ENODATA,
		 "XATTR_REPLACE");
	ok(!setxattr("file", "trusted.a", "longer", 6, XATTR_REPLACE) &&
		   getxattr("file", "trusted.a", text, 100) == 6,
	   "replaced");
	ok_errno(removexattr("file", "trusted.b"), ENODATA, "none to remove");
	ok_errno(listxattr("file", text, 3), ERANGE, "no room for names");
	ok_errno(setxattr("file", "user.a", "x", 1, 0), EOPNOTSUPP,
		 "user.: EOPNOTSUPP");
	ok_errno(getxattr("file", "user.a", text, 1), EOPNOTSUPP, "also got");
	ok_errno(setxattr("file", "trusted.", "x", 1, 0), EINVAL,
		 "a prefix alone: EINVAL");
	memset(text, 'v', sizeof(text));
	ok(!setxattr("file", "trusted.big", text, 65536, 0) &&
		   getxattr("file", "trusted.big", text, 65536) == 65536,
	   "64 KiB");
	ok_errno(setxattr("file", "trusted.big", text, 65537, 0), E2BIG,
		 "no more");
}

static int student_tries(void)
{
	need(fails(getxattr("file", "trusted.a", text, 100), ENODATA));
	need(fails(setxattr("file", "trusted.a", "x", 1, 0), EPERM));
	need(fails(removexattr("file", "trusted.a"), EPERM));
	need(getxattr("file", "security.s", text, 100) == 1);
	need(listxattr("file", text, 100) == 11);
	need(!strcmp(text, "security.s"));
	return 0;
}

static void changes(void)
{
	struct stat before;
	struct stat after;

	stat("file", &before);
	sleep_ms(20);
	setxattr("file", "trusted.c", "x", 1, 0);
	stat("file", &after);
	ok(before.st_ctim.tv_nsec != after.st_ctim.tv_nsec ||
		   before.st_ctim.tv_sec != after.st_ctim.tv_sec,
	   "a change sets the file's ctime");
	ok(!rename("file", "moved") && !link("moved", "file") &&
		   getxattr("file", "trusted.c", text, 10) == 1,
	   "they are the file's, not the name's");
	put_file("moved", "other contents");
	ok(getxattr("moved", "trusted.c", text, 10) == 1,
	   "and stay when it is written");
}

int main(void)
{
	char path[64];

	tap_folder_in("/home", "attributes");
	if (!getcwd(path, sizeof(path)) || chmod(path, 0755) ||
	    mount("none", path, "tmpfs", 0, "mode=755") || chdir(path))
		bail("tmpfs");
	put_file("file", "text");
	if (mkdir("folder", 0755) || symlink("file", "link") ||
	    mkfifo("fifo", 0644))
		bail("files");
	one_of("file", "of a file");
	one_of("folder", "of a folder");
	one_of("link", "of a symlink");
	one_of("fifo", "of a FIFO");
	one_of(path, "of the root");
	setting();
	setxattr("file", "security.s", "x", 1, 0);
	ok(in_child_as(STUDENT, student_tries) == 0,
	   "trusted. is for CAP_SYS_ADMIN, security. read by all");
	changes();
	ok(!chdir("/") && !umount(path), "nothing holds the file system");
	remove_tree(path);
	return done_testing();
}
