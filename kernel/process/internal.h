/*
 * What the files of this folder share and others need not see.
 */
#pragma once

#include <kernel/process/pid.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>

/* task.c */
struct signal_struct *signal_alloc(void);
void signal_put(struct signal_struct *sig);

/* pid.c */
extern struct pid init_struct_pid;
void pid_init(void);

/* hooks.c: hand the hooks of lower layers what this folder does for them. */
void process_hooks_init(void);

/* SEND_SIG_NOINFO or SEND_SIG_PRIV rather than an info? */
static inline bool is_si_special(const kernel_siginfo_t *info)
{
	return info <= SEND_SIG_PRIV;
}

/* signal_send.c */
void sigqueue_release(struct sigqueue *q);
bool prepare_signal(int sig, struct task_struct *task, bool force);

/* sig_handler_ignored - does this handler throw the signal away? */
static inline bool sig_handler_ignored(__sighandler_t handler, int sig)
{
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && sig_in(sig, SIG_KERNEL_IGNORE_MASK));
}

bool sig_task_ignored(struct task_struct *task, int sig, bool force);
void retarget_shared_pending(struct task_struct *task, sigset_t which);

/* signal_stop.c */
void task_clear_jobctl_pending(struct task_struct *task, unsigned long mask);
bool task_set_jobctl_pending(struct task_struct *task, unsigned long mask);
void task_join_group_stop(struct task_struct *task);
bool task_participate_group_stop(struct task_struct *task);
bool do_signal_stop(int sig);
void do_notify_parent_cldstop(struct task_struct *task, bool for_ptracer,
			      int why);
void signal_continue(struct task_struct *task);

/* sigio.c: what files that signal their owner ask of us. */
struct fasync_ops;
extern const struct fasync_ops sigio_ops;
