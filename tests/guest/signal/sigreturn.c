/*
 * rt_sigreturn(2) takes the frame that lies on the stack: what is wrong in it
 * is SIGSEGV, what a program may not set is not set, and a floating-point state
 * that is not whole counts as far as it goes.
 */
#include "frame.h"
#include <sys/mman.h>
#include <sys/syscall.h>

static void (*change)(ucontext_t *context, struct fpstate *fp);
static siginfo_t seen;
static volatile int calls;

static void changes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	change(context, frame_fpstate(context));
}

static void exits_by_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen = *info;
	_exit(info->si_code == SI_KERNEL ? 5 : 6);
}

/* On a stack of its own: the program's may be what is wrong. */
static void catch_segv(void)
{
	static char memory[65536];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};

	sigaltstack(&stack, NULL);
	catch_with(SIGSEGV, exits_by_signal, SA_ONSTACK);
}

static int returns(void)
{
	catch_segv();
	catch_with(SIGUSR1, changes, 0);
	raise(SIGUSR1);
	return 1;
}

/* after - CHANGE made to a frame: the child's exit code; 1: it went on. */
static int after(void (*what)(ucontext_t *context, struct fpstate *fp))
{
	change = what;
	return in_child(returns);
}

/* --- registers ------------------------------------------------------------ */

static void nothing(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	(void)fp;
}

static unsigned short new_cs, new_ss;

static void selectors(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.gregs[REG_CSGSFS] =
		(greg_t)((unsigned long)new_ss << 48 | new_cs);
}

static void lenient_selectors(ucontext_t *context, struct fpstate *fp)
{
	context->uc_flags &= ~(unsigned long)UC_STRICT_RESTORE_SS;
	selectors(context, fp);
}

/* after_selectors - CS and SS put into a frame: as after. */
static int after_selectors(unsigned short cs, unsigned short ss)
{
	new_cs = cs;
	new_ss = ss;
	return after(selectors);
}

static void kernel_ip(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.gregs[REG_RIP] = (greg_t)0xffffffff81000000;
}

static void strange_ip(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.gregs[REG_RIP] = 0x1234567890abcdef;
}

static void kill_mask(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	memset(&context->uc_sigmask, 0xff, 8);
}

static int masks_kill(void)
{
	sigset_t set;

	change = kill_mask;
	catch_with(SIGUSR1, changes, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGTERM) && !sigismember(&set, SIGKILL) &&
			       !sigismember(&set, SIGSTOP)
		       ? 5
		       : 6;
}

static void registers(void)
{
	ok(after(nothing) == 1, "a frame left alone: all goes on");
	ok(after_selectors(0x10, 0x2b) == 5,
	   "the kernel's cs: SIGSEGV, SI_KERNEL");
	ok(after_selectors(0, 0x2b) == 5, "cs 0");
	ok(after_selectors(0x2b, 0x2b) == 5, "a data segment as cs");
	ok(after_selectors(0xfff0, 0x2b) == 5, "cs behind the table");
	ok(after_selectors(0x33, 0x10) == 5, "the kernel's ss");
	ok(after_selectors(0x30, 0x28) == 1, "selectors get privilege 3");
	ok(after_selectors(0x33, 0xfff8) == 5, "ss behind the table");
	ok(after(lenient_selectors) == 1,
	   "without UC_STRICT_RESTORE_SS a bad ss becomes a good one");
	ok(after(kernel_ip) == 6, "an rip in the kernel: SIGSEGV there");
	ok(after(strange_ip) == 5 || after(strange_ip) == 6,
	   "an rip that is no address: SIGSEGV");
	ok(in_child(masks_kill) == 5,
	   "SIGKILL and SIGSTOP are never in the mask");
}

/* --- where it lies -------------------------------------------------------- */

static int returns_to(unsigned long stack)
{
	catch_segv();
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2"
			 :
			 : "r"(stack)
			 : "rax", "rcx", "r11", "memory");
	__builtin_unreachable();
}

static int stack_low(void)
{
	return returns_to(8);
}

static int stack_in_kernel(void)
{
	return returns_to(0xffff888000000000);
}

static int stack_at_end(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	return returns_to((unsigned long)page + 4096 - 64);
}

static int stack_of_zeroes(void)
{
	static char zeroes[4096];

	return returns_to((unsigned long)zeroes + 2048);
}

/* signalled_on - a signal comes while TOP is the stack pointer. */
static int signalled_on(char *top)
{
	catch_segv();
	catch_with(SIGUSR1, changes, 0);
	__asm__ volatile("mov %0, %%rsp; syscall; ud2"
			 :
			 : "r"(top), "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			 : "rcx", "r11", "memory");
	__builtin_unreachable();
}

static int stack_read_only(void)
{
	char *pages = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	return signalled_on(pages + 65536);
}

static int stack_ends(void)
{
	char *pages = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(pages, 4096, PROT_NONE);
	return signalled_on(pages + 4096 + 256);
}

static void stacks(void)
{
	ok(in_child(stack_low) == 5, "no frame there: SIGSEGV, SI_KERNEL");
	ok(in_child(stack_in_kernel) == 5, "nor in the kernel");
	ok(in_child(stack_at_end) == 5, "a frame of which half is there");
	ok(in_child(stack_of_zeroes) == 5, "a frame of zeroes");
	ok(in_child(stack_read_only) == 5,
	   "a stack that cannot be written takes no frame");
	ok(in_child(stack_ends) == 5, "nor one without room");
}

/* --- floating point ------------------------------------------------------- */

static void fp_nowhere(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.fpregs = nowhere;
}

static void fp_in_kernel(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.fpregs = (void *)0xffff888000000000;
}

/* Where the initial state is: half as aligned as it must be. */
static void fp_askew(ucontext_t *context, struct fpstate *fp)
{
	memmove((char *)fp - 8, fp, 1024);
	context->uc_mcontext.fpregs = (void *)((char *)fp - 8);
}

static void fp_mxcsr(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->mxcsr |= 0x80000000;
}

static void fp_unknown(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xstate_bv |= 1UL << 61;
}

static void fp_compacted(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xcomp_bv = 1UL << 63;
}

static void fp_reserved(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->header[0] = 1;
}

static void fp_no_magic2(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	*(uint32_t *)((char *)fp + fp->xstate_size) = 0;
}

static void fp_no_magic1(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->magic1 = 0;
}

static void fp_short(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xstate_size = 512;
}

static void fp_long(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xstate_size += 64;
}

static void fp_no_features(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xfeatures = 0;
}

static void fp_no_sse(ucontext_t *context, struct fpstate *fp)
{
	(void)context;
	fp->xstate_bv &= ~2UL;
}

static void fp_null(ucontext_t *context, struct fpstate *fp)
{
	(void)fp;
	context->uc_mcontext.fpregs = NULL;
}

/* The state after a return: which of it is what it was before. */
#define KEPT_MODES 1
#define KEPT_SSE   2
#define KEPT_AVX   4
#define ZERO_SSE   8
#define ZERO_AVX   16

static int state_kept(void)
{
	static unsigned char fill[32] = {[0 ... 31] = 0x5a};
	static unsigned char now[32];
	static const unsigned char zero[32];
	int kept = 0;

	catch_segv();
	catch_with(SIGUSR1, changes, 0);
	set_fcw(0x77f);
	if (has_avx())
		__asm__ volatile("vmovdqu %0, %%ymm9" : : "m"(fill) : "xmm9");
	else
		__asm__ volatile("movdqu %0, %%xmm9" : : "m"(fill) : "xmm9");
	__asm__ volatile("syscall"
			 :
			 : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			 : "rcx", "r11", "memory");
	if (has_avx())
		__asm__ volatile("vmovdqu %%ymm9, %0" : "=m"(now));
	else
		__asm__ volatile("movdqu %%xmm9, %0" : "=m"(now));
	if (get_fcw() == 0x77f)
		kept |= KEPT_MODES;
	if (!memcmp(now, fill, 16))
		kept |= KEPT_SSE;
	if (!memcmp(now, zero, 16))
		kept |= ZERO_SSE;
	if (has_avx() && !memcmp(now + 16, fill, 16))
		kept |= KEPT_AVX;
	if (has_avx() && !memcmp(now + 16, zero, 16))
		kept |= ZERO_AVX;
	return 100 + kept;
}

/* keeps - after CHANGE the state is what WANT says. */
static int keeps(void (*what)(ucontext_t *context, struct fpstate *fp),
		 int want)
{
	int code;

	change = what;
	code = in_child(state_kept);
	if (!has_avx())
		want &= ~(KEPT_AVX | ZERO_AVX);
	if (code != 100 + want)
		tap_line("# %d, not %d\n", code, 100 + want);
	return code == 100 + want;
}

static sigjmp_buf trap;

static void jumps(int sig)
{
	siglongjmp(trap, sig);
}

/* An emulated CPU may take any mxcsr. */
static int checks_mxcsr(void)
{
	volatile int faulted = 1;

	signal(SIGSEGV, jumps);
	if (sigsetjmp(trap, 1) == 0) {
		set_mxcsr(0x80001f80);
		faulted = 0;
	}
	set_mxcsr(0x1f80);
	signal(SIGSEGV, SIG_DFL);
	return faulted;
}

static void floating(void)
{
	ok(after(fp_nowhere) == 5, "no floating-point state there: SIGSEGV");
	ok(after(fp_in_kernel) == 5, "nor in the kernel");
	ok(after(fp_askew) == 5, "nor where it is not aligned");
	if (checks_mxcsr())
		ok(after(fp_mxcsr) == 5, "reserved bits of mxcsr");
	else
		skip("reserved bits of mxcsr", "this CPU takes them");
	ok(keeps(nothing, KEPT_MODES | KEPT_SSE | KEPT_AVX),
	   "a frame left alone: nothing is lost");
	ok(keeps(fp_null, ZERO_SSE | ZERO_AVX), "fpstate 0: the initial state");
	if (!has_xsave()) {
		skip("XSAVE's header", "no XSAVE");
		return;
	}
	ok(after(fp_unknown) == 5, "a state the CPU does not have");
	ok(after(fp_compacted) == 5, "the compacted form");
	ok(after(fp_reserved) == 5, "what is reserved in the header");
	ok(keeps(fp_no_magic1, KEPT_MODES | KEPT_SSE | ZERO_AVX),
	   "without MAGIC1: x87 and SSE, the rest initial");
	ok(keeps(fp_no_magic2, KEPT_MODES | KEPT_SSE | ZERO_AVX),
	   "without MAGIC2: the same");
	ok(keeps(fp_short, KEPT_MODES | KEPT_SSE | ZERO_AVX),
	   "xstate_size too small: the same");
	ok(keeps(fp_long, KEPT_MODES | KEPT_SSE | ZERO_AVX),
	   "xstate_size too large: the same");
	ok(keeps(fp_no_sse, KEPT_MODES | ZERO_SSE | KEPT_AVX),
	   "a state not in xstate_bv is initial");
	ok(keeps(fp_no_features, ZERO_SSE | ZERO_AVX),
	   "none in xfeatures: all are");
}

int main(void)
{
	registers();
	stacks();
	floating();
	return done_testing();
}
