/*
 * devpts: its mount options, instances beside each other, /dev/ptmx and the
 * ptmx inside, the settings under /proc/sys/kernel/pty.
 */
#include "pty.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

static char text[4096];

static int mounts(const char *options)
{
	return mount("none", "pts", "devpts", 0, options);
}

static int remounts(const char *options)
{
	return mount("none", "pts", "devpts", MS_REMOUNT, options);
}

static int new_pty(const char *ptmx, int *index)
{
	int fd = open(ptmx, O_RDWR | O_NOCTTY);

	*index = -1;
	if (fd >= 0)
		ioctl(fd, TIOCGPTN, index);
	return fd;
}

static int is_node(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	return !stat(path, &st) && S_ISCHR(st.st_mode) && st.st_uid == uid &&
	       st.st_gid == gid && (st.st_mode & 07777) == mode;
}

/* Is this how the options of pts stand in /proc/self/mounts? */
static int shows(const char *options)
{
	char place[64];
	char *at;

	snprintf(place, sizeof(place), "/devpts.%d/pts devpts ", (int)getpid());
	at = strstr(file_text("/proc/self/mounts", text, sizeof(text)), place);
	if (!at)
		return 0;
	*strchrnul(at, '\n') = 0;
	return strstr(at, options) != NULL;
}

static void defaults(void)
{
	struct stat st;
	int index;
	int fd;

	ok(!mounts(NULL), "devpts is mounted a second time");
	ok(!stat("pts/ptmx", &st) && S_ISCHR(st.st_mode) &&
		   st.st_rdev == makedev(5, 2) && !(st.st_mode & 07777) &&
		   st.st_ino == 2,
	   "its ptmx has mode 000");
	ok(!stat("pts", &st) && (st.st_mode & 07777) == 0755 && st.st_ino == 1,
	   "its root 755");
	ok(shows("mode=600,ptmxmode=000"), "as the options say");
	fd = new_pty("pts/ptmx", &index);
	ok(fd >= 0 && index == 0, "an instance has numbers of its own");
	ok(is_node("pts/0", 0, 0, 0600), "mode 600, of who opened it");
	close(fd);
	ok_errno(access("pts/0", F_OK), ENOENT, "closed, it is gone");
	ok_errno(mkdir("pts/d", 0700), EPERM, "no directory is made there");
	ok_errno(open("pts/f", O_CREAT | O_RDWR, 0600), EACCES, "nor a file");
	ok_errno(unlink("pts/ptmx"), EPERM, "nor is one removed");
	umount("pts");
}

static int student_opens(void)
{
	int index;

	need(new_pty("pts/ptmx", &index) >= 0);
	need(is_node("pts/0", STUDENT, STUDENT, 0600));
	return 0;
}

static int student_fails(void)
{
	int index;

	need(fails(new_pty("pts/ptmx", &index), EACCES));
	return 0;
}

static void options(void)
{
	int index;
	int fd;

	ok(!mounts("uid=7,gid=8,mode=640,ptmxmode=666,max=3,newinstance"),
	   "all options");
	ok(shows("uid=7,gid=8,mode=640,ptmxmode=666,max=3"), "shown");
	ok(is_node("pts/ptmx", 0, 0, 0666), "ptmxmode");
	fd = new_pty("pts/ptmx", &index);
	ok(fd >= 0 && is_node("pts/0", 7, 8, 0640), "uid, gid, mode");
	ok(!remounts("ptmxmode=600") && is_node("pts/ptmx", 0, 0, 0600) &&
		   shows("rw,relatime,mode=600,ptmxmode=600"),
	   "remounted: what is not named is as at first");
	ok(in_child_as(STUDENT, student_fails) == 0, "ptmxmode is obeyed");
	close(fd);
	remounts("ptmxmode=666");
	ok(in_child_as(STUDENT, student_opens) == 0, "a pty is who opened it");
	ok_errno(remounts("mode=9"), EINVAL, "mode is octal");
	ok_errno(remounts("uid=x"), EINVAL, "uid a number");
	ok_errno(remounts("bogus"), EINVAL, "no such option");
	ok_errno(remounts("max"), EINVAL, "max wants a number");
	umount("pts");
}

static void most(void)
{
	int index;
	int fd[3];

	ok(!mounts("ptmxmode=600,max=2"), "max=2");
	fd[0] = new_pty("pts/ptmx", &index);
	fd[1] = new_pty("pts/ptmx", &index);
	ok(fd[0] >= 0 && fd[1] >= 0 && index == 1, "two");
	ok_errno(new_pty("pts/ptmx", &index), ENOSPC, "no third: ENOSPC");
	close(fd[0]);
	fd[0] = new_pty("pts/ptmx", &index);
	ok(fd[0] >= 0 && index == 0, "the lowest free number");
	ok_errno(umount("pts"), EBUSY, "open terminals keep it mounted");
	close(fd[0]);
	close(fd[1]);
	ok(!umount("pts"), "closed, they do not");
}

/* A ptmx beside a folder pts leads to what is mounted there. */
static void beside(void)
{
	char name[2];
	int index;
	int fd;

	mknod("ptmx", S_IFCHR | 0666, makedev(5, 2));
	ok_errno(new_pty("ptmx", &index), ENODEV,
		 "a ptmx beside no devpts: ENODEV");
	mounts("ptmxmode=600");
	fd = new_pty("ptmx", &index);
	ok(fd >= 0 && index == 0 && is_node("pts/0", 0, 0, 0600),
	   "beside one it is that one's");
	close(fd);
	remove("ptmx");
	if (symlink("pts/ptmx", "ptmx"))
		bail("symlink");
	fd = new_pty("ptmx", &index);
	ok(fd >= 0 && index == 0, "so is a link to its ptmx");
	mknod("node", S_IFCHR | 0666, makedev(136, 0));
	ok_errno(open("node", O_RDWR | O_NOCTTY), EIO,
		 "a node elsewhere is no terminal");
	index = 0;
	ioctl(fd, TIOCSPTLCK, &index);
	umount2("pts", MNT_DETACH);
	index = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	ok(index >= 0 && write(index, "x", 1) == 1 && read(fd, name, 2) == 1,
	   "TIOCGPTPEER works where the name cannot be reached");
	close(index);
	close(fd);
}

/* --- /proc/sys/kernel/pty ------------------------------------------------- */

static int setting(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/kernel/pty/%s", name);
	return atoi(file_text(path, text, sizeof(text)));
}

static int set(const char *name, int value)
{
	char path[64];
	int length;
	int fd;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/sys/kernel/pty/%s", name);
	length = snprintf(text, sizeof(text), "%d\n", value);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, length) != length)
		err = errno;
	close(fd);
	return err;
}

static void settings(void)
{
	int nr = setting("nr");
	int max = setting("max");
	int index;
	int fd;

	ok(max == 4096 && setting("reserve") == 1024, "pty/max and reserve");
	fd = new_pty("/dev/ptmx", &index);
	ok(setting("nr") == nr + 1, "pty/nr counts");
	ok(!set("max", nr + 1), "max is set");
	ok_errno(new_pty("/dev/ptmx", &index), ENOSPC, "beyond max: ENOSPC");
	close(fd);
	ok(setting("nr") == nr, "closed: counted no more");
	ok_errno(new_pty("/dev/ptmx", &index), ENOSPC,
		 "the last of max is never given");
	ok(set("max", -1) == EINVAL && set("reserve", -1) == EINVAL,
	   "none below 0");
	ok(!set("max", 0x7fffffff) && !set("reserve", 5) &&
		   setting("reserve") == 5,
	   "any above");
	set("reserve", 1024);
	set("max", max);
	ok(set("nr", 3) == EACCES, "nr is not set");
}

int main(void)
{
	tap_folder_in("/home", "devpts");
	if (mkdir("pts", 0755) || chmod(".", 0755))
		bail("pts");
	defaults();
	options();
	most();
	beside();
	settings();
	chdir("/");
	snprintf(text, sizeof(text), "/home/devpts.%d", (int)getpid());
	remove_tree(text);
	return done_testing();
}
