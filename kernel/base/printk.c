/*
 * printk: the ring of log records, and showing them on the consoles.
 *
 * Records lie one behind the other in log_buf, each a header and its text,
 * rounded up to 8 bytes; a record never wraps: where the end is too near,
 * a header of size 0 says "go on at 0".  The oldest records are dropped to
 * make room.  A reader keeps a sequence number, never a place; the place of
 * the last one read is remembered, so reading in order does not search.
 *
 * A message is formatted and stored under log_lock (LOCK_LOG, the innermost
 * of all).  Then whoever gets console_trylock shows what the consoles have
 * not shown yet; the others go on, for the owner looks again before it is
 * done.  After printk_enter_panic no lock stops a message.
 *
 * Reading for programs is in log_read.c.
 * Entry points: printk, vprintk, printk_init, log_read_record.
 */
#include <kernel/base/printk.h>

#include <abi/errno.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/console.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>

#define LOG_BUF_SIZE (64U << 10)
#define LINE_MAX     976 /* text of one record */

struct header {
	u64 seq;
	u64 time_ns;
	u16 size; /* header, text and padding; 0: the rest is unused */
	u16 len;  /* of the text */
	u8 level;
	u8 facility;
	bool cont;
};

static_assert(sizeof(struct header) % 8 == 0, "records are 8-byte aligned");

static char log_buf[LOG_BUF_SIZE] __aligned(8); /* [log_lock] */
static DEFINE_SPINLOCK(log_lock, LOCK_LOG);
static u32 first_at, next_at;	/* [log_lock] oldest record, free space */
static u64 first_seq, next_seq; /* [log_lock] */
static u64 hint_seq;		/* [log_lock] a record and its place, or */
static u32 hint_at;		/* where the next one will be */
static char line[LINE_MAX + 1]; /* [log_lock] message being formatted */
static u8 last_level = LOGLEVEL_WARNING; /* [log_lock] for KERN_CONT */
static int lock_cpu;			 /* 1 + CPU inside log_lock, 0: none */

int console_printk[NR_LOGLEVELS] = {7, LOGLEVEL_WARNING, 1, 7};
static int saved_level;		  /* while console_log_off, else 0 */
static bool in_panic;		  /* locks no longer count */
static u64 (*clock)(void);	  /* [I] after boot */
static void (*wake)(void);	  /* [I] after boot */
static const char *debug_folders; /* [I] value of debug= */

bool printk_debug_on;

/* Take log_lock; false if this CPU is inside already (a fault in printk). */
static bool log_enter(unsigned long *flags)
{
	int me;

	local_irq_save(*flags);
	me = (int)smp_processor_id() + 1;
	if (READ_ONCE(in_panic))
		return true;
	if (READ_ONCE(lock_cpu) == me) {
		local_irq_restore(*flags);
		return false;
	}
	spin_lock(&log_lock);
	WRITE_ONCE(lock_cpu, me);
	return true;
}

static void log_leave(unsigned long flags)
{
	if (!READ_ONCE(in_panic)) {
		WRITE_ONCE(lock_cpu, 0);
		spin_unlock(&log_lock);
	}
	local_irq_restore(flags);
}

static inline struct header *header_at(u32 at)
{
	return (struct header *)(log_buf + at);
}

/* Is there no room for a header at @at, or a mark to start again? */
static inline bool at_end(u32 at)
{
	return LOG_BUF_SIZE - at < sizeof(struct header) ||
	       header_at(at)->size == 0;
}

static u32 step(u32 at)
{
	return at + header_at(at)->size;
}

static void drop_oldest(void)
{
	if (at_end(first_at))
		first_at = 0;
	first_at = step(first_at);
	first_seq++;
	if (first_seq != next_seq && at_end(first_at))
		first_at = 0;
}

/* Make room for @size bytes in one piece; returns where. */
static u32 make_room(u32 size)
{
	for (;;) {
		if (first_seq == next_seq) {
			first_at = 0;
			next_at = 0;
			return 0;
		}
		if (next_at > first_at) {
			if (LOG_BUF_SIZE - next_at >= size)
				return next_at;
			if (first_at > size) {
				/* Go on at the start. */
				if (LOG_BUF_SIZE - next_at >=
				    sizeof(struct header))
					header_at(next_at)->size = 0;
				next_at = 0;
				return 0;
			}
		} else if (first_at - next_at > size) {
			return next_at;
		}
		drop_oldest();
	}
}

/* Store one record; log_lock is held (or nothing counts any more). */
static void store(const char *text, size_t len, u8 level, u8 facility,
		  bool cont)
{
	u32 size = (u32)ALIGN(sizeof(struct header) + len, 8UL);
	struct header *h;

	h = header_at(make_room(size));
	next_at = (u32)((char *)h - log_buf);
	h->seq = next_seq;
	h->time_ns = clock ? clock() : 0;
	h->size = (u16)size;
	h->len = (u16)len;
	h->level = level;
	h->facility = facility;
	h->cont = cont;
	memcpy(h + 1, text, len);
	next_at += size;
	WRITE_ONCE(next_seq, next_seq + 1);
}

/* The place of record @seq, which is in the ring. */
static u32 find(u64 seq)
{
	u64 s = first_seq;
	u32 at = first_at;

	if (hint_seq >= first_seq && hint_seq <= seq) {
		s = hint_seq;
		at = hint_at;
	}
	for (;; s++) {
		if (at_end(at))
			at = 0;
		if (s == seq)
			return at;
		at = step(at);
	}
}

/* log_read_record - copy the first record with sequence >= *@seq. */
int log_read_record(u64 *seq, struct log_record *rec)
{
	const struct header *h;
	unsigned long flags;
	int ret = 0;
	u32 at;

	if (!log_enter(&flags))
		return 0;
	if (*seq < first_seq) {
		*seq = first_seq;
		ret = -EPIPE;
	} else if (*seq < next_seq) {
		at = find(*seq);
		h = header_at(at);
		rec->seq = h->seq;
		rec->time_ns = h->time_ns;
		rec->level = h->level;
		rec->facility = h->facility;
		rec->cont = h->cont;
		rec->len = h->len;
		memcpy(rec->text, h + 1, h->len);
		rec->text[h->len] = '\0';
		hint_seq = *seq;
		hint_at = at;
		(*seq)++;
		ret = 1;
	}
	log_leave(flags);
	return ret;
}

/* log_first_seq - the oldest record kept. */
u64 log_first_seq(void)
{
	return READ_ONCE(first_seq);
}

/* log_next_seq - number of the record to come. */
u64 log_next_seq(void)
{
	return READ_ONCE(next_seq);
}

/* log_size_buffer - SIZE_BUFFER of syslog(2). */
size_t log_size_buffer(void)
{
	return LOG_BUF_SIZE;
}

/* log_set_wake - @fn is called after each new record. */
void log_set_wake(void (*fn)(void))
{
	wake = fn;
}

/* printk_set_clock - who tells the time for records. */
void printk_set_clock(u64 (*now_ns)(void))
{
	clock = now_ns;
}

/* Show one record: a prefix in front of each line of it. */
static void show(struct console *con, const struct log_record *rec)
{
	const char *p = rec->text;
	const char *end = p + rec->len;
	const char *nl;
	char prefix[32];
	int n;

	if (con->mid_line && !rec->cont)
		con->write(con, "\n", 1);
	n = scnprintf(prefix, sizeof(prefix), "[%5llu.%06llu] ",
		      rec->time_ns / 1000000000, rec->time_ns / 1000 % 1000000);
	while (p < end) {
		if (!rec->cont || p != rec->text)
			con->write(con, prefix, (size_t)n);
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl + 1 : end;
		con->write(con, p, (size_t)(nl - p));
		p = nl;
	}
	con->mid_line = rec->len > 0 && end[-1] != '\n';
}

/* Show @con what it has not shown; the console lock is ours. */
static void console_catch_up(struct console *con)
{
	static struct log_record rec; /* [console lock] */
	unsigned long flags;
	int got;

	while ((got = log_read_record(&con->seq, &rec)) != 0) {
		if (got < 0 || rec.facility != 0 ||
		    rec.level >= READ_ONCE(console_printk[CONSOLE_LOGLEVEL]))
			continue;
		local_irq_save(flags);
		show(con, &rec);
		local_irq_restore(flags);
	}
}

static void console_flush(void)
{
	struct console *con;
	u64 seen;

	do {
		if (!console_trylock() && !READ_ONCE(in_panic))
			return;
		seen = log_next_seq();
		list_for_each_entry (con, console_list(), link) {
			if (con->flags & CON_ENABLED)
				console_catch_up(con);
		}
		console_unlock();
	} while (seen != log_next_seq());
}

/* Of a message that names none; the setting takes any number. */
static int default_level(void)
{
	return READ_ONCE(console_printk[DEFAULT_MESSAGE_LOGLEVEL]) & 7;
}

/* The level that @text begins with; moves it on.  @cont: goes on a line. */
static int take_level(const char **text, bool *cont)
{
	const char *s = *text;
	int level = default_level();

	*cont = false;
	while (s[0] == KERN_SOH[0] && s[1]) {
		if (s[1] >= '0' && s[1] <= '7')
			level = s[1] - '0';
		else if (s[1] == 'c')
			*cont = true;
		s += 2;
	}
	*text = s;
	return *cont ? last_level : level;
}

/* vprintk - log one message. */
int vprintk(const char *fmt, va_list args)
{
	unsigned long flags;
	const char *text = line;
	bool cont;
	int level, n;

	if (!log_enter(&flags))
		return 0;
	n = vscnprintf(line, sizeof(line), fmt, args);
	level = take_level(&text, &cont);
	n -= (int)(text - line);
	if (n > 0) {
		last_level = (u8)level;
		store(text, (size_t)n, (u8)level, 0, cont);
	}
	log_leave(flags);
	if (n > 0) {
		console_flush();
		if (wake && !READ_ONCE(in_panic))
			wake();
	}
	return n;
}

/* printk - log one message. */
int printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

/* log_write_user - log a line written to /dev/kmsg. */
void log_write_user(const char *text, size_t len)
{
	unsigned int prio = 1U << 3 | (unsigned int)default_level();
	unsigned long flags;
	char *end;

	if (len > 2 && text[0] == '<' && isdigit(text[1])) {
		unsigned long n = simple_strtoul(text + 1, &end, 10);

		if (*end == '>') {
			/* kmsg(4): programs cannot log as the kernel. */
			prio = (unsigned int)(n >> 3 ? n : n | 1U << 3);
			len -= (size_t)(end + 1 - text);
			text = end + 1;
		}
	}
	if (!log_enter(&flags))
		return;
	store(text, min(len, (size_t)LINE_MAX), prio & 7, (u8)(prio >> 3),
	      false);
	log_leave(flags);
	if (wake)
		wake();
}

/* console_set_loglevel - CONSOLE_LEVEL of syslog(2); returns the old one. */
int console_set_loglevel(int level)
{
	int old = console_printk[CONSOLE_LOGLEVEL];

	level = max(level, console_printk[MINIMUM_CONSOLE_LOGLEVEL]);
	WRITE_ONCE(console_printk[CONSOLE_LOGLEVEL], level);
	saved_level = 0;
	return old;
}

/* console_log_off - CONSOLE_OFF: show emergencies only. */
void console_log_off(void)
{
	if (!saved_level)
		saved_level = console_printk[CONSOLE_LOGLEVEL];
	WRITE_ONCE(console_printk[CONSOLE_LOGLEVEL],
		   console_printk[MINIMUM_CONSOLE_LOGLEVEL]);
}

/* console_log_on - CONSOLE_ON: undo console_log_off. */
void console_log_on(void)
{
	if (saved_level)
		WRITE_ONCE(console_printk[CONSOLE_LOGLEVEL], saved_level);
	saved_level = 0;
}

/* printk_enter_panic - from now on no lock may stop a message. */
void printk_enter_panic(void)
{
	WRITE_ONCE(in_panic, true);
	if (console_printk[CONSOLE_LOGLEVEL] < 7)
		console_printk[CONSOLE_LOGLEVEL] = 7;
}

/* printk_debug_wanted - is the folder at the start of @fmt switched on? */
bool printk_debug_wanted(const char *fmt)
{
	const char *colon = strchr(fmt, ':');
	const char *f = debug_folders;
	size_t n;

	if (!f || strcmp(f, "all") == 0)
		return true;
	if (!colon)
		return false;
	while (*f) {
		n = strcspn(f, ",");
		if (n == (size_t)(colon - fmt) && strncmp(f, fmt, n) == 0)
			return true;
		f += n + (f[n] == ',');
	}
	return false;
}

/* printk_ratelimit - true if at most 10 messages came in the last 5 s. */
bool printk_ratelimit(void)
{
	static u64 window_start;
	static unsigned int in_window;
	u64 now = clock ? clock() : 0;

	if (now - READ_ONCE(window_start) > 5000000000ULL) {
		WRITE_ONCE(window_start, now);
		WRITE_ONCE(in_window, 0);
	}
	return __atomic_fetch_add(&in_window, 1, __ATOMIC_RELAXED) < 10;
}

/* printk_init - read quiet, loglevel=, debug, debug= and ignore_loglevel. */
void printk_init(void)
{
	const char *debug = cmdline_get("debug");
	long level = cmdline_get_int("loglevel", -1);

	if (cmdline_has("quiet"))
		console_printk[CONSOLE_LOGLEVEL] = 4;
	if (debug) {
		console_printk[CONSOLE_LOGLEVEL] = 10;
		printk_debug_on = *debug != '\0';
		debug_folders = debug;
	}
	if (level >= 0)
		console_printk[CONSOLE_LOGLEVEL] = (int)level;
	if (cmdline_has("ignore_loglevel"))
		console_printk[CONSOLE_LOGLEVEL] = 16;
}
