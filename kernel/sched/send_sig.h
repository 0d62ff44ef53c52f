/*
 * send_sig.h - the one signal function that layers below kernel/process may
 * call: send a signal to the current thread, as if it had called kill(2).
 *
 * kernel/process fills the hook when it starts; before that there is no user
 * program to send anything to.
 */
#pragma once

struct task_struct;

/* send_sig - kernel/process's function of that name; @priv: from the kernel. */
extern int (*send_sig_hook)(int sig, struct task_struct *task, int priv);

/* send_sig_current - SIGXFSZ, SIGPIPE and kin, sent to whom caused them. */
void send_sig_current(int sig);
