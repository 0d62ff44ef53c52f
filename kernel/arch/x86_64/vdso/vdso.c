/*
 * vdso.c - the pages given to programs: see kernel/arch/vdso.h.
 *
 * One mapping of two pages, shared by all programs and never written by them:
 * the ELF image, then struct vdso_clock.  The linker put the image's only
 * datum at the second page's start.
 *
 * Locks: the clock's writer is kept alone by kernel/time; readers retry.
 *
 * Entry points: vdso_init, vdso_map, vdso_set_clock.
 */
#include <kernel/arch/vdso.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/types/task.h>

#define VDSO_SIZE (2 * PAGE_SIZE)

extern const char vdso_image[];
extern const char vdso_image_end[];

static struct page *pages[3]; /* [I] image, parameters, NULL */
static const struct vm_special_mapping mapping = {"[vdso]", pages};
static struct vdso_clock first; /* what was set before there were pages */
static struct vdso_clock *shown = &first;

static void set_kind(struct vdso_time *time, u64 kind)
{
	__atomic_store_n(&time->kind, kind, __ATOMIC_RELEASE);
}

/* vdso_set_clock - new parameters for programs. */
void vdso_set_clock(const struct vdso_clock *clock)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shown->time); i++)
		set_kind(&shown->time[i], VDSO_ASK);
	__atomic_store_n(&shown->sequence, shown->sequence + 1,
			 __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	shown->shift = clock->shift & 63;
	shown->base_cycles = clock->base_cycles;
	for (i = 0; i < ARRAY_SIZE(shown->time); i++) {
		shown->time[i].mult = clock->time[i].mult;
		shown->time[i].frac = clock->time[i].frac;
		shown->time[i].base_ns = clock->time[i].base_ns;
		set_kind(&shown->time[i], clock->time[i].kind);
	}
}

/* vdso_init - copy the image to pages of its own. */
void __init vdso_init(void)
{
	size_t size = (size_t)(vdso_image_end - vdso_image);
	int i;

	assert(size <= PAGE_SIZE);
	for (i = 0; i < 2; i++) {
		pages[i] = alloc_zeroed_page();
		if (!pages[i])
			panic("no memory for the vDSO");
	}
	memcpy(page_address(pages[0]), vdso_image, size);
	memcpy(page_address(pages[1]), &first, sizeof(first));
	shown = page_address(pages[1]);
}

/* vdso_map - see vdso.h. */
unsigned long vdso_map(void)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long addr;

	if (mmap_write_lock_killable(mm))
		return 0;
	addr = get_unmapped_area(mm, 0, VDSO_SIZE, 0);
	if (IS_ERR_VALUE(addr)) {
		mmap_write_unlock(mm);
		return 0;
	}
	vma = install_special_mapping(mm, addr, VDSO_SIZE,
				      VM_READ | VM_EXEC | VM_MAYREAD |
					      VM_MAYWRITE | VM_MAYEXEC,
				      &mapping);
	mmap_write_unlock(mm);
	return IS_ERR(vma) ? 0 : addr;
}
