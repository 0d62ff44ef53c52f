/*
 * Calls from one CPU to another.
 *
 * A caller hangs its request, which lives on its stack, into the target's list
 * without a lock and sends CALL_FUNCTION_VECTOR; the target takes the whole
 * list at once.  The caller waits until its request is marked done, so a call
 * without @wait waits just for the start of the function.
 *
 * Entry points: smp_call_function_single, smp_call_function,
 * smp_send_reschedule, smp_stop_other_cpus, ipi_call_function_interrupt.
 */
#include <kernel/arch/smp.h>

#include <abi/errno.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/x86_64/cpu/cpu.h>

struct call_request {
	struct call_request *next;
	void (*fn)(void *);
	void *arg;
	bool wait;
	bool done; /* [A] the target no longer looks at this */
};

static DEFINE_PER_CPU(struct call_request *, call_queue);
static bool stopping; /* [A] the other CPUs shall halt */

/* ipi_call_function_interrupt - run what was sent to this CPU. */
void ipi_call_function_interrupt(void)
{
	struct call_request *request;
	struct call_request *next;
	void (*fn)(void *);
	void *arg;

	if (__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
		for (;;)
			__asm__ volatile("cli; hlt");
	}
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

/*
 * While waiting with interrupts off we serve our own queue, so that two CPUs
 * that call each other both get on.
 */
static void wait_for(struct call_request *request)
{
	while (!smp_load_acquire(&request->done)) {
		if (irqs_disabled())
			ipi_call_function_interrupt();
		cpu_relax();
	}
}

int smp_call_function_single(unsigned int cpu, void (*fn)(void *), void *arg,
			     bool wait)
{
	struct call_request request = {.fn = fn, .arg = arg, .wait = wait};
	unsigned long flags;

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

void smp_call_function(void (*fn)(void *), void *arg, bool wait)
{
	unsigned int self = smp_processor_id();
	unsigned int cpu;

	for_each_cpu (cpu) {
		if (cpu != self)
			(void)smp_call_function_single(cpu, fn, arg, wait);
	}
}

void smp_send_reschedule(unsigned int cpu)
{
	apic_send_ipi(acpi.apic_ids[cpu], RESCHEDULE_VECTOR);
}

void smp_stop_other_cpus(void)
{
	unsigned int self = smp_processor_id();
	unsigned int cpu;

	__atomic_store_n(&stopping, true, __ATOMIC_SEQ_CST);
	for_each_cpu (cpu) {
		if (cpu != self)
			apic_send_ipi(acpi.apic_ids[cpu], CALL_FUNCTION_VECTOR);
	}
}
