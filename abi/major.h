/*
 * major.h - device numbers programs and images know by heart.
 */
#pragma once

#define UNNAMED_MAJOR		0
#define MEM_MAJOR		1
#define RAMDISK_MAJOR		1
#define TTY_MAJOR		4
#define TTYAUX_MAJOR		5
#define LOOP_MAJOR		7
#define MISC_MAJOR		10
#define INPUT_MAJOR		13
#define FB_MAJOR		29
#define PTY_MASTER_MAJOR	2
#define PTY_SLAVE_MAJOR		3
#define UNIX98_PTY_MASTER_MAJOR 128
#define UNIX98_PTY_SLAVE_MAJOR	136
#define UNIX98_PTY_MAJOR_COUNT	8
#define VIRTBLK_MAJOR		254
#define RTC_MAJOR		253

/* Minors of MEM_MAJOR */
#define DEVMEM_MINOR	 1
#define DEVNULL_MINOR	 3
#define DEVPORT_MINOR	 4
#define DEVZERO_MINOR	 5
#define DEVFULL_MINOR	 7
#define DEVRANDOM_MINOR	 8
#define DEVURANDOM_MINOR 9
#define DEVKMSG_MINOR	 11

/* Minors of TTYAUX_MAJOR; the first serial line's of TTY_MAJOR */
#define DEVTTY_MINOR	 0
#define DEVCONSOLE_MINOR 1
#define DEVPTMX_MINOR	 2
#define TTYS_MINOR_BASE	 64
