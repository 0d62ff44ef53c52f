/*
 * Process groups and sessions: setpgid, getpgid, setsid, getsid, and all that
 * they refuse.
 */
#include "tap.h"

static int pipes[2];

static int waits_for_ever(void)
{
	sleep_forever();
}

static int new_session(void)
{
	pid_t before = getpgrp();

	need(setsid() == getpid());
	need(getsid(0) == getpid() && getpgrp() == getpid());
	need(getpgrp() != before);
	need(fails(setsid(), EPERM));
	need(fails(setpgid(0, 0), EPERM));
	need(open("/dev/tty", O_RDWR) < 0 && errno == ENXIO);
	return 0;
}

static int group_leader(void)
{
	need(setpgid(0, 0) == 0 && getpgrp() == getpid());
	need(fails(setsid(), EPERM));
	need(setpgid(0, getpgid(getppid())) == 0);
	need(getpgrp() == getpgid(getppid()));
	need(setsid() == getpid());
	return 0;
}

static void own(void)
{
	ok(getpgid(0) == getpgrp() && getpgid(getpid()) == getpgrp(),
	   "getpgid(0) is the own group");
	ok(getsid(0) == getsid(getpid()), "getsid(0) is the own session");
	ok(in_child(new_session) == 0,
	   "setsid: a session, a group, no terminal; once");
	ok(in_child(group_leader) == 0, "a group's leader may not setsid");
	ok_errno(getpgid(-1), ESRCH, "getpgid: no such process");
	ok_errno(getsid(-1), ESRCH, "getsid: no such process");
	ok(getpgid(1) >= 0 && getsid(1) >= 0, "anybody's may be asked");
}

static void of_children(void)
{
	pid_t first = start_child(waits_for_ever);
	pid_t second = start_child(waits_for_ever);

	ok(getpgid(first) == getpgrp() && getsid(first) == getsid(0),
	   "a child is of its parent's group and session");
	ok(setpgid(first, 0) == 0 && getpgid(first) == first,
	   "a child gets a group of its own");
	ok(setpgid(second, first) == 0 && getpgid(second) == first,
	   "another child joins it");
	ok_errno(setpgid(second, 1 << 21), EPERM, "a group that is not there");
	ok_errno(setpgid(second, -1), EINVAL, "a negative group");
	ok_errno(setpgid(-1, 0), EINVAL, "a negative pid");
	ok_errno(setpgid(1 << 21, 0), ESRCH, "no such process");
	ok_errno(setpgid(1, 0), ESRCH, "not a child");
	ok_errno(setpgid(getppid(), 0), ESRCH, "not the parent");
	ok_errno(setpgid(second, getpgid(1)), EPERM,
		 "a group of another session");
	end_child(first);
	ok(getpgid(second) == first, "a group lives on without its leader");
	end_child(second);
	ok_errno(setpgid(second, 0), ESRCH, "a child that is gone");
}

static int leads_session(void)
{
	setsid();
	if (write(pipes[1], "r", 1) != 1)
		return 1;
	sleep_forever();
}

static void after_setsid(void)
{
	pid_t pid = start_child(leads_session);
	char byte;

	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
	ok(getsid(pid) == pid, "a child leads a session");
	ok_errno(setpgid(pid, 0), EPERM, "its group is not changed");
	end_child(pid);
}

static void after_exec(void)
{
	pid_t pid = fork();
	int tries;
	char text[64];
	char path[32];

	if (pid == 0) {
		execl("/bin/sleep", "sleep", "9", NULL);
		_exit(1);
	}
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	for (tries = 0; tries < 500; tries++) {
		if (!strcmp(file_text(path, text, sizeof(text)), "sleep\n"))
			break;
		sleep_ms(2);
	}
	ok_errno(setpgid(pid, 0), EACCES, "a child that called exec");
	end_child(pid);
}

static int zombie(void)
{
	return 0;
}

static void of_zombies(void)
{
	pid_t pid = start_child(zombie);

	wait_for_state(pid, 'Z');
	ok(getpgid(pid) == getpgrp() && getsid(pid) == getsid(0),
	   "a zombie keeps its group and session");
	exit_code(pid);
}

/* A pid is not given again while a group has its number. */
static void numbers(void)
{
	char path[32];
	char text[400];
	int ppid = 0;
	int group = 0;
	int session = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)getpid());
	file_text(path, text, sizeof(text));
	sscanf(strrchr(text, ')') + 2, "%*c %d %d %d", &ppid, &group, &session);
	ok(ppid == getppid() && group == getpgrp() && session == getsid(0),
	   "/proc/PID/stat tells parent, group and session");
}

int main(void)
{
	if (pipe(pipes))
		bail("pipe");
	own();
	of_children();
	after_setsid();
	after_exec();
	of_zombies();
	numbers();
	return done_testing();
}
