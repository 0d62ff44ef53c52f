/*
 * printk - the kernel's log.
 *
 * Each message becomes a record with a sequence number, a level and a time
 * in a ring of fixed size; the oldest records make room.  Records at or
 * above the console level are also shown on the consoles.  Callable in any
 * context, interrupts and panics included.
 *
 * Entry points: printk and pr_*; for syslog(2) log_read_syslog and kin; for
 * /dev/kmsg log_read_record.
 */
#pragma once

#include <stdarg.h>

#include <kernel/lib/macros.h>

#define KERN_SOH     "\001"
#define KERN_EMERG   KERN_SOH "0"
#define KERN_ALERT   KERN_SOH "1"
#define KERN_CRIT    KERN_SOH "2"
#define KERN_ERR     KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE  KERN_SOH "5"
#define KERN_INFO    KERN_SOH "6"
#define KERN_DEBUG   KERN_SOH "7"
#define KERN_CONT    KERN_SOH "c" /* goes on with the line before */

#define LOGLEVEL_EMERG	 0
#define LOGLEVEL_ERR	 3
#define LOGLEVEL_WARNING 4
#define LOGLEVEL_INFO	 6
#define LOGLEVEL_DEBUG	 7

/* printk - log one message; KERN_x in front gives the level (default 4). */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list args) __printf(1, 0);

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_emerg(fmt, ...)  printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)   printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)    printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)   printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)   printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...)   printk(KERN_CONT fmt, ##__VA_ARGS__)

/*
 * pr_debug - "folder: text", off unless debug=folder[,folder] or debug=all is
 * on the command line.
 */
#define pr_debug(fmt, ...)                                                     \
	do {                                                                   \
		if (unlikely(printk_debug_on) && printk_debug_wanted(fmt))     \
			printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__);         \
	} while (0)

extern bool printk_debug_on;

/* printk_debug_wanted - is the folder at the start of @fmt switched on? */
bool printk_debug_wanted(const char *fmt);

/* printk_ratelimit - true if at most 10 messages came in the last 5 s. */
bool printk_ratelimit(void);

/* printk_init - read quiet, loglevel=, debug, debug= and ignore_loglevel. */
void printk_init(void);

/* printk_set_clock - who tells the time (ns since boot) for records. */
void printk_set_clock(u64 (*now_ns)(void));

/*
 * log_set_wake - @fn is called after each new record, to wake readers.
 *
 * It runs in whatever context printk was called in, locks and all: it may
 * only note the fact (raise a softirq, set a bit).
 */
void log_set_wake(void (*fn)(void));

/* One record, copied out of the ring. */
struct log_record {
	u64 seq;
	u64 time_ns;
	u8 level;    /* 0..7 */
	u8 facility; /* 0: kernel; 1 and up: written by programs */
	bool cont;   /* last record went on with the one before */
	u16 len;     /* bytes at text, without final NUL */
	char text[1024];
};

/*
 * log_read_record - copy the first record with sequence >= *@seq.
 *
 * Returns 1 and *@seq = its number + 1; 0 if there is none yet; -EPIPE if
 * records were lost since *@seq, which then is the oldest left.
 */
int log_read_record(u64 *seq, struct log_record *rec);

/* log_format_kmsg - "prio,seq,usec,-;text\n" as /dev/kmsg shows; its length. */
size_t log_format_kmsg(const struct log_record *rec, char *buf, size_t size);

/* log_format_syslog - "<6>[    1.234567] text\n", a line each; its length. */
size_t log_format_syslog(const struct log_record *rec, char *buf, size_t size);

/* log_first_seq, log_next_seq - oldest record kept; number of the next one. */
u64 log_first_seq(void);
u64 log_next_seq(void);

/* log_clear_seq - first record not hidden by syslog's CLEAR. */
u64 log_clear_seq(void);

/* log_write_user - log a line written to /dev/kmsg ("<n>text" or "text"). */
void log_write_user(const char *text, size_t len);

/*
 * syslog(2), without the waiting and the permission checks:
 *
 * log_read_syslog  - READ: bytes moved to kernel buffer @buf; 0: nothing new.
 * log_read_all     - READ_ALL: the last @size bytes of whole lines.
 * log_clear        - CLEAR.
 * log_size_unread  - SIZE_UNREAD.
 * log_size_buffer  - SIZE_BUFFER.
 */
size_t log_read_syslog(char *buf, size_t size);
size_t log_read_all(char *buf, size_t size);
void log_clear(void);
size_t log_size_unread(void);
size_t log_size_buffer(void);

/* log_has_unread - would log_read_syslog find anything? */
bool log_has_unread(void);

/*
 * console_set_loglevel - CONSOLE_LEVEL (1..8); returns the old one.
 * console_log_off, console_log_on - CONSOLE_OFF, CONSOLE_ON.
 * console_printk - the four numbers of /proc/sys/kernel/printk.
 */
int console_set_loglevel(int level);
void console_log_off(void);
void console_log_on(void);

enum {
	CONSOLE_LOGLEVEL,	  /* shown is what is more urgent than this */
	DEFAULT_MESSAGE_LOGLEVEL, /* of what says nothing */
	MINIMUM_CONSOLE_LOGLEVEL, /* syslog(2) goes no lower */
	DEFAULT_CONSOLE_LOGLEVEL, /* as at boot; nothing reads it, as on Linux
				   */
	NR_LOGLEVELS,
};
extern int console_printk[NR_LOGLEVELS];

/* printk_enter_panic - from now on no lock may stop a message. */
void printk_enter_panic(void);
