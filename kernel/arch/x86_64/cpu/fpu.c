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
#define HEADER_WORD	(FXSAVE_SIZE / sizeof(u64)) /* XSTATE_BV */
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
 * `INSN frame`, with states @mask for those that take one; 0 or -EFAULT.  A
 * frame that the CPU refuses is a general protection fault, which ends at the
 * fixup as a page that cannot be had does.
 */
#define USER_STATE(insn, frame, mask)                                          \
	({                                                                     \
		int us_err__ = 0;                                              \
		__asm__ volatile(ASM_STAC "1: " insn " (%1)\n"                 \
					  "2: " ASM_CLAC                       \
					  ".pushsection .text.fixup,\"ax\"\n"  \
					  "3: movl %4, %0\n"                   \
					  "jmp 2b\n"                           \
					  ".popsection\n" ASM_EXTABLE(1b, 3b)  \
				 : "+r"(us_err__)                              \
				 : "r"(frame), "a"((u32)(mask)),               \
				   "d"((u32)((u64)(mask) >> 32)), "i"(-EFAULT) \
				 : "memory");                                  \
		us_err__;                                                      \
	})

/* What xsave leaves alone: the program's words, and of the header all but one.
 */
static int put_frame_words(u64 __user *frame)
{
	const u64 *sw = (const u64 *)&fx_sw_reserved;
	size_t first = offsetof(struct _fpstate_64, sw_reserved) / sizeof(u64);
	size_t i;

	if (!user_access_begin(frame, FXSAVE_SIZE + XSAVE_HEADER))
		return -EFAULT;
#pragma GCC unroll 6
	for (i = 0; i < sizeof(fx_sw_reserved) / sizeof(u64); i++)
		unsafe_put_user(sw[i], &frame[first + i], fault);
	if (xfeatures) {
#pragma GCC unroll 8
		for (i = 0; i < XSAVE_HEADER / sizeof(u64); i++)
			unsafe_put_user(0, &frame[HEADER_WORD + i], fault);
	}
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

int fpu_copy_to_frame(void __user *frame)
{
	u64 __user *words = frame;
	u64 saved;

	if (put_frame_words(words))
		return -EFAULT;
	if (!xfeatures)
		return USER_STATE("fxsave64", frame, 0);
	if (USER_STATE("xsave64", frame, ~0ULL) ||
	    !user_access_begin(frame, state_size + FP_XSTATE_MAGIC2_SIZE))
		return -EFAULT;
	/* A handler may look at x87 and SSE state: say that it is there. */
	unsafe_get_user(saved, &words[HEADER_WORD], fault);
	unsafe_put_user(saved | XFEATURE_FP_SSE, &words[HEADER_WORD], fault);
	unsafe_put_user(FP_XSTATE_MAGIC2,
			(u32 __user *)((u8 __user *)frame + state_size), fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

/*
 * What @frame says it holds, in *@features.  1: XSAVE's form, 0: FXSAVE's
 * alone, -EFAULT: it ends in no memory.
 */
static int frame_features(const struct _fpstate_64 __user *frame, u64 *features)
{
	const struct _fpx_sw_bytes __user *sw = &frame->sw_reserved;
	u32 extended_size;
	u32 magic;
	u32 size;

	*features = XFEATURE_FP_SSE;
	if (!user_access_begin(frame, sizeof(*frame)))
		return -EFAULT;
	unsafe_get_user(magic, &sw->magic1, fault);
	unsafe_get_user(size, &sw->xstate_size, fault);
	unsafe_get_user(extended_size, &sw->extended_size, fault);
	if (!xfeatures || magic != FP_XSTATE_MAGIC1 ||
	    size < FXSAVE_SIZE + XSAVE_HEADER || size > state_size ||
	    extended_size < size)
		goto legacy;
	unsafe_get_user(magic,
			(const u32 __user *)((const u8 __user *)frame + size),
			fault);
	if (magic != FP_XSTATE_MAGIC2)
		goto legacy;
	unsafe_get_user(*features, &sw->xfeatures, fault);
	user_access_end();
	return 1;

legacy:
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

int fpu_copy_from_frame(const void __user *frame)
{
	u64 features;
	u64 absent;
	int form;
	int err;

	if (!frame) {
		fpu_reset_current();
		return 0;
	}
	form = frame_features(frame, &features);
	if (form < 0)
		return form;
	err = form ? USER_STATE("xrstor64", frame, features)
		   : USER_STATE("fxrstor64", frame, 0);
	if (err)
		return err;
	absent = xfeatures & ~features;
	if (absent)
		__asm__ volatile("xrstor64 (%0)" ::"r"(initial->state),
				 "a"((u32)absent), "d"((u32)(absent >> 32))
				 : "memory");
	return 0;
}
