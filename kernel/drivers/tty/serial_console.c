/*
 * serial_console.c - the console on a serial line: console=ttyS0,115200n8.
 *
 * printk writes past the port's ring, polling, so that the log is whole even
 * in a panic.
 *
 * Locks: port->lock, for the length of a message; a panic goes on without it
 * when it is not to be had.
 *
 * Entry points: serial_add_console.
 */
#include <kernel/drivers/tty/serial_port.h>

#include <abi/termios.h>
#include <kernel/base/console.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define POLL_LIMIT 100000

/* Wait for the transmitter, but not for ever. */
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

/* serial_add_console - see serial_port.h. */
void serial_add_console(struct uart_port *port)
{
	struct console *con = &port->console;

	strscpy(con->name, "ttyS", sizeof(con->name));
	con->index = port->tty->index;
	con->dev = port->tty->dev;
	con->write = serial_console_write;
	con->setup = serial_console_setup;
	con->data = port;
	register_console(con);
}
