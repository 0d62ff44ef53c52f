/*
 * rseq(2): registration and its errors; the CPU in the area; what takes a
 * thread out of its critical section and to the abort address; what is wrong
 * with a section: SIGSEGV; fork, threads and exec.
 */
#include "tap.h"
#include <linux/rseq.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#define SIG 0x53053053

static __thread struct rseq area;
static volatile int stop;
static volatile int calls;

/*
 * spin(area, cs, stop) - in section CS until *STOP: 0; 1 if taken out of it.
 * add(area, cs, counters) - one more in this CPU's counter: 0, or 1 to repeat.
 * Each section has its start, its end, and its abort address behind SIG.
 */
__asm__(".globl spin, spin_start, spin_end, spin_abort, spin_unsigned\n"
	".globl add, add_start, add_end, add_abort\n"
	"spin:\n"
	"	movq %rsi, 8(%rdi)\n"
	"spin_start:\n"
	"	cmpl $0, (%rdx)\n"
	"	je spin_start\n"
	"spin_end:\n"
	"	xorl %eax, %eax\n"
	"	ret\n"
	"	.long 0x53053053\n"
	"spin_abort:\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"	.long 0x12345678\n"
	"spin_unsigned:\n"
	"	movl $2, %eax\n"
	"	ret\n"
	"add:\n"
	"	movl (%rdi), %eax\n"
	"	movq %rsi, 8(%rdi)\n"
	"add_start:\n"
	"	cmpl %eax, 4(%rdi)\n"
	"	jne add_abort\n"
	"	movq (%rdx,%rax,8), %rcx\n"
	"	pause\n"
	"	incq %rcx\n"
	"	movq %rcx, (%rdx,%rax,8)\n"
	"add_end:\n"
	"	xorl %eax, %eax\n"
	"	ret\n"
	"	.long 0x53053053\n"
	"add_abort:\n"
	"	movl $1, %eax\n"
	"	ret\n");

int spin(struct rseq *area, struct rseq_cs *cs, volatile int *stop);
int add(struct rseq *area, struct rseq_cs *cs, volatile long *counters);
extern char spin_start[], spin_end[], spin_abort[], spin_unsigned[];
extern char add_start[], add_end[], add_abort[];

static struct rseq_cs section, add_section;

static void make_sections(void)
{
	section.version = 0;
	section.flags = 0;
	section.start_ip = (unsigned long)spin_start;
	section.post_commit_offset = spin_end - spin_start;
	section.abort_ip = (unsigned long)spin_abort;
	add_section = section;
	add_section.start_ip = (unsigned long)add_start;
	add_section.post_commit_offset = add_end - add_start;
	add_section.abort_ip = (unsigned long)add_abort;
}

static long rseq(void *where, unsigned int size, int flags, unsigned int sig)
{
	return syscall(SYS_rseq, where, size, flags, sig);
}

static unsigned int cpu_now(void)
{
	unsigned int cpu;

	syscall(SYS_getcpu, &cpu, NULL, NULL);
	return cpu;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static void registration(void)
{
	char *odd = (char *)&area + 8;

	ok_errno(rseq(&area, 32, 2, SIG), EINVAL, "an unknown flag");
	ok_errno(rseq(&area, 32, RSEQ_FLAG_UNREGISTER | 2, SIG), EINVAL,
		 "one more beside UNREGISTER");
	ok_errno(rseq(&area, 20, 0, SIG), EINVAL, "a size that is not 32");
	ok_errno(rseq(&area, 64, 0, SIG), EINVAL, "nor more");
	ok_errno(rseq(odd, 32, 0, SIG), EINVAL, "not aligned to 32");
	ok_errno(rseq((void *)-4096L, 32, 0, SIG), EFAULT,
		 "an address that is the kernel's");
	ok_errno(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL,
		 "UNREGISTER: nothing is registered");
	ok_errno(rseq(NULL, 32, RSEQ_FLAG_UNREGISTER, 0), EINVAL,
		 "UNREGISTER of NULL: the same");
	area.cpu_id_start = area.cpu_id = RSEQ_CPU_ID_UNINITIALIZED;
	ok(rseq(&area, 32, 0, SIG) == 0, "it is registered");
	ok(area.cpu_id == area.cpu_id_start && area.cpu_id == cpu_now(),
	   "and says the CPU at once");
	ok_errno(rseq(&area, 32, 0, SIG), EBUSY, "a second time: EBUSY");
	ok_errno(rseq(&area, 32, 0, SIG + 1), EPERM,
		 "with another signature: EPERM");
	ok_errno(rseq(&area + 1, 32, 0, SIG), EINVAL, "another area: EINVAL");
	ok_errno(rseq(&area, 64, 0, SIG), EINVAL, "another size: EINVAL");
	ok_errno(rseq(&area + 1, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL,
		 "UNREGISTER: another area");
	ok_errno(rseq(&area, 64, RSEQ_FLAG_UNREGISTER, SIG), EINVAL,
		 "UNREGISTER: another size");
	ok_errno(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG + 1), EPERM,
		 "UNREGISTER: another signature");
	ok(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG) == 0 &&
		   area.cpu_id == (__u32)RSEQ_CPU_ID_UNINITIALIZED &&
		   area.cpu_id_start == 0,
	   "UNREGISTER leaves -1 and 0");
	ok(rseq(&area, 32, 0, SIG) == 0, "and it can be registered again");
}

static void cpus(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t all;
	int good = 1;
	int i;

	sched_getaffinity(0, sizeof(all), &all);
	for (i = 0; i < 20 * count; i++) {
		if (run_on(i % count))
			bail("sched_setaffinity");
		good &= area.cpu_id == i % count &&
			area.cpu_id_start == i % count;
	}
	ok(good, "moved to another CPU, the area says so");
	sched_setaffinity(0, sizeof(all), &all);
}

static volatile unsigned long handler_ip;
static volatile unsigned long handler_cs;

static void notes(int sig, siginfo_t *info, void *context)
{
	ucontext_t *state = context;

	(void)sig;
	(void)info;
	calls++;
	handler_ip = state->uc_mcontext.gregs[REG_RIP];
	handler_cs = area.rseq_cs;
}

static void alarm_in(int ms)
{
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO | SA_RESTART};
	struct itimerval timer = {{0, 0}, {0, ms * 1000}};

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	calls = 0;
	if (ms)
		setitimer(ITIMER_REAL, &timer, NULL);
}

static void signals(void)
{
	int result;

	stop = 0;
	alarm_in(20);
	/* Another task may take the CPU before the alarm does. */
	do {
		result = spin(&area, &section, &stop);
	} while (result == 1 && !calls);
	ok(result == 1 && area.rseq_cs == 0,
	   "a signal takes it out of the section, to the abort address");
	alarm_in(0);
	handler_ip = 0;
	area.rseq_cs = (unsigned long)&section;
	raise(SIGUSR1);
	ok(calls == 1 && handler_cs == 0 && area.rseq_cs == 0,
	   "outside of it, the area forgets the section");
	stop = 1;
	ok(spin(&area, &section, &stop) == 0, "undisturbed it runs to its end");
	area.rseq_cs = 0;
}

/* A signal that comes while the section runs: what its handler sees. */
static void *interrupts(void *target)
{
	sleep_ms(20);
	pthread_kill(*(pthread_t *)target, SIGUSR1);
	return NULL;
}

static void handlers(void)
{
	pthread_t self = pthread_self();
	pthread_t thread;
	int aborted = 0;

	alarm_in(0);
	handler_ip = 0;
	stop = 0;
	pthread_create(&thread, NULL, interrupts, &self);
	while (!calls)
		aborted += spin(&area, &section, &stop) == 1;
	pthread_join(thread, NULL);
	ok(aborted > 0 && handler_cs == 0 &&
		   (handler_ip < section.start_ip ||
		    handler_ip >=
			    section.start_ip + section.post_commit_offset),
	   "the handler's context is not in the section any more");
}

static int hogs(void)
{
	long until = now_ms() + 2000;

	run_on(0);
	while (now_ms() < until)
		;
	return 0;
}

static int spins_beside_hog(void)
{
	pid_t hog = start_child(hogs);
	int result;

	need(run_on(0) == 0);
	stop = 0;
	result = spin(&area, &section, &stop);
	end_child(hog);
	return result == 1 && area.rseq_cs == 0 ? 3 : 4;
}

#define ADDERS 4
#define ROUNDS 200000

static volatile long counters[64];
static volatile long repeats;

static void *adder(void *unused)
{
	long i;

	if (rseq(&area, 32, 0, SIG))
		return "rseq";
	for (i = 0; i < ROUNDS; i++)
		while (add(&area, &add_section, counters))
			__atomic_fetch_add(&repeats, 1, __ATOMIC_RELAXED);
	return unused;
}

static void counts(void)
{
	pthread_t threads[ADDERS];
	void *failed;
	long sum = 0;
	int bad = 0;
	int i;

	for (i = 0; i < ADDERS; i++)
		pthread_create(&threads[i], NULL, adder, NULL);
	for (i = 0; i < ADDERS; i++) {
		pthread_join(threads[i], &failed);
		bad += failed != NULL;
	}
	for (i = 0; i < 64; i++)
		sum += counters[i];
	ok(!bad && sum == ADDERS * (long)ROUNDS,
	   "counters of each CPU lose nothing, without a lock");
	tap_line("# %ld taken out of their section\n", repeats);
}

/* --- what is wrong with a section: SIGSEGV -------------------------------- */

static void exits_5(int sig)
{
	(void)sig;
	_exit(5);
}

static struct rseq_cs wrong;

/* A signal's handler is due while the area names WRONG. */
static int delivers(void)
{
	signal(SIGSEGV, exits_5);
	alarm_in(0);
	area.rseq_cs = (unsigned long)&wrong;
	raise(SIGUSR1);
	return 6;
}

/* The same in the middle of it. */
static int delivers_inside(void)
{
	signal(SIGSEGV, exits_5);
	alarm_in(20);
	stop = 0;
	while (!calls)
		spin(&area, &wrong, &stop);
	return 6;
}

static int area_flags(void)
{
	wrong = section;
	area.flags = RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL;
	return delivers_inside();
}

static int unknown_area_flags(void)
{
	wrong = section;
	area.flags = 8;
	return delivers_inside();
}

static int at(unsigned long address)
{
	signal(SIGSEGV, exits_5);
	alarm_in(0);
	area.rseq_cs = address;
	raise(SIGUSR1);
	return 6;
}

static int in_no_memory(void)
{
	return at(4096);
}

static int in_kernel(void)
{
	return at(0xffffffff81000000);
}

/* segfaults - BODY gets SIGSEGV.  The area is still wrong in its handler: who
 * takes the CPU from that too makes it the end. */
static int segfaults(int (*body)(void))
{
	int code = in_child(body);

	return code == 5 || code == 128 + SIGSEGV;
}

static void kills(void)
{
	wrong = section;
	ok(in_child(delivers) == 6, "a section that is right does no harm");
	wrong.abort_ip = (unsigned long)spin_unsigned;
	ok(segfaults(delivers),
	   "no signature before the abort address: SIGSEGV");
	wrong = section;
	wrong.version = 1;
	ok(segfaults(delivers), "an unknown version");
	wrong = section;
	wrong.abort_ip = wrong.start_ip + 1;
	ok(segfaults(delivers), "an abort address inside");
	wrong = section;
	wrong.start_ip = 0xffff800000000000;
	ok(segfaults(delivers), "a start in the kernel");
	wrong = section;
	wrong.post_commit_offset = -1UL;
	ok(segfaults(delivers), "an end before the start");
	wrong = section;
	wrong.abort_ip = 4096;
	ok(segfaults(delivers), "no memory at the abort");
	wrong = section;
	wrong.flags = RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL;
	ok(in_child(delivers) == 6, "flags do no harm outside of the section");
	ok(segfaults(delivers_inside), "but in it");
	wrong.flags = 8;
	ok(segfaults(delivers_inside), "unknown ones too");
	ok(segfaults(area_flags), "flags of the area");
	ok(segfaults(unknown_area_flags), "unknown ones");
	ok(segfaults(in_no_memory), "a section nowhere");
	ok(segfaults(in_kernel), "a section in the kernel");
}

static int unmapped_area(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG) == 0);
	need(rseq(page, 32, 0, SIG) == 0);
	munmap(page, 4096);
	signal(SIGSEGV, exits_5);
	alarm_in(0);
	raise(SIGUSR1);
	return 6;
}

static int unmapped_unregister(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG) == 0);
	need(rseq(page, 32, 0, SIG) == 0);
	mprotect(page, 4096, PROT_READ);
	if (!fails(rseq(page, 32, RSEQ_FLAG_UNREGISTER, SIG), EFAULT))
		return 6;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	return rseq(page, 32, RSEQ_FLAG_UNREGISTER, SIG) ? 7 : 5;
}

static int read_only_area(void)
{
	void *page =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG) == 0);
	rseq(page, 32, 0, SIG);
	return 6;
}

/* --- tasks that are made -------------------------------------------------- */

static int inherited(void)
{
	need(fails(rseq(&area, 32, 0, SIG), EBUSY));
	need(area.cpu_id == cpu_now());
	stop = 0;
	alarm_in(10);
	while (!calls)
		need(spin(&area, &section, &stop) == 1);
	return 5;
}

static void *in_thread(void *others)
{
	static struct rseq own;

	if (!fails(rseq(others, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL))
		return "it was registered";
	if (rseq(&own, 32, 0, SIG + 1))
		return "it cannot register";
	if (own.cpu_id != own.cpu_id_start || own.cpu_id > 63)
		return "no CPU";
	return NULL;
}

static void tasks(char *self)
{
	pthread_t thread;
	void *failed;
	pid_t pid;

	ok(in_child(inherited) == 5, "fork: the child is registered as well");
	pthread_create(&thread, NULL, in_thread, &area);
	pthread_join(thread, &failed);
	ok(!failed, "a thread is not, and registers its own");
	pid = vfork();
	if (pid == 0)
		_exit(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG) == -1 &&
				      errno == EINVAL
			      ? 5
			      : 6);
	ok(exit_code(pid) == 5, "nor is vfork's child");
	pid = fork();
	if (pid == 0) {
		execl(self, self, "fresh", NULL);
		_exit(9);
	}
	ok(exit_code(pid) == 5, "a new program is not registered");
	ok(fails(rseq(&area, 32, 0, SIG), EBUSY), "the parent is, still");
}

static int fresh(void)
{
	if (!fails(rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL))
		return 6;
	return rseq(&area, 32, 0, SIG + 9) == 0 ? 5 : 7;
}

int main(int argc, char **argv)
{
	int tries;

	if (argc > 1)
		return fresh();
	make_sections();
	registration();
	cpus();
	signals();
	handlers();
	ok(in_child(spins_beside_hog) == 3,
	   "so does another task that takes the CPU");
	counts();
	kills();
	ok(segfaults(unmapped_area), "an area that is gone: SIGSEGV");
	/* To be taken off the CPU meanwhile kills. */
	for (tries = 0; tries < 20; tries++)
		if (in_child(unmapped_unregister) == 5)
			break;
	ok(tries < 20, "UNREGISTER: an area that cannot be written: EFAULT");
	ok(in_child(read_only_area) == 128 + SIGSEGV,
	   "nor can such be registered: SIGSEGV");
	tasks(argv[0]);
	return done_testing();
}
