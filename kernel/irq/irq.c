/*
 * Interrupt lines and their handlers: see irq.h.
 *
 * A line's handlers are a list that handle_irq() walks without a lock;
 * adding publishes a whole entry, and removing waits until no CPU is inside
 * the line before the entry is freed.
 *
 * Locks: desc->lock (LOCK_IRQ) for changes of the list and the mask depth.
 * Entry points: request_irq, free_irq, disable_irq, enable_irq, handle_irq.
 */
#include <kernel/irq/irq.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

#define UNHANDLED_MAX 10000 /* in a row: the line is stuck */

struct action {
	enum irqreturn (*handler)(unsigned int irq, void *cookie);
	const char *name;
	void *cookie;
	struct action *next;
};

/* Locks:  L lock   A atomic */
struct irq_desc {
	struct spinlock lock;
	struct action *actions; /* [L] to write */
	unsigned int depth;	/* [L] disable_irq calls not undone */
	unsigned int inside;	/* [A] CPUs in handle_irq */
	unsigned int unhandled; /* [A] nobody's interrupts in a row */
};

static struct irq_desc descs[NR_IRQS];
static DEFINE_PER_CPU(u32, counts[NR_IRQS]);
static DEFINE_PER_CPU(u64, other_counts[NR_IRQ_OTHER]);

/* irq_init - no line has a handler. */
void irq_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_IRQS; i++)
		spin_lock_init(&descs[i].lock, LOCK_IRQ);
}

/* Append to the line's list; unmask it for its first handler. */
static int add_action_locked(unsigned int irq, struct action *new)
{
	struct irq_desc *desc = &descs[irq];
	struct action **at = &desc->actions;
	bool first = !desc->actions;
	int err;

	assert_held(&desc->lock);
	while (*at)
		at = &(*at)->next;
	smp_store_release(at, new);
	if (!first || desc->depth > 0)
		return 0;
	err = arch_irq_unmask(irq);
	if (err)
		WRITE_ONCE(desc->actions, NULL);
	return err;
}

/* request_irq - call @handler(@irq, @cookie) whenever @irq comes. */
int request_irq(unsigned int irq,
		enum irqreturn (*handler)(unsigned int irq, void *cookie),
		const char *name, void *cookie)
{
	unsigned long flags;
	struct action *new;
	int err;

	if (irq >= NR_IRQS || !handler)
		return -EINVAL;
	new = kzalloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->handler = handler;
	new->name = name;
	new->cookie = cookie;

	spin_lock_irqsave(&descs[irq].lock, flags);
	err = add_action_locked(irq, new);
	spin_unlock_irqrestore(&descs[irq].lock, flags);
	if (err)
		kfree(new);
	return err;
}

/* Wait until no CPU runs handlers of @irq. */
static void wait_until_outside(const struct irq_desc *desc)
{
	while (__atomic_load_n(&desc->inside, __ATOMIC_ACQUIRE) > 0)
		cpu_relax();
}

/* free_irq - remove the handler with @cookie; waits while it runs. */
void free_irq(unsigned int irq, void *cookie)
{
	struct irq_desc *desc = &descs[irq];
	struct action **at = &desc->actions;
	struct action *old;
	unsigned long flags;

	spin_lock_irqsave(&desc->lock, flags);
	while (*at && (*at)->cookie != cookie)
		at = &(*at)->next;
	old = *at;
	if (old)
		WRITE_ONCE(*at, old->next);
	if (!desc->actions)
		(void)arch_irq_mask(irq);
	spin_unlock_irqrestore(&desc->lock, flags);
	assert(old);
	smp_mb();
	wait_until_outside(desc);
	kfree(old);
}

/* disable_irq_nosync - mask @irq, counted; a handler may still run. */
void disable_irq_nosync(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];
	unsigned long flags;

	spin_lock_irqsave(&desc->lock, flags);
	if (desc->depth++ == 0)
		(void)arch_irq_mask(irq);
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* disable_irq - mask @irq, counted, and wait for a running handler. */
void disable_irq(unsigned int irq)
{
	disable_irq_nosync(irq);
	wait_until_outside(&descs[irq]);
}

/* enable_irq - undo one disable_irq. */
void enable_irq(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];
	unsigned long flags;

	spin_lock_irqsave(&desc->lock, flags);
	assert(desc->depth > 0);
	if (--desc->depth == 0 && desc->actions)
		(void)arch_irq_unmask(irq);
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* Nobody took it: after too many of these the line is shut. */
static void note_unhandled(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];

	if (__atomic_add_fetch(&desc->unhandled, 1, __ATOMIC_RELAXED) !=
	    UNHANDLED_MAX)
		return;
	(void)arch_irq_mask(irq);
	pr_err("irq %u: nobody cared, line disabled\n", irq);
}

/* handle_irq - arch: line @irq came; count it and call its handlers. */
void handle_irq(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];
	bool handled = false;
	struct action *a;

	assert(irq < NR_IRQS);
	(*this_cpu_ptr(&counts))[irq]++;
	__atomic_fetch_add(&desc->inside, 1, __ATOMIC_SEQ_CST);
	for (a = smp_load_acquire(&desc->actions); a;
	     a = smp_load_acquire(&a->next)) {
		if (a->handler(irq, a->cookie) == IRQ_HANDLED)
			handled = true;
	}
	__atomic_fetch_sub(&desc->inside, 1, __ATOMIC_RELEASE);
	if (handled)
		WRITE_ONCE(desc->unhandled, 0);
	else
		note_unhandled(irq);
}

/* irq_get_info - false if nothing handles @irq. */
bool irq_get_info(unsigned int irq, struct irq_info *info)
{
	unsigned long flags;
	struct action *a;

	if (irq >= NR_IRQS)
		return false;
	info->actions[0] = '\0';
	info->chip = arch_irq_chip_name(irq);
	spin_lock_irqsave(&descs[irq].lock, flags);
	for (a = descs[irq].actions; a; a = a->next) {
		strlcat(info->actions, a->name, sizeof(info->actions));
		if (a->next)
			strlcat(info->actions, ", ", sizeof(info->actions));
	}
	spin_unlock_irqrestore(&descs[irq].lock, flags);
	return info->actions[0] != '\0';
}

/* irq_count - how often @irq came on @cpu. */
u64 irq_count(unsigned int irq, int cpu)
{
	return READ_ONCE((*per_cpu_ptr(&counts, cpu))[irq]);
}

/* irq_count_other - count an interrupt that is no line: timer, IPIs. */
void irq_count_other(enum irq_other kind)
{
	(*this_cpu_ptr(&other_counts))[kind]++;
}

/* irq_other_count - how often one came on @cpu. */
u64 irq_other_count(enum irq_other kind, int cpu)
{
	return READ_ONCE((*per_cpu_ptr(&other_counts, cpu))[kind]);
}

/* irq_total - all interrupts on all CPUs. */
u64 irq_total(void)
{
	unsigned int cpu, irq;
	u64 total = 0;

	for_each_possible_cpu (cpu) {
		/* Flushes are function calls: counted there. */
		for (irq = 0; irq < IRQ_OTHER_TLB; irq++)
			total += irq_other_count(irq, (int)cpu);
		for (irq = 0; irq < NR_IRQS; irq++)
			total += irq_count(irq, (int)cpu);
	}
	return total;
}
