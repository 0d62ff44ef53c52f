/*
 * line_discipline.c - N_TTY's way in: from received characters to lines,
 * termios(3).
 *
 * Drivers put characters into the line's rx ring; a worker takes them from
 * there, one by one, through n_tty_receive(), which maps them (ICRNL and
 * kin), acts on those that mean something (^C, ^S, erase) and stores the
 * rest in a ring of 4,096.  In canonical mode a line becomes readable as a
 * whole when its end arrives.  line_edit.c has the keys that change the line
 * before that, line_read.c the reader's side.
 *
 * Locks: ld.lock guards the ring; signals are sent under it (it is a mutex).
 *
 * Entry points: n_tty_receive, n_tty_receive_work, n_tty_init.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <fs/vfs/fasync.h>
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

/*
 * n_tty_init - an empty line.
 */
void n_tty_init(struct tty_struct *tty)
{
	mutex_init(&tty->ld.lock, LOCK_TTY_LDISC);
	mutex_init(&tty->ld.output_lock, LOCK_TTY_OUTPUT);
	INIT_WORK(&tty->rx_work, n_tty_receive_work);
}

/*
 * n_tty_has_room - is there place for one more character?  A full canonical
 * line still takes characters: they are dropped with a bell.
 */
bool n_tty_has_room(const struct tty_struct *tty)
{
	const struct n_tty *ld = &tty->ld;

	if (n_tty_buffered(ld) < N_TTY_BUF - 2)
		return true;
	return l_flag(tty, ICANON) && !l_flag(tty, EXTPROC) &&
	       ld->canon_head == ld->tail;
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
	kill_fasync(&tty->fasync, POLL_IN);
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
}

/*
 * n_tty_packet_flush - a flush of input, told to a master in packet mode.
 */
void n_tty_packet_flush(struct tty_struct *tty)
{
	if (!tty->link || !tty->link->packet)
		return;
	spin_lock_irq(&tty->ctrl_lock);
	tty->pktstatus |= TIOCPKT_FLUSHREAD;
	spin_unlock_irq(&tty->ctrl_lock);
	wake_up_all_poll(&tty->link->read_wait, POLLIN | POLLPRI);
}

/* Throw away input and output unless NOFLSH, tell the group. */
static void signal_group(struct tty_struct *tty, int sig)
{
	struct n_tty *ld = &tty->ld;

	if (!l_flag(tty, NOFLSH)) {
		ld->head = ld->tail = ld->canon_head = 0;
		ld->erasing = ld->lnext = false;
		if (tty->ops->flush_buffer)
			tty->ops->flush_buffer(tty);
		drop_echoes(tty);
		n_tty_packet_flush(tty);
	}
	tty_signal_pgrp(tty, sig);
}

/* ISIG: a character that does so; output goes on, and it is seen. */
static void signal_char(struct tty_struct *tty, int sig, u8 ch)
{
	signal_group(tty, sig);
	if (tty->stopped && i_flag(tty, IXON))
		start_tty(tty);
	if (l_flag(tty, ECHO))
		echo_char(tty, ch);
	else
		flush_echoes(tty);
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
		flush_echoes(tty);
		return true;
	}
	if (ch == control_char(tty, VSTOP)) {
		stop_tty(tty);
		return true;
	}
	return false;
}

/* The echo of a character that is not a control: where a line begins counts. */
static void echo_input(struct tty_struct *tty, u8 ch)
{
	struct n_tty *ld = &tty->ld;

	if (ld->head == ld->canon_head)
		echo_line_begins(tty);
	echo_char(tty, ch);
}

/* A character that ends a line.  True when @ch was one. */
static bool check_line_end(struct tty_struct *tty, u8 ch)
{
	if (ch == '\n') {
		if (l_flag(tty, ECHO) || l_flag(tty, ECHONL))
			echo_char_raw(tty, ch);
		end_line(tty, ch);
		return true;
	}
	if (ch == _POSIX_VDISABLE)
		return false;
	if (ch == control_char(tty, VEOF)) {
		end_line(tty, _POSIX_VDISABLE);
		return true;
	}
	if (ch != control_char(tty, VEOL) &&
	    (ch != control_char(tty, VEOL2) || !l_flag(tty, IEXTEN)))
		return false;
	if (l_flag(tty, ECHO))
		echo_input(tty, ch);
	/* Doubled where there is room for both. */
	if (ch == 0xff && i_flag(tty, PARMRK) &&
	    n_tty_buffered(&tty->ld) < N_TTY_BUF - 1)
		put_char(&tty->ld, ch);
	end_line(tty, ch);
	return true;
}

static void ring_bell(struct tty_struct *tty)
{
	if (i_flag(tty, IMAXBEL))
		echo_char_raw(tty, '\a');
}

/* Keep @ch as input, echoed; @special: a newline moves the cursor. */
static void store_char(struct tty_struct *tty, u8 ch, bool special)
{
	struct n_tty *ld = &tty->ld;

	/* The last place is for the end of the line. */
	if (n_tty_buffered(ld) >= N_TTY_BUF - 1) {
		ring_bell(tty);
		return;
	}
	if (l_flag(tty, ECHO)) {
		n_tty_finish_erasing(tty);
		if (ch == '\n' && special)
			echo_char_raw(tty, ch);
		else
			echo_input(tty, ch);
	}
	if (ch == 0xff && i_flag(tty, PARMRK) &&
	    n_tty_buffered(ld) < N_TTY_BUF - 2)
		put_char(ld, ch);
	put_char(ld, ch);
}

/* A break, a parity or framing error, as c_iflag says. */
static void receive_error(struct tty_struct *tty, u8 ch, u8 flag)
{
	if (flag == TTY_BREAK) {
		if (i_flag(tty, IGNBRK))
			return;
		if (i_flag(tty, BRKINT)) {
			signal_group(tty, SIGINT);
			return;
		}
		ch = 0;
	} else if (flag == TTY_PARITY || flag == TTY_FRAME) {
		if (!i_flag(tty, INPCK)) {
			store_char(tty, ch, false);
			return;
		}
		if (i_flag(tty, IGNPAR))
			return;
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
}

/* ISTRIP and IUCLC, which come first; letters are Latin-1's. */
static u8 fold_input(const struct tty_struct *tty, u8 ch)
{
	if (i_flag(tty, ISTRIP))
		ch &= 0x7f;
	if (!i_flag(tty, IUCLC) || !l_flag(tty, IEXTEN))
		return ch;
	if ((ch >= 'A' && ch <= 'Z') ||
	    (ch >= 0xc0 && ch <= 0xde && ch != 0xd7))
		ch += 'a' - 'A';
	return ch;
}

/* CR and NL for each other.  False: the character is ignored. */
static bool map_newline(const struct tty_struct *tty, u8 *ch)
{
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

/* Does ISIG, IXON or ICANON know @ch, or a mapping of CR and NL? */
static bool is_special(const struct tty_struct *tty, u8 ch)
{
	static const u8 chars[] = {VINTR,  VQUIT, VSUSP,   VSTART, VSTOP,
				   VERASE, VKILL, VEOF,	   VEOL,   VWERASE,
				   VLNEXT, VEOL2, VREPRINT};
	unsigned int from = l_flag(tty, ISIG) ? 0 : 3;
	unsigned int i, to = 5;

	if (ch == '\r' && i_flag(tty, IGNCR | ICRNL))
		return true;
	if (ch == '\n' && (i_flag(tty, INLCR) || l_flag(tty, ICANON)))
		return true;
	if (ch == _POSIX_VDISABLE)
		return false;
	if (l_flag(tty, ICANON)) {
		to = 9;
		if (l_flag(tty, IEXTEN))
			to = l_flag(tty, ECHO) ? 13 : 12;
	}
	for (i = from; i < to; i++) {
		if ((i == 3 || i == 4) && !i_flag(tty, IXON))
			continue;
		if (ch == control_char(tty, chars[i]))
			return true;
	}
	return false;
}

/* IXANY: whatever is typed lets output go on. */
static void restart_by_any(struct tty_struct *tty)
{
	if (!i_flag(tty, IXON) || !i_flag(tty, IXANY) || !tty->stopped ||
	    tty->tco_stopped)
		return;
	start_tty(tty);
	flush_echoes(tty);
}

static void receive_special(struct tty_struct *tty, u8 ch)
{
	if (check_flow_char(tty, ch) || check_signal_char(tty, ch))
		return;
	restart_by_any(tty);
	if (!map_newline(tty, &ch))
		return;
	if (l_flag(tty, ICANON) &&
	    (n_tty_edit_char(tty, ch) || check_line_end(tty, ch)))
		return;
	store_char(tty, ch, true);
}

static void receive_ordinary(struct tty_struct *tty, u8 ch)
{
	restart_by_any(tty);
	store_char(tty, ch, false);
}

/*
 * n_tty_receive - see internal.h.  May sleep (echo), sends signals.
 */
void n_tty_receive(struct tty_struct *tty, u8 ch, u8 flag)
{
	struct n_tty *ld = &tty->ld;
	bool literal = ld->lnext;

	ld->lnext = false;
	if (flag != TTY_NORMAL) {
		receive_error(tty, ch, flag);
		return;
	}
	ch = fold_input(tty, ch);
	if (literal)
		receive_ordinary(tty, ch);
	else if (l_flag(tty, EXTPROC))
		put_char(ld, ch);
	else if (is_special(tty, ch))
		receive_special(tty, ch);
	else
		receive_ordinary(tty, ch);
}

/*
 * n_tty_received - see internal.h.  A canonical line was told by its end.
 */
void n_tty_received(struct tty_struct *tty)
{
	flush_echoes(tty);
	if (l_flag(tty, ICANON) && !l_flag(tty, EXTPROC))
		return;
	if (n_tty_buffered(&tty->ld) == 0)
		return;
	kill_fasync(&tty->fasync, POLL_IN);
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
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
	bool full = tty->ldisc != N_TTY, any = false;
	u16 entry;

	down_read(&tty->termios_rwsem);
	mutex_lock(&tty->ld.lock);
	while (tty->ldisc == N_TTY) {
		full = !n_tty_has_room(tty);
		if (full || !tty_rx_take(tty, &entry))
			break;
		n_tty_receive(tty, entry & 0xff, entry >> 8);
		any = true;
	}
	if (any)
		n_tty_received(tty);
	if (full)
		check_throttle(tty);
	mutex_unlock(&tty->ld.lock);
	up_read(&tty->termios_rwsem);
	if (!full && tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}
