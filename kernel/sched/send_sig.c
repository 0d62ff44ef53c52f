/*
 * send_sig.c - where lower layers send a signal through.
 *
 * Entry points: send_sig_current.
 */
#include <kernel/sched/send_sig.h>

#include <kernel/arch/context.h>
#include <kernel/lib/macros.h>

int (*send_sig_hook)(int sig, struct task_struct *task, int priv) __read_mostly;

/*
 * send_sig_current - queue @sig for the current thread, which sends it itself
 * (SI_USER).  Any context that may take siglock.
 */
void send_sig_current(int sig)
{
	if (send_sig_hook)
		(void)send_sig_hook(sig, current, 0);
}
