/*
 * adjtimex.h - adjtimex(2) and clock_adjtime(2).
 *
 * Entry points: ksys_clock_adjtime.
 */
#pragma once

#include <abi/time.h>

/*
 * ksys_clock_adjtime - check @txc, change the clock and tell its state.
 *
 * Returns the state (TIME_OK and kin), or -EINVAL, -EOPNOTSUPP (a clock other
 * than CLOCK_REALTIME), -EPERM.
 */
int ksys_clock_adjtime(clockid_t clock, struct timex *txc);
