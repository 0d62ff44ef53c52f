/*
 * What a program puts into a siginfo and what comes out at the other end: the
 * kernel keeps 48 of its 128 bytes, refuses one of an unknown kind that says
 * more (rt_sigqueueinfo(2), pidfd_send_signal(2)), and a signalfd's record has
 * the members that the number and si_code make mean something.
 */
#include "../tap.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT	    48
#define SYS_OPEN    434 /* pidfd_open */
#define SYS_SEND    424 /* pidfd_send_signal */
#define SI_DETHREAD -7
#define SI_UNKNOWN  -77

static long queue(int sig, siginfo_t *info)
{
	return syscall(SYS_rt_sigqueueinfo, getpid(), sig, info);
}

/* A siginfo with a byte beyond what is kept, if @tail. */
static siginfo_t *claim(int code, int tail)
{
	static siginfo_t info;

	memset(&info, 0x31, KEPT);
	memset((char *)&info + KEPT, 0, sizeof(info) - KEPT);
	((char *)&info)[100] = (char)tail;
	info.si_code = code;
	return &info;
}

/* Sends @sig with all 128 bytes set and takes it again: are KEPT of them as
 * they were and the others 0? */
static int passes(int sig, int code)
{
	struct timespec now = {0};
	siginfo_t sent;
	siginfo_t got;
	sigset_t set;
	size_t i;

	memset(&sent, 0x31, sizeof(sent));
	memset(&got, 0x32, sizeof(got));
	sent.si_code = code;
	sent.si_signo = sig;
	sigemptyset(&set);
	sigaddset(&set, sig);
	if (queue(sig, &sent) ||
	    syscall(SYS_rt_sigtimedwait, &set, &got, &now, 8) != sig)
		return 0;
	for (i = KEPT; i < sizeof(got); i++) {
		if (((char *)&got)[i])
			return 0;
	}
	return memcmp(&sent, &got, KEPT) == 0;
}

static int refused(int sig, int code)
{
	return queue(sig, claim(code, 1)) == -1 && errno == E2BIG &&
	       queue(sig, claim(code, 0)) == 0;
}

static void kinds(void)
{
	siginfo_t *info;
	int pidfd = (int)syscall(SYS_OPEN, getpid(), 0);

	ok(passes(SIGUSR1, SI_QUEUE) && passes(SIGUSR1, SI_USER) &&
		   passes(SIGUSR1, SI_TKILL) && passes(SIGUSR1, SI_DETHREAD) &&
		   passes(SIGUSR1, SI_KERNEL) && passes(SIGUSR1, SI_ASYNCNL),
	   "known codes: 48 bytes pass, the rest is 0");
	ok(passes(SIGUSR1, 1) && passes(SIGUSR1, 6) && passes(40, 6),
	   "so do poll's codes, with any number that has none of its own");
	ok(passes(SIGILL, 11) && passes(SIGFPE, 15) && passes(SIGSEGV, 9) &&
		   passes(SIGBUS, 5) && passes(SIGTRAP, 6) &&
		   passes(SIGCHLD, 6) && passes(SIGIO, 6) && passes(SIGSYS, 2),
	   "and those that say why");
	ok(refused(SIGILL, 12) && refused(SIGFPE, 16) && refused(SIGSEGV, 10) &&
		   refused(SIGBUS, 6) && refused(SIGTRAP, 7) &&
		   refused(SIGCHLD, 7) && refused(SIGIO, 7) &&
		   refused(SIGSYS, 3),
	   "the next ones are unknown: E2BIG if they say more");
	ok(refused(SIGUSR1, 7) && refused(SIGUSR1, SI_UNKNOWN) &&
		   refused(SIGUSR1, SI_KERNEL + 1),
	   "as are others without a meaning");
	info = claim(SI_QUEUE, 1);
	info->si_signo = SIGUSR1;
	ok(pidfd >= 0 && syscall(SYS_SEND, pidfd, SIGUSR1, info, 0) == 0,
	   "pidfd_send_signal: a known code");
	info->si_code = SI_UNKNOWN;
	ok_errno(syscall(SYS_SEND, pidfd, SIGUSR1, info, 0), E2BIG,
		 "an unknown one that says more");
	close(pidfd);
}

/* --- signalfd ------------------------------------------------------------- */

static int fd;

/* Drops what waits, sends @sig with @code and each member set, reads it. */
static struct signalfd_siginfo *record(int sig, int code)
{
	static struct signalfd_siginfo record;

	while (read(fd, &record, sizeof(record)) > 0)
		;
	memset(&record, 0x33, sizeof(record));
	if (queue(sig, claim(code, 0)) ||
	    read(fd, &record, sizeof(record)) != sizeof(record))
		memset(&record, 0x33, sizeof(record));
	return &record;
}

#define FILL 0x31313131U

static int who(const struct signalfd_siginfo *r, int there)
{
	unsigned int want = there ? FILL : 0;

	return r->ssi_pid == want && r->ssi_uid == want;
}

static int value(const struct signalfd_siginfo *r, int there)
{
	unsigned long want = there ? 0x3131313131313131UL : 0;

	return r->ssi_ptr == want && (unsigned int)r->ssi_int == (want & FILL);
}

static int address(const struct signalfd_siginfo *r, int there)
{
	return r->ssi_addr == (there ? 0x3131313131313131UL : 0);
}

static void records(void)
{
	const struct signalfd_siginfo *r;
	sigset_t all;

	sigfillset(&all);
	fd = signalfd(-1, &all, SFD_NONBLOCK);
	r = record(SIGUSR1, SI_USER);
	ok(who(r, 1) && value(r, 0) && address(r, 0), "SI_USER: who");
	r = record(SIGUSR1, SI_KERNEL);
	ok(who(r, 1) && value(r, 0), "SI_KERNEL and beyond: the same");
	r = record(SIGUSR1, SI_QUEUE);
	ok(who(r, 1) && value(r, 1) && r->ssi_code == SI_QUEUE,
	   "SI_QUEUE: who, and the value");
	r = record(SIGUSR1, SI_TIMER);
	ok(who(r, 0) && value(r, 1) && r->ssi_tid == FILL &&
		   r->ssi_overrun == FILL,
	   "SI_TIMER: which, how often, the value");
	r = record(SIGUSR1, SI_SIGIO);
	ok(who(r, 0) && r->ssi_band == FILL && r->ssi_fd == (int)FILL,
	   "SI_SIGIO: band and fd");
	r = record(SIGUSR1, 3);
	ok(who(r, 0) && r->ssi_band == FILL && r->ssi_fd == (int)FILL,
	   "a poll code with another number: the same");
	r = record(SIGUSR1, 7);
	ok(who(r, 1) && r->ssi_band == 0, "the next code: who");
	r = record(SIGSEGV, 1);
	ok(who(r, 0) && address(r, 1) && r->ssi_addr_lsb == 0,
	   "a fault: its address");
	r = record(SIGBUS, 4);
	ok(address(r, 1) && r->ssi_addr_lsb == 0x3131,
	   "a broken page: how much of it, too");
	r = record(SIGCHLD, 2);
	ok(who(r, 1) && r->ssi_status == (int)FILL &&
		   r->ssi_utime == 0x3131313131313131UL &&
		   r->ssi_stime == 0x3131313131313131UL,
	   "a child: its fate and times");
	r = record(SIGSYS, 1);
	ok(r->ssi_call_addr == 0x3131313131313131UL &&
		   r->ssi_syscall == (int)FILL && r->ssi_arch == FILL,
	   "a call: its number and place");
	r = record(SIGSEGV, 10);
	ok(who(r, 1) && address(r, 0), "an unknown cause: who");
	close(fd);
}

int main(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	kinds();
	records();
	return done_testing();
}
