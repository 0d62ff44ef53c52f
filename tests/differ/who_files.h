/*
 * The folder that who.c asks about: programs, files and folders of several
 * owners, modes and capabilities.
 *
 * Entry points: put_all, and the tables.
 */
#pragma once

#include "differ.h"
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define HOME "/home/who"

struct file {
	const char *name;
	int mode, uid, gid;
	uint64_t caps; /* of a program; the top bit: effective at once */
};

#define EFFECTIVE (1ULL << 63)
#define BIT(cap)  (1ULL << (cap))

static const struct file programs[] = {
	{"plain", 0755, 0, 0, 0},
	{"setuid", 04755, 0, 0, 0},
	{"setgid", 02755, 0, 1001, 0},
	{"setboth", 06755, 1000, 1001, 0},
	{"student", 04755, 1000, 1000, 0},
	{"unreadable", 0711, 0, 0, 0},
	{"lockgid", 02745, 0, 1001, 0},
	{"private", 04700, 1000, 1000, 0},
	{"cap_ep", 0755, 0, 0, EFFECTIVE | BIT(CAP_KILL) | BIT(CAP_SETUID)},
	{"cap_p", 0755, 0, 0, BIT(CAP_SYS_NICE) | BIT(CAP_SETGID)},
	{"cap_setuid", 04755, 0, 0, EFFECTIVE | BIT(CAP_CHOWN)},
};

static const struct file files[] = {
	{"f600", 0600, 0, 0, 0},
	{"f644", 0644, 1000, 1000, 0},
	{"f640", 0640, 0, 1000, 0},
	{"f604", 0604, 1001, 1000, 0},
	{"f000", 0000, 1000, 1000, 0},
	{"f755", 06755, 1000, 1001, 0},
	{"sticky/root", 0644, 0, 0, 0},
	{"sticky/student", 0666, 1000, 1000, 0},
	{"closed/inside", 0666, 0, 0, 0},
};

static const struct file folders[] = {
	{"sticky", 01777, 1001, 1001, 0},
	{"closed", 0700, 1000, 1000, 0},
	{"grouped", 02777, 0, 1001, 0},
};

static void put(const struct file *file, const void *data, size_t length)
{
	struct vfs_cap_data cap = {VFS_CAP_REVISION_2, {{0, 0}, {0, 0}}};
	const char *path = fmt("%s/%s", HOME, file->name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, length) != (ssize_t)length ||
	    fchown(fd, file->uid, file->gid) || fchmod(fd, file->mode))
		differ_broken(path);
	close(fd);
	if (!file->caps)
		return;
	if (file->caps & EFFECTIVE)
		cap.magic_etc |= VFS_CAP_FLAGS_EFFECTIVE;
	cap.data[0].permitted = file->caps;
	cap.data[0].inheritable = BIT(CAP_FOWNER);
	if (setxattr(path, "security.capability", &cap, XATTR_CAPS_SZ_2, 0))
		differ_broken(path);
}

/* put_all - the folder as it is at the beginning. */
static void put_all(void)
{
	static char program[2 << 20];
	int length = read_text("/proc/self/exe", program, sizeof(program));
	unsigned i;

	if (length <= 0)
		differ_broken("/proc/self/exe");
	umask(0);
	if (system("rm -rf " HOME) || mkdir(HOME, 0755))
		differ_broken(HOME);
	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		const char *path = fmt("%s/%s", HOME, folders[i].name);

		if (mkdir(path, 0) ||
		    chown(path, folders[i].uid, folders[i].gid) ||
		    chmod(path, folders[i].mode))
			differ_broken(path);
	}
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		put(&programs[i], program, length);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		put(&files[i], "text", 4);
	umask(022);
}
