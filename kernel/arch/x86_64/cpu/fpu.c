/*
 * Floating-point and vector state.
 *
 * One struct fpu per program's task, in XSAVE's standard form (or FXSAVE's
 * where the CPU has no XSAVE).  The state is saved when the task leaves the CPU
 * and loaded when it comes back, unless the registers still hold it because
 * only kernel threads ran in between (fpu_owner, last_cpu).
 *
 * A signal frame holds the same form, saved to and loaded from user memory
 * directly: a missing page is had meanwhile and the instruction begins again.
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
#define SW_WORD		(offsetof(struct _fpstate_64, sw_reserved) / sizeof(u64))
#define XFEATURE_FP_SSE 3ULL
#define XFEATURE_YMM	4ULL
#define XFEATURE_AVX512 0xe0ULL
#define MXCSR_DEFAULT	0x1f80
#define FCW_DEFAULT	0x37f

#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_NE (1UL << 5)

static u64 xfeatures;			    /* [I] XCR0; 0: FXSAVE only */
static size_t state_size;		    /* [I] */
static struct _fpx_sw_bytes fx_sw_reserved; /* [I] what a frame has there */
static struct kmem_cache *fpu_cache __read_mostly;
static struct fpu *initial; /* [I] what a program begins with */
static DEFINE_PER_CPU(struct fpu *, fpu_owner); /* whose state is loaded */

static struct _fpstate_64 *legacy(struct fpu *fpu)
{
	return (struct _fpstate_64 *)fpu->state;
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
	fx_sw_reserved.magic1 = FP_XSTATE_MAGIC1;
	fx_sw_reserved.extended_size = size + FP_XSTATE_MAGIC2_SIZE;
	fx_sw_reserved.xfeatures = xfeatures;
	fx_sw_reserved.xstate_size = size;
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
	memset(fpu->state, 0, state_size);
	fpu->last_cpu = -1;
	legacy(fpu)->cwd = FCW_DEFAULT;
	legacy(fpu)->mxcsr = MXCSR_DEFAULT;
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

/* Only the registers are set: they are the truth until current is switched away
 * or synced. */
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

/*
 * `INSN frame`, with states @mask for those that take one, between
 * user_access_begin() and user_access_end().  A frame that the CPU refuses is a
 * general protection fault: that goes to the label as a missing page does.
 */
#define USER_STATE(insn, frame, mask, label)                                   \
	__asm__ goto("1: " insn " (%0)\n" ASM_EXTABLE_STRINGS("1b", "%l3")     \
		     :                                                         \
		     : "r"(frame), "a"((u32)(mask)),                           \
		       "d"((u32)((u64)(mask) >> 32))                           \
		     : "memory"                                                \
		     : label)

int fpu_copy_to_frame(void __user *frame)
{
	const u64 *sw = (const u64 *)&fx_sw_reserved;
	u64 __user *words = frame;
	u64 __user *header = words + FXSAVE_SIZE / sizeof(u64);
	u64 saved;
	size_t i;

	if (!user_access_begin(frame, fpu_signal_size()))
		return -EFAULT;
		/* Neither form writes the program's words, xsave but one of its
		 * header. */
#pragma GCC unroll 6
	for (i = 0; i < sizeof(fx_sw_reserved) / sizeof(u64); i++)
		unsafe_put_user(sw[i], &words[SW_WORD + i], fault);
	if (!xfeatures) {
		USER_STATE("fxsave64", frame, 0, fault);
		goto done;
	}
#pragma GCC unroll 8
	for (i = 0; i < XSAVE_HEADER / sizeof(u64); i++)
		unsafe_put_user(0, &header[i], fault);
	USER_STATE("xsave64", frame, ~0ULL, fault);
	/* A handler may look at x87 and SSE state: say that it is there. */
	unsafe_get_user(saved, &header[0], fault);
	unsafe_put_user(saved | XFEATURE_FP_SSE, &header[0], fault);
	unsafe_put_user(FP_XSTATE_MAGIC2,
			(u32 __user *)((u8 __user *)frame + state_size), fault);
done:
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

/*
 * What @frame says it holds, in *@features.  1: XSAVE's form, 0: FXSAVE's
 * alone, -EFAULT: it ends in no memory.  As USER_STATE().
 */
static __always_inline int frame_features(const void __user *frame,
					  u64 *features)
{
	const struct _fpstate_64 __user *fx = frame;
	const struct _fpx_sw_bytes __user *sw = &fx->sw_reserved;
	u32 extended_size;
	u32 magic;
	u32 size;

	*features = XFEATURE_FP_SSE;
	unsafe_get_user(magic, &sw->magic1, fault);
	unsafe_get_user(size, &sw->xstate_size, fault);
	unsafe_get_user(extended_size, &sw->extended_size, fault);
	if (!xfeatures || magic != FP_XSTATE_MAGIC1 ||
	    size < FXSAVE_SIZE + XSAVE_HEADER || size > state_size ||
	    extended_size < size)
		return 0;
	unsafe_get_user(magic,
			(const u32 __user *)((const u8 __user *)frame + size),
			fault);
	if (magic != FP_XSTATE_MAGIC2)
		return 0;
	unsafe_get_user(*features, &sw->xfeatures, fault);
	return 1;

fault:
	return -EFAULT;
}

int fpu_copy_from_frame(const void __user *frame)
{
	u64 features;
	u64 absent;
	int form;

	if (!frame) {
		fpu_reset_current();
		return 0;
	}
	if (!user_access_begin(frame, fpu_signal_size()))
		return -EFAULT;
	form = frame_features(frame, &features);
	if (form < 0)
		goto fault;
	if (form)
		USER_STATE("xrstor64", frame, features, fault);
	else
		USER_STATE("fxrstor64", frame, 0, fault);
	user_access_end();
	absent = xfeatures & ~features;
	if (absent)
		__asm__ volatile("xrstor64 (%0)" ::"r"(initial->state),
				 "a"((u32)absent), "d"((u32)(absent >> 32))
				 : "memory");
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}
