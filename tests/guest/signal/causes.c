/*
 * siginfo for each cause there is: what the CPU finds, what the kernel sends by
 * itself, timers, terminals, children.
 */
#include "frame.h"
#include "pty.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

static sigjmp_buf trap;
static siginfo_t seen;
static long trapno, err;
static volatile int calls;

static void jumps(int sig, siginfo_t *info, void *context)
{
	/* What checks alignment would check the C library too. */
	__asm__ volatile("pushf; andl $0xfffbffff, (%%rsp); popf" : : : "cc");
	seen = *info;
	trapno = ((ucontext_t *)context)->uc_mcontext.gregs[REG_TRAPNO];
	err = ((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR];
	siglongjmp(trap, sig);
}

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen = *info;
	calls++;
}

/* raised - BODY's signal: SIG, CODE, ADDRESS; else what came is shown. */
static int raised(void (*body)(void), int sig, int code, void *address)
{
	memset(&seen, 0, sizeof(seen));
	if (sigsetjmp(trap, 1) == 0)
		body();
	if (seen.si_signo == sig && seen.si_code == code &&
	    seen.si_addr == address && seen.si_errno == 0)
		return 1;
	tap_line("# signal %d, code %d, address %p\n", seen.si_signo,
		 seen.si_code, seen.si_addr);
	return 0;
}

/* --- memory --------------------------------------------------------------- */

static char *volatile place;

static void reads(void)
{
	(void)*(volatile char *)place;
}

static void writes(void)
{
	*(volatile char *)place = 1;
}

static void enters(void)
{
	((void (*)(void))place)();
}

static void memory(void)
{
	char *page = mmap(NULL, 16384, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd;

	memset(page, 0xc3, 4096);
	place = page + 5;
	ok(raised(enters, SIGSEGV, SEGV_ACCERR, place),
	   "memory without PROT_EXEC entered: SEGV_ACCERR");
	mprotect(page, 4096, PROT_READ);
	ok(raised(writes, SIGSEGV, SEGV_ACCERR, place),
	   "memory without PROT_WRITE written: SEGV_ACCERR");
	mprotect(page, 4096, PROT_NONE);
	ok(raised(reads, SIGSEGV, SEGV_ACCERR, place),
	   "PROT_NONE read: SEGV_ACCERR");
	munmap(page + 4096, 4096);
	place = page + 4096 + 9;
	ok(raised(reads, SIGSEGV, SEGV_MAPERR, place),
	   "nothing there, read: SEGV_MAPERR");
	ok(raised(writes, SIGSEGV, SEGV_MAPERR, place), "written: the same");
	ok(raised(enters, SIGSEGV, SEGV_MAPERR, place), "entered: the same");
	place = (char *)0xffffffff81000042;
	ok(raised(reads, SIGSEGV, SEGV_MAPERR, place),
	   "the kernel's memory read: SEGV_MAPERR, and the address");
	ok(raised(enters, SIGSEGV, SEGV_MAPERR, place), "entered: the same");
	place = (char *)0x8000000000001234;
	ok(raised(reads, SIGSEGV, SI_KERNEL, NULL) && trapno == 13 && err == 0,
	   "no address at all: SI_KERNEL, si_addr 0");
	place = (char *)0x00007ffffffff000;
	ok(raised(reads, SIGSEGV, SEGV_MAPERR, place),
	   "the page above the highest mapping: SEGV_MAPERR");

	put_file("short", "text");
	fd = open("short", O_RDWR);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	place = page + 4096 + 17;
	ok(raised(writes, SIGBUS, BUS_ADRERR, place),
	   "behind the last page of a file, written: BUS_ADRERR");
	close(fd);
}

/* --- arithmetic ----------------------------------------------------------- */

static char *instruction;
static uint32_t unmask;

#define AT(label, text) "lea " label "f(%%rip), %%rax; movq %%rax, %0;" text

static void x87_invalid(void)
{
	set_fcw(0x37f & ~1);
	__asm__ volatile(AT("1", "fldz; fldz; fdivrp; 1: fwait")
			 : "=m"(instruction)
			 :
			 : "rax");
}

static void x87_overflow(void)
{
	static const double big = 1e300;
	double result;

	set_fcw(0x37f & ~8);
	__asm__ volatile(
		"fldl %2; fmul %%st, %%st(0);" AT("1", "fstpl %1; 1: fwait")
		: "=m"(instruction), "=m"(result)
		: "m"(big)
		: "rax");
}

static void x87_inexact(void)
{
	static const int three = 3;

	set_fcw(0x37f & ~32);
	__asm__ volatile("fld1; fidivl %1;" AT("1", "1: fwait")
			 : "=m"(instruction)
			 : "m"(three)
			 : "rax");
}

static void sse(void)
{
	static const double one = 1;
	static volatile const double zero;

	set_mxcsr(0x1f80 & ~unmask);
	__asm__ volatile(AT("1", "movsd %1, %%xmm0; 1: divsd %2, %%xmm0")
			 : "=m"(instruction)
			 : "m"(one), "m"(zero)
			 : "rax", "xmm0");
	set_mxcsr(0x1f80);
}

static int fpe(void (*body)(void), int code)
{
	memset(&seen, 0, sizeof(seen));
	if (sigsetjmp(trap, 1) == 0)
		body();
	__asm__ volatile("fninit");
	if (seen.si_signo == SIGFPE && seen.si_code == code &&
	    seen.si_addr == instruction)
		return 1;
	tap_line("# signal %d, code %d, address %p not %p\n", seen.si_signo,
		 seen.si_code, seen.si_addr, instruction);
	return 0;
}

static void arithmetic(void)
{
	ok(fpe(x87_invalid, FPE_FLTINV) && trapno == 16,
	   "x87, 0 / 0: FPE_FLTINV, at the next instruction");
	ok(fpe(x87_overflow, FPE_FLTOVF), "x87, too large: FPE_FLTOVF");
	ok(fpe(x87_inexact, FPE_FLTRES), "x87, 1 / 3: FPE_FLTRES");
	unmask = 0x200;
	seen.si_signo = 0;
	if (sigsetjmp(trap, 1) == 0)
		sse();
	set_mxcsr(0x1f80);
	if (seen.si_signo) {
		ok(fpe(sse, FPE_FLTDIV) && trapno == 19,
		   "SSE, 1 / 0: FPE_FLTDIV, at the instruction");
		ok(get_mxcsr() == 0x1f80,
		   "and the handler has the usual mxcsr");
	} else {
		skip("SSE exceptions", "this CPU raises none");
	}
}

/* --- instructions --------------------------------------------------------- */

static void bad_lock(void)
{
	__asm__ volatile("lea 1f(%%rip), %%rax; movq %%rax, %0;"
			 "1: .byte 0xf0, 0x90"
			 : "=m"(instruction)
			 :
			 : "rax");
}

static void int_3(void)
{
	__asm__ volatile(".byte 0xcd, 3");
}

static void int_4(void)
{
	__asm__ volatile("int $4");
}

static void int_128(void)
{
	__asm__ volatile("int $0x81");
}

static void icebp(void)
{
	__asm__ volatile("lea 1f(%%rip), %%rax; movq %%rax, %0; .byte 0xf1; 1:"
			 : "=m"(instruction)
			 :
			 : "rax");
}

static void reads_cr(void)
{
	__asm__ volatile("mov %%cr0, %%rax" : : : "rax");
}

static void misaligned(void)
{
	static char bytes[32] __attribute__((aligned(16)));

	__asm__ volatile("movaps %0, %%xmm0" : : "m"(bytes[1]) : "xmm0");
}

static void checked_alignment(void)
{
	static char bytes[32] __attribute__((aligned(16)));

	__asm__ volatile("pushf; orl $0x40000, (%%rsp); popf;"
			 "movl %0, %%eax;"
			 "pushf; andl $0xfffbffff, (%%rsp); popf"
			 :
			 : "m"(bytes[1])
			 : "rax", "cc");
}

static void bad_stack(void)
{
	__asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; push %%rax;"
			 "mov %%rbx, %%rsp"
			 :
			 : "r"(0x8000000000001000)
			 : "rbx", "memory");
}

static void instructions(void)
{
	int result = raised(bad_lock, SIGILL, ILL_ILLOPN, NULL);

	ok(!result && seen.si_signo == SIGILL && seen.si_code == ILL_ILLOPN &&
		   seen.si_addr == instruction && trapno == 6,
	   "a lock prefix where there is none: ILL_ILLOPN and the address");
	ok(raised(int_3, SIGTRAP, SI_KERNEL, NULL) && trapno == 3,
	   "int $3 is int3: SI_KERNEL");
	ok(raised(int_4, SIGSEGV, SI_KERNEL, NULL) && trapno == 4,
	   "int $4: SIGSEGV, SI_KERNEL, trapno 4");
	ok(raised(int_128, SIGSEGV, SI_KERNEL, NULL) && trapno == 13,
	   "int $0x81: SIGSEGV, SI_KERNEL");
	ok(raised(reads_cr, SIGSEGV, SI_KERNEL, NULL),
	   "a control register read: SIGSEGV, SI_KERNEL");
	raised(icebp, SIGTRAP, TRAP_BRKPT, NULL);
	if (seen.si_signo == SIGILL)
		skip("icebp", "this CPU does not have it");
	else
		ok(seen.si_signo == SIGTRAP && seen.si_code == TRAP_BRKPT &&
			   seen.si_addr == instruction && trapno == 1,
		   "icebp: SIGTRAP, TRAP_BRKPT, the next instruction");
	/* An emulated CPU takes it for any other address. */
	raised(bad_stack, SIGBUS, SI_KERNEL, NULL);
	ok(seen.si_code == SI_KERNEL &&
		   ((seen.si_signo == SIGBUS && trapno == 12) ||
		    (seen.si_signo == SIGSEGV && trapno == 13)),
	   "a stack that is no address: SIGBUS, SI_KERNEL");
	seen.si_signo = 0;
	if (sigsetjmp(trap, 1) == 0)
		misaligned();
	if (seen.si_signo)
		ok(raised(misaligned, SIGSEGV, SI_KERNEL, NULL),
		   "movaps off 16 bytes: SIGSEGV, SI_KERNEL");
	else
		skip("movaps off 16 bytes", "this CPU does it");
	seen.si_signo = 0;
	if (sigsetjmp(trap, 1) == 0)
		checked_alignment();
	if (seen.si_signo)
		ok(raised(checked_alignment, SIGBUS, BUS_ADRALN, NULL),
		   "alignment, checked: SIGBUS, BUS_ADRALN");
	else
		skip("alignment, checked", "this CPU does not");
}

/* --- what the kernel sends ------------------------------------------------ */

/* from_kernel - SI_KERNEL, from nobody. */
static int from_kernel(int sig)
{
	return seen.si_signo == sig && seen.si_code == SI_KERNEL &&
	       seen.si_pid == 0 && seen.si_uid == 0;
}

/* from_self - as if the program had sent it: SI_USER, its ids. */
static int from_self(int sig)
{
	return seen.si_signo == sig && seen.si_code == SI_USER &&
	       seen.si_pid == getpid() && seen.si_uid == getuid();
}

static int over_cpu(void)
{
	struct rlimit limit = {1, 3};
	long until = now_ms() + 15000;

	catch_with(SIGXCPU, notes, 0);
	calls = 0;
	setrlimit(RLIMIT_CPU, &limit);
	while (!calls && now_ms() < until)
		;
	return from_kernel(SIGXCPU) ? 5 : 6;
}

static int over_size(void)
{
	struct rlimit limit = {4, 4};
	int fd = open("large", O_RDWR | O_CREAT, 0600);

	catch_with(SIGXFSZ, notes, 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	need(write(fd, "12345678", 8) == 4);
	need(fails(write(fd, "5", 1), EFBIG));
	return from_self(SIGXFSZ) ? 5 : 6;
}

static void wait_for_call(void)
{
	int tries;

	for (tries = 0; tries < 1000 && !calls; tries++)
		usleep(2000);
}

static void itimer(int which, int sig, const char *rule)
{
	struct itimerval timer = {{0, 0}, {0, 10000}};
	long until = now_ms() + 8000;
	int i;

	catch_with(sig, notes, 0);
	calls = 0;
	setitimer(which, &timer, NULL);
	/* In the program itself: ITIMER_VIRTUAL counts nothing else, and a tick
	 * that finds us in a call is the kernel's. */
	while (!calls && now_ms() < until)
		for (i = 0; i < 100000 && !calls; i++)
			;
	ok(from_kernel(sig), rule);
}

static void timers(void)
{
	struct itimerspec often = {{0, 1000000}, {0, 1000000}};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	int id = -1;
	sigset_t set;

	itimer(ITIMER_REAL, SIGALRM, "ITIMER_REAL: SI_KERNEL, no sender");
	itimer(ITIMER_VIRTUAL, SIGVTALRM, "ITIMER_VIRTUAL: the same");
	itimer(ITIMER_PROF, SIGPROF, "ITIMER_PROF: the same");

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	event.sigev_value.sival_ptr = (void *)0x123456789abcL;
	syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id);
	syscall(SYS_timer_settime, id, 0, &often, NULL);
	sleep_ms(30);
	ok(sigwaitinfo(&set, &seen) == SIGUSR1 && seen.si_code == SI_TIMER &&
		   seen.si_timerid == id,
	   "a POSIX timer: SI_TIMER, its id");
	ok(seen.si_overrun >= 10 && seen.si_overrun < 10000,
	   "how often it expired meanwhile");
	ok(seen.si_value.sival_ptr == (void *)0x123456789abcL, "and its value");
	syscall(SYS_timer_delete, id);
	signal(SIGUSR1, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void limits(void)
{
	int ends[2];

	ok(in_child(over_cpu) == 5, "SIGXCPU: SI_KERNEL");
	ok(in_child(over_size) == 5, "SIGXFSZ: as if sent by oneself");
	if (pipe(ends))
		bail("pipe");
	close(ends[0]);
	catch_with(SIGPIPE, notes, 0);
	ok(fails(write(ends[1], "x", 1), EPIPE) && from_self(SIGPIPE),
	   "SIGPIPE: the same");
	close(ends[1]);
}

/* --- terminals ------------------------------------------------------------ */

static struct pty pty;

/* A session of its own on a new terminal. */
static void take_terminal(void)
{
	pty_open(&pty);
	setsid();
	need(ioctl(pty.slave, TIOCSCTTY, 0) == 0);
}

static int interrupted(void)
{
	static const struct {
		int sig;
		const char *typed;
	} keys[] = {{SIGINT, "\003"}, {SIGQUIT, "\034"}};
	int i;

	take_terminal();
	for (i = 0; i < 2; i++) {
		catch_with(keys[i].sig, notes, 0);
		calls = 0;
		pty_type(&pty, keys[i].typed);
		wait_for_call();
		need(from_kernel(keys[i].sig));
	}
	catch_with(SIGWINCH, notes, 0);
	calls = 0;
	need(ioctl(pty.master, TIOCSWINSZ, &(struct winsize){.ws_row = 9}) ==
	     0);
	wait_for_call();
	return from_kernel(SIGWINCH) ? 5 : 6;
}

static int hung_up(void)
{
	sigset_t set;

	take_terminal();
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	close(pty.master);
	need(sigwaitinfo(&set, &seen) == SIGHUP && from_kernel(SIGHUP));
	need(sigwaitinfo(&set, &seen) == SIGCONT && from_kernel(SIGCONT));
	return 5;
}

static int reads_behind(void)
{
	char byte;

	setpgid(0, 0);
	catch_with(SIGTTIN, notes, 0);
	need(fails(read(pty.slave, &byte, 1), EINTR));
	return from_kernel(SIGTTIN) ? 5 : 6;
}

static int background(void)
{
	take_terminal();
	return in_child(reads_behind);
}

static void terminals(void)
{
	ok(in_child(interrupted) == 5,
	   "SIGINT, SIGQUIT, SIGWINCH of a terminal: SI_KERNEL");
	ok(in_child(hung_up) == 5, "SIGHUP and SIGCONT of a hang-up: the same");
	ok(in_child(background) == 5, "SIGTTIN: the same");
}

/* --- children ------------------------------------------------------------- */

static int burns(void)
{
	long until = now_ms() + 300;

	become(STUDENT);
	while (now_ms() < until)
		getppid();
	return 7;
}

static int ends[2];

/* A child whose parent is killed; it says on the pipe what it is told. */
static int orphan(void)
{
	pid_t parent = getppid();
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR2);
	kill(parent, SIGKILL);
	sigwaitinfo(&set, &seen);
	return write(ends[1],
		     seen.si_code == SI_USER && seen.si_pid == parent &&
				     seen.si_uid == getuid()
			     ? "y"
			     : "n",
		     1) != 1;
}

static int dying_parent(void)
{
	start_child(orphan);
	sleep_forever();
}

static void parents(void)
{
	char byte = 0;

	if (pipe(ends))
		bail("pipe");
	exit_code(start_child(dying_parent));
	ok(read(ends[0], &byte, 1) == 1 && byte == 'y',
	   "PR_SET_PDEATHSIG: SI_USER, the dead parent's ids");
}

static void children(void)
{
	struct rusage usage;
	clock_t ticks = sysconf(_SC_CLK_TCK);
	sigset_t set;
	double used;
	double told;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = start_child(burns);
	while (sigwaitinfo(&set, &seen) != SIGCHLD || seen.si_pid != pid)
		;
	ok(seen.si_code == CLD_EXITED && seen.si_status == 7 &&
		   seen.si_uid == STUDENT,
	   "SIGCHLD: the child's code, status and real uid");
	wait4(pid, NULL, 0, &usage);
	used = usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 +
	       usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
	told = (double)(seen.si_utime + seen.si_stime) / ticks;
	ok(told > used / 2 && told < used * 2,
	   "si_utime and si_stime: the time it used, in ticks");
	tap_line("# told %ld ms, used %ld ms\n", (long)(told * 1000),
		 (long)(used * 1000));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
	static char memory_of_stack[65536];
	stack_t stack = {.ss_sp = memory_of_stack,
			 .ss_size = sizeof(memory_of_stack)};
	int i;

	tap_folder("causes");
	sigaltstack(&stack, NULL);
	for (i = 0; i < 5; i++)
		catch_with(faults[i], jumps, SA_ONSTACK);
	memory();
	arithmetic();
	instructions();
	timers();
	limits();
	terminals();
	parents();
	children();
	return done_testing();
}
