/*
 * The vDSO: code and time that programs read without a system call.
 *
 * A small ELF image and a page of clock parameters are mapped into every
 * program as [vdso]; AT_SYSINFO_EHDR tells where.
 *
 * Entry points: vdso_init, vdso_map, vdso_set_clock.
 */
#pragma once

#include <abi/time.h>
#include <abi/types.h>

#define COARSE_STEP_NS 4000000ULL /* of the clocks named _COARSE */

/* How a clock is read: not here, by the counter, or that in steps. */
enum vdso_kind { VDSO_ASK, VDSO_FINE, VDSO_COARSE };

/*
 * What vdso/user/clock_gettime.c computes with, by clockid_t: its time is
 * base_ns + ((cycles - base_cycles) * mult + frac >> shift), shift below 64.
 *
 * While it changes all are of kind VDSO_ASK: that is stored first, then another
 * sequence, then the rest, the kinds last.  So a reader whose sequence did not
 * change since before it found the kind has read what belongs together.
 */
struct vdso_clock {
	u32 sequence; /* another after each change */
	u32 shift;
	u64 base_cycles;
	struct vdso_time {
		u64 kind; /* enum vdso_kind */
		u64 mult;
		u64 frac;
		u64 base_ns;
	} time[CLOCK_TAI + 1];
};

/* vdso_init - make the pages; once, before the first program. */
void vdso_init(void);

/*
 * vdso_map - map the vDSO into current's new address space.  Returns its
 * address for AT_SYSINFO_EHDR, or 0 if there was no room.
 */
unsigned long vdso_map(void);

/* vdso_set_clock - show programs these parameters (sequence is ours).  The
 * caller keeps others out; any context. */
void vdso_set_clock(const struct vdso_clock *clock);
