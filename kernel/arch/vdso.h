/*
 * The vDSO: code and time that programs read without a system call.
 *
 * A small ELF image and a page of clock parameters are mapped into every
 * program as [vdso]; AT_SYSINFO_EHDR tells where.
 *
 * Entry points: vdso_init, vdso_map, vdso_set_clock.
 */
#pragma once

#include <abi/types.h>

#define COARSE_STEP_NS 4000000ULL /* of the clocks named _COARSE */

/* What vdso_clock.base_ns has a number for. */
enum vdso_base { VDSO_MONO, VDSO_REAL, VDSO_TAI, VDSO_RAW, NR_VDSO_BASES };

/*
 * What vdso/user/clock_gettime.c computes with: a clock's time is
 * its base_ns + ((cycles - base_cycles) * mult + frac >> shift), shift below
 * 64, by the second line for the raw clock and by the first for all others.
 */
struct vdso_clock {
	u32 sequence; /* odd while it changes */
	u32 usable;   /* may the cycle counter be read by programs? */
	u32 shift;
	u32 unused;
	u64 base_cycles;
	struct {
		u64 mult;
		u64 frac;
	} line[2];
	u64 base_ns[NR_VDSO_BASES];
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
