/*
 * serial.c - 16550 UARTs: ttyS0 to ttyS3.
 *
 * Output goes through a ring of a page; the transmitter's interrupt moves up
 * to 16 bytes at a time from there.  Input is taken in the receiver's
 * interrupt; when the terminal has no room the receive interrupt is switched
 * off, and the UART's own flow control (or an emulated line's) keeps the
 * sender waiting.  serial_ioctl.c has the modem's lines and the rarer
 * requests, serial_console.c the console.
 *
 * Locks: port->lock guards registers and ring; taken in interrupts, and by
 * printk: nothing is logged and nobody woken under it.
 *
 * A break on the console's line and a key within five seconds is for sysrq.c;
 * a second break is the terminal's.
 *
 * Entry points: serial_init, serial_port_info.
 */
#include <abi/termios.h>
#include <fs/vfs/char_dev.h>
#include <kernel/base/console.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/drivers/tty/serial_info.h>
#include <kernel/drivers/tty/serial_port.h>
#include <kernel/drivers/tty/sysrq.h>
#include <kernel/irq/irq.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define NR_PORTS 4
#define TX_WAKE	 256 /* wake writers when no more than this is left */
#define SYSRQ_NS (5 * NSEC_PER_SEC) /* from a break to its key */

static struct uart_port ports[NR_PORTS] = {
	{.base = 0x3f8, .irq = 4},
	{.base = 0x2f8, .irq = 3},
	{.base = 0x3e8, .irq = 4},
	{.base = 0x2e8, .irq = 3},
};

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

/* Is @ch, or the break, not for the terminal?  lock held; the list of consoles
 * is not asked, whoever has it may wait for the lock. */
static bool take_sysrq(struct uart_port *port, u8 ch, u8 flag)
{
	u64 until = port->sysrq_until;

	if (flag == TTY_BREAK && (port->console.flags & CON_ENABLED) &&
	    !until) {
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
		modem |= (serial_modem_status(port) & MSR_DELTA) != 0;
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
		serial_read_counts(port, &info->count);
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
	serial_add_console(port);
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
