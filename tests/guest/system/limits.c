/*
 * getrlimit, setrlimit, prlimit64: what they keep, who may raise them; nice.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>

static pid_t target;

static int lowers(void)
{
	struct rlimit limit = {100, 200};

	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = 150;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = 201;
	need(fails(setrlimit(RLIMIT_NOFILE, &limit), EINVAL));
	limit.rlim_cur = 100;
	limit.rlim_max = 201;
	need(fails(setrlimit(RLIMIT_NOFILE, &limit), EPERM));
	limit.rlim_max = 150;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	need(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 100 &&
	     limit.rlim_max == 150);
	return 0;
}

static int raises(void)
{
	struct rlimit limit = {100, 200};

	need(setrlimit(RLIMIT_DATA, &limit) == 0);
	limit.rlim_max = RLIM_INFINITY;
	limit.rlim_cur = RLIM_INFINITY;
	need(setrlimit(RLIMIT_DATA, &limit) == 0);
	limit.rlim_cur = limit.rlim_max = (1 << 20) + 1;
	need(fails(setrlimit(RLIMIT_NOFILE, &limit), EPERM));
	return 0;
}

static int inherited(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_CPU, &limit);
	return limit.rlim_cur == 3333 ? 0 : 1;
}

static int sets_and_forks(void)
{
	struct rlimit limit = {3333, 4444};

	setrlimit(RLIMIT_CPU, &limit);
	return in_child(inherited);
}

static void defaults(void)
{
	struct rlimit limit;
	int good = 0;
	int i;

	for (i = 0; i < 16; i++)
		good += getrlimit(i, &limit) == 0 &&
			limit.rlim_cur <= limit.rlim_max;
	ok(good == 16, "there are sixteen limits");
	ok_errno(getrlimit(16, &limit), EINVAL, "no more");
	getrlimit(RLIMIT_STACK, &limit);
	ok(limit.rlim_cur == 8 << 20 && limit.rlim_max == RLIM_INFINITY,
	   "the stack's is 8 MB");
	getrlimit(RLIMIT_NOFILE, &limit);
	ok(limit.rlim_cur == 1024 && limit.rlim_max == 4096, "files: 1024");
	getrlimit(RLIMIT_CORE, &limit);
	ok(limit.rlim_cur == 0, "core files: none");
	ok_errno(syscall(SYS_getrlimit, 0, nowhere), EFAULT, "a bad pointer");
}

static int student_looks(void)
{
	struct rlimit limit;

	need(fails(prlimit(target, RLIMIT_NOFILE, NULL, &limit), EPERM));
	need(prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0);
	return 0;
}

static int waits_for_ever(void)
{
	sleep_forever();
}

static void others(void)
{
	struct rlimit limit = {55, 66};
	struct rlimit old;

	target = start_child(waits_for_ever);
	ok(prlimit(target, RLIMIT_NOFILE, &limit, &old) == 0 &&
		   old.rlim_cur == 1024,
	   "prlimit sets another's and tells the old one");
	ok(prlimit(target, RLIMIT_NOFILE, NULL, &old) == 0 &&
		   old.rlim_cur == 55 && old.rlim_max == 66,
	   "prlimit asks");
	ok(in_child_as(STUDENT, student_looks) == 0,
	   "users: their own processes only");
	end_child(target);
	ok_errno(prlimit(target, RLIMIT_NOFILE, NULL, &old), ESRCH,
		 "no such process");
}

static int student_nice(void)
{
	need(setpriority(PRIO_PROCESS, 0, 5) == 0);
	need(getpriority(PRIO_PROCESS, 0) == 5);
	need(fails(setpriority(PRIO_PROCESS, 0, 4), EACCES));
	need(fails(setpriority(PRIO_PROCESS, getppid(), 5), EPERM));
	return 0;
}

static int root_nice(void)
{
	need(nice(3) == 3 && nice(0) == 3);
	need(setpriority(PRIO_PROCESS, 0, -30) == 0);
	need(getpriority(PRIO_PROCESS, 0) == -20);
	need(setpriority(PRIO_PROCESS, 0, 30) == 0);
	need(getpriority(PRIO_PROCESS, 0) == 19);
	need(fails(setpriority(77, 0, 0), EINVAL));
	need(fails(setpriority(PRIO_PROCESS, 1 << 21, 0), ESRCH));
	return 0;
}

static volatile int signals;

static void notes(int sig)
{
	signals += sig == SIGXCPU;
}

/* One second of processor time, then SIGXCPU; at the hard limit, SIGKILL. */
static int processor_time(void)
{
	struct rlimit limit = {1, 2};

	signal(SIGXCPU, notes);
	setrlimit(RLIMIT_CPU, &limit);
	while (signals < 1000)
		;
	return signals;
}

int main(void)
{
	long before = now_ms();

	defaults();
	ok(in_child_as(STUDENT, lowers) == 0,
	   "users lower the hard limit, and move the soft one below it");
	ok(in_child(raises) == 0, "root raises it, but not over fs.nr_open");
	ok(in_child(sets_and_forks) == 0, "a child inherits limits");
	others();
	ok(in_child_as(STUDENT, student_nice) == 0, "users only become nicer");
	ok(in_child(root_nice) == 0, "root goes from -20 to 19");
	ok(in_child(processor_time) == 128 + SIGKILL &&
		   now_ms() - before > 1500,
	   "RLIMIT_CPU: SIGXCPU, then SIGKILL");
	return done_testing();
}
