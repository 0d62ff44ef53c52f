/*
 * process_vm_readv and process_vm_writev: what they move, how far they come,
 * and whom they refuse.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE 4096

static char *area;	/* four pages, the third of them missing, in both */
static char *read_only; /* one page */
static pid_t child;

static ssize_t vm_read(struct iovec *l, long nl, struct iovec *r, long nr)
{
	return syscall(SYS_process_vm_readv, child, l, nl, r, nr, 0);
}

static ssize_t vm_write(struct iovec *l, long nl, struct iovec *r, long nr)
{
	return syscall(SYS_process_vm_writev, child, l, nl, r, nr, 0);
}

static int sleeper(void)
{
	memset(area, 'c', 2 * PAGE);
	memset(area + 3 * PAGE, 'd', PAGE);
	sleep_forever();
	return 0;
}

static void moves(void)
{
	static char buf[5 * PAGE];
	struct iovec l = {buf, 100};
	struct iovec r = {area + PAGE - 50, 100};
	struct iovec parts[2] = {{buf, 30}, {buf + 1000, 50}};
	struct iovec far[3] = {
		{area, 10}, {area + 5, 0}, {area + 3 * PAGE, 70}};

	ok(vm_read(&l, 1, &r, 1) == 100 && buf[0] == 'c' && buf[99] == 'c',
	   "read across a page's end");
	ok(area[0] == 'p', "and not from our own memory");
	ok(vm_read(parts, 2, far, 3) == 80 && buf[9] == 'c' && buf[10] == 'd' &&
		   buf[29] == 'd' && buf[1049] == 'd',
	   "pieces need not match");
	memset(buf, 'w', sizeof(buf));
	ok(vm_write(&l, 1, &r, 1) == 100, "write");
	memset(buf, 0, sizeof(buf));
	ok(vm_read(&l, 1, &r, 1) == 100 && buf[0] == 'w' && buf[99] == 'w',
	   "is there");
	l.iov_len = 10;
	ok(vm_read(&l, 1, &r, 1) == 10, "the shorter side counts");
	l.iov_len = 0;
	ok(vm_read(&l, 1, &r, 1) == 0, "nothing to nothing");
	l.iov_len = 10;
	r.iov_len = 0;
	ok(vm_read(&l, 1, &r, 1) == 0, "nothing from nothing");
	ok(syscall(SYS_process_vm_readv, 0x3fffffff, &l, 1L, &r, 1L, 0L) == 0,
	   "even from nobody");
}

static void stops_half_way(void)
{
	static char buf[5 * PAGE];
	struct iovec l = {buf, 3 * PAGE};
	struct iovec r = {area + PAGE, 3 * PAGE};
	struct iovec far[2] = {{area, 10}, {area + 2 * PAGE, 10}};
	struct iovec near[2] = {{buf, 10}, {(void *)8, 10}};

	ok(vm_read(&l, 1, &r, 1) == PAGE, "up to a page that is not there");
	ok(vm_read(&l, 1, far, 2) == 10, "up to a piece that is not there");
	ok_errno(vm_read(&l, 1, far + 1, 1), EFAULT, "none at all: EFAULT");
	r.iov_base = area;
	r.iov_len = 20;
	ok(vm_read(near, 2, &r, 1) == 10, "up to where ours is not there");
	ok_errno(vm_read(near + 1, 1, &r, 1), EFAULT, "ours: EFAULT");
	r.iov_base = read_only;
	l.iov_len = 4;
	ok(vm_read(&l, 1, &r, 1) == 4, "read-only memory can be read");
	ok_errno(vm_write(&l, 1, &r, 1), EFAULT, "but not written");
}

static int as_student(void)
{
	static char buf[8];
	struct iovec l = {buf, 4};
	struct iovec r = {area, 4};

	need(fails(vm_read(&l, 1, &r, 1), EPERM));
	need(fails(vm_write(&l, 1, &r, 1), EPERM));
	child = getpid();
	need(vm_read(&l, 1, &r, 1) == 4);
	return 0;
}

static int undumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	sleep_forever();
	return 0;
}

static int student_and_undumpable(void)
{
	static char buf[8];
	struct iovec l = {buf, 4};
	struct iovec r = {area, 4};

	prctl(PR_SET_DUMPABLE, 1);
	child = start_child(sleeper);
	need(wait_for_state(child, 'S'));
	need(vm_read(&l, 1, &r, 1) == 4);
	end_child(child);
	child = start_child(undumpable);
	need(wait_for_state(child, 'S'));
	need(fails(vm_read(&l, 1, &r, 1), EPERM));
	end_child(child);
	return 0;
}

static void refusals(void)
{
	static char buf[8];
	static struct iovec many[1025];
	struct iovec l = {buf, 4};
	struct iovec r = {area, 4};
	struct iovec bad = {buf, -1};
	pid_t pid = child;

	ok_errno(syscall(SYS_process_vm_readv, child, &l, 1L, &r, 1L, 1L),
		 EINVAL, "a flag");
	ok_errno(vm_read(many, 1025, &r, 1), EINVAL, "too many of ours");
	ok_errno(vm_read(&l, 1, many, 1025), EINVAL, "too many of theirs");
	ok_errno(vm_read(&bad, 1, &r, 1), EINVAL, "a negative length");
	ok_errno(vm_read(&l, 1, &bad, 1), EINVAL, "of theirs, too");
	ok_errno(vm_read((void *)8, 1, &r, 1), EFAULT, "bad iovec");
	ok_errno(vm_read(&l, 1, (void *)8, 1), EFAULT, "bad remote iovec");
	child = 0x3fffffff;
	ok_errno(vm_read(&l, 1, &r, 1), ESRCH, "no such process");
	child = 2;
	ok_errno(vm_read(&l, 1, &r, 1), ESRCH, "one without memory");
	child = pid;
	ok(in_child_as(STUDENT, as_student) == 0,
	   "another user's: EPERM; one's own always");
	ok(in_child_as(STUDENT, student_and_undumpable) == 0,
	   "one's own children, unless they are not dumpable");
	child = pid;
}

int main(void)
{
	area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	read_only =
		mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + 2 * PAGE, PAGE);
	memset(area, 'p', 2 * PAGE);
	child = start_child(sleeper);
	if (!wait_for_state(child, 'S'))
		bail("child");
	moves();
	stops_half_way();
	refusals();
	end_child(child);
	return done_testing();
}
