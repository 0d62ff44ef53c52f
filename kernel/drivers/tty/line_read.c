/*
 * line_read.c - N_TTY's readers: read(2), poll(2), FIONREAD, and what a
 * change of settings means for input that waits, termios(3).
 *
 * In canonical mode a read gives at most one line; in raw mode VMIN and
 * VTIME rule.  A pty's master in packet mode is told of its slave's changes
 * by a byte in front.
 *
 * Locks: ld.lock guards the ring; read_mutex makes readers take turns;
 * termios_rwsem is held for reading except while asleep.
 *
 * Entry points: n_tty_read, n_tty_poll, n_tty_chars_available,
 * n_tty_flush_input, n_tty_set_termios.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/poll.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/bitmap.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

#define DECISECOND_NS	100000000LL
#define UNTHROTTLE_ROOM (N_TTY_BUF / 2)
#define READ_CHUNK	256

/* A reader made room: let the line go on. */
static void made_room(struct tty_struct *tty)
{
	if (n_tty_buffered(&tty->ld) <= UNTHROTTLE_ROOM &&
	    test_and_clear_bit(TTY_THROTTLED, &tty->flags)) {
		if (i_flag(tty, IXOFF) && tty->ops->send_xchar)
			tty->ops->send_xchar(tty, control_char(tty, VSTART));
	}
	if (READ_ONCE(tty->rx_head) != READ_ONCE(tty->rx_tail))
		schedule_work(&tty->rx_work);
}

/* Is there something to read: a line, or @min characters? */
static bool input_available(const struct tty_struct *tty, size_t min_chars)
{
	const struct n_tty *ld = &tty->ld;

	if (l_flag(tty, ICANON) && !l_flag(tty, EXTPROC))
		return READ_ONCE(ld->canon_head) != READ_ONCE(ld->tail);
	return n_tty_buffered(ld) >= (min_chars ? min_chars : 1);
}

/*
 * Copy from the ring to @out, at most to the end of the line.  *@done says
 * that the line ended.  ld.lock held.
 */
static size_t take_canon(struct n_tty *ld, u8 *out, size_t n, bool *done)
{
	size_t len = 0;
	bool delim;
	u8 ch;

	*done = false;
	while (len < n && ld->tail != ld->canon_head) {
		ch = n_tty_at(ld, ld->tail);
		delim = test_bit(ld->tail % N_TTY_BUF, ld->delim);
		ld->tail++;
		if (!delim || ch != _POSIX_VDISABLE)
			out[len++] = ch;
		if (delim) {
			*done = true;
			break;
		}
	}
	/* A read that takes the whole line but its EOF takes that too. */
	if (!*done && len == n && ld->tail != ld->canon_head &&
	    test_bit(ld->tail % N_TTY_BUF, ld->delim) &&
	    n_tty_at(ld, ld->tail) == _POSIX_VDISABLE) {
		ld->tail++;
		*done = true;
	}
	return len;
}

static size_t take_raw(struct n_tty *ld, u8 *out, size_t n)
{
	size_t len = 0;

	while (len < n && ld->tail != ld->head)
		out[len++] = n_tty_at(ld, ld->tail++);
	if (ld->canon_head - ld->tail > ld->head - ld->tail)
		ld->canon_head = ld->tail;
	return len;
}

/* Move what is there to the reader.  Bytes or -EFAULT; *@done: stop here. */
static ssize_t copy_input(struct tty_struct *tty, struct iov_iter *iter,
			  bool *done)
{
	struct n_tty *ld = &tty->ld;
	u8 chunk[READ_CHUNK];
	size_t n, total = 0;

	*done = false;
	do {
		mutex_lock(&ld->lock);
		n = min(iov_iter_count(iter), sizeof(chunk));
		if (l_flag(tty, ICANON) && !l_flag(tty, EXTPROC))
			n = take_canon(ld, chunk, n, done);
		else
			n = take_raw(ld, chunk, n);
		mutex_unlock(&ld->lock);
		if (n && copy_to_iter(chunk, n, iter) != n)
			return total ? (ssize_t)total : -EFAULT;
		total += n;
	} while (n && !*done && iov_iter_count(iter));
	return total;
}

/* Has the line ended for this reader? */
static bool read_ended(const struct tty_struct *tty, const struct tty_file *tf)
{
	return READ_ONCE(tf->hung_up) ||
	       test_bit(TTY_OTHER_CLOSED, &tty->flags);
}

/* ioctl_tty(2), TIOCPKT: has the slave something to tell its master? */
static bool packet_pending(const struct tty_struct *tty)
{
	return tty->packet && tty->link && READ_ONCE(tty->link->pktstatus);
}

/* The byte that tells it.  1 or -EFAULT. */
static ssize_t read_packet_status(struct tty_struct *tty, struct iov_iter *iter)
{
	struct tty_struct *slave = tty->link;
	u8 status;

	spin_lock_irq(&slave->ctrl_lock);
	status = slave->pktstatus;
	slave->pktstatus = 0;
	spin_unlock_irq(&slave->ctrl_lock);
	return copy_to_iter(&status, 1, iter) == 1 ? 1 : -EFAULT;
}

/* Sleep for input up to @timeout_ns.  Time left, 0 for none, or -errno. */
static s64 wait_input(struct tty_struct *tty, struct tty_file *tf,
		      size_t min_chars, s64 timeout_ns)
{
	s64 left;

	up_read(&tty->termios_rwsem);
	left = wait_event_interruptible_timeout_ns(
		&tty->read_wait,
		input_available(tty, min_chars) || read_ended(tty, tf) ||
			packet_pending(tty) ||
			atomic_read(&tty->ldisc_changers),
		timeout_ns);
	down_read(&tty->termios_rwsem);
	return left;
}

/* How many characters to wait for, and how long: termios(3), four cases. */
static void read_rules(const struct tty_struct *tty, size_t *min_chars,
		       s64 *timeout_ns)
{
	u8 vmin = control_char(tty, VMIN), vtime = control_char(tty, VTIME);

	*min_chars = 1;
	*timeout_ns = INT64_MAX;
	if (l_flag(tty, ICANON))
		return;
	*min_chars = vmin;
	if (!vmin)
		*timeout_ns = vtime * DECISECOND_NS;
}

/*
 * Have the discipline take what was received, now: a reader must not be told
 * that there is nothing because a worker has not run yet.  May sleep.
 */
static void finish_receiving(struct tty_struct *tty)
{
	if (READ_ONCE(tty->rx_head) == READ_ONCE(tty->rx_tail))
		return;
	schedule_work(&tty->rx_work);
	flush_work(&tty->rx_work);
}

/* The same with termios_rwsem held; true if there is input now. */
static bool finish_receiving_locked(struct tty_struct *tty)
{
	up_read(&tty->termios_rwsem);
	finish_receiving(tty);
	down_read(&tty->termios_rwsem);
	return input_available(tty, 0);
}

/* The loop of a read, termios_rwsem held for reading. */
static ssize_t read_loop(struct tty_struct *tty, struct tty_file *tf,
			 struct iov_iter *iter)
{
	static const u8 packet_data = TIOCPKT_DATA;
	ssize_t total = 0, n = 0;
	size_t min_chars;
	s64 timeout_ns, left;
	bool done = false;
	bool ended;

	read_rules(tty, &min_chars, &timeout_ns);
	while (iov_iter_count(iter) && !done) {
		if (!total && packet_pending(tty))
			return read_packet_status(tty, iter);
		/* Asked first: what came before the end must be found. */
		ended = read_ended(tty, tf);
		if (!input_available(tty, 0) && !finish_receiving_locked(tty)) {
			if (ended) {
				n = test_bit(TTY_OTHER_CLOSED, &tty->flags)
					    ? -EIO
					    : 0;
				break;
			}
			if (!l_flag(tty, ICANON) &&
			    total >= (ssize_t)min_chars &&
			    (total || !timeout_ns))
				break;
			if (tty_io_nonblock(tty, tf->file)) {
				n = -EAGAIN;
				break;
			}
			left = wait_input(tty, tf, 1, timeout_ns);
			if (left <= 0) {
				n = left;
				break;
			}
			continue;
		}
		if (!total && tty->packet) {
			if (copy_to_iter(&packet_data, 1, iter) != 1)
				return -EFAULT;
			total = 1;
		}
		n = copy_input(tty, iter, &done);
		if (n < 0)
			break;
		total += n;
		n = 0;
		made_room(tty);
		if (l_flag(tty, ICANON))
			break;
		if (total >= (ssize_t)min_chars)
			break;
		/* VMIN and VTIME: the timer runs between characters. */
		if (control_char(tty, VTIME))
			timeout_ns = control_char(tty, VTIME) * DECISECOND_NS;
	}
	return total ? total : n;
}

/*
 * n_tty_read - read(2) from a terminal.  May sleep.
 */
ssize_t n_tty_read(struct tty_struct *tty, struct tty_file *tf,
		   struct iov_iter *iter)
{
	ssize_t ret;
	int err;

	err = tty_check_read(tty);
	if (err)
		return err;
	if (tf->file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&tty->read_mutex))
			return -EAGAIN;
	} else {
		err = mutex_lock_interruptible(&tty->read_mutex);
		if (err)
			return -ERESTARTSYS;
	}
	down_read(&tty->termios_rwsem);
	ret = -EOPNOTSUPP; /* it was changed as we came */
	if (tty->ldisc == N_TTY)
		ret = read_loop(tty, tf, iter);
	up_read(&tty->termios_rwsem);
	mutex_unlock(&tty->read_mutex);
	return ret;
}

/*
 * n_tty_poll - poll(2) of a terminal.
 */
u32 n_tty_poll(struct tty_struct *tty, struct tty_file *tf,
	       struct poll_table *table)
{
	size_t min_chars = 1;
	u32 mask = 0;

	poll_wait(tf->file, &tty->read_wait, table);
	poll_wait(tf->file, &tty->write_wait, table);
	/* First: POLLHUP without POLLIN means that all has been read. */
	if (read_ended(tty, tf))
		mask |= POLLHUP;
	if (!l_flag(tty, ICANON) && !control_char(tty, VTIME) &&
	    control_char(tty, VMIN))
		min_chars = control_char(tty, VMIN);
	if (!input_available(tty, min_chars))
		finish_receiving(tty);
	if (input_available(tty, min_chars))
		mask |= POLLIN | POLLRDNORM;
	if (packet_pending(tty))
		mask |= POLLPRI | POLLIN | POLLRDNORM;
	if (tty->ops->write_room(tty) > 8)
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

/*
 * n_tty_chars_available - FIONREAD.
 */
size_t n_tty_chars_available(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	size_t n = 0, pos;

	mutex_lock(&ld->lock);
	if (l_flag(tty, ICANON) && !l_flag(tty, EXTPROC)) {
		for (pos = ld->tail; pos != ld->canon_head; pos++)
			if (!test_bit(pos % N_TTY_BUF, ld->delim) ||
			    n_tty_at(ld, pos) != _POSIX_VDISABLE)
				n++;
	} else {
		n = n_tty_buffered(ld);
	}
	mutex_unlock(&ld->lock);
	return n;
}

/*
 * n_tty_flush_input - throw away what was not read.
 */
void n_tty_flush_input(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	u16 entry;

	mutex_lock(&ld->lock);
	while (tty_rx_take(tty, &entry))
		;
	ld->head = ld->tail = ld->canon_head = 0;
	ld->erasing = false;
	mutex_unlock(&ld->lock);
	n_tty_packet_flush(tty);
	made_room(tty);
	if (tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}

/*
 * n_tty_set_termios - settings changed from @old.  What was typed so far
 * becomes readable when canonical mode goes, and one line when it comes.
 */
void n_tty_set_termios(struct tty_struct *tty, const struct termios2 *old)
{
	struct n_tty *ld = &tty->ld;

	mutex_lock(&ld->lock);
	if ((old->c_lflag ^ tty->termios.c_lflag) & (ICANON | EXTPROC)) {
		bitmap_zero(ld->delim, N_TTY_BUF);
		if (l_flag(tty, ICANON) && ld->head != ld->tail) {
			/* Linux: the last character counts as the end. */
			set_bit((ld->head - 1) % N_TTY_BUF, ld->delim);
			ld->canon_head = ld->head;
		} else {
			ld->canon_head = ld->tail;
		}
		ld->erasing = ld->lnext = false;
	}
	mutex_unlock(&ld->lock);
	if (!i_flag(tty, IXON) && (old->c_iflag & IXON) && tty->stopped &&
	    !tty->tco_stopped) {
		start_tty(tty);
		flush_echoes(tty);
	}
	wake_up_all(&tty->read_wait);
	wake_up_all(&tty->write_wait);
	schedule_work(&tty->rx_work);
}
