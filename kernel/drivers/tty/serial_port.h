/*
 * serial_port.h - a 16550's registers and our struct uart_port, for the parts
 * of the serial driver.
 *
 * Register facts: National Semiconductor PC16550D data sheet.
 */
#pragma once

#include <abi/termios.h>
#include <abi/types.h>
#include <kernel/arch/io.h>
#include <kernel/base/console.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/tty.h>

#define TX_RING	  4096
#define FIFO_SIZE 16
#define BASE_BAUD 115200

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

static inline u8 reg_read(const struct uart_port *port, unsigned int reg)
{
	return inb(port->base + reg);
}

static inline void reg_write(const struct uart_port *port, unsigned int reg,
			     u8 value)
{
	outb(value, port->base + reg);
}

/* --- serial_ioctl.c --- */

/* serial_modem_status - the modem status register; what has changed in it is
 * counted, and MSR_DELTA tells whether to wake who waits.  lock held. */
u8 serial_modem_status(struct uart_port *port);

/* Begin or end a break; 0. */
int serial_break_ctl(struct tty_struct *tty, bool on);
/* TIOCM_*: the lines as they are. */
int serial_tiocmget(struct tty_struct *tty);
/* Raise the lines @set, then drop @clear, TIOCM_*; 0. */
int serial_tiocmset(struct tty_struct *tty, unsigned int set,
		    unsigned int clear);
bool serial_carrier_raised(struct tty_struct *tty);
/* The counters, all of one moment. */
void serial_read_counts(struct uart_port *port,
			struct serial_icounter_struct *count);
/* What only serial lines know; -ENOIOCTLCMD: not that.  May sleep. */
int serial_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg);

/* --- serial_console.c --- */

/* The port, whose tty is registered, may be a console; once, at boot. */
void serial_add_console(struct uart_port *port);
