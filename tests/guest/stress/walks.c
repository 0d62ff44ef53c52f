/*
 * Path walks beside changes of what they walk through: folders that are
 * renamed, exchanged, removed, closed to others, covered by mounts; roots that
 * other threads or pivot_root change.  Each walk sees the tree as it was before
 * or as it is after, to the errno.
 */
#include "stress/beside.h"

#include <pthread.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static ino_t mark_one, mark_two; /* seen before the changes begin */

static ino_t ino_of(const char *path)
{
	struct stat st;

	need(stat(path, &st) == 0);
	return st.st_ino;
}

/* PATH is ONE or TWO, or (WANT, unless 0) there is that errno. */
static void need_one_of(const char *path, ino_t one, ino_t two, int want)
{
	struct stat st;

	if (stat(path, &st))
		need(want && errno == want);
	else
		need(st.st_ino == one || st.st_ino == two);
}

/* Open PATH: a file, or the errno WANT. */
static void open_or(const char *path, int want)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		need(errno == want);
		return;
	}
	need(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !close(fd));
}

/* --- rename --------------------------------------------------------------- */

static int move_folder(void)
{
	while (go_on()) {
		need(!rename("a/moving", "b/other-name"));
		need(!rename("b/other-name", "a/moving"));
	}
	return 0;
}

static int look_at_moving(void)
{
	ino_t file = ino_of("mark");

	while (go_on()) {
		need_one_of("a/moving/deep/mark", file, file, ENOENT);
		need_one_of("b/other-name/deep/mark", file, file, ENOENT);
		open_or("a/moving/deep/mark", ENOENT);
		need(fails(open("a/moving/deep/mark/x", O_RDONLY), ENOTDIR) ||
		     errno == ENOENT);
	}
	return 0;
}

/* Who stands in it does not see it move, but for "..". */
static int stand_in_moving(void)
{
	ino_t file = ino_of("mark");
	ino_t a = ino_of("a");
	ino_t b = ino_of("b");
	struct stat st;
	int fd;

	while (chdir("a/moving"))
		need(errno == ENOENT);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	while (go_on()) {
		need_one_of("deep/mark", file, file, 0);
		need_one_of("deep/../deep/mark", file, file, 0);
		need_one_of("..", a, b, 0);
		need_one_of("deep/../..", a, b, 0);
		need_one_of("../../mark", file, file, 0);
		need(!fstatat(fd, "deep/mark", &st, 0) && st.st_ino == file);
	}
	return 0;
}

static int exchange_folders(void)
{
	while (go_on())
		need(!syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b",
			      RENAME_EXCHANGE));
	return 0;
}

static int look_at_exchanged(void)
{
	while (go_on()) {
		need_one_of("a/own", mark_one, mark_two, 0);
		need_one_of("b/../a/./own", mark_one, mark_two, 0);
		open_or("b/own", 0);
	}
	return 0;
}

/* One name: a folder, a file, a loop of links. */
static int exchange_kinds(void)
{
	while (go_on()) {
		need(!syscall(SYS_renameat2, AT_FDCWD, "kind", AT_FDCWD, "file",
			      RENAME_EXCHANGE));
		need(!syscall(SYS_renameat2, AT_FDCWD, "kind", AT_FDCWD, "loop",
			      RENAME_EXCHANGE));
		need(!syscall(SYS_renameat2, AT_FDCWD, "kind", AT_FDCWD, "loop",
			      RENAME_EXCHANGE));
		need(!syscall(SYS_renameat2, AT_FDCWD, "kind", AT_FDCWD, "file",
			      RENAME_EXCHANGE));
	}
	return 0;
}

static int look_at_kinds(void)
{
	ino_t inside = ino_of("kind-folder");
	struct stat st;
	int fd;

	while (go_on()) {
		if (stat("kind/mark", &st))
			need(errno == ENOTDIR || errno == ELOOP);
		else
			need(st.st_ino == inside);
		fd = open("kind", O_RDONLY | O_NOFOLLOW);
		need(fd >= 0 ? !close(fd) : errno == ELOOP);
		fd = open("kind", O_RDONLY | O_DIRECTORY);
		need(fd >= 0 ? !close(fd) : errno == ELOOP || errno == ENOTDIR);
		need(!lstat("kind", &st));
		need(mkdir("kind/mark", 0755) == -1 &&
		     (errno == ENOTDIR || errno == ELOOP || errno == EEXIST));
	}
	return 0;
}

static void renames(void)
{
	need(!mkdir("a", 0755) && !mkdir("b", 0755));
	need(!mkdir("a/moving", 0755) && !mkdir("a/moving/deep", 0755));
	put_file("mark", "x");
	put_file("a/own", "x");
	put_file("b/own", "x");
	need(!link("mark", "a/moving/deep/mark"));
	ok(beside(move_folder, look_at_moving),
	   "below a folder that is renamed: the file or ENOENT");
	ok(beside(move_folder, stand_in_moving),
	   "a folder one stands in is all there while it is renamed");
	mark_one = ino_of("a/own");
	mark_two = ino_of("b/own");
	ok(beside(exchange_folders, look_at_exchanged),
	   "folders that change places are there all the time");
	put_file("file", "x");
	need(!mkdir("kind", 0755) && !symlink("loop", "loop"));
	put_file("kind/mark", "x");
	need(!link("kind/mark", "kind-folder"));
	ok(beside(exchange_kinds, look_at_kinds),
	   "a folder, a file, a loop in turn: found, ENOTDIR or ELOOP");
}

/* --- rmdir and unlink ----------------------------------------------------- */

static int look_into_box(void)
{
	int home = open(".", O_RDONLY | O_DIRECTORY);
	struct stat st;
	int fd;

	while (go_on()) {
		open_or("box/inner/file", ENOENT);
		if (chdir("box/inner")) {
			need(errno == ENOENT);
			continue;
		}
		open_or("file", ENOENT);
		need(!stat(".", &st) && S_ISDIR(st.st_mode));
		fd = open("new", O_WRONLY | O_CREAT, 0644);
		need(fd >= 0 ? !close(fd) : errno == ENOENT);
		need(!unlink("new") || errno == ENOENT);
		need(!fchdir(home));
	}
	return 0;
}

static int make_and_remove(void)
{
	while (go_on()) {
		need(!mkdir("box", 0755) && !mkdir("box/inner", 0755));
		put_file("box/inner/file", "x");
		need(!unlink("box/inner/file"));
		while (rmdir("box/inner"))
			need(errno == ENOTEMPTY);
		need(!rmdir("box"));
	}
	return 0;
}

static void removals(void)
{
	ok(beside(make_and_remove, look_into_box),
	   "in a folder that is removed: its files or ENOENT");
}

/* --- chmod ---------------------------------------------------------------- */

static int close_and_open_gate(void)
{
	while (go_on())
		need(!chmod("gate", 0700) && !chmod("gate", 0711) &&
		     !chmod("gate", 0710) && !chmod("gate", 0755));
	return 0;
}

static int look_through_gate(void)
{
	struct stat st;

	become(1000);
	while (go_on()) {
		open_or("gate/yard/file", EACCES);
		need(stat("gate/yard/none", &st) == -1 &&
		     (errno == ENOENT || errno == EACCES));
		need(stat("gate/yard/file/x", &st) == -1 &&
		     (errno == ENOTDIR || errno == EACCES));
		need(fails(
			open("gate/yard/../yard/new", O_CREAT | O_WRONLY, 0644),
			EACCES));
		need(fails(open("gate/yard/file", O_WRONLY), EACCES));
		need(fails(open("open/file/", O_RDONLY), ENOTDIR));
		need(fails(open("open/none/x", O_RDONLY), ENOENT));
		need(fails(open("shut/none/x", O_RDONLY), EACCES));
		need(fails(open("shut/../open/file", O_RDONLY), EACCES));
	}
	return 0;
}

/* Credentials are a thread's own: what it opens is what its own may. */
static void *change_id(void *unused)
{
	while (go_on()) {
		need(!syscall(SYS_setresuid, -1, 1000, -1));
		need(fails(open("shut/file", O_RDONLY), EACCES));
		need(!syscall(SYS_setresuid, -1, 0, -1));
		open_or("shut/file", 0);
	}
	return unused;
}

static void *open_as_before(void *unused)
{
	int kept[8];
	int i;

	while (go_on()) {
		for (i = 0; i < 8; i++)
			need((kept[i] = open("shut/file", O_RDONLY)) >= 0);
		for (i = 0; i < 8; i++)
			need(!close(kept[i]));
	}
	return unused;
}

static int threads_of_two_ids(void)
{
	pthread_t thread[3];
	int i;

	begin_run();
	for (i = 0; i < 3; i++)
		need(!pthread_create(&thread[i], NULL,
				     i ? change_id : open_as_before, NULL));
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static void permissions(void)
{
	need(!mkdir("gate", 0755) && !mkdir("gate/yard", 0755));
	put_file("gate/yard/file", "x");
	need(!mkdir("open", 0755) && !mkdir("shut", 0700));
	put_file("open/file", "x");
	put_file("shut/file", "x");
	need(!chown("gate", 0, 4000));
	ok(beside(close_and_open_gate, look_through_gate),
	   "a folder that is shut and opened: what is behind, or EACCES");
	ok(in_child(threads_of_two_ids) == 0,
	   "setuid of one thread is nothing to the walks of others");
}

/* --- mounts --------------------------------------------------------------- */

static int mount_over(void)
{
	while (go_on()) {
		need(!mount("none", "place", "tmpfs", 0, "mode=755"));
		put_file("place/above", "x");
		while (umount("place"))
			need(errno == EBUSY);
	}
	return 0;
}

static int detach(void)
{
	while (go_on()) {
		need(!mount("none", "place", "tmpfs", 0, "mode=755"));
		put_file("place/above", "x");
		need(!umount2("place", MNT_DETACH));
	}
	return 0;
}

static int look_at_place(void)
{
	ino_t here = ino_of(".");
	struct stat st;

	while (go_on()) {
		open_or("place/below", ENOENT);
		open_or("place/above", ENOENT);
		need_one_of("place/..", here, here, 0);
		need_one_of("place/../place/..", here, here, 0);
		need(!stat("place", &st) && S_ISDIR(st.st_mode));
	}
	return 0;
}

/* Whose walk met the mount just before it was detached has it for a root: there
 * ".." leads nowhere else. */
static int look_at_detached(void)
{
	struct stat st;

	while (go_on()) {
		open_or("place/below", ENOENT);
		open_or("place/above", ENOENT);
		need(!stat("place/..", &st) && S_ISDIR(st.st_mode));
		if (stat("place/../place/..", &st))
			need(errno == ENOENT);
		else
			need(S_ISDIR(st.st_mode));
		need(!stat("place", &st) && S_ISDIR(st.st_mode));
	}
	return 0;
}

static int stand_in_place(void)
{
	ino_t here = ino_of(".");
	int home = open(".", O_RDONLY | O_DIRECTORY);
	struct stat st;

	while (go_on()) {
		need(!chdir("place"));
		open_or("above", ENOENT);
		need(!stat(".", &st) && S_ISDIR(st.st_mode));
		/* Detached, it is the end of the tree. */
		need_one_of("..", here, st.st_ino, 0);
		need(!fchdir(home));
	}
	return 0;
}

/* The mount of open file FD, from its fdinfo; it is in the tree? */
static int is_mounted(int fd)
{
	static char text[65536];
	char path[64];
	char line[32];
	const char *id;
	int in_tree;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	id = strstr(file_text(path, text, sizeof(text)), "mnt_id:\t");
	need(id != NULL);
	snprintf(line, sizeof(line), "\n%d ", atoi(id + 8));
	text[0] = '\n';
	in_tree = strstr(file_text("/proc/self/mountinfo", text + 1,
				   sizeof(text) - 1) -
				 1,
			 line) != NULL;
	return in_tree;
}

/* umount(2): not while a file is open there. */
static int keep_open_in_place(void)
{
	int fd;

	while (go_on()) {
		fd = open("place/above", O_RDONLY);
		if (fd < 0) {
			need(errno == ENOENT);
			continue;
		}
		need(is_mounted(fd));
		need(!close(fd));
	}
	return 0;
}

static int remount(void)
{
	while (go_on()) {
		if (!mount(NULL, "kept", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
			   NULL))
			need(!mount(NULL, "kept", NULL, MS_REMOUNT | MS_BIND,
				    NULL));
		else
			need(errno == EBUSY);
	}
	return 0;
}

/* mount(2): not read-only while a file is open for writing. */
static int write_to_kept(void)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "kept/%d", (int)getpid());
	while (go_on()) {
		fd = open(name, O_WRONLY | O_CREAT, 0644);
		if (fd < 0) {
			need(errno == EROFS);
			continue;
		}
		need(write(fd, "x", 1) == 1 && !fchmod(fd, 0600));
		need(!fchmod(fd, 0644) && !close(fd));
	}
	return 0;
}

static void mounts(void)
{
	need(!mkdir("place", 0755) && !mkdir("kept", 0755));
	put_file("place/below", "x");
	ok(beside(mount_over, look_at_place),
	   "below a mount that comes and goes: what is there, or ENOENT");
	ok(beside(detach, look_at_detached),
	   "below a mount that is detached: what is there, or ENOENT");
	ok(beside(detach, stand_in_place),
	   "in a mount that is detached all stays as it was");
	ok(beside(mount_over, keep_open_in_place),
	   "a mount with an open file stays in the tree");
	need(!mount("none", "kept", "tmpfs", 0, "mode=755"));
	ok(beside(remount, write_to_kept),
	   "a mount becomes read-only when nobody writes to it");
	need(!umount("kept"));
}

/* --- roots ---------------------------------------------------------------- */

static int top;	      /* the folder above "one" and "two" */
static int stop_root; /* the walks of the other threads are done */

static void *change_root(void *unused)
{
	int one = openat(top, "one", O_RDONLY | O_DIRECTORY);
	int two = openat(top, "two", O_RDONLY | O_DIRECTORY);

	need(one >= 0 && two >= 0);
	while (!__atomic_load_n(&stop_root, __ATOMIC_ACQUIRE))
		need(!fchdir(one) && !chroot(".") && !fchdir(two) &&
		     !chroot("."));
	return unused;
}

/* A walk has one root from its beginning to its end. */
static void *look_from_root(void *unused)
{
	while (go_on()) {
		need_one_of("/mark", mark_one, mark_two, 0);
		need_one_of("/../mark", mark_one, mark_two, 0);
		need_one_of("/in/../../mark", mark_one, mark_two, 0);
		need_one_of("/link/../../../in/../mark", mark_one, mark_two, 0);
		need_one_of("/in/" LONG_NAME "/../../../mark", mark_one,
			    mark_two, 0);
		need_one_of("mark", mark_one, mark_two, 0);
		open_or("/in/../mark", 0);
	}
	return unused;
}

static int roots_of_threads(void)
{
	pthread_t thread[3];
	int i;

	top = open(".", O_RDONLY | O_DIRECTORY);
	mark_one = ino_of("one/mark");
	mark_two = ino_of("two/mark");
	need(top >= 0 && !chroot("one") && !chdir("/"));
	begin_run();
	for (i = 0; i < 3; i++)
		need(!pthread_create(&thread[i], NULL,
				     i ? look_from_root : change_root, NULL));
	pthread_join(thread[1], NULL);
	pthread_join(thread[2], NULL);
	__atomic_store_n(&stop_root, 1, __ATOMIC_RELEASE);
	pthread_join(thread[0], NULL);
	return 0;
}

static int pivot_to_and_fro(void)
{
	need(!chroot("jail") && !chdir("/"));
	while (go_on()) {
		need(!syscall(SYS_pivot_root, "/next", "/next/old"));
		need(!syscall(SYS_pivot_root, "/old", "/old/next"));
	}
	return 0;
}

static int look_in_jail(void)
{
	ino_t one = mark_one;
	ino_t two = mark_two;

	need(!chroot("jail") && !chdir("/"));
	while (go_on()) {
		need_one_of("/mark", one, two, 0);
		need_one_of("mark", one, two, 0);
		need_one_of("/../mark", one, two, 0);
		need_one_of("/next/mark", one, two, ENOENT);
		need_one_of("/old/mark", one, two, ENOENT);
	}
	return 0;
}

static void roots(void)
{
	need(!mkdir("one", 0755) && !mkdir("two", 0755));
	need(!mkdir("one/in", 0755) && !mkdir("two/in", 0755));
	need(!mkdir("one/in/" LONG_NAME, 0755));
	need(!mkdir("two/in/" LONG_NAME, 0755));
	need(!symlink("/in", "one/link") && !symlink("/in", "two/link"));
	put_file("one/mark", "x");
	put_file("two/mark", "x");
	ok(in_child(roots_of_threads) == 0,
	   "chroot of one thread: a walk of others has one root");
	need(!mkdir("jail", 0755));
	need(!mount("none", "jail", "tmpfs", 0, "mode=755"));
	need(!mkdir("jail/next", 0755));
	put_file("jail/mark", "x");
	need(!mount("none", "jail/next", "tmpfs", 0, "mode=755"));
	need(!mkdir("jail/next/old", 0755));
	put_file("jail/next/filler", "x");
	put_file("jail/next/mark", "x");
	mark_one = ino_of("jail/mark");
	mark_two = ino_of("jail/next/mark");
	ok(beside(pivot_to_and_fro, look_in_jail),
	   "pivot_root: the new root or the old one");
	need(!umount2("jail", MNT_DETACH));
}

static void all(void)
{
	renames();
	removals();
	permissions();
	mounts();
	roots();
}

int main(void)
{
	pid_t emptier;

	umask(0);
	beside_init(300);
	emptier = start_child(empty_caches);
	each_folder(all);
	end_child(emptier);
	return done_testing();
}
