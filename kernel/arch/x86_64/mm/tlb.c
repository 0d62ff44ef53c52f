/*
 * Address spaces of CPUs, and forgetting their old translations.
 *
 * Each CPU remembers which mm its CR3 came from (loaded_mm); a kernel thread
 * leaves it loaded.  mm->cpu_bitmap has the CPUs where that mm is loaded: they,
 * and only they, are asked to flush.  A CPU sets its bit before it loads CR3,
 * so a flush that misses the bit happens before the CPU reads any table.  A CPU
 * that only keeps an mm loaded for a kernel thread lets go of it when it is
 * asked to flush, and is not asked again.
 *
 * Entry points: switch_mm, activate_mm, leave_mm, flush_tlb_*.
 */
#include <kernel/arch/tlb.h>

#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/smp.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/irq/irq.h>
#include <kernel/lib/macros.h>
#include <kernel/types/mm.h>
#include <kernel/types/task.h>

/* Beyond this many pages, flushing everything is cheaper. */
#define FLUSH_PAGES_MAX 32

static DEFINE_PER_CPU(struct mm_struct *, loaded_mm);

/* What a CPU is asked to forget; end ~0: everything of the user half. */
struct flush_request {
	struct mm_struct *mm; /* NULL: kernel addresses */
	unsigned long start;
	unsigned long end;
};

static void cpu_bit(struct mm_struct *mm, bool on)
{
	u64 bit = 1ULL << smp_processor_id();

	if (on)
		(void)__atomic_fetch_or(&mm->cpu_bitmap, bit, __ATOMIC_SEQ_CST);
	else
		(void)__atomic_fetch_and(&mm->cpu_bitmap, ~bit,
					 __ATOMIC_SEQ_CST);
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next)
{
	struct mm_struct *loaded = this_cpu_read(loaded_mm);

	(void)prev;
	if (loaded == next)
		return;
	if (next)
		cpu_bit(next, true);
	this_cpu_write(loaded_mm, next);
	write_cr3(__pa(next ? next->pgd : swapper_pg_dir));
	if (loaded)
		cpu_bit(loaded, false);
}

void activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	unsigned long flags;

	local_irq_save(flags);
	switch_mm(prev, next);
	local_irq_restore(flags);
}

static void leave_mm_here(void *cookie)
{
	if (this_cpu_read(loaded_mm) == cookie)
		switch_mm(cookie, NULL);
}

void leave_mm(struct mm_struct *mm)
{
	unsigned long flags;
	u64 cpus;

	local_irq_save(flags);
	leave_mm_here(mm);
	local_irq_restore(flags);
	cpus = __atomic_load_n(&mm->cpu_bitmap, __ATOMIC_SEQ_CST);
	if (cpus)
		smp_call_function_many(cpus, leave_mm_here, mm, true);
}

static void flush_here(void *cookie)
{
	const struct flush_request *request = cookie;
	unsigned long addr;
	unsigned long cr4;

	if (request->mm) {
		if (request->mm != this_cpu_read(loaded_mm))
			return;
		if (!current->mm) {
			switch_mm(request->mm, NULL);
			return;
		}
	}
	if (request->end - request->start <= FLUSH_PAGES_MAX * PAGE_SIZE) {
		for (addr = request->start; addr < request->end;
		     addr += PAGE_SIZE)
			flush_tlb_one_local(addr);
	} else if (request->mm) {
		write_cr3(read_cr3());
	} else {
		/* Only a change of CR4.PGE drops global pages. */
		cr4 = read_cr4();
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	}
}

static void flush_asked(void *cookie)
{
	irq_count_other(IRQ_OTHER_TLB);
	flush_here(cookie);
}

static void flush(struct flush_request *request, u64 cpus)
{
	unsigned long flags;

	local_irq_save(flags);
	flush_here(request);
	local_irq_restore(flags);

	cpus &= READ_ONCE(cpu_online_bits) & ~(1ULL << smp_processor_id());
	if (cpus)
		smp_call_function_many(cpus, flush_asked, request, true);
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	struct flush_request request = {mm, start & PAGE_MASK, PAGE_ALIGN(end)};

	/* The table was changed before; the bitmap is read after. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	flush(&request, READ_ONCE(mm->cpu_bitmap));
}

void flush_tlb_page(struct mm_struct *mm, unsigned long addr)
{
	addr &= PAGE_MASK;
	flush_tlb_range(mm, addr, addr + PAGE_SIZE);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	flush_tlb_range(mm, 0, TASK_SIZE_MAX);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	struct flush_request request = {NULL, start & PAGE_MASK,
					PAGE_ALIGN(end)};

	flush(&request, ~0ULL);
}

void flush_tlb_all(void)
{
	flush_tlb_kernel_range(0, PAGE_MASK);
}
