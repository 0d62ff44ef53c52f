/*
 * What a process can set of itself and others: prctl, limits, scheduling,
 * priorities, personality, with odd arguments; and what is told of it.
 */
#include "calls.h"
#include <linux/membarrier.h>
#include <sys/resource.h>

/* --- prctl
 * ---------------------------------------------------------------------- */

/* Not here: what docs/missing.md lists (seccomp, perf, PR_SET_VMA, core
 * scheduling, speculation), and what the hardware decides. */
static const struct differ_name options[] = {
	N(PR_SET_PDEATHSIG),
	N(PR_GET_PDEATHSIG),
	N(PR_GET_DUMPABLE),
	N(PR_SET_DUMPABLE),
	N(PR_GET_UNALIGN),
	N(PR_SET_UNALIGN),
	N(PR_GET_KEEPCAPS),
	N(PR_SET_KEEPCAPS),
	N(PR_GET_FPEMU),
	N(PR_SET_FPEMU),
	N(PR_GET_FPEXC),
	N(PR_SET_FPEXC),
	N(PR_GET_TIMING),
	N(PR_SET_TIMING),
	N(PR_SET_NAME),
	N(PR_GET_NAME),
	N(PR_GET_ENDIAN),
	N(PR_SET_ENDIAN),
	N(PR_CAPBSET_READ),
	N(PR_GET_TSC),
	N(PR_GET_SECUREBITS),
	N(PR_SET_TIMERSLACK),
	N(PR_GET_TIMERSLACK),
	N(PR_MCE_KILL),
	N(PR_MCE_KILL_GET),
	N(PR_SET_MM),
	N(PR_SET_CHILD_SUBREAPER),
	N(PR_GET_CHILD_SUBREAPER),
	N(PR_SET_NO_NEW_PRIVS),
	N(PR_GET_NO_NEW_PRIVS),
	N(PR_GET_TID_ADDRESS),
	N(PR_SET_THP_DISABLE),
	N(PR_GET_THP_DISABLE),
	N(PR_MPX_ENABLE_MANAGEMENT),
	N(PR_SET_FP_MODE),
	N(PR_GET_FP_MODE),
	N(PR_CAP_AMBIENT),
	N(PR_SET_IO_FLUSHER),
	N(PR_GET_IO_FLUSHER),
	{0, "0"},
	{1000, "1000"},
	{-1, "-1"},
};

static long prctl_option;

static long an_option(struct seat *seat, const char **text)
{
	const struct differ_name *option = &one_of(options);

	(void)seat;
	prctl_option = option->value;
	*text = option->name;
	return option->value;
}

/* an_argument - a small number, or memory where the option wants it. */
static long an_argument(struct seat *seat, const char **text)
{
	static const long numbers[] = {0, 1, 2, 3, 9, 15, 65, -1, 1000};
	static const long readers[] = {
		PR_GET_PDEATHSIG,   PR_GET_UNALIGN,
		PR_GET_FPEMU,	    PR_GET_FPEXC,
		PR_SET_NAME,	    PR_GET_NAME,
		PR_GET_ENDIAN,	    PR_GET_CHILD_SUBREAPER,
		PR_GET_TID_ADDRESS, PR_GET_TSC,
	};
	char *data = crew_data(seat, 32);
	long value;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		if (prctl_option == readers[i] && chance(93)) {
			strcpy(data, "longer than sixteen");
			*text = "data";
			return (long)data;
		}
	}
	value = one_of(numbers);
	*text = fmt("%ld", value);
	return value;
}

static long a_rest(struct seat *seat, const char **text)
{
	static const long numbers[] = {1, 2, -1, 0x1000};
	long value = chance(88) ? 0 : one_of(numbers);

	(void)seat;
	*text = fmt("%ld", value);
	return value;
}

static void out_prctl(struct seat *seat)
{
	static const long strings[] = {PR_GET_NAME};
	static const long ints[] = {PR_GET_PDEATHSIG, PR_GET_CHILD_SUBREAPER,
				    PR_GET_TSC};
	unsigned i;

	if (seat->ret || seat->arg[1] < 4096)
		return;
	for (i = 0; i < ARRAY_SIZE(strings); i++)
		if (seat->arg[0] == strings[i])
			say(" \"%s\"", (char *)seat->arg[1]);
	for (i = 0; i < ARRAY_SIZE(ints); i++)
		if (seat->arg[0] == ints[i])
			say(" %d", *(int *)seat->arg[1]);
}

/* --- limits
 * ---------------------------------------------------------------------- */

static long a_resource(struct seat *seat, const char **text)
{
	static const long odd[] = {16, -1, INT_MAX};
	/* Not those that would end a member: CPU, memory, its stack. */
	static const long plain[] = {
		RLIMIT_FSIZE,	 RLIMIT_CORE,  RLIMIT_NOFILE,
		RLIMIT_MEMLOCK,	 RLIMIT_LOCKS, RLIMIT_SIGPENDING,
		RLIMIT_MSGQUEUE, RLIMIT_NICE,  RLIMIT_RTPRIO,
		RLIMIT_RTTIME,	 RLIMIT_RSS,   RLIMIT_NPROC,
	};
	long resource = chance(94) ? one_of(plain) : one_of(odd);

	(void)seat;
	*text = fmt("resource %ld", resource);
	return resource;
}

static long a_limit(struct seat *seat, const char **text)
{
	static const long values[] = {0,       10,	100, 1024, 4096,
				      1048576, 1048577, -1,  -2};
	struct rlimit *limit = crew_data(seat, sizeof(*limit));

	if (chance(30)) {
		*text = "NULL";
		return 0;
	}
	limit->rlim_cur = one_of(values);
	limit->rlim_max = chance(50) ? limit->rlim_cur : (rlim_t)one_of(values);
	*text = fmt("{%ld %ld}", (long)limit->rlim_cur, (long)limit->rlim_max);
	return (long)limit;
}

static void say_limit(long at)
{
	const struct rlimit *limit = (void *)at;

	/* How many processes there may be depends on memory. */
	if (at > 4096 && (long)limit->rlim_cur < 1048580 &&
	    (long)limit->rlim_cur != -1)
		say(" was %ld %ld", (long)limit->rlim_cur,
		    (long)limit->rlim_max);
}

static void out_prlimit(struct seat *seat)
{
	if (!seat->ret && seat->arg[1] != RLIMIT_NPROC &&
	    seat->arg[1] != RLIMIT_SIGPENDING)
		say_limit(seat->arg[3]);
}

static void out_getrlimit(struct seat *seat)
{
	if (!seat->ret && seat->arg[0] != RLIMIT_NPROC &&
	    seat->arg[0] != RLIMIT_SIGPENDING)
		say_limit(seat->arg[1]);
}

/* --- scheduling
 * -------------------------------------------------------------------- */

static long a_policy(struct seat *seat, const char **text)
{
	/* SCHED_DEADLINE (6) is not there: docs/missing.md. */
	static const long policies[] = {
		0, 0, 1, 2, 3, 5, 4, 7, -1, 0x40000000, 0x40000001, 0x40000002};
	long policy = one_of(policies);

	(void)seat;
	*text = fmt("policy %#x", (int)policy);
	return policy;
}

static long a_param(struct seat *seat, const char **text)
{
	static const int priorities[] = {0, 0, 0, 1, 1, 50, 99, 100, -1};
	int *param = crew_data(seat, sizeof(int));

	if (chance(5)) {
		*text = chance(50) ? "NULL" : "bad";
		return (*text)[0] == 'N' ? 0 : 8;
	}
	*param = one_of(priorities);
	*text = fmt("{%d}", *param);
	return (long)param;
}

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
	uint64_t more;
};

static long an_attr(struct seat *seat, const char **text)
{
	static const uint32_t sizes[] = {48, 48, 48, 48, 56, 0, 47, 64, 5000};
	/* Not SCHED_IDLE: the priority shown is then of a nice value that is
	 * given and not set. */
	static const uint32_t policies[] = {0, 0, 1, 2, 3, 7, ~0U};
	static const uint64_t flags[] = {0, 0, 0, 0, 1, 0x8, 0x10, 0x18, 0x80};
	static const int nices[] = {0, 0, 5, 19, -20, -21, 20, 100};
	static const int priorities[] = {0, 0, 0, 1, 50, 99, 100};
	struct attr *attr = crew_data(seat, sizeof(*attr));

	if (chance(3)) {
		*text = "NULL";
		return 0;
	}
	attr->size = one_of(sizes);
	attr->policy = one_of(policies);
	attr->flags = one_of(flags);
	attr->nice = one_of(nices);
	attr->priority = one_of(priorities);
	attr->more = chance(95) ? 0 : 1;
	*text = fmt("{size %u policy %d flags %#lx nice %d prio %d more %ld}",
		    attr->size, (int)attr->policy, (long)attr->flags,
		    attr->nice, (int)attr->priority, (long)attr->more);
	return (long)attr;
}

static long attr_size(struct seat *seat, const char **text)
{
	static const long sizes[] = {48, 48, 56, 64, 47, 0, 4096, 4097};
	long size = one_of(sizes);

	(void)seat;
	*text = fmt("%ld", size);
	return size;
}

static void out_attr(struct seat *seat)
{
	const struct attr *attr = (void *)seat->arg[1];

	if (!seat->ret && seat->arg[1] > 4096)
		say(" {size %u policy %d flags %#lx nice %d prio %d}",
		    attr->size, (int)attr->policy, (long)attr->flags,
		    attr->nice, (int)attr->priority);
}

static void out_param(struct seat *seat)
{
	if (!seat->ret && seat->arg[1] > 4096)
		say(" {%d}", *(int *)seat->arg[1]);
}

static long which_priority(struct seat *seat, const char **text)
{
	long which = chance(60) ? 0 : chance(90) ? (long)pick(3) : -1;

	(void)seat;
	*text = fmt("which %ld", which);
	return which;
}

static long a_nice(struct seat *seat, const char **text)
{
	long nice = (long)pick(50) - 25;

	(void)seat;
	*text = fmt("%ld", nice);
	return nice;
}

static long mask_size(struct seat *seat, const char **text)
{
	static const long sizes[] = {8, 8, 8, 16, 128, 0, 4, 1, 7, 9};
	long size = one_of(sizes);

	(void)seat;
	*text = fmt("%ld bytes", size);
	return size;
}

static long a_mask(struct seat *seat, const char **text)
{
	static const unsigned long masks[] = {1, 1, 3, 0, 2, ~0UL};
	unsigned long *mask = crew_data(seat, 128);

	if (chance(5)) {
		*text = "bad";
		return 8;
	}
	*mask = one_of(masks);
	*text = fmt("%#lx", *mask);
	return (long)mask;
}

static void out_mask(struct seat *seat)
{
	if (seat->ret > 0 && seat->arg[2] > 4096)
		say(" %#x", *(unsigned char *)seat->arg[2]);
}

/* --- the rest
 * ------------------------------------------------------------------------ */

static long a_personality(struct seat *seat, const char **text)
{
	static const long values[] = {0xffffffff, 0,   0x40000,	  8, 0x0400000,
				      0x8000000,  0x3, 0x12345678};
	long value = one_of(values);

	(void)seat;
	*text = fmt("%#lx", value);
	return value;
}

static long an_arch_code(struct seat *seat, const char **text)
{
	static const long codes[] = {0x1002, 0x1003, 0x1004, 0x1001, 0x1011,
				     0x1021, 0x1022, 0,	     0x2001, -1};
	long code = one_of(codes);

	(void)seat;
	*text = fmt("%#lx", code);
	return code;
}

/* an_arch_value - a base that is harmless: members have no TLS. */
static long an_arch_value(struct seat *seat, const char **text)
{
	static const unsigned long values[] = {
		0,	   1,	 0x7ffffffff000UL,     0x7fffffffefffUL,
		1UL << 47, ~0UL, 0xffff800000000000UL,
	};

	if (chance(50))
		return any_out(seat, text);
	*text = fmt("%#lx", values[seat->used % ARRAY_SIZE(values)]);
	return values[seat->used % ARRAY_SIZE(values)];
}

static long a_who(struct seat *seat, const char **text)
{
	static const long whos[] = {0, 1, -1, -2, 2, 5};
	long who = one_of(whos);

	(void)seat;
	*text = fmt("%ld", who);
	return who;
}

static long a_membarrier(struct seat *seat, const char **text)
{
	long command = chance(20) ? 0 : 1L << pick(10);

	(void)seat;
	*text = fmt("%ld", command);
	return command;
}

static long a_length(struct seat *seat, const char **text)
{
	static const long lengths[] = {0, 1, 16, 100, -1};
	long length = one_of(lengths);

	(void)seat;
	*text = fmt("%ld", length);
	return length;
}

static long random_flags(struct seat *seat, const char **text)
{
	long flags = pick(9);

	(void)seat;
	*text = fmt("%#lx", flags);
	return flags;
}

static const struct call calls[] = {
	{30,
	 "prctl",
	 SYS_prctl,
	 {an_option, an_argument, a_rest, a_rest, a_rest},
	 out_prctl},
	{12,
	 "prlimit",
	 SYS_prlimit64,
	 {any_pid, a_resource, a_limit, any_out},
	 out_prlimit},
	{5, "setrlimit", SYS_setrlimit, {a_resource, a_limit}, NULL},
	{3, "getrlimit", SYS_getrlimit, {a_resource, any_out}, out_getrlimit},
	{8,
	 "sched_setscheduler",
	 SYS_sched_setscheduler,
	 {any_pid, a_policy, a_param},
	 NULL},
	{4, "sched_setparam", SYS_sched_setparam, {any_pid, a_param}, NULL},
	{4,
	 "sched_getparam",
	 SYS_sched_getparam,
	 {any_pid, any_out},
	 out_param},
	{4, "sched_getscheduler", SYS_sched_getscheduler, {any_pid}, NULL},
	{9,
	 "sched_setattr",
	 SYS_sched_setattr,
	 {any_pid, an_attr, any_odd},
	 NULL},
	{5,
	 "sched_getattr",
	 SYS_sched_getattr,
	 {any_pid, any_out, attr_size, any_odd},
	 out_attr},
	{4,
	 "sched_setaffinity",
	 SYS_sched_setaffinity,
	 {any_pid, mask_size, a_mask},
	 NULL},
	{4,
	 "sched_getaffinity",
	 SYS_sched_getaffinity,
	 {any_pid, mask_size, any_out},
	 out_mask},
	{2,
	 "sched_rr_get_interval",
	 SYS_sched_rr_get_interval,
	 {any_pid, any_out},
	 NULL},
	{2,
	 "sched_get_priority_max",
	 SYS_sched_get_priority_max,
	 {a_policy},
	 NULL},
	{2,
	 "sched_get_priority_min",
	 SYS_sched_get_priority_min,
	 {a_policy},
	 NULL},
	{6,
	 "setpriority",
	 SYS_setpriority,
	 {which_priority, any_pid, a_nice},
	 NULL},
	{4, "getpriority", SYS_getpriority, {which_priority, any_pid}, NULL},
	{4, "personality", SYS_personality, {a_personality}, NULL},
	{5, "arch_prctl", SYS_arch_prctl, {an_arch_code, an_arch_value}, NULL},
	{2, "getrusage", SYS_getrusage, {a_who, any_out}, NULL},
	{3,
	 "membarrier",
	 SYS_membarrier,
	 {a_membarrier, any_odd, any_zero},
	 NULL},
	{2,
	 "getrandom",
	 SYS_getrandom,
	 {any_out, a_length, random_flags},
	 NULL},
	{2, "getpgid", SYS_getpgid, {any_pid}, NULL},
	{2, "getsid", SYS_getsid, {any_pid}, NULL},
	{1, "getcpu", SYS_getcpu, {any_out, any_out}, NULL},
};

/* show_settings - what /proc tells of it. */
static void show_settings(struct seat *seat, char *text, int size)
{
	static const char *const lines[] = {
		"\nName:", "\nNoNewPrivs:", "\nCpus_allowed:", "\nUmask:"};
	char status[4096];
	unsigned i;
	char *at;

	if (read_text(fmt("/proc/%d/stat", seat->pid), status,
		      sizeof(status)) <= 0)
		return;
	at = strrchr(status, ')') + 1;
	snprintf(text + strlen(text), size - strlen(text),
		 " priority=%ld nice=%ld rt=%ld policy=%ld", crew_field(at, 18),
		 crew_field(at, 19), crew_field(at, 40), crew_field(at, 41));
	read_text(fmt("/proc/%d/status", seat->pid), status, sizeof(status));
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		at = i ? strstr(status, lines[i]) : status - 1;
		if (at)
			snprintf(text + strlen(text), size - strlen(text),
				 " %.*s", (int)strcspn(at + 1, "\n"), at + 1);
	}
	read_text(fmt("/proc/%d/personality", seat->pid), status,
		  sizeof(status));
	snprintf(text + strlen(text), size - strlen(text), " %.8s", status);
	for (at = text; *at; at++)
		if (*at == '\t')
			*at = ' ';
}

int main(int argc, char **argv)
{
	int count;
	int i;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = calls_said;
	crew_show_more = show_settings;
	crew_start(4);
	/* Two of them may do less. */
	for (i = 0; i < 2; i++) {
		crew_ask(&crew->seats[i], SYS_setgid, 1000L);
		crew_ask(&crew->seats[i], SYS_setuid, 1000L);
	}
	crew_settle();
	while (count-- > 0) {
		struct seat *seat = crew_pick();

		if (!seat)
			crew_kick();
		else if (chance(2) && crew_free())
			crew_clone(seat, crew_free(), "fork()", SYS_clone,
				   (long[5]){SIGCHLD});
		else
			calls_step(seat, calls, ARRAY_SIZE(calls));
	}
	crew_end();
	return 0;
}
