/*
 * line_output.c - N_TTY's way out: output processing and echoes.
 *
 * A write is processed (OPOST) character by character into a small buffer
 * and handed to the driver while that has room; then the writer sleeps on
 * write_wait.  Echoes never sleep: they wait in a ring of their own until all
 * that has come is looked at, and while there is no room, and go out before
 * anything else.
 *
 * Locks: output_lock guards column, echo ring and the order of bytes.
 *
 * Entry points: n_tty_write, echo_char, echo_char_raw, flush_echoes.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/fasync.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

#define WRITE_CHUNK 256
#define ECHO_COMMIT 256 /* so many do not wait for the end of the input */

static size_t write_room(struct tty_struct *tty)
{
	return tty->ops->write_room(tty);
}

static size_t echoes_left(const struct n_tty *ld)
{
	return ld->echo_head - ld->echo_tail;
}

/*
 * drop_echoes - output is flushed: tcflush(3).
 */
void drop_echoes(struct tty_struct *tty)
{
	mutex_lock(&tty->ld.output_lock);
	tty->ld.echo_tail = tty->ld.echo_head;
	mutex_unlock(&tty->ld.output_lock);
}

static unsigned int put_tab(struct tty_struct *tty, u8 *out)
{
	unsigned int n = 8 - (tty->ld.column & 7);

	tty->ld.column += n;
	if ((tty->termios.c_oflag & TABDLY) == XTABS) {
		memset(out, ' ', n);
		return n;
	}
	out[0] = '\t';
	return 1;
}

/* termios(3), OPOST: @ch as up to 8 bytes in @out; how many. */
static unsigned int process_output(struct tty_struct *tty, u8 ch, u8 *out)
{
	struct n_tty *ld = &tty->ld;
	unsigned int n = 0;

	switch (ch) {
	case '\n':
		if (o_flag(tty, ONLRET))
			ld->column = 0;
		if (o_flag(tty, ONLCR)) {
			ld->column = 0;
			out[n++] = '\r';
		}
		ld->canon_column = ld->column;
		break;
	case '\r':
		if (o_flag(tty, ONOCR) && ld->column == 0)
			return 0;
		if (o_flag(tty, OCRNL)) {
			ch = '\n';
			if (o_flag(tty, ONLRET))
				ld->column = ld->canon_column = 0;
			break;
		}
		ld->column = ld->canon_column = 0;
		break;
	case '\t':
		return put_tab(tty, out);
	case '\b':
		if (ld->column)
			ld->column--;
		break;
	default:
		if (ch < ' ' || ch == 0x7f)
			break;
		if (o_flag(tty, OLCUC) &&
		    ((ch >= 'a' && ch <= 'z') || (ch >= 0xdf && ch != 0xf7)))
			ch -= 'a' - 'A';
		if (!(i_flag(tty, IUTF8) && (ch & 0xc0) == 0x80))
			ld->column++;
		break;
	}
	out[n++] = ch;
	return n;
}

/* --- echoes --- */

/* In the ring: a character to be written, or this and what to do. */
#define ECHO_ESCAPE	0xff /* itself; control characters: as ^X */
#define ECHO_MOVE_BACK	0x80 /* the last one took no column */
#define ECHO_SET_COLUMN 0x81 /* here the line begins */
#define ECHO_ERASE_TAB                                                         \
	0x82 /* and columns since the last tab | 0x80, or begin */

static u8 echo_at(const struct n_tty *ld, size_t pos)
{
	return ld->echo[pos % ECHO_BUF];
}

static unsigned int erase_tab(struct n_tty *ld, u8 columns, u8 *out)
{
	unsigned int n = columns;

	if (!(n & 0x80))
		n += ld->canon_column;
	n = 8 - (n & 7);
	ld->column -= min(n, ld->column);
	memset(out, '\b', n);
	return n;
}

/* What the echo at the tail writes, up to 8 bytes in @out; it is taken. */
static unsigned int take_echo(struct tty_struct *tty, u8 *out)
{
	struct n_tty *ld = &tty->ld;
	u8 ch = echo_at(ld, ld->echo_tail++);

	if (ch != ECHO_ESCAPE) {
		if (o_flag(tty, OPOST))
			return process_output(tty, ch, out);
		out[0] = ch;
		return 1;
	}
	ch = echo_at(ld, ld->echo_tail++);
	switch (ch) {
	case ECHO_MOVE_BACK:
		ld->column -= min(ld->column, 1U);
		return 0;
	case ECHO_SET_COLUMN:
		ld->canon_column = ld->column;
		return 0;
	case ECHO_ERASE_TAB:
		return erase_tab(ld, echo_at(ld, ld->echo_tail++), out);
	case ECHO_ESCAPE:
		out[0] = ch;
		ld->column++;
		return 1;
	default:
		out[0] = '^';
		out[1] = ch ^ 0x40;
		ld->column += 2;
		return 2;
	}
}

/* Echoes that wait go to the driver; what it does not take, because output has
 * been stopped just now, goes on waiting.  True when none is left. */
static bool flush_echoes_locked(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	u8 out[WRITE_CHUNK + 8];
	unsigned int column, canon_column;
	size_t room, used, tail;

	while (echoes_left(ld)) {
		room = min(write_room(tty), sizeof(out));
		if (room < 8)
			return false;
		tail = ld->echo_tail;
		column = ld->column;
		canon_column = ld->canon_column;
		for (used = 0; echoes_left(ld) && used + 8 <= room;)
			used += take_echo(tty, out + used);
		if (used && !tty->ops->write(tty, out, used)) {
			ld->echo_tail = tail;
			ld->column = column;
			ld->canon_column = canon_column;
			return false;
		}
	}
	return true;
}

/*
 * flush_echoes - the driver may have room again.  May sleep.
 */
void flush_echoes(struct tty_struct *tty)
{
	mutex_lock(&tty->ld.output_lock);
	(void)flush_echoes_locked(tty);
	mutex_unlock(&tty->ld.output_lock);
}

/* Put bytes behind the echoes that wait; too many are lost, as on Linux. */
static void queue_echo(struct tty_struct *tty, const u8 *bytes, size_t n)
{
	struct n_tty *ld = &tty->ld;
	size_t i;

	mutex_lock(&ld->output_lock);
	if (echoes_left(ld) + n <= ECHO_BUF) {
		for (i = 0; i < n; i++)
			ld->echo[ld->echo_head++ % ECHO_BUF] = bytes[i];
	}
	if (echoes_left(ld) >= ECHO_COMMIT)
		(void)flush_echoes_locked(tty);
	mutex_unlock(&ld->output_lock);
}

/*
 * echo_char_raw - echo one character without ECHOCTL.  May sleep.
 */
void echo_char_raw(struct tty_struct *tty, u8 ch)
{
	const u8 bytes[] = {ch, ch};

	queue_echo(tty, bytes, ch == ECHO_ESCAPE ? 2 : 1);
}

/*
 * echo_char - echo one character; control characters as ^X with ECHOCTL.
 */
void echo_char(struct tty_struct *tty, u8 ch)
{
	const u8 bytes[] = {ECHO_ESCAPE, ch};
	bool control = (ch < ' ' && ch != '\t') || ch == 0x7f;

	if (control && l_flag(tty, ECHOCTL))
		queue_echo(tty, bytes, 2);
	else
		echo_char_raw(tty, ch);
}

/*
 * echo_string - a few characters.
 */
void echo_string(struct tty_struct *tty, const char *s)
{
	for (; *s; s++)
		echo_char_raw(tty, (u8)*s);
}

/*
 * echo_move_back - what was echoed last took no column.
 */
void echo_move_back(struct tty_struct *tty)
{
	static const u8 bytes[] = {ECHO_ESCAPE, ECHO_MOVE_BACK};

	queue_echo(tty, bytes, 2);
}

/*
 * echo_line_begins - what is echoed next is the first of its line.
 */
void echo_line_begins(struct tty_struct *tty)
{
	static const u8 bytes[] = {ECHO_ESCAPE, ECHO_SET_COLUMN};

	queue_echo(tty, bytes, 2);
}

/*
 * echo_erase_tab - back over a tab; @columns that were taken since the one
 * before it, or (@after_tab false) since the line began.
 */
void echo_erase_tab(struct tty_struct *tty, unsigned int columns,
		    bool after_tab)
{
	const u8 bytes[] = {ECHO_ESCAPE, ECHO_ERASE_TAB,
			    (u8)((columns & 7) | (after_tab ? 0x80 : 0))};

	queue_echo(tty, bytes, 3);
}

/* Process and send as many of @n bytes as the driver takes; how many. */
static size_t write_processed(struct tty_struct *tty, const u8 *buf, size_t n)
{
	size_t room = write_room(tty), done = 0, used = 0, len;
	u8 out[WRITE_CHUNK + 8];

	while (done < n) {
		if (used + 8 > room)
			break;
		if (used >= WRITE_CHUNK) {
			len = tty->ops->write(tty, out, used);
			if (len < used) /* a hangup: the rest has no place */
				return done;
			room -= used;
			used = 0;
			continue;
		}
		used += process_output(tty, buf[done++], out + used);
	}
	if (used)
		(void)tty->ops->write(tty, out, used);
	return done;
}

/* One try: bytes taken, 0 when the driver is full. */
static size_t write_some(struct tty_struct *tty, const u8 *buf, size_t n)
{
	size_t done = 0;

	mutex_lock(&tty->ld.output_lock);
	if (flush_echoes_locked(tty)) {
		if (o_flag(tty, OPOST))
			done = write_processed(tty, buf, n);
		else
			done = tty->ops->write(tty, buf, n);
	}
	mutex_unlock(&tty->ld.output_lock);
	return done;
}

static bool write_must_end(const struct tty_struct *tty,
			   const struct tty_file *tf)
{
	return READ_ONCE(tf->hung_up) ||
	       (tty->link && !READ_ONCE(tty->link->count));
}

/* What was to be written did not all fit: SIGIO will tell when some can. */
static void want_wakeup(struct tty_struct *tty)
{
	if (list_empty(&tty->fasync))
		return;
	set_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
	if (write_room(tty) > 8)
		tty_wakeup(tty);
}

/* All of @buf, sleeping as needed.  Bytes, or -errno if none. */
static ssize_t write_all(struct tty_struct *tty, struct tty_file *tf,
			 const u8 *buf, size_t n)
{
	size_t done = 0, len;
	int err;

	for (;;) {
		if (write_must_end(tty, tf))
			return -EIO;
		len = write_some(tty, buf + done, n - done);
		done += len;
		if (done == n)
			return done;
		if (len)
			continue;
		err = -EAGAIN;
		if (!tty_io_nonblock(tty, tf->file))
			err = wait_event_interruptible(
				&tty->write_wait,
				write_room(tty) > 8 ||
					write_must_end(tty, tf) ||
					tty_io_nonblock(tty, tf->file));
		if (err) {
			want_wakeup(tty);
			return done ? (ssize_t)done : err;
		}
	}
}

/*
 * n_tty_write - write(2) to a terminal.  Caller holds write_mutex.
 */
ssize_t n_tty_write(struct tty_struct *tty, struct tty_file *tf,
		    struct iov_iter *iter)
{
	u8 chunk[WRITE_CHUNK];
	ssize_t n = 0, done = 0;
	size_t len;

	if (tty->ldisc != N_TTY)
		return -EOPNOTSUPP; /* it was changed as we came */
	while (iov_iter_count(iter)) {
		len = copy_from_iter(
			chunk, min(iov_iter_count(iter), sizeof(chunk)), iter);
		if (!len)
			return done ? done : -EFAULT;
		n = write_all(tty, tf, chunk, len);
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < len)
			break;
	}
	return done ? done : n;
}
