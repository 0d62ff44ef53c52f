/*
 * rtc_time.c - seconds since 1970 and dates, as rtc(4) tells them.
 *
 * Locks: none.
 *
 * Entry points: rtc_time64_to_tm, rtc_tm_to_time64, rtc_valid_tm.
 */
#include <kernel/drivers/char/rtc_time.h>

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int month, int year)
{
	static const u8 days[12] = {31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31};

	return days[month] + (month == 1 && is_leap(year));
}

/* Days from 1970 to the first of January of @year (1970 or later). */
static s64 days_to_year(int year)
{
	s64 y = year - 1;

	return (s64)(year - 1970) * 365 + (y / 4 - y / 100 + y / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400);
}

/* rtc_time64_to_tm - see rtc_time.h. */
struct rtc_time rtc_time64_to_tm(s64 seconds)
{
	s64 days = seconds / SECONDS_PER_DAY;
	int rest = (int)(seconds % SECONDS_PER_DAY);
	struct rtc_time tm = {
		.tm_sec = rest % 60,
		.tm_min = rest / 60 % 60,
		.tm_hour = rest / 3600,
		.tm_wday = (int)((days + 4) % 7), /* 1970 began on Thursday */
	};
	int year = 1970 + (int)(days / 366);

	while (days_to_year(year + 1) <= days)
		year++;
	days -= days_to_year(year);
	tm.tm_year = year - 1900;
	tm.tm_yday = (int)days;
	while (days >= days_of_month(tm.tm_mon, year))
		days -= days_of_month(tm.tm_mon++, year);
	tm.tm_mday = (int)days + 1;
	return tm;
}

/* rtc_valid_tm - see rtc_time.h. */
bool rtc_valid_tm(const struct rtc_time *tm)
{
	return tm->tm_year >= 70 && tm->tm_year <= 8099 &&
	       (unsigned int)tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days_of_month(tm->tm_mon, tm->tm_year + 1900) &&
	       (unsigned int)tm->tm_hour < 24 &&
	       (unsigned int)tm->tm_min < 60 && (unsigned int)tm->tm_sec < 60;
}

/* rtc_tm_to_time64 - see rtc_time.h. */
s64 rtc_tm_to_time64(const struct rtc_time *tm)
{
	int year = tm->tm_year + 1900;
	s64 days = days_to_year(year) + tm->tm_mday - 1;
	int month;

	for (month = 0; month < tm->tm_mon; month++)
		days += days_of_month(month, year);
	return days * SECONDS_PER_DAY + tm->tm_hour * 3600 + tm->tm_min * 60 +
	       tm->tm_sec;
}
