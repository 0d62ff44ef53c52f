/*
 * RLIMIT_NPROC counts the tasks of a real user: fork gives EAGAIN at the
 * limit, except for root.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>

#define USER 4321

static void set_limit(int count)
{
	struct rlimit limit = {count, count};

	if (setrlimit(RLIMIT_NPROC, &limit))
		bail("setrlimit");
}

static int fork_until_refused(void)
{
	int made = 0;
	pid_t pid;

	for (;;) {
		pid = fork();
		if (pid == 0)
			sleep_forever();
		if (pid < 0)
			break;
		if (++made > 50)
			break;
	}
	need(errno == EAGAIN);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return made;
}

static int bounded(void)
{
	setpgid(0, 0);
	set_limit(5);
	return fork_until_refused();
}

static int again_when_free(void)
{
	setpgid(0, 0);
	set_limit(3);
	need(fork_until_refused() == 2);
	signal(SIGTERM, SIG_DFL);
	need(fork_until_refused() == 2);
	return 0;
}

static int root_is_free(void)
{
	int made = 0;
	int i;

	set_limit(1);
	for (i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		made += pid > 0;
	}
	while (wait(NULL) > 0)
		;
	return made;
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setresuid(USER, USER, USER);
		sleep_forever();
	}
	return pid;
}

static int set_user_over_limit(void)
{
	char *args[] = {"true", NULL};
	pid_t sleepers[2] = {start_sleeper(), start_sleeper()};
	pid_t pid;
	int code;

	wait_for_state(sleepers[0], 'S');
	sleep_ms(30);
	pid = fork();
	if (pid == 0) {
		set_limit(1);
		need(setresuid(USER, USER, USER) == 0);
		need(fails(execv("/bin/true", args), EAGAIN));
		_exit(5);
	}
	code = exit_code(pid);
	end_child(sleepers[0]);
	end_child(sleepers[1]);
	return code;
}

int main(void)
{
	ok(in_child_as(USER, bounded) == 4, "a limit of 5: four children");
	ok(in_child_as(USER, again_when_free) == 0,
	   "children that are reaped no longer count");
	ok(in_child(root_is_free) == 5, "root is not bounded");
	ok(in_child(set_user_over_limit) == 5,
	   "over the limit setresuid succeeds, and exec gives EAGAIN");
	return done_testing();
}
