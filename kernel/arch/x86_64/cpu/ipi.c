/*
 * Calls from one CPU to another.
 *
 * A caller hangs its request, which lives on its stack, into the target's list
 * without a lock and sends CALL_FUNCTION_VECTOR; the target takes the whole
 * list at once.  The caller waits until its request is marked done, so a call
 * without @wait waits just for the start of the function.
 *
 * Entry points: smp_call_function_single, smp_call_function,
 * smp_call_function_many, smp_send_reschedule, smp_stop_other_cpus,
 * smp_stop_if_asked, ipi_call_function_interrupt, cpu_nap.
 */
#include <kernel/arch/smp.h>

#include <abi/errno.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/lock_order.h>
#include <kernel/lib/macros.h>

#define STOP_TRIES 500	 /* of 100 microseconds each */
#define NAP_NS	   50000 /* a lock is held for less, if its holder runs */
#define PATIENCE   1024	 /* looks at a request before the first nap */

struct call_request {
	struct call_request *next;
	void (*fn)(void *);
	void *arg;
	bool wait;
	bool done; /* [A] the target no longer looks at this */
};

static DEFINE_PER_CPU(struct call_request *, call_queue);
static bool stopping; /* [A] the other CPUs shall halt */
static u64 stopped;   /* [A] those that have */

/* smp_stop_if_asked - halt for good if another CPU wants that. */
void smp_stop_if_asked(void)
{
	if (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
		return;
	(void)__atomic_fetch_or(&stopped, 1ULL << smp_processor_id(),
				__ATOMIC_SEQ_CST);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static bool all_stopped(u64 cpus)
{
	return (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) & cpus) == cpus;
}

/* ipi_call_function_interrupt - run what was sent to this CPU. */
void ipi_call_function_interrupt(void)
{
	struct call_request *request;
	struct call_request *next;
	void (*fn)(void *);
	void *arg;

	smp_stop_if_asked();
	request = xchg(this_cpu_ptr(&call_queue), NULL);
	for (; request; request = next) {
		next = request->next;
		fn = request->fn;
		arg = request->arg;
		if (!request->wait) {
			smp_store_release(&request->done, true);
			fn(arg);
		} else {
			fn(arg);
			smp_store_release(&request->done, true);
		}
	}
}

static void send(unsigned int cpu, struct call_request *request)
{
	struct call_request **queue = per_cpu_ptr(&call_queue, cpu);
	struct call_request *head = __atomic_load_n(queue, __ATOMIC_RELAXED);

	do {
		request->next = head;
	} while (!try_cmpxchg(queue, &head, request));
	if (!head)
		apic_send_ipi(acpi.apic_ids[cpu], CALL_FUNCTION_VECTOR);
}

/* cpu_nap - see smp.h.  The timer's handler sets the event that was due. */
void cpu_nap(void)
{
	local_irq_disable();
	arch_timer_set(NAP_NS);
	cpu_wait_for_irq();
}

/*
 * While waiting with interrupts off we serve our own queue, so that two CPUs
 * that call each other both get on.  A target that does not answer for long is
 * a virtual CPU that does not run: leave it ours.
 */
static void wait_for(struct call_request *request)
{
	unsigned int looks = 0;

	while (!smp_load_acquire(&request->done)) {
		if (irqs_disabled())
			ipi_call_function_interrupt();
		else if (++looks > PATIENCE)
			cpu_nap();
		cpu_relax();
	}
}

int smp_call_function_single(unsigned int cpu, void (*fn)(void *), void *arg,
			     bool wait)
{
	struct call_request request = {.fn = fn, .arg = arg, .wait = wait};
	unsigned long flags;

	assert_can_call_cpus();
	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -ENXIO;
	if (cpu == smp_processor_id()) {
		local_irq_save(flags);
		fn(arg);
		local_irq_restore(flags);
		return 0;
	}
	send(cpu, &request);
	wait_for(&request);
	return 0;
}

/* A request for each CPU, as each hangs in its own CPU's list. */
void smp_call_function_many(u64 cpus, void (*fn)(void *), void *arg, bool wait)
{
	struct call_request requests[NR_CPUS];
	unsigned int self = smp_processor_id();
	unsigned int cpu;

	assert_can_call_cpus();
	cpus &= READ_ONCE(cpu_online_bits) & ~(1ULL << self);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!(cpus >> cpu & 1))
			continue;
		requests[cpu] = (struct call_request){
			.fn = fn, .arg = arg, .wait = wait};
		send(cpu, &requests[cpu]);
	}
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		if (cpus >> cpu & 1)
			wait_for(&requests[cpu]);
	}
}

void smp_call_function(void (*fn)(void *), void *arg, bool wait)
{
	smp_call_function_many(~0ULL, fn, arg, wait);
}

void smp_send_reschedule(unsigned int cpu)
{
	apic_send_ipi(acpi.apic_ids[cpu], RESCHEDULE_VECTOR);
}

/*
 * Each halts with its bit in `stopped`.  Those that mask interrupts for too
 * long get an NMI, whose handler halts too (exc_nmi).
 */
void smp_stop_other_cpus(void)
{
	u64 others = READ_ONCE(cpu_online_bits) & ~(1ULL << smp_processor_id());
	unsigned int tries;
	unsigned int cpu;

	if (!others || __atomic_exchange_n(&stopping, true, __ATOMIC_SEQ_CST))
		return;
	for_each_cpu (cpu) {
		if (others >> cpu & 1)
			apic_send_ipi(acpi.apic_ids[cpu], CALL_FUNCTION_VECTOR);
	}
	for (tries = 0; tries < STOP_TRIES && !all_stopped(others); tries++)
		udelay(100);
	for_each_cpu (cpu) {
		if (others & ~READ_ONCE(stopped) & 1ULL << cpu)
			apic_send_nmi(acpi.apic_ids[cpu]);
	}
	for (tries = 0; tries < STOP_TRIES && !all_stopped(others); tries++)
		udelay(100);
}
