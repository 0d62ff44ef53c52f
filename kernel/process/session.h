/*
 * Sessions, process groups and job control, setpgid(2), setsid(2).
 *
 * A session is a set of process groups with at most one terminal.  A group is
 * orphaned when no member has a parent in another group of the same session;
 * its stopped members then get SIGHUP and SIGCONT.
 *
 * Locks: all of it under tasklist_lock; signal->tty under siglock.
 *
 * Entry points: ksys_setsid, ksys_setpgid, ksys_getpgid, ksys_getsid,
 * is_current_pgrp_orphaned, will_become_orphaned_pgrp, has_stopped_jobs,
 * session_leader_exit_hook.
 */
#pragma once

#include <kernel/process/pid.h>
#include <kernel/types/task.h>

/*
 * The terminal of current's session is to go: called when its leader exits
 * (@on_exit) or by TIOCNOTTY.  Set by the tty driver; NULL: no terminals.
 */
extern void (*session_leader_exit_hook)(bool on_exit);

/* signal->tty got one user more or less (fork, exit).  Set by the tty driver.
 */
extern struct tty_struct *(*tty_kref_get_hook)(struct tty_struct *tty);
extern void (*tty_kref_put_hook)(struct tty_struct *tty);

/* Device number and foreground group of a terminal, for /proc/PID/stat; called
 * under siglock.  Set by the tty driver. */
extern void (*tty_info_hook)(struct tty_struct *tty, dev_t *dev, pid_t *pgrp);

/* setsid(2): the new session's id, or -EPERM. */
pid_t ksys_setsid(void);

/* setpgid(2): 0, -EINVAL, -ESRCH, -EPERM or -EACCES. */
int ksys_setpgid(pid_t pid, pid_t pgid);

/* getpgid(2), getsid(2): the id or -ESRCH; @pid 0 is current. */
pid_t ksys_getpgid(pid_t pid);
pid_t ksys_getsid(pid_t pid);

/* is_current_pgrp_orphaned - has current's group nobody to wake it? */
bool is_current_pgrp_orphaned(void);

/*
 * will_become_orphaned_pgrp - would @pgrp be orphaned without @ignored?
 * tasklist_lock held.
 */
bool will_become_orphaned_pgrp(struct pid *pgrp, struct task_struct *ignored);

/* has_stopped_jobs - is a member of @pgrp stopped?  tasklist_lock held. */
bool has_stopped_jobs(struct pid *pgrp);

/*
 * kill_orphaned_pgrp - @task leaves (@parent NULL) or gets a new parent: hang
 * up its group if that orphans it with stopped members.  tasklist_lock held.
 */
void kill_orphaned_pgrp(struct task_struct *task, struct task_struct *parent);

/*
 * session_of_pgrp - the session of @pgrp's members; if it is no group, that of
 * the process or thread (tcsetpgrp(3) takes it on Linux), else NULL.
 * tasklist_lock held.
 */
struct pid *session_of_pgrp(struct pid *pgrp);

/* set_special_pids - current becomes leader of group and session @pid. */
void set_special_pids(struct pid *pid);
