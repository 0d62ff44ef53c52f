/*
 * serial.c - 16550 UARTs: ttyS0 to ttyS3, and the console on them.
 *
 * Output goes through a ring of a page; the transmitter's interrupt moves up
 * to 16 bytes at a time from there.  Input is taken in the receiver's
 * interrupt; when the terminal has no room the receive interrupt is switched
 * off, and the UART's own flow control (or an emulated line's) keeps the
 * sender waiting.  printk writes past the ring, polling, so that the log is
 * whole even in a panic.
 *
 * Register facts: National Semiconductor PC16550D data sheet.
 *
 * Locks: port->lock guards registers and ring; taken in interrupts, and by
 * printk: nothing is logged and nobody woken under it.  A panic goes on without
 * it when it is not to be had.
 *
 * A break on the console's line and a key within five seconds is for sysrq.c;
 * a second break is the terminal's.
 *
 * Entry points: serial_init, serial_port_info.
 */
#include <abi/errno.h>
#include <abi/ioctl.h>
#include <abi/termios.h>
#include <fs/vfs/char_dev.h>
#include <kernel/arch/io.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/console.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/drivers/tty/serial_info.h>
#include <kernel/drivers/tty/sysrq.h>
#include <kernel/irq/irq.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define NR_PORTS   4
#define TX_RING	   4096
#define TX_WAKE	   256 /* wake writers when no more than this is left */
#define FIFO_SIZE  16
#define BASE_BAUD  115200
#define POLL_LIMIT 100000
#define SYSRQ_NS   (5 * NSEC_PER_SEC) /* from a break to its key */

/* Registers, as offsets from the port's base. */
#define UART_RX	 0
#define UART_TX	 0
#define UART_DLL 0 /* with DLAB */
#define UART_IER 1
#define UART_DLM 1 /* with DLAB */
#define UART_IIR 2
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define UART_SCR 7

#define IER_RX		 0x01
#define IER_TX		 0x02
#define IER_LINE	 0x04
#define IER_MODEM	 0x08
#define IIR_NONE	 0x01
#define FCR_ENABLE_CLEAR 0x87 /* FIFOs on and empty, trigger at 8 */
#define LCR_8N1		 0x03
#define LCR_STOP2	 0x04
#define LCR_PARITY	 0x08
#define LCR_EVEN	 0x10
#define LCR_STICK	 0x20
#define LCR_BREAK	 0x40
#define LCR_DLAB	 0x80
#define MCR_DTR		 0x01
#define MCR_RTS		 0x02
#define MCR_OUT1	 0x04
#define MCR_OUT2	 0x08 /* lets interrupts out */
#define MCR_LOOP	 0x10
#define LSR_DATA	 0x01
#define LSR_OVERRUN	 0x02
#define LSR_PARITY	 0x04
#define LSR_FRAME	 0x08
#define LSR_BREAK	 0x10
#define LSR_THRE	 0x20
#define LSR_TEMT	 0x40
#define MSR_DELTA	 0x0f /* which of the four below have changed */
#define MSR_DELTA_CTS	 0x01
#define MSR_DELTA_DSR	 0x02
#define MSR_DELTA_RI	 0x04
#define MSR_DELTA_DCD	 0x08
#define MSR_CTS		 0x10
#define MSR_DSR		 0x20
#define MSR_RI		 0x40
#define MSR_DCD		 0x80

/* Locks:  L lock   I fixed at boot */
struct uart_port {
	struct spinlock lock;
	u16 base;		/* [I] I/O port */
	unsigned int irq;	/* [I] */
	struct tty_struct *tty; /* [I] */
	struct console console;
	u8 ring[TX_RING];	 /* [L] */
	unsigned int head, tail; /* [L] run freely */
	u8 ier, lcr, mcr;	 /* [L] what the registers hold */
	bool open;		 /* [L] */
	bool stopped;		 /* [L] */
	u8 xchar;		 /* [L] to be sent before anything else */
	u64 sysrq_until;	 /* [L] a break has come: the key's time */
	u8 sysrq_key;		 /* [L] that came then, not yet done */
	struct serial_icounter_struct count; /* [L] */
};

static struct uart_port ports[NR_PORTS] = {
	{.base = 0x3f8, .irq = 4},
	{.base = 0x2f8, .irq = 3},
	{.base = 0x3e8, .irq = 4},
	{.base = 0x2e8, .irq = 3},
};

static u8 reg_read(const struct uart_port *port, unsigned int reg)
{
	return inb(port->base + reg);
}

static void reg_write(const struct uart_port *port, unsigned int reg, u8 value)
{
	outb(value, port->base + reg);
}

static void set_ier(struct uart_port *port, u8 ier)
{
	if (port->ier != ier) {
		port->ier = ier;
		reg_write(port, UART_IER, ier);
	}
}

static unsigned int tx_pending(const struct uart_port *port)
{
	return port->head - port->tail;
}

/* Fill the transmitter's FIFO.  lock held. */
static void transmit(struct uart_port *port)
{
	unsigned int n = FIFO_SIZE;

	/* Still sending what it has: it says when it wants more. */
	if (!(reg_read(port, UART_LSR) & LSR_THRE)) {
		set_ier(port, port->ier | IER_TX);
		return;
	}
	if (port->xchar) {
		reg_write(port, UART_TX, port->xchar);
		port->xchar = 0;
		n--;
	}
	while (n-- && tx_pending(port) && !port->stopped) {
		reg_write(port, UART_TX, port->ring[port->tail++ % TX_RING]);
		port->count.tx++;
	}
	if (!tx_pending(port) || port->stopped)
		set_ier(port, port->ier & ~IER_TX);
	else
		set_ier(port, port->ier | IER_TX);
}

/* What came with a character, counted.  lock held. */
static u8 line_status_flag(struct uart_port *port, u8 lsr)
{
	if (lsr & LSR_OVERRUN)
		port->count.overrun++;
	if (lsr & LSR_BREAK) {
		port->count.brk++;
		return TTY_BREAK;
	}
	if (lsr & LSR_PARITY) {
		port->count.parity++;
		return TTY_PARITY;
	}
	if (lsr & LSR_FRAME) {
		port->count.frame++;
		return TTY_FRAME;
	}
	return TTY_NORMAL;
}

/* Is @ch, or the break, not for the terminal?  lock held. */
static bool take_sysrq(struct uart_port *port, u8 ch, u8 flag)
{
	u64 until = port->sysrq_until;

	if (flag == TTY_BREAK && console_dev() == port->tty->dev && !until) {
		port->sysrq_until = ktime_get_ns() + SYSRQ_NS;
		return true;
	}
	port->sysrq_until = 0;
	if (!until || flag == TTY_BREAK || !ch || ktime_get_ns() > until ||
	    !sysrq_on())
		return false;
	port->sysrq_key = ch;
	return true;
}

/* Take what was received; returns whether there was anything.  lock held. */
static bool receive(struct uart_port *port)
{
	bool any = false;
	u8 lsr, ch, flag;

	for (;;) {
		lsr = reg_read(port, UART_LSR);
		if (!(lsr & (LSR_DATA | LSR_BREAK)))
			break;
		if (tty_rx_room(port->tty) < 2) {
			set_ier(port, port->ier & ~IER_RX);
			break;
		}
		ch = reg_read(port, UART_RX);
		flag = line_status_flag(port, lsr);
		port->count.rx++;
		if (take_sysrq(port, ch, flag))
			continue;
		(void)tty_insert_char(port->tty, ch, flag);
		any = true;
	}
	return any;
}

/* Did the modem's lines change?  Reading them ends their interrupt.  lock
 * held. */
static bool modem_status(struct uart_port *port)
{
	u8 msr = reg_read(port, UART_MSR);

	port->count.cts += msr & MSR_DELTA_CTS ? 1 : 0;
	port->count.dsr += msr & MSR_DELTA_DSR ? 1 : 0;
	port->count.rng += msr & MSR_DELTA_RI ? 1 : 0;
	port->count.dcd += msr & MSR_DELTA_DCD ? 1 : 0;
	return msr & MSR_DELTA;
}

static enum irqreturn serial_interrupt(unsigned int irq, void *cookie)
{
	struct uart_port *port = cookie;
	bool received = false, room = false, modem = false, any = false;
	unsigned int turns = 0;
	unsigned long flags;
	u8 key;

	spin_lock_irqsave(&port->lock, flags);
	while (!(reg_read(port, UART_IIR) & IIR_NONE) && turns++ < 256) {
		any = true;
		if (port->ier & IER_RX)
			received |= receive(port);
		modem |= modem_status(port);
		if (port->ier & IER_TX) {
			transmit(port);
			room |= tx_pending(port) <= TX_WAKE;
		}
		if (!port->open)
			break;
	}
	key = port->sysrq_key;
	port->sysrq_key = 0;
	spin_unlock_irqrestore(&port->lock, flags);
	if (key)
		handle_sysrq(key);
	if (received)
		tty_push(port->tty);
	if (room)
		tty_wakeup(port->tty);
	/* Somebody may wait in open for the carrier, or in TIOCMIWAIT. */
	if (modem)
		wake_up_all(&port->tty->read_wait);
	return any ? IRQ_HANDLED : IRQ_NONE;
}

/* c_cflag into the registers.  lock held. */
static void program_line(struct uart_port *port, const struct termios2 *t)
{
	unsigned int baud = tty_baud(t->c_cflag, t->c_ospeed), divisor;
	u8 lcr = (t->c_cflag & CSIZE) >> 4;

	if (t->c_cflag & CSTOPB)
		lcr |= LCR_STOP2;
	if (t->c_cflag & PARENB)
		lcr |= LCR_PARITY;
	if (!(t->c_cflag & PARODD))
		lcr |= LCR_EVEN;
	if (t->c_cflag & CMSPAR)
		lcr |= LCR_STICK;
	if (!baud) { /* B0: drop the line */
		port->mcr &= ~(MCR_DTR | MCR_RTS);
	} else {
		divisor = max(BASE_BAUD / baud, 1U);
		reg_write(port, UART_LCR, lcr | LCR_DLAB);
		reg_write(port, UART_DLL, divisor & 0xff);
		reg_write(port, UART_DLM, divisor >> 8);
		port->mcr |= MCR_DTR | MCR_RTS;
	}
	port->lcr = lcr;
	reg_write(port, UART_LCR, lcr);
	reg_write(port, UART_MCR, port->mcr);
}

static int serial_open(struct tty_struct *tty, struct file *file)
{
	struct uart_port *port = tty->driver_data;

	if (port->open)
		return 0;
	spin_lock_irq(&port->lock);
	reg_write(port, UART_FCR, FCR_ENABLE_CLEAR);
	port->mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	program_line(port, &tty->termios);
	(void)reg_read(port, UART_LSR);
	(void)reg_read(port, UART_RX);
	(void)reg_read(port, UART_MSR);
	port->open = true;
	port->stopped = false;
	set_ier(port, IER_RX | IER_LINE | IER_MODEM);
	spin_unlock_irq(&port->lock);
	return 0;
}

static void serial_close(struct tty_struct *tty, struct file *file)
{
	struct uart_port *port = tty->driver_data;

	if (!port->open)
		return;
	spin_lock_irq(&port->lock);
	port->open = false;
	port->head = port->tail = 0;
	set_ier(port, 0);
	if (tty->termios.c_cflag & HUPCL) {
		port->mcr &= ~(MCR_DTR | MCR_RTS);
		reg_write(port, UART_MCR, port->mcr);
	}
	spin_unlock_irq(&port->lock);
}

static size_t serial_write(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;
	size_t done;

	spin_lock_irqsave(&port->lock, flags);
	for (done = 0; done < n && tx_pending(port) < TX_RING; done++)
		port->ring[port->head++ % TX_RING] = buf[done];
	if (port->open && !port->stopped)
		transmit(port);
	spin_unlock_irqrestore(&port->lock, flags);
	return done;
}

static size_t serial_write_room(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;

	return TX_RING - tx_pending(port);
}

static size_t serial_chars_in_buffer(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	size_t n = tx_pending(port);

	if (!n && !(reg_read(port, UART_LSR) & LSR_TEMT))
		n = 1;
	return n;
}

static void serial_flush_buffer(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->head = port->tail = 0;
	spin_unlock_irqrestore(&port->lock, flags);
	tty_wakeup(tty);
}

static void serial_set_termios(struct tty_struct *tty,
			       const struct termios2 *old)
{
	struct uart_port *port = tty->driver_data;

	if (old->c_cflag == tty->termios.c_cflag &&
	    old->c_ospeed == tty->termios.c_ospeed)
		return;
	spin_lock_irq(&port->lock);
	program_line(port, &tty->termios);
	spin_unlock_irq(&port->lock);
}

static void serial_stop(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->stopped = true;
	set_ier(port, port->ier & ~IER_TX);
	spin_unlock_irqrestore(&port->lock, flags);
}

static void serial_start(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->stopped = false;
	if (port->open)
		transmit(port);
	spin_unlock_irqrestore(&port->lock, flags);
}

/* The terminal has room again: receive interrupts may come. */
static void serial_unthrottle(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;
	bool any = false;

	spin_lock_irqsave(&port->lock, flags);
	if (port->open && !(port->ier & IER_RX)) {
		set_ier(port, port->ier | IER_RX);
		any = receive(port);
	}
	spin_unlock_irqrestore(&port->lock, flags);
	if (any)
		tty_push(tty);
}

static void serial_send_xchar(struct tty_struct *tty, u8 ch)
{
	struct uart_port *port = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->xchar = ch;
	set_ier(port, port->ier | IER_TX);
	transmit(port);
	spin_unlock_irqrestore(&port->lock, flags);
}

static int serial_break_ctl(struct tty_struct *tty, bool on)
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

static int serial_tiocmget(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;
	u8 msr = reg_read(port, UART_MSR), mcr = port->mcr;
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

static int serial_tiocmset(struct tty_struct *tty, unsigned int set,
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

static bool serial_carrier_raised(struct tty_struct *tty)
{
	struct uart_port *port = tty->driver_data;

	return reg_read(port, UART_MSR) & MSR_DCD;
}

static void read_counts(struct uart_port *port,
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

	read_counts(port, &now);
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

static int serial_ioctl(struct tty_struct *tty, unsigned int cmd,
			unsigned long arg)
{
	struct uart_port *port = tty->driver_data;
	struct serial_icounter_struct count;

	if (cmd == TIOCGSERIAL)
		return get_serial(port, (void __user *)arg);
	if (cmd == TIOCSERGETLSR)
		return put_user(serial_chars_in_buffer(tty) ? 0 : TIOCSER_TEMT,
				(int __user *)arg);
	if (cmd != TIOCMIWAIT && cmd != TIOCGICOUNT)
		return -ENOIOCTLCMD;
	read_counts(port, &count);
	if (cmd == TIOCMIWAIT)
		return wait_event_interruptible(
			&tty->read_wait,
			modem_changed(port, (unsigned int)arg, &count));
	return copy_to_user((void __user *)arg, &count, sizeof(count)) ? -EFAULT
								       : 0;
}

/* serial_port_info - see serial_info.h. */
bool serial_port_info(unsigned int index, struct serial_info *info)
{
	struct uart_port *port = &ports[index];

	if (index >= NR_PORTS)
		return false;
	memset(info, 0, sizeof(*info));
	info->base = port->base;
	info->irq = port->irq;
	info->present = port->tty;
	if (info->present) {
		read_counts(port, &info->count);
		info->modem = serial_tiocmget(port->tty);
	}
	return true;
}

static const struct tty_operations serial_ops = {
	.open = serial_open,
	.close = serial_close,
	.write = serial_write,
	.write_room = serial_write_room,
	.chars_in_buffer = serial_chars_in_buffer,
	.flush_buffer = serial_flush_buffer,
	.set_termios = serial_set_termios,
	.stop = serial_stop,
	.start = serial_start,
	.unthrottle = serial_unthrottle,
	.send_xchar = serial_send_xchar,
	.break_ctl = serial_break_ctl,
	.tiocmget = serial_tiocmget,
	.tiocmset = serial_tiocmset,
	.carrier_raised = serial_carrier_raised,
	.ioctl = serial_ioctl,
};

static void poll_out(struct uart_port *port, u8 ch)
{
	int turns = POLL_LIMIT;

	while (!(reg_read(port, UART_LSR) & LSR_THRE) && --turns)
		;
	reg_write(port, UART_TX, ch);
}

/* The log: past the ring, waiting for the transmitter.  Any context. */
static void serial_console_write(struct console *con, const char *s, size_t n)
{
	struct uart_port *port = con->data;
	unsigned long flags;
	bool locked = true;

	local_irq_save(flags);
	/* Who panics may hold it, or have stopped the CPU that does. */
	if (panic_in_progress())
		locked = spin_trylock(&port->lock);
	else
		spin_lock(&port->lock);
	while (n--) {
		if (*s == '\n')
			poll_out(port, '\r');
		poll_out(port, *s++);
	}
	if (locked)
		spin_unlock(&port->lock);
	local_irq_restore(flags);
}

/* console=ttyS0,115200n8 */
static int serial_console_setup(struct console *con, const char *options)
{
	static const struct {
		unsigned int baud;
		tcflag_t code;
	} speeds[] = {{9600, B9600},
		      {19200, B19200},
		      {38400, B38400},
		      {57600, B57600},
		      {115200, B115200}};
	struct uart_port *port = con->data;
	unsigned int baud = 0, i;

	for (; options && *options >= '0' && *options <= '9'; options++)
		baud = baud * 10 + (*options - '0');
	for (i = 0; i < ARRAY_SIZE(speeds); i++) {
		if (speeds[i].baud != baud)
			continue;
		port->tty->termios.c_cflag &= ~CBAUD;
		port->tty->termios.c_cflag |= speeds[i].code;
		port->tty->termios.c_ispeed = baud;
		port->tty->termios.c_ospeed = baud;
	}
	return 0;
}

/* Is there a UART?  Its scratch register keeps what it is given. */
static bool probe(const struct uart_port *port)
{
	reg_write(port, UART_IER, 0);
	reg_write(port, UART_SCR, 0x5a);
	if (reg_read(port, UART_SCR) != 0x5a)
		return false;
	reg_write(port, UART_SCR, 0xa5);
	return reg_read(port, UART_SCR) == 0xa5;
}

static void start_port(struct uart_port *port, int index)
{
	char name[8];

	snprintf(name, sizeof(name), "ttyS%d", index);
	port->tty = tty_alloc(&serial_ops, name,
			      MKDEV(TTY_MAJOR, TTYS_MINOR + index), index);
	if (!port->tty)
		panic("serial: no memory for %s", name);
	port->tty->driver_data = port;
	port->tty->termios.c_cflag = B9600 | CS8 | CREAD | HUPCL | CLOCAL;
	port->tty->termios.c_ispeed = port->tty->termios.c_ospeed = 9600;
	if (request_irq(port->irq, serial_interrupt, "ttyS", port)) {
		pr_err("%s: irq %u cannot be had\n", name, port->irq);
		return;
	}
	if (tty_register(port->tty))
		pr_err("%s: cannot be registered\n", name);
	pr_info("%s at I/O 0x%x (irq = %u, base_baud = %d) is a 16550A\n", name,
		port->base, port->irq, BASE_BAUD);
	strscpy(port->console.name, "ttyS", sizeof(port->console.name));
	port->console.index = index;
	port->console.dev = port->tty->dev;
	port->console.write = serial_console_write;
	port->console.setup = serial_console_setup;
	port->console.data = port;
	register_console(&port->console);
}

static struct char_device serial_cdev = {
	.name = "ttyS",
	.major = TTY_MAJOR,
	.minor = TTYS_MINOR,
	.count = NR_PORTS,
	.fops = &tty_fops,
};

/*
 * serial_init - find the UARTs; once, at boot.
 */
void serial_init(void)
{
	int i;

	if (register_chrdev(&serial_cdev))
		panic("serial: major %d is taken", TTY_MAJOR);
	for (i = 0; i < NR_PORTS; i++) {
		spin_lock_init(&ports[i].lock, LOCK_DEVICE);
		if (probe(&ports[i]))
			start_port(&ports[i], i);
	}
}
