/*
 * Floating-point and vector state.
 *
 * One struct fpu per program's task, in XSAVE's standard form (or FXSAVE's
 * where the CPU has no XSAVE).  The state is saved when the task leaves the CPU
 * and loaded when it comes back, unless the registers still hold it because
 * only kernel threads ran in between (fpu_owner, last_cpu).
 *
 * Bytes 464..511 are software's: they hold from the start what a signal frame
 * must have there.
 *
 * Entry points: fpu_init_early, fpu_init_cpu, fpu_init_late, fpu_alloc,
 * fpu_switch, fpu_copy_to_frame, fpu_copy_from_frame and the rest of
 * kernel/arch/fpu.h.
 */
#include <kernel/arch/fpu.h>

#include <abi/errno.h>
#include <abi/ucontext.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

#define FXSAVE_SIZE	512
#define XSAVE_HEADER	64
#define XFEATURE_FP_SSE 3ULL
#define XFEATURE_YMM	4ULL
#define XFEATURE_AVX512 0xe0ULL
#define MXCSR_DEFAULT	0x1f80
#define MXCSR_MASK_OLD	0xffbf
#define FCW_DEFAULT	0x37f

#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_NE (1UL << 5)

struct xsave_header {
	u64 xstate_bv;
	u64 xcomp_bv;
	u64 reserved[6];
};

static u64 xfeatures;	  /* [I] XCR0; 0: FXSAVE only */
static size_t state_size; /* [I] */
static u32 mxcsr_mask;	  /* [I] */
static struct kmem_cache *fpu_cache __read_mostly;
static struct fpu *initial; /* [I] what a program begins with */
static DEFINE_PER_CPU(struct fpu *, fpu_owner); /* whose state is loaded */

static struct _fpstate_64 *legacy(struct fpu *fpu)
{
	return (struct _fpstate_64 *)fpu->state;
}

static struct xsave_header *header(struct fpu *fpu)
{
	return (struct xsave_header *)(fpu->state + FXSAVE_SIZE);
}

/* Which states to keep; read on CPU 0, the same on all. */
static void __init choose_features(void)
{
	u64 wanted = XFEATURE_FP_SSE | XFEATURE_YMM | XFEATURE_AVX512;
	u32 size;
	u32 lo;
	u32 hi;
	u32 c;

	state_size = FXSAVE_SIZE;
	if (!cpu_has(X86_FEATURE_XSAVE))
		return;
	cpuid(13, 0, &lo, &size, &c, &hi);
	wanted &= lo | (u64)hi << 32;
	if ((wanted & XFEATURE_AVX512) != XFEATURE_AVX512)
		wanted &= ~XFEATURE_AVX512;
	xfeatures = wanted;
}

/* fpu_user_features - see fpu.h. */
u64 fpu_user_features(void)
{
	return xfeatures ? xfeatures : XFEATURE_FP_SSE;
}

/* fpu_init_early - CPU 0, after its features. */
void __init fpu_init_early(void)
{
	u32 size;
	u32 lo;
	u32 hi;
	u32 c;

	choose_features();
	fpu_init_cpu();
	if (!xfeatures)
		return;
	/* What the features that are on now take. */
	cpuid(13, 0, &lo, &size, &c, &hi);
	state_size = size;
}

/* fpu_init_cpu - switch the unit on; on each CPU. */
void fpu_init_cpu(void)
{
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE);
	__asm__ volatile("fninit");
	if (xfeatures)
		__asm__ volatile("xsetbv" ::"c"(0), "a"((u32)xfeatures),
				 "d"((u32)(xfeatures >> 32)));
}

/* fpu_init_late - the cache of states; after the slab allocator. */
void __init fpu_init_late(void)
{
	static struct _fpstate_64 image __aligned(16);

	__asm__ volatile("fxsave %0" : "=m"(image));
	mxcsr_mask = image.mxcsr_mask ? image.mxcsr_mask : MXCSR_MASK_OLD;
	fpu_cache = kmem_cache_create(
		"fpu_state", sizeof(struct fpu) + state_size, 64, NULL);
	if (!fpu_cache)
		panic("no memory for the cache of FPU states");
	initial = fpu_alloc();
	if (!initial)
		panic("no memory for the first FPU state");
}

static void save(struct fpu *fpu)
{
	if (xfeatures)
		__asm__ volatile("xsave64 (%0)" ::"r"(fpu->state), "a"(~0U),
				 "d"(~0U)
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(fpu->state) : "memory");
}

static void restore(const u8 *state)
{
	if (xfeatures)
		__asm__ volatile("xrstor64 (%0)" ::"r"(state), "a"(~0U),
				 "d"(~0U)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(state) : "memory");
}

/* This CPU's registers are now @fpu's. */
static void mark_loaded(struct fpu *fpu)
{
	fpu->last_cpu = (int)smp_processor_id();
	this_cpu_write(fpu_owner, fpu);
}

static void load(struct fpu *fpu)
{
	restore(fpu->state);
	mark_loaded(fpu);
}

static void set_initial(struct fpu *fpu)
{
	struct _fpx_sw_bytes *sw = &legacy(fpu)->sw_reserved;

	memset(fpu->state, 0, state_size);
	fpu->last_cpu = -1;
	legacy(fpu)->cwd = FCW_DEFAULT;
	legacy(fpu)->mxcsr = MXCSR_DEFAULT;
	legacy(fpu)->mxcsr_mask = mxcsr_mask;
	if (!xfeatures)
		return;
	sw->magic1 = FP_XSTATE_MAGIC1;
	sw->extended_size = (u32)(state_size + FP_XSTATE_MAGIC2_SIZE);
	sw->xfeatures = xfeatures;
	sw->xstate_size = (u32)state_size;
}

struct fpu *fpu_alloc(void)
{
	struct fpu *fpu = kmem_cache_alloc(fpu_cache);

	if (fpu)
		set_initial(fpu);
	return fpu;
}

struct fpu *fpu_clone_current(void)
{
	struct fpu *fpu;

	if (!current->thread.fpu)
		return fpu_alloc();
	fpu = kmem_cache_alloc(fpu_cache);
	if (!fpu)
		return NULL;
	fpu_sync_current();
	memcpy(fpu->state, current->thread.fpu->state, state_size);
	fpu->last_cpu = -1;
	return fpu;
}

void fpu_free(struct fpu *fpu)
{
	if (fpu)
		kmem_cache_free(fpu_cache, fpu);
}

void fpu_sync_current(void)
{
	unsigned long flags;

	if (!current->thread.fpu)
		return;
	local_irq_save(flags);
	save(current->thread.fpu);
	local_irq_restore(flags);
}

/*
 * Only the registers are set: they are the truth until current is switched
 * away or synced, and what only memory holds (sw_reserved) never changes.
 */
void fpu_reset_current(void)
{
	struct fpu *fpu = current->thread.fpu;
	unsigned long flags;

	local_irq_save(flags);
	restore(initial->state);
	mark_loaded(fpu);
	local_irq_restore(flags);
}

void fpu_switch(struct task_struct *prev, struct task_struct *next)
{
	struct fpu *fpu = next->thread.fpu;

	if (prev->thread.fpu)
		save(prev->thread.fpu);
	if (!fpu)
		return;
	if (this_cpu_read(fpu_owner) == fpu &&
	    fpu->last_cpu == (int)smp_processor_id())
		return;
	load(fpu);
}

size_t fpu_signal_size(void)
{
	return state_size + (xfeatures ? FP_XSTATE_MAGIC2_SIZE : 0);
}

int fpu_copy_to_frame(void __user *frame)
{
	struct fpu *fpu = current->thread.fpu;
	u32 magic2 = FP_XSTATE_MAGIC2;

	fpu_sync_current();
	/* A handler may look at x87 and SSE state: say that it is there. */
	if (xfeatures)
		header(fpu)->xstate_bv |= XFEATURE_FP_SSE;
	if (copy_to_user(frame, fpu->state, state_size))
		return -EFAULT;
	if (xfeatures && copy_to_user((u8 __user *)frame + state_size, &magic2,
				      sizeof(magic2)))
		return -EFAULT;
	return 0;
}

/* How much of @frame is XSAVE's: the whole state, or the legacy part only.
 * -EFAULT: it ends in no memory. */
static long frame_state_size(const struct _fpstate_64 *head,
			     const void __user *frame)
{
	const struct _fpx_sw_bytes *sw = &head->sw_reserved;
	u32 magic2;

	if (!xfeatures || sw->magic1 != FP_XSTATE_MAGIC1 ||
	    sw->xstate_size < FXSAVE_SIZE + XSAVE_HEADER ||
	    sw->xstate_size > state_size || sw->extended_size < sw->xstate_size)
		return FXSAVE_SIZE;
	if (copy_from_user(&magic2, (const u8 __user *)frame + sw->xstate_size,
			   sizeof(magic2)))
		return -EFAULT;
	return magic2 == FP_XSTATE_MAGIC2 ? sw->xstate_size : FXSAVE_SIZE;
}

/* What xrstor would refuse with a fault. */
static bool is_loadable(struct fpu *fpu, long size)
{
	const struct xsave_header *h = header(fpu);

	if (legacy(fpu)->mxcsr & ~mxcsr_mask)
		return false;
	return size == FXSAVE_SIZE || (!(h->xstate_bv & ~xfeatures) &&
				       !h->xcomp_bv && !h->reserved[0]);
}

/* Makes what a program wrote loadable; -EINVAL if it cannot be. */
static int sanitise(struct fpu *fpu, long size, u64 frame_features)
{
	struct _fpx_sw_bytes *sw = &legacy(fpu)->sw_reserved;

	if (!is_loadable(fpu, size))
		return -EINVAL;
	memset(sw, 0, sizeof(*sw));
	if (!xfeatures)
		return 0;
	sw->magic1 = FP_XSTATE_MAGIC1;
	sw->extended_size = (u32)(state_size + FP_XSTATE_MAGIC2_SIZE);
	sw->xfeatures = xfeatures;
	sw->xstate_size = (u32)state_size;
	if (size == FXSAVE_SIZE)
		header(fpu)->xstate_bv = XFEATURE_FP_SSE;
	else
		header(fpu)->xstate_bv &= xfeatures & frame_features;
	header(fpu)->xcomp_bv = 0;
	memset(header(fpu)->reserved, 0, sizeof(header(fpu)->reserved));
	return 0;
}

/* Loads a new state and frees the old one. */
static void replace_current(struct fpu *fpu)
{
	struct fpu *old = current->thread.fpu;
	unsigned long flags;

	local_irq_save(flags);
	current->thread.fpu = fpu;
	load(fpu);
	local_irq_restore(flags);
	fpu_free(old);
}

int fpu_copy_from_frame(const void __user *frame)
{
	struct fpu *fpu;
	long size;
	u64 features;
	int err;

	if (!frame) {
		fpu_reset_current();
		return 0;
	}
	fpu = kmem_cache_alloc(fpu_cache);
	if (!fpu)
		return -ENOMEM;
	fpu->last_cpu = -1;
	err = -EFAULT;
	if (copy_from_user(fpu->state, frame, FXSAVE_SIZE))
		goto free_fpu;
	size = frame_state_size(legacy(fpu), frame);
	if (size < 0)
		goto free_fpu;
	features = legacy(fpu)->sw_reserved.xfeatures;
	if (copy_from_user(fpu->state + FXSAVE_SIZE,
			   (const u8 __user *)frame + FXSAVE_SIZE,
			   (size_t)size - FXSAVE_SIZE))
		goto free_fpu;
	memset(fpu->state + size, 0, state_size - (size_t)size);
	err = sanitise(fpu, size, features);
	if (err)
		goto free_fpu;
	replace_current(fpu);
	return 0;

free_fpu:
	fpu_free(fpu);
	return err;
}
