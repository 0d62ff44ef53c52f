/*
 * membarrier(2): what is known, who must register, that it orders, and that it
 * takes threads out of restartable sequences.
 */
#include "tap.h"
#include <linux/rseq.h>
#include <pthread.h>
#include <sys/syscall.h>

#define QUERY		 0
#define GLOBAL		 1
#define GLOBAL_EXPEDITED 2
#define REGISTER_GLOBAL	 4
#define PRIVATE		 8
#define REGISTER_PRIVATE 16
#define SYNC_CORE	 32
#define REGISTER_SYNC	 64
#define RSEQ		 128
#define REGISTER_RSEQ	 256
#define COMMANDS	 511
#define FLAG_CPU	 1

static long membarrier(int command, unsigned int flags)
{
	return syscall(SYS_membarrier, command, flags, 0);
}

static long membarrier_cpu(int command, unsigned int flags, int cpu)
{
	return syscall(SYS_membarrier, command, flags, cpu);
}

static int in_new_child(void)
{
	need(membarrier(SYNC_CORE, 0) == 0 && membarrier(RSEQ, 0) == 0);
	return membarrier(PRIVATE, 0) == 0 ? 1 : 2;
}

static int after_exec(void)
{
	need(fails(membarrier(PRIVATE, 0), EPERM));
	need(fails(membarrier(SYNC_CORE, 0), EPERM));
	return fails(membarrier(RSEQ, 0), EPERM) ? 5 : 6;
}

/*
 * Two threads each write one word and read the other's; one has only a
 * compiler barrier between, the other the call: never both read 0.
 */
static volatile int x, y, seen_x, seen_y, round_no, answer;

static void *light_side(void *arg)
{
	int last = 0;

	(void)arg;
	for (;;) {
		while (round_no == last)
			sched_yield();
		last = round_no;
		if (last < 0)
			return NULL;
		x = 1;
		__asm__ volatile("" ::: "memory");
		seen_y = y;
		__atomic_store_n(&answer, last, __ATOMIC_SEQ_CST);
	}
}

static void orders(void)
{
	pthread_t thread;
	int bad = 0;
	int i;

	pthread_create(&thread, NULL, light_side, NULL);
	for (i = 1; i <= 300; i++) {
		x = y = 0;
		__atomic_store_n(&round_no, i, __ATOMIC_SEQ_CST);
		y = 1;
		membarrier(PRIVATE, 0);
		seen_x = x;
		while (__atomic_load_n(&answer, __ATOMIC_SEQ_CST) != i)
			sched_yield();
		bad += !seen_x && !seen_y;
	}
	round_no = -1;
	pthread_join(thread, NULL);
	ok(!bad, "one side's barriers serve both");
}

/* The section that the thread below is in until it is taken out of it. */
__asm__(".globl section_start, section_end, section_abort\n"
	"section:\n"
	"	movq %rsi, 8(%rdi)\n"
	"section_start:\n"
	"	movl $1, (%rdx)\n"
	"	jmp section_start\n"
	"section_end:\n"
	"	.long 0x53053053\n"
	"section_abort:\n"
	"	ret\n");

void section(struct rseq *area, struct rseq_cs *cs, volatile int *inside);
extern char section_start[], section_end[], section_abort[];

static struct rseq area;
static volatile int inside;

static void *in_section(void *unused)
{
	static struct rseq_cs cs;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
	cs.start_ip = (unsigned long)section_start;
	cs.post_commit_offset = section_end - section_start;
	cs.abort_ip = (unsigned long)section_abort;
	if (syscall(SYS_rseq, &area, 32, 0, 0x53053053)) {
		inside = 1;
		return "rseq";
	}
	section(&area, &cs, &inside);
	return unused;
}

/* aborts - a thread in a section leaves it, told by CPU or not. */
static int aborts(int flags)
{
	pthread_t thread;
	void *failed;

	inside = 0;
	pthread_create(&thread, NULL, in_section, NULL);
	while (!inside)
		sched_yield();
	if (membarrier_cpu(RSEQ, flags, area.cpu_id))
		return 0;
	pthread_join(thread, &failed);
	return !failed;
}

static void rseqs(void)
{
	ok_errno(membarrier(RSEQ, 0), EPERM, "RSEQ: not registered");
	ok_errno(membarrier_cpu(RSEQ, FLAG_CPU, 0), EPERM, "nor with a CPU");
	ok(membarrier(REGISTER_RSEQ, 0) == 0, "its registration");
	ok_errno(membarrier(REGISTER_RSEQ, FLAG_CPU), EINVAL,
		 "which has no CPU");
	ok_errno(membarrier_cpu(RSEQ, 2, 0), EINVAL, "an unknown flag");
	ok_errno(membarrier_cpu(RSEQ, FLAG_CPU | 2, 0), EINVAL, "and both");
	ok_errno(membarrier_cpu(PRIVATE, FLAG_CPU, 0), EINVAL,
		 "FLAG_CPU is for RSEQ only");
	ok(membarrier(RSEQ, 0) == 0, "RSEQ, nobody is in a section");
	ok(membarrier_cpu(RSEQ, FLAG_CPU, 0) == 0, "on CPU 0");
	ok(membarrier_cpu(RSEQ, FLAG_CPU, 5000) == 0, "on a CPU there is not");
	ok(membarrier_cpu(RSEQ, FLAG_CPU, -1) == 0, "on CPU -1: on all");
	ok(aborts(0), "RSEQ takes a thread out of its section");
	ok(aborts(FLAG_CPU), "and by its CPU");
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc > 1)
		return after_exec();
	ok((membarrier(QUERY, 0) & COMMANDS) == COMMANDS,
	   "QUERY: the commands there are");
	ok_errno(membarrier(QUERY, 1), EINVAL, "a bad flag");
	ok_errno(membarrier(3, 0), EINVAL, "two commands at once");
	ok_errno(membarrier(1 << 20, 0), EINVAL, "an unknown one");
	ok(membarrier(GLOBAL, 0) == 0, "GLOBAL");
	ok(membarrier(GLOBAL_EXPEDITED, 0) == 0,
	   "GLOBAL_EXPEDITED: without registration");
	ok(membarrier(REGISTER_GLOBAL, 0) == 0, "its registration");
	ok_errno(membarrier(PRIVATE, 0), EPERM,
		 "PRIVATE_EXPEDITED: not without");
	ok(membarrier(REGISTER_PRIVATE, 0) == 0 &&
		   membarrier(REGISTER_PRIVATE, 0) == 0,
	   "REGISTER_PRIVATE_EXPEDITED, twice");
	ok(membarrier(PRIVATE, 0) == 0, "PRIVATE_EXPEDITED");
	ok_errno(membarrier(SYNC_CORE, 0), EPERM, "SYNC_CORE: not registered");
	ok(membarrier(REGISTER_SYNC, 0) == 0 && membarrier(SYNC_CORE, 0) == 0,
	   "SYNC_CORE, registered");
	rseqs();
	ok(in_child(in_new_child) == 1, "a child is registered too");
	pid = fork();
	if (pid == 0) {
		execl(argv[0], argv[0], "exec", NULL);
		_exit(9);
	}
	ok(exit_code(pid) == 5, "a new program is not");
	orders();
	return done_testing();
}
