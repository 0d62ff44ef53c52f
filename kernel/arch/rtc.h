/*
 * rtc.h - the battery clock's interrupts and its alarm; arch_read_rtc() and
 * arch_write_rtc(), its time, are in clock.h.
 *
 * Entry points: arch_rtc_irq_enable, arch_rtc_irq_ack, arch_rtc_set_alarm.
 */
#pragma once

#include <abi/types.h>

/* The line that it interrupts on. */
#define ARCH_RTC_IRQ 8

/* What it interrupts for: abi/rtc.h's RTC_AF and RTC_UF. */
#define ARCH_RTC_ALARM	0x20 /* its time is the alarm's */
#define ARCH_RTC_UPDATE 0x10 /* a second has begun */

/* arch_rtc_irq_enable - interrupt for @what, or no more.  Any context. */
void arch_rtc_irq_enable(u8 what, bool on);

/* arch_rtc_irq_ack - in its interrupt: what it came for; 0: nothing. */
u8 arch_rtc_irq_ack(void);

/* arch_rtc_set_alarm - at this second of each day (0 to 86399).  Any context.
 */
void arch_rtc_set_alarm(unsigned int second_of_day);
