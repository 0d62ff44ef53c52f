/*
 * Kernel stacks: see kernel_stack.h.
 *
 * The upper half of the vmalloc area is slots of twice a stack's size: an
 * unmapped half, then the stack, which thus is aligned to its size and faults
 * when it overflows.  A bitmap says which slots are mapped.  Low slots are
 * preferred, so page tables are used again.
 *
 * A freed stack stays mapped: the last one freed on a CPU is that CPU's spare,
 * others are on a list, linked through their first words.  Unmapping tells
 * other CPUs and so cannot be done where tasks die.  When many have come
 * together, the background thread of reclaim is woken, which unmaps all but a
 * few; the shrinker unmaps those as well.
 *
 * The deepest use that the tests found was 3,488 bytes, interrupts included:
 * THREAD_SIZE is more than twice that.  A debug build looks again each time.
 *
 * Locks: stacks_lock (LOCK_VMALLOC) for bitmap and list.
 * Entry points: see kernel_stack.h.
 */
#include <kernel/alloc/kernel_stack.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/bitmap.h>

#define STACKS_BASE KERNEL_STACKS_START
#define STACK_SLOT  (2 * THREAD_SIZE)
#define STACKS_MAX  (1UL << 17)
#define STACK_PAGES (THREAD_SIZE / PAGE_SIZE)
#define STACKS_KEPT 8
#define STACKS_MANY (2 * STACKS_KEPT)

static DEFINE_SPINLOCK(stacks_lock, LOCK_VMALLOC);
static DECLARE_BITMAP(stack_slots, STACKS_MAX); /* [stacks_lock] mapped */
static unsigned long low_slot;	     /* [stacks_lock] none below is free */
static void *free_stacks;	     /* [stacks_lock] linked by first word */
static unsigned long nr_free_stacks; /* [stacks_lock] */
static DEFINE_PER_CPU(void *, spare_stack); /* the one freed here last */
static DEFINE_PER_CPU(long, nr_stacks);	    /* given out */

static inline unsigned long slot_stack(unsigned long slot)
{
	return STACKS_BASE + slot * STACK_SLOT + THREAD_SIZE;
}

static inline unsigned long stack_slot(const void *stack)
{
	return ((unsigned long)stack - STACKS_BASE) / STACK_SLOT;
}

#ifdef TINE_DEBUG

/* Each word of a stack before it is used. */
#define UNUSED_WORD 0x6b7361636b6e7553UL

static DECLARE_BITMAP(used_slots, STACKS_MAX); /* [stacks_lock] */
static unsigned long deepest;		       /* [stacks_lock] bytes */

static void note_depth_locked(const void *stack)
{
	const unsigned long *end =
		(const unsigned long *)((const char *)stack + THREAD_SIZE);
	const unsigned long *word = stack;

	while (word < end && *word == UNUSED_WORD)
		word++;
	deepest = max(deepest,
		      (unsigned long)((const char *)end - (const char *)word));
}

/* From now on @stack is in use. */
static void watch_depth(void *stack)
{
	unsigned long *word = stack;
	unsigned long flags;

	while (word < (unsigned long *)((char *)stack + THREAD_SIZE))
		*word++ = UNUSED_WORD;
	spin_lock_irqsave(&stacks_lock, flags);
	bitmap_set_bit(used_slots, stack_slot(stack));
	spin_unlock_irqrestore(&stacks_lock, flags);
}

/* It was in use up to now. */
static void note_depth(const void *stack)
{
	unsigned long flags;

	spin_lock_irqsave(&stacks_lock, flags);
	note_depth_locked(stack);
	bitmap_clear_bit(used_slots, stack_slot(stack));
	spin_unlock_irqrestore(&stacks_lock, flags);
}

/* report_kernel_stacks - see kernel_stack.h. */
void report_kernel_stacks(void)
{
	unsigned long flags, slot;

	spin_lock_irqsave(&stacks_lock, flags);
	for (slot = 0; slot < STACKS_MAX; slot++) {
		if (bitmap_test(used_slots, slot))
			note_depth_locked((void *)slot_stack(slot));
	}
	spin_unlock_irqrestore(&stacks_lock, flags);
	pr_info("%skernel stacks: at most %lu of %lu bytes used\n",
		deepest > THREAD_SIZE / 4 * 3 ? "BUG: " : "", deepest,
		THREAD_SIZE);
}

#else

static inline void watch_depth(void *stack)
{
}

static inline void note_depth(const void *stack)
{
}

void report_kernel_stacks(void)
{
}

#endif

/* Take a freed stack if there are more than @keep, or NULL. */
static void *take_free_stack(unsigned long keep)
{
	unsigned long flags;
	void *stack = NULL;

	spin_lock_irqsave(&stacks_lock, flags);
	if (nr_free_stacks > keep) {
		stack = free_stacks;
		free_stacks = *(void **)stack;
		nr_free_stacks--;
	}
	spin_unlock_irqrestore(&stacks_lock, flags);
	return stack;
}

static void release_slot(unsigned long slot)
{
	unsigned long flags;

	spin_lock_irqsave(&stacks_lock, flags);
	bitmap_clear_bit(stack_slots, slot);
	low_slot = min(low_slot, slot);
	spin_unlock_irqrestore(&stacks_lock, flags);
}

/* Map a stack in a fresh slot, or NULL. */
static void *make_stack(void)
{
	unsigned long flags, slot;

	spin_lock_irqsave(&stacks_lock, flags);
	slot = find_next_zero_bit(stack_slots, STACKS_MAX, low_slot);
	if (slot < STACKS_MAX) {
		bitmap_set_bit(stack_slots, slot);
		low_slot = slot + 1;
	}
	spin_unlock_irqrestore(&stacks_lock, flags);
	if (slot == STACKS_MAX)
		return NULL;
	if (!map_fresh(slot_stack(slot), STACK_PAGES)) {
		release_slot(slot);
		return NULL;
	}
	return (void *)slot_stack(slot);
}

/* alloc_kernel_stack - lowest address of a new stack, or NULL. */
void *alloc_kernel_stack(void)
{
	void *stack = this_cpu_xchg(spare_stack, NULL);

	if (!stack)
		stack = take_free_stack(0);
	if (!stack)
		stack = make_stack();
	if (!stack)
		return NULL;
	this_cpu_inc(nr_stacks);
	watch_depth(stack);
	return stack;
}

/* Any context. */
static void put_free_stack(void *stack)
{
	unsigned long flags;
	bool many;

	spin_lock_irqsave(&stacks_lock, flags);
	*(void **)stack = free_stacks;
	free_stacks = stack;
	many = ++nr_free_stacks > STACKS_MANY;
	spin_unlock_irqrestore(&stacks_lock, flags);
	if (many)
		wake_reclaim();
}

/* free_kernel_stack - @stack is not in use any more.  Any context. */
void free_kernel_stack(void *stack)
{
	assert((unsigned long)stack == slot_stack(stack_slot(stack)));
	this_cpu_dec(nr_stacks);
	note_depth(stack);
	stack = this_cpu_xchg(spare_stack, stack);
	if (stack)
		put_free_stack(stack);
}

/* is_kernel_stack_guard - did an access to @addr run off a stack? */
bool is_kernel_stack_guard(unsigned long addr)
{
	return addr >= STACKS_BASE && addr < VMALLOC_END &&
	       (addr - STACKS_BASE) % STACK_SLOT < THREAD_SIZE;
}

/* Unmap up to @nr stacks that nobody uses, but leave @keep; pages freed. */
static unsigned long unmap_stacks(unsigned long nr, unsigned long keep)
{
	unsigned long freed = 0;
	void *stack;

	while (nr-- > 0 && (stack = take_free_stack(keep))) {
		unmap_and_free((unsigned long)stack, STACK_PAGES);
		release_slot(stack_slot(stack));
		freed += STACK_PAGES;
	}
	return freed;
}

/* trim_kernel_stacks - unmap freed stacks, but keep a few.  May sleep. */
void trim_kernel_stacks(void)
{
	(void)unmap_stacks(~0UL, STACKS_KEPT);
}

static unsigned long shrink_stacks(struct shrinker *s, unsigned long nr)
{
	unsigned int cpu;
	void *stack;

	for_each_possible_cpu (cpu) {
		stack = __atomic_exchange_n(&per_cpu(spare_stack, cpu), NULL,
					    __ATOMIC_ACQ_REL);
		if (stack)
			put_free_stack(stack);
	}
	return unmap_stacks(DIV_ROUND_UP(nr, STACK_PAGES), 0);
}

/* kernel_stack_init - see kernel_stack.h. */
void kernel_stack_init(void)
{
	static struct shrinker stack_shrinker = {
		.name = "kernel stacks", .shrink = shrink_stacks, .order = 0};

	static_assert(STACKS_BASE + STACKS_MAX * STACK_SLOT <= VMALLOC_END,
		      "all stack slots lie in the area");
	register_shrinker(&stack_shrinker);
}

/* nr_kernel_stacks - see kernel_stack.h. */
unsigned long nr_kernel_stacks(void)
{
	return (unsigned long)per_cpu_sum(nr_stacks);
}
