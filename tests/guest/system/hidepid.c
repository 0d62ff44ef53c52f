/*
 * Options of a mount of proc, proc(5): hidepid=, gid=, subset=pid.
 */
#include "tap.h"

#include <dirent.h>
#include <sys/mount.h>

#define WATCHERS 4242

static char text[4096];

static int lists(const char *path, const char *name)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int found = 0;

	if (!dir)
		return -1;
	while ((d = readdir(dir)))
		found |= !strcmp(d->d_name, name);
	closedir(dir);
	return found;
}

/* As a user: errno of reading init's status, and is init listed? */
static int sees(int want_errno, int want_listed)
{
	int fd = open("/mnt/1/status", O_RDONLY);
	int err = fd < 0 ? errno : 0;

	need(err == want_errno);
	need(lists("/mnt", "1") == want_listed);
	need(open("/mnt/self/status", O_RDONLY) >= 0);
	return 0;
}

static int all(void)
{
	return sees(0, 1);
}

static int no_access(void)
{
	struct stat st;

	need(!stat("/mnt/1", &st) && st.st_uid == 0);
	return sees(EPERM, 1);
}

static int invisible(void)
{
	struct stat st;

	need(fails(stat("/mnt/1", &st), ENOENT));
	return sees(ENOENT, 0);
}

static int watcher(void)
{
	gid_t group = WATCHERS;

	need(!setgroups(1, &group));
	need(!setresuid(STUDENT, STUDENT, STUDENT));
	return sees(0, 1);
}

static int with(const char *options, int (*body)(void))
{
	if (mount("proc", "/mnt", "proc", 0, options))
		return -1;
	return in_child_as(STUDENT, body);
}

static int root_sees(void)
{
	need(lists("/mnt", "1") == 1);
	need(open("/mnt/1/status", O_RDONLY) >= 0);
	return 0;
}

static void levels(void)
{
	ok(with("", all) == 0, "by default all is seen");
	umount("/mnt");
	ok(with("hidepid=1", no_access) == 0,
	   "hidepid=1: others are listed, but not to be looked into");
	ok(in_child(root_sees) == 0, "root sees all");
	umount("/mnt");
	ok(with("hidepid=noaccess", no_access) == 0, "the same by name");
	umount("/mnt");
	ok(with("hidepid=2", invisible) == 0,
	   "hidepid=2: others are not there");
	umount("/mnt");
	ok(with("hidepid=ptraceable", invisible) == 0,
	   "hidepid=ptraceable: neither");
	umount("/mnt");
	ok(with("hidepid=2,gid=4242", invisible) == 0, "gid= is for a group");
	ok(in_child(watcher) == 0, "whose members see all");
	ok(strstr(file_text("/proc/self/mounts", text, sizeof(text)),
		  "proc /mnt proc rw,relatime,gid=4242,hidepid=invisible 0 0"),
	   "the options are shown");
	ok(!mount("proc", "/mnt", "proc", MS_REMOUNT, "hidepid=0") &&
		   in_child_as(STUDENT, all) == 0,
	   "a remount changes them");
	umount("/mnt");
	ok(!strstr(file_text("/proc/self/mounts", text, sizeof(text)),
		   "hidepid"),
	   "each mount has its own");
	ok_errno(mount("proc", "/mnt", "proc", 0, "hidepid=3"), EINVAL,
		 "no such level");
	ok_errno(mount("proc", "/mnt", "proc", 0, "hidepid=x"), EINVAL,
		 "no such name");
	ok_errno(mount("proc", "/mnt", "proc", 0, "subset=all"), EINVAL,
		 "no such subset");
	ok_errno(mount("proc", "/mnt", "proc", 0, "nonsense"), EINVAL,
		 "no such option");
}

static void subset(void)
{
	if (mount("proc", "/mnt", "proc", 0, "subset=pid"))
		bail("mount");
	ok(lists("/mnt", "1") == 1 && lists("/mnt", "self") == 1 &&
		   lists("/mnt", "thread-self") == 1,
	   "subset=pid: processes and self");
	ok(lists("/mnt", "meminfo") == 0 && lists("/mnt", "sys") == 0,
	   "and nothing else is listed");
	ok_errno(open("/mnt/meminfo", O_RDONLY), ENOENT, "nor found");
	ok_errno(open("/mnt/sys/kernel/ostype", O_RDONLY), ENOENT, "below it");
	ok(!strncmp(file_text("/mnt/self/comm", text, sizeof(text)), "hidepid",
		    7),
	   "self leads to the reader");
	umount("/mnt");
}

int main(void)
{
	levels();
	subset();
	return done_testing();
}
