/*
 * The battery clock: a day and a time in CMOS bytes.
 *
 * Bytes change while we read, so they are read until two readings agree and no
 * update is in progress.
 *
 * Locks: rtc_lock (LOCK_LEAF_IRQ) for the index and data ports.
 *
 * Entry points: arch_read_rtc, arch_write_rtc; those of <kernel/arch/rtc.h>.
 */
#include <kernel/arch/clock.h>

#include <abi/errno.h>
#include <kernel/arch/io.h>
#include <kernel/arch/rtc.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

#define RTC_INDEX 0x70
#define RTC_DATA  0x71

enum rtc_register {
	RTC_SECONDS = 0,
	RTC_SECONDS_ALARM = 1,
	RTC_MINUTES = 2,
	RTC_MINUTES_ALARM = 3,
	RTC_HOURS = 4,
	RTC_HOURS_ALARM = 5,
	RTC_DAY = 7,
	RTC_MONTH = 8,
	RTC_YEAR = 9,
	RTC_STATUS_A = 10,
	RTC_STATUS_B = 11,
	RTC_STATUS_C = 12,
	RTC_STATUS_D = 13,
};

#define RTC_UPDATING 0x80 /* A */
#define RTC_SET	     0x80 /* B: stop the clock */
#define RTC_BINARY   0x04 /* B */
#define RTC_24_HOURS 0x02 /* B */
#define RTC_PM	     0x80 /* hours, in 12-hour form */
#define RTC_VALID    0x80 /* D */

struct rtc_time {
	u8 second;
	u8 minute;
	u8 hour;
	u8 day;
	u8 month;
	u8 year;
	u8 century;
	u8 form; /* status B */
};

static DEFINE_SPINLOCK(rtc_lock, LOCK_LEAF_IRQ);

static u8 cmos_read(u8 reg)
{
	outb(reg, RTC_INDEX);
	return inb(RTC_DATA);
}

static void cmos_write(u8 reg, u8 value)
{
	outb(reg, RTC_INDEX);
	outb(value, RTC_DATA);
}

static struct rtc_time read_raw(void)
{
	struct rtc_time t;
	unsigned int spins;

	for (spins = 0; spins < 10000; spins++) {
		if (!(cmos_read(RTC_STATUS_A) & RTC_UPDATING))
			break;
	}
	t.second = cmos_read(RTC_SECONDS);
	t.minute = cmos_read(RTC_MINUTES);
	t.hour = cmos_read(RTC_HOURS);
	t.day = cmos_read(RTC_DAY);
	t.month = cmos_read(RTC_MONTH);
	t.year = cmos_read(RTC_YEAR);
	t.century = acpi.century ? cmos_read(acpi.century) : 0;
	t.form = cmos_read(RTC_STATUS_B);
	return t;
}

static u8 from_bcd(u8 v)
{
	return (u8)((v >> 4) * 10 + (v & 15));
}

static u8 to_bcd(u8 v)
{
	return (u8)(v / 10 << 4 | v % 10);
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static s64 days_from_civil(s64 year, int month, int day)
{
	s64 y = month <= 2 ? year - 1 : year;
	s64 era = y / 400;
	s64 year_of_era = y - era * 400;
	s64 day_of_year =
		(153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

static s64 to_seconds(struct rtc_time t)
{
	bool pm = !(t.form & RTC_24_HOURS) && (t.hour & RTC_PM);
	s64 year;

	if (!(t.form & RTC_24_HOURS))
		t.hour &= (u8)~RTC_PM;
	if (!(t.form & RTC_BINARY)) {
		t.second = from_bcd(t.second);
		t.minute = from_bcd(t.minute);
		t.hour = from_bcd(t.hour);
		t.day = from_bcd(t.day);
		t.month = from_bcd(t.month);
		t.year = from_bcd(t.year);
		t.century = from_bcd(t.century);
	}
	if (!(t.form & RTC_24_HOURS))
		t.hour = (u8)(t.hour % 12 + (pm ? 12 : 0));
	year = t.century >= 19 && t.century <= 21
		       ? t.century * 100 + t.year
		       : (t.year < 70 ? 2000 : 1900) + t.year;
	if (t.second > 60 || t.minute > 59 || t.hour > 23 || t.day < 1 ||
	    t.day > 31 || t.month < 1 || t.month > 12)
		return 0;
	return days_from_civil(year, t.month, t.day) * 86400 + t.hour * 3600 +
	       t.minute * 60 + t.second;
}

s64 arch_read_rtc(void)
{
	struct rtc_time last;
	struct rtc_time now;
	unsigned long flags;
	unsigned int tries = 0;

	spin_lock_irqsave(&rtc_lock, flags);
	if (cmos_read(RTC_STATUS_D) == 0xff) {
		spin_unlock_irqrestore(&rtc_lock, flags);
		return 0;
	}
	now = read_raw();
	do {
		last = now;
		now = read_raw();
	} while (memcmp(&last, &now, sizeof(now)) != 0 && ++tries < 10);
	spin_unlock_irqrestore(&rtc_lock, flags);
	return to_seconds(now);
}

static void civil_from_days(s64 days, struct rtc_time *t)
{
	s64 z = days + 719468;
	s64 era = z / 146097;
	s64 doe = z - era * 146097;
	s64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	s64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	s64 mp = (5 * doy + 2) / 153;
	s64 year = yoe + era * 400;

	t->day = (u8)(doy - (153 * mp + 2) / 5 + 1);
	t->month = (u8)(mp < 10 ? mp + 3 : mp - 9);
	year += t->month <= 2;
	t->century = (u8)(year / 100);
	t->year = (u8)(year % 100);
}

int arch_write_rtc(s64 seconds)
{
	u8 values[7];
	struct rtc_time t = {0};
	unsigned long flags;
	unsigned int i;
	u8 form;

	civil_from_days(seconds / 86400, &t);
	seconds %= 86400;
	t.hour = (u8)(seconds / 3600);
	t.minute = (u8)(seconds / 60 % 60);
	t.second = (u8)(seconds % 60);
	memcpy(values, &t, sizeof(values));

	spin_lock_irqsave(&rtc_lock, flags);
	if (cmos_read(RTC_STATUS_D) == 0xff) {
		spin_unlock_irqrestore(&rtc_lock, flags);
		return -ENODEV;
	}
	form = cmos_read(RTC_STATUS_B) | RTC_24_HOURS;
	for (i = 0; i < sizeof(values) && !(form & RTC_BINARY); i++)
		values[i] = to_bcd(values[i]);
	cmos_write(RTC_STATUS_B, form | RTC_SET);
	cmos_write(RTC_SECONDS, values[0]);
	cmos_write(RTC_MINUTES, values[1]);
	cmos_write(RTC_HOURS, values[2]);
	cmos_write(RTC_DAY, values[3]);
	cmos_write(RTC_MONTH, values[4]);
	cmos_write(RTC_YEAR, values[5]);
	if (acpi.century)
		cmos_write(acpi.century, values[6]);
	cmos_write(RTC_STATUS_B, form & (u8)~RTC_SET);
	spin_unlock_irqrestore(&rtc_lock, flags);
	return 0;
}

/* Interrupts have the same bits in B (wanted) and in C (come). */
#define RTC_IRQ_MASK 0x70

void arch_rtc_irq_enable(u8 what, bool on)
{
	unsigned long flags;
	u8 control;

	spin_lock_irqsave(&rtc_lock, flags);
	control = cmos_read(RTC_STATUS_B) & (u8)~what;
	if (on)
		control |= what;
	/* What came before was not for those who ask now. */
	(void)cmos_read(RTC_STATUS_C);
	cmos_write(RTC_STATUS_B, control);
	spin_unlock_irqrestore(&rtc_lock, flags);
}

u8 arch_rtc_irq_ack(void)
{
	unsigned long flags;
	u8 came;

	spin_lock_irqsave(&rtc_lock, flags);
	came = cmos_read(RTC_STATUS_C) & cmos_read(RTC_STATUS_B);
	spin_unlock_irqrestore(&rtc_lock, flags);
	return came & RTC_IRQ_MASK;
}

/* An hour as the clock's form wants it. */
static u8 alarm_hour(u8 hour, u8 form)
{
	u8 pm = !(form & RTC_24_HOURS) && hour >= 12 ? RTC_PM : 0;

	if (!(form & RTC_24_HOURS))
		hour = hour % 12 ? hour % 12 : 12;
	return pm | (form & RTC_BINARY ? hour : to_bcd(hour));
}

void arch_rtc_set_alarm(unsigned int second_of_day)
{
	u8 minute = (u8)(second_of_day / 60 % 60);
	u8 second = (u8)(second_of_day % 60);
	unsigned long flags;
	u8 form;

	spin_lock_irqsave(&rtc_lock, flags);
	form = cmos_read(RTC_STATUS_B);
	cmos_write(RTC_HOURS_ALARM,
		   alarm_hour((u8)(second_of_day / 3600 % 24), form));
	cmos_write(RTC_MINUTES_ALARM,
		   form & RTC_BINARY ? minute : to_bcd(minute));
	cmos_write(RTC_SECONDS_ALARM,
		   form & RTC_BINARY ? second : to_bcd(second));
	spin_unlock_irqrestore(&rtc_lock, flags);
}
