/*
 * siginfo.c - what a siginfo says, and its way to and from programs.
 *
 * A program's siginfo_t has 128 bytes, of which no signal uses more than 48:
 * the kernel keeps those (kernel_siginfo_t), and gives the rest as zeros.  A
 * program may send one of a kind that the kernel does not know only if nothing
 * would get lost by that.
 *
 * Entry points: siginfo_layout, copy_siginfo_to_user, copy_siginfo_from_user.
 */
#include <kernel/process/signal.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define REST_SIZE (sizeof(siginfo_t) - sizeof(kernel_siginfo_t))

/* The codes from 1 on that say why the kernel sent a signal. */
static const struct {
	u8 highest_code;
	u8 layout;
} causes[] = {
	[SIGILL] = {__ILL_BNDMOD, SIL_FAULT},
	[SIGTRAP] = {TRAP_PERF, SIL_FAULT},
	[SIGBUS] = {BUS_MCEERR_AO, SIL_FAULT},
	[SIGFPE] = {FPE_CONDTRAP, SIL_FAULT},
	[SIGSEGV] = {SEGV_MTESERR, SIL_FAULT},
	[SIGCHLD] = {CLD_CONTINUED, SIL_CHLD},
	[SIGIO] = {POLL_HUP, SIL_POLL},
	[SIGSYS] = {SYS_USER_DISPATCH, SIL_SYS},
};

static bool is_cause(int sig, int si_code)
{
	return sig >= 0 && (size_t)sig < ARRAY_SIZE(causes) &&
	       si_code <= causes[sig].highest_code;
}

/* siginfo_layout - for any pair, even one that no kernel sends; as Linux. */
enum siginfo_layout siginfo_layout(int sig, int si_code)
{
	if (si_code == SI_TIMER)
		return SIL_TIMER;
	if (si_code == SI_SIGIO)
		return SIL_POLL;
	if (si_code < 0)
		return SIL_RT;
	if (si_code == SI_USER || si_code >= SI_KERNEL)
		return SIL_KILL;
	if (is_cause(sig, si_code)) {
		if (sig == SIGBUS && si_code >= BUS_MCEERR_AR)
			return SIL_FAULT_MCEERR;
		return (enum siginfo_layout)causes[sig].layout;
	}
	return si_code <= POLL_HUP ? SIL_POLL : SIL_KILL;
}

/* Does the kernel keep all that such a siginfo could say? */
static bool is_known(int sig, int si_code)
{
	if (si_code == SI_KERNEL || si_code == SI_ASYNCNL)
		return true;
	if (si_code <= SI_USER)
		return si_code >= SI_DETHREAD;
	if ((size_t)sig < ARRAY_SIZE(causes) && causes[sig].highest_code)
		return si_code <= causes[sig].highest_code;
	return si_code <= POLL_HUP;
}

/* copy_siginfo_to_user - see signal.h. */
int copy_siginfo_to_user(siginfo_t __user *to, const kernel_siginfo_t *from)
{
	u8 __user *rest = (u8 __user *)to + sizeof(*from);

	if (copy_to_user(to, from, sizeof(*from)) ||
	    clear_user(rest, REST_SIZE))
		return -EFAULT;
	return 0;
}

/* copy_siginfo_from_user - see signal.h. */
int copy_siginfo_from_user(kernel_siginfo_t *to, const siginfo_t __user *from,
			   int sig)
{
	u8 rest[REST_SIZE];

	if (copy_from_user(to, from, sizeof(*to)))
		return -EFAULT;
	if (sig != SIGNO_OF_INFO)
		to->si_signo = sig;
	if (is_known(to->si_signo, to->si_code))
		return 0;
	if (copy_from_user(rest, (const u8 __user *)from + sizeof(*to),
			   sizeof(rest)))
		return -EFAULT;
	return memchr_inv(rest, 0, sizeof(rest)) ? -E2BIG : 0;
}
