/*
 * Who runs when there are realtime tasks, sched(7): the highest priority, equal
 * ones in order, RR by slices; who is woken, yields or changes its priority;
 * the part that is left to others, and RLIMIT_RTTIME.  All on CPU 0.
 */
#include "hogs.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PARENT_PRIORITY 90

static char *story; /* shared: who did something, in order */

static void tell(char letter)
{
	int length = strlen(story);

	story[length] = letter;
}

static void be(int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	if (syscall(SYS_sched_setscheduler, 0, policy, &param))
		bail("sched_setscheduler");
}

static long cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The most CPU time that went by between two looks at it. */
static long longest_gap;

static void work_ms(long ms)
{
	long now = cpu_ms();
	long until = now + ms;
	long before;

	while (now < until) {
		before = now;
		now = cpu_ms();
		if (now - before > longest_gap)
			longest_gap = now - before;
	}
}

/* A child of PRIORITY that is ready while we, above it, run. */
static pid_t ready(int policy, int priority, void (*body)(char), char letter)
{
	struct sched_param param = {.sched_priority = priority};
	pid_t pid = fork();

	if (!pid) {
		be(policy, priority);
		body(letter);
		_exit(0);
	}
	/* It takes its place in the queue now, not when it first runs. */
	syscall(SYS_sched_setscheduler, pid, policy, &param);
	return pid;
}

static void wait_for_all(void)
{
	while (wait(NULL) > 0)
		;
}

static void begin(void)
{
	memset(story, 0, 4096);
}

static int was(const char *wanted)
{
	tap_line("# %s\n", story);
	return !strcmp(story, wanted);
}

static void by_priority(void)
{
	begin();
	ready(SCHED_FIFO, 10, tell, 'c');
	ready(SCHED_RR, 30, tell, 'a');
	ready(SCHED_OTHER, 0, tell, 'd');
	ready(SCHED_FIFO, 20, tell, 'b');
	wait_for_all();
	ok(was("abcd"), "the highest priority runs first");
}

static void tell_twice(char letter)
{
	tell(letter);
	work_ms(350);
	tell(letter);
}

static void in_order(void)
{
	sleep_ms(1000); /* what the others left of this second is enough */
	begin();
	ready(SCHED_FIFO, 10, tell_twice, 'a');
	ready(SCHED_FIFO, 10, tell_twice, 'b');
	wait_for_all();
	ok(was("aabb"), "of equal FIFO tasks the first runs to its end");
}

/* Left out where the host may take the whole of a slice for itself. */
static void in_slices(void)
{
	begin();
	ready(SCHED_RR, 10, tell_twice, 'a');
	ready(SCHED_RR, 10, tell_twice, 'b');
	wait_for_all();
	ok(was("abab"), "equal RR tasks have slices of 100 ms");
}

static void tell_and_yield(char letter)
{
	int i;

	for (i = 0; i < 3; i++) {
		tell(letter);
		sched_yield();
	}
}

static void yielding(void)
{
	begin();
	ready(SCHED_FIFO, 10, tell_and_yield, 'a');
	ready(SCHED_FIFO, 10, tell_and_yield, 'b');
	ready(SCHED_FIFO, 5, tell, 'c');
	wait_for_all();
	ok(was("abababc"), "sched_yield: behind the equals, not the others");
}

static void sleep_then_tell(char letter)
{
	tell(letter);
	sleep_ms(20);
	tell(letter);
}

static void work_and_tell(char letter)
{
	tell(letter);
	work_ms(100);
	tell(letter);
}

static void waking(void)
{
	begin();
	ready(SCHED_FIFO, 20, sleep_then_tell, 'a');
	ready(SCHED_FIFO, 10, work_and_tell, 'b');
	wait_for_all();
	ok(was("abab"), "a task that wakes preempts a lower one");
	begin();
	ready(SCHED_FIFO, 10, sleep_then_tell, 'a');
	ready(SCHED_FIFO, 10, work_and_tell, 'b');
	wait_for_all();
	ok(was("abba"), "not an equal one");
	begin();
	ready(SCHED_FIFO, 10, sleep_then_tell, 'a');
	ready(SCHED_OTHER, 0, work_and_tell, 'b');
	wait_for_all();
	ok(was("abab"), "any realtime task preempts the others");
}

static void goes_down(char letter)
{
	tell(letter);
	be(SCHED_FIFO, 10);
	tell(letter);
}

static void goes_down_to_equal(char letter)
{
	tell(letter);
	be(SCHED_FIFO, 20);
	tell(letter);
}

static void leaves(char letter)
{
	tell(letter);
	be(SCHED_OTHER, 0);
	tell(letter);
}

static void changing(void)
{
	begin();
	ready(SCHED_FIFO, 30, goes_down, 'a');
	ready(SCHED_FIFO, 20, tell, 'b');
	ready(SCHED_FIFO, 10, tell, 'c');
	wait_for_all();
	ok(was("abac"),
	   "who lowers itself lets others go first, before equals");
	begin();
	ready(SCHED_FIFO, 30, goes_down_to_equal, 'a');
	ready(SCHED_FIFO, 20, tell, 'b');
	wait_for_all();
	ok(was("aab"), "to an equal priority: it goes on");
	begin();
	ready(SCHED_FIFO, 30, leaves, 'a');
	ready(SCHED_FIFO, 20, tell, 'b');
	wait_for_all();
	ok(was("aba"), "who leaves the realtime tasks waits for them");
}

/* --- limits --------------------------------------------------------------- */

/* sched(7): 950 ms of each second are theirs. */
static void the_rest(void)
{
	struct sched_param param = {.sched_priority = 10};
	double used[2];

	start_hog(0, 0);
	start_hog(0, 0);
	ok(syscall(SYS_sched_setscheduler, hogs[1], SCHED_FIFO, &param) == 0,
	   "a hog becomes a realtime task");
	sleep_ms(100);
	run_hogs(4000, used);
	tap_line("# others: %.3f of the time\n", used[0] / (used[0] + used[1]));
	used[0] /= used[0] + used[1];
	ok(steady() ? used[0] > 0.045 && used[0] < 0.055
		    : used[0] > 0.01 && used[0] < 0.25,
	   "an endless one leaves a twentieth to others");
	end_hogs();
}

static int store(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int done = write(fd, text, strlen(text)) == (long)strlen(text);
	int error = errno;

	close(fd);
	errno = error;
	return done ? 0 : -1;
}

static void settings(void)
{
	static const char period[] = "/proc/sys/kernel/sched_rt_period_us";
	static const char part[] = "/proc/sys/kernel/sched_rt_runtime_us";
	char text[40];

	ok(!strcmp(file_text(period, text, sizeof(text)), "1000000\n"),
	   "a period is a second");
	ok(!strcmp(file_text(part, text, sizeof(text)), "950000\n"),
	   "of which 950 ms are theirs");
	ok_errno(store(part, "1000001"), EINVAL, "not more than all");
	ok_errno(store(period, "0"), EINVAL, "no period is none");
	ok(store(part, "-1") == 0 &&
		   !strcmp(file_text(part, text, sizeof(text)), "-1\n"),
	   "-1 is all");
	ok(store(part, "950000") == 0, "and back");
}

static volatile sig_atomic_t overruns;

static void on_overrun(int sig)
{
	(void)sig;
	overruns++;
}

static int limited(rlim_t soft, rlim_t hard)
{
	struct rlimit limit = {soft, hard};

	signal(SIGXCPU, on_overrun);
	return setrlimit(RLIMIT_RTTIME, &limit);
}

static int overruns_soft(void)
{
	struct rlimit limit;

	need(limited(100000, RLIM_INFINITY) == 0);
	be(SCHED_FIFO, 10);
	work_ms(50);
	need(overruns == 0);
	/* Linux counts ticks, of which a busy host may lose some. */
	while (!overruns && cpu_ms() < 3000)
		;
	need(overruns == 1);
	need(getrlimit(RLIMIT_RTTIME, &limit) == 0);
	need(limit.rlim_cur == 1100000);
	return 0;
}

static int overruns_hard(void)
{
	need(limited(100000, 200000) == 0);
	be(SCHED_RR, 10);
	work_ms(3000);
	return 0;
}

/* Much more than a limit, of which a busy host may take some at once: that is
 * CPU time as well, and then too much of it between two sleeps. */
static int sleeps_in_time(void)
{
	int i;

	need(limited(1000000, 2000000) == 0);
	be(SCHED_FIFO, 10);
	for (i = 0; i < 24; i++) {
		work_ms(60);
		sleep_ms(1);
	}
	if (overruns)
		tap_line("# overruns: %d, longest gap %ld ms\n", (int)overruns,
			 longest_gap);
	need(overruns == 0 || (!steady() && longest_gap > 500));
	overruns = 0;
	be(SCHED_OTHER, 0);
	work_ms(1200);
	need(overruns == 0);
	return 0;
}

static void time_limit(void)
{
	ok(in_child(overruns_soft) == 0,
	   "RLIMIT_RTTIME: SIGXCPU at the soft limit, again a second later");
	ok(in_child(overruns_hard) == 128 + SIGKILL,
	   "SIGKILL at the hard limit");
	ok(in_child(sleeps_in_time) == 0,
	   "a sleep begins a new count, other tasks have none");
}

int main(void)
{
	story = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pin_to(0, 0);
	settings();
	/* A child that begins as one of the others takes its place in the
	 * order in which it is made a realtime task. */
	be(SCHED_FIFO | SCHED_RESET_ON_FORK, PARENT_PRIORITY);
	by_priority();
	in_order();
	if (steady()) {
		sleep_ms(1000);
		in_slices();
	}
	yielding();
	waking();
	sleep_ms(1000);
	changing();
	time_limit();
	the_rest();
	return done_testing();
}
