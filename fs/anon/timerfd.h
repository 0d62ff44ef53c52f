/*
 * timerfd.h - timers behind a descriptor: timerfd_create(2) and kin.
 *
 * Entry points: do_timerfd_create, do_timerfd_settime, do_timerfd_gettime.
 */
#pragma once

#include <abi/time.h>
#include <fs/vfs/types.h>

/* timerfd_init - be told when the clock is set; once, at boot. */
void timerfd_init(void);

/*
 * do_timerfd_create - a descriptor for a timer on @clock.  @flags: TFD_CLOEXEC,
 * TFD_NONBLOCK.  -EINVAL, -EPERM (an _ALARM clock), -EMFILE, -ENFILE, -ENOMEM.
 */
int do_timerfd_create(clockid_t clock, int flags);

/*
 * do_timerfd_settime - start or stop it; @old gets what was left.  @flags:
 * TFD_TIMER_*.  0, -EINVAL (also: @file is no timer), -EPERM; -ECANCELED: the
 * clock was set and nobody has read so yet - the timer is set nevertheless.
 */
int do_timerfd_settime(struct file *file, int flags,
		       const struct itimerspec *value, struct itimerspec *old);

/* do_timerfd_gettime - what is left.  0 or -EINVAL. */
int do_timerfd_gettime(struct file *file, struct itimerspec *value);
