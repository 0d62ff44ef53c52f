/*
 * A fault in a program is a signal to it, with the code and the address that
 * say what it did; blocked or ignored, it kills.
 */
#include "tap.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>

static sigjmp_buf trap;
static siginfo_t seen;
static volatile int zero;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	siglongjmp(trap, sig);
}

static void divide(void)
{
	int one = 1;

	__asm__ volatile("cltd; idivl %1" : "+a"(one) : "m"(zero) : "edx");
}

static void overflow(void)
{
	int least = -2147483647 - 1;

	__asm__ volatile("cltd; idivl %1" : "+a"(least) : "r"(-1) : "edx");
}

static void undefined(void)
{
	__asm__ volatile("ud2");
}

static void privileged(void)
{
	__asm__ volatile("cli");
}

static void port(void)
{
	__asm__ volatile("outb %%al, $0x80" : : "a"(0));
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void software_interrupt(void)
{
	__asm__ volatile("int $0x42");
}

static void single_step(void)
{
	__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "cc");
}

static void loads_null(void)
{
	*(volatile int *)nowhere = 1;
}

static void x87_divide(void)
{
	unsigned short control = 0x37f & ~4;

	__asm__ volatile("fldcw %0; fld1; fldz; fdivrp; fwait"
			 :
			 : "m"(control));
}

/* gives - BODY raises the signal with that code. */
static int gives(void (*body)(void), int sig, int code)
{
	memset(&seen, 0, sizeof(seen));
	if (sigsetjmp(trap, 1) == 0)
		body();
	if (seen.si_signo == sig && seen.si_code == code)
		return 1;
	tap_line("# signal %d, code %d, address %p\n", seen.si_signo,
		 seen.si_code, seen.si_addr);
	return 0;
}

static void codes(void)
{
	ok(gives(divide, SIGFPE, FPE_INTDIV), "division by zero: FPE_INTDIV");
	ok((char *)seen.si_addr >= (char *)divide &&
		   (char *)seen.si_addr < (char *)divide + 64,
	   "si_addr is the instruction");
	ok(gives(overflow, SIGFPE, FPE_INTDIV),
	   "a quotient too large: the same");
	ok(gives(x87_divide, SIGFPE, FPE_FLTDIV),
	   "an x87 exception unmasked: FPE_FLTDIV");
	ok(gives(undefined, SIGILL, ILL_ILLOPN),
	   "an undefined instruction: ILL_ILLOPN");
	ok((char *)seen.si_addr >= (char *)undefined &&
		   (char *)seen.si_addr < (char *)undefined + 32,
	   "si_addr is the instruction");
	ok(gives(privileged, SIGSEGV, SI_KERNEL),
	   "a privileged instruction: SIGSEGV, SI_KERNEL");
	ok(gives(port, SIGSEGV, SI_KERNEL), "a port: the same");
	ok(gives(software_interrupt, SIGSEGV, SI_KERNEL),
	   "an interrupt that is not for programs: the same");
	ok(gives(breakpoint, SIGTRAP, SI_KERNEL), "int3: SIGTRAP, SI_KERNEL");
	ok(gives(single_step, SIGTRAP, TRAP_TRACE),
	   "the trace flag: SIGTRAP, TRAP_TRACE");
	ok(gives(loads_null, SIGSEGV, SEGV_MAPERR), "no memory: SEGV_MAPERR");
}

static void behind_file(void)
{
	volatile char *memory;
	int fd;

	put_file("empty", "");
	fd = open("empty", O_RDWR);
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	memset(&seen, 0, sizeof(seen));
	if (sigsetjmp(trap, 1) == 0)
		(void)memory[9];
	ok(seen.si_signo == SIGBUS && seen.si_code == BUS_ADRERR &&
		   seen.si_addr == memory + 9,
	   "behind the end of a file: SIGBUS, BUS_ADRERR");
	close(fd);
}

static int faults_ignored(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_IGN);
	loads_null();
	return 0;
}

static int faults_blocked(void)
{
	struct rlimit none = {0, 0};
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loads_null();
	return 0;
}

static void faults_again(int sig)
{
	(void)sig;
	loads_null();
}

static int faults_in_handler(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, faults_again);
	loads_null();
	return 0;
}

/* A handler that cannot get a frame: the program is killed. */
static int no_stack(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGUSR1, faults_again);
	__asm__ volatile("mov %0, %%edi; mov %1, %%esi; mov %2, %%eax\n\t"
			 "mov $8, %%rsp; syscall" ::"r"(getpid()),
			 "i"(SIGUSR1), "i"(62)
			 : "rax", "rdi", "rsi", "rcx", "r11", "memory");
	return 0;
}

static void deadly(void)
{
	ok(in_child(faults_ignored) == 128 + SIGSEGV,
	   "a fault that is ignored kills");
	ok(in_child(faults_blocked) == 128 + SIGSEGV,
	   "a fault that is blocked kills");
	ok(in_child(faults_in_handler) == 128 + SIGSEGV,
	   "a fault in its own handler kills");
	ok(in_child(no_stack) == 128 + SIGSEGV,
	   "a handler without a stack: SIGSEGV kills");
}

int main(void)
{
	static const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP};
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO};
	int i;

	tap_folder("faults");
	for (i = 0; i < 5; i++)
		sigaction(signals[i], &action, NULL);
	codes();
	behind_file();
	deadly();
	return done_testing();
}
