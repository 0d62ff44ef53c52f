/*
 * Seconds since 1970 and dates, as rtc(4) tells them.
 */
#pragma once

#include <abi/rtc.h>
#include <abi/types.h>

#define SECONDS_PER_DAY 86400

/* rtc_time64_to_tm - the date of @seconds, 0 or more. */
struct rtc_time rtc_time64_to_tm(s64 seconds);

/* rtc_tm_to_time64 - the reverse; @tm is valid. */
s64 rtc_tm_to_time64(const struct rtc_time *tm);

/* rtc_valid_tm - is there such a date, from 1970 on? */
bool rtc_valid_tm(const struct rtc_time *tm);
