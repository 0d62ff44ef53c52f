/*
 * Calls from a table: each argument has a function that chooses its value and
 * says it, so a subject is mostly a list.
 *
 *	static const struct call calls[] = {
 *		{4, "dup2", SYS_dup2, {any_fd, any_fd}, NULL},
 *
 * Entry points: calls_step, calls_said, and the arguments any_*.
 */
#pragma once

#include "crew.h"

/* Chooses an argument; what it is goes to *TEXT. */
typedef long (*call_arg)(struct seat *seat, const char **text);

struct call {
	int weight;
	const char *name;
	long nr;
	call_arg arg[6];
	void (*out)(struct seat *seat); /* says more of what came back */
};

/* calls_do - make this call with arguments as they come. */
static inline void calls_do(struct seat *seat, const struct call *call)
{
	char line[400];
	const char *text;
	long arg[6] = {0};
	int length;
	int i;

	length = snprintf(line, sizeof(line), "%s(", call->name);
	for (i = 0; i < 6 && call->arg[i]; i++) {
		arg[i] = call->arg[i](seat, &text);
		length += snprintf(line + length, sizeof(line) - length, "%s%s",
				   i ? ", " : "", text);
		if (length >= (int)sizeof(line) - 2)
			differ_broken("a line is too long");
	}
	strcpy(line + length, ")");
	seat->out = call->out;
	crew_call(seat, line, call->nr, arg[0], arg[1], arg[2], arg[3], arg[4],
		  arg[5]);
}

static inline int calls_weight(const struct call *calls, int count)
{
	int sum = 0;

	while (count-- > 0)
		sum += calls[count].weight;
	return sum;
}

/* calls_step - one call of a table. */
static inline void calls_step(struct seat *seat, const struct call *calls,
			      int count)
{
	int at = pick(calls_weight(calls, count));

	while (at >= calls->weight)
		at -= calls++->weight;
	calls_do(seat, calls);
}

/* calls_said - for crew_said: what the call's entry has to say. */
static inline void calls_said(struct seat *seat)
{
	if (seat->out)
		seat->out(seat);
}

/* --- arguments
 * ----------------------------------------------------------------- */

static inline long any_zero(struct seat *seat, const char **text)
{
	(void)seat;
	*text = "0";
	return 0;
}

/* any_odd - 0 nearly always. */
static inline long any_odd(struct seat *seat, const char **text)
{
	static const long odd[] = {1, -1, 4, 0x80000000L};
	long value = chance(95) ? 0 : one_of(odd);

	(void)seat;
	*text = fmt("%ld", value);
	return value;
}

/* any_small - 0 to 3, seldom something else. */
static inline long any_small(struct seat *seat, const char **text)
{
	static const long odd[] = {-1, 4, 7, 100, INT_MAX, INT_MIN, 1L << 32};
	long value = chance(85) ? (long)pick(4) : one_of(odd);

	(void)seat;
	*text = fmt("%ld", value);
	return value;
}

/* any_out - where something is written: 512 bytes, seldom no memory. */
static inline long any_out(struct seat *seat, const char **text)
{
	void *at = crew_data(seat, 512);

	if (chance(4)) {
		*text = "bad";
		return 8;
	}
	if (chance(4)) {
		*text = "NULL";
		return 0;
	}
	*text = "out";
	return (long)at;
}

/* any_pid - of a member, of the caller, of nobody. */
static inline long any_pid(struct seat *seat, const char **text)
{
	static const int odd[] = {0, 0, 0, -1, 0x7ffffff0, INT_MIN};
	struct seat *other = &crew->seats[pick(CREW_SEATS)];
	long pid = other->pid && chance(50) ? other->pid : one_of(odd);

	(void)seat;
	*text = pid_name(pid);
	return pid;
}

/* any_fd - small, so that some are open. */
static inline long any_fd(struct seat *seat, const char **text)
{
	long fd = chance(95) ? 3 + pick(7) : (long)pick(3) - 2 + 20 * pick(2);

	(void)seat;
	*text = fmt("%ld", fd);
	return fd;
}

/* calls_main - COUNT calls of a table by MEMBERS. */
static inline void calls_main(const struct call *calls, int nr_calls,
			      int members, int count)
{
	struct seat *seat;

	crew_start(members);
	while (count-- > 0) {
		seat = crew_pick();
		if (seat)
			calls_step(seat, calls, nr_calls);
		else
			crew_kick();
	}
	crew_end();
}
