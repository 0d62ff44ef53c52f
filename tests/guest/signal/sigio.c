/*
 * SIGIO: a pipe with O_ASYNC tells its owner, F_SETSIG chooses the signal,
 * which then says which descriptor and why.
 */
#include "tap.h"
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static int ends[2];
static sigset_t set;
static siginfo_t seen;

/* next - the signal that waits, 0: none. */
static int next(void)
{
	struct timespec none = {0, 0};
	int sig;

	memset(&seen, 0, sizeof(seen));
	sig = sigtimedwait(&set, &seen, &none);
	return sig < 0 ? 0 : sig;
}

static void put(void)
{
	if (write(ends[1], "x", 1) != 1)
		bail("write");
}

static void take(void)
{
	char byte;

	if (read(ends[0], &byte, 1) != 1)
		bail("read");
}

static void async(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL);

	if (fcntl(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC))
		bail("F_SETFL");
}

static void plain(void)
{
	async(ends[0], 1);
	ok(fcntl(ends[0], F_GETFL) & O_ASYNC, "O_ASYNC is set");
	put();
	ok(next() == 0, "nobody owns the file: no signal");
	ok(fcntl(ends[0], F_SETOWN, getpid()) == 0 &&
		   fcntl(ends[0], F_GETOWN) == getpid(),
	   "F_SETOWN");
	put();
	ok(next() == SIGIO && seen.si_code == SI_KERNEL,
	   "a write: SIGIO, SI_KERNEL, to the reader's owner");
	take();
	take();
	ok(next() == 0, "a read tells no reader");
	async(ends[0], 0);
	put();
	ok(next() == 0, "without O_ASYNC: nothing");
	take();
	ok_errno(fcntl(ends[0], F_SETOWN, 0x3fffff), ESRCH, "no such owner");
}

static void chosen(void)
{
	int sig = SIGRTMIN + 2;
	int other = dup(ends[0]);

	ok(fcntl(ends[0], F_SETSIG, sig) == 0 &&
		   fcntl(ends[0], F_GETSIG) == sig,
	   "F_SETSIG");
	ok_errno(fcntl(ends[0], F_SETSIG, 65), EINVAL, "no such signal");
	async(ends[0], 1);
	put();
	ok(next() == sig && seen.si_code == POLL_IN && seen.si_fd == ends[0] &&
		   seen.si_band == (POLLIN | POLLRDNORM),
	   "it says POLL_IN, the descriptor and the events");
	put();
	put();
	ok(next() == sig && next() == sig && next() == 0,
	   "each write is told, as real-time signals are");
	async(other, 0);
	async(other, 1);
	put();
	ok(next() == sig && seen.si_fd == other,
	   "the descriptor is the one by which O_ASYNC was set");
	async(ends[0], 1);
	close(other);
	fcntl(ends[0], F_SETSIG, SIGCHLD);
	put();
	ok(next() == SIGCHLD && seen.si_code == SI_SIGIO,
	   "with a signal that has codes of its own: SI_SIGIO");
	fcntl(ends[0], F_SETSIG, SIGIO);
	put();
	ok(next() == SIGIO && seen.si_code == POLL_IN, "SIGIO itself: POLL_IN");
	async(ends[0], 0);
}

static void writers(void)
{
	int on = 1;

	fcntl(ends[1], F_SETOWN, getpid());
	fcntl(ends[1], F_SETSIG, SIGUSR1);
	ok(ioctl(ends[1], FIOASYNC, &on) == 0 &&
		   (fcntl(ends[1], F_GETFL) & O_ASYNC),
	   "FIOASYNC sets O_ASYNC");
	take();
	ok(next() == SIGUSR1 && seen.si_code == POLL_OUT &&
		   seen.si_fd == ends[1] &&
		   seen.si_band == (POLLOUT | POLLWRNORM | POLLWRBAND),
	   "a read: POLL_OUT for the writer");
	close(ends[0]);
	ok(next() == SIGUSR1 && seen.si_code == POLL_OUT,
	   "so is the last reader's end");
	close(ends[1]);
	if (pipe(ends))
		bail("pipe");
	fcntl(ends[0], F_SETOWN, getpid());
	fcntl(ends[0], F_SETSIG, SIGUSR1);
	async(ends[0], 1);
	close(ends[1]);
	ok(next() == SIGUSR1 && seen.si_code == POLL_IN,
	   "the last writer's end: POLL_IN");
	close(ends[0]);
	if (pipe(ends))
		bail("pipe");
}

/* --- owners --------------------------------------------------------------- */

static int waits_for_it(void)
{
	return sigwaitinfo(&set, &seen) == SIGUSR1 && seen.si_fd == ends[0] ? 5
									    : 6;
}

static void *thread_waits(void *tid)
{
	__atomic_store_n((int *)tid, gettid(), __ATOMIC_SEQ_CST);
	return (void *)(long)(sigwaitinfo(&set, &seen) == SIGUSR1);
}

static void owners(void)
{
	struct f_owner_ex owner = {.type = F_OWNER_PGRP};
	pid_t first = start_child(waits_for_it);
	pid_t second = start_child(waits_for_it);
	pthread_t thread;
	void *good;
	int tid = 0;

	setpgid(first, first);
	setpgid(second, first);
	fcntl(ends[0], F_SETSIG, SIGUSR1);
	async(ends[0], 1);
	ok(fcntl(ends[0], F_SETOWN, -first) == 0 &&
		   fcntl(ends[0], F_GETOWN_EX, &owner) == 0 &&
		   owner.type == F_OWNER_PGRP && owner.pid == first,
	   "a group owns it");
	put();
	ok(exit_code(first) == 5 && exit_code(second) == 5,
	   "all of it are told");
	put();
	ok(next() == 0, "a group that is gone: nobody");

	pthread_create(&thread, NULL, thread_waits, &tid);
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		sched_yield();
	owner.type = F_OWNER_TID;
	owner.pid = tid;
	ok(fcntl(ends[0], F_SETOWN_EX, &owner) == 0, "a thread owns it");
	put();
	pthread_join(thread, &good);
	ok(good && next() == 0, "it alone is told");
	owner.type = 3;
	ok_errno(fcntl(ends[0], F_SETOWN_EX, &owner), EINVAL,
		 "an unknown kind of owner");
	fcntl(ends[0], F_SETOWN, getpid());
}

static int others_child(void)
{
	pid_t parent = getppid();

	/* The owner may not be signalled by who set it. */
	become(STUDENT);
	need(fcntl(ends[0], F_SETOWN, parent) == 0);
	put();
	return 5;
}

static void permission(void)
{
	ok(in_child(others_child) == 5 && next() == 0,
	   "who set the owner must be allowed to signal it");
	fcntl(ends[0], F_SETOWN, getpid());
	put();
	ok(next() == SIGUSR1, "set by another, it works again");
}

static void splices(void)
{
	int other[2];

	if (pipe(other))
		bail("pipe");
	while (next())
		;
	put();
	next();
	fcntl(other[0], F_SETOWN, getpid());
	fcntl(other[0], F_SETSIG, SIGUSR2);
	async(other[0], 1);
	ok(tee(ends[0], other[1], 1, 0) == 1 && next() == SIGUSR2,
	   "tee tells the reader");
	ok(splice(ends[0], NULL, other[1], NULL, 1, 0) == 1 &&
		   next() == SIGUSR2 && seen.si_code == POLL_IN,
	   "splice too");
	close(other[0]);
	close(other[1]);
}

static int queue_full(void)
{
	struct rlimit limit = {1, 1};
	union sigval value = {.sival_int = 0};

	setrlimit(RLIMIT_SIGPENDING, &limit);
	need(sigqueue(getpid(), SIGRTMIN + 4, value) == 0);
	fcntl(ends[0], F_SETOWN, getpid());
	fcntl(ends[0], F_SETSIG, SIGRTMIN + 2);
	put();
	return next() == SIGIO && seen.si_code == SI_KERNEL ? 5 : 6;
}

int main(void)
{
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGRTMIN + 4);
	if (pipe(ends))
		bail("pipe");
	plain();
	chosen();
	/* From here on there are children. */
	sigdelset(&set, SIGCHLD);
	writers();
	owners();
	permission();
	splices();
	ok(in_child_as(4326, queue_full) == 5,
	   "a signal that cannot be queued becomes a plain SIGIO");
	return done_testing();
}
