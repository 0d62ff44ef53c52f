/*
 * The log as programs read it: syslog(2) and /dev/kmsg.
 *
 * All of it stands on log_read_record(); the positions of syslog's READ and
 * CLEAR are sequence numbers.  Waiting for new records and the permission
 * checks are the callers'.
 *
 * Locks: read_lock (LOCK_CONSOLE) for syslog's position and the scratch record.
 * Entry points: log_format_kmsg, log_format_syslog, log_read_syslog,
 * log_read_all, log_clear, log_size_unread, log_has_unread, log_clear_seq.
 */
#include <abi/errno.h>

#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

static DEFINE_SPINLOCK(read_lock, LOCK_CONSOLE);
static u64 syslog_seq;	      /* [read_lock] next for READ */
static size_t syslog_partial; /* [read_lock] bytes of it already read */
static u64 clear_seq;	      /* [read_lock] first for READ_ALL */
static struct log_record rec; /* [read_lock] */
static char text[sizeof(rec.text) * 2]; /* [read_lock] a formatted record */

/* log_format_kmsg - "prio,seq,usec,-;text\n" as /dev/kmsg shows; its length. */
size_t log_format_kmsg(const struct log_record *r, char *buf, size_t size)
{
	size_t len = r->len;
	size_t i, n;

	if (len > 0 && r->text[len - 1] == '\n')
		len--;
	n = (size_t)scnprintf(buf, size, "%u,%llu,%llu,%c;",
			      (unsigned int)r->facility << 3 | r->level, r->seq,
			      r->time_ns / 1000, r->cont ? 'c' : '-');
	for (i = 0; i < len; i++) {
		u8 c = (u8)r->text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			n += (size_t)scnprintf(buf + n, size - n, "\\x%02x", c);
		else
			n += (size_t)scnprintf(buf + n, size - n, "%c", c);
	}
	n += (size_t)scnprintf(buf + n, size - n, "\n");
	return n;
}

/* log_format_syslog - "<6>[    1.234567] text\n", a line each; its length. */
size_t log_format_syslog(const struct log_record *r, char *buf, size_t size)
{
	const char *p = r->text;
	const char *end = p + r->len;
	const char *nl;
	size_t n = 0;

	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		n += (size_t)scnprintf(
			buf + n, size - n, "<%u>[%5llu.%06llu] %.*s\n",
			(unsigned int)r->facility << 3 | r->level,
			r->time_ns / 1000000000, r->time_ns / 1000 % 1000000,
			(int)(nl - p), p);
		p = nl + 1;
	}
	return n;
}

/* The next record at or after *@seq into `text`; its length, 0: none. */
static size_t next_text(u64 *seq)
{
	int got;

	do {
		got = log_read_record(seq, &rec);
	} while (got < 0);
	return got ? log_format_syslog(&rec, text, sizeof(text)) : 0;
}

/* log_read_syslog - READ: bytes moved to @buf; 0: nothing new. */
size_t log_read_syslog(char *buf, size_t size)
{
	unsigned long flags;
	size_t n, len, done = 0;
	u64 seq;

	spin_lock_irqsave(&read_lock, flags);
	while (done < size) {
		seq = syslog_seq;
		len = next_text(&seq);
		if (len == 0)
			break;
		if (seq != syslog_seq + 1)
			syslog_partial = 0; /* that record was lost */
		n = min(len - min(syslog_partial, len), size - done);
		memcpy(buf + done, text + syslog_partial, n);
		done += n;
		syslog_partial += n;
		if (syslog_partial < len) {
			syslog_seq = seq - 1;
			break;
		}
		syslog_partial = 0;
		syslog_seq = seq;
	}
	spin_unlock_irqrestore(&read_lock, flags);
	return done;
}

/* log_has_unread - would log_read_syslog find anything? */
bool log_has_unread(void)
{
	return READ_ONCE(syslog_seq) < log_next_seq();
}

/* Bytes of all records from @seq on.  read_lock is held. */
static size_t text_size_from(u64 seq)
{
	size_t len, total = 0;

	while ((len = next_text(&seq)) > 0)
		total += len;
	return total;
}

/* log_size_unread - SIZE_UNREAD. */
size_t log_size_unread(void)
{
	unsigned long flags;
	size_t n;

	spin_lock_irqsave(&read_lock, flags);
	n = text_size_from(syslog_seq);
	n -= min(n, syslog_partial);
	spin_unlock_irqrestore(&read_lock, flags);
	return n;
}

/* log_read_all - READ_ALL: the last @size bytes of whole records. */
size_t log_read_all(char *buf, size_t size)
{
	unsigned long flags;
	size_t total, len, done = 0;
	u64 seq;

	spin_lock_irqsave(&read_lock, flags);
	seq = max(clear_seq, log_first_seq());
	total = text_size_from(seq);
	while ((len = next_text(&seq)) > 0) {
		if (total <= size && done + len <= size) {
			memcpy(buf + done, text, len);
			done += len;
		} else {
			total -= min(len, total);
		}
	}
	spin_unlock_irqrestore(&read_lock, flags);
	return done;
}

/* log_clear - CLEAR: READ_ALL shows only what comes from now on. */
void log_clear(void)
{
	unsigned long flags;

	spin_lock_irqsave(&read_lock, flags);
	clear_seq = log_next_seq();
	spin_unlock_irqrestore(&read_lock, flags);
}

/* log_clear_seq - first record not hidden by syslog's CLEAR. */
u64 log_clear_seq(void)
{
	return max(READ_ONCE(clear_seq), log_first_seq());
}
