/*
 * Extended attributes of users: set, got, listed, removed, and their errors.
 * A file system without them says EOPNOTSUPP.
 */
#include "tap.h"
#include <sys/xattr.h>

static char text[5000];

static void setting(void)
{
	ok(setxattr("file", "user.one", "value", 5, 0) == 0, "one is set");
	ok(getxattr("file", "user.one", text, 100) == 5 &&
		   !memcmp(text, "value", 5),
	   "and got");
	ok(getxattr("file", "user.one", NULL, 0) == 5, "its size alone");
	ok_errno(getxattr("file", "user.one", text, 3), ERANGE, "no room");
	ok_errno(getxattr("file", "user.none", text, 100), ENODATA,
		 "not there");
	ok_errno(setxattr("file", "user.one", "x", 1, XATTR_CREATE), EEXIST,
		 "XATTR_CREATE");
	ok_errno(setxattr("file", "user.two", "x", 1, XATTR_REPLACE), ENODATA,
		 "XATTR_REPLACE");
	ok(setxattr("file", "user.one", "longer value", 12, XATTR_REPLACE) ==
			   0 &&
		   getxattr("file", "user.one", text, 100) == 12,
	   "replaced by a longer one");
	ok(setxattr("file", "user.empty", "", 0, 0) == 0 &&
		   getxattr("file", "user.empty", text, 100) == 0,
	   "an empty value");
}

static void listing(void)
{
	int fd = open("file", O_RDONLY);
	int length = flistxattr(fd, text, sizeof(text));

	ok(length == 20 && (!memcmp(text, "user.one\0user.empty\0", 20) ||
			    !memcmp(text, "user.empty\0user.one\0", 20)),
	   "the names are listed");
	ok(listxattr("file", NULL, 0) == 20, "their length alone");
	ok_errno(listxattr("file", text, 5), ERANGE, "no room");
	ok(fremovexattr(fd, "user.empty") == 0 &&
		   listxattr("file", text, 100) == 9,
	   "one is removed");
	ok_errno(removexattr("file", "user.empty"), ENODATA, "once");
	close(fd);
}

static void errors(void)
{
	char name[300] = "user.";

	ok_errno(setxattr("file", "nospace.x", "x", 1, 0), EOPNOTSUPP,
		 "an unknown name space");
	ok_errno(setxattr("file", "", "x", 1, 0), ERANGE, "an empty name");
	memset(name + 5, 'n', 260);
	ok_errno(setxattr("file", name, "x", 1, 0), ERANGE, "too long a name");
	ok_errno(setxattr("file", "user.x", text, 100000, 0), E2BIG,
		 "too long a value");
	ok_errno(setxattr("file", "user.x", "x", 1, 8), EINVAL,
		 "unknown flags");
	ok_errno(setxattr("none", "user.x", "x", 1, 0), ENOENT, "no file");
	ok_errno(lsetxattr("link", "user.x", "x", 1, 0), EPERM,
		 "not on a symlink");
	ok_errno(getxattr("file", nowhere, text, 1), EFAULT, "a bad pointer");
}

static int student_reads(void)
{
	need(getxattr("file", "user.one", text, 100) == 12);
	need(fails(setxattr("file", "user.one", "x", 1, 0), EACCES));
	need(fails(removexattr("file", "user.one"), EACCES));
	need(fails(getxattr("secret", "user.one", text, 100), EACCES));
	return 0;
}

static void everything(void)
{
	put_file("file", "text");
	put_file("secret", "text");
	if (symlink("file", "link"))
		bail("symlink");
	if (fails(setxattr("file", "user.one", "x", 1, 0), EOPNOTSUPP)) {
		ok(listxattr("file", text, 100) == 0,
		   "no attributes of users: an empty list");
		return;
	}
	removexattr("file", "user.one");
	setting();
	listing();
	errors();
	setxattr("secret", "user.one", "x", 1, 0);
	chmod("secret", 0600);
	ok(in_child_as(STUDENT, student_reads) == 0,
	   "who may read the file may read them");
	memset(text, 'v', 900);
	ok(setxattr("file", "user.big", text, 900, 0) == 0 &&
		   getxattr("file", "user.big", text, 5000) == 900,
	   "900 bytes");
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
