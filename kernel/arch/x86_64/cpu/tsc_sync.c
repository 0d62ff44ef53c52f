/*
 * Do the time stamp counters of two CPUs agree?
 *
 * Both read theirs in turn, under a lock, and compare with what was read last,
 * by whichever CPU: time must not go back.  Rounds are counted so that each
 * side runs beside the other all the while.
 *
 * Entry points: tsc_sync_check.
 */
#include <kernel/arch/barrier.h>
#include <kernel/arch/io.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/spinlock.h>

#define ROUNDS 256

static DEFINE_SPINLOCK(sync_lock, LOCK_CLOCK);
static u64 last;	       /* [sync_lock] */
static u64 worst;	       /* [sync_lock] how far back it went */
static unsigned int in_check;  /* [A] CPUs that have come */
static unsigned int out_check; /* [A] CPUs that are through */

static void meet(unsigned int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) % 2)
		cpu_relax();
}

static void compare_once(void)
{
	u64 now;

	spin_lock(&sync_lock);
	now = rdtsc();
	if (last > now && last - now > worst)
		worst = last - now;
	last = now;
	spin_unlock(&sync_lock);
}

/*
 * tsc_sync_check - the new CPU and its @starter call this together.  Returns
 * how many cycles a counter was behind, 0 if none was.
 */
u64 tsc_sync_check(bool starter)
{
	unsigned long flags;
	unsigned int i;

	if (starter) {
		last = 0;
		worst = 0;
	}
	local_irq_save(flags);
	meet(&in_check);
	for (i = 0; i < ROUNDS; i++) {
		compare_once();
		cpu_relax();
	}
	meet(&out_check);
	local_irq_restore(flags);
	return worst;
}
