/*
 * link, unlink, symlink, mkdir, rmdir: names come and go; what they count and
 * what they refuse.
 */
#include "tap.h"
#include <limits.h>
#include <sys/syscall.h>

static struct stat st;
static char text[PATH_MAX + 1];

static int links_of(const char *path)
{
	return lstat(path, &st) ? -1 : (int)st.st_nlink;
}

static void hard(void)
{
	put_file("file", "text");
	mkdir("folder", 0755);
	ok(link("file", "other") == 0 && links_of("file") == 2 &&
		   links_of("other") == 2,
	   "two names, two links");
	put_file("other", "changed");
	ok(!strcmp(file_text("file", text, 20), "changed"), "one file");
	ok(unlink("file") == 0 && links_of("other") == 1 &&
		   !strcmp(file_text("other", text, 20), "changed"),
	   "one name gone, the file stays");
	ok_errno(link("none", "x"), ENOENT, "link: nothing there");
	ok_errno(link("other", "folder"), EEXIST, "link: the name is taken");
	ok_errno(link("folder", "x"), EPERM, "link: not a folder");
	ok_errno(link("other", "other/x"), ENOTDIR, "link: into a file");
	if (symlink("other", "soft"))
		bail("symlink");
	ok(link("soft", "soft2") == 0 && lstat("soft2", &st) == 0 &&
		   S_ISLNK(st.st_mode),
	   "link does not follow a symlink");
	ok(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW) ==
			   0 &&
		   links_of("other") == 2,
	   "linkat does, when asked");
}

static void unlinking(void)
{
	int fd;

	put_file("open", "still here");
	fd = open("open", O_RDWR);
	ok(unlink("open") == 0 && fstat(fd, &st) == 0 && st.st_nlink == 0 &&
		   read(fd, text, 20) == 10,
	   "an open file outlives its last name");
	ok(write(fd, "more", 4) == 4 && lseek(fd, 0, SEEK_END) == 14,
	   "and can be written");
	close(fd);
	ok_errno(unlink("open"), ENOENT, "unlink: nothing there");
	ok_errno(unlink("folder"), EISDIR, "unlink: a folder");
	ok_errno(unlink("other/"), ENOTDIR, "unlink: a file named as a folder");
	ok(unlink("soft") == 0 && links_of("other") == 2,
	   "unlink takes a symlink, not its target");
	ok_errno(unlink("folder/.."), EISDIR, "unlink: ..");
	ok_errno(unlinkat(AT_FDCWD, "other", 1), EINVAL,
		 "unlinkat: unknown flags");
	ok(unlinkat(AT_FDCWD, "hard2", 0) == 0, "unlinkat");
}

static void folders(void)
{
	int before = links_of(".");

	ok(mkdir("new", 0750) == 0 && links_of(".") == before + 1 &&
		   links_of("new") == 2,
	   "a new folder counts in its parent");
	ok_errno(mkdir("new", 0755), EEXIST, "mkdir: it is there");
	ok_errno(mkdir("other", 0755), EEXIST, "mkdir: a file is there");
	ok_errno(mkdir("none/new", 0755), ENOENT, "mkdir: no parent");
	ok_errno(mkdir("other/new", 0755), ENOTDIR, "mkdir: in a file");
	ok(mkdir("slash///", 0755) == 0, "mkdir: slashes at the end");
	put_file("new/in", "x");
	ok_errno(rmdir("new"), ENOTEMPTY, "rmdir: not empty");
	unlink("new/in");
	ok_errno(rmdir("new/."), EINVAL, "rmdir: .");
	ok_errno(rmdir("new/.."), ENOTEMPTY, "rmdir: ..");
	ok_errno(rmdir("other"), ENOTDIR, "rmdir: a file");
	ok_errno(rmdir("none"), ENOENT, "rmdir: nothing there");
	ok_errno(rmdir("/"), EBUSY, "rmdir: the root");
	ok(unlinkat(AT_FDCWD, "new", AT_REMOVEDIR) == 0 &&
		   rmdir("slash/") == 0 && links_of(".") == before,
	   "rmdir, and unlinkat with AT_REMOVEDIR");
}

static void removed_folder(void)
{
	char here[200];

	mkdir("gone", 0755);
	if (!getcwd(here, sizeof(here)) || chdir("gone"))
		bail("chdir");
	ok(rmdir("../gone") == 0, "a working folder may be removed");
	ok(getcwd(text, sizeof(text)) == NULL && errno == ENOENT,
	   "then it has no path: ENOENT");
	ok_errno(open("file", O_CREAT | O_WRONLY, 0600), ENOENT,
		 "nothing is made in it");
	ok_errno(mkdir("sub", 0755), ENOENT, "no folder either");
	ok(stat(".", &st) == 0 && st.st_nlink == 0, "it has no links");
	ok(chdir(here) == 0, "one can leave");
}

static void symbolic(void)
{
	int i;

	ok(symlink("some/where", "s") == 0 && readlink("s", text, 100) == 10 &&
		   !memcmp(text, "some/where", 10),
	   "a symlink holds a path");
	ok(lstat("s", &st) == 0 && st.st_size == 10 &&
		   (st.st_mode & 07777) == 0777,
	   "its size is the path's length, its mode 0777");
	ok(readlink("s", text, 4) == 4, "readlink cuts");
	ok_errno(syscall(SYS_readlink, "s", text, 0), EINVAL,
		 "readlink: no room");
	ok_errno(readlink("other", text, 10), EINVAL, "readlink: a file");
	ok_errno(symlink("x", "s"), EEXIST, "symlink: the name is taken");
	ok_errno(symlink("", "t"), ENOENT, "symlink: to nothing");
	memset(text, 'x', 3000);
	for (i = 250; i < 3000; i += 250)
		text[i] = '/';
	text[3000] = 0;
	ok(symlink(text, "long") == 0 && lstat("long", &st) == 0 &&
		   st.st_size == 3000 && readlink("long", text, 4000) == 3000,
	   "a path of 3000 bytes");
	memset(text, 'x', 60);
	text[60] = 0;
	for (i = 56; i <= 62; i++) {
		char name[16];
		char got[80];

		memset(text, 'x', i);
		text[i] = 0;
		snprintf(name, sizeof(name), "len%d", i);
		if (symlink(text, name) || readlink(name, got, 80) != i ||
		    memcmp(got, text, i))
			break;
	}
	ok(i == 63, "paths about as long as the inode has room for");
}

static void loops(void)
{
	char name[16];
	char target[16];
	int i;

	if (symlink("loop2", "loop1") || symlink("loop1", "loop2"))
		bail("symlink");
	ok_errno(stat("loop1", &st), ELOOP, "links in a circle");
	ok_errno(stat("loop1/x", &st), ELOOP, "in the middle of a path too");
	ok(lstat("loop1", &st) == 0, "lstat does not follow");
	put_file("end", "x");
	for (i = 0; i < 45; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		snprintf(target, sizeof(target), i ? "c%d" : "end", i - 1);
		if (symlink(target, name))
			bail("symlink");
	}
	ok(stat("c39", &st) == 0, "forty links in a row are followed");
	ok_errno(stat("c40", &st), ELOOP, "one more is not");
}

static void everything(void)
{
	umask(022);
	hard();
	unlinking();
	folders();
	removed_folder();
	symbolic();
	loops();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
