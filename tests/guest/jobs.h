/*
 * What tests of sessions share: bytes that a child reports to whoever waits for
 * them, a job that tells its leader when it is ready, a job in the foreground,
 * and what stops a child.
 *
 * Entry points: jobs_init, report, reported, job_is_ready, job_came,
 * start_front, stopped_by.
 */
#pragma once

#include "pty.h"

static int pipes[2]; /* what is reported */

/* Between a leader and its job, while others wait for what is reported. */
static int inner[2];

/* jobs_init - before all. */
static inline void jobs_init(void)
{
	if (pipe(pipes) || pipe(inner))
		bail("pipe");
}

static inline void report(char byte)
{
	need(write(pipes[1], &byte, 1) == 1);
}

/* reported - the next byte; -1 if none comes. */
static inline int reported(void)
{
	char byte = 0;

	if (!pty_arrives(pipes[0], 3000))
		return -1;
	return read(pipes[0], &byte, 1) == 1 ? byte : -1;
}

static inline void job_is_ready(void)
{
	need(write(inner[1], "j", 1) == 1);
}

static inline int job_came(void)
{
	char byte;

	return pty_arrives(inner[0], 3000) && read(inner[0], &byte, 1) == 1;
}

/* start_front - in a leader: JOB in the foreground.  It leads a group of its
 * own when it says that it is ready. */
static inline pid_t start_front(struct pty *pty, int (*job)(void))
{
	pid_t pid = start_child(job);

	need(job_came());
	signal(SIGTTOU, SIG_IGN);
	need(!tcsetpgrp(pty->slave, pid));
	return pid;
}

/* stopped_by - BODY in a child: the signal that stops it, or 0 - its code. */
static inline int stopped_by(int (*body)(void))
{
	pid_t pid = start_child(body);
	int status;

	need(waitpid(pid, &status, WUNTRACED) == pid);
	if (!WIFSTOPPED(status))
		return -WEXITSTATUS(status);
	status = WSTOPSIG(status);
	end_child(pid);
	return status;
}
