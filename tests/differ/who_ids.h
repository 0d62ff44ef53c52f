/*
 * The steps of who.c by which a member becomes somebody else: ids, groups,
 * capabilities, securebits and the rest of prctl(2), exec and fork; and what
 * /proc says of it then.
 *
 * Entry points: show_ids, and the steps.
 */
#pragma once

#include "steps.h"
#include "who_files.h"
#include <linux/capability.h>
#include <linux/securebits.h>

#define ALL_CAPS ((1ULL << (CAP_LAST_CAP + 1)) - 1)

static const int ids[] = {0, 0, 1000, 1000, 1001, 2000, 65534, -1, -2};

static const int caps[] = {
	CAP_CHOWN,
	CAP_DAC_OVERRIDE,
	CAP_DAC_READ_SEARCH,
	CAP_FOWNER,
	CAP_FSETID,
	CAP_KILL,
	CAP_SETGID,
	CAP_SETUID,
	CAP_SETPCAP,
	CAP_SYS_CHROOT,
	CAP_SYS_PTRACE,
	CAP_SYS_ADMIN,
	CAP_SYS_NICE,
	CAP_SYS_RESOURCE,
	CAP_MKNOD,
	CAP_SETFCAP,
	CAP_LAST_CAP,
	63,
	-1,
	CAP_LAST_CAP + 1,
};

static struct seat *some_seat(void)
{
	struct seat *seat;

	do
		seat = &crew->seats[pick(CREW_SEATS)];
	while (!seat->pid);
	return seat;
}

/* show_ids - a member's ids and capabilities, as /proc tells them. */
static void show_ids(struct seat *seat, char *text, int size)
{
	static const char *const lines[] = {
		"\nUid:",	 "\nGid:",    "\nGroups:", "\nCapInh:",
		"\nCapPrm:",	 "\nCapEff:", "\nCapBnd:", "\nCapAmb:",
		"\nNoNewPrivs:", "\nUmask:",
	};
	char status[4096];
	struct stat st;
	unsigned i;
	char *at;

	if (read_text(fmt("/proc/%d/status", seat->pid), status,
		      sizeof(status)) <= 0)
		return;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		at = strstr(status, lines[i]);
		at = at ? at + 1 : "?";
		snprintf(text + strlen(text), size - strlen(text), " %.*s",
			 (int)strcspn(at, "\n"), at);
	}
	if (!stat(fmt("/proc/%d", seat->pid), &st))
		snprintf(text + strlen(text), size - strlen(text), " owner=%d",
			 st.st_uid);
	for (at = text; *at; at++)
		if (*at == '\t')
			*at = ' ';
}

static void step_ids(struct seat *seat)
{
	static const struct {
		const char *name;
		int nr, count;
	} calls[] = {
		{"setuid", SYS_setuid, 1},
		{"setgid", SYS_setgid, 1},
		{"setreuid", SYS_setreuid, 2},
		{"setregid", SYS_setregid, 2},
		{"setresuid", SYS_setresuid, 3},
		{"setresgid", SYS_setresgid, 3},
		{"setfsuid", SYS_setfsuid, 1},
		{"setfsgid", SYS_setfsgid, 1},
	};
	int i = pick(ARRAY_SIZE(calls));
	long a = one_of(ids), b = one_of(ids), c = one_of(ids);
	const char *text;

	if (calls[i].count == 1)
		text = fmt("%s(%ld)", calls[i].name, a);
	else if (calls[i].count == 2)
		text = fmt("%s(%ld, %ld)", calls[i].name, a, b);
	else
		text = fmt("%s(%ld, %ld, %ld)", calls[i].name, a, b, c);
	crew_call(seat, text, calls[i].nr, a, b, c);
}

static void step_groups(struct seat *seat)
{
	static const long sizes[] = {0, 0, 1, 2, 3, -1, 65537};
	unsigned *list = crew_data(seat, 16);
	long size = one_of(sizes);
	int i;

	for (i = 0; i < 3; i++)
		list[i] = one_of(ids);
	if (chance(70)) {
		crew_call(seat,
			  fmt("setgroups(%ld, %d %d %d)", size, list[0],
			      list[1], list[2]),
			  SYS_setgroups, size, (long)list);
	} else {
		crew_call(seat, fmt("getgroups(%ld)", size), SYS_getgroups,
			  size, (long)list);
	}
}

static uint64_t some_caps(const struct seat *seat, const char *line)
{
	uint64_t set = 0;
	const char *at = strstr(seat->shown, line);

	if (at && chance(70))
		set = strtoull(at + 8, NULL, 16);
	else if (chance(30))
		set = ALL_CAPS;
	while (chance(50))
		set ^= BIT(caps[pick(16)]);
	return chance(20) ? 0 : set;
}

static void step_capset(struct seat *seat)
{
	struct __user_cap_header_struct *header = crew_data(seat, 16);
	struct __user_cap_data_struct *data = crew_data(seat, 24);
	uint64_t permitted = some_caps(seat, "CapPrm:");
	uint64_t effective =
		chance(50) ? permitted : some_caps(seat, "CapEff:");
	uint64_t inheritable = some_caps(seat, "CapInh:");

	header->version = chance(90)   ? _LINUX_CAPABILITY_VERSION_3
			  : chance(50) ? _LINUX_CAPABILITY_VERSION_1
				       : 0;
	header->pid = chance(90) ? 0 : some_seat()->pid;
	data[0] = (struct __user_cap_data_struct){effective, permitted,
						  inheritable};
	data[1] = (struct __user_cap_data_struct){
		effective >> 32, permitted >> 32, inheritable >> 32};
	crew_call(seat,
		  fmt("capset(%#x %s, e %#lx, p %#lx, i %#lx)", header->version,
		      pid_name(header->pid), effective, permitted, inheritable),
		  SYS_capset, (long)header, chance(97) ? (long)data : 0L);
}

static void step_ambient(struct seat *seat)
{
	static const struct differ_name whats[] = {
		N(PR_CAP_AMBIENT_RAISE),
		N(PR_CAP_AMBIENT_LOWER),
		N(PR_CAP_AMBIENT_IS_SET),
		N(PR_CAP_AMBIENT_CLEAR_ALL),
		{0, "0"},
		{9, "9"},
	};
	long what = whats[pick(chance(90) ? 4 : 6)].value;
	long cap = what == PR_CAP_AMBIENT_CLEAR_ALL && chance(90)
			   ? 0
			   : one_of(caps);
	long odd = chance(95) ? 0 : 1;

	crew_call(seat,
		  fmt("prctl(PR_CAP_AMBIENT, %s, %ld, %ld)",
		      text_named(whats, what), cap, odd),
		  SYS_prctl, (long)PR_CAP_AMBIENT, what, cap, odd, 0L);
}

static const struct differ_name securebits[] = {
	{SECBIT_NOROOT, "NOROOT"},
	{SECBIT_NOROOT_LOCKED, "NOROOT_LOCKED"},
	{SECBIT_NO_SETUID_FIXUP, "NO_SETUID_FIXUP"},
	{SECBIT_NO_SETUID_FIXUP_LOCKED, "NO_SETUID_FIXUP_LOCKED"},
	{SECBIT_KEEP_CAPS, "KEEP_CAPS"},
	{SECBIT_KEEP_CAPS_LOCKED, "KEEP_CAPS_LOCKED"},
	{SECBIT_NO_CAP_AMBIENT_RAISE, "NO_CAP_AMBIENT_RAISE"},
	{SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED, "NO_CAP_AMBIENT_RAISE_LOCKED"},
	{0x100, "0x100"},
};

static void step_prctl(struct seat *seat)
{
	static const struct differ_name options[] = {
		N(PR_SET_KEEPCAPS),	N(PR_GET_KEEPCAPS),
		N(PR_SET_NO_NEW_PRIVS), N(PR_GET_NO_NEW_PRIVS),
		N(PR_SET_DUMPABLE),	N(PR_GET_DUMPABLE),
		N(PR_CAPBSET_READ),	N(PR_CAPBSET_DROP),
		N(PR_SET_SECUREBITS),	N(PR_GET_SECUREBITS),
	};
	long option = one_of(options).value;
	long value = pick(4) - (chance(5) ? 1 : 0);
	long odd = chance(96) ? 0 : 1;

	if (option == PR_SET_NO_NEW_PRIVS && chance(70))
		return;
	if (option == PR_GET_NO_NEW_PRIVS && chance(90))
		value = 0;
	if (option == PR_CAPBSET_READ || option == PR_CAPBSET_DROP)
		value = one_of(caps);
	if (option == PR_SET_SECUREBITS) {
		value = some_of(securebits, 2);
		crew_call(seat,
			  fmt("prctl(PR_SET_SECUREBITS, %s)",
			      text_bits(securebits, value)),
			  SYS_prctl, option, value);
		return;
	}
	crew_call(seat,
		  fmt("prctl(%s, %ld, %ld)", text_named(options, option), value,
		      odd),
		  SYS_prctl, option, value, odd);
}

static void step_umask(struct seat *seat)
{
	static const long masks[] = {0, 022, 077, 0777, 07777, -1};
	long mask = one_of(masks);

	crew_call(seat, fmt("umask(%#lo)", mask), SYS_umask, mask);
}

static void step_exec(struct seat *seat)
{
	crew_exec(seat, fmt("%s/%s", HOME, one_of(programs).name));
}

static void step_fork(struct seat *seat)
{
	struct seat *child = crew_free();
	long arg[5] = {SIGCHLD};

	if (child)
		crew_clone(seat, child, "fork()", SYS_clone, arg);
}

static void step_exit(struct seat *seat)
{
	crew_call(seat, "exit_group(0)", SYS_exit_group, 0L);
}
