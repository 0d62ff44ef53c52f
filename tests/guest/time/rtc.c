/*
 * /dev/rtc0: the battery clock's time, its interrupts, its alarm; hwclock of
 * BusyBox.  The clock is set and put back.
 */
#include "tap.h"
#include <linux/rtc.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static int rtc;

static time_t rtc_seconds(void)
{
	struct rtc_time tm;

	if (ioctl(rtc, RTC_RD_TIME, &tm))
		return -1;
	return timegm((struct tm *)&tm);
}

static struct rtc_time time_of(time_t seconds)
{
	struct rtc_time tm;
	struct tm out;

	memset(&tm, 0, sizeof(tm));
	gmtime_r(&seconds, &out);
	memcpy(&tm, &out, sizeof(tm));
	return tm;
}

static unsigned long take(void)
{
	unsigned long events = 0;

	return read(rtc, &events, sizeof(events)) == sizeof(events) ? events
								    : 0;
}

static int ready(int ms)
{
	struct pollfd entry = {.fd = rtc, .events = POLLIN};

	return poll(&entry, 1, ms) == 1 && (entry.revents & POLLIN);
}

static void reading(void)
{
	struct rtc_time tm;
	struct tm check;
	time_t now;

	ok(ioctl(rtc, RTC_RD_TIME, &tm) == 0 && tm.tm_year > 123 &&
		   tm.tm_mon < 12,
	   "RTC_RD_TIME");
	now = timegm((struct tm *)&tm);
	gmtime_r(&now, &check);
	ok(check.tm_wday == tm.tm_wday && check.tm_yday == tm.tm_yday,
	   "the day of the week and of the year");
	ok(labs(now - time(NULL)) < 86400, "about the system's time");
	ok_errno(open("/dev/rtc0", O_RDONLY), EBUSY, "one opener: EBUSY");
	ok_errno(lseek(rtc, 0, SEEK_SET), ESPIPE, "no position: ESPIPE");
	ok_errno(ioctl(rtc, RTC_RD_TIME, nowhere), EFAULT, "EFAULT");
	ok_errno(ioctl(rtc, TIOCGPGRP, &now), ENOTTY, "ENOTTY");
	ok_errno(ioctl(rtc, RTC_EPOCH_READ, &now), ENOTTY, "no epoch: ENOTTY");
	ok_errno(read(rtc, &tm, 3), EINVAL, "3 bytes: EINVAL");
}

/* F_SETSIG: each event is told. */
static void signals(void)
{
	struct timespec limit = {10, 0};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fcntl(rtc, F_SETOWN, getpid());
	fcntl(rtc, F_SETSIG, SIGRTMIN);
	ok(fcntl(rtc, F_SETFL, O_ASYNC) == 0 && (fcntl(rtc, F_GETFL) & O_ASYNC),
	   "O_ASYNC");
	ok(ioctl(rtc, RTC_UIE_ON) == 0 &&
		   sigtimedwait(&set, &info, &limit) == SIGRTMIN &&
		   info.si_code == POLL_IN && info.si_fd == rtc &&
		   info.si_band == (POLLIN | POLLRDNORM),
	   "an update: SIGIO, POLL_IN");
	ok(sigtimedwait(&set, &info, &limit) == SIGRTMIN,
	   "and the next, whether it was read or not");
	ioctl(rtc, RTC_UIE_OFF);
	fcntl(rtc, F_SETFL, 0);
	take();
}

static void setting(void)
{
	time_t before = rtc_seconds();
	time_t new = 1709164799; /* 2024-02-28 23:59:59 */
	struct rtc_time tm = time_of(new);
	time_t got;

	ok(ioctl(rtc, RTC_SET_TIME, &tm) == 0, "RTC_SET_TIME");
	got = rtc_seconds();
	ok(got >= new &&got < new + 5, "it is set");
	sleep_ms(1500);
	ok(ioctl(rtc, RTC_RD_TIME, &tm) == 0 && tm.tm_mday == 29 &&
		   tm.tm_mon == 1,
	   "29 February follows");
	tm = time_of(before + 2);
	ok(ioctl(rtc, RTC_SET_TIME, &tm) == 0 &&
		   labs(rtc_seconds() - before) < 10,
	   "and back");
	tm.tm_mon = 12;
	ok_errno(ioctl(rtc, RTC_SET_TIME, &tm), EINVAL, "a 13th month");
	tm = time_of(before);
	tm.tm_sec = 60;
	ok_errno(ioctl(rtc, RTC_SET_TIME, &tm), EINVAL, "a 61st second");
}

static int as_student(void)
{
	struct rtc_time tm = time_of(1709164799);
	unsigned long rate;

	need(fails(ioctl(rtc, RTC_SET_TIME, &tm), EACCES));
	need(fails(ioctl(rtc, RTC_IRQP_SET, 65), EACCES));
	need(ioctl(rtc, RTC_IRQP_SET, 64) == 0);
	need(ioctl(rtc, RTC_IRQP_READ, &rate) == 0 && rate == 64);
	return 0;
}

static void periodic(void)
{
	unsigned long rate = 0;
	unsigned long events;
	unsigned long count = 0;
	long before;

	ok(in_child_as(STUDENT, as_student) == 0,
	   "EACCES for users; up to 64 Hz is free");
	ok_errno(ioctl(rtc, RTC_IRQP_SET, 0), EINVAL, "0 Hz: EINVAL");
	ok_errno(ioctl(rtc, RTC_IRQP_SET, 8193), EINVAL, "8193 Hz: EINVAL");
	ok(ioctl(rtc, RTC_IRQP_SET, 100) == 0 &&
		   ioctl(rtc, RTC_IRQP_READ, &rate) == 0 && rate == 100,
	   "100 Hz");
	before = now_ms();
	ok(ioctl(rtc, RTC_PIE_ON, 0) == 0, "RTC_PIE_ON");
	while (count < 10) {
		events = take();
		if (!events || (events & 0xff) != (RTC_IRQF | RTC_PF))
			break;
		count += events >> 8;
	}
	ok(count >= 10 && now_ms() - before >= 90, "they are counted");
	ok(ioctl(rtc, RTC_PIE_OFF, 0) == 0, "RTC_PIE_OFF");
	if (ready(0))
		take();
	ok(!ready(50), "then it is silent");
	fcntl(rtc, F_SETFL, O_RDONLY | O_NONBLOCK);
	ok_errno(read(rtc, &rate, 8), EAGAIN, "O_NONBLOCK: EAGAIN");
	fcntl(rtc, F_SETFL, O_RDONLY);
}

static void updates(void)
{
	unsigned int events = 0;
	time_t before;

	ok(ioctl(rtc, RTC_UIE_ON, 0) == 0, "RTC_UIE_ON");
	take();
	before = rtc_seconds();
	ok(read(rtc, &events, 4) == 4 &&
		   (events & 0xff) == (RTC_IRQF | RTC_UF) && events >> 8 >= 1,
	   "an interrupt with the second, read as 4 bytes");
	ok(rtc_seconds() > before, "then the second is another");
	ok(ioctl(rtc, RTC_UIE_OFF, 0) == 0, "RTC_UIE_OFF");
}

static void alarms(void)
{
	struct rtc_wkalrm alarm;
	struct rtc_time tm;
	unsigned long events;
	time_t now = rtc_seconds();

	tm = time_of(now + 2);
	ok(ioctl(rtc, RTC_ALM_SET, &tm) == 0 &&
		   ioctl(rtc, RTC_ALM_READ, &tm) == 0 &&
		   timegm((struct tm *)&tm) == now + 2,
	   "RTC_ALM_SET, RTC_ALM_READ");
	ok(ioctl(rtc, RTC_AIE_ON, 0) == 0 &&
		   ioctl(rtc, RTC_WKALM_RD, &alarm) == 0 && alarm.enabled,
	   "RTC_AIE_ON");
	ok(ready(5000), "it rings");
	events = take();
	ok((events & 0xff) == (RTC_IRQF | RTC_AF) && events >> 8 == 1 &&
		   rtc_seconds() >= now + 2,
	   "once, at its time");
	ok(ioctl(rtc, RTC_WKALM_RD, &alarm) == 0 && !alarm.enabled,
	   "then it is off");

	memset(&alarm, 0, sizeof(alarm));
	now = rtc_seconds();
	alarm.enabled = 1;
	alarm.time = time_of(now + 1);
	ok(ioctl(rtc, RTC_WKALM_SET, &alarm) == 0 && ready(5000) &&
		   (take() & RTC_AF),
	   "RTC_WKALM_SET");
	alarm.time = time_of(now + 3 * 86400);
	ok_errno(ioctl(rtc, RTC_WKALM_SET, &alarm), EINVAL,
		 "a day ahead at most");
	alarm.time = time_of(now + 3600);
	ok(ioctl(rtc, RTC_WKALM_SET, &alarm) == 0 &&
		   ioctl(rtc, RTC_AIE_OFF, 0) == 0 && !ready(10),
	   "RTC_AIE_OFF");
	alarm.time.tm_mon = 13;
	ok_errno(ioctl(rtc, RTC_WKALM_SET, &alarm), EINVAL, "no date");
}

static void told(void)
{
	char text[100];
	long seconds;

	file_text("/sys/class/rtc/rtc0/since_epoch", text, sizeof(text));
	seconds = atol(text);
	ok(labs(seconds - rtc_seconds()) < 3, "since_epoch");
	file_text("/sys/class/rtc/rtc0/max_user_freq", text, sizeof(text));
	ok(!strcmp(text, "64\n"), "max_user_freq");
	file_text("/sys/class/rtc/rtc0/date", text, sizeof(text));
	ok(strlen(text) == 11 && text[4] == '-' && text[7] == '-', "date");
	file_text("/sys/class/rtc/rtc0/time", text, sizeof(text));
	ok(strlen(text) == 9 && text[2] == ':' && text[5] == ':', "time");
	file_text("/sys/class/rtc/rtc0/hctosys", text, sizeof(text));
	ok(!strcmp(text, "1\n") || !strcmp(text, "0\n"), "hctosys");
	file_text("/sys/class/rtc/rtc0/wakealarm", text, sizeof(text));
	ok(!strcmp(text, ""), "wakealarm: none");
	ok(access("/sys/class/rtc/rtc0/dev", R_OK) == 0, "dev");
}

/* hwclock has the device open for itself. */
static void applet(void)
{
	struct timespec now;
	time_t before = time(NULL);

	close(rtc);
	ok(system("hwclock -u -r >/dev/null") == 0, "hwclock -r");
	now.tv_sec = before + 5000;
	now.tv_nsec = 0;
	clock_settime(CLOCK_REALTIME, &now);
	ok(system("hwclock -u -w") == 0, "hwclock -w");
	rtc = open("/dev/rtc0", O_RDONLY);
	ok(labs(rtc_seconds() - (before + 5000)) < 10, "it set the clock");
	close(rtc);
	now.tv_sec = before;
	clock_settime(CLOCK_REALTIME, &now);
	ok(system("hwclock -u -s") == 0 &&
		   labs(time(NULL) - (before + 5000)) < 10,
	   "hwclock -s sets the system's");
	now.tv_sec = before;
	clock_settime(CLOCK_REALTIME, &now);
	ok(system("hwclock -u -w") == 0, "and back");
}

int main(void)
{
	rtc = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
	if (rtc < 0) {
		skip("/dev/rtc0", "this machine has no battery clock");
		return done_testing();
	}
	reading();
	signals();
	setting();
	periodic();
	updates();
	alarms();
	told();
	applet();
	return done_testing();
}
