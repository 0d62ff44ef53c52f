/*
 * termios.h - terminal settings.
 */
#pragma once

#include <abi/types.h>

typedef u8 cc_t;
typedef u32 speed_t;
typedef u32 tcflag_t;

#define NCCS 19

/* TCGETS, TCSETS: the kernel's layout, not the C library's */
struct termios {
	tcflag_t c_iflag;
	tcflag_t c_oflag;
	tcflag_t c_cflag;
	tcflag_t c_lflag;
	cc_t c_line;
	cc_t c_cc[NCCS];
};

/* TCGETS2, TCSETS2; also the kernel's own form, struct ktermios */
struct termios2 {
	tcflag_t c_iflag;
	tcflag_t c_oflag;
	tcflag_t c_cflag;
	tcflag_t c_lflag;
	cc_t c_line;
	cc_t c_cc[NCCS];
	speed_t c_ispeed;
	speed_t c_ospeed;
};

#define NCC 8

/* TCGETA, TCSETA */
struct termio {
	u16 c_iflag;
	u16 c_oflag;
	u16 c_cflag;
	u16 c_lflag;
	u8 c_line;
	u8 c_cc[NCC];
};

struct winsize {
	u16 ws_row;
	u16 ws_col;
	u16 ws_xpixel;
	u16 ws_ypixel;
};

/* TIOCGSERIAL, TIOCSSERIAL */
struct serial_struct {
	int type;
	int line;
	unsigned int port;
	int irq;
	int flags;
	int xmit_fifo_size;
	int custom_divisor;
	int baud_base;
	unsigned short close_delay;
	char io_type;
	char reserved_char[1];
	int hub6;
	unsigned short closing_wait;
	unsigned short closing_wait2;
	unsigned char *iomem_base;
	unsigned short iomem_reg_shift;
	unsigned int port_high;
	unsigned long iomap_base;
};

#define PORT_16550A	    4
#define ASYNC_SKIP_TEST	    (1U << 6)
#define ASYNC_BOOT_AUTOCONF (1U << 28)

/* TIOCGICOUNT */
struct serial_icounter_struct {
	int cts, dsr, rng, dcd;
	int rx, tx;
	int frame, overrun, parity, brk;
	int buf_overrun;
	int reserved[9];
};

/* Indexes of c_cc */
#define VINTR	 0
#define VQUIT	 1
#define VERASE	 2
#define VKILL	 3
#define VEOF	 4
#define VTIME	 5
#define VMIN	 6
#define VSWTC	 7
#define VSTART	 8
#define VSTOP	 9
#define VSUSP	 10
#define VEOL	 11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE	 14
#define VLNEXT	 15
#define VEOL2	 16
#define VTDLY	 0x04000
#define VT0	 0x00000
#define VT1	 0x04000

/* c_iflag */
#define IGNBRK	0x001
#define BRKINT	0x002
#define IGNPAR	0x004
#define PARMRK	0x008
#define INPCK	0x010
#define ISTRIP	0x020
#define INLCR	0x040
#define IGNCR	0x080
#define ICRNL	0x100
#define IXANY	0x800
#define IUCLC	0x0200
#define IXON	0x0400
#define IXOFF	0x1000
#define IMAXBEL 0x2000
#define IUTF8	0x4000

/* c_oflag */
#define OPOST  0x01
#define OCRNL  0x08
#define ONOCR  0x10
#define ONLRET 0x20
#define OFILL  0x40
#define OFDEL  0x80
#define OLCUC  0x00002
#define ONLCR  0x00004
#define NLDLY  0x00100
#define NL0    0x00000
#define NL1    0x00100
#define CRDLY  0x00600
#define CR0    0x00000
#define CR1    0x00200
#define CR2    0x00400
#define CR3    0x00600
#define TABDLY 0x01800
#define TAB0   0x00000
#define TAB1   0x00800
#define TAB2   0x01000
#define TAB3   0x01800
#define XTABS  0x01800
#define BSDLY  0x02000
#define BS0    0x00000
#define BS1    0x02000
#define FFDLY  0x08000
#define FF0    0x00000
#define FF1    0x08000

/* c_cflag */
#define EXTA	 B19200
#define EXTB	 B38400
#define ADDRB	 0x20000000
#define CMSPAR	 0x40000000
#define CRTSCTS	 0x80000000
#define IBSHIFT	 16
#define CBAUD	 0x0000100f
#define CSIZE	 0x00000030
#define CS5	 0x00000000
#define CS6	 0x00000010
#define CS7	 0x00000020
#define CS8	 0x00000030
#define CSTOPB	 0x00000040
#define CREAD	 0x00000080
#define PARENB	 0x00000100
#define PARODD	 0x00000200
#define HUPCL	 0x00000400
#define CLOCAL	 0x00000800
#define CBAUDEX	 0x00001000
#define BOTHER	 0x00001000
#define CIBAUD	 0x100f0000
#define B0	 0x00000000
#define B50	 0x00000001
#define B75	 0x00000002
#define B110	 0x00000003
#define B134	 0x00000004
#define B150	 0x00000005
#define B200	 0x00000006
#define B300	 0x00000007
#define B600	 0x00000008
#define B1200	 0x00000009
#define B1800	 0x0000000a
#define B2400	 0x0000000b
#define B4800	 0x0000000c
#define B9600	 0x0000000d
#define B19200	 0x0000000e
#define B38400	 0x0000000f
#define B57600	 0x00001001
#define B115200	 0x00001002
#define B230400	 0x00001003
#define B460800	 0x00001004
#define B500000	 0x00001005
#define B576000	 0x00001006
#define B921600	 0x00001007
#define B1000000 0x00001008
#define B1152000 0x00001009
#define B1500000 0x0000100a
#define B2000000 0x0000100b
#define B2500000 0x0000100c
#define B3000000 0x0000100d
#define B3500000 0x0000100e
#define B4000000 0x0000100f

/* c_lflag */
#define ISIG	0x00001
#define ICANON	0x00002
#define XCASE	0x00004
#define ECHO	0x00008
#define ECHOE	0x00010
#define ECHOK	0x00020
#define ECHONL	0x00040
#define NOFLSH	0x00080
#define TOSTOP	0x00100
#define ECHOCTL 0x00200
#define ECHOPRT 0x00400
#define ECHOKE	0x00800
#define FLUSHO	0x01000
#define PENDIN	0x04000
#define IEXTEN	0x08000
#define EXTPROC 0x10000

/* TCXONC, TCFLSH, TCSETS* */
#define TCOOFF	  0
#define TCOON	  1
#define TCIOFF	  2
#define TCION	  3
#define TCIFLUSH  0
#define TCOFLUSH  1
#define TCIOFLUSH 2
#define TCSANOW	  0
#define TCSADRAIN 1
#define TCSAFLUSH 2

/* TIOCMGET and kin */
#define TIOCM_LE   0x001
#define TIOCM_DTR  0x002
#define TIOCM_RTS  0x004
#define TIOCM_ST   0x008
#define TIOCM_SR   0x010
#define TIOCM_CTS  0x020
#define TIOCM_CAR  0x040
#define TIOCM_RNG  0x080
#define TIOCM_DSR  0x100
#define TIOCM_CD   TIOCM_CAR
#define TIOCM_RI   TIOCM_RNG
#define TIOCM_OUT1 0x2000
#define TIOCM_OUT2 0x4000
#define TIOCM_LOOP 0x8000

/* Packet mode of a pty */
#define TIOCPKT_DATA	   0
#define TIOCPKT_FLUSHREAD  1
#define TIOCPKT_FLUSHWRITE 2
#define TIOCPKT_STOP	   4
#define TIOCPKT_START	   8
#define TIOCPKT_NOSTOP	   16
#define TIOCPKT_DOSTOP	   32
#define TIOCPKT_IOCTL	   64

/* TIOCSERGETLSR */
#define TIOCSER_TEMT 0x01

/* Line disciplines (TIOCSETD) */
#define N_TTY	  0
#define N_NULL	  27
#define NR_LDISCS 31

/* The value of a c_cc entry that switches it off */
#define _POSIX_VDISABLE 0
