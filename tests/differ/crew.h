/*
 * A crew: processes and threads that do, one call at a time, what the program
 * that made them says.
 *
 * The first process, the driver, gives an order to one member and waits until
 * every member has settled: it stands still with its order done, is blocked in
 * a call, stopped, or dead.  So the same orders always give the same story,
 * and the driver can print each call, its result and what it changed.
 *
 * Entry points: crew_start, crew_member, crew_call, crew_clone, crew_exec,
 * crew_fork, crew_settle, crew_ask, crew_idle, crew_pick, crew_data,
 * crew_catch, crew_kick, crew_reap, pid_name, crew_end.
 */
#pragma once

#include "member.h"
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* --- names of processes ------------------------------------------------------
 */

static int crew_driver;

/* pid_name - P1, driver, init, 0, or ? for one that nobody knows. */
static inline const char *pid_name(int pid)
{
	char *text = differ_text();
	int i;

	if (pid == 0 || pid == -1)
		return pid ? "-1" : "0";
	if (pid == 1 || pid == crew_driver)
		return pid == 1 ? "init" : "driver";
	for (i = crew->names - 1; i >= 0; i--) {
		if (crew->name_pid[i] == pid || crew->name_pid[i] == -pid) {
			sprintf(text, "%sP%d", pid < 0 ? "-" : "",
				crew->name_serial[i]);
			return text;
		}
	}
	return pid < 0 ? "-?" : "?";
}

static inline void crew_name(struct seat *seat)
{
	int at = crew->names++;

	if (at >= (int)ARRAY_SIZE(crew->name_pid))
		differ_broken("too many names");
	seat->serial = ++crew->serials;
	crew->name_pid[at] = seat->pid;
	crew->name_serial[at] = seat->serial;
}

/* --- the driver
 * --------------------------------------------------------------- */

/* What a subject adds to the state of a member, or NULL. */
static void (*crew_show_more)(struct seat *seat, char *text, int size);

/* The terminals' device numbers, for the state; 0 ends the list. */
static int crew_ttys[8];

static inline const char *tty_name(int number)
{
	char *text = differ_text();
	int i;

	if (!number)
		return "-";
	for (i = 0; i < 8 && crew_ttys[i]; i++)
		if (crew_ttys[i] == number)
			break;
	sprintf(text, "tty%d", i);
	return text;
}

/* crew_field - field NUMBER of /proc/PID/stat, counted as proc(5) does from 3;
 * AFTER is what follows the name. */
static inline long crew_field(const char *after, int number)
{
	while (number-- > 3 && after)
		after = strchr(after + 1, ' ');
	return after ? atol(after + 1) : -1;
}

/* crew_look - read a member's state; 0 if it is gone. */
static inline int crew_look(struct seat *seat, char *text, int size)
{
	char path[64], stat[600];
	char *at;

	sprintf(path, "/proc/%d/task/%d/stat", seat->pid, seat->pid);
	at = read_text(path, stat, sizeof(stat)) > 0 ? strrchr(stat, ')')
						     : NULL;
	if (!at)
		return 0;
	at++;
	seat->state = at[1];
	if (!text)
		return 1;
	snprintf(
		text, size,
		"%c ppid=%s pgrp=%s sid=%s tty=%s tpgid=%s threads=%ld sig=%ld",
		seat->state, pid_name(crew_field(at, 4)),
		pid_name(crew_field(at, 5)), pid_name(crew_field(at, 6)),
		tty_name(crew_field(at, 7)), pid_name(crew_field(at, 8)),
		crew_field(at, 20), crew_field(at, 38));
	if (crew_show_more)
		crew_show_more(seat, text + strlen(text), size - strlen(text));
	return 1;
}

/* crew_still - 1 if the member cannot do anything by itself just now. */
static inline int crew_still(struct seat *seat)
{
	if (!crew_look(seat, NULL, 0)) {
		seat->state = 0;
		return 1;
	}
	return strchr("STtZX", seat->state) != NULL;
}

/* crew_unborn - a child was made that has not said yet that it is there. */
static inline int crew_unborn(const struct seat *seat)
{
	if (!seat || seat->kind != CREW_CLONE || crew->seats[seat->entrant].pid)
		return 0;
	return seat->done == seat->order ? seat->ret > 0 : seat->state == 'D';
}

/* crew_restless - for how many looks the picture must last: few if all stand
 * still; -1: somebody runs, or a child has not come. */
static inline int crew_restless(void)
{
	int looks = 2;
	int i;

	if (crew_unborn(crew->current))
		return -1;
	for (i = 0; i < CREW_SEATS; i++) {
		struct seat *seat = &crew->seats[i];

		if (!seat->pid)
			continue;
		if (!crew_still(seat) && seat->state != 'D')
			return -1;
		if (seat->state == 'D')
			looks = seat->kind == CREW_CLONE ? 12 : 1000;
		else if (seat->state == 'S' && seat->order != seat->done &&
			 looks < 4)
			looks = 4;
	}
	return looks;
}

/*
 * crew_wait_still - until all stand still.  Who sleeps in a call may be on its
 * way out of it (Linux shows S while do_wait() is at work), so such a picture
 * must last for some moments; the D of a vfork for more, and that of a disk's
 * reader until it is over.
 */
static inline void crew_wait_still(void)
{
	struct timespec moment = {0, 300000};
	int rounds = 0;
	int seen = 0;
	int looks;

	do {
		sched_yield();
		looks = crew_restless();
		seen = looks < 0 ? 0 : seen + 1;
		if (looks > 2 || rounds > 20)
			nanosleep(&moment, NULL);
	} while ((looks < 0 || seen < looks) && rounds++ < 4000);
	if (looks < 0) {
		say("  never settles");
		say_end();
	}
}

static inline void crew_say_signals(struct seat *seat)
{
	while (seat->log_told < seat->logged) {
		struct crew_signal *entry = &seat->log[seat->log_told++];

		say("    P%d gets %s code=%d", seat->serial,
		    text_signal(entry->sig), entry->code);
		if (entry->code <= 0 || entry->sig == SIGCHLD)
			say(" pid=%s uid=%d", pid_name(entry->pid), entry->uid);
		if (entry->sig == SIGCHLD && entry->code > 0)
			say(" status=%d", entry->status);
		if (entry->code == SI_QUEUE || entry->code == SI_TIMER)
			say(" value=%#lx", entry->value);
		say_end();
	}
	seat->logged = seat->log_told = 0;
}

/* crew_vacate - this member is gone, or another has its tid after execve. */
static inline void crew_vacate(struct seat *seat)
{
	say("    P%d gone", seat->serial);
	say_end();
	seat->pid = 0;
}

/* What a subject prints after a call's result; it may add to the line. */
static void (*crew_said)(struct seat *seat);

static inline int crew_returns_pid(const struct seat *seat)
{
	static const int calls[] = {
		SYS_clone,   SYS_clone3, SYS_wait4,   SYS_getpid,
		SYS_getppid, SYS_gettid, SYS_getpgid, SYS_getpgrp,
		SYS_getsid,  SYS_setsid, SYS_fork,    SYS_set_tid_address};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (seat->nr == calls[i])
			return 1;
	return 0;
}

static inline void crew_say_return(struct seat *seat)
{
	seat->told = seat->done;
	if (seat == crew->current)
		say("%5d P%d %s = ", crew->steps, seat->serial, seat->call);
	else
		say("    P%d returns from %s = ", seat->serial, seat->call);
	/* Which of two objects comes first is nobody's business. */
	if (seat->nr == SYS_kcmp && seat->ret > 0)
		say("not equal");
	else if (seat->nr == SYS_alarm && seat->ret > 0)
		say("about %ld", (seat->ret + 999) / 1000);
	else if (seat->ret >= 0 && crew_returns_pid(seat))
		say("%s", pid_name(seat->ret));
	else
		say("%s", text_result(seat->ret));
	if (crew_said)
		crew_said(seat);
	say_end();
}

/* crew_new - who has appeared is given a name; who executed a program as a
 * thread has the tid of its leader, which is gone. */
static inline void crew_new(void)
{
	int i, j;

	for (i = 0; i < CREW_SEATS; i++) {
		struct seat *seat = &crew->seats[i];

		if (!seat->pid)
			continue;
		for (j = 0; j < CREW_SEATS; j++)
			if (j != i && crew->seats[j].pid == seat->pid &&
			    seat->told != seat->done)
				crew_vacate(&crew->seats[j]);
		if (!seat->serial)
			crew_name(seat);
	}
}

/* crew_say_current - the call that was started: its result, if it has one. */
static inline void crew_say_current(void)
{
	struct seat *seat = crew->current;

	if (!seat)
		return;
	if (seat->told != seat->done) {
		crew_say_return(seat);
	} else {
		say("%5d P%d %s ...", crew->steps, seat->serial, seat->call);
		say_end();
	}
	crew->current = NULL;
}

/*
 * crew_settle - wait until nothing moves; print the calls that have returned,
 * the signals that came, and what changed of anybody.
 */
static inline void crew_settle(void)
{
	char text[600];
	int i;

	crew_wait_still();
	crew_new();
	crew_say_current();
	for (i = 0; i < CREW_SEATS; i++) {
		struct seat *seat = &crew->seats[i];

		if (seat->pid && seat->told != seat->done)
			crew_say_return(seat);
	}
	for (i = 0; i < CREW_SEATS; i++)
		if (crew->seats[i].pid)
			crew_say_signals(&crew->seats[i]);
	for (i = 0; i < CREW_SEATS; i++) {
		struct seat *seat = &crew->seats[i];

		if (!seat->pid)
			continue;
		if (!crew_look(seat, text, sizeof(text))) {
			crew_vacate(seat);
		} else if (strcmp(text, seat->shown)) {
			strcpy(seat->shown, text);
			say("    P%d %s%s", seat->serial, text,
			    seat->state == 'S' && seat->order != seat->done
				    ? " in a call"
				    : "");
			say_end();
		}
	}
}

/* crew_idle - it can be given an order. */
static inline int crew_idle(const struct seat *seat)
{
	return seat->pid && seat->state == 'S' && seat->order == seat->done;
}

/* crew_pick - one that can be given an order; NULL if there is none. */
static inline struct seat *crew_pick(void)
{
	struct seat *idle[CREW_SEATS];
	int count = 0;
	int i;

	for (i = 0; i < CREW_SEATS; i++)
		if (crew_idle(&crew->seats[i]))
			idle[count++] = &crew->seats[i];
	if (!count)
		return NULL;
	idle[0] = idle[pick(count)];
	idle[0]->used = 0;
	return idle[0];
}

/* crew_free - a seat that nobody has; NULL if all are taken. */
static inline struct seat *crew_free(void)
{
	int i;

	for (i = 0; i < CREW_SEATS; i++)
		if (!crew->seats[i].pid)
			return &crew->seats[i];
	return NULL;
}

/* crew_data - memory for an argument of this member's next call, zeroed. */
static inline void *crew_data(struct seat *seat, int size)
{
	void *data = seat->data + seat->used;

	seat->used += (size + 15) & ~15;
	if (seat->used > CREW_DATA)
		differ_broken("data");
	return memset(data, 0, size);
}

static inline void crew_order(struct seat *seat)
{
	__atomic_store_n(&seat->order, seat->order + 1, __ATOMIC_SEQ_CST);
	raw3(SYS_futex, &seat->order, FUTEX_WAKE, 1);
}

static inline void crew_args(struct seat *seat, va_list args)
{
	int i;

	for (i = 0; i < 6; i++)
		seat->arg[i] = va_arg(args, long);
}

#define crew_pad 0L, 0L, 0L, 0L, 0L, 0L

static inline void crew_start_call(struct seat *seat, const char *text, long nr,
				   ...)
{
	va_list args;

	crew->steps++;
	seat->kind = CREW_CALL;
	seat->nr = nr;
	snprintf(seat->call, sizeof(seat->call), "%s", text);
	va_start(args, nr);
	crew_args(seat, args);
	va_end(args);
	crew->current = seat;
	crew_order(seat);
	crew_settle();
}

/* crew_call - the member calls NR; TEXT says so.  Arguments are longs. */
#define crew_call(seat, text, ...)                                             \
	crew_start_call(seat, text, __VA_ARGS__, crew_pad)

static inline long crew_start_ask(struct seat *seat, long nr, ...)
{
	va_list args;

	seat->kind = CREW_CALL;
	seat->nr = nr;
	va_start(args, nr);
	crew_args(seat, args);
	va_end(args);
	crew_order(seat);
	crew_wait_still();
	seat->told = seat->done;
	return seat->ret;
}

/* crew_ask - the same, not printed: a member is asked for its state. */
#define crew_ask(seat, ...) crew_start_ask(seat, __VA_ARGS__, crew_pad)

/* crew_clear - an empty seat for a child. */
static inline int crew_clear(struct seat *seat)
{
	memset(seat, 0, offsetof(struct seat, data));
	return seat - crew->seats;
}

/* crew_clone - the member calls clone or clone3; a child takes the free SEAT.
 */
static inline void crew_clone(struct seat *seat, struct seat *child,
			      const char *text, long nr, const long arg[5])
{
	crew->steps++;
	seat->kind = CREW_CLONE;
	seat->nr = nr;
	memcpy(seat->arg, arg, 5 * sizeof(long));
	seat->entrant = crew_clear(child);
	snprintf(seat->call, sizeof(seat->call), "%s", text);
	crew->current = seat;
	crew_order(seat);
	crew_settle();
}

/* crew_exec - the member executes PATH, which is this program again. */
static inline void crew_exec(struct seat *seat, const char *path)
{
	char *file = strcpy(crew_data(seat, strlen(path) + 1), path);
	char *name = strcpy(crew_data(seat, 8), "member");
	char *number = crew_data(seat, 8);
	char **argv = crew_data(seat, 3 * sizeof(char *));
	char text[100];

	sprintf(number, "%d", (int)(seat - crew->seats));
	argv[0] = name;
	argv[1] = number;
	snprintf(text, sizeof(text), "execve(%s)", path);
	crew_call(seat, text, SYS_execve, (long)file, (long)argv,
		  (long)(argv + 2));
}

/* crew_quiet_fork - the driver's own new child, which leads a session. */
static inline struct seat *crew_quiet_fork(void)
{
	struct seat *seat = crew_free();
	long arg[5] = {SIGCHLD};

	crew_clear(seat);
	if (crew_enter(SYS_clone, arg, seat - crew->seats) < 0)
		differ_broken("fork");
	while (!*(volatile int *)&seat->pid)
		sched_yield();
	crew_wait_still();
	crew_ask(seat, SYS_setsid);
	return seat;
}

/* crew_fork - the same, and it is shown. */
static inline struct seat *crew_fork(void)
{
	struct seat *seat = crew_quiet_fork();

	crew_settle();
	return seat;
}

/* crew_catch - the member handles SIG from now on, calls are not restarted. */
static inline void crew_catch(struct seat *seat, int sig, unsigned long flags)
{
	struct raw_sigaction *action;

	seat->used = 0;
	action = crew_data(seat, sizeof(*action));
	action->handler = (unsigned long)crew_handler;
	action->flags = flags | SA_SIGINFO | RAW_SA_RESTORER;
	action->restorer = (unsigned long)raw_restorer;
	crew_ask(seat, SYS_rt_sigaction, (long)sig, (long)action, 0L, 8L);
}

/* crew_start - shared memory, and MEMBERS children of the driver. */
static inline void crew_start(int members)
{
	int fd = memfd_create("crew", 0);

	if (fd < 0 || dup2(fd, CREW_FD) != CREW_FD ||
	    ftruncate(fd, sizeof(*crew)) ||
	    mmap(crew, sizeof(*crew), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, CREW_FD, 0) != crew)
		differ_broken("crew");
	close(fd);
	crew_driver = getpid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (members-- > 0)
		crew_catch(crew_fork(), SIGUSR1, 0);
}

/*
 * crew_reap - the driver takes a dead child of its own, if there is one: by its
 * name, as it is chance which of some that are killed together dies first.
 */
static inline void crew_reap(void)
{
	int status;
	int pid = 0;
	int i;

	crew->steps++;
	for (i = 0; i < CREW_SEATS && pid <= 0; i++)
		if (crew->seats[i].pid && crew->seats[i].state == 'Z')
			pid = waitpid(crew->seats[i].pid, &status,
				      WNOHANG | __WALL);
	say("%5d driver waits = %s", crew->steps,
	    pid > 0 ? pid_name(pid) : "nobody");
	if (pid > 0)
		say(" status=%#x", status);
	say_end();
	crew_settle();
}

/* crew_kick - nobody is idle: SIGUSR1 to one that is there, or a new one. */
static inline void crew_kick(void)
{
	struct seat *seat = &crew->seats[pick(CREW_SEATS)];

	crew->steps++;
	if (!seat->pid) {
		crew_catch(crew_fork(), SIGUSR1, 0);
		return;
	}
	say("%5d driver kill(P%d, SIGUSR1)", crew->steps, seat->serial);
	say_end();
	kill(seat->pid, SIGUSR1);
	crew_settle();
}

/* crew_end - all members die and are reaped. */
static inline void crew_end(void)
{
	int i;

	for (i = 0; i < CREW_SEATS; i++)
		if (crew->seats[i].pid)
			kill(crew->seats[i].pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	say("end");
	say_end();
}
