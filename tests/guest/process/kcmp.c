/*
 * kcmp: which objects of the kernel two processes share.
 */
#include "tap.h"

#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

static char stack[65536];
static pid_t child;

static long cmp(pid_t a, pid_t b, int type, long i, long j)
{
	return syscall(SYS_kcmp, a, b, type, i, j);
}

static int sleeper(void *arg)
{
	(void)arg;
	sleep_forever();
	return 0;
}

static int forked(void)
{
	sleep_forever();
	return 0;
}

static void files(void)
{
	int fd = open("/", O_RDONLY);
	int same = dup(fd);
	int other = open("/", O_RDONLY);
	int order;

	ok(cmp(getpid(), getpid(), KCMP_FILE, fd, same) == 0,
	   "a duplicate is the same file");
	order = cmp(getpid(), getpid(), KCMP_FILE, fd, other);
	ok(order == 1 || order == 2, "another open is another, with an order");
	ok(cmp(getpid(), getpid(), KCMP_FILE, other, fd) == 3 - order,
	   "which turns round");
	ok_errno(cmp(getpid(), getpid(), KCMP_FILE, fd, 999), EBADF,
		 "no such descriptor");
	child = start_child(forked);
	ok(cmp(getpid(), child, KCMP_FILE, fd, fd) == 0,
	   "fork shares open files");
	ok(cmp(getpid(), child, KCMP_FILES, 0, 0) > 0, "but not the table");
	ok(cmp(getpid(), child, KCMP_VM, 0, 0) > 0, "nor memory");
	ok(cmp(getpid(), child, KCMP_FS, 0, 0) > 0,
	   "nor the working directory");
	ok(cmp(getpid(), child, KCMP_SIGHAND, 0, 0) > 0, "nor handlers");
	end_child(child);
}

static void cloned(void)
{
	child = clone(sleeper, stack + sizeof(stack),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			      SIGCHLD,
		      NULL);
	ok(cmp(getpid(), child, KCMP_VM, 0, 0) == 0, "CLONE_VM");
	ok(cmp(getpid(), child, KCMP_FS, 0, 0) == 0, "CLONE_FS");
	ok(cmp(getpid(), child, KCMP_FILES, 0, 0) == 0, "CLONE_FILES");
	ok(cmp(getpid(), child, KCMP_SIGHAND, 0, 0) == 0, "CLONE_SIGHAND");
	ok(cmp(getpid(), child, KCMP_IO, 0, 0) == 0, "no I/O contexts");
	end_child(child);
}

static long target(int fd, int epoll, int tfd, int skip)
{
	struct kcmp_epoll_slot slot = {epoll, tfd, skip};

	return cmp(getpid(), getpid(), KCMP_EPOLL_TFD, fd, (long)&slot);
}

/* An epoll watches two files that had the same number. */
static void watched(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	int first[2];
	int second[2];
	int kept;
	int both;

	if (pipe(first) || pipe(second))
		bail("pipe");
	epoll_ctl(epoll, EPOLL_CTL_ADD, first[0], &event);
	ok(target(first[0], epoll, first[0], 0) == 0, "KCMP_EPOLL_TFD: it is");
	ok(target(second[0], epoll, first[0], 0) > 0, "another is not");
	kept = dup(first[0]);
	dup2(second[0], first[0]);
	epoll_ctl(epoll, EPOLL_CTL_ADD, first[0], &event);
	both = (target(kept, epoll, first[0], 0) == 0) +
	       2 * (target(kept, epoll, first[0], 1) == 0);
	ok(both == 1 || both == 2, "of two with one number either the first "
				   "or the second");
	ok_errno(target(kept, epoll, first[0], 2), ENOENT, "no third");
	ok_errno(target(kept, epoll, 77, 0), ENOENT, "no such number");
	ok_errno(target(kept, kept, 3, 0), EINVAL, "no epoll");
	ok_errno(target(kept, 99, 3, 0), EBADF, "no file");
	ok_errno(target(99, epoll, 3, 0), EBADF, "neither");
	ok_errno(cmp(getpid(), getpid(), KCMP_EPOLL_TFD, kept, 8), EFAULT,
		 "EFAULT");
	close(epoll);
}

static int as_student(void)
{
	need(fails(cmp(getpid(), 1, KCMP_VM, 0, 0), EPERM));
	need(fails(cmp(1, getpid(), KCMP_VM, 0, 0), EPERM));
	need(fails(cmp(1, getpid(), 99, 0, 0), EPERM));
	need(cmp(getpid(), getpid(), KCMP_VM, 0, 0) == 0);
	return 0;
}

int main(void)
{
	if (cmp(getpid(), getpid(), KCMP_VM, 0, 0) != 0) {
		skip("kcmp", "not configured");
		return done_testing();
	}
	files();
	cloned();
	watched();
	ok_errno(cmp(getpid(), getpid(), 99, 0, 0), EINVAL, "no such type");
	ok_errno(cmp(getpid(), 0x3fffffff, KCMP_VM, 0, 0), ESRCH,
		 "no such process");
	ok_errno(cmp(getpid(), 0, KCMP_VM, 0, 0), ESRCH, "0 is nobody");
	ok(in_child_as(STUDENT, as_student) == 0, "another user's: EPERM");
	return done_testing();
}
