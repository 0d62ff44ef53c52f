/*
 * ldisc.c - which line discipline a terminal has, TIOCSETD of ioctl_tty(2).
 *
 * There are two: N_TTY, and N_NULL, in which nothing can be read or written;
 * what is received meanwhile waits until N_TTY is back.  Changing it throws
 * away what N_TTY had taken, and whoever sleeps in a read or write goes home
 * with EAGAIN.
 *
 * Locks: read_mutex, write_mutex and termios_rwsem, all for a change.
 *
 * Entry points: tty_set_ldisc, tty_reset_ldisc, ldisc_init.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/sysctl.h>
#include <kernel/arch/uaccess.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

/* May everybody ask for a discipline that a module would have to bring? */
static int ldisc_autoload = 1;

/* Both mutexes held: nobody reads or writes. */
static void change_locked(struct tty_struct *tty, int nr)
{
	struct n_tty *ld = &tty->ld;

	down_write(&tty->termios_rwsem);
	mutex_lock(&ld->lock);
	ld->head = ld->tail = ld->canon_head = 0;
	ld->lnext = ld->erasing = false;
	tty->ldisc = nr;
	tty->termios.c_line = (cc_t)nr;
	mutex_unlock(&ld->lock);
	up_write(&tty->termios_rwsem);
	drop_echoes(tty);
}

static void change(struct tty_struct *tty, int nr)
{
	atomic_inc(&tty->ldisc_changers);
	wake_up_all(&tty->read_wait);
	wake_up_all(&tty->write_wait);
	mutex_lock(&tty->read_mutex);
	mutex_lock(&tty->write_mutex);
	if (tty->ldisc != nr)
		change_locked(tty, nr);
	mutex_unlock(&tty->write_mutex);
	mutex_unlock(&tty->read_mutex);
	atomic_dec(&tty->ldisc_changers);
	tty_push(tty);
}

/* tty_set_ldisc - see internal.h. */
int tty_set_ldisc(struct tty_struct *tty, unsigned long arg)
{
	int nr;

	if (get_user(nr, (int __user *)arg))
		return -EFAULT;
	if (nr < N_TTY || nr >= NR_LDISCS)
		return -EINVAL;
	if (nr != N_TTY && nr != N_NULL)
		return ldisc_autoload || capable(CAP_SYS_MODULE) ? -EINVAL
								 : -EPERM;
	if (tty->ldisc != nr)
		change(tty, nr);
	return 0;
}

/* tty_reset_ldisc - see internal.h. */
void tty_reset_ldisc(struct tty_struct *tty)
{
	if (tty->ldisc != N_TTY)
		change(tty, N_TTY);
}

/* proc(5), /proc/tty/ldiscs. */
static int ldiscs_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%-10s %2d\n", "n_tty", N_TTY);
	seq_printf(m, "%-10s %2d\n", "n_null", N_NULL);
	return 0;
}

/*
 * ldisc_init - /proc/tty/ldiscs, /proc/sys/dev/tty/ldisc_autoload; once, at
 * boot.
 */
void ldisc_init(void)
{
	static const struct sysctl_int numbers[] = {
		{"dev/tty/ldisc_autoload", 0644, &ldisc_autoload, 0, 1},
	};

	(void)pseudo_create(NULL, "tty/ldiscs", 0444, ldiscs_show, NULL, NULL);
	sysctl_register_ints(numbers, ARRAY_SIZE(numbers));
}
