/*
 * The page of code given to programs.
 *
 * There is none yet: vdso_map says so, and the loader then leaves
 * AT_SYSINFO_EHDR out, as Linux does with vdso=0.
 *
 * Entry points: vdso_map.
 */
#pragma once

#include <abi/types.h>

/*
 * vdso_map - map the vDSO into current's new address space.  Returns its
 * address for AT_SYSINFO_EHDR, or 0: there is none.
 */
static inline unsigned long vdso_map(void)
{
	return 0;
}
