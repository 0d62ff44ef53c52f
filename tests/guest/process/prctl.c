/*
 * prctl: options of a process that have no subject of their own.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

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

int main(void)
{
	machine_checks();
	huge_pages();
	io_flusher();
	names();
	the_rest();
	return done_testing();
}
