/*
 * chroot and pivot_root: who may, what stays open, and how one gets out.
 */
#include "tap.h"

#include <sys/mount.h>
#include <sys/syscall.h>

static long pivot(const char *new_root, const char *put_old)
{
	return syscall(SYS_pivot_root, new_root, put_old);
}

static int as_student(void)
{
	need(fails(chroot("/tmp"), EPERM));
	need(fails(pivot("/tmp", "/tmp"), EPERM));
	need(fails(chroot("/none"), ENOENT));
	return 0;
}

static int jailed(void)
{
	struct stat root, cwd;

	need(!chroot("jail") && !chdir("/"));
	need(!access("/inside", F_OK) && access("/outside", F_OK));
	need(!access("/../../../inside", F_OK));
	need(!chdir("..") && !access("inside", F_OK));
	need(!stat("/", &root) && !stat("/..", &cwd));
	need(root.st_ino == cwd.st_ino && root.st_dev == cwd.st_dev);
	/* A link to an absolute path stays inside. */
	need(!access("/link", F_OK));
	return 0;
}

/* chroot(2): the way out for who was left outside, or may chroot again. */
static int escapes(void)
{
	char path[300];

	need(!chroot("jail"));
	need(!access("outside", F_OK));
	need(getcwd(path, sizeof(path)) == NULL || path[0] != '/');
	need(!chdir("/"));
	need(!mkdir("deeper", 0755) || errno == EEXIST);
	need(!chroot("deeper"));
	need(!access("../outside", F_OK));
	need(!chdir("..") && !access("outside", F_OK));
	return 0;
}

static int by_descriptor(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	need(!chroot("jail") && !chdir("/"));
	need(!faccessat(fd, "outside", F_OK, 0));
	need(!fchdir(fd) && !access("outside", F_OK));
	return 0;
}

static int proc_shows(void)
{
	char path[300];
	char real[300];
	int n;

	need(getcwd(real, sizeof(real)));
	need(!chroot("jail") && !chdir("/"));
	need(getcwd(path, sizeof(path)) && !strcmp(path, "/"));
	need(fails(chroot("/inside"), ENOTDIR));
	n = open("/inside", O_RDONLY);
	need(n >= 0);
	return 0;
}

/* A mount over "/" has a name still: "/..". */
static int covered(void)
{
	struct stat root, above;

	need(!mount("none", "/", "tmpfs", 0, ""));
	need(!stat("/", &root) && !stat("/..", &above));
	need(root.st_dev != above.st_dev);
	need(!access("/home", F_OK) && fails(access("/../home", F_OK), ENOENT));
	need(!umount("/.."));
	need(!stat("/..", &above) && root.st_dev == above.st_dev);
	return 0;
}

static void roots(void)
{
	ok(in_child_as(STUDENT, as_student) == 0, "CAP_SYS_CHROOT is needed");
	ok(in_child(jailed) == 0, "nothing outside has a name");
	ok(in_child(escapes) == 0, "root gets out by chroot");
	ok(in_child(by_descriptor) == 0, "an open folder still leads out");
	ok(in_child(proc_shows) == 0, "getcwd is relative to the root");
	ok(in_child(covered) == 0, "what covers the root is above it");
}

static void pivots(void)
{
	ok_errno(pivot("jail", "jail"), EBUSY, "on the root's mount: EBUSY");
	ok_errno(pivot("inside", "jail"), ENOENT, "not there: ENOENT");
	ok_errno(pivot("jail/inside", "jail"), ENOTDIR, "no folder: ENOTDIR");
	if (mount("none", "jail", "tmpfs", 0, "") || mkdir("jail/old", 0755))
		bail("mount");
	ok_errno(pivot("jail", "/tmp"), EINVAL, "put_old not below new_root");
	ok_errno(pivot("/", "/tmp"), EBUSY, "new_root is the root: EBUSY");
	umount("jail");
}

int main(void)
{
	char path[64];

	tap_folder_in("/home", "roots");
	if (mkdir("jail", 0755) || symlink("/inside", "jail/link"))
		bail("jail");
	put_file("jail/inside", "x");
	put_file("outside", "x");
	chmod(".", 0755);
	roots();
	pivots();
	snprintf(path, sizeof(path), "/home/roots.%d", (int)getpid());
	chdir("/");
	remove_tree(path);
	return done_testing();
}
