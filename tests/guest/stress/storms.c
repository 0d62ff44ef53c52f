/*
 * storms.c - fifty processes that signal each other as fast as they can.  A
 * real-time signal is queued: each arrives once, each sender's in order.  A
 * standard signal may stand for several: after the last was sent, it is seen.
 *
 *	storms [SECONDS [SEED]]
 *
 * Some take their signals in a handler, some with sigtimedwait, some in three
 * threads, some from a signalfd; beside them others are stopped and sent on
 * their way again, or killed and replaced.
 */
#include "stress.h"
#include <pthread.h>
#include <sys/signalfd.h>

#define PROCESSES 50
#define SENT	  60
#define THREADS	  3
#define RT	  (SIGRTMIN + 3)

/* Who is who, what was sent and what came; all in shared memory. */
static struct storm {
	volatile int ready;
	volatile int go;
	volatile int sending; /* processes that have not sent all */
	volatile long total;
	volatile pid_t pids[PROCESSES];
	volatile int sent_to[PROCESSES];
	volatile int asked[PROCESSES]; /* how often SIGUSR1 was sent */
	volatile int seen[PROCESSES];  /* asked, when its handler looked */
} * storm;

static int me;
static volatile int arrived;
static volatile int wrong;
static int next_value[PROCESSES];

static int from_whom(pid_t pid)
{
	int i;

	for (i = 0; i < PROCESSES; i++)
		if (storm->pids[i] == pid)
			return i;
	return -1;
}

/* One real-time signal; IN_ORDER unless threads race for them. */
static void take(pid_t pid, int value, int in_order)
{
	int from = from_whom(pid);

	if (from < 0 || value >> 16 != from)
		wrong = 1;
	else if (in_order && (value & 0xffff) != next_value[from]++)
		wrong = 2;
	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
}

static void on_queued(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	take(info->si_pid, info->si_value.sival_int, 1);
}

static void on_queued_in_thread(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	take(info->si_pid, info->si_value.sival_int, 0);
}

/* What was asked before the signal was sent is there to be seen. */
static void on_asked(int sig)
{
	int asked = __atomic_load_n(&storm->asked[me], __ATOMIC_SEQ_CST);
	int seen = storm->seen[me];

	(void)sig;
	while (seen < asked &&
	       !__atomic_compare_exchange_n(&storm->seen[me], &seen, asked, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void handle(int sig, void (*body)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = body,
				   .sa_flags = SA_SIGINFO | SA_RESTART};

	need(sigaction(sig, &action, NULL) == 0);
}

static sigset_t only_rt(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RT);
	return set;
}

/* --- the ways to take signals --------------------------------------------- */

static sigset_t rt_set;
static int signal_fd = -1;

static void take_with_wait(void)
{
	struct timespec moment = {0, 1000000};
	siginfo_t info;
	int got;

	got = sigtimedwait(&rt_set, &info, &moment);
	need(got == RT || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	if (got == RT)
		take(info.si_pid, info.si_value.sival_int, 1);
}

static void take_from_file(void)
{
	struct signalfd_siginfo info[8];
	int got = read(signal_fd, info, sizeof(info));
	int i;

	need(got > 0 || errno == EAGAIN || errno == EINTR);
	if (got < 0)
		usleep(500);
	for (i = 0; i < got / (int)sizeof(*info); i++)
		take(info[i].ssi_pid, info[i].ssi_int, 1);
}

static void *lives(void *unused)
{
	for (;;)
		usleep(1000);
	return unused;
}

static void take_in_handler(void)
{
	usleep(500);
}

static const struct taker {
	int blocked;
	void (*handler)(int, siginfo_t *, void *);
	void (*take)(void);
} takers[] = {
	{0, on_queued, take_in_handler},
	{1, on_queued, take_with_wait},
	{1, on_queued, take_from_file},
	{0, on_queued_in_thread, take_in_handler},
};

/* --- one of the fifty ----------------------------------------------------- */

/* Send one more: to whom, chance says.  Taken in between if the queue is full.
 */
static void send_one(int *values, const struct taker *taker)
{
	int to = chance(PROCESSES);
	union sigval value = {.sival_int = me << 16 | values[to]};

	while (sigqueue(storm->pids[to], RT, value)) {
		need(errno == EAGAIN);
		taker->take();
	}
	values[to]++;
	__atomic_fetch_add(&storm->sent_to[to], 1, __ATOMIC_SEQ_CST);
	to = chance(PROCESSES);
	__atomic_fetch_add(&storm->asked[to], 1, __ATOMIC_SEQ_CST);
	need(kill(storm->pids[to], SIGUSR1) == 0);
}

static int has_all(void)
{
	return !storm->sending && arrived == storm->sent_to[me] &&
	       storm->seen[me] == storm->asked[me];
}

static void storm_process(int number)
{
	const struct taker *taker = &takers[number % 4];
	struct sigaction asked = {.sa_handler = on_asked,
				  .sa_flags = SA_RESTART};
	int values[PROCESSES] = {0};
	pthread_t threads[THREADS];
	int i;

	me = number;
	chance_seed(getpid());
	rt_set = only_rt();
	need(sigaction(SIGUSR1, &asked, NULL) == 0);
	handle(RT, taker->handler);
	if (taker->blocked)
		sigprocmask(SIG_BLOCK, &rt_set, NULL);
	if (taker->take == take_from_file)
		signal_fd = signalfd(-1, &rt_set, SFD_NONBLOCK | SFD_CLOEXEC);
	for (i = 0; number % 4 == 3 && i < THREADS; i++)
		need(!pthread_create(&threads[i], NULL, lives, NULL));
	__atomic_fetch_add(&storm->ready, 1, __ATOMIC_SEQ_CST);
	while (!storm->go)
		usleep(500);
	for (i = 0; i < SENT; i++) {
		send_one(values, taker);
		if (taker->blocked && chance(2))
			taker->take();
	}
	__atomic_fetch_sub(&storm->sending, 1, __ATOMIC_SEQ_CST);
	while (!has_all()) {
		taker->take();
		need(!wrong);
	}
	need(!wrong);
	__atomic_fetch_add(&storm->total, arrived, __ATOMIC_SEQ_CST);
	_exit(0);
}

/* --- those that are stopped and killed ------------------------------------ */

static _Noreturn int victim(void)
{
	for (;;)
		getppid();
}

/* A victim gets all kinds of signals, and is killed at last. */
static void torment(void)
{
	static const int kinds[] = {SIGSTOP, SIGCONT, SIGUSR1,
				    SIGTSTP, SIGCHLD, SIGCONT};
	pid_t pid = start_child(victim);
	int status;
	int i;

	for (i = 0; i < 30; i++) {
		need(kill(pid, kinds[chance(6)]) == 0);
		if (chance(4) == 0)
			usleep(chance(500));
	}
	need(kill(pid, SIGKILL) == 0);
	need(waitpid(pid, &status, 0) == pid && status == SIGKILL);
}

/* Stop one of the fifty for a moment: nothing sent to it meanwhile is lost. */
static void hold_up(void)
{
	pid_t pid = storm->pids[chance(PROCESSES)];

	if (kill(pid, SIGSTOP) == 0) {
		usleep(chance(2000));
		kill(pid, SIGCONT);
	}
}

static void begin_storm(void)
{
	long total = storm->total;
	int i;

	memset(storm, 0, sizeof(*storm));
	storm->total = total;
	storm->sending = PROCESSES;
	for (i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0)
			storm_process(i);
		storm->pids[i] = pid;
	}
	need(comes_to(&storm->ready, PROCESSES));
	storm->go = 1;
}

static void round_storm(void)
{
	long before = storm->total;
	int status;
	int left = PROCESSES;
	int all = 0;
	pid_t pid;
	int i;

	begin_storm();
	while (left) {
		if (storm->sending && chance(2))
			torment();
		else if (storm->sending)
			hold_up();
		pid = waitpid(-1, &status, storm->sending ? WNOHANG : 0);
		if (pid > 0) {
			need(status == 0);
			left--;
		}
	}
	for (i = 0; i < PROCESSES; i++)
		all += storm->sent_to[i];
	need(all == PROCESSES * SENT && storm->total - before == all);
}

static void report(char *line, int size)
{
	snprintf(line, size, ", queued signals %ld", storm->total);
}

int main(int argc, char **argv)
{
	static const struct stress stress = {"50 processes", round_storm,
					     report};

	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm == MAP_FAILED)
		bail("mmap");
	signal(SIGUSR1, SIG_IGN);
	return stress_run(&stress, argc, argv, 2);
}
