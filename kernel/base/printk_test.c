/*
 * Tests of printk.c and log_read.c: the ring when it overflows, the formats
 * that programs read, consoles.
 *
 * Links: kernel/base/printk.c
 *
 * Links: kernel/base/log_read.c
 *
 * Links: kernel/base/cmdline.c
 *
 * Links: kernel/base/console.c
 */
#include <abi/errno.h>

#include <kernel/base/cmdline.h>
#include <kernel/base/console.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

static char shown[4096];
static size_t nr_shown;
static u64 now = 1234567890;

static u64 tell_time(void)
{
	return now;
}

static void capture(struct console *con, const char *s, size_t n)
{
	n = min(n, sizeof(shown) - 1 - nr_shown);
	memcpy(shown + nr_shown, s, n);
	nr_shown += n;
	shown[nr_shown] = '\0';
}

TEST(log_keeps_the_newest_records_whole)
{
	static struct log_record rec;
	char text[300];
	u64 seq, i;
	int got;

	for (i = 0; i < 5000; i++) {
		/* Lengths of 10 to 260 characters, told in the text. */
		memset(text, 'x', sizeof(text));
		text[i * 37 % 251] = '\0';
		printk(KERN_INFO "%06llu %s\n", i, text);
		if (i % 97)
			continue;
		/* Read everything there is, from any place. */
		seq = min(log_first_seq() + unit_random() % 5, log_next_seq());
		while ((got = log_read_record(&seq, &rec)) > 0) {
			CHECK(rec.seq == seq - 1 && rec.level == 6);
			CHECK(rec.len == 8 + rec.seq * 37 % 251);
			snprintf(text, sizeof(text), "%06llu ", rec.seq);
			CHECK(memcmp(text, rec.text, 7) == 0);
		}
		CHECK(got == 0 && seq == log_next_seq());
	}
	CHECK(log_first_seq() > 4000 && log_next_seq() == 5000);
	seq = 10;
	CHECK(log_read_record(&seq, &rec) == -EPIPE);
	CHECK(seq == log_first_seq());
}

TEST(log_shows_linux_formats)
{
	static struct log_record rec;
	char text[200];
	u64 seq;

	printk_set_clock(tell_time);
	seq = log_next_seq();
	printk(KERN_ERR "disk \\ failed\n");
	CHECK(log_read_record(&seq, &rec) == 1);
	log_format_kmsg(&rec, text, sizeof(text));
	CHECK(strstr(text, "3,5000,1234567,-;disk \\x5c failed\n") == text);
	log_format_syslog(&rec, text, sizeof(text));
	CHECK(strcmp(text, "<3>[    1.234567] disk \\ failed\n") == 0);
	log_write_user("<14>hello", 9);
	CHECK(log_read_record(&seq, &rec) == 1);
	CHECK(rec.facility == 1 && rec.level == 6 && rec.len == 5);
	log_write_user("<3>x", 4);
	CHECK(log_read_record(&seq, &rec) == 1);
	CHECK(rec.facility == 1 && rec.level == 3);
}

TEST(syslog_reads_in_pieces_and_clears)
{
	static char all[70000];
	char piece[7];
	size_t n, total = 0;

	log_clear();
	CHECK(log_read_all(all, sizeof(all)) == 0);
	while (log_read_syslog(all, sizeof(all)) > 0)
		;
	CHECK(!log_has_unread() && log_size_unread() == 0);
	pr_info("first\n");
	pr_warn("second\n");
	n = log_read_all(all, sizeof(all));
	CHECK(n == 2 * 19 + 6 + 7 - 2 && log_size_unread() == n);
	while ((n = log_read_syslog(piece, sizeof(piece))) > 0) {
		CHECK(memcmp(all + total, piece, n) == 0);
		total += n;
	}
	CHECK(total == log_read_all(all, sizeof(all)));
	/* The last whole record that fits. */
	n = log_read_all(all, 30);
	CHECK(n == 25 && memcmp(all, "<4>[", 4) == 0);
}

TEST(console_shows_by_level_and_gets_what_was_logged)
{
	static struct console con = {.name = "ttyS", .write = capture};

	cmdline_init("console=tty0 console=ttyS0,115200 loglevel=5");
	console_init();
	printk_init();
	pr_warn("early\n");
	register_console(&con);
	CHECK(con.flags & CON_PREFERRED);
	CHECK(strstr(shown, "] early\n"));
	nr_shown = 0;
	pr_info("quiet\n");
	pr_err("two\nlines\n");
	pr_warn("a");
	pr_cont("b\n");
	CHECK(strcmp(shown, "[    1.234567] two\n[    1.234567] lines\n"
			    "[    1.234567] ab\n") == 0);
	unregister_console(&con);
	CHECK(console_at(0) == NULL && console_dev() == 0);
}
