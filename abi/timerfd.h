/*
 * timerfd.h - timerfd_create(2) and kin.
 */
#pragma once

#define TFD_TIMER_ABSTIME	(1 << 0)
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)

#define TFD_CLOEXEC  02000000
#define TFD_NONBLOCK 00004000

/* ioctl: set the count of expirations */
#define TFD_IOC_SET_TICKS 0x40085400
