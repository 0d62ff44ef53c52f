/*
 * The old timer chip: channel 0 as a countdown to measure the TSC by, where
 * there is no HPET.  Its interrupt stays masked; it is never used.
 *
 * The read-back command latches the count and the output at once: the output
 * goes high when the countdown ends, so a count that wrapped is noticed.
 * (Channel 2 would need port 0x61, which QEMU's microvm lacks.)
 *
 * Entry points: pit_start, pit_ticks, pit_expired.
 */
#include <kernel/arch/io.h>
#include <kernel/arch/x86_64/cpu/cpu.h>

#define PIT_CHANNEL0  0x40
#define PIT_COMMAND   0x43
#define READ_BACK     0xc2 /* status and count of channel 0 */
#define ONE_COUNTDOWN 0x30 /* channel 0, both bytes, mode 0 */
#define STATUS_OUT    0x80

/* pit_start - count down from 65535, once. */
void pit_start(void)
{
	outb(ONE_COUNTDOWN, PIT_COMMAND);
	outb(0xff, PIT_CHANNEL0);
	outb(0xff, PIT_CHANNEL0);
}

/* The ticks since pit_start; *@expired: they ran out. */
static u32 read_back(bool *expired)
{
	u8 status;
	u32 low;
	u32 high;

	outb(READ_BACK, PIT_COMMAND);
	status = inb(PIT_CHANNEL0);
	low = inb(PIT_CHANNEL0);
	high = inb(PIT_CHANNEL0);
	*expired = status & STATUS_OUT;
	return 0xffff - (high << 8 | low);
}

/* pit_ticks - ticks since pit_start; meaningless once pit_expired. */
u32 pit_ticks(void)
{
	bool expired;

	return read_back(&expired);
}

bool pit_expired(void)
{
	bool expired;

	(void)read_back(&expired);
	return expired;
}
