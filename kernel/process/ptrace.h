/*
 * Who may look into another process; tracing itself is not here yet.
 *
 * Entry points: ptrace_may_access.
 */
#pragma once

#include <kernel/types/task.h>

#define PTRACE_MODE_READ	   0x01
#define PTRACE_MODE_ATTACH	   0x02
#define PTRACE_MODE_FSCREDS	   0x08
#define PTRACE_MODE_REALCREDS	   0x10
#define PTRACE_MODE_READ_FSCREDS   (PTRACE_MODE_READ | PTRACE_MODE_FSCREDS)
#define PTRACE_MODE_READ_REALCREDS (PTRACE_MODE_READ | PTRACE_MODE_REALCREDS)
#define PTRACE_MODE_ATTACH_FSCREDS (PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS)
#define PTRACE_MODE_ATTACH_REALCREDS                                           \
	(PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS)

/* ptrace_may_access - may current see into @task?  ptrace(2)'s access check. */
bool ptrace_may_access(struct task_struct *task, unsigned int mode);
