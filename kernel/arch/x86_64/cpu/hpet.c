/*
 * The HPET: a counter of known frequency, to measure the others by.
 *
 * Entry points: hpet_start, hpet_read, hpet_femtoseconds, hpet_remap.
 */
#include <kernel/arch/io.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/x86_64/cpu/cpu.h>

#define HPET_CAPABILITIES 0x00
#define HPET_CONFIG	  0x10
#define HPET_COUNTER	  0xf0
#define HPET_ENABLE	  1

static void *hpet;

/* hpet_start - let it count; false: there is none.  On the early tables. */
bool hpet_start(void)
{
	if (acpi.hpet_address == 0 || acpi.hpet_address >= 4ULL << 30)
		return false;
	hpet = __va(acpi.hpet_address);
	if (hpet_femtoseconds() == 0)
		return false;
	writeq(readq((char *)hpet + HPET_CONFIG) | HPET_ENABLE,
	       (char *)hpet + HPET_CONFIG);
	return true;
}

/* hpet_remap - from now on through ioremap. */
void hpet_remap(void)
{
	if (hpet)
		hpet = ioremap(acpi.hpet_address, 1024);
}

/* hpet_read - the low 32 bits of the counter: all HPETs have as many. */
u64 hpet_read(void)
{
	return readl((char *)hpet + HPET_COUNTER);
}

/* hpet_femtoseconds - the length of a tick; 0 if the device talks nonsense. */
u64 hpet_femtoseconds(void)
{
	u64 period = readq((char *)hpet + HPET_CAPABILITIES) >> 32;

	return period > 100000000 ? 0 : period;
}
