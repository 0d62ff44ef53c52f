/*
 * Timers and clocks: POSIX timers, interval timers, timerfds, sleeps, what the
 * clocks answer.  Timers are set far away, or to what is past already.
 */
#include "calls.h"
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>

static int is_absolute;

/* Timers that count CPU time: when they are due is nobody's to say. */
static uint64_t cpu_timers[CREW_SEATS];
static int timer_asked;
static int clock_asked;

static const struct differ_name clocks[] = {
	N(CLOCK_REALTIME),
	N(CLOCK_MONOTONIC),
	N(CLOCK_PROCESS_CPUTIME_ID),
	N(CLOCK_THREAD_CPUTIME_ID),
	N(CLOCK_MONOTONIC_RAW),
	N(CLOCK_REALTIME_COARSE),
	N(CLOCK_MONOTONIC_COARSE),
	N(CLOCK_BOOTTIME),
	N(CLOCK_REALTIME_ALARM),
	N(CLOCK_BOOTTIME_ALARM),
	N(CLOCK_TAI),
	{10, "10"},
	{12, "12"},
	{-1, "-1"},
	{16, "16"},
	{INT_MAX, "INT_MAX"},
};

static long a_clock(struct seat *seat, const char **text)
{
	const struct differ_name *clock =
		chance(60) ? &clocks[pick(2)] : &one_of(clocks);

	(void)seat;
	*text = clock->name;
	return clock->value;
}

/* a_process_clock - of somebody's CPU time: PID and kind, as glibc codes it. */
static long a_process_clock(struct seat *seat, const char **text)
{
	struct seat *other = &crew->seats[pick(CREW_SEATS)];
	int kind = pick(8);
	int pid = chance(15) ? 0 : other->pid ? other->pid : 0x7fffff;

	(void)seat;
	*text = fmt("clock of %s, %d", pid_name(pid), kind);
	return (int)(~(unsigned)pid << 3 | kind);
}

static long any_clock(struct seat *seat, const char **text)
{
	clock_asked =
		chance(70) ? a_clock(seat, text) : a_process_clock(seat, text);
	return clock_asked;
}

static long a_timer(struct seat *seat, const char **text)
{
	static const long odd[] = {-1, 100, INT_MAX};
	long timer = chance(93) ? (long)pick(4) : one_of(odd);

	(void)seat;
	timer_asked = timer;
	*text = fmt("timer %ld", timer);
	return timer;
}

static long an_event(struct seat *seat, const char **text)
{
	static const int signals[] = {SIGUSR1, SIGUSR1, SIGALRM, 34, 0, 65, -1};
	static const int notify[] = {
		SIGEV_SIGNAL, SIGEV_SIGNAL, SIGEV_NONE, 2, 4, 3, 5, 8};
	struct sigevent *event = crew_data(seat, sizeof(*event));
	struct seat *other = &crew->seats[pick(CREW_SEATS)];
	int *tid = (int *)event + 4;

	if (chance(15)) {
		*text = chance(80) ? "NULL" : "bad";
		return (*text)[0] == 'N' ? 0 : 8;
	}
	event->sigev_notify = one_of(notify);
	event->sigev_signo = one_of(signals);
	event->sigev_value.sival_int = pick(100);
	*tid = chance(60) ? seat->pid : other->pid;
	*text = fmt("{%d %d %d %s}", event->sigev_notify, event->sigev_signo,
		    event->sigev_value.sival_int, pid_name(*tid));
	return (long)event;
}

static const struct timespec far_times[] = {
	{5000, 0}, {5000, 0}, {20000, 500}, {0, 0}, {0, 0},
};

static const struct timespec odd_times[] = {
	{0, 1000000000}, {-1, 0}, {0, -1},
	{LONG_MAX, 0},	 {-5, 5}, {LONG_MAX, 999999999},
};

static long some_flags(struct seat *seat, const char **text)
{
	static const int odd[] = {2, 4, 8, 3, -1};
	long flags = chance(93) ? (long)pick(2) : one_of(odd);

	(void)seat;
	is_absolute = flags & 1;
	*text = fmt("%#x", (int)flags);
	return flags;
}

/* Absolute times are past (1 s after the epoch or the start) or far. */
static struct timespec some_time(struct seat *seat)
{
	uint64_t cpu = cpu_timers[seat - crew->seats] >> (timer_asked & 63);

	if (chance(7))
		return one_of(odd_times);
	if (is_absolute)
		return (struct timespec){
			chance(60) && !(cpu & 1) ? 1 : 1L << 32, 0};
	return one_of(far_times);
}

static long a_setting(struct seat *seat, const char **text)
{
	struct itimerspec *setting = crew_data(seat, sizeof(*setting));

	if (chance(3)) {
		*text = "NULL";
		return 0;
	}
	setting->it_value = some_time(seat);
	if (chance(40))
		setting->it_interval = chance(90) ? (struct timespec){3000, 0}
						  : some_time(seat);
	*text = fmt("{%ld %ld every %ld %ld}", setting->it_value.tv_sec,
		    setting->it_value.tv_nsec, setting->it_interval.tv_sec,
		    setting->it_interval.tv_nsec);
	return (long)setting;
}

static long an_itimer(struct seat *seat, const char **text)
{
	static const struct timeval odd[] = {
		{0, 1000000}, {-1, 0}, {0, -1}, {7500, 999999}};
	struct itimerval *setting = crew_data(seat, sizeof(*setting));

	if (chance(5)) {
		*text = "NULL";
		return 0;
	}
	setting->it_value.tv_sec = chance(70) ? 5000 : 0;
	if (chance(50))
		setting->it_interval.tv_sec = 3000;
	if (chance(10))
		setting->it_value = one_of(odd);
	if (chance(5))
		setting->it_interval = one_of(odd);
	*text = fmt("{%ld %ld every %ld %ld}", setting->it_value.tv_sec,
		    setting->it_value.tv_usec, setting->it_interval.tv_sec,
		    setting->it_interval.tv_usec);
	return (long)setting;
}

static long which_itimer(struct seat *seat, const char **text)
{
	long which = chance(92) ? (long)pick(3) : chance(50) ? 3 : -1;

	(void)seat;
	*text = fmt("%ld", which);
	return which;
}

/* a_sleep - over at once, or wrong. */
static long a_sleep(struct seat *seat, const char **text)
{
	struct timespec *time = crew_data(seat, sizeof(*time));

	if (chance(4)) {
		*text = "bad";
		return 8;
	}
	if (chance(50))
		*time = (struct timespec){is_absolute, pick(2)};
	else
		*time = odd_times[pick(3)];
	*text = fmt("{%ld %ld}", time->tv_sec, time->tv_nsec);
	return (long)time;
}

/* a_wrong_time - none that clock_settime could take. */
static long a_wrong_time(struct seat *seat, const char **text)
{
	struct timespec *time = crew_data(seat, sizeof(*time));

	if (chance(10)) {
		*text = "bad";
		return 8;
	}
	*time = odd_times[pick(3)];
	*text = fmt("{%ld %ld}", time->tv_sec, time->tv_nsec);
	return (long)time;
}

static long a_timex(struct seat *seat, const char **text)
{
	static const unsigned modes[] = {0, 0x10000, 0x20000, 0x8000 | 1,
					 ADJ_TICK};
	struct timex *timex = crew_data(seat, sizeof(*timex));

	timex->modes = one_of(modes);
	timex->tick = 1;
	*text = fmt("modes %#x", timex->modes);
	return (long)timex;
}

static long timerfd_clock(struct seat *seat, const char **text)
{
	/* Alarms want an RTC that can wake the machine; Linux finds one. */
	long clock = a_clock(seat, text);

	if (clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM) {
		*text = "CLOCK_MONOTONIC";
		clock = CLOCK_MONOTONIC;
	}
	return clock;
}

static long timerfd_flags(struct seat *seat, const char **text)
{
	static const struct differ_name flags[] = {
		N(TFD_CLOEXEC), {1, "1"}, {2, "2"}};
	long flag = TFD_NONBLOCK | (chance(80) ? 0 : some_of(flags, 2));

	(void)seat;
	*text = text_bits(flags, flag);
	return flag;
}

static long a_few(struct seat *seat, const char **text)
{
	static const long seconds[] = {0, 1000, 2000, 0xffffffffL, 1L << 33};
	long value = one_of(seconds);

	(void)seat;
	*text = fmt("%ld", value);
	return value;
}

static long eight(struct seat *seat, const char **text)
{
	static const long sizes[] = {8, 8, 8, 16, 7, 0};
	long size = one_of(sizes);

	(void)seat;
	*text = fmt("%ld", size);
	return size;
}

/* --- results
 * ---------------------------------------------------------------------- */

/* How far away a timer is, to a thousand seconds. */
static const char *about(long seconds, long fraction)
{
	if (!seconds && !fraction)
		return "0";
	if (seconds > 1000000)
		return "far";
	return fmt("about %ld", (seconds + 999) / 1000);
}

static void say_spec(const struct itimerspec *spec)
{
	long left = spec->it_value.tv_sec;

	/* If it was set to what is past, it is at any point of its period. */
	say(" {%s every %ld %ld}",
	    left && left <= spec->it_interval.tv_sec
		    ? "on"
		    : about(left, spec->it_value.tv_nsec),
	    spec->it_interval.tv_sec, spec->it_interval.tv_nsec);
}

static int written(long at)
{
	return at > 4096;
}

static void out_spec_1(struct seat *seat)
{
	if (!seat->ret && written(seat->arg[1]))
		say_spec((struct itimerspec *)seat->arg[1]);
}

static void out_spec_3(struct seat *seat)
{
	if (!seat->ret && written(seat->arg[3]))
		say_spec((struct itimerspec *)seat->arg[3]);
}

static void out_itimer(struct seat *seat)
{
	struct itimerval *val =
		(struct itimerval *)
			seat->arg[seat->nr == SYS_getitimer ? 1 : 2];

	if (!seat->ret && written((long)val))
		say(" {%s every %ld %ld}",
		    about(val->it_value.tv_sec, val->it_value.tv_usec),
		    val->it_interval.tv_sec, val->it_interval.tv_usec);
}

static void out_timer_id(struct seat *seat)
{
	int id = seat->ret ? 0 : *(int *)seat->arg[2];

	if (seat->ret || !written(seat->arg[2]))
		return;
	say(" timer %d", id);
	if (clock_asked < 0 || clock_asked == CLOCK_PROCESS_CPUTIME_ID ||
	    clock_asked == CLOCK_THREAD_CPUTIME_ID)
		cpu_timers[seat - crew->seats] |= 1ULL << (id & 63);
}

static void out_count(struct seat *seat)
{
	if (seat->ret == 8)
		say(" %s", *(long *)seat->arg[1] == 1 ? "once" : "often");
}

static const struct call calls[] = {
	{12,
	 "timer_create",
	 SYS_timer_create,
	 {any_clock, an_event, any_out},
	 out_timer_id},
	{14,
	 "timer_settime",
	 SYS_timer_settime,
	 {a_timer, some_flags, a_setting, any_out},
	 out_spec_3},
	{6, "timer_gettime", SYS_timer_gettime, {a_timer, any_out}, out_spec_1},
	{3, "timer_getoverrun", SYS_timer_getoverrun, {a_timer}, NULL},
	{4, "timer_delete", SYS_timer_delete, {a_timer}, NULL},
	{6,
	 "timerfd_create",
	 SYS_timerfd_create,
	 {timerfd_clock, timerfd_flags},
	 NULL},
	{10,
	 "timerfd_settime",
	 SYS_timerfd_settime,
	 {any_fd, some_flags, a_setting, any_out},
	 out_spec_3},
	{5,
	 "timerfd_gettime",
	 SYS_timerfd_gettime,
	 {any_fd, any_out},
	 out_spec_1},
	{6, "read", SYS_read, {any_fd, any_out, eight}, out_count},
	{6,
	 "setitimer",
	 SYS_setitimer,
	 {which_itimer, an_itimer, any_out},
	 out_itimer},
	{4, "getitimer", SYS_getitimer, {which_itimer, any_out}, out_itimer},
	{3, "clock_gettime", SYS_clock_gettime, {any_clock, any_out}, NULL},
	{3, "clock_getres", SYS_clock_getres, {any_clock, any_out}, NULL},
	{3,
	 "clock_settime",
	 SYS_clock_settime,
	 {any_clock, a_wrong_time},
	 NULL},
	{6,
	 "clock_nanosleep",
	 SYS_clock_nanosleep,
	 {any_clock, some_flags, a_sleep, any_out},
	 NULL},
	{3, "nanosleep", SYS_nanosleep, {a_sleep, any_out}, NULL},
	{2, "clock_adjtime", SYS_clock_adjtime, {any_clock, a_timex}, NULL},
	{2, "close", SYS_close, {any_fd}, NULL},
};

static const struct call alarm_call = {1, "alarm", SYS_alarm, {a_few}, NULL};

int main(int argc, char **argv)
{
	struct timespec moment = {0, 2000000};
	int count;
	int i;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = calls_said;
	crew_start(2);
	for (i = 0; i < 2; i++) {
		crew_catch(&crew->seats[i], SIGALRM, 0);
		crew_catch(&crew->seats[i], 34, 0);
	}
	while (count-- > 0) {
		struct seat *seat = crew_pick();

		is_absolute = 0;
		if (!seat)
			crew_kick();
		else if (chance(2))
			calls_do(seat, &alarm_call);
		else
			calls_step(seat, calls, ARRAY_SIZE(calls));
		/* Time for what was due at once. */
		nanosleep(&moment, NULL);
		crew_settle();
	}
	crew_end();
	return 0;
}
