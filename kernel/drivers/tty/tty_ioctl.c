/*
 * tty_ioctl.c - terminal settings, tty_ioctl(4).
 *
 * The kernel's own form of the settings is struct termios2; the older
 * structs are converted at the door.  Changes are made under termios_rwsem;
 * the "W" forms first wait until all output is on the wire, the "F" forms
 * also throw away unread input.
 *
 * Entry points: tty_ioctl, stop_tty, start_tty, tty_wait_until_sent.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <fs/vfs/poll.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/console.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>
#include <kernel/types/time.h>

#define DRAIN_STEP_NS (2 * NSEC_PER_MSEC)
#define BREAK_NS      (250 * NSEC_PER_MSEC)

/*
 * tty_baud - the speed c_cflag names; @other for BOTHER.
 */
unsigned int tty_baud(tcflag_t cflag, speed_t other)
{
	static const unsigned int low[] = {0,	 50,   75,    110,  134,  150,
					   200,	 300,  600,   1200, 1800, 2400,
					   4800, 9600, 19200, 38400};
	static const unsigned int high[] = {57600,   115200,  230400,  460800,
					    500000,  576000,  921600,  1000000,
					    1152000, 1500000, 2000000, 2500000,
					    3000000, 3500000, 4000000};
	tcflag_t code = cflag & CBAUD;

	if (code == BOTHER)
		return other;
	if (code & CBAUDEX) {
		code = (code & 0xf) - 1;
		return code < ARRAY_SIZE(high) ? high[code] : 9600;
	}
	return low[code & 0xf];
}

/*
 * stop_tty - ^S or TCOOFF: output rests.  Any context but interrupts.
 */
void stop_tty(struct tty_struct *tty)
{
	spin_lock_irq(&tty->ctrl_lock);
	if (!tty->stopped) {
		tty->stopped = true;
		if (tty->ops->stop)
			tty->ops->stop(tty);
		if (tty->link && tty->link->packet) {
			tty->pktstatus &= ~TIOCPKT_START;
			tty->pktstatus |= TIOCPKT_STOP;
		}
	}
	spin_unlock_irq(&tty->ctrl_lock);
	if (tty->link && tty->link->packet)
		wake_up_all_poll(&tty->link->read_wait, POLLIN | POLLPRI);
}

/*
 * start_tty - ^Q or TCOON, unless the other of the two still stops it.
 */
void start_tty(struct tty_struct *tty)
{
	spin_lock_irq(&tty->ctrl_lock);
	if (tty->stopped && !tty->tco_stopped) {
		tty->stopped = false;
		if (tty->ops->start)
			tty->ops->start(tty);
		if (tty->link && tty->link->packet) {
			tty->pktstatus &= ~TIOCPKT_STOP;
			tty->pktstatus |= TIOCPKT_START;
		}
	}
	spin_unlock_irq(&tty->ctrl_lock);
	if (tty->link && tty->link->packet)
		wake_up_all_poll(&tty->link->read_wait, POLLIN | POLLPRI);
	tty_wakeup(tty);
}

static size_t chars_in_buffer(struct tty_struct *tty)
{
	return tty->ops->chars_in_buffer ? tty->ops->chars_in_buffer(tty) : 0;
}

/*
 * tty_wait_until_sent - see internal.h.
 */
int tty_wait_until_sent(struct tty_struct *tty)
{
	s64 left;

	while (chars_in_buffer(tty)) {
		left = wait_event_interruptible_timeout_ns(
			&tty->write_wait, !chars_in_buffer(tty),
			(s64)DRAIN_STEP_NS);
		if (left < 0)
			return left;
		if (test_bit(TTY_HUPPED, &tty->flags) || tty->stopped)
			break;
	}
	return 0;
}

/* Settings hang together: the speed fields follow c_cflag. */
static void fix_speeds(struct termios2 *t)
{
	t->c_ospeed = tty_baud(t->c_cflag, t->c_ospeed);
	if ((t->c_cflag & CIBAUD) == 0 || (t->c_cflag & CBAUD) != BOTHER)
		t->c_ispeed = t->c_ospeed;
}

/* ioctl_tty(2), TIOCSLCKTRMIOS: what is set in @locked stays as it was. */
static void keep_locked(struct termios2 *t, const struct termios2 *old,
			const struct termios2 *locked)
{
	unsigned int i;

	t->c_iflag ^= (t->c_iflag ^ old->c_iflag) & locked->c_iflag;
	t->c_oflag ^= (t->c_oflag ^ old->c_oflag) & locked->c_oflag;
	t->c_cflag ^= (t->c_cflag ^ old->c_cflag) & locked->c_cflag;
	t->c_lflag ^= (t->c_lflag ^ old->c_lflag) & locked->c_lflag;
	if (locked->c_line)
		t->c_line = old->c_line;
	for (i = 0; i < NCCS; i++)
		if (locked->c_cc[i])
			t->c_cc[i] = old->c_cc[i];
}

static void change_termios(struct tty_struct *tty, const struct termios2 *new)
{
	struct termios2 old;

	down_write(&tty->termios_rwsem);
	old = tty->termios;
	tty->termios = *new;
	tty->termios.c_cflag &= ~(tcflag_t)ADDRB;
	keep_locked(&tty->termios, &old, &tty->locked);
	fix_speeds(&tty->termios);
	/* A pty has no wire: 8 bits, no parity, whatever was asked. */
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	n_tty_set_termios(tty, &old);
	up_write(&tty->termios_rwsem);
}

/* Which struct a command carries. */
enum termios_form { FORM_TERMIOS, FORM_TERMIOS2, FORM_TERMIO };

static int read_termios(struct tty_struct *tty, enum termios_form form,
			unsigned long arg, struct termios2 *t)
{
	struct termio old;

	down_read(&tty->termios_rwsem);
	*t = tty->termios;
	up_read(&tty->termios_rwsem);
	switch (form) {
	case FORM_TERMIOS2:
		return copy_from_user(t, (void __user *)arg, sizeof(*t))
			       ? -EFAULT
			       : 0;
	case FORM_TERMIOS:
		return copy_from_user(t, (void __user *)arg,
				      sizeof(struct termios))
			       ? -EFAULT
			       : 0;
	case FORM_TERMIO:
		if (copy_from_user(&old, (void __user *)arg, sizeof(old)))
			return -EFAULT;
		t->c_iflag = (t->c_iflag & ~0xffffU) | old.c_iflag;
		t->c_oflag = (t->c_oflag & ~0xffffU) | old.c_oflag;
		t->c_cflag = (t->c_cflag & ~0xffffU) | old.c_cflag;
		t->c_lflag = (t->c_lflag & ~0xffffU) | old.c_lflag;
		memcpy(t->c_cc, old.c_cc, NCC);
		return 0;
	}
	return -EINVAL;
}

static int write_termios(struct tty_struct *tty, enum termios_form form,
			 unsigned long arg)
{
	struct termio old = {0};
	struct termios2 t;
	const void *from = &t;
	size_t size = sizeof(t);

	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	if (form == FORM_TERMIOS) {
		size = sizeof(struct termios);
	} else if (form == FORM_TERMIO) {
		old.c_iflag = t.c_iflag;
		old.c_oflag = t.c_oflag;
		old.c_cflag = t.c_cflag;
		old.c_lflag = t.c_lflag;
		old.c_line = t.c_line;
		memcpy(old.c_cc, t.c_cc, NCC);
		from = &old;
		size = sizeof(old);
	}
	return copy_to_user((void __user *)arg, from, size) ? -EFAULT : 0;
}

static int set_termios(struct tty_struct *tty, enum termios_form form,
		       unsigned long arg, bool drain, bool flush)
{
	struct termios2 t;
	int err = tty_check_change(tty);

	if (err)
		return err;
	err = read_termios(tty, form, arg, &t);
	if (err)
		return err;
	if (flush)
		n_tty_flush_input(tty);
	if (drain) {
		err = tty_wait_until_sent(tty);
		if (err)
			return err;
	}
	change_termios(tty, &t);
	return 0;
}

static int lock_termios(struct tty_struct *tty, unsigned long arg)
{
	struct termios t;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&t, (void __user *)arg, sizeof(t)))
		return -EFAULT;
	down_write(&tty->termios_rwsem);
	memcpy(&tty->locked, &t, sizeof(t));
	up_write(&tty->termios_rwsem);
	return 0;
}

static int show_locked(struct tty_struct *tty, unsigned long arg)
{
	struct termios t;

	down_read(&tty->termios_rwsem);
	memcpy(&t, &tty->locked, sizeof(t));
	up_read(&tty->termios_rwsem);
	return copy_to_user((void __user *)arg, &t, sizeof(t)) ? -EFAULT : 0;
}

static int flush(struct tty_struct *tty, unsigned long arg)
{
	int err = tty_check_change(tty);

	if (err)
		return err;
	if (arg != TCIFLUSH && arg != TCOFLUSH && arg != TCIOFLUSH)
		return -EINVAL;
	if (arg != TCOFLUSH)
		n_tty_flush_input(tty);
	if (arg != TCIFLUSH) {
		if (tty->ops->flush_buffer)
			tty->ops->flush_buffer(tty);
		tty_wakeup(tty);
	}
	return 0;
}

static int flow(struct tty_struct *tty, unsigned long arg)
{
	int err = tty_check_change(tty);
	int which = arg == TCIOFF ? VSTOP : VSTART;
	u8 ch;

	if (err)
		return err;
	switch (arg) {
	case TCOOFF:
		stop_tty(tty);
		tty->tco_stopped = true;
		return 0;
	case TCOON: /* not what ^S has stopped */
		if (tty->tco_stopped) {
			tty->tco_stopped = false;
			start_tty(tty);
		}
		return 0;
	case TCIOFF:
	case TCION:
		ch = control_char(tty, which);
		if (ch == _POSIX_VDISABLE)
			return 0;
		if (tty->ops->send_xchar)
			tty->ops->send_xchar(tty, ch);
		else
			(void)tty->ops->write(tty, &ch, 1);
		return 0;
	default:
		return -EINVAL;
	}
}

static int send_break(struct tty_struct *tty, unsigned long tenths)
{
	u64 ns = tenths ? tenths * (NSEC_PER_SEC / 10) : BREAK_NS;
	int err = tty_check_change(tty);

	if (err)
		return err;
	err = tty_wait_until_sent(tty);
	if (err || !tty->ops->break_ctl)
		return err;
	err = tty->ops->break_ctl(tty, true);
	if (err)
		return err;
	schedule_timeout_interruptible_ns(ns);
	err = tty->ops->break_ctl(tty, false);
	return signal_pending(current) ? -EINTR : err;
}

/* tty_ioctl(4): SIGWINCH to the foreground group when it really changed. */
static int set_winsize(struct tty_struct *tty, unsigned long arg)
{
	struct winsize ws;
	bool changed;

	if (copy_from_user(&ws, (void __user *)arg, sizeof(ws)))
		return -EFAULT;
	down_write(&tty->termios_rwsem);
	changed = memcmp(&ws, &tty->winsize, sizeof(ws)) != 0;
	tty->winsize = ws;
	if (tty->link)
		tty->link->winsize = ws;
	up_write(&tty->termios_rwsem);
	if (changed) {
		tty_signal_pgrp(tty, SIGWINCH);
		if (tty->link)
			tty_signal_pgrp(tty->link, SIGWINCH);
	}
	return 0;
}

static int get_winsize(struct tty_struct *tty, unsigned long arg)
{
	struct winsize ws;

	down_read(&tty->termios_rwsem);
	ws = tty->winsize;
	up_read(&tty->termios_rwsem);
	return copy_to_user((void __user *)arg, &ws, sizeof(ws)) ? -EFAULT : 0;
}

/* tty_ioctl(4), TIOCSTI: a character as if it had been typed. */
static int fake_input(struct tty_struct *tty, unsigned long arg)
{
	u8 ch;

	if (READ_ONCE(current->signal->tty) != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(ch, (u8 __user *)arg))
		return -EFAULT;
	down_read(&tty->termios_rwsem);
	mutex_lock(&tty->ld.lock);
	if (tty->ldisc == N_TTY && n_tty_has_room(tty)) {
		n_tty_receive(tty, ch, TTY_NORMAL);
		n_tty_received(tty);
	}
	mutex_unlock(&tty->ld.lock);
	up_read(&tty->termios_rwsem);
	return 0;
}

static int modem_control(struct tty_struct *tty, unsigned int cmd,
			 unsigned long arg)
{
	unsigned int all =
		TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP;
	unsigned int bits;

	if (!tty->ops->tiocmget)
		return -ENOTTY;
	if (cmd == TIOCMGET)
		return put_user(tty->ops->tiocmget(tty), (int __user *)arg);
	if (get_user(bits, (unsigned int __user *)arg))
		return -EFAULT;
	bits &= all;
	switch (cmd) {
	case TIOCMBIS:
		return tty->ops->tiocmset(tty, bits, 0);
	case TIOCMBIC:
		return tty->ops->tiocmset(tty, 0, bits);
	default:
		return tty->ops->tiocmset(tty, bits, all & ~bits);
	}
}

static int set_soft_carrier(struct tty_struct *tty, unsigned long arg)
{
	struct termios2 t;
	int value;

	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	t.c_cflag = value ? t.c_cflag | CLOCAL : t.c_cflag & ~CLOCAL;
	change_termios(tty, &t);
	return 0;
}

/* Getting and setting of termios in all its forms; -ENOIOCTLCMD: another. */
static long termios_ioctl(struct tty_struct *tty, unsigned int cmd,
			  unsigned long arg)
{
	switch (cmd) {
	case TCGETS:
		return write_termios(tty, FORM_TERMIOS, arg);
	case TCGETS2:
		return write_termios(tty, FORM_TERMIOS2, arg);
	case TCGETA:
		return write_termios(tty, FORM_TERMIO, arg);
	case TCSETS:
		return set_termios(tty, FORM_TERMIOS, arg, false, false);
	case TCSETSW:
		return set_termios(tty, FORM_TERMIOS, arg, true, false);
	case TCSETSF:
		return set_termios(tty, FORM_TERMIOS, arg, true, true);
	case TCSETS2:
		return set_termios(tty, FORM_TERMIOS2, arg, false, false);
	case TCSETSW2:
		return set_termios(tty, FORM_TERMIOS2, arg, true, false);
	case TCSETSF2:
		return set_termios(tty, FORM_TERMIOS2, arg, true, true);
	case TCSETA:
		return set_termios(tty, FORM_TERMIO, arg, false, false);
	case TCSETAW:
		return set_termios(tty, FORM_TERMIO, arg, true, false);
	case TCSETAF:
		return set_termios(tty, FORM_TERMIO, arg, true, true);
	case TIOCGLCKTRMIOS:
		return show_locked(tty, arg);
	case TIOCSLCKTRMIOS:
		return lock_termios(tty, arg);
	case TIOCGSOFTCAR:
		return put_user(!!(tty->termios.c_cflag & CLOCAL),
				(int __user *)arg);
	case TIOCSSOFTCAR:
		return set_soft_carrier(tty, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* What concerns the line itself; @real is a pty's slave. */
static long line_ioctl(struct tty_struct *tty, struct tty_struct *real,
		       unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TCXONC:
		return flow(tty, arg);
	case TCFLSH:
		return flush(tty, arg);
	case TCSBRK:
		return arg ? (tty_check_change(tty) ?: tty_wait_until_sent(tty))
			   : send_break(tty, 0);
	case TCSBRKP:
		return send_break(tty, arg);
	case TIOCSBRK:
		return tty->ops->break_ctl ? tty->ops->break_ctl(tty, true) : 0;
	case TIOCCBRK:
		return tty->ops->break_ctl ? tty->ops->break_ctl(tty, false)
					   : 0;
	case TIOCEXCL:
		set_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCNXCL:
		clear_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCGEXCL:
		return put_user(!!test_bit(TTY_EXCLUSIVE, &tty->flags),
				(int __user *)arg);
	case TIOCOUTQ:
		return put_user((int)chars_in_buffer(tty), (int __user *)arg);
	case FIONREAD:
		return put_user((int)n_tty_chars_available(tty),
				(int __user *)arg);
	case TIOCSTI:
		return fake_input(tty, arg);
	case TIOCGETD:
		return put_user(tty->ldisc, (int __user *)arg);
	case TIOCGDEV:
		return put_user(new_encode_dev(real->dev),
				(unsigned int __user *)arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty, false);
		return 0;
	case TIOCGPTPEER: /* of a line that has none */
		return -EIO;
	case TIOCMGET:
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return modem_control(tty, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* What N_TTY does, and N_NULL does not know. */
static bool is_ldisc_cmd(unsigned int cmd)
{
	return cmd == TCXONC || cmd == TCFLSH || cmd == TIOCOUTQ ||
	       cmd == FIONREAD;
}

/*
 * tty_ioctl - ioctl(2) of terminals.  Settings of a pty's master are its
 * slave's.  -ENOTTY for commands no part knows.
 */
long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty_file *tf = file->private_data;
	struct tty_struct *tty = tf->tty, *real = tty;
	long ret;

	if (tf->hung_up)
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	if (tty->link && !tty_is_slave(tty))
		real = tty->link;
	if (cmd == TIOCSWINSZ)
		return set_winsize(real, arg);
	if (cmd == TIOCGWINSZ)
		return get_winsize(real, arg);
	if (cmd == TIOCCONS)
		return tty != real ? -EINVAL : tioccons(file);
	if (cmd == TIOCSETD)
		return tty_set_ldisc(tty, arg);
	if (tty->ldisc != N_TTY && is_ldisc_cmd(cmd))
		return -EINVAL;
	ret = -ENOIOCTLCMD;
	if (tty->ops->ioctl)
		ret = tty->ops->ioctl(tty, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty->ldisc == N_TTY)
		ret = termios_ioctl(real, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = tty_jobctl_ioctl(tty, real, file, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = line_ioctl(tty, real, cmd, arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	return tty->ldisc == N_TTY ? -ENOTTY : -EINVAL;
}
