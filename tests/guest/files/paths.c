/*
 * Paths: dots, slashes, lengths, chdir, getcwd and chroot.
 */
#include "tap.h"
#include <limits.h>
#include <sys/syscall.h>

static struct stat st;
static char text[3 * PATH_MAX];

static long inode_of(const char *path)
{
	return stat(path, &st) ? -1 : (long)st.st_ino;
}

static void dots(void)
{
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	put_file("file", "x");
	ok(inode_of("a/b/..") == inode_of("a") &&
		   inode_of("a/./b/../../a") == inode_of("a"),
	   ". and ..");
	ok(inode_of("a//b///") == inode_of("a/b"), "many slashes are one");
	ok(inode_of("/..") == inode_of("/"), "above the root is the root");
	ok_errno(stat("none/..", &st), ENOENT, "no folder has no ..");
	ok_errno(stat("file/..", &st), ENOTDIR, "a file has none");
	ok_errno(stat("file/", &st), ENOTDIR, "a file with a slash");
	ok_errno(stat("file/.", &st), ENOTDIR, "a file with a dot");
	ok_errno(stat("", &st), ENOENT, "an empty path");
	if (symlink("a/b", "into"))
		bail("symlink");
	ok(inode_of("into/..") == inode_of("a"),
	   ".. of a link is its target's");
	ok(lstat("into/", &st) == 0 && S_ISDIR(st.st_mode),
	   "lstat with a slash follows");
	ok(inode_of("into/../../file") > 0, "and so on");
}

static void lengths(void)
{
	char name[NAME_MAX + 2];
	int i;

	memset(name, 'n', NAME_MAX + 1);
	name[NAME_MAX + 1] = 0;
	ok_errno(stat(name, &st), ENAMETOOLONG, "a name of 256 bytes");
	ok_errno(mkdir(name, 0755), ENAMETOOLONG, "to make one too");
	name[NAME_MAX] = 0;
	ok(mkdir(name, 0755) == 0 && inode_of(name) > 0, "255 are fine");
	for (i = 0; i < PATH_MAX; i += 2)
		memcpy(text + i, "./", 2);
	text[PATH_MAX - 1] = 0;
	ok(stat(text, &st) == 0, "a path of 4095 bytes");
	text[PATH_MAX - 1] = '/';
	text[PATH_MAX] = 0;
	ok_errno(stat(text, &st), ENAMETOOLONG, "a path of 4096");
}

/* Deeper than PATH_MAX: every step works, the whole has no path. */
static void deep(void)
{
	char name[251];
	char here[200];
	int good = 0;
	int i;

	if (!getcwd(here, sizeof(here)))
		bail("getcwd");
	memset(name, 'd', 250);
	name[250] = 0;
	for (i = 0; i < 20; i++)
		good += mkdir(name, 0755) == 0 && chdir(name) == 0;
	ok(good == 20, "twenty folders of 250 bytes deep");
	ok(syscall(SYS_getcwd, text, PATH_MAX) == -1 && errno == ENAMETOOLONG,
	   "a working folder too deep for getcwd");
	for (i = 0; i < 20; i++)
		good -= chdir("..") == 0 && rmdir(name) == 0;
	ok(good == 0 && getcwd(text, sizeof(text)) && !strcmp(text, here),
	   "and all the way back");
}

static void working(void)
{
	char here[200];
	int fd;

	if (!getcwd(here, sizeof(here)))
		bail("getcwd");
	ok(chdir("a/b") == 0 && getcwd(text, sizeof(text)) &&
		   !strncmp(text, here, strlen(here)) &&
		   !strcmp(text + strlen(here), "/a/b"),
	   "getcwd tells the path");
	ok(rename("../b", "../c") == 0 && getcwd(text, sizeof(text)) &&
		   !strcmp(text + strlen(here), "/a/c"),
	   "also when it is renamed");
	fd = open("../..", O_RDONLY);
	ok(fchdir(fd) == 0 && getcwd(text, sizeof(text)) && !strcmp(text, here),
	   "fchdir");
	close(fd);
	ok_errno(chdir("none"), ENOENT, "chdir: nothing there");
	ok_errno(chdir("file"), ENOTDIR, "chdir: a file");
	fd = open("file", O_RDONLY);
	ok_errno(fchdir(fd), ENOTDIR, "fchdir: a file");
	close(fd);
	ok_errno(fchdir(fd), EBADF, "fchdir: closed");
	ok_errno(syscall(SYS_getcwd, text, 3), ERANGE, "getcwd: no room");
	ok_errno(syscall(SYS_getcwd, nowhere, 100), EFAULT,
		 "getcwd: a bad pointer");
}

static int in_jail(void)
{
	char here[64];
	int outside = open("/", O_RDONLY);

	need(chroot("jail") == 0);
	need(inode_of("/inside") > 0);
	need(chdir("/") == 0 && getcwd(here, sizeof(here)));
	need(!strcmp(here, "/"));
	need(inode_of("/..") == inode_of("/"));
	need(inode_of("../../inside") > 0);
	need(inode_of("/up/inside") > 0);
	need(fails(stat("/proc/self", &st), ENOENT));
	need(fchdir(outside) == 0);
	need(syscall(SYS_getcwd, here, 64) > 0);
	need(!strncmp(here, "(unreachable)", 13));
	return 0;
}

static int student_chroot(void)
{
	need(fails(chroot("jail"), EPERM));
	return 0;
}

static void jails(void)
{
	mkdir("jail", 0755);
	put_file("jail/inside", "x");
	if (symlink("/", "jail/up"))
		bail("symlink");
	ok(in_child(in_jail) == 0,
	   "chroot: a root of its own, links and .. too");
	ok(in_child_as(STUDENT, student_chroot) == 0,
	   "chroot: EPERM for users");
	ok_errno(chroot("none"), ENOENT, "chroot: nothing there");
	ok_errno(chroot("file"), ENOTDIR, "chroot: a file");
}

static void everything(void)
{
	dots();
	lengths();
	deep();
	working();
	jails();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
