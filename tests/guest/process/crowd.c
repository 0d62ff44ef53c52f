/*
 * Many processes alive at once: each can be forked, all are listed, all end.
 *
 * With a number as argument there are that many, and the machine is taken to
 * count instructions (-icount): then a fork may cost no more than 1.2 times
 * what it costs among ten.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/sysinfo.h>

#define FEW	10
#define DEFAULT 400
#define FORKS	40

static int alive;
static int gate[2];

static void fork_idle(int wanted)
{
	char byte;
	pid_t pid;

	for (; alive < wanted; alive++) {
		pid = fork();
		if (pid < 0)
			return;
		if (pid > 0)
			continue;
		close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		_exit(0);
	}
}

/* Ticks of FORKS forks, exits and waits. */
static unsigned long fork_cost(void)
{
	unsigned long start = __builtin_ia32_rdtsc();
	pid_t pid;
	int i;

	for (i = 0; i < FORKS; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			bail("fork");
	}
	return __builtin_ia32_rdtsc() - start;
}

/* How many processes of this name ps shows. */
static int listed(void)
{
	FILE *ps = popen("ps -o comm | grep -c '^crowd'", "r");
	int count = -1;

	if (!ps || fscanf(ps, "%d", &count) != 1)
		count = -1;
	if (ps)
		pclose(ps);
	return count;
}

static void raise_limits(void)
{
	struct rlimit many = {40000, 40000};

	put_file("/proc/sys/kernel/threads-max", "40000");
	if (setrlimit(RLIMIT_NPROC, &many))
		bail("RLIMIT_NPROC");
}

int main(int argc, char **argv)
{
	int wanted = argc > 1 ? atoi(argv[1]) : DEFAULT;
	unsigned long cost_few;
	unsigned long cost_many;
	struct sysinfo before;
	struct sysinfo after;
	int seen;
	int reaped = 0;

	if (argc > 1)
		raise_limits();
	if (pipe(gate))
		bail("pipe");
	fork_idle(FEW);
	(void)fork_cost();
	cost_few = fork_cost();
	sysinfo(&before);
	fork_idle(wanted);
	ok(alive == wanted, "each of them can be forked");
	sleep_ms(200);
	sysinfo(&after);
	cost_many = fork_cost();
	tap_line(
		"# a fork among %d: %lu ticks, among %d: %lu; %lu bytes each\n",
		FEW, cost_few / FORKS, wanted, cost_many / FORKS,
		(before.freeram - after.freeram) / (unsigned long)wanted);
	if (argc > 1)
		ok(cost_many * 10 <= cost_few * 12,
		   "a fork costs at most 1.2 times what it costs among ten");
	seen = listed();
	tap_line("# ps shows %d\n", seen);
	ok(seen == alive + 1, "ps lists them all");
	close(gate[1]);
	while (wait(NULL) > 0)
		reaped++;
	ok(reaped == alive, "all end and are reaped");
	return done_testing();
}
