/*
 * syslog.c - syslog(2): rights and waiting; the log itself is printk's.
 *
 * printk may be called anywhere, so it only raises a softirq, which wakes
 * log_wait.
 *
 * Entry points: do_syslog, syslog_init.
 */
#include <kernel/process/syslog.h>

#include <abi/errno.h>
#include <abi/sysinfo.h>
#include <kernel/base/printk.h>
#include <kernel/irq/softirq.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>

DECLARE_WAIT_QUEUE_HEAD(log_wait);
int dmesg_restrict;

static void log_note_new(void)
{
	raise_softirq(SOFTIRQ_LOG);
}

static void log_wake_readers(void)
{
	wake_up_all(&log_wait);
}

void syslog_init(void)
{
	open_softirq(SOFTIRQ_LOG, log_wake_readers);
	log_set_wake(log_note_new);
}

int check_syslog_permissions(int type)
{
	if (!dmesg_restrict && (type == SYSLOG_ACTION_READ_ALL ||
				type == SYSLOG_ACTION_SIZE_BUFFER))
		return 0;
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* READ: wait for something to read. */
static long syslog_read(char *buf, int len)
{
	size_t n;
	int err;

	for (;;) {
		n = log_read_syslog(buf, (size_t)len);
		if (n)
			return (long)n;
		err = wait_event_interruptible(&log_wait, log_has_unread());
		if (err)
			return err;
	}
}

static long console_level(int level)
{
	if (level < 1 || level > 8)
		return -EINVAL;
	(void)console_set_loglevel(level);
	return 0;
}

long do_syslog(int type, char *buf, int len)
{
	long ret;

	ret = check_syslog_permissions(type);
	if (ret)
		return ret;
	switch (type) {
	case SYSLOG_ACTION_CLOSE:
	case SYSLOG_ACTION_OPEN:
		return 0;
	case SYSLOG_ACTION_READ:
		return syslog_read(buf, len);
	case SYSLOG_ACTION_READ_CLEAR:
		ret = (long)log_read_all(buf, (size_t)len);
		log_clear();
		return ret;
	case SYSLOG_ACTION_READ_ALL:
		return (long)log_read_all(buf, (size_t)len);
	case SYSLOG_ACTION_CLEAR:
		log_clear();
		return 0;
	case SYSLOG_ACTION_CONSOLE_OFF:
		console_log_off();
		return 0;
	case SYSLOG_ACTION_CONSOLE_ON:
		console_log_on();
		return 0;
	case SYSLOG_ACTION_CONSOLE_LEVEL:
		return console_level(len);
	case SYSLOG_ACTION_SIZE_UNREAD:
		return (long)log_size_unread();
	case SYSLOG_ACTION_SIZE_BUFFER:
		return (long)log_size_buffer();
	default:
		return -EINVAL;
	}
}
