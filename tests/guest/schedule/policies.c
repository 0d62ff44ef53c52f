/*
 * Policies and priorities as numbers: what may be set, what is told, what a
 * child inherits, who may change whom; sched(7), setpriority(2), nice(2).
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NO_PID 3999999

/* musl has none of these for threads, so the kernel is called. */
static int set_policy(pid_t pid, int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static int get_policy(pid_t pid)
{
	return syscall(SYS_sched_getscheduler, pid);
}

static int set_param(pid_t pid, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setparam, pid, &param);
}

static int get_param(pid_t pid)
{
	struct sched_param param = {.sched_priority = -1};

	return syscall(SYS_sched_getparam, pid, &param) ? -1
							: param.sched_priority;
}

static int is_now(int policy, int priority)
{
	return get_policy(0) == policy && get_param(0) == priority;
}

static int bad_numbers(void)
{
	static const int bad[][2] = {
		{SCHED_FIFO, 0},  {SCHED_FIFO, 100},
		{SCHED_RR, 0},	  {SCHED_RR, -1},
		{SCHED_OTHER, 1}, {SCHED_BATCH, 1},
		{SCHED_IDLE, 50}, {4, 0},
		{7, 0},		  {-1, 0},
		{SCHED_RR, 100},  {0x20000000, 0},
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		need(fails(set_policy(0, bad[i][0], bad[i][1]), EINVAL));
	return 0;
}

static int each_policy(void)
{
	static const int good[][2] = {
		{SCHED_FIFO, 1},  {SCHED_FIFO, 99}, {SCHED_RR, 50},
		{SCHED_BATCH, 0}, {SCHED_IDLE, 0},  {SCHED_OTHER, 0},
	};
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		need(set_policy(0, good[i][0], good[i][1]) == 0);
		need(is_now(good[i][0], good[i][1]));
	}
	need(set_policy(0, SCHED_RR, 5) == 0 && set_param(0, 7) == 0);
	need(is_now(SCHED_RR, 7));
	need(fails(set_param(0, 0), EINVAL) &&
	     fails(set_param(0, 100), EINVAL));
	need(is_now(SCHED_RR, 7));
	return 0;
}

static void numbers(void)
{
	ok(in_child(each_policy) == 0, "each policy is set and told");
	ok(in_child(bad_numbers) == 0,
	   "unknown policies, priorities that do not fit: EINVAL");
	ok(sched_get_priority_min(SCHED_FIFO) == 1 &&
		   sched_get_priority_max(SCHED_RR) == 99 &&
		   sched_get_priority_min(SCHED_OTHER) == 0 &&
		   sched_get_priority_max(SCHED_IDLE) == 0 &&
		   sched_get_priority_max(SCHED_BATCH) == 0,
	   "the least and the greatest priority");
	ok_errno(sched_get_priority_max(4), EINVAL, "of an unknown policy");
	ok_errno(sched_get_priority_min(-1), EINVAL, "of a negative one");
	ok_errno(set_policy(NO_PID, 0, 0), ESRCH, "no such task");
	ok_errno(set_policy(-1, 0, 0), EINVAL, "a negative pid");
	ok_errno(get_policy(NO_PID), ESRCH, "getscheduler: no such task");
	ok_errno(get_policy(-1), EINVAL, "getscheduler: a negative pid");
	ok_errno(get_param(NO_PID), ESRCH, "getparam: no such task");
	ok_errno(get_param(-1), EINVAL, "getparam: a negative pid");
	ok_errno(set_param(NO_PID, 0), ESRCH, "setparam: no such task");
	ok_errno(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL,
		 "no parameter");
	ok_errno(syscall(SYS_sched_getparam, 0, NULL), EINVAL,
		 "no place for it");
	ok_errno(syscall(SYS_sched_setparam, 0, nowhere), EFAULT,
		 "a parameter nowhere");
	ok_errno(syscall(SYS_sched_getparam, 0, nowhere), EFAULT,
		 "a place nowhere");
}

/* --- children ------------------------------------------------------------- */

static int child_policy;
static int child_priority;
static int child_nice;

static int looks_so(void)
{
	errno = 0;
	return !is_now(child_policy, child_priority) ||
	       getpriority(PRIO_PROCESS, 0) != child_nice;
}

static int child_has(int policy, int priority, int nice_level)
{
	child_policy = policy;
	child_priority = priority;
	child_nice = nice_level;
	return in_child(looks_so) == 0;
}

static int inherits(void)
{
	need(set_policy(0, SCHED_FIFO, 3) == 0 && child_has(SCHED_FIFO, 3, 0));
	need(set_policy(0, SCHED_BATCH, 0) == 0);
	need(setpriority(PRIO_PROCESS, 0, -5) == 0);
	need(child_has(SCHED_BATCH, 0, -5));
	need(set_policy(0, SCHED_IDLE, 0) == 0 && child_has(SCHED_IDLE, 0, -5));
	return 0;
}

static int resets(void)
{
	need(set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 3) == 0);
	need(is_now(SCHED_RR | SCHED_RESET_ON_FORK, 3));
	need(child_has(SCHED_OTHER, 0, 0));
	need(set_param(0, 4) == 0 && is_now(SCHED_RR | SCHED_RESET_ON_FORK, 4));
	need(set_policy(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0) == 0);
	need(setpriority(PRIO_PROCESS, 0, -5) == 0);
	need(child_has(SCHED_BATCH, 0, 0));
	need(setpriority(PRIO_PROCESS, 0, 5) == 0);
	need(child_has(SCHED_BATCH, 0, 5));
	need(set_policy(0, SCHED_OTHER, 0) == 0 && is_now(SCHED_OTHER, 0));
	return 0;
}

static void children(void)
{
	ok(in_child(inherits) == 0, "a child inherits policy and priority");
	ok(in_child(resets) == 0,
	   "SCHED_RESET_ON_FORK: not what is better than the usual");
}

/* --- sched_setattr, sched_getattr ----------------------------------------- */

struct attr {
	unsigned int size, policy;
	unsigned long long flags;
	int nice_level;
	unsigned int priority;
	unsigned long long runtime, deadline, period;
	unsigned int util_min, util_max;
	unsigned long long beyond;
};

#define VER0	   48
#define VER1	   56
#define KEEP_POL   0x08
#define KEEP_PARAM 0x10

static int set_attr(pid_t pid, struct attr *attr, unsigned int flags)
{
	return syscall(SYS_sched_setattr, pid, attr, flags);
}

static int get_attr(pid_t pid, void *attr, unsigned int size, int flags)
{
	return syscall(SYS_sched_getattr, pid, attr, size, flags);
}

static int attr_round(void)
{
	struct attr attr = {.size = VER0, .policy = SCHED_RR, .priority = 9};
	struct attr got;

	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_RR, 9));
	memset(&got, 0xff, sizeof(got));
	need(get_attr(0, &got, VER0, 0) == 0);
	need(got.size == VER0 && got.policy == SCHED_RR && got.flags == 0 &&
	     got.priority == 9 && got.nice_level == 0 && got.period == 0);
	need(got.util_min == ~0u);
	memset(&got, 0xff, sizeof(got));
	need(get_attr(0, &got, sizeof(got), 0) == 0 && got.size == VER1);
	attr = (struct attr){.size = 0, .policy = SCHED_BATCH, .nice_level = 7};
	attr.flags = 1;
	need(set_attr(0, &attr, 0) == 0);
	need(get_attr(0, &got, VER1, 0) == 0 && got.policy == SCHED_BATCH &&
	     got.nice_level == 7 && got.flags == 1 && got.priority == 0);
	attr.nice_level = -50;
	need(set_attr(0, &attr, 0) == 0 && getpriority(PRIO_PROCESS, 0) == -20);
	return 0;
}

static int attr_keeps(void)
{
	struct attr attr = {.size = VER1, .policy = SCHED_FIFO, .priority = 9};

	need(set_attr(0, &attr, 0) == 0);
	attr = (struct attr){.size = VER1, .flags = KEEP_POL, .priority = 8};
	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_FIFO, 8));
	attr = (struct attr){.size = VER1, .flags = KEEP_POL | KEEP_PARAM};
	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_FIFO, 8));
	/* Of a fair task the nice value is kept, and a priority is wrong. */
	attr = (struct attr){.size = VER1, .nice_level = 3};
	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_OTHER, 0));
	attr = (struct attr){
		.size = VER1, .flags = KEEP_PARAM, .nice_level = 9};
	need(set_attr(0, &attr, 0) == 0 && getpriority(PRIO_PROCESS, 0) == 3);
	attr.priority = 8;
	need(fails(set_attr(0, &attr, 0), EINVAL));
	/* The policy is a parameter too. */
	attr = (struct attr){
		.size = VER1, .flags = KEEP_PARAM, .policy = SCHED_BATCH};
	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_OTHER, 0));
	/* SCHED_IDLE leaves the nice value alone. */
	attr = (struct attr){.size = VER1, .policy = SCHED_IDLE};
	need(set_attr(0, &attr, 0) == 0 && is_now(SCHED_IDLE, 0));
	need(getpriority(PRIO_PROCESS, 0) == 3);
	return 0;
}

static void attributes(void)
{
	struct attr attr = {.size = sizeof(attr), .policy = SCHED_BATCH};

	ok(in_child(attr_round) == 0,
	   "sched_setattr sets, sched_getattr tells");
	ok(in_child(attr_keeps) == 0, "SCHED_FLAG_KEEP_POLICY, KEEP_PARAMS");
	attr.beyond = 1;
	ok(fails(set_attr(0, &attr, 0), E2BIG) && attr.size == VER1,
	   "a bit that the kernel does not know: E2BIG, and its size");
	attr.size = 40;
	ok(fails(set_attr(0, &attr, 0), E2BIG) && attr.size == VER1,
	   "too small a size: E2BIG, and its size");
	attr = (struct attr){.size = VER1, .flags = 1 << 20};
	ok_errno(set_attr(0, &attr, 0), EINVAL, "an unknown flag");
	attr = (struct attr){.size = VER0, .policy = 99};
	ok_errno(set_attr(0, &attr, 0), EINVAL, "an unknown policy");
	attr.policy = -1;
	ok_errno(set_attr(0, &attr, 0), EINVAL, "a negative policy");
	attr = (struct attr){.size = VER0};
	ok_errno(set_attr(0, &attr, 1), EINVAL, "a flag of the call");
	ok_errno(set_attr(-1, &attr, 0), EINVAL, "a negative pid");
	ok_errno(set_attr(NO_PID, &attr, 0), ESRCH, "no such task");
	ok_errno(set_attr(0, NULL, 0), EINVAL, "no attributes");
	ok_errno(set_attr(0, nowhere, 0), EFAULT, "attributes nowhere");
	ok_errno(get_attr(0, &attr, VER0 - 1, 0), EINVAL, "getattr: too small");
	ok_errno(get_attr(0, &attr, 5000, 0), EINVAL, "getattr: too large");
	ok_errno(get_attr(0, &attr, VER0, 1), EINVAL, "getattr: a flag");
	ok_errno(get_attr(0, NULL, VER0, 0), EINVAL, "getattr: no place");
	ok_errno(get_attr(0, nowhere, VER0, 0), EFAULT, "getattr: nowhere");
	ok_errno(get_attr(NO_PID, &attr, VER0, 0), ESRCH, "getattr: no task");
}

/* --- slices --------------------------------------------------------------- */

static long slice_us(void)
{
	struct timespec slice;

	need(syscall(SYS_sched_rr_get_interval, 0, &slice) == 0);
	return slice.tv_sec * 1000000 + slice.tv_nsec / 1000;
}

static int slice_of_each(void)
{
	char text[40];
	long ms;

	ms = atol(file_text("/proc/sys/kernel/sched_rr_timeslice_ms", text,
			    sizeof(text)));
	need(ms == 100);
	need(slice_us() >= 4000 && slice_us() <= 24000);
	need(set_policy(0, SCHED_FIFO, 1) == 0 && slice_us() == 0);
	need(set_policy(0, SCHED_RR, 1) == 0 && slice_us() == ms * 1000);
	return 0;
}

static void slices(void)
{
	struct timespec slice;

	ok(in_child(slice_of_each) == 0,
	   "sched_rr_get_interval: none for FIFO, 100 ms for RR");
	ok_errno(syscall(SYS_sched_rr_get_interval, NO_PID, &slice), ESRCH,
		 "of no task");
	ok_errno(syscall(SYS_sched_rr_get_interval, -1, &slice), EINVAL,
		 "of a negative pid");
	ok_errno(syscall(SYS_sched_rr_get_interval, 0, nowhere), EFAULT,
		 "to nowhere");
}

/* --- nice ----------------------------------------------------------------- */

static int nice_levels(void)
{
	need(setpriority(PRIO_PROCESS, 0, 100) == 0 &&
	     getpriority(PRIO_PROCESS, 0) == 19);
	errno = 0;
	need(setpriority(PRIO_PROCESS, 0, -100) == 0 &&
	     getpriority(PRIO_PROCESS, getpid()) == -20 && !errno);
	need(nice(25) == 5 && nice(100) == 19 && nice(-4) == 15);
	need(syscall(SYS_getpriority, PRIO_PROCESS, 0) == 20 - 15);
	return 0;
}

static int nice_of_many(void)
{
	pid_t other;

	need(setpgid(0, 0) == 0);
	other = fork();
	if (!other)
		sleep_forever();
	need(setpriority(PRIO_PROCESS, other, 7) == 0);
	need(getpriority(PRIO_PGRP, 0) == 0);
	need(setpriority(PRIO_PROCESS, 0, 9) == 0);
	need(getpriority(PRIO_PGRP, getpid()) == 7);
	need(setpriority(PRIO_PGRP, 0, 11) == 0);
	need(getpriority(PRIO_PROCESS, other) == 11 &&
	     getpriority(PRIO_PROCESS, 0) == 11);
	become(4321);
	need(getpriority(PRIO_USER, 0) == 11);
	need(fails(setpriority(PRIO_PGRP, 0, 12), EPERM));
	need(getpriority(PRIO_PROCESS, 0) == 12);
	need(setpriority(PRIO_USER, 4321, 13) == 0);
	need(getpriority(PRIO_PROCESS, 0) == 13);
	return 0;
}

static int nice_of_student(void)
{
	struct rlimit limit = {15, 40};

	need(setpriority(PRIO_PROCESS, 0, 4) == 0);
	need(fails(setpriority(PRIO_PROCESS, 0, 3), EACCES));
	errno = 0;
	need(nice(-1) == -1 && errno == EPERM);
	need(fails(setpriority(PRIO_PROCESS, 1, 19), EPERM));
	need(setpriority(PRIO_PROCESS, 0, 10) == 0);
	need(setrlimit(RLIMIT_NICE, &limit) == 0);
	need(setpriority(PRIO_PROCESS, 0, 5) == 0);
	need(fails(setpriority(PRIO_PROCESS, 0, 4), EACCES));
	return 0;
}

static int student_with_limits(void)
{
	struct rlimit limit = {0, 40};

	need(setrlimit(RLIMIT_NICE, &limit) == 0);
	become(STUDENT);
	return nice_of_student();
}

static void nices(void)
{
	ok(in_child(nice_levels) == 0, "nice levels are cut to -20 and 19");
	ok(in_child(nice_of_many) == 0, "of a group, of a user");
	ok(in_child(student_with_limits) == 0,
	   "a user goes down, and up as far as RLIMIT_NICE allows");
	ok_errno(setpriority(3, 0, 0), EINVAL, "of neither");
	ok_errno(getpriority(-1, 0), EINVAL, "of neither, to read");
	ok_errno(setpriority(PRIO_PROCESS, NO_PID, 0), ESRCH, "of no task");
	ok_errno(getpriority(PRIO_PGRP, NO_PID), ESRCH, "of no group");
	ok_errno(getpriority(PRIO_USER, 54321), ESRCH, "of no user's task");
}

/* --- permission ----------------------------------------------------------- */

static int rt_of_student(void)
{
	struct rlimit limit = {10, 20};

	need(fails(set_policy(0, SCHED_FIFO, 1), EPERM));
	need(fails(set_policy(1, SCHED_OTHER, 0), EPERM));
	need(fails(set_param(1, 0), EPERM));
	need(get_policy(1) == SCHED_OTHER && get_param(1) == 0);
	need(setrlimit(RLIMIT_RTPRIO, &limit) == 0);
	need(fails(set_policy(0, SCHED_RR, 11), EPERM));
	need(set_policy(0, SCHED_RR, 10) == 0);
	need(fails(set_param(0, 11), EPERM) && set_param(0, 5) == 0);
	limit.rlim_cur = 0;
	need(setrlimit(RLIMIT_RTPRIO, &limit) == 0);
	need(set_param(0, 5) == 0 && set_param(0, 4) == 0);
	need(fails(set_param(0, 5), EPERM));
	need(fails(set_policy(0, SCHED_FIFO, 4), EPERM));
	need(set_policy(0, SCHED_OTHER, 0) == 0);
	need(fails(set_policy(0, SCHED_RR, 1), EPERM));
	return 0;
}

static int student_with_rtprio(void)
{
	struct rlimit limit = {0, 20};

	need(setrlimit(RLIMIT_RTPRIO, &limit) == 0);
	become(STUDENT);
	return rt_of_student();
}

static int fair_of_student(void)
{
	struct attr attr = {.size = VER0, .nice_level = -1};

	need(set_policy(0, SCHED_BATCH, 0) == 0);
	need(set_policy(0, SCHED_OTHER, 0) == 0);
	need(fails(set_attr(0, &attr, 0), EPERM));
	need(set_policy(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0) == 0);
	need(fails(set_policy(0, SCHED_OTHER, 0), EPERM));
	need(set_policy(0, SCHED_IDLE | SCHED_RESET_ON_FORK, 0) == 0);
	need(fails(set_policy(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), EPERM));
	return 0;
}

static int idle_and_back(void)
{
	struct rlimit limit = {20, 20};

	need(setrlimit(RLIMIT_NICE, &limit) == 0);
	become(STUDENT);
	need(set_policy(0, SCHED_IDLE, 0) == 0);
	need(set_policy(0, SCHED_OTHER, 0) == 0);
	return 0;
}

static int masks_of_student(void)
{
	cpu_set_t set;

	need(sched_getaffinity(1, sizeof(set), &set) == 0);
	need(fails(sched_setaffinity(1, sizeof(set), &set), EPERM));
	need(sched_setaffinity(getppid(), sizeof(set), &set) == -1);
	need(sched_setaffinity(0, sizeof(set), &set) == 0);
	return 0;
}

static void permissions(void)
{
	ok(in_child(student_with_rtprio) == 0,
	   "a user has realtime priorities up to RLIMIT_RTPRIO");
	ok(in_child_as(STUDENT, fair_of_student) == 0,
	   "and may make things worse, not better");
	ok(in_child(idle_and_back) == 0,
	   "from SCHED_IDLE back where RLIMIT_NICE allows the nice level");
	ok(in_child_as(STUDENT, masks_of_student) == 0,
	   "CPU sets of one's own tasks only");
}

/* --- sets of CPUs --------------------------------------------------------- */

static long raw_get(size_t len, void *mask)
{
	return syscall(SYS_sched_getaffinity, 0, len, mask);
}

static long raw_set(size_t len, void *mask)
{
	return syscall(SYS_sched_setaffinity, 0, len, mask);
}

static void sets(void)
{
	unsigned long mask[64] = {0};
	unsigned long now[64] = {0};

	ok_errno(raw_get(0, mask), EINVAL, "a set of no bytes");
	ok_errno(raw_get(12, mask), EINVAL, "of one and a half words");
	ok(raw_get(8, mask) == 8 && mask[0] & 1 && mask[1] == 0,
	   "a word is enough");
	ok(raw_get(sizeof(mask), mask) == 8, "no more is filled");
	ok_errno(raw_get(8, nowhere), EFAULT, "a set nowhere");
	ok_errno(raw_set(8, nowhere), EFAULT, "the same, to be set");
	ok_errno(raw_set(0, mask), EINVAL, "no CPU");
	now[0] = 1;
	ok(raw_set(1, now) == 0 && raw_get(8, now) == 8 && now[0] == 1,
	   "a set of one byte");
	mask[5] = ~0ul;
	ok(raw_set(sizeof(mask), mask) == 0 && raw_get(8, now) == 8 &&
		   now[0] == mask[0],
	   "CPUs that do not exist are ignored");
	ok_errno(syscall(SYS_sched_getaffinity, NO_PID, 8, mask), ESRCH,
		 "of no task");
	ok_errno(syscall(SYS_sched_getaffinity, -1, 8, mask), ESRCH,
		 "of a negative pid");
}

int main(void)
{
	numbers();
	children();
	attributes();
	slices();
	nices();
	permissions();
	sets();
	return done_testing();
}
