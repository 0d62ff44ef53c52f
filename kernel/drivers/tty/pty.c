/*
 * pty.c - pseudoterminals, pts(4): pairs of lines whose output is the
 * other's input.
 *
 * Opening /dev/ptmx makes a pair; the master is that open file, the slave
 * appears as a node in devpts.  The master's line is raw and without echo;
 * the slave is a terminal like any other.  The pair lives while one of its
 * ends is open.
 *
 * Locks: none of its own; rx_lock of the receiving line orders bytes.
 *
 * Entry points: pty_init, pty_set_devpts, ptmx_open.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/poll.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/wait.h>

#define PTMX_MINOR 2

static const struct devpts_ops *devpts;

static const struct tty_operations master_ops, slave_ops;

/*
 * pty_set_devpts - devpts is there; before it, opening ptmx gives -ENODEV.
 */
void pty_set_devpts(const struct devpts_ops *ops)
{
	devpts = ops;
}

static size_t pty_write(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct tty_struct *to = tty->link;
	size_t done;

	if (tty->stopped)
		return 0;
	for (done = 0; done < n; done++)
		if (!tty_insert_char(to, buf[done], TTY_NORMAL))
			break;
	if (done)
		tty_push(to);
	return done;
}

static size_t pty_write_room(struct tty_struct *tty)
{
	return tty->stopped ? 0 : tty_rx_room(tty->link);
}

/* The other side read: we may write again. */
static void pty_unthrottle(struct tty_struct *tty)
{
	if (tty_rx_room(tty->link) && tty->link->count)
		tty_wakeup(tty->link);
}

static void pty_flush_buffer(struct tty_struct *tty)
{
	struct tty_struct *to = tty->link;
	unsigned long flags;

	spin_lock_irqsave(&to->rx_lock, flags);
	to->rx_head = to->rx_tail;
	spin_unlock_irqrestore(&to->rx_lock, flags);
	if (to->packet) {
		spin_lock_irqsave(&tty->ctrl_lock, flags);
		tty->pktstatus |= TIOCPKT_FLUSHWRITE;
		spin_unlock_irqrestore(&tty->ctrl_lock, flags);
		wake_up_all_poll(&to->read_wait, POLLIN | POLLPRI);
	}
}

static int slave_open(struct tty_struct *tty, struct file *file)
{
	if (test_bit(TTY_PTY_LOCK, &tty->flags))
		return -EIO;
	if (!tty->link->count || test_bit(TTY_OTHER_CLOSED, &tty->flags))
		return -EIO;
	clear_bit(TTY_OTHER_CLOSED, &tty->link->flags);
	return 0;
}

/* The last slave file closed: the master reads EIO until one opens again. */
static void slave_close(struct tty_struct *tty, struct file *file)
{
	struct tty_struct *master = tty->link;

	set_bit(TTY_OTHER_CLOSED, &master->flags);
	wake_up_all_poll(&master->read_wait, POLLIN | POLLHUP);
	wake_up_all_poll(&master->write_wait, POLLOUT | POLLHUP);
}

/* One pair, beside the two lines. */
struct pty_pair {
	struct tty_struct *slave;
	void *fsi;
	int index;
	bool closed; /* its master is */
};

/* The master closed: the slave's name goes, its readers are to look.
 * tty_mutex held. */
static void master_close(struct tty_struct *tty, struct file *file)
{
	struct pty_pair *pair = tty->driver_data;

	if (!pair || pair->closed)
		return;
	pair->closed = true;
	tty->link->count--;
	set_bit(TTY_OTHER_CLOSED, &tty->link->flags);
	devpts->remove_node(pair->fsi, pair->index);
}

/* And its files are hung up before the close returns. */
static void master_after_close(struct tty_struct *tty)
{
	struct pty_pair *pair = tty->driver_data;

	if (!pair || !pair->closed)
		return;
	tty->driver_data = NULL;
	tty_hangup(pair->slave, false);
	devpts->kill_index(pair->fsi, pair->index);
	devpts->release(pair->fsi);
	tty_kref_put(pair->slave);
	kfree(pair);
}

/* termios of a line without a wire: 8 bits, no parity. */
static void pty_set_termios(struct tty_struct *tty, const struct termios2 *old)
{
	struct termios2 *t = &tty->termios;
	bool stop_old, stop_new;

	t->c_cflag &= ~(CSIZE | PARENB);
	t->c_cflag |= CS8 | CREAD;
	if (!tty->link->packet)
		return;
	stop_old = (old->c_iflag & IXON) && old->c_cc[VSTOP] == ('S' & 31) &&
		   old->c_cc[VSTART] == ('Q' & 31);
	stop_new = (t->c_iflag & IXON) && t->c_cc[VSTOP] == ('S' & 31) &&
		   t->c_cc[VSTART] == ('Q' & 31);
	if (stop_old == stop_new && !((old->c_lflag | t->c_lflag) & EXTPROC))
		return;
	spin_lock_irq(&tty->ctrl_lock);
	if (stop_old != stop_new) {
		tty->pktstatus &= ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
		tty->pktstatus |= stop_new ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;
	}
	if ((old->c_lflag | t->c_lflag) & EXTPROC)
		tty->pktstatus |= TIOCPKT_IOCTL;
	spin_unlock_irq(&tty->ctrl_lock);
	wake_up_all_poll(&tty->link->read_wait, POLLIN | POLLPRI);
}

static int set_lock(struct tty_struct *tty, unsigned long arg)
{
	int value;

	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	if (value)
		set_bit(TTY_PTY_LOCK, &tty->link->flags);
	else
		clear_bit(TTY_PTY_LOCK, &tty->link->flags);
	return 0;
}

static int set_packet(struct tty_struct *tty, unsigned long arg)
{
	int value;

	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	spin_lock_irq(&tty->link->ctrl_lock);
	if (value && !tty->packet)
		tty->link->pktstatus = 0;
	tty->packet = value;
	spin_unlock_irq(&tty->link->ctrl_lock);
	return 0;
}

/* ioctl_tty(2), TIOCGPTPEER: the slave, whatever is mounted on /dev/pts. */
static int open_peer(struct tty_struct *tty, int flags)
{
	struct pty_pair *pair = tty->driver_data;
	struct file *file;
	int fd;

	if (!pair)
		return -EIO;
	if (flags & O_DIRECT)
		return -EINVAL;
	fd = get_unused_fd_flags(flags);
	if (fd < 0)
		return fd;
	file = devpts->open_peer(pair->fsi, pair->index, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static int master_ioctl(struct tty_struct *tty, unsigned int cmd,
			unsigned long arg)
{
	switch (cmd) {
	case TIOCSPTLCK:
		return set_lock(tty, arg);
	case TIOCGPTLCK:
		return put_user(!!test_bit(TTY_PTY_LOCK, &tty->link->flags),
				(int __user *)arg);
	case TIOCPKT:
		return set_packet(tty, arg);
	case TIOCGPKT:
		return put_user((int)tty->packet, (int __user *)arg);
	case TIOCGPTN:
		return put_user((unsigned int)tty->index,
				(unsigned int __user *)arg);
	case TIOCGPTPEER:
		return open_peer(tty, (int)arg);
	case TIOCSIG:
		if (arg != SIGINT && arg != SIGQUIT && arg != SIGTSTP)
			return -EINVAL;
		tty_signal_pgrp(tty->link, (int)arg);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

/*
 * Both ends are one object: the slave's last reference frees the master.  Work
 * of either looks at both and gives the other to do, so all of it must have
 * ended, and none may begin, before the link goes; the slave's own has.
 */
static void slave_free(struct tty_struct *slave)
{
	struct tty_struct *master = slave->link;

	disable_work_sync(&master->rx_work);
	disable_work_sync(&master->wakeup_work);
	master->link = NULL;
	tty_kref_put(master);
}

static const struct tty_operations master_ops = {
	.close = master_close,
	.after_close = master_after_close,
	.write = pty_write,
	.write_room = pty_write_room,
	.unthrottle = pty_unthrottle,
	.flush_buffer = pty_flush_buffer,
	.ioctl = master_ioctl,
};

static const struct tty_operations slave_ops = {
	.open = slave_open,
	.close = slave_close,
	.write = pty_write,
	.write_room = pty_write_room,
	.unthrottle = pty_unthrottle,
	.flush_buffer = pty_flush_buffer,
	.set_termios = pty_set_termios,
};

/*
 * Make the two lines.  The master is returned; the slave holds the reference
 * to it that keeps both, and one reference to the slave is the caller's.
 */
static struct tty_struct *make_pair(int index)
{
	struct tty_struct *master, *slave;
	char name[16];

	snprintf(name, sizeof(name), "ptm%d", index);
	master = tty_alloc(&master_ops, name,
			   MKDEV(UNIX98_PTY_MASTER_MAJOR, index), index);
	if (!master)
		return NULL;
	snprintf(name, sizeof(name), "pts/%d", index);
	slave = tty_alloc(&slave_ops, name,
			  MKDEV(UNIX98_PTY_SLAVE_MAJOR, index), index);
	if (!slave) {
		tty_kref_put(master);
		return NULL;
	}
	master->termios.c_iflag = 0;
	master->termios.c_oflag = 0;
	master->termios.c_cflag = PTY_CFLAG;
	master->termios.c_lflag = 0;
	slave->termios.c_cflag = PTY_CFLAG;
	master->link = slave;
	slave->link = master;
	slave->free = slave_free;
	set_bit(TTY_PTY_LOCK, &slave->flags);
	return master;
}

/* Name and wire up the pair of @master; the file becomes its open file. */
static int publish_pair(struct tty_struct *master, void *fsi, int index,
			struct file *file)
{
	struct pty_pair *pair = kzalloc(sizeof(*pair));
	int err;

	if (!pair)
		return -ENOMEM;
	pair->slave = master->link;
	pair->fsi = fsi;
	pair->index = index;
	err = devpts->create_node(fsi, index, master->link);
	if (err)
		goto free_pair;
	master->link->count = 1; /* the master's; nobody else has it yet */
	err = tty_attach_file(master, file);
	if (err)
		goto remove_node;
	master->driver_data = pair;
	return 0;

remove_node:
	devpts->remove_node(fsi, index);
free_pair:
	kfree(pair);
	return err;
}

/*
 * ptmx_open - a new pair; see tty.h.  May sleep.
 */
int ptmx_open(struct inode *inode, struct file *file)
{
	struct tty_struct *master, *slave;
	void *fsi;
	int index, err;

	if (!devpts)
		return -ENODEV;
	fsi = devpts->acquire(file);
	if (IS_ERR(fsi))
		return PTR_ERR(fsi);
	index = devpts->new_index(fsi);
	if (index < 0) {
		err = index;
		goto release;
	}
	master = make_pair(index);
	if (!master) {
		err = -ENOMEM;
		goto kill_index;
	}
	slave = master->link;
	err = publish_pair(master, fsi, index, file);
	if (err)
		goto put_pair;
	return 0;

put_pair:
	tty_kref_put(slave);
kill_index:
	devpts->kill_index(fsi, index);
release:
	devpts->release(fsi);
	return err;
}

static const struct file_operations ptmx_fops = {
	.open = ptmx_open,
};

static struct char_device ptmx_cdev = {
	.name = "/dev/ptmx",
	.major = TTYAUX_MAJOR,
	.minor = PTMX_MINOR,
	.count = 1,
	.fops = &ptmx_fops,
};

/*
 * pty_init - /dev/ptmx; once, at boot.
 */
void pty_init(void)
{
	if (register_chrdev(&ptmx_cdev) ||
	    device_node_register("ptmx", S_IFCHR | 0666,
				 MKDEV(TTYAUX_MAJOR, PTMX_MINOR)))
		panic("pty: cannot register /dev/ptmx");
}
