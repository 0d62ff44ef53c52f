/*
 * rtc.c - /dev/rtc0: the battery clock, rtc(4).
 *
 * One program at a time has it open.  Alarm and update interrupts are the
 * clock's own; the periodic one is a kernel timer, as on Linux, so that its
 * rate needs no power of two.  What came is kept as a count and a set of bits
 * until it is read.  The alarm is kept as a whole date, of which the clock
 * knows only the time of day: so it can be a day ahead at most.
 *
 * Locks: rtc_mutex (LOCK_RTC) for ioctls, copies included; event_lock
 * (LOCK_LEAF_IRQ) for what interrupts write.  SIGIO is sent by a work item.
 *
 * Entry points: rtc_init.
 */
#include <kernel/drivers/char/char.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/major.h>
#include <abi/poll.h>
#include <abi/rtc.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/rtc.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/char/rtc_time.h>
#include <kernel/irq/irq.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/posix_clock.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

#define RTC_NAME	  "rtc0"
#define RTC_MAX_FREQ	  8192
#define DEFAULT_USER_FREQ 64
#define SYSFS_DIR	  "devices/platform/rtc_cmos/rtc/" RTC_NAME

static_assert(ARCH_RTC_ALARM == RTC_AF && ARCH_RTC_UPDATE == RTC_UF,
	      "the chip's bits are read(2)'s");

/* Locks:  M rtc_mutex   E event_lock */
static struct {
	bool open;		    /* [M] */
	s64 alarm;		    /* [E] seconds since 1970 */
	bool alarm_on;		    /* [E] */
	bool update_on;		    /* [M] */
	unsigned long freq;	    /* [M] of the periodic interrupt, Hz */
	unsigned int max_user_freq; /* [M] more needs CAP_SYS_RESOURCE */
	bool periodic_on;	    /* [E] */
	u64 period_ns;		    /* [E] */
	unsigned long events;	    /* [E] count << 8 | RTC_IRQF and kin */
	unsigned int untold;	    /* [E] events without SIGIO yet */
	struct timer timer;
} rtc = {.freq = 1, .max_user_freq = DEFAULT_USER_FREQ};

static DEFINE_MUTEX(rtc_mutex, LOCK_RTC);
static DEFINE_SPINLOCK(event_lock, LOCK_LEAF_IRQ);
static DECLARE_WAIT_QUEUE_HEAD(readers);
static LIST_HEAD(async_files);
static struct work_struct tell_work;

/* --- events --- */

/* @what has come; event_lock held. */
static void add_event(unsigned long what)
{
	rtc.events = (rtc.events + (1UL << 8)) | RTC_IRQF | what;
	if (!list_empty(&async_files))
		rtc.untold++;
	wake_up_poll(&readers, POLLIN | POLLRDNORM);
}

/* One signal for each event. */
static void tell_owners(struct work_struct *work)
{
	unsigned int n;

	spin_lock_irq(&event_lock);
	n = rtc.untold;
	rtc.untold = 0;
	spin_unlock_irq(&event_lock);
	while (n--)
		kill_fasync(&async_files, POLL_IN);
}

/* Events have been added, and event_lock let go. */
static void events_added(void)
{
	if (READ_ONCE(rtc.untold))
		schedule_work(&tell_work);
}

/* The alarm has come; event_lock held. */
static void alarm_came(void)
{
	rtc.alarm_on = false;
	add_event(RTC_AF);
}

static enum irqreturn rtc_interrupt(unsigned int irq, void *cookie)
{
	u8 came = arch_rtc_irq_ack();

	(void)irq;
	(void)cookie;
	if (!came)
		return IRQ_NONE;
	if (came & ARCH_RTC_ALARM)
		arch_rtc_irq_enable(ARCH_RTC_ALARM, false);
	spin_lock(&event_lock);
	if (came & ARCH_RTC_UPDATE)
		add_event(RTC_UF);
	if ((came & ARCH_RTC_ALARM) && rtc.alarm_on)
		alarm_came();
	spin_unlock(&event_lock);
	events_added();
	return IRQ_HANDLED;
}

/* The periodic interrupt. */
static void rtc_period(struct timer *timer, void *cookie)
{
	unsigned long flags;
	u64 next, now;

	(void)cookie;
	spin_lock_irqsave(&event_lock, flags);
	if (rtc.periodic_on) {
		add_event(RTC_PF);
		next = timer->expires_ns + rtc.period_ns;
		now = ktime_get_ns();
		timer_start(timer, next > now ? next : now + rtc.period_ns);
	}
	spin_unlock_irqrestore(&event_lock, flags);
	events_added();
}

/* --- what ioctls do; rtc_mutex held --- */

static int set_periodic(bool on)
{
	spin_lock_irq(&event_lock);
	rtc.period_ns = NSEC_PER_SEC / rtc.freq;
	rtc.periodic_on = on;
	spin_unlock_irq(&event_lock);
	if (on)
		timer_start_after(&rtc.timer, rtc.period_ns);
	else
		(void)timer_cancel(&rtc.timer);
	return 0;
}

static int set_freq(unsigned long freq)
{
	if (freq == 0 || freq > RTC_MAX_FREQ)
		return -EINVAL;
	rtc.freq = freq;
	return rtc.periodic_on ? set_periodic(true) : 0;
}

static int set_updates(bool on)
{
	rtc.update_on = on;
	arch_rtc_irq_enable(ARCH_RTC_UPDATE, on);
	return 0;
}

static void stop_alarm(void)
{
	arch_rtc_irq_enable(ARCH_RTC_ALARM, false);
	spin_lock_irq(&event_lock);
	rtc.alarm_on = false;
	spin_unlock_irq(&event_lock);
}

/* Let the alarm ring at rtc.alarm; at once if that has passed. */
static int start_alarm(void)
{
	s64 now = arch_read_rtc();
	bool over = rtc.alarm <= now;

	/* The clock knows only the time of day. */
	if (rtc.alarm > now + SECONDS_PER_DAY - 1)
		return -EINVAL;
	if (!over)
		arch_rtc_set_alarm((unsigned int)(rtc.alarm % SECONDS_PER_DAY));
	spin_lock_irq(&event_lock);
	rtc.alarm_on = true;
	if (over)
		alarm_came();
	spin_unlock_irq(&event_lock);
	events_added();
	if (!over)
		arch_rtc_irq_enable(ARCH_RTC_ALARM, true);
	return 0;
}

static int set_alarm(const struct rtc_time *tm, bool enable)
{
	if (!rtc_valid_tm(tm))
		return -EINVAL;
	stop_alarm();
	rtc.alarm = rtc_tm_to_time64(tm);
	return enable ? start_alarm() : 0;
}

/* RTC_ALM_SET: the next time that it is so late. */
static int set_alarm_time(const struct rtc_time *tm)
{
	s64 now = arch_read_rtc();
	struct rtc_time full = rtc_time64_to_tm(now);

	full.tm_sec = tm->tm_sec;
	full.tm_min = tm->tm_min;
	full.tm_hour = tm->tm_hour;
	if (!rtc_valid_tm(&full))
		return -EINVAL;
	if (rtc_tm_to_time64(&full) < now) {
		full = rtc_time64_to_tm(now + SECONDS_PER_DAY);
		full.tm_sec = tm->tm_sec;
		full.tm_min = tm->tm_min;
		full.tm_hour = tm->tm_hour;
	}
	return set_alarm(&full, false);
}

static int set_time(const struct rtc_time *tm)
{
	if (!rtc_valid_tm(tm))
		return -EINVAL;
	return arch_write_rtc(rtc_tm_to_time64(tm));
}

static struct rtc_wkalrm get_alarm(void)
{
	struct rtc_wkalrm alarm;

	memset(&alarm, 0, sizeof(alarm));
	alarm.enabled = READ_ONCE(rtc.alarm_on);
	alarm.time = rtc_time64_to_tm(rtc.alarm);
	return alarm;
}

/* --- the file --- */

static int rtc_open(struct inode *inode, struct file *file)
{
	int err = -EBUSY;

	(void)inode;
	(void)file;
	mutex_lock(&rtc_mutex);
	if (!rtc.open) {
		rtc.open = true;
		spin_lock_irq(&event_lock);
		rtc.events = 0;
		spin_unlock_irq(&event_lock);
		err = 0;
	}
	mutex_unlock(&rtc_mutex);
	return err;
}

/* What repeats ends with the program; the alarm stays. */
static int rtc_release(struct inode *inode, struct file *file)
{
	(void)inode;
	(void)file;
	mutex_lock(&rtc_mutex);
	(void)set_updates(false);
	(void)set_periodic(false);
	rtc.open = false;
	mutex_unlock(&rtc_mutex);
	return 0;
}

static unsigned long take_events(void)
{
	unsigned long events;

	spin_lock_irq(&event_lock);
	events = rtc.events;
	rtc.events = 0;
	spin_unlock_irq(&event_lock);
	return events;
}

static ssize_t rtc_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	size_t size = iov_iter_count(iter);
	unsigned long events;
	int err;

	(void)pos;
	if (size != sizeof(u32) && size < sizeof(unsigned long))
		return -EINVAL;
	size = min(size, sizeof(unsigned long));
	while (!(events = take_events())) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&readers, READ_ONCE(rtc.events));
		if (err)
			return err;
	}
	if (copy_to_iter(&events, size, iter) != size)
		return -EFAULT;
	return (ssize_t)size;
}

static u32 rtc_poll(struct file *file, struct poll_table *table)
{
	poll_wait(file, &readers, table);
	return READ_ONCE(rtc.events) ? POLLIN | POLLRDNORM : 0;
}

/* rtc(4): what changes the clock or costs much needs a right; EACCES. */
static int rtc_may(unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case RTC_EPOCH_SET:
	case RTC_SET_TIME:
		return capable(CAP_SYS_TIME) ? 0 : -EACCES;
	case RTC_IRQP_SET:
		return arg <= rtc.max_user_freq || capable(CAP_SYS_RESOURCE)
			       ? 0
			       : -EACCES;
	case RTC_PIE_ON:
		return rtc.freq <= rtc.max_user_freq ||
				       capable(CAP_SYS_RESOURCE)
			       ? 0
			       : -EACCES;
	}
	return 0;
}

/* Those that read a struct. */
static long rtc_ioctl_get(unsigned int cmd, void __user *arg)
{
	struct rtc_wkalrm alarm;
	struct rtc_time tm;
	s64 now;

	switch (cmd) {
	case RTC_RD_TIME:
		now = arch_read_rtc();
		if (now <= 0)
			return -EINVAL;
		tm = rtc_time64_to_tm(now);
		return copy_to_user(arg, &tm, sizeof(tm)) ? -EFAULT : 0;
	case RTC_ALM_READ:
		alarm = get_alarm();
		return copy_to_user(arg, &alarm.time, sizeof(alarm.time))
			       ? -EFAULT
			       : 0;
	case RTC_WKALM_RD:
		alarm = get_alarm();
		return copy_to_user(arg, &alarm, sizeof(alarm)) ? -EFAULT : 0;
	case RTC_IRQP_READ:
		return put_user(rtc.freq, (unsigned long __user *)arg);
	}
	return -ENOTTY;
}

/* Those that set one. */
static long rtc_ioctl_set(unsigned int cmd, void __user *arg)
{
	struct rtc_wkalrm alarm;
	struct rtc_time tm;

	if (cmd == RTC_WKALM_SET) {
		if (copy_from_user(&alarm, arg, sizeof(alarm)))
			return -EFAULT;
		return set_alarm(&alarm.time, alarm.enabled);
	}
	if (copy_from_user(&tm, arg, sizeof(tm)))
		return -EFAULT;
	return cmd == RTC_SET_TIME ? set_time(&tm) : set_alarm_time(&tm);
}

static long ioctl_locked(unsigned int cmd, unsigned long arg)
{
	int err = rtc_may(cmd, arg);

	if (err)
		return err;
	switch (cmd) {
	case RTC_AIE_ON:
		return start_alarm();
	case RTC_AIE_OFF:
		stop_alarm();
		return 0;
	case RTC_UIE_ON:
	case RTC_UIE_OFF:
		return set_updates(cmd == RTC_UIE_ON);
	case RTC_PIE_ON:
	case RTC_PIE_OFF:
		return set_periodic(cmd == RTC_PIE_ON);
	case RTC_IRQP_SET:
		return set_freq(arg);
	case RTC_WKALM_SET:
	case RTC_SET_TIME:
	case RTC_ALM_SET:
		return rtc_ioctl_set(cmd, (void __user *)arg);
	}
	return rtc_ioctl_get(cmd, (void __user *)arg);
}

static long rtc_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	(void)file;
	mutex_lock(&rtc_mutex);
	ret = ioctl_locked(cmd, arg);
	mutex_unlock(&rtc_mutex);
	return ret;
}

static int rtc_fasync(int fd, struct file *file, bool on)
{
	return fasync_helper(fd, file, on, &async_files);
}

static const struct file_operations rtc_fops = {
	.open = rtc_open,
	.release = rtc_release,
	.read_iter = rtc_read,
	.poll = rtc_poll,
	.ioctl = rtc_ioctl,
	.fasync = rtc_fasync,
	.llseek = no_llseek,
};

/* --- /sys/class/rtc/rtc0 --- */

static int name_show(struct seq_file *m, void *data)
{
	seq_printf(m, "rtc_cmos rtc_cmos\n");
	return 0;
}

static int date_show(struct seq_file *m, void *data)
{
	struct rtc_time tm = rtc_time64_to_tm(arch_read_rtc());

	seq_printf(m, "%04d-%02d-%02d\n", tm.tm_year + 1900, tm.tm_mon + 1,
		   tm.tm_mday);
	return 0;
}

static int time_show(struct seq_file *m, void *data)
{
	struct rtc_time tm = rtc_time64_to_tm(arch_read_rtc());

	seq_printf(m, "%02d:%02d:%02d\n", tm.tm_hour, tm.tm_min, tm.tm_sec);
	return 0;
}

static int since_epoch_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lld\n", (long long)arch_read_rtc());
	return 0;
}

/* Did the system take its time from this clock at boot?  It did. */
static int hctosys_show(struct seq_file *m, void *data)
{
	seq_printf(m, "1\n");
	return 0;
}

static int max_user_freq_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(rtc.max_user_freq));
	return 0;
}

static ssize_t max_user_freq_store(void *data, const char *text, size_t len)
{
	unsigned int freq;

	if (kstrtouint(text, 0, &freq) || freq >= 4096 || freq == 0)
		return -EINVAL;
	WRITE_ONCE(rtc.max_user_freq, freq);
	return (ssize_t)len;
}

/* Empty while no alarm is set. */
static int wakealarm_show(struct seq_file *m, void *data)
{
	if (READ_ONCE(rtc.alarm_on))
		seq_printf(m, "%lld\n", (long long)READ_ONCE(rtc.alarm));
	return 0;
}

/* sysfs: seconds since 1970, "+" from now; the past switches it off. */
static int wakealarm_set(const char *text)
{
	s64 now = arch_read_rtc();
	bool relative = *text == '+';
	bool push = relative && text[1] == '=';
	long long alarm;

	text += relative + push;
	if (kstrtoll(text, 0, &alarm))
		return -EINVAL;
	if (push) {
		if (!rtc.alarm_on)
			return -EINVAL;
		alarm += rtc.alarm;
	} else if (relative) {
		alarm += now;
	}
	if (alarm > now) {
		if (rtc.alarm_on && !push)
			return -EBUSY;
		stop_alarm();
		rtc.alarm = alarm;
		return start_alarm();
	}
	stop_alarm();
	return 0;
}

static ssize_t wakealarm_store(void *data, const char *text, size_t len)
{
	int err;

	mutex_lock(&rtc_mutex);
	err = wakealarm_set(text);
	mutex_unlock(&rtc_mutex);
	return err ? err : (ssize_t)len;
}

static void __init show_in_sysfs(void)
{
	struct pseudo_entry *dir = pseudo_mkdir(&sysfs_tree.root, SYSFS_DIR);

	if (!dir)
		return;
	(void)pseudo_create(dir, "name", 0444, name_show, NULL, NULL);
	(void)pseudo_create(dir, "date", 0444, date_show, NULL, NULL);
	(void)pseudo_create(dir, "time", 0444, time_show, NULL, NULL);
	(void)pseudo_create(dir, "since_epoch", 0444, since_epoch_show, NULL,
			    NULL);
	(void)pseudo_create(dir, "hctosys", 0444, hctosys_show, NULL, NULL);
	(void)pseudo_create(dir, "max_user_freq", 0644, max_user_freq_show,
			    max_user_freq_store, NULL);
	(void)pseudo_create(dir, "wakealarm", 0644, wakealarm_show,
			    wakealarm_store, NULL);
}

/* rtc_init - see char.h. */
void __init rtc_init(void)
{
	static struct char_device cdev = {
		.name = "rtc",
		.major = RTC_MAJOR,
		.count = 1,
		.fops = &rtc_fops,
	};

	if (arch_read_rtc() <= 0)
		return;
	timer_init(&rtc.timer, rtc_period, NULL);
	INIT_WORK(&tell_work, tell_owners);
	arch_rtc_irq_enable(ARCH_RTC_ALARM | ARCH_RTC_UPDATE | RTC_PF, false);
	if (request_irq(ARCH_RTC_IRQ, rtc_interrupt, RTC_NAME, NULL) ||
	    register_chrdev(&cdev) ||
	    device_node_register(RTC_NAME, S_IFCHR | 0600,
				 MKDEV(RTC_MAJOR, 0))) {
		pr_err("rtc: cannot register /dev/" RTC_NAME "\n");
		return;
	}
	show_in_sysfs();
	/* It could wake a machine that slept. */
	posix_clock_alarms = true;
}
