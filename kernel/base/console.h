/*
 * Consoles: where the log is shown, and what /dev/console means.
 *
 * A driver fills a struct console and registers it.  console=NAME[,OPTIONS]
 * on the command line (several are allowed; the last is /dev/console) says
 * which are used; without any, the first one registered is.
 * Locks: console_lock.
 */
#pragma once

#include <kernel/lib/list.h>

#define CON_BOOT      0x01 /* early; dropped when a real console comes */
#define CON_ENABLED   0x02 /* shows the log */
#define CON_PREFERRED 0x04 /* is /dev/console */

struct console {
	char name[8]; /* "ttyS", "tty" */
	int index;    /* 0 for ttyS0; -1: take it from console= */
	unsigned int flags;
	dev_t dev; /* device number of the terminal behind it; 0: none */
	/* Show @n bytes; any context, interrupts off; must not printk. */
	void (*write)(struct console *con, const char *s, size_t n);
	/* Set up from console='s text after the comma; may be NULL. */
	int (*setup)(struct console *con, const char *options);
	void *data;
	/* Owned by printk.c and console.c; zero at first. */
	struct list_head link;
	u64 seq;       /* next record to show */
	bool mid_line; /* the last record had no newline */
};

/*
 * register_console - use @con if it is wanted; shows what was logged so far.
 *
 * The caller keeps @con alive until unregister_console.
 */
void register_console(struct console *con);

/* unregister_console - stop using @con. */
void unregister_console(struct console *con);

/*
 * console_lock, console_unlock - own the list of consoles and what they show.
 *
 * Whoever logs while another owns it leaves the showing to the owner.
 * console_trylock is for that; console_lock spins.  (printk.c, console.c.)
 */
void console_lock(void);
bool console_trylock(void);
void console_unlock(void);

/* console_list - all registered consoles; the caller owns the lock. */
struct list_head *console_list(void);

/* console_dev - device number of /dev/console's terminal, 0 if there is none.
 */
dev_t console_dev(void);

/* console_at - the @n-th registered console, NULL past the end. */
const struct console *console_at(unsigned int n);

/* console_init - read console= from the command line. */
void console_init(void);
