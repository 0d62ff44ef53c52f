/*
 * prctl: options of a process that have no subject of their own.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA	     0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE	  62
#define PR_SCHED_CORE_GET 0
#endif

static long p(long option, long a, long b, long c, long d)
{
	return syscall(SYS_prctl, option, a, b, c, d);
}

static int inherits_mce(void)
{
	return p(PR_MCE_KILL_GET, 0, 0, 0, 0);
}

static void machine_checks(void)
{
	ok(p(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_DEFAULT,
	   "PR_MCE_KILL_GET: the default");
	ok(!p(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0) &&
		   p(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_EARLY,
	   "early");
	ok(in_child(inherits_mce) == PR_MCE_KILL_EARLY, "a child has it too");
	ok(!p(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0) &&
		   p(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_LATE,
	   "late");
	ok(!p(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0) &&
		   p(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_DEFAULT,
	   "cleared");
	ok_errno(p(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), EINVAL,
		 "clear takes no policy");
	ok_errno(p(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0), EINVAL,
		 "no such policy");
	ok_errno(p(PR_MCE_KILL, 2, 0, 0, 0), EINVAL, "no such action");
	ok_errno(p(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 1, 0), EINVAL,
		 "arguments that must be 0");
	ok_errno(p(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL, "for the query too");
}

static int thp_disabled(void)
{
	return p(PR_GET_THP_DISABLE, 0, 0, 0, 0);
}

static void huge_pages(void)
{
	ok(thp_disabled() == 0, "PR_GET_THP_DISABLE: not at first");
	ok(!p(PR_SET_THP_DISABLE, 1, 0, 0, 0) && thp_disabled() == 1, "set");
	ok(in_child(thp_disabled) == 1, "inherited by fork");
	ok(!p(PR_SET_THP_DISABLE, 0, 0, 0, 0) && thp_disabled() == 0, "reset");
	ok_errno(p(PR_SET_THP_DISABLE, 1, 1, 0, 0), EINVAL, "zeros are due");
	ok_errno(p(PR_GET_THP_DISABLE, 1, 0, 0, 0), EINVAL, "everywhere");
}

static int flusher(void)
{
	return p(PR_GET_IO_FLUSHER, 0, 0, 0, 0);
}

static int student_flusher(void)
{
	need(fails(p(PR_SET_IO_FLUSHER, 1, 0, 0, 0), EPERM));
	need(fails(p(PR_GET_IO_FLUSHER, 0, 0, 0, 0), EPERM));
	return 0;
}

static void io_flusher(void)
{
	ok(flusher() == 0, "PR_GET_IO_FLUSHER: not at first");
	ok(!p(PR_SET_IO_FLUSHER, 1, 0, 0, 0) && flusher() == 1, "set");
	ok(in_child(flusher) == 1, "inherited by fork");
	ok(!p(PR_SET_IO_FLUSHER, 0, 0, 0, 0) && flusher() == 0, "reset");
	ok_errno(p(PR_SET_IO_FLUSHER, 2, 0, 0, 0), EINVAL, "0 or 1");
	ok_errno(p(PR_SET_IO_FLUSHER, 1, 1, 0, 0), EINVAL, "zeros are due");
	ok_errno(p(PR_GET_IO_FLUSHER, 1, 0, 0, 0), EINVAL, "to the query too");
	ok(in_child_as(STUDENT, student_flusher) == 0,
	   "CAP_SYS_RESOURCE is needed");
}

static void names(void)
{
	char name[20];

	memset(name, 'x', sizeof(name));
	ok(!p(PR_SET_NAME, (long)"a name of many letters", 0, 0, 0) &&
		   !p(PR_GET_NAME, (long)name, 0, 0, 0) &&
		   !strcmp(name, "a name of many ") && name[16] == 'x',
	   "PR_SET_NAME cuts to 15, PR_GET_NAME gives 16 bytes");
	ok_errno(p(PR_SET_NAME, 8, 0, 0, 0), EFAULT, "a bad name");
	ok_errno(p(PR_GET_NAME, 8, 0, 0, 0), EFAULT, "a bad place");
}

static void the_rest(void)
{
	int *where = NULL;
	int *mine = (int *)&where;

	syscall(SYS_set_tid_address, mine);
	ok(!p(PR_GET_TID_ADDRESS, (long)&where, 0, 0, 0) && where == mine,
	   "PR_GET_TID_ADDRESS");
	ok(p(PR_GET_TIMING, 0, 0, 0, 0) == PR_TIMING_STATISTICAL &&
		   fails(p(PR_SET_TIMING, PR_TIMING_TIMESTAMP, 0, 0, 0),
			 EINVAL),
	   "PR_SET_TIMING: statistical only");
	ok_errno(p(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL,
		 "PR_SET_DUMPABLE: not 2");
	ok_errno(p(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL, "no such signal");
	ok_errno(p(PR_SET_FPEMU, 0, 0, 0, 0), EINVAL, "other CPUs' options");
	ok_errno(p(PR_GET_ENDIAN, (long)&where, 0, 0, 0), EINVAL,
		 "PR_GET_ENDIAN");
	ok_errno(p(PR_GET_UNALIGN, (long)&where, 0, 0, 0), EINVAL,
		 "PR_GET_UNALIGN");
	ok_errno(p(4711, 0, 0, 0, 0), EINVAL, "no such option");
}

/* --- the TSC -------------------------------------------------------------- */

static int reads_tsc(void)
{
	__builtin_ia32_rdtsc();
	return 3;
}

static int reads_tscp(void)
{
	unsigned int cpu;

	__builtin_ia32_rdtscp(&cpu);
	return 3;
}

static int runs_reader(void)
{
	execl("/proc/self/exe", "prctl", "tsc", NULL);
	return 9;
}

static int turns_back(void)
{
	int mode = 0;

	need(!p(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	need(!p(PR_GET_TSC, (long)&mode, 0, 0, 0) && mode == PR_TSC_ENABLE);
	return reads_tsc();
}

static int keeps_reading(void)
{
	need(!p(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	for (;;) {
		reads_tsc();
		sched_yield();
	}
}

/* Two who take turns on a CPU, one without the TSC. */
static int without_beside_with(void)
{
	cpu_set_t set;
	pid_t with;
	int i;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	need(!sched_setaffinity(0, sizeof(set), &set));
	with = start_child(keeps_reading);
	for (i = 0; i < 50; i++) {
		sched_yield();
		need(in_child(reads_tsc) == 128 + SIGSEGV);
	}
	need(!kill(with, SIGTERM) && exit_code(with) == 128 + SIGTERM);
	return 0;
}

static void time_stamps(void)
{
	int mode = 0;

	ok(!p(PR_GET_TSC, (long)&mode, 0, 0, 0) && mode == PR_TSC_ENABLE &&
		   in_child(reads_tsc) == 3,
	   "PR_GET_TSC: the TSC can be read at first");
	ok_errno(p(PR_SET_TSC, 0, 0, 0, 0), EINVAL, "PR_SET_TSC: 1 or 2");
	ok_errno(p(PR_SET_TSC, 3, 0, 0, 0), EINVAL, "no other");
	ok_errno(p(PR_GET_TSC, 8, 0, 0, 0), EFAULT, "EFAULT");
	ok(!p(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) &&
		   !p(PR_GET_TSC, (long)&mode, 0, 0, 0) &&
		   mode == PR_TSC_SIGSEGV,
	   "PR_TSC_SIGSEGV");
	ok(in_child(reads_tsc) == 128 + SIGSEGV, "rdtsc: SIGSEGV, in a child");
	ok(in_child(reads_tscp) == 128 + SIGSEGV, "rdtscp, too");
	ok(in_child(runs_reader) == 128 + SIGSEGV, "after exec");
	ok(in_child(turns_back) == 3, "a child may turn it on for himself");
	ok(in_child(without_beside_with) == 0, "beside one that may not");
	ok(!p(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0) && in_child(reads_tsc) == 3,
	   "on again");
}

/* --- what is not mitigated, or not configured ----------------------------- */

static void speculation(void)
{
	long bypass = p(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0);
	long branch = PR_SPEC_INDIRECT_BRANCH;

	ok(bypass == PR_SPEC_NOT_AFFECTED || bypass == PR_SPEC_ENABLE,
	   "store bypass: this CPU has it not, or it is on");
	ok_errno(p(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,
		   PR_SPEC_DISABLE, 0, 0),
		 ENXIO, "and stays");
	ok(p(PR_GET_SPECULATION_CTRL, branch, 0, 0, 0) == PR_SPEC_ENABLE,
	   "branches are predicted");
	ok(!p(PR_SET_SPECULATION_CTRL, branch, PR_SPEC_ENABLE, 0, 0), "may be");
	ok_errno(p(PR_SET_SPECULATION_CTRL, branch, PR_SPEC_DISABLE, 0, 0),
		 EPERM, "must be");
	ok_errno(p(PR_SET_SPECULATION_CTRL, branch, 1, 0, 0), ERANGE,
		 "a wish that is none");
	ok(p(PR_GET_SPECULATION_CTRL, 2, 0, 0, 0) == PR_SPEC_FORCE_DISABLE &&
		   fails(p(PR_SET_SPECULATION_CTRL, 2, PR_SPEC_ENABLE, 0, 0),
			 EPERM),
	   "the first cache is not flushed");
	ok_errno(p(PR_GET_SPECULATION_CTRL, 3, 0, 0, 0), ENODEV,
		 "no such kind");
	ok_errno(p(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0), EINVAL, "zeros");
	ok_errno(p(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0), EINVAL, "both");
}

static void not_configured(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	ok_errno(p(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (long)page, 4096,
		   (long)"name"),
		 EINVAL, "PR_SET_VMA_ANON_NAME");
	ok_errno(p(PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0, (long)page), EINVAL,
		 "PR_SCHED_CORE");
}

static void slack(void)
{
	long old = p(PR_GET_TIMERSLACK, 0, 0, 0, 0);

	ok(old == 50000 && !p(PR_SET_TIMERSLACK, 7, 0, 0, 0) &&
		   p(PR_GET_TIMERSLACK, 0, 0, 0, 0) == 7 &&
		   !p(PR_SET_TIMERSLACK, 0, 0, 0, 0) &&
		   p(PR_GET_TIMERSLACK, 0, 0, 0, 0) == old,
	   "PR_SET_TIMERSLACK; 0 is the default again");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "tsc"))
		return reads_tsc();
	machine_checks();
	huge_pages();
	io_flusher();
	names();
	the_rest();
	time_stamps();
	speculation();
	not_configured();
	slack();
	return done_testing();
}
