/*
 * ntp.h - steering the clock: what adjtimex(2) sets and tells.
 *
 * Entry points: do_adjtimex.
 */
#pragma once

#include <abi/time.h>

/* What ADJ_OFFSET_SINGLESHOT and ADJ_OFFSET_SS_READ are made of, beside
 * ADJ_OFFSET. */
#define ADJ_ADJTIME  0x8000
#define ADJ_READONLY 0x2000

/* How far the frequency may be off: 500 ppm, as adjtimex(2) shows it. */
#define NTP_MAX_FREQ (500L << 16)

/*
 * do_adjtimex - change what txc->modes says, fill *@txc with the state.
 *
 * The caller has checked the rights and what adjtimex(2) says of EINVAL, but
 * for the time that ADJ_SETOFFSET leads to.  Returns the state (TIME_OK and
 * kin) or -EINVAL.  Interrupts on, no lock held.
 */
int do_adjtimex(struct timex *txc);
