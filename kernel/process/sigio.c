/*
 * sigio.c - SIGIO, or the signal of F_SETSIG, to the owner of a file.
 *
 * Locks: tasklist_lock and the targets' siglock.
 *
 * Entry points: sigio_ops, the table of fs/vfs/fasync.h.
 */
#include <abi/fcntl.h>
#include <abi/poll.h>
#include <fs/vfs/fasync.h>
#include <kernel/lib/macros.h>
#include <kernel/process/internal.h>
#include <kernel/process/pid.h>
#include <kernel/process/signal.h>

/* Whose si_code tells of other things. */
#define OWN_CODES_MASK (SYNCHRONOUS_MASK | sigmask(SIGCHLD))

static const long bands[] = {
	[POLL_IN] = POLLIN | POLLRDNORM,
	[POLL_OUT] = POLLOUT | POLLWRNORM | POLLWRBAND,
	[POLL_MSG] = POLLIN | POLLRDNORM | POLLMSG,
	[POLL_ERR] = POLLERR,
	[POLL_PRI] = POLLPRI | POLLRDBAND,
	[POLL_HUP] = POLLHUP | POLLERR,
};

static enum pid_type owner_type(int type)
{
	switch (type) {
	case F_OWNER_TID:
		return PIDTYPE_PID;
	case F_OWNER_PGRP:
		return PIDTYPE_PGID;
	default:
		return PIDTYPE_TGID;
	}
}

/* fcntl(2): with F_SETSIG the signal tells which descriptor and why; when that
 * cannot be queued it is a plain SIGIO. */
static void send_sigio(const struct fown *owner, int fd, int band)
{
	enum pid_type type = owner_type(owner->type);
	kernel_siginfo_t info = {.si_signo = owner->sig};

	if (owner->sig) {
		info.si_code =
			sig_in(owner->sig, OWN_CODES_MASK) ? SI_SIGIO : band;
		info.si_band = bands[band];
		info.si_fd = fd;
		if (!kill_pid_as_ids(owner->sig, &info, owner->pid, type,
				     owner->uid, owner->euid))
			return;
	}
	(void)kill_pid_as_ids(SIGIO, SEND_SIG_PRIV, owner->pid, type,
			      owner->uid, owner->euid);
}

const struct fasync_ops sigio_ops = {
	.get_pid = get_pid,
	.put_pid = put_pid,
	.send_sigio = send_sigio,
};
