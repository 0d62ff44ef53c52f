/*
 * serial_ioctl.c - a serial line's modem, its break, its counters, and the
 * ioctls that only serial lines know: ioctl_tty(2), setserial(8).
 *
 * Whoever reads the modem's lines ends their interrupt, so each reader counts
 * their changes and wakes whoever waits for one.
 *
 * Locks: port->lock guards the registers we write, and the counters.
 *
 * Entry points: serial_break_ctl, serial_tiocmget, serial_tiocmset,
 * serial_carrier_raised, serial_read_counts, serial_ioctl.
 */
#include <kernel/drivers/tty/serial_port.h>

#include <abi/errno.h>
#include <abi/ioctl.h>
#include <abi/termios.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/wait.h>

/* serial_break_ctl - see serial_port.h.  tcsendbreak(3). */
int serial_break_ctl(struct tty_struct *tty, bool on)
{
	struct uart_port *port = tty->driver_data;

	spin_lock_irq(&port->lock);
	if (on)
		port->lcr |= LCR_BREAK;
	else
		port->lcr &= ~LCR_BREAK;
	reg_write(port, UART_LCR, port->lcr);
	spin_unlock_irq(&port->lock);
	return 0;
}

/* serial_modem_status - see serial_port.h. */
u8 serial_modem_status(struct uart_port *port)
{
	u8 msr = reg_read(port, UART_MSR);

	port->count.cts += msr & MSR_DELTA_CTS ? 1 : 0;
	port->count.dsr += msr & MSR_DELTA_DSR ? 1 : 0;
	port->count.rng += msr & MSR_DELTA_RI ? 1 : 0;
	port->count.dcd += msr & MSR_DELTA_DCD ? 1 : 0;
	return msr;
}

/* The same for whoever is not the interrupt, whose waking it then does. */
static u8 look_at_modem(struct uart_port *port)
{
	unsigned long flags;
	u8 msr;

	spin_lock_irqsave(&port->lock, flags);
	msr = serial_modem_status(port);
	spin_unlock_irqrestore(&port->lock, flags);
	if (msr & MSR_DELTA)
		wake_up_all(&port->tty->read_wait);
	return msr;
}

/* serial_tiocmget - see serial_port.h.  Any context. */
int serial_tiocmget(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	u8 msr = look_at_modem(port), mcr = port->mcr;
	int bits = 0;

	bits |= mcr & MCR_DTR ? TIOCM_DTR : 0;
	bits |= mcr & MCR_RTS ? TIOCM_RTS : 0;
	bits |= mcr & MCR_OUT1 ? TIOCM_OUT1 : 0;
	bits |= mcr & MCR_OUT2 ? TIOCM_OUT2 : 0;
	bits |= mcr & MCR_LOOP ? TIOCM_LOOP : 0;
	bits |= msr & MSR_CTS ? TIOCM_CTS : 0;
	bits |= msr & MSR_DSR ? TIOCM_DSR : 0;
	bits |= msr & MSR_RI ? TIOCM_RI : 0;
	bits |= msr & MSR_DCD ? TIOCM_CAR : 0;
	return bits;
}

static u8 modem_to_mcr(unsigned int bits)
{
	return (bits & TIOCM_DTR ? MCR_DTR : 0) |
	       (bits & TIOCM_RTS ? MCR_RTS : 0) |
	       (bits & TIOCM_OUT1 ? MCR_OUT1 : 0) |
	       (bits & TIOCM_OUT2 ? MCR_OUT2 : 0) |
	       (bits & TIOCM_LOOP ? MCR_LOOP : 0);
}

/* serial_tiocmset - see serial_port.h. */
int serial_tiocmset(struct tty_struct *tty, unsigned int set,
		    unsigned int clear)
{
	struct uart_port *port = tty->driver_data;

	spin_lock_irq(&port->lock);
	port->mcr |= modem_to_mcr(set);
	port->mcr &= ~modem_to_mcr(clear);
	port->mcr |= MCR_OUT2; /* or no interrupt would come any more */
	reg_write(port, UART_MCR, port->mcr);
	spin_unlock_irq(&port->lock);
	return 0;
}

/* serial_carrier_raised - is there a modem at the other end, on the line?
 * Any context. */
bool serial_carrier_raised(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;

	return look_at_modem(port) & MSR_DCD;
}

/* serial_read_counts - see serial_port.h.  Any context. */
void serial_read_counts(struct uart_port *port,
			struct serial_icounter_struct *count)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	*count = port->count;
	spin_unlock_irqrestore(&port->lock, flags);
}

/* ioctl_tty(2), TIOCMIWAIT: has one of the lines @mask changed? */
static bool modem_changed(struct uart_port *port, unsigned int mask,
			  const struct serial_icounter_struct *old)
{
	struct serial_icounter_struct now;

	serial_read_counts(port, &now);
	return ((mask & TIOCM_RNG) && now.rng != old->rng) ||
	       ((mask & TIOCM_DSR) && now.dsr != old->dsr) ||
	       ((mask & TIOCM_CD) && now.dcd != old->dcd) ||
	       ((mask & TIOCM_CTS) && now.cts != old->cts);
}

/* ioctl_tty(2), TIOCGSERIAL: what setserial shows. */
static int get_serial(const struct uart_port *port, void __user *arg)
{
	struct serial_struct info = {
		.type = PORT_16550A,
		.line = port->tty->index,
		.port = port->base,
		.irq = (int)port->irq,
		.flags = ASYNC_BOOT_AUTOCONF | ASYNC_SKIP_TEST,
		.xmit_fifo_size = FIFO_SIZE,
		.baud_base = BASE_BAUD,
		.close_delay = 50,    /* hundredths of a second, as on Linux */
		.closing_wait = 3000, /* the same */
	};

	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/* serial_ioctl - see serial_port.h. */
int serial_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	struct uart_port *port = tty->driver_data;
	struct serial_icounter_struct count;

	if (cmd == TIOCGSERIAL)
		return get_serial(port, (void __user *)arg);
	if (cmd == TIOCSERGETLSR)
		return put_user(tty->ops->chars_in_buffer(tty) ? 0
							       : TIOCSER_TEMT,
				(int __user *)arg);
	if (cmd != TIOCMIWAIT && cmd != TIOCGICOUNT)
		return -ENOIOCTLCMD;
	serial_read_counts(port, &count);
	if (cmd == TIOCMIWAIT)
		return wait_event_interruptible(
			&tty->read_wait,
			modem_changed(port, (unsigned int)arg, &count));
	return copy_to_user((void __user *)arg, &count, sizeof(count)) ? -EFAULT
								       : 0;
}
