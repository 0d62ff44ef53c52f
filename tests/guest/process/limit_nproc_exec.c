/*
 * RLIMIT_NPROC and a change of user: setuid over the limit succeeds and the
 * next execve fails, unless the count has dropped; threads count; root and two
 * capabilities are exempt, setrlimit(2), execve(2).
 */
#include "tap.h"

#include <linux/capability.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define USER 4444

static pid_t others[4];

static void set_limit(int count)
{
	struct rlimit limit = {count, count};

	if (setrlimit(RLIMIT_NPROC, &limit))
		bail("setrlimit");
}

static int sleeps_as_user(void)
{
	become(USER);
	sleep_forever();
	return 0;
}

static void start_others(int n)
{
	int i;

	for (i = 0; i < n; i++)
		others[i] = start_child(sleeps_as_user);
	for (i = 0; i < n; i++)
		if (!wait_for_state(others[i], 'S'))
			bail("others");
}

static void end_others(int n)
{
	while (n--)
		end_child(others[n]);
}

/* 1: exec came through, else errno. */
static int runs(void)
{
	execl("/bin/true", "true", NULL);
	return errno;
}

static int over_then_exec(void)
{
	set_limit(2);
	need(!setresuid(USER, USER, USER));
	return runs();
}

static int over_twice(void)
{
	set_limit(2);
	need(!setresuid(USER, USER, USER));
	need(runs() == EAGAIN);
	return runs();
}

static int under_then_exec(void)
{
	set_limit(10);
	need(!setresuid(USER, USER, USER));
	return runs();
}

static int back_to_root(void)
{
	set_limit(2);
	need(!setresuid(USER, USER, 0));
	need(!setresuid(0, 0, 0));
	return runs();
}

static int waits_then_execs(void)
{
	set_limit(2);
	need(!setresuid(USER, USER, USER));
	sleep_ms(500);
	return runs();
}

static void dropped_meanwhile(void)
{
	pid_t pid;

	start_others(3);
	pid = start_child(waits_then_execs);
	need(wait_for_state(pid, 'S'));
	end_others(3);
	ok(exit_code(pid) == 0, "execve succeeds when the count has dropped");
}

static void by_setuid(void)
{
	start_others(3);
	ok(in_child(over_then_exec) == EAGAIN,
	   "setuid over the limit succeeds, execve is EAGAIN");
	ok(in_child(over_twice) == EAGAIN, "and again");
	ok(in_child(under_then_exec) == 0, "under the limit all is well");
	ok(in_child(back_to_root) == 0, "root is exempt");
	end_others(3);
	start_others(2);
	ok(in_child(over_then_exec) == 0,
	   "as many as the limit before: not yet over it");
	end_others(2);
}

static void *waits(void *arg)
{
	sleep_forever();
	return arg;
}

static int threads_count(void)
{
	pthread_t thread;

	become(USER);
	set_limit(3);
	need(!pthread_create(&thread, NULL, waits, NULL));
	need(!pthread_create(&thread, NULL, waits, NULL));
	need(pthread_create(&thread, NULL, waits, NULL) == EAGAIN);
	need(fork() < 0 && errno == EAGAIN);
	return 0;
}

static int with_capability(int cap)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{1u << cap, 1u << cap, 0},
						 {0, 0, 0}};
	pid_t pid;

	prctl(PR_SET_KEEPCAPS, 1);
	become(USER);
	need(!syscall(SYS_capset, &head, data));
	set_limit(1);
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	return exit_code(pid);
}

static int with_resource(void)
{
	return with_capability(CAP_SYS_RESOURCE);
}

static int with_admin(void)
{
	return with_capability(CAP_SYS_ADMIN);
}

static int with_another(void)
{
	return with_capability(CAP_SYS_NICE);
}

static int saved_root(void)
{
	set_limit(1);
	need(!setresuid(USER, USER, 0));
	return fork() < 0 ? errno : 0;
}

static int effective_user(void)
{
	pid_t pid;

	set_limit(1);
	need(!setresuid(0, USER, 0));
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : exit_code(pid);
}

int main(void)
{
	by_setuid();
	ok(in_child(threads_count) == 0, "threads count");
	ok(in_child(with_resource) == 0, "CAP_SYS_RESOURCE is exempt");
	ok(in_child(with_admin) == 0, "CAP_SYS_ADMIN is exempt");
	ok(in_child(with_another) == EAGAIN, "another capability is not");
	ok(in_child(saved_root) == EAGAIN, "nor a saved user root");
	ok(in_child(effective_user) == 0,
	   "the real user counts: root's is free");
	dropped_meanwhile();
	return done_testing();
}
