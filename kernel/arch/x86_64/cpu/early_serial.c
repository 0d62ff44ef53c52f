/*
 * The first serial port as a console for the boot, until the tty driver's own
 * takes over.  Polling; no interrupts, no configuration beyond 115200 8N1.
 *
 * Entry points: early_serial_init.
 */
#include <kernel/arch/barrier.h>
#include <kernel/arch/io.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/console.h>

#define COM1	  0x3f8
#define UART_THR  0
#define UART_IER  1
#define UART_FCR  2
#define UART_LCR  3
#define UART_MCR  4
#define UART_LSR  5
#define LSR_EMPTY 0x20
#define LCR_DLAB  0x80
#define LCR_8N1	  0x03
#define SPINS_MAX 100000

static void put(u8 c)
{
	unsigned int spins;

	for (spins = 0; spins < SPINS_MAX; spins++) {
		if (inb(COM1 + UART_LSR) & LSR_EMPTY)
			break;
		cpu_relax();
	}
	outb(c, COM1 + UART_THR);
}

static void write_text(struct console *con, const char *s, size_t n)
{
	(void)con;
	for (; n; n--, s++) {
		if (*s == '\n')
			put('\r');
		put((u8)*s);
	}
}

static struct console early_serial = {
	.name = "uart",
	.index = 0,
	.flags = CON_BOOT,
	.write = write_text,
};

/* early_serial_init - set the port up if there is one; register it. */
void __init early_serial_init(void)
{
	if (inb(COM1 + UART_LSR) == 0xff)
		return;
	outb(0, COM1 + UART_IER);
	outb(LCR_DLAB | LCR_8N1, COM1 + UART_LCR);
	outb(1, COM1 + UART_THR);
	outb(0, COM1 + UART_IER);
	outb(LCR_8N1, COM1 + UART_LCR);
	outb(7, COM1 + UART_FCR);
	outb(3, COM1 + UART_MCR);
	register_console(&early_serial);
}
