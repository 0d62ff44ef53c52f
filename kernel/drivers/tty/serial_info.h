/*
 * serial_info.h - what /proc tells of the serial ports.
 *
 * Entry points: serial_port_info, serial_info_init.
 */
#pragma once

#include <abi/termios.h>
#include <abi/types.h>

struct serial_info {
	unsigned int base, irq;
	bool present; /* there is a UART */
	struct serial_icounter_struct count;
	int modem; /* TIOCM_* */
};

/* serial_port_info - what there is at port @index; false: no such port. */
bool serial_port_info(unsigned int index, struct serial_info *info);

/* serial_info_init - /proc/tty/driver/serial; once, at boot. */
void serial_info_init(void);
