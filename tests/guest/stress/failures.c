/*
 * failures.c - calls in which the n-th allocation of the kernel fails, for each
 * n until none does: they fail with ENOMEM or EAGAIN or do without, and nothing
 * is left behind.
 *
 *	failures [CALL]
 *
 * CALL is the beginning of one call's name.  The kernel is told by
 * /proc/thread-self/fail-nth, which kernels with fault injection have: Tine's
 * debug build, Linux with CONFIG_FAULT_INJECTION.
 */
#include "stress.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>

#define FAIL_NTH "/proc/thread-self/fail-nth"
#define MOST	 3000 /* allocations of one call */

static int fail_fd;

static void arm(int fd, int nth)
{
	char text[12];
	int length = snprintf(text, sizeof(text), "%d", nth);

	need(pwrite(fd, text, length, 0) == length);
}

/* What is left of the number; 0: the failure has been. */
static int left_of(int fd)
{
	char text[12] = "";

	need(pread(fd, text, sizeof(text) - 1, 0) > 0);
	return atoi(text);
}

/* --- calls; each undoes what it did, and returns 0 or the errno ----------- */

static int ended(int good)
{
	return good ? 0 : errno;
}

static int calls_fork(void)
{
	pid_t pid = syscall(SYS_fork);
	int status;

	if (pid == 0)
		syscall(SYS_exit_group, 5);
	if (pid < 0)
		return errno;
	need(waitpid(pid, &status, 0) == pid && status == 5 << 8);
	return 0;
}

static int calls_vfork(void)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0)
		_exit(6);
	if (pid < 0)
		return errno;
	need(waitpid(pid, &status, 0) == pid && status == 6 << 8);
	return 0;
}

static void *ends(void *argument)
{
	return argument;
}

static int calls_thread(void)
{
	pthread_t thread;
	void *value;
	int err = pthread_create(&thread, NULL, ends, calls_thread);

	if (!err)
		need(!pthread_join(thread, &value) && value == calls_thread);
	return err;
}

static int close_both(int one, int other)
{
	int err = one < 0 || other < 0 ? errno : 0;

	if (one >= 0)
		close(one);
	if (other >= 0)
		close(other);
	return err;
}

static int calls_pipe(void)
{
	int ends[2];

	if (pipe(ends))
		return errno;
	if (write(ends[1], "text", 4) != 4) {
		int err = errno;

		close_both(ends[0], ends[1]);
		return err;
	}
	return close_both(ends[0], ends[1]);
}

static int make_and_remove(const char *folder)
{
	char path[2][64];
	int err = 0;
	int fd;

	snprintf(path[0], 64, "%s/failing.one", folder);
	snprintf(path[1], 64, "%s/failing.other", folder);
	fd = open(path[0], O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno;
	if (write(fd, path, sizeof(path)) != sizeof(path) ||
	    ftruncate(fd, 70000) || link(path[0], path[1]) ||
	    rename(path[1], path[0]) || unlink(path[1]) ||
	    symlink(path[0], path[1]))
		err = errno;
	close(fd);
	/* What removes it may fail as well: it is done again. */
	if (unlink(path[0]) && errno != ENOENT)
		need(unlink(path[0]) == 0);
	if (unlink(path[1]) && errno != ENOENT)
		need(unlink(path[1]) == 0);
	return err;
}

static int calls_tmpfs(void)
{
	return make_and_remove("/tmp");
}

static int calls_root(void)
{
	return make_and_remove("/root");
}

static int calls_folder(void)
{
	int err = ended(mkdir("/root/failing", 0700) == 0);

	if (!err && rmdir("/root/failing"))
		need(rmdir("/root/failing") == 0);
	return err;
}

static int calls_attribute(void)
{
	int err = ended(setxattr("/root", "user.failing", "value", 5, 0) == 0);

	if (!err && removexattr("/root", "user.failing"))
		need(removexattr("/root", "user.failing") == 0);
	return err;
}

static int calls_events(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int events = eventfd(0, EFD_CLOEXEC);
	int poller = -1;
	int err = 0;

	if (events < 0)
		return errno;
	poller = epoll_create1(0);
	if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, events, &event) ||
	    epoll_wait(poller, &event, 1, 0) < 0)
		err = errno;
	close_both(events, poller);
	return err;
}

static int calls_signal_files(void)
{
	sigset_t set;

	sigemptyset(&set);
	return close_both(timerfd_create(CLOCK_MONOTONIC, 0),
			  signalfd(-1, &set, 0));
}

static int calls_timer(void)
{
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, NULL, &timer))
		return errno;
	need(timer_delete(timer) == 0);
	return 0;
}

static int calls_queue(void)
{
	struct timespec now = {0, 0};
	union sigval value = {.sival_int = 5};
	siginfo_t info;
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 5);
	err = ended(sigqueue(getpid(), SIGRTMIN + 5, value) == 0);
	need(sigtimedwait(&set, &info, &now) == (err ? -1 : SIGRTMIN + 5));
	return err;
}

static int calls_maps(void)
{
	char *at = mmap(NULL, 8 << 12, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *moved = NULL;
	int err = 0;

	if (at == MAP_FAILED)
		return errno;
	if (mprotect(at + (2 << 12), 2 << 12, PROT_READ) ||
	    madvise(at, 1 << 12, MADV_WILLNEED) || mlock(at, 1 << 12))
		err = errno;
	else
		moved = mremap(at, 1 << 12, 3 << 12, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		err = errno;
	else if (moved)
		munmap(moved, 3 << 12);
	/* This may need one more piece, and none is to be had. */
	if (munmap(at, 8 << 12))
		need(munmap(at, 8 << 12) == 0);
	return err;
}

static int calls_shared_map(void)
{
	int fd = memfd_create("failing", MFD_CLOEXEC);
	int err = 0;
	void *at;

	if (fd < 0)
		return errno;
	at = MAP_FAILED;
	if (ftruncate(fd, 3 << 12) == 0)
		at = mmap(NULL, 3 << 12, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		err = errno;
	else
		munmap(at, 3 << 12);
	close(fd);
	return err;
}

static int calls_descriptors(void)
{
	int fd = dup2(0, 700);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int calls_locks(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_start = 5, .l_len = 5};
	int fd = open("/root/.failing", O_RDWR | O_CREAT, 0600);
	int err = 0;

	if (fd < 0)
		return errno;
	if (fcntl(fd, F_SETLK, &lock) || flock(fd, LOCK_EX))
		err = errno;
	close(fd);
	return err;
}

static int calls_poll(void)
{
	struct pollfd files[100];
	int i;

	for (i = 0; i < 100; i++)
		files[i] = (struct pollfd){.fd = 0, .events = POLLOUT};
	return ended(poll(files, 100, 0) >= 0);
}

static int calls_proc(void)
{
	static const char *const files[] = {
		"/proc/self/maps",   "/proc/self/status", "/proc/self/stat",
		"/proc/meminfo",     "/proc/mounts",	  "/proc/self/cmdline",
		"/proc/self/environ"};
	char text[500];
	size_t i;
	int err;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDONLY);

		if (fd < 0)
			return errno;
		err = ended(read(fd, text, sizeof(text)) >= 0);
		close(fd);
		if (err)
			return err;
	}
	return 0;
}

static int mount_and_go(const char *type)
{
	if (mount("none", "/mnt", type, 0, NULL))
		return errno;
	if (umount("/mnt"))
		need(umount("/mnt") == 0);
	return 0;
}

static int calls_mount(void)
{
	return mount_and_go("tmpfs");
}

static int calls_mount_devpts(void)
{
	return mount_and_go("devpts");
}

static int calls_mount_proc(void)
{
	return mount_and_go("proc");
}

static int calls_terminal(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	if (master < 0)
		return errno;
	close(master);
	return 0;
}

static const struct call {
	const char *name;
	int (*body)(void);
	int error; /* that Linux gives too when memory is out */
} calls[] = {
	{"fork", calls_fork, 0},
	{"vfork", calls_vfork, 0},
	{"a thread", calls_thread, 0},
	{"a pipe", calls_pipe, ENFILE},
	{"files of a tmpfs", calls_tmpfs, 0},
	{"files of the root", calls_root, 0},
	{"a folder", calls_folder, 0},
	{"an attribute", calls_attribute, 0},
	{"eventfd and epoll", calls_events, 0},
	{"timerfd and signalfd", calls_signal_files, 0},
	{"a timer", calls_timer, 0},
	{"a queued signal", calls_queue, 0},
	{"mappings", calls_maps, 0},
	{"shared memory", calls_shared_map, 0},
	{"a high descriptor", calls_descriptors, 0},
	{"locks of a file", calls_locks, ENOLCK},
	{"poll", calls_poll, 0},
	{"files of proc", calls_proc, ENOENT},
	{"a mount", calls_mount, 0},
	{"a mount of devpts", calls_mount_devpts, 0},
	{"a mount of proc", calls_mount_proc, 0},
	{"a terminal", calls_terminal, 0},
};

#define NR_CALLS ((int)(sizeof(calls) / sizeof(calls[0])))

/* Each allocation of the call fails once, with caches or (COLD) without.  How
 * many there were; -1 if one gave another error. */
static int fail_each(const struct call *call, int cold)
{
	int left;
	int err;
	int nth;

	for (nth = 1; nth < MOST; nth++) {
		if (cold)
			put_file("/proc/sys/vm/drop_caches", "3");
		arm(fail_fd, nth);
		err = call->body();
		left = left_of(fail_fd);
		arm(fail_fd, 0);
		if (err && (left || (err != ENOMEM && err != EAGAIN &&
				     err != call->error))) {
			tap_line("# %s: allocation %d: %s, %d left\n",
				 call->name, nth, strerror(err), left);
			return -1;
		}
		if (left)
			return nth - 1;
	}
	return -1;
}

/* --- exec ----------------------------------------------------------------- */

#define RAN_ON	   70 /* the program began, and none had failed */
#define RAN_AT_ALL 71 /* one had */

static char self[200];

static void exec_failing(int nth)
{
	int fd = open(FAIL_NTH, O_RDWR);
	char digits[12];

	need(fd >= 0);
	snprintf(digits, sizeof(digits), "%d", fd);
	arm(fd, nth);
	execl(self, "failures", "child", digits, NULL);
	nth = errno;
	arm(fd, 0);
	_exit(nth == ENOMEM || nth == EAGAIN ? RAN_AT_ALL : nth);
}

/* Past the point of no return there is no program to go back to: killed. */
static int fail_each_of_exec(void)
{
	int nth;

	for (nth = 1; nth < MOST; nth++) {
		pid_t pid = fork();
		int code;

		if (pid == 0)
			exec_failing(nth);
		code = exit_code(pid);
		if (code == RAN_ON)
			return nth - 1;
		if (code != RAN_AT_ALL && code != 128 + SIGKILL &&
		    code != 128 + SIGSEGV) {
			tap_line("# exec: allocation %d: %d\n", nth, code);
			return -1;
		}
	}
	return -1;
}

/* --- what stays ----------------------------------------------------------- */

/* The objects in use of what tasks have, and of all kmalloc sizes. */
static long objects_in_use(void)
{
	static const char *const names[] = {
		"task_struct", "signal_cache", "mm_struct", "vm_area_struct",
		"filp",	       "sigqueue",     "kmalloc"};
	static char text[16384];
	long sum = 0;
	char *line;
	size_t i;

	put_file("/proc/sys/vm/drop_caches", "3");
	file_text("/proc/slabinfo", text, sizeof(text));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				sum += atol(line + strcspn(line, " "));
	return sum;
}

static const char *only = "";

static int chosen(const char *name)
{
	return !strncmp(name, only, strlen(only));
}

static int fail_all(int cold)
{
	int good = !chosen("exec") || fail_each_of_exec() > 0;
	int i;

	for (i = 0; i < NR_CALLS; i++)
		if (chosen(calls[i].name))
			good &= fail_each(&calls[i], cold) >= 0;
	return good;
}

static void first_time(void)
{
	char rule[80];
	int count;
	int i;

	for (i = 0; i < NR_CALLS; i++) {
		if (!chosen(calls[i].name))
			continue;
		count = fail_each(&calls[i], 1);
		snprintf(rule, sizeof(rule), "%s: ENOMEM or EAGAIN, or done",
			 calls[i].name);
		ok(count >= 0, rule);
		tap_line("# %d allocations\n", count);
	}
	if (chosen("exec")) {
		count = fail_each_of_exec();
		ok(count > 0, "exec: ENOMEM or EAGAIN, or killed");
		tap_line("# %d allocations\n", count);
	}
}

int main(int argc, char **argv)
{
	struct inventory before;
	sigset_t set;
	long objects;
	int count;
	int good;
	int i;

	if (argc > 2 && !strcmp(argv[1], "child"))
		return left_of(atoi(argv[2])) ? RAN_ON : RAN_AT_ALL;
	if (argc > 1)
		only = argv[1];
	fail_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fail_fd < 0) {
		skip("allocations that fail", "no fault injection here");
		return done_testing();
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bail("readlink");
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	before = take_inventory();
	first_time();
	objects = objects_in_use();
	good = 1;
	for (i = 0; i < 10; i++)
		good &= fail_all(i % 2);
	ok(good, "again and again, with and without caches");
	count = objects_in_use() - objects;
	/* Caches differ by a few; what is lost each time comes ten times. */
	ok(count < 9, "and nothing stays");
	tap_line("# %d objects more than before\n", count);
	unlink("/root/.failing");
	check_inventory(before);
	return done_testing();
}
