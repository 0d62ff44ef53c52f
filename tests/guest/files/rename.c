/*
 * rename(2) and renameat2(2): every case of what is moved and what is there.
 */
#include "tap.h"
#include <sys/syscall.h>

static int exchange(const char *from, const char *to, int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static long inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? -1 : (long)st.st_ino;
}

static int links_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? -1 : (int)st.st_nlink;
}

static void of_files(void)
{
	long inode;
	int fd;

	put_file("a", "a");
	put_file("b", "b");
	inode = inode_of("a");
	ok(rename("a", "new") == 0 && inode_of("new") == inode &&
		   inode_of("a") < 0,
	   "a file gets another name");
	fd = open("b", O_RDONLY);
	ok(rename("new", "b") == 0 && inode_of("b") == inode,
	   "replaces a file");
	ok(fd >= 0 && lseek(fd, 0, SEEK_END) == 1, "which stays open");
	close(fd);
	ok(rename("b", "b") == 0 && inode_of("b") == inode,
	   "to itself: nothing happens");
	if (link("b", "c"))
		bail("link");
	ok(rename("b", "c") == 0 && inode_of("b") == inode &&
		   links_of("c") == 2,
	   "to another name of the same file: nothing happens");
	mkdir("d", 0755);
	ok(rename("b", "d/b") == 0 && inode_of("d/b") == inode,
	   "to another folder");
	ok_errno(rename("none", "x"), ENOENT, "nothing to move");
	ok_errno(rename("c", "none/x"), ENOENT, "no folder to move to");
	ok_errno(rename("c", "d/b/x"), ENOTDIR, "to a file as a folder");
	ok_errno(rename("c", "d"), EISDIR, "a file over a folder");
	ok_errno(rename("c", "x/"), ENOTDIR, "a file to a name with a slash");
	ok_errno(rename("c/", "x"), ENOTDIR, "a file named with a slash");
}

static void of_folders(void)
{
	mkdir("one", 0755);
	mkdir("two", 0755);
	mkdir("full", 0755);
	put_file("full/in", "x");
	put_file("file", "x");
	ok(links_of(".") == 6 && links_of("one") == 2, "folders count links");
	ok(rename("one", "two") == 0 && inode_of("one") < 0 &&
		   links_of(".") == 5,
	   "a folder replaces an empty folder");
	ok_errno(rename("two", "full"), ENOTEMPTY, "not a full one");
	ok_errno(rename("two", "file"), ENOTDIR, "not a file");
	ok_errno(rename("full", "full/in2"), EINVAL, "not into itself");
	mkdir("full/deep", 0755);
	ok_errno(rename("full", "full/deep/er"), EINVAL, "however deep");
	ok_errno(rename("full/deep", "full"), ENOTEMPTY, "not over its parent");
	ok(rename("two/", "three/") == 0, "slashes at the end are no harm");
	ok(rename("full/deep", "three/deep") == 0 && links_of("full") == 2 &&
		   links_of("three") == 3,
	   "links count when a folder moves");
	ok(inode_of("three/deep/..") == inode_of("three"),
	   "and .. is its new parent");
	ok_errno(rename(".", "x"), EBUSY, ".");
	ok_errno(rename("three/..", "x"), EBUSY, "..");
	ok_errno(rename("three", "full/.."), EBUSY, "to ..");
}

static void of_links(void)
{
	char text[16];

	if (symlink("file", "link") || symlink("none", "dangling"))
		bail("symlink");
	ok(rename("link", "moved") == 0 && readlink("moved", text, 16) == 4 &&
		   inode_of("file") > 0,
	   "a link is moved, not its target");
	ok(rename("dangling", "moved") == 0 && readlink("moved", text, 16) == 4,
	   "a link is replaced, not its target");
	put_file("plain", "p");
	ok(rename("plain", "moved") == 0 && links_of("file") == 1 &&
		   readlink("moved", text, 16) < 0,
	   "a file replaces a link");
}

static void with_flags(void)
{
	long a;
	long b;

	put_file("x", "x");
	put_file("y", "y");
	ok_errno(exchange("x", "y", 1), EEXIST, "RENAME_NOREPLACE: EEXIST");
	ok(exchange("x", "z", 1) == 0 && inode_of("z") > 0,
	   "RENAME_NOREPLACE: nothing there");
	mkdir("e", 0755);
	a = inode_of("z");
	b = inode_of("e");
	ok(exchange("z", "e", 2) == 0 && inode_of("z") == b &&
		   inode_of("e") == a,
	   "RENAME_EXCHANGE swaps a file and a folder");
	ok_errno(exchange("z", "none", 2), ENOENT,
		 "RENAME_EXCHANGE: both must be there");
	ok_errno(exchange("z", "e", 3), EINVAL, "not both flags");
	ok_errno(exchange("z", "e", 64), EINVAL, "unknown flags");
}

static void across(void)
{
	put_file("stays", "x");
	ok_errno(rename("stays", "/dev/stays"), EXDEV,
		 "to another file system: EXDEV");
	ok_errno(link("stays", "/dev/stays"), EXDEV, "a link too");
}

static void times(void)
{
	struct stat before;
	struct stat after;
	struct timespec old[2] = {{1000, 0}, {1000, 0}};

	put_file("t", "x");
	mkdir("from", 0755);
	mkdir("to", 0755);
	rename("t", "from/t");
	utimensat(AT_FDCWD, "from", old, 0);
	utimensat(AT_FDCWD, "to", old, 0);
	utimensat(AT_FDCWD, "from/t", old, 0);
	rename("from/t", "to/t");
	stat("from", &before);
	stat("to", &after);
	ok(before.st_mtime > 1000 && after.st_mtime > 1000,
	   "both folders' times change");
	stat("to/t", &after);
	ok(after.st_mtime == 1000 && after.st_ctime > 1000,
	   "the file's ctime changes, its mtime does not");
}

static void long_names(void)
{
	char name[257];

	put_file("short", "x");
	memset(name, 'n', 256);
	name[256] = 0;
	ok_errno(rename("short", name), ENAMETOOLONG, "a name of 256 bytes");
	name[255] = 0;
	ok(rename("short", name) == 0 && inode_of(name) > 0, "255 are fine");
}

static void everything(void)
{
	of_files();
	of_folders();
	of_links();
	with_flags();
	across();
	times();
	long_names();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
