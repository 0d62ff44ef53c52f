/*
 * /proc/PID: what its files say, to the blank, of processes that change what
 * they can of themselves.  Numbers that depend on the machine are shown as #.
 */
#include "calls.h"
#include <sys/resource.h>

/* Files shown as they are; ids in them are named where a line begins so. */
static const char *const exact[] = {
	"limits",	 "comm",	  "cmdline",   "personality",
	"oom_score_adj", "timerslack_ns", "setgroups",
};

/* Files of which every number is #. */
static const char *const shapes[] = {
	"status",    "stat",	  "statm",    "io",	      "sched",
	"schedstat", "maps",	  "smaps",    "smaps_rollup", "fdinfo/3",
	"timers",    "oom_score", "children", "auxv",	      "environ",
};

/* Of status these have no numbers of their own and are shown as they are. */
static const char *const exact_lines[] = {
	"Umask",  "State",	"Uid",	  "Gid",    "Groups",
	"FDSize", "Threads",	"SigPnd", "ShdPnd", "SigBlk",
	"SigIgn", "SigCgt",	"CapInh", "CapPrm", "CapEff",
	"CapAmb", "NoNewPrivs", "Name",	  "VmLck",  "VmSwap",
};

/* Lines that Linux has for what docs/missing.md lists. */
static const char *const missing_lines[] = {
	"Ngid",
	"NStgid",
	"NSpid",
	"NSpgid",
	"NSsid",
	"HugetlbPages",
	"Seccomp",
	"Speculation",
	"SpeculationIndirectBranch",
	"Mems_allowed",
	"Cpus_allowed",
	"CoreDumping",
	"se.avg",
	"numa",
	"mm->numa",
	"total_numa",
	"current_node",
	"uclamp",
	"effective uclamp",
	"THPeligible",
	"ProtectionKey",
	"core_forceidle",
	"VmFlags",
};

static int begins_with(const char *line, const char *const *words, int count)
{
	while (count-- > 0)
		if (!strncmp(line, words[count], strlen(words[count])))
			return 1;
	return 0;
}

/* mask - the line without its numbers and their widths. */
static void mask(char *line)
{
	char *to = line;
	char *from = line;

	while (*from) {
		if (*from >= '0' && *from <= '9') {
			while (strchr("0123456789abcdef", *from) && *from)
				from++;
			*to++ = '#';
		} else if (*from == ' ' && from[1] == ' ') {
			from++; /* the width of a number */
		} else {
			*to++ = *from++;
		}
	}
	*to = 0;
}

static void say_text(const char *name, char *text, int whole)
{
	char *line = text;
	char *end;

	for (; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = 0;
		if (begins_with(line, missing_lines, ARRAY_SIZE(missing_lines)))
			continue;
		if (!whole &&
		    (strcmp(name, "status") ||
		     !begins_with(line, exact_lines, ARRAY_SIZE(exact_lines))))
			mask(line);
		say("    %s", line);
		say_end();
	}
}

static void step_read(struct seat *seat)
{
	static char text[65536];
	int whole = chance(40);
	const char *name = whole ? one_of(exact) : one_of(shapes);
	int length;
	int i;

	/* Where mappings lie and which libraries' are there is chance. */
	if (!strcmp(name, "maps") || !strcmp(name, "smaps"))
		return;
	length = read_text(fmt("/proc/%d/%s", seat->pid, name), text,
			   sizeof(text));
	crew->steps++;
	say("%5d /proc/P%d/%s: ", crew->steps, seat->serial, name);
	if (length < 0) {
		say("%s", text_result(length));
		say_end();
		return;
	}
	if (!strcmp(name, "auxv")) {
		say("%d bytes", length);
		say_end();
		return;
	}
	for (i = 0; i < length; i++)
		if (!text[i])
			text[i] = ' ';
	say_end();
	/* How many processes there may be depends on memory. */
	if (!strcmp(name, "limits"))
		say_text(name, text, 0);
	else
		say_text(name, text, whole);
}

static long a_small(struct seat *seat, const char **text)
{
	long value = pick(12);

	(void)seat;
	*text = fmt("%ld", value);
	return value;
}

static long a_name(struct seat *seat, const char **text)
{
	static const char *const names[] = {
		"plain",	   "with space",	  "paren)the)sis",
		"back\\slash",	   "new\nline",		  "",
		"fifteen letters", "longer than fifteen", "tab\tand\001one",
		"high\377bit",
	};
	int name = pick(ARRAY_SIZE(names));

	*text = fmt("name %d", name);
	return (long)strcpy(crew_data(seat, 32), names[name]);
}

static long set_name(struct seat *seat, const char **text)
{
	(void)seat;
	*text = "PR_SET_NAME";
	return PR_SET_NAME;
}

static long a_group_list(struct seat *seat, const char **text)
{
	int *list = crew_data(seat, 64);
	int i;

	for (i = 0; i < 16; i++)
		list[i] = 1000 + pick(50);
	*text = fmt("{%d %d ...}", list[0], list[1]);
	return (long)list;
}

static long a_resource(struct seat *seat, const char **text)
{
	static const long plain[] = {RLIMIT_CORE,   RLIMIT_MEMLOCK,
				     RLIMIT_LOCKS,  RLIMIT_NICE,
				     RLIMIT_RTPRIO, RLIMIT_RTTIME};
	long resource = one_of(plain);

	(void)seat;
	*text = fmt("resource %ld", resource);
	return resource;
}

static long a_limit(struct seat *seat, const char **text)
{
	struct rlimit *limit = crew_data(seat, sizeof(*limit));

	limit->rlim_cur = chance(30) ? RLIM_INFINITY : pick(100000);
	limit->rlim_max = chance(70) ? RLIM_INFINITY : limit->rlim_cur;
	*text = fmt("{%ld %ld}", (long)limit->rlim_cur, (long)limit->rlim_max);
	return (long)limit;
}

static long a_set(struct seat *seat, const char **text)
{
	uint64_t *set = crew_data(seat, 8);

	*set = differ_random();
	*text = fmt("%#lx", (long)*set);
	return (long)set;
}

static long eight(struct seat *seat, const char **text)
{
	(void)seat;
	*text = "8";
	return 8;
}

static long a_persona(struct seat *seat, const char **text)
{
	static const long values[] = {0, 0x40000, 0x400000, 8};
	long value = one_of(values);

	(void)seat;
	*text = fmt("%#lx", value);
	return value;
}

static const struct call calls[] = {
	{5, "prctl", SYS_prctl, {set_name, a_name}, NULL},
	{4, "setgroups", SYS_setgroups, {a_small, a_group_list}, NULL},
	{4, "setrlimit", SYS_setrlimit, {a_resource, a_limit}, NULL},
	{3,
	 "rt_sigprocmask",
	 SYS_rt_sigprocmask,
	 {any_zero, a_set, any_zero, eight},
	 NULL},
	{2, "personality", SYS_personality, {a_persona}, NULL},
	{2, "umask", SYS_umask, {a_small}, NULL},
	{2, "eventfd2", SYS_eventfd2, {a_small, any_zero}, NULL},
	{1, "epoll_create1", SYS_epoll_create1, {any_zero}, NULL},
	{1, "close", SYS_close, {any_fd}, NULL},
	{2,
	 "setpriority",
	 SYS_setpriority,
	 {any_zero, any_zero, a_small},
	 NULL},
};

int main(int argc, char **argv)
{
	struct seat *seat;
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_start(2);
	while (count-- > 0) {
		seat = crew_pick();
		if (chance(50))
			step_read(seat);
		else if (chance(10) && crew_free())
			crew_clone(seat, crew_free(), "fork()", SYS_clone,
				   (long[5]){SIGCHLD});
		else
			calls_step(seat, calls, ARRAY_SIZE(calls));
	}
	crew_end();
	return 0;
}
