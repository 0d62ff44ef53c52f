/*
 * poll.c - doors: poll, select and epoll.
 *
 * A time to wait becomes a deadline on the monotonic clock.  poll(2) cut
 * short by a stop goes on to that same deadline (restart block); ppoll and
 * the selects tell the program how much is left, and start over.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/prctl.h>
#include <fs/anon/epoll.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/poll.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/signal.h>
#include <kernel/sched/rlimit.h>
#include <kernel/time/clock.h>
#include <syscalls/args.h>

#define POLL_FAST   64 /* entries kept on the stack */
#define SELECT_FAST 4  /* words of each set kept on the stack */

/* In what form the time that is left goes back to the program. */
enum time_form { FORM_TIMEVAL, FORM_TIMESPEC };

/* Write the revents back; @ufds may be read-only in part. */
static long put_revents(struct pollfd __user *ufds, const struct pollfd *fds,
			unsigned int nfds)
{
	unsigned int i;

	for (i = 0; i < nfds; i++) {
		if (put_user(fds[i].revents, &ufds[i].revents))
			return -EFAULT;
	}
	return 0;
}

/* poll(2) without its time's conversion; -EINTR for a signal. */
static long poll_entries(struct pollfd __user *ufds, unsigned int nfds,
			 u64 deadline_ns)
{
	struct pollfd fast[POLL_FAST];
	struct pollfd *fds = fast;
	size_t size = (size_t)nfds * sizeof(*fds);
	long ret;
	long err;

	if (nfds > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (nfds > POLL_FAST) {
		fds = vmalloc(size);
		if (!fds)
			return -ENOMEM;
	}
	ret = -EFAULT;
	if (!copy_from_user(fds, ufds, size)) {
		ret = do_poll(fds, nfds, deadline_ns);
		if (ret >= 0 || ret == -EINTR) {
			err = put_revents(ufds, fds, nfds);
			if (err)
				ret = err;
		}
	}
	if (fds != fast)
		vfree(fds);
	return ret;
}

static long poll_restart(struct restart_block *block)
{
	long ret = poll_entries((struct pollfd __user *)block->ufds,
				(unsigned int)block->nfds, block->expires_ns);

	return ret == -EINTR ? -ERESTART_RESTARTBLOCK : ret;
}

long sys_poll(struct pollfd __user *ufds, unsigned int nfds, int timeout_msecs)
{
	struct restart_block *block = &current->restart_block;
	u64 deadline_ns = MAX_TIMEOUT_NS;
	long ret;

	if (timeout_msecs == 0)
		deadline_ns = 0;
	else if (timeout_msecs > 0)
		deadline_ns =
			args_deadline_ns((u64)timeout_msecs * NSEC_PER_MSEC);
	ret = poll_entries(ufds, nfds, deadline_ns);
	if (ret != -EINTR)
		return ret;
	block->fn = poll_restart;
	block->ufds = ufds;
	block->nfds = nfds;
	block->expires_ns = deadline_ns;
	return -ERESTART_RESTARTBLOCK;
}

/*
 * The end of ppoll and the selects: the mask comes back, and the time that
 * is left is told.  If it cannot be told, the call must not start over with
 * the whole time: then a signal means EINTR.
 */
static long finish_timed(long ret, u64 deadline_ns, void __user *utime,
			 enum time_form form)
{
	struct timespec left;
	u64 now;
	u64 ns;

	if (ret == -EINTR)
		ret = -ERESTARTNOHAND;
	restore_saved_sigmask_unless(ret == -ERESTARTNOHAND);
	/* No time was given, or none to wait. */
	if (!utime || !deadline_ns)
		return ret;
	if (!(current->personality & STICKY_TIMEOUTS)) {
		now = ktime_get_ns();
		ns = deadline_ns > now ? deadline_ns - now : 0;
		left.tv_sec = (long)(ns / NSEC_PER_SEC);
		left.tv_nsec = (long)(ns % NSEC_PER_SEC);
		if (form == FORM_TIMEVAL)
			left.tv_nsec /= (long)NSEC_PER_USEC;
		/* timeval and timespec are both two longs. */
		if (!copy_to_user(utime, &left, sizeof(left)))
			return ret;
	}
	return ret == -ERESTARTNOHAND ? -EINTR : ret;
}

/* An optional timespec to a deadline; without one: for ever. */
static int get_deadline(u64 *deadline_ns, const struct timespec __user *utime)
{
	struct timespec ts;
	int err;

	*deadline_ns = MAX_TIMEOUT_NS;
	if (!utime)
		return 0;
	err = get_timespec(&ts, utime);
	if (err)
		return err;
	*deadline_ns = args_timespec_ns(&ts);
	if (*deadline_ns)
		*deadline_ns = args_deadline_ns(*deadline_ns);
	return 0;
}

/* An optional signal mask for the time of the call. */
static int begin_sigmask(const sigset_t __user *sigmask, size_t size)
{
	sigset_t set;
	int err;

	if (!sigmask)
		return 0;
	err = get_sigset(&set, sigmask, size);
	if (!err)
		set_user_sigmask(&set);
	return err;
}

long sys_ppoll(struct pollfd __user *ufds, unsigned int nfds,
	       struct timespec __user *tsp, const sigset_t __user *sigmask,
	       size_t sigsetsize)
{
	u64 deadline_ns;
	int err;

	err = get_deadline(&deadline_ns, tsp);
	if (!err)
		err = begin_sigmask(sigmask, sigsetsize);
	if (err)
		return err;
	return finish_timed(poll_entries(ufds, nfds, deadline_ns), deadline_ns,
			    tsp, FORM_TIMESPEC);
}

/* The program's three sets, side by side in one block. */
struct select_maps {
	fd_set __user *user[3];
	unsigned long *map[3]; /* NULL where the program gave none */
	size_t bytes;	       /* of each */
};

static long get_maps(struct select_maps *maps, unsigned long *block)
{
	size_t words = maps->bytes / sizeof(long);
	int i;

	for (i = 0; i < 3; i++) {
		maps->map[i] = maps->user[i] ? block + words * (size_t)i : NULL;
		if (maps->user[i] &&
		    copy_from_user(maps->map[i], maps->user[i], maps->bytes))
			return -EFAULT;
	}
	return 0;
}

static long put_maps(const struct select_maps *maps)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (maps->user[i] &&
		    copy_to_user(maps->user[i], maps->map[i], maps->bytes))
			return -EFAULT;
	}
	return 0;
}

/* select(2) without its time's conversion; -EINTR for a signal. */
static long select_sets(int n, struct select_maps *maps, u64 deadline_ns)
{
	unsigned long fast[3 * SELECT_FAST];
	unsigned long *block = fast;
	unsigned int max_fds;
	long ret;

	if (n < 0)
		return -EINVAL;
	/* Numbers beyond the table cannot be open; they are not looked at. */
	max_fds = files_fdsize(current);
	n = (int)min((unsigned int)n, max_fds);
	maps->bytes = ((size_t)n + 63) / 64 * sizeof(long);
	if (maps->bytes > SELECT_FAST * sizeof(long)) {
		block = vmalloc(3 * maps->bytes);
		if (!block)
			return -ENOMEM;
	}
	ret = get_maps(maps, block);
	if (!ret) {
		ret = do_select(n, maps->map[0], maps->map[1], maps->map[2],
				deadline_ns);
		if (ret >= 0 && put_maps(maps))
			ret = -EFAULT;
	}
	if (block != fast)
		vfree(block);
	return ret;
}

long sys_select(int n, fd_set __user *inp, fd_set __user *outp,
		fd_set __user *exp, struct timeval __user *tvp)
{
	struct select_maps maps = {.user = {inp, outp, exp}};
	u64 deadline_ns = MAX_TIMEOUT_NS;
	struct timeval tv;

	if (tvp) {
		if (copy_from_user(&tv, tvp, sizeof(tv)))
			return -EFAULT;
		/* Microseconds may be more than a second's worth. */
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		deadline_ns = 0;
		if (tv.tv_sec || tv.tv_usec) {
			struct timespec ts = {
				.tv_sec = tv.tv_sec +
					  tv.tv_usec / (long)USEC_PER_SEC,
				.tv_nsec = tv.tv_usec % (long)USEC_PER_SEC *
					   (long)NSEC_PER_USEC,
			};

			deadline_ns = args_deadline_ns(args_timespec_ns(&ts));
		}
	}
	return finish_timed(select_sets(n, &maps, deadline_ns), deadline_ns,
			    tvp, FORM_TIMEVAL);
}

/* pselect6(2): the last argument points to the mask's address and size. */
long sys_pselect6(int n, fd_set __user *inp, fd_set __user *outp,
		  fd_set __user *exp, struct timespec __user *tsp,
		  void __user *sig)
{
	struct select_maps maps = {.user = {inp, outp, exp}};
	struct {
		const sigset_t __user *mask;
		size_t size;
	} pack = {NULL, 0};
	u64 deadline_ns;
	int err;

	if (sig && copy_from_user(&pack, sig, sizeof(pack)))
		return -EFAULT;
	err = get_deadline(&deadline_ns, tsp);
	if (!err)
		err = begin_sigmask(pack.mask, pack.size);
	if (err)
		return err;
	return finish_timed(select_sets(n, &maps, deadline_ns), deadline_ns,
			    tsp, FORM_TIMESPEC);
}

long sys_epoll_create1(int flags)
{
	return do_epoll_create(flags);
}

/* epoll_create(2): the size means nothing, but must be one. */
long sys_epoll_create(int size)
{
	return size > 0 ? do_epoll_create(0) : -EINVAL;
}

long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *event)
{
	struct epoll_event copy = {0, 0};
	struct fd target;
	struct fd ep;
	long ret = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&copy, event, sizeof(copy)))
		return -EFAULT;
	ep = fdget((unsigned int)epfd);
	if (!ep.file)
		return -EBADF;
	target = fdget((unsigned int)fd);
	if (target.file)
		ret = do_epoll_ctl(ep.file, op, target.file, fd, &copy);
	fdput(target);
	fdput(ep);
	return ret;
}

static long wait_events(int epfd, struct epoll_event __user *events,
			int maxevents, u64 deadline_ns)
{
	struct fd f;
	long ret;

	if (maxevents <= 0 || maxevents > INT_MAX / (int)sizeof(*events))
		return -EINVAL;
	if (!access_ok(events, (size_t)maxevents * sizeof(*events)))
		return -EFAULT;
	f = fdget((unsigned int)epfd);
	if (!f.file)
		return -EBADF;
	ret = -EINVAL;
	if (is_file_epoll(f.file))
		ret = do_epoll_wait(f.file, events, maxevents, deadline_ns);
	fdput(f);
	return ret;
}

/* Milliseconds, negative: for ever. */
static u64 ms_deadline(int timeout)
{
	if (timeout <= 0)
		return timeout ? MAX_TIMEOUT_NS : 0;
	return args_deadline_ns((u64)timeout * NSEC_PER_MSEC);
}

long sys_epoll_wait(int epfd, struct epoll_event __user *events, int maxevents,
		    int timeout)
{
	return wait_events(epfd, events, maxevents, ms_deadline(timeout));
}

/* epoll_pwait(2): the mask holds while the call waits. */
static long pwait_events(int epfd, struct epoll_event __user *events,
			 int maxevents, u64 deadline_ns,
			 const sigset_t __user *sigmask, size_t sigsetsize)
{
	long ret;

	if (!sigmask)
		return wait_events(epfd, events, maxevents, deadline_ns);
	ret = begin_sigmask(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = wait_events(epfd, events, maxevents, deadline_ns);
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret;
}

long sys_epoll_pwait(int epfd, struct epoll_event __user *events, int maxevents,
		     int timeout, const sigset_t __user *sigmask,
		     size_t sigsetsize)
{
	return pwait_events(epfd, events, maxevents, ms_deadline(timeout),
			    sigmask, sigsetsize);
}

long sys_epoll_pwait2(int epfd, struct epoll_event __user *events,
		      int maxevents, const struct timespec __user *timeout,
		      const sigset_t __user *sigmask, size_t sigsetsize)
{
	u64 deadline_ns;
	int err = get_deadline(&deadline_ns, timeout);

	if (err)
		return err;
	return pwait_events(epfd, events, maxevents, deadline_ns, sigmask,
			    sigsetsize);
}
