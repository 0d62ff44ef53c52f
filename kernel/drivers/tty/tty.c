/*
 * tty.c - terminals: lines, their open files, hang-up; /dev/tty and
 * /dev/console.
 *
 * A registered line is found by device number.  Each open file has a struct
 * tty_file on its line's list, so that a hang-up can end them all: their
 * reads return 0, their writes EIO, and only closing them does anything.
 *
 * Locks: tty_mutex guards the table of lines, counts and lists of files.
 *
 * Entry points: tty_alloc, tty_register, tty_attach_file, tty_hangup,
 * tty_wakeup; tty_fops.
 */
#include <kernel/drivers/tty/tty.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/file.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/open.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/console.h>
#include <kernel/base/panic.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/drivers/tty/serial_info.h>
#include <kernel/drivers/tty/sysrq.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/pid.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

#define TTYAUX_TTY     MKDEV(TTYAUX_MAJOR, 0)
#define TTYAUX_CONSOLE MKDEV(TTYAUX_MAJOR, 1)
#define MAX_LINES      16

static DEFINE_MUTEX(tty_mutex, LOCK_TTY_OPEN);
static struct tty_struct *lines[MAX_LINES]; /* registered, by registration */

/* What a terminal begins with: stty sane, and 9600 baud 8n1. */
const struct termios2 tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {[VINTR] = 'C' & 0x1f,
		 [VQUIT] = '\\' & 0x1f,
		 [VERASE] = 0x7f,
		 [VKILL] = 'U' & 0x1f,
		 [VEOF] = 'D' & 0x1f,
		 [VMIN] = 1,
		 [VSTART] = 'Q' & 0x1f,
		 [VSTOP] = 'S' & 0x1f,
		 [VSUSP] = 'Z' & 0x1f,
		 [VREPRINT] = 'R' & 0x1f,
		 [VDISCARD] = 'O' & 0x1f,
		 [VWERASE] = 'W' & 0x1f,
		 [VLNEXT] = 'V' & 0x1f},
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

static void wakeup_work(struct work_struct *work)
{
	struct tty_struct *tty =
		container_of(work, struct tty_struct, wakeup_work);

	flush_echoes(tty);
	if (test_and_clear_bit(TTY_DO_WRITE_WAKEUP, &tty->flags))
		kill_fasync(&tty->fasync, POLL_OUT);
	wake_up_all_poll(&tty->write_wait, POLLOUT | POLLWRNORM);
}

/*
 * tty_alloc - see tty.h.  May sleep.
 */
struct tty_struct *tty_alloc(const struct tty_operations *ops, const char *name,
			     dev_t dev, int index)
{
	struct tty_struct *tty = kzalloc(sizeof(*tty));

	if (!tty)
		return NULL;
	refcount_set(&tty->kref, 1);
	tty->ops = ops;
	strscpy(tty->name, name, sizeof(tty->name));
	tty->dev = dev;
	tty->index = index;
	tty->termios = tty_std_termios;
	INIT_LIST_HEAD(&tty->files);
	INIT_LIST_HEAD(&tty->fasync);
	init_rwsem(&tty->termios_rwsem, LOCK_TTY_TERMIOS);
	mutex_init(&tty->read_mutex, LOCK_TTY_READ);
	mutex_init(&tty->write_mutex, LOCK_TTY_WRITE);
	init_waitqueue_head(&tty->read_wait);
	init_waitqueue_head(&tty->write_wait);
	spin_lock_init(&tty->ctrl_lock, LOCK_TTY_CTRL);
	spin_lock_init(&tty->rx_lock, LOCK_TTY_BUF);
	INIT_WORK(&tty->wakeup_work, wakeup_work);
	n_tty_init(tty);
	return tty;
}

/*
 * tty_kref_put - drop a reference; NULL is allowed.  May sleep.
 */
void tty_kref_put(struct tty_struct *tty)
{
	if (!tty || !refcount_dec_and_test(&tty->kref))
		return;
	disable_work_sync(&tty->rx_work);
	disable_work_sync(&tty->wakeup_work);
	put_pid(tty->pgrp);
	put_pid(tty->session);
	if (tty->free)
		tty->free(tty);
	kfree(tty);
}

/*
 * tty_register - see tty.h.  0, -ENOSPC, or the device node's error.
 */
int tty_register(struct tty_struct *tty)
{
	unsigned int i;

	mutex_lock(&tty_mutex);
	for (i = 0; i < MAX_LINES && lines[i]; i++)
		;
	if (i < MAX_LINES)
		lines[i] = tty;
	mutex_unlock(&tty_mutex);
	if (i == MAX_LINES)
		return -ENOSPC;
	return device_node_register(tty->name, S_IFCHR | 0660, tty->dev);
}

static struct tty_struct *find_line(dev_t dev)
{
	struct tty_struct *tty = NULL;
	unsigned int i;

	mutex_lock(&tty_mutex);
	for (i = 0; i < MAX_LINES && lines[i]; i++)
		if (lines[i]->dev == dev)
			tty = tty_kref_get(lines[i]);
	mutex_unlock(&tty_mutex);
	return tty;
}

/* The driver's part of an open; counts it.  tty_mutex held. */
static int open_locked(struct tty_struct *tty, struct file *file)
{
	int err = 0;

	if (test_bit(TTY_EXCLUSIVE, &tty->flags) && tty->count &&
	    !capable(CAP_SYS_ADMIN))
		return -EBUSY;
	if (tty->ops->open)
		err = tty->ops->open(tty, file);
	if (err)
		return err;
	clear_bit(TTY_HUPPED, &tty->flags);
	tty->count++;
	return 0;
}

/*
 * tty_attach_file - see tty.h.  Takes a reference to the line.
 */
int tty_attach_file(struct tty_struct *tty, struct file *file)
{
	struct tty_file *tf = kzalloc(sizeof(*tf));
	int err;

	if (!tf)
		return -ENOMEM;
	tf->tty = tty_kref_get(tty);
	tf->file = file;
	tf->console = file_inode(file)->i_rdev == TTYAUX_CONSOLE;
	mutex_lock(&tty_mutex);
	err = open_locked(tty, file);
	if (!err)
		list_add(&tf->link, &tty->files);
	mutex_unlock(&tty_mutex);
	if (err) {
		tty_kref_put(tty);
		kfree(tf);
		return err;
	}
	file->private_data = tf;
	file->f_op = &tty_fops;
	(void)nonseekable_open(file_inode(file), file);
	return 0;
}

/* termios(3), CLOCAL off: an open waits for the carrier. */
static int wait_for_carrier(struct tty_struct *tty, struct file *file)
{
	if (!tty->ops->carrier_raised || (file->f_flags & O_NONBLOCK) ||
	    (tty->termios.c_cflag & CLOCAL) || tty->ops->carrier_raised(tty))
		return 0;
	return wait_event_interruptible(
		&tty->read_wait, tty->ops->carrier_raised(tty) ||
					 (tty->termios.c_cflag & CLOCAL));
}

/* Which line a device number means; /dev/tty and /dev/console are aliases. */
static struct tty_struct *resolve_line(dev_t dev, bool *noctty)
{
	struct tty_struct *tty;

	if (dev == TTYAUX_TTY) {
		*noctty = true;
		tty = get_current_tty();
		return tty;
	}
	if (dev == TTYAUX_CONSOLE) {
		*noctty = true;
		dev = console_dev();
	}
	return find_line(dev);
}

static int tty_release(struct inode *inode, struct file *file);

/*
 * tty_open_line - see tty.h.  May sleep.
 */
int tty_open_line(struct tty_struct *tty, struct file *file, bool noctty)
{
	int err = tty_attach_file(tty, file);

	if (err)
		return err;
	err = wait_for_carrier(tty, file);
	if (err)
		(void)tty_release(file_inode(file), file);
	else if (!noctty)
		tty_open_proc_set_tty(file, tty);
	return err;
}

static int tty_open(struct inode *inode, struct file *file)
{
	bool noctty = file->f_flags & O_NOCTTY;
	struct tty_struct *tty = resolve_line(inode->i_rdev, &noctty);
	int err;

	if (!tty)
		return inode->i_rdev == TTYAUX_CONSOLE ? -ENODEV : -ENXIO;
	err = tty_open_line(tty, file, noctty);
	tty_kref_put(tty);
	return err;
}

/* A line nobody has open is as new; a pty's slave stays what it is as long as
 * its master does, since programs come and go. */
static void forget_line(struct tty_struct *tty)
{
	tty_reset_ldisc(tty);
	n_tty_flush_input(tty);
	tty_clear_session(tty);
	if (tty->ops->after_close)
		tty->ops->after_close(tty);
}

/*
 * Is the driver to let go of the line as @tf is closed?  A pty's end goes with
 * its last file; a real line with the last that works, and the hang-up was
 * that to those it ended.  tty_mutex held.
 */
static bool closes_line(const struct tty_struct *tty, const struct tty_file *tf)
{
	const struct tty_file *other;

	if (!tty->link && tf->hung_up)
		return false;
	list_for_each_entry (other, &tty->files, link) {
		if (other != tf && (tty->link || !other->hung_up))
			return false;
	}
	return true;
}

static int tty_release(struct inode *inode, struct file *file)
{
	struct tty_file *tf = file->private_data;
	struct tty_struct *tty = tf->tty;
	bool last;

	/* The last close of a working line lets its output drain. */
	mutex_lock(&tty_mutex);
	last = closes_line(tty, tf);
	mutex_unlock(&tty_mutex);
	if (last && !tf->hung_up && !signal_pending(current))
		(void)tty_wait_until_sent(tty);
	mutex_lock(&tty_mutex);
	if (closes_line(tty, tf) && tty->ops->close)
		tty->ops->close(tty, file);
	list_del(&tf->link);
	last = --tty->count == 0;
	if (last) {
		clear_bit(TTY_EXCLUSIVE, &tty->flags);
		tty->stopped = tty->tco_stopped = false;
	}
	mutex_unlock(&tty_mutex);
	if (last)
		forget_line(tty);
	tty_kref_put(tty);
	kfree(tf);
	return 0;
}

static ssize_t tty_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	struct tty_file *tf = file->private_data;
	struct tty_struct *tty = tf->tty;
	ssize_t ret;

	if (tf->hung_up)
		return 0;
	if (tty->ldisc != N_TTY)
		return -EOPNOTSUPP;
	ret = n_tty_read(tty, tf, iter);
	if (ret > 0)
		file_accessed(file);
	return ret;
}

static ssize_t write_to_line(struct file *file, struct iov_iter *iter)
{
	struct tty_file *tf = file->private_data;
	struct tty_struct *tty = tf->tty;
	ssize_t ret;

	if (tf->hung_up || test_bit(TTY_IO_ERROR, &tty->flags))
		return -EIO;
	if (tty->ldisc != N_TTY)
		return -EOPNOTSUPP;
	if (l_flag(tty, TOSTOP)) {
		ret = tty_check_change(tty);
		if (ret)
			return ret;
	}
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&tty->write_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->write_mutex)) {
		return -ERESTARTSYS;
	}
	ret = n_tty_write(tty, tf, iter);
	mutex_unlock(&tty->write_mutex);
	if (ret > 0)
		(void)file_update_time(file);
	return ret;
}

static ssize_t tty_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	struct tty_file *tf = file->private_data;
	struct file *other = tf->console ? redirect_get() : NULL;
	ssize_t ret;

	if (!other)
		return write_to_line(file, iter);
	ret = write_to_line(other, iter);
	fput(other);
	return ret;
}

static u32 tty_poll(struct file *file, struct poll_table *table)
{
	struct tty_file *tf = file->private_data;

	if (tf->hung_up)
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM |
		       POLLWRNORM;
	return tf->tty->ldisc == N_TTY ? n_tty_poll(tf->tty, tf, table) : 0;
}

/* Whom SIGIO goes to if nobody was chosen: the foreground group; without one,
 * who asks for it. */
static void own_if_none(struct tty_struct *tty, struct file *file)
{
	struct f_owner_ex owner = {.type = F_OWNER_PGRP};
	struct pid *pid;

	spin_lock_irq(&tty->ctrl_lock);
	pid = get_pid(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	if (!pid) {
		owner.type = F_OWNER_PID;
		pid = get_task_pid(current, PIDTYPE_TGID);
	}
	owner.pid = pid_vnr(pid);
	f_setown_if_none(file, &owner, pid);
}

static int tty_fasync(int fd, struct file *file, bool on)
{
	struct tty_file *tf = file->private_data;
	int err = -ENOTTY;

	mutex_lock(&tty_mutex);
	if (!tf->hung_up || !on)
		err = fasync_helper(fd, file, on, &tf->tty->fasync);
	mutex_unlock(&tty_mutex);
	if (on && !err)
		own_if_none(tf->tty, file);
	return err;
}

const struct file_operations tty_fops = {
	.open = tty_open,
	.read_iter = tty_read,
	.write_iter = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.fasync = tty_fasync,
	.release = tty_release,
	.llseek = no_llseek,
};

/* This file ends: also, it asks for no SIGIO any more.  tty_mutex held. */
static void hang_up_file(struct tty_struct *tty, struct tty_file *tf)
{
	struct file *file = tf->file;

	WRITE_ONCE(tf->hung_up, true);
	(void)fasync_helper(-1, file, false, &tty->fasync);
	spin_lock(&file->f_lock);
	file->f_flags &= ~(unsigned int)FASYNC;
	spin_unlock(&file->f_lock);
}

/* Every file but the console's ends; the driver lets go of the line unless
 * one is left, or none worked.  tty_mutex held. */
static void hang_up_files(struct tty_struct *tty)
{
	bool kept = false, any = false;
	struct tty_file *tf;

	list_for_each_entry (tf, &tty->files, link) {
		if (tf->console) {
			kept = true;
		} else if (!tf->hung_up) {
			hang_up_file(tty, tf);
			any = true;
		}
	}
	if (any && !kept && !tty->link && tty->ops->close)
		tty->ops->close(tty, NULL);
}

/*
 * tty_hangup - see tty.h: the session leader gets SIGHUP and SIGCONT.
 */
void tty_hangup(struct tty_struct *tty, bool leader_ends)
{
	mutex_lock(&tty_mutex);
	set_bit(TTY_HUPPED, &tty->flags);
	hang_up_files(tty);
	mutex_unlock(&tty_mutex);
	redirect_drop(tty);
	tty_hangup_session(tty, leader_ends);
	if (tty_is_slave(tty)) {
		down_write(&tty->termios_rwsem);
		tty->termios = tty_std_termios;
		tty->termios.c_cflag = PTY_CFLAG;
		up_write(&tty->termios_rwsem);
		tty_reset_ldisc(tty);
	}
	n_tty_flush_input(tty);
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLHUP);
	wake_up_all_poll(&tty->write_wait, POLLOUT | POLLHUP);
}

/*
 * tty_vhangup_self - vhangup(2): hang up the controlling terminal, if any.
 */
void tty_vhangup_self(void)
{
	struct tty_struct *tty = get_current_tty();

	if (tty)
		tty_hangup(tty, false);
	tty_kref_put(tty);
}

/*
 * tty_wakeup - see tty.h.
 */
void tty_wakeup(struct tty_struct *tty)
{
	schedule_work(&tty->wakeup_work);
}

/*
 * tty_devnum - the number a line is known by; 0 for none.
 */
dev_t tty_devnum(const struct tty_struct *tty)
{
	return tty ? tty->dev : 0;
}

static struct char_device aux_cdev = {
	.name = "/dev/tty", /* and /dev/console: one line each on Linux */
	.major = TTYAUX_MAJOR,
	.minor = 0,
	.count = 2,
	.fops = &tty_fops,
};

/* proc(5), /proc/tty/drivers: what ps and others name terminals by. */
static int drivers_show(struct seq_file *m, void *data)
{
	seq_puts(m, "/dev/tty             /dev/tty        5       0 "
		    "system:/dev/tty\n"
		    "/dev/console         /dev/console    5       1 "
		    "system:console\n"
		    "/dev/ptmx            /dev/ptmx       5       2 system\n"
		    "serial               /dev/ttyS       4 64-67 serial\n"
		    "pty_slave            /dev/pts      136 0-1048575 "
		    "pty:slave\n"
		    "pty_master           /dev/ptm      128 0-1048575 "
		    "pty:master\n");
	return 0;
}

/*
 * tty_init - see tty.h.
 */
void tty_init(void)
{
	jobctl_init();
	if (register_chrdev(&aux_cdev) ||
	    device_node_register("tty", S_IFCHR | 0666, TTYAUX_TTY) ||
	    device_node_register("console", S_IFCHR | 0600, TTYAUX_CONSOLE))
		panic("tty: cannot register /dev/tty and /dev/console");
	(void)pseudo_create(NULL, "tty/drivers", 0444, drivers_show, NULL,
			    NULL);
	ldisc_init();
	serial_init();
	serial_info_init();
	sysrq_init();
	pty_init();
}
