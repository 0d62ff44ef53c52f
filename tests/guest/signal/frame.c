/*
 * What a signal handler finds on its stack, and what changing it does: every
 * register, the flags, the mask, the floating-point state, and what the CPU
 * said of a fault.
 */
#include "frame.h"
#include <sys/mman.h>

/* All registers but rsp and rip, in the order of the asm below. */
enum {
	RAX,
	RBX,
	RCX,
	RDX,
	RSI,
	RDI,
	RBP,
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15
};

static const int greg_of[15] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI,
				REG_RDI, REG_RBP, REG_R8,  REG_R9,  REG_R10,
				REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

/*
 * faults(in, out) - load all registers from IN, fill the red zone, set DF, hlt
 * (one byte, SIGSEGV), and store all registers to OUT; the value: does the red
 * zone hold what was put there?
 */
__asm__(".globl faults, faults_here\n"
	"faults:\n"
	"	pushq %rbx\n	pushq %rbp\n	pushq %r12\n"
	"	pushq %r13\n	pushq %r14\n	pushq %r15\n"
	"	movq %rsi, kept_out(%rip)\n"
	"	movq %rsp, faults_sp(%rip)\n"
	"	movq $16, %rcx\n"
	"1:	movq %rcx, %rax\n"
	"	negq %rax\n"
	"	movq %rcx, (%rsp,%rax,8)\n"
	"	loop 1b\n"
	"	movq (%rdi), %rax\n	movq 8(%rdi), %rbx\n"
	"	movq 16(%rdi), %rcx\n	movq 24(%rdi), %rdx\n"
	"	movq 32(%rdi), %rsi\n	movq 48(%rdi), %rbp\n"
	"	movq 56(%rdi), %r8\n	movq 64(%rdi), %r9\n"
	"	movq 72(%rdi), %r10\n	movq 80(%rdi), %r11\n"
	"	movq 88(%rdi), %r12\n	movq 96(%rdi), %r13\n"
	"	movq 104(%rdi), %r14\n	movq 112(%rdi), %r15\n"
	"	movq 40(%rdi), %rdi\n"
	"	std\n"
	"faults_here:\n"
	"	hlt\n"
	"	cld\n"
	"	movq %rdi, kept_di(%rip)\n"
	"	movq kept_out(%rip), %rdi\n"
	"	movq %rax, (%rdi)\n	movq %rbx, 8(%rdi)\n"
	"	movq %rcx, 16(%rdi)\n	movq %rdx, 24(%rdi)\n"
	"	movq %rsi, 32(%rdi)\n	movq %rbp, 48(%rdi)\n"
	"	movq %r8, 56(%rdi)\n	movq %r9, 64(%rdi)\n"
	"	movq %r10, 72(%rdi)\n	movq %r11, 80(%rdi)\n"
	"	movq %r12, 88(%rdi)\n	movq %r13, 96(%rdi)\n"
	"	movq %r14, 104(%rdi)\n	movq %r15, 112(%rdi)\n"
	"	movq kept_di(%rip), %rax\n"
	"	movq %rax, 40(%rdi)\n"
	"	movq $16, %rcx\n"
	"	xorl %edx, %edx\n"
	"1:	movq %rcx, %rax\n"
	"	negq %rax\n"
	"	movq (%rsp,%rax,8), %rax\n"
	"	xorq %rcx, %rax\n"
	"	orq %rax, %rdx\n"
	"	loop 1b\n"
	"	xorl %eax, %eax\n"
	"	testq %rdx, %rdx\n"
	"	sete %al\n"
	"	popq %r15\n	popq %r14\n	popq %r13\n"
	"	popq %r12\n	popq %rbp\n	popq %rbx\n"
	"	ret\n"
	".pushsection .bss\n"
	".globl faults_sp\n"
	"faults_sp: .quad 0\n"
	"kept_out: .quad 0\n"
	"kept_di: .quad 0\n"
	".popsection\n");

int faults(const unsigned long *in, unsigned long *out);
extern char faults_here[];
extern unsigned long faults_sp;

static unsigned long in[15], out[15];
static volatile int calls;
static ucontext_t seen;
static char *frame_at;
static siginfo_t *info_at;
static struct fpstate *fp_at;
static struct fpstate fp_seen;
static uint32_t magic2_seen;
static unsigned long flags_inside;
static uint32_t mxcsr_inside;
static uint16_t fcw_inside;

static void looks(int sig, siginfo_t *info, void *context)
{
	ucontext_t *state = context;
	greg_t *gregs = state->uc_mcontext.gregs;
	int i;

	__asm__ volatile("pushf; pop %0" : "=r"(flags_inside));
	mxcsr_inside = get_mxcsr();
	fcw_inside = get_fcw();
	(void)sig;
	calls++;
	frame_at = (char *)context - 8;
	info_at = info;
	memcpy(&seen, context, UCONTEXT_SIZE);
	fp_at = frame_fpstate(context);
	memcpy(&fp_seen, fp_at, sizeof(fp_seen));
	if (fp_seen.magic1 == MAGIC1)
		memcpy(&magic2_seen, (char *)fp_at + fp_seen.xstate_size, 4);
	for (i = 0; i < 15; i++)
		gregs[greg_of[i]] += 1000;
	gregs[REG_RIP]++;
}

static void registers(void)
{
	greg_t *gregs = seen.uc_mcontext.gregs;
	unsigned long selectors;
	int same = 1;
	int changed = 1;
	int kept;
	int i;

	for (i = 0; i < 15; i++)
		in[i] = 0x1111111111111111UL * (i + 1);
	kept = faults(in, out);
	for (i = 0; i < 15; i++) {
		same &= (unsigned long)gregs[greg_of[i]] == in[i];
		changed &= out[i] == in[i] + 1000;
	}
	ok(calls == 1 && same,
	   "the frame has all registers, each in its place");
	ok(changed, "changed there, they are changed");
	ok(kept, "the 128 bytes below the stack pointer are left alone");
	ok((char *)gregs[REG_RIP] == faults_here &&
		   (unsigned long)gregs[REG_RSP] == faults_sp,
	   "rip and rsp are the program's");
	selectors = gregs[REG_CSGSFS];
	ok((selectors & 0xffff) == 0x33 && selectors >> 48 == 0x2b,
	   "cs and ss");
	ok((selectors >> 16 & 0xffffffff) == 0, "gs and fs are 0");
	ok((gregs[REG_EFL] & 0x602) == 0x602, "the flags");
	ok(gregs[REG_TRAPNO] == 13 && gregs[REG_ERR] == 0,
	   "trapno and err of a general protection fault");
}

static void layout(void)
{
	unsigned long frame = (unsigned long)frame_at;
	unsigned long fp = (unsigned long)fp_at;
	unsigned long size = 512;

	ok((frame + 8) % 16 == 0, "the handler begins as if it was called");
	ok((char *)info_at == frame_at + 8 + UCONTEXT_SIZE,
	   "siginfo lies behind ucontext");
	ok(fp % 64 == 0 && fp >= (unsigned long)info_at + 128,
	   "the floating-point state above it, on 64 bytes");
	if (fp_seen.magic1 == MAGIC1)
		size = fp_seen.extended_size;
	ok(fp + size <= faults_sp - 128, "and below the red zone");
	ok(seen.uc_flags == (UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
			     (has_xsave() ? UC_FP_XSTATE : 0)),
	   "uc_flags");
	ok(seen.uc_link == NULL, "uc_link is 0");
	ok(!(flags_inside & 0x400) && (flags_inside & 0x200),
	   "in the handler DF is clear");
}

static void extended(void)
{
	if (!has_xsave()) {
		skip("what XSAVE adds", "no XSAVE");
		return;
	}
	ok(fp_seen.magic1 == MAGIC1 && magic2_seen == MAGIC2,
	   "FP_XSTATE_MAGIC1 and 2");
	/* AMX's tiles are there only for who asks for them. */
	ok(fp_seen.xfeatures == (cpu_xfeatures() & ~(1UL << 18)),
	   "xfeatures are the CPU's");
	ok(fp_seen.extended_size == fp_seen.xstate_size + 4 &&
		   (fp_seen.xstate_size == cpu_xstate_size() ||
		    (cpu_xfeatures() >> 18 & 1)),
	   "xstate_size and extended_size");
	ok((fp_seen.xstate_bv & 3) == 3 &&
		   !(fp_seen.xstate_bv & ~fp_seen.xfeatures) &&
		   fp_seen.xcomp_bv == 0,
	   "the header: x87 and SSE are there, not compacted");
}

static void masks(void)
{
	sigset_t set;
	unsigned long word;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_SETMASK, &set, NULL);
	faults(in, out);
	memcpy(&word, &seen.uc_sigmask, 8);
	ok(word == (1UL << (SIGUSR2 - 1) | 1UL << (SIGHUP - 1)) &&
		   (unsigned long)seen.uc_mcontext.gregs[REG_OLDMASK] == word,
	   "uc_sigmask and oldmask are the mask before");
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void faults_at(int sig, siginfo_t *info, void *context)
{
	memcpy(&seen, context, UCONTEXT_SIZE);
	(void)sig;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] =
		((ucontext_t *)context)->uc_mcontext.gregs[REG_RBX];
}

/* page_fault - BODY's access to ADDRESS gave this err. */
static int page_fault(const volatile char *address, char how, int err)
{
	greg_t *gregs = seen.uc_mcontext.gregs;

	memset(&seen, 0, sizeof(seen));
	if (how == 'r')
		__asm__ volatile("lea 1f(%%rip), %%rbx; movb (%0), %%al; 1:"
				 :
				 : "r"(address)
				 : "rax", "rbx", "memory");
	else if (how == 'w')
		__asm__ volatile("lea 1f(%%rip), %%rbx; movb $1, (%0); 1:"
				 :
				 : "r"(address)
				 : "rbx", "memory");
	else
		__asm__ volatile("lea 1f(%%rip), %%rbx; jmp *%0; 1:"
				 :
				 : "r"(address)
				 : "rbx", "memory");
	if (gregs[REG_TRAPNO] == 14 && gregs[REG_ERR] == err &&
	    (char *)gregs[REG_CR2] == address)
		return 1;
	tap_line("# trapno %d err %x cr2 %lx\n", (int)gregs[REG_TRAPNO],
		 (int)gregs[REG_ERR], (unsigned long)gregs[REG_CR2]);
	return 0;
}

static void causes(void)
{
	char *page =
		mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *kernel = (char *)0xffffffff81000123;
	volatile char byte = *page;

	(void)byte;
	munmap(page + 4096, 4096);
	catch_with(SIGSEGV, faults_at, 0);
	ok(page_fault(page + 5000, 'r', 4), "cr2 and err: a read of nothing");
	ok(page_fault(page + 5000, 'w', 6), "a write to nothing");
	ok(page_fault(page + 77, 'w', 7), "a write to a page that may be read");
	ok(page_fault(page + 77, 'x', 0x15),
	   "a page without PROT_EXEC entered");
	ok(page_fault(kernel, 'r', 5),
	   "a read of the kernel looks like a page");
	ok(page_fault(kernel, 'w', 7), "a write to it too");
	mprotect(page, 4096, PROT_NONE);
	ok(page_fault(page, 'r', 4), "a read of PROT_NONE");
	catch_with(SIGSEGV, looks, 0);
	faults(in, out);
	ok((char *)seen.uc_mcontext.gregs[REG_CR2] == page,
	   "cr2 stays what the last page fault left");
}

static unsigned char xmm3[16], ymm3[16], xmm_after[16], ymm_after[16];

static void changes_fp(int sig, siginfo_t *info, void *context)
{
	struct fpstate *fp = frame_fpstate(context);

	(void)sig;
	(void)info;
	memcpy(xmm3, fp->xmm[3], 16);
	memset(fp->xmm[3], 0x77, 16);
	if (has_avx()) {
		memcpy(ymm3, (char *)fp + ymm_offset() + 3 * 16, 16);
		memset((char *)fp + ymm_offset() + 3 * 16, 0x66, 16);
	}
	fp->mxcsr |= 0x6000;
	fp->cwd |= 0xc00;
	mxcsr_inside = get_mxcsr();
	fcw_inside = get_fcw();
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]++;
}

static int all(const unsigned char *bytes, int value)
{
	int i;

	for (i = 0; i < 16; i++)
		if (bytes[i] != value)
			return 0;
	return 1;
}

static void floating(void)
{
	static unsigned char fill[32] = {[0 ... 15] = 0x22, [16 ... 31] = 0x33};
	unsigned char after[32];

	catch_with(SIGSEGV, changes_fp, 0);
	set_mxcsr(0x1f80 | 0x2000);
	set_fcw(0x37f | 0x400);
	if (has_avx()) {
		__asm__ volatile("vmovdqu %1, %%ymm3; hlt; vmovdqu %%ymm3, %0"
				 : "=m"(after)
				 : "m"(fill)
				 : "xmm3");
		memcpy(ymm_after, after + 16, 16);
	} else {
		__asm__ volatile("movdqu %1, %%xmm3; hlt; movdqu %%xmm3, %0"
				 : "=m"(after)
				 : "m"(fill)
				 : "xmm3");
	}
	memcpy(xmm_after, after, 16);
	ok(all(xmm3, 0x22), "the frame has the SSE registers");
	ok(all(xmm_after, 0x77), "changed there, they are changed");
	if (has_avx()) {
		ok(all(ymm3, 0x33), "and the AVX registers");
		ok(all(ymm_after, 0x66), "changed there, they are changed");
	} else {
		skip("the AVX registers", "no AVX");
	}
	ok(mxcsr_inside == 0x1f80 && fcw_inside == 0x37f,
	   "the handler begins with the initial modes");
	ok(get_mxcsr() == 0x7f80 && get_fcw() == 0xf7f,
	   "the modes changed in the frame are changed");
	set_mxcsr(0x1f80);
	set_fcw(0x37f);
}

/* --- flags ---------------------------------------------------------------- */

static unsigned long flags_to_set;
static volatile int traps;

static void sets_flags(int sig, siginfo_t *info, void *context)
{
	greg_t *gregs = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (sig == SIGTRAP) {
		traps++;
		gregs[REG_EFL] &= ~0x100L;
		return;
	}
	gregs[REG_EFL] = flags_to_set;
	gregs[REG_RIP]++;
}

/* with_flags - what the flags are after a handler set them to FLAGS. */
static unsigned long with_flags(unsigned long flags)
{
	flags_to_set = flags;
	__asm__ volatile("hlt; pushf; pop %0; cld" : "=r"(flags) : : "cc");
	__asm__ volatile("pushf; andl $0xfffbffff, (%%rsp); popf" : : : "cc");
	return flags;
}

static void flags(void)
{
	catch_with(SIGSEGV, sets_flags, 0);
	catch_with(SIGTRAP, sets_flags, 0);
	ok((with_flags(0xffffffffffffffff & ~0x100UL) & 0x3f7fd7) ==
		   (0x40ed7 | (with_flags(2) & 0x200000)),
	   "only the flags a program may set come back: no IOPL, NT, VM");
	ok((with_flags(0) & 0x247fd7) == (0x202 | (with_flags(2) & 0x200000)),
	   "and the interrupt flag stays");
	ok((with_flags(0x8d5) & 0xcd5) == 0x8d5 &&
		   (with_flags(0x402) & 0xcd5) == 0x400,
	   "arithmetic flags and DF are as the frame says");
	traps = 0;
	with_flags(0x102);
	ok(traps == 1, "TF steps");
}

int main(void)
{
	catch_with(SIGSEGV, looks, 0);
	registers();
	layout();
	extended();
	masks();
	ok(mxcsr_inside == 0x1f80 && fcw_inside == 0x37f, "modes in a handler");
	causes();
	floating();
	flags();
	return done_testing();
}
