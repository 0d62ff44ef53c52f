/*
 * Lookups beside changes: names, mounts, descriptors and pids that are found
 * while others come and go, with the caches being emptied all the time.  What
 * exists throughout is found each time; what changes is seen as it was before
 * or as it is after.
 */
#include "stress/beside.h"
#include <pthread.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#define HIGH_FD 900

/* --- names ---------------------------------------------------------------- */

static int make_and_remove(void)
{
	char name[16];
	int i;

	while (go_on()) {
		for (i = 0; i < 50; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			put_file(name, "");
		}
		for (i = 0; i < 50; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			need(unlink(name) == 0);
		}
	}
	return 0;
}

static int look_at_constant(void)
{
	struct stat st;

	while (go_on()) {
		need(stat("constant", &st) == 0);
		need(stat(LONG_NAME, &st) == 0);
		need(stat("folder/deep/constant", &st) == 0);
		need(stat("missing", &st) == -1 && errno == ENOENT);
		(void)stat("n7", &st);
	}
	return 0;
}

static int rename_over(void)
{
	while (go_on()) {
		put_file("new", "");
		need(rename("new", "replaced") == 0);
		put_file("new", "");
		need(rename("new", LONG_NAME) == 0);
	}
	return 0;
}

static int look_at_replaced(void)
{
	struct stat st;

	while (go_on()) {
		need(stat("replaced", &st) == 0);
		need(stat(LONG_NAME, &st) == 0);
	}
	return 0;
}

/* A file open elsewhere is removed and made again: d_delete with a user. */
static int remove_and_make(void)
{
	while (go_on()) {
		put_file("flicker", "x");
		need(unlink("flicker") == 0);
	}
	return 0;
}

static int open_flicker(void)
{
	struct stat st;
	int fd;

	while (go_on()) {
		fd = open("flicker", O_RDONLY);
		if (fd < 0) {
			need(errno == ENOENT);
			continue;
		}
		need(fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
		close(fd);
	}
	return 0;
}

static void names(void)
{
	need(mkdir("folder", 0755) == 0 && mkdir("folder/deep", 0755) == 0);
	put_file("folder/deep/constant", "");
	put_file("constant", "");
	put_file("replaced", "");
	put_file(LONG_NAME, "");
	ok(beside(make_and_remove, look_at_constant),
	   "a name is found while others come and go");
	ok(beside(rename_over, look_at_replaced),
	   "a name that is renamed over is found each time");
	ok(beside(remove_and_make, open_flicker),
	   "a name that comes and goes is a file or ENOENT");
}

/* --- mounts --------------------------------------------------------------- */

static int mount_and_unmount(void)
{
	while (go_on()) {
		need(mount("none", "place", "tmpfs", 0, NULL) == 0);
		while (umount("place") != 0)
			need(errno == EBUSY);
	}
	return 0;
}

static int look_at_place(void)
{
	struct stat st;

	while (go_on()) {
		need(stat("place", &st) == 0 && S_ISDIR(st.st_mode));
		if (stat("place/below", &st))
			need(errno == ENOENT);
		need(stat("/proc/self/stat", &st) == 0);
	}
	return 0;
}

static void mounts(void)
{
	need(mkdir("place", 0755) == 0);
	put_file("place/below", "");
	ok(beside(mount_and_unmount, look_at_place),
	   "a folder is found while file systems are mounted on it");
}

/* --- descriptors ---------------------------------------------------------- */

static int fd_one;
static int fd_two;
static int fd_seen;
static ino_t ino_one;
static ino_t ino_two;
static int wrong;

static void *replace_descriptor(void *unused)
{
	int high;

	while (go_on()) {
		need(dup2(fd_one, fd_seen) == fd_seen);
		need(dup2(fd_two, fd_seen) == fd_seen);
		close(open("/dev/null", O_RDONLY));
		/* The table grows once; where it was stays readable. */
		high = fcntl(fd_one, F_DUPFD, HIGH_FD);
		need(high >= HIGH_FD);
		close(high);
	}
	return unused;
}

static void *look_at_descriptor(void *unused)
{
	struct stat st;

	while (go_on()) {
		if (fstat(fd_seen, &st) ||
		    (st.st_ino != ino_one && st.st_ino != ino_two))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		/* Open or not, it is never something else. */
		if (fstat(fd_two + 5, &st))
			need(errno == EBADF);
	}
	return unused;
}

static int descriptors_in_child(void)
{
	pthread_t thread[3];
	struct stat st;
	int i;

	put_file("one", "");
	put_file("two", "");
	fd_one = open("one", O_RDONLY);
	fd_two = open("two", O_RDONLY);
	fd_seen = dup(fd_one);
	need(fd_one >= 0 && fd_two >= 0 && fd_seen >= 0);
	need(fstat(fd_one, &st) == 0);
	ino_one = st.st_ino;
	need(fstat(fd_two, &st) == 0);
	ino_two = st.st_ino;
	begin_run();
	for (i = 0; i < 3; i++)
		need(pthread_create(&thread[i], NULL,
				    i ? look_at_descriptor : replace_descriptor,
				    NULL) == 0);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return wrong != 0;
}

/* --- pids ----------------------------------------------------------------- */

static int come_and_go(void)
{
	pid_t pid;

	while (go_on()) {
		pid = fork();
		need(pid >= 0);
		if (pid == 0)
			_exit(0);
		need(waitpid(pid, NULL, 0) == pid);
	}
	return 0;
}

static int look_at_pids(void)
{
	pid_t self = getpid();
	pid_t parent = getppid();
	pid_t group = getpgrp();
	pid_t pid;

	while (go_on()) {
		need(kill(self, 0) == 0 && kill(parent, 0) == 0);
		need(getppid() == parent && getpgid(self) == group);
		for (pid = self; pid < self + 20; pid++)
			if (kill(pid, 0))
				need(errno == ESRCH);
	}
	return 0;
}

int main(void)
{
	pid_t emptier;

	beside_init(700);
	tap_folder("lookups");
	emptier = start_child(empty_caches);
	names();
	mounts();
	ok(in_child(descriptors_in_child) == 0,
	   "a descriptor replaced by dup2 is one file or the other");
	ok(beside(come_and_go, look_at_pids),
	   "who lives is found while others come and go");
	end_child(emptier);
	return done_testing();
}
