/*
 * line_discipline.c - N_TTY: from received characters to lines, termios(3).
 *
 * Drivers put characters into the line's rx ring; a worker takes them from
 * there, one by one, through n_tty_receive(), which maps them (ICRNL and
 * kin), acts on those that mean something (^C, ^S, erase) and stores the
 * rest in a ring of 4,096.  In canonical mode a line becomes readable as a
 * whole when its end arrives; in raw mode VMIN and VTIME rule.
 *
 * Locks: ld.lock guards the ring; signals are sent under it (it is a mutex).
 * read_mutex makes readers take turns.
 *
 * Entry points: n_tty_receive_work, n_tty_read, n_tty_poll,
 * n_tty_set_termios, n_tty_flush_input.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/signal.h>
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

/*
 * n_tty_init - an empty line.
 */
void n_tty_init(struct tty_struct *tty)
{
	mutex_init(&tty->ld.lock, LOCK_TTY_LDISC);
	mutex_init(&tty->ld.output_lock, LOCK_TTY_OUTPUT);
	INIT_WORK(&tty->rx_work, n_tty_receive_work);
}

static size_t buffered(const struct n_tty *ld)
{
	return ld->head - ld->tail;
}

static u8 at(const struct n_tty *ld, size_t pos)
{
	return ld->buf[pos % N_TTY_BUF];
}

/*
 * n_tty_has_room - is there place for one more character?  A full canonical
 * line still takes characters: they are dropped with a bell.
 */
bool n_tty_has_room(const struct tty_struct *tty)
{
	const struct n_tty *ld = &tty->ld;

	if (buffered(ld) < N_TTY_BUF - 2)
		return true;
	return l_flag(tty, ICANON) && ld->canon_head == ld->tail;
}

static void put_char(struct n_tty *ld, u8 ch)
{
	clear_bit(ld->head % N_TTY_BUF, ld->delim);
	ld->buf[ld->head++ % N_TTY_BUF] = ch;
}

/* The line is complete, its end marked: readers may have it. */
static void end_line(struct tty_struct *tty, u8 ch)
{
	struct n_tty *ld = &tty->ld;
	size_t pos = ld->head;

	put_char(ld, ch);
	set_bit(pos % N_TTY_BUF, ld->delim);
	WRITE_ONCE(ld->canon_head, ld->head);
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
}

static bool is_continuation(const struct tty_struct *tty, u8 ch)
{
	return i_flag(tty, IUTF8) && (ch & 0xc0) == 0x80;
}

/* Columns from the start of the line to @end, for erasing a tab. */
static unsigned int column_of(struct tty_struct *tty, size_t end)
{
	struct n_tty *ld = &tty->ld;
	unsigned int column = ld->canon_column;
	size_t pos;
	u8 ch;

	for (pos = ld->canon_head; pos != end; pos++) {
		ch = at(ld, pos);
		if (ch == '\t')
			column = (column | 7) + 1;
		else if (ch < ' ' || ch == 0x7f)
			column += l_flag(tty, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(tty, ch))
			column++;
	}
	return column;
}

/* Take the erased character @ch off the screen; it stood at ld->head. */
static void echo_erase(struct tty_struct *tty, u8 ch)
{
	unsigned int from, to;

	if (ch == '\t') {
		to = column_of(tty, tty->ld.head);
		from = output_column(tty);
		while (from-- > to)
			echo_char_raw(tty, '\b');
		return;
	}
	if ((ch < ' ' || ch == 0x7f) && l_flag(tty, ECHOCTL))
		echo_string(tty, "\b \b");
	if ((ch >= ' ' && ch != 0x7f) || l_flag(tty, ECHOCTL))
		echo_string(tty, "\b \b");
}

static void finish_erasing(struct tty_struct *tty)
{
	if (tty->ld.erasing) {
		echo_char_raw(tty, '/');
		tty->ld.erasing = false;
	}
}

/* Drop the last character (all its UTF-8 bytes) and show it. */
static void erase_one(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	size_t pos = ld->head;
	u8 ch;

	do
		ch = at(ld, --pos);
	while (is_continuation(tty, ch) && pos != ld->canon_head);
	ld->head = pos;
	if (!l_flag(tty, ECHO))
		return;
	if (l_flag(tty, ECHOPRT)) {
		if (!ld->erasing) {
			echo_char_raw(tty, '\\');
			ld->erasing = true;
		}
		echo_char(tty, ch);
	} else if (!l_flag(tty, ECHOE)) {
		echo_char(tty, control_char(tty, VERASE));
	} else {
		echo_erase(tty, ch);
	}
}

static bool is_word_char(u8 ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= 'a' && ch <= 'z') || ch == '_' || ch >= 0x80;
}

static void erase_word(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	bool seen = false;

	while (ld->head != ld->canon_head) {
		if (is_word_char(at(ld, ld->head - 1)))
			seen = true;
		else if (seen)
			break;
		erase_one(tty);
	}
}

static void kill_line(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;

	if (!l_flag(tty, ECHO) ||
	    (l_flag(tty, ECHOK) && l_flag(tty, ECHOKE) && l_flag(tty, ECHOE))) {
		if (!l_flag(tty, ECHO))
			ld->head = ld->canon_head;
		while (ld->head != ld->canon_head)
			erase_one(tty);
		return;
	}
	ld->head = ld->canon_head;
	finish_erasing(tty);
	echo_char(tty, control_char(tty, VKILL));
	if (l_flag(tty, ECHOK))
		echo_char_raw(tty, '\n');
}

static void reprint_line(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	size_t pos;

	finish_erasing(tty);
	echo_char(tty, control_char(tty, VREPRINT));
	echo_char_raw(tty, '\n');
	for (pos = ld->canon_head; pos != ld->head; pos++)
		echo_char(tty, at(ld, pos));
}

/* A flush of input, told to a master in packet mode. */
static void packet_flush(struct tty_struct *tty)
{
	if (!tty->link || !tty->link->packet)
		return;
	spin_lock_irq(&tty->ctrl_lock);
	tty->pktstatus |= TIOCPKT_FLUSHREAD;
	spin_unlock_irq(&tty->ctrl_lock);
	wake_up_all_poll(&tty->link->read_wait, POLLIN | POLLPRI);
}

/* ISIG: throw away input and output unless NOFLSH, tell the group. */
static void signal_char(struct tty_struct *tty, int sig, u8 ch)
{
	struct n_tty *ld = &tty->ld;

	if (!l_flag(tty, NOFLSH)) {
		ld->head = ld->tail = ld->canon_head = 0;
		ld->erasing = ld->lnext = false;
		if (tty->ops->flush_buffer)
			tty->ops->flush_buffer(tty);
		drop_echoes(tty);
		packet_flush(tty);
	}
	if (tty->stopped && i_flag(tty, IXON))
		start_tty(tty);
	tty_signal_pgrp(tty, sig);
	if (l_flag(tty, ECHO))
		echo_char(tty, ch);
}

/* ^C and kin.  True when @ch was one. */
static bool check_signal_char(struct tty_struct *tty, u8 ch)
{
	static const struct {
		int index, sig;
	} chars[] = {{VINTR, SIGINT}, {VQUIT, SIGQUIT}, {VSUSP, SIGTSTP}};
	unsigned int i;

	if (!l_flag(tty, ISIG) || ch == _POSIX_VDISABLE)
		return false;
	for (i = 0; i < ARRAY_SIZE(chars); i++) {
		if (ch == control_char(tty, chars[i].index)) {
			signal_char(tty, chars[i].sig, ch);
			return true;
		}
	}
	return false;
}

/* ^S and ^Q.  True when @ch was one. */
static bool check_flow_char(struct tty_struct *tty, u8 ch)
{
	if (!i_flag(tty, IXON) || ch == _POSIX_VDISABLE)
		return false;
	if (ch == control_char(tty, VSTART)) {
		start_tty(tty);
		return true;
	}
	if (ch == control_char(tty, VSTOP)) {
		stop_tty(tty);
		return true;
	}
	return false;
}

/* Erase, word erase, kill, reprint, literal next: canonical mode's keys. */
static bool check_edit_char(struct tty_struct *tty, u8 ch)
{
	struct n_tty *ld = &tty->ld;

	if (ch == _POSIX_VDISABLE)
		return false;
	if (ch == control_char(tty, VERASE)) {
		if (ld->head != ld->canon_head)
			erase_one(tty);
		return true;
	}
	if (ch == control_char(tty, VKILL)) {
		kill_line(tty);
		return true;
	}
	if (!l_flag(tty, IEXTEN))
		return false;
	if (ch == control_char(tty, VWERASE)) {
		erase_word(tty);
		return true;
	}
	if (ch == control_char(tty, VLNEXT)) {
		ld->lnext = true;
		if (l_flag(tty, ECHO)) {
			finish_erasing(tty);
			if (l_flag(tty, ECHOCTL))
				echo_string(tty, "^\b");
		}
		return true;
	}
	if (ch == control_char(tty, VREPRINT) && l_flag(tty, ECHO)) {
		reprint_line(tty);
		return true;
	}
	return false;
}

/* A character that ends a line.  True when @ch was one. */
static bool check_line_end(struct tty_struct *tty, u8 ch)
{
	bool eol = ch != _POSIX_VDISABLE &&
		   (ch == control_char(tty, VEOL) ||
		    (ch == control_char(tty, VEOL2) && l_flag(tty, IEXTEN)));

	if (ch == '\n' || eol) {
		if (l_flag(tty, ECHO) || (ch == '\n' && l_flag(tty, ECHONL))) {
			finish_erasing(tty);
			if (eol)
				echo_char(tty, ch);
			else
				echo_char_raw(tty, ch);
		}
		end_line(tty, ch);
		return true;
	}
	if (ch != _POSIX_VDISABLE && ch == control_char(tty, VEOF)) {
		end_line(tty, _POSIX_VDISABLE);
		return true;
	}
	return false;
}

static void ring_bell(struct tty_struct *tty)
{
	if (i_flag(tty, IMAXBEL))
		echo_char_raw(tty, '\a');
}

/* Keep @ch as input, echoed. */
static void store_char(struct tty_struct *tty, u8 ch)
{
	struct n_tty *ld = &tty->ld;

	/* The last place is for the end of the line. */
	if (buffered(ld) >= N_TTY_BUF - 1) {
		ring_bell(tty);
		return;
	}
	if (l_flag(tty, ECHO)) {
		finish_erasing(tty);
		if (ld->head == ld->canon_head)
			ld->canon_column = output_column(tty);
		if (ch == '\n')
			echo_char_raw(tty, ch);
		else
			echo_char(tty, ch);
	}
	if (ch == 0xff && i_flag(tty, PARMRK) && buffered(ld) < N_TTY_BUF - 2)
		put_char(ld, ch);
	put_char(ld, ch);
	if (!l_flag(tty, ICANON))
		wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
}

/* A break, a parity or framing error, as c_iflag says. */
static void receive_error(struct tty_struct *tty, u8 ch, u8 flag)
{
	if (flag == TTY_BREAK) {
		if (i_flag(tty, IGNBRK))
			return;
		if (i_flag(tty, BRKINT)) {
			signal_char(tty, SIGINT, 0);
			return;
		}
		ch = 0;
	} else if (flag == TTY_PARITY || flag == TTY_FRAME) {
		if (i_flag(tty, IGNPAR))
			return;
		if (!i_flag(tty, INPCK)) {
			store_char(tty, ch);
			return;
		}
	} else {
		return; /* an overrun: what came is gone */
	}
	if (i_flag(tty, PARMRK)) {
		put_char(&tty->ld, 0xff);
		put_char(&tty->ld, 0);
		put_char(&tty->ld, ch);
	} else {
		put_char(&tty->ld, 0);
	}
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
}

/* c_iflag's mappings.  False: the character is ignored. */
static bool map_input(const struct tty_struct *tty, u8 *ch)
{
	if (i_flag(tty, ISTRIP))
		*ch &= 0x7f;
	if (i_flag(tty, IUCLC) && l_flag(tty, IEXTEN) && *ch >= 'A' &&
	    *ch <= 'Z')
		*ch += 'a' - 'A';
	if (*ch == '\r') {
		if (i_flag(tty, IGNCR))
			return false;
		if (i_flag(tty, ICRNL))
			*ch = '\n';
	} else if (*ch == '\n' && i_flag(tty, INLCR)) {
		*ch = '\r';
	}
	return true;
}

/*
 * n_tty_receive - see internal.h.  May sleep (echo), sends signals.
 */
void n_tty_receive(struct tty_struct *tty, u8 ch, u8 flag)
{
	struct n_tty *ld = &tty->ld;

	if (l_flag(tty, EXTPROC)) {
		put_char(ld, ch);
		return;
	}
	if (ld->lnext) {
		ld->lnext = false;
		if (i_flag(tty, ISTRIP))
			ch &= 0x7f;
		store_char(tty, ch);
		return;
	}
	if (flag != TTY_NORMAL) {
		receive_error(tty, ch, flag);
		return;
	}
	if (check_flow_char(tty, ch))
		return;
	if (i_flag(tty, IXON) && i_flag(tty, IXANY) && tty->stopped)
		start_tty(tty);
	if (check_signal_char(tty, ch) || !map_input(tty, &ch))
		return;
	if (l_flag(tty, ICANON)) {
		if (check_edit_char(tty, ch) || check_line_end(tty, ch))
			return;
	}
	store_char(tty, ch);
}

static bool rx_take(struct tty_struct *tty, u16 *entry)
{
	unsigned long flags;
	bool any;

	spin_lock_irqsave(&tty->rx_lock, flags);
	any = tty->rx_head != tty->rx_tail;
	if (any)
		*entry = tty->rx[tty->rx_tail++ % TTY_RX];
	spin_unlock_irqrestore(&tty->rx_lock, flags);
	return any;
}

/* Input that does not fit: ask the other side to wait. */
static void check_throttle(struct tty_struct *tty)
{
	if (test_and_set_bit(TTY_THROTTLED, &tty->flags))
		return;
	if (i_flag(tty, IXOFF) && tty->ops->send_xchar)
		tty->ops->send_xchar(tty, control_char(tty, VSTOP));
}

/*
 * n_tty_receive_work - take what the driver received, as far as there is
 * room; readers start it again when they have made some.
 */
void n_tty_receive_work(struct work_struct *work)
{
	struct tty_struct *tty = container_of(work, struct tty_struct, rx_work);
	bool full = false;
	u16 entry;

	down_read(&tty->termios_rwsem);
	mutex_lock(&tty->ld.lock);
	for (;;) {
		full = !n_tty_has_room(tty);
		if (full || !rx_take(tty, &entry))
			break;
		n_tty_receive(tty, entry & 0xff, entry >> 8);
	}
	if (full)
		check_throttle(tty);
	mutex_unlock(&tty->ld.lock);
	up_read(&tty->termios_rwsem);
	if (!full && tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}

/* A reader made room: let the line go on. */
static void made_room(struct tty_struct *tty)
{
	if (buffered(&tty->ld) <= UNTHROTTLE_ROOM &&
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
	return buffered(ld) >= (min_chars ? min_chars : 1);
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
		ch = at(ld, ld->tail);
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
	    at(ld, ld->tail) == _POSIX_VDISABLE) {
		ld->tail++;
		*done = true;
	}
	return len;
}

static size_t take_raw(struct n_tty *ld, u8 *out, size_t n)
{
	size_t len = 0;

	while (len < n && ld->tail != ld->head)
		out[len++] = at(ld, ld->tail++);
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
	return READ_ONCE(tf->hung_up) || test_bit(TTY_HUPPED, &tty->flags) ||
	       test_bit(TTY_OTHER_CLOSED, &tty->flags);
}

/* ioctl_tty(2), TIOCPKT: has the slave something to tell its master? */
static bool packet_pending(const struct tty_struct *tty)
{
	return tty->packet && tty->link && READ_ONCE(tty->link->pktstatus);
}

/* The byte that tells it.  1 or -EFAULT. */
static ssize_t read_packet_status(struct tty_struct *tty,
				  struct iov_iter *iter)
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
			packet_pending(tty),
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

	read_rules(tty, &min_chars, &timeout_ns);
	while (iov_iter_count(iter) && !done) {
		if (!total && packet_pending(tty))
			return read_packet_status(tty, iter);
		if (!input_available(tty, 0) && !finish_receiving_locked(tty)) {
			if (read_ended(tty, tf)) {
				n = test_bit(TTY_OTHER_CLOSED, &tty->flags)
					    ? -EIO
					    : 0;
				break;
			}
			if (!l_flag(tty, ICANON) &&
			    total >= (ssize_t)min_chars &&
			    (total || !timeout_ns))
				break;
			if (tf->file->f_flags & O_NONBLOCK) {
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
	if (!l_flag(tty, ICANON) && !control_char(tty, VTIME) &&
	    control_char(tty, VMIN))
		min_chars = control_char(tty, VMIN);
	if (!input_available(tty, min_chars))
		finish_receiving(tty);
	if (input_available(tty, min_chars))
		mask |= POLLIN | POLLRDNORM;
	if (packet_pending(tty))
		mask |= POLLPRI | POLLIN | POLLRDNORM;
	if (read_ended(tty, tf))
		mask |= POLLHUP;
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
			    at(ld, pos) != _POSIX_VDISABLE)
				n++;
	} else {
		n = buffered(ld);
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
	while (rx_take(tty, &entry))
		;
	ld->head = ld->tail = ld->canon_head = 0;
	ld->lnext = ld->erasing = false;
	mutex_unlock(&ld->lock);
	packet_flush(tty);
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
	if (!i_flag(tty, IXON) && (old->c_iflag & IXON) && tty->stopped)
		start_tty(tty);
	wake_up_all(&tty->read_wait);
	wake_up_all(&tty->write_wait);
	schedule_work(&tty->rx_work);
}
