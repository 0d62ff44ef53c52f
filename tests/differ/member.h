/*
 * What a member of a crew is and does (crew.h): its seat in the shared memory,
 * and the loop in which it takes orders.
 *
 * A member uses no C library, as it may share its memory with others (CLONE_VM)
 * or be a thread without a TLS.  Orders come through memory at one address in
 * all, mapped again after execve (a memfd), and a futex: no descriptor that a
 * call could close.
 *
 * Entry points: crew_handler, crew_enter, crew_member.
 */
#pragma once

#include "differ.h"
#include <linux/futex.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>

#define CREW_SEATS 10
#define CREW_FD	   100
#define CREW_DATA  4096
#define CREW_LOG   48

enum crew_order { CREW_CALL, CREW_CLONE };

struct crew_signal {
	int sig, code, pid, uid, status;
	long value;
};

/* One place for a member.  The driver writes orders, the member the rest. */
struct seat {
	int pid;	/* its tid; 0: nobody is here */
	int serial;	/* its name is P and this */
	unsigned order; /* orders given ... */
	unsigned done;	/* ... and done */
	unsigned told;	/* ... and printed */
	enum crew_order kind;
	long nr, arg[6], ret;
	void (*out)(struct seat *seat); /* says more of a result */
	int entrant;			/* CREW_CLONE: the child's seat */
	int logged, log_told;
	struct crew_signal log[CREW_LOG];
	char call[400];	 /* the order as text */
	char shown[600]; /* the state last printed */
	char state;	 /* its letter in /proc */
	int tgid;
	int used; /* of data */
	char data[CREW_DATA] __attribute__((aligned(64)));
	char stack[65536] __attribute__((aligned(64)));
};

struct crew_table {
	int serials;
	int steps;
	int name_pid[400], name_serial[400];
	int names;
	struct seat *current; /* whose call was started last */
	char shared[8192];    /* for the subject */
	struct seat seats[CREW_SEATS];
};

/* At one address in all members; whoever executes a program maps it again. */
static struct crew_table *const crew = (struct crew_table *)0x20000000;

/* --- no C library from here, no errno --------------------------------
 */

/* crew_handler - writes down each signal with what came along. */
static inline void crew_handler(int sig, siginfo_t *info, void *context)
{
	int tid = raw0(SYS_gettid);
	struct crew_signal *entry;
	struct seat *seat;
	int i;

	(void)context;
	for (i = 0; i < CREW_SEATS; i++) {
		seat = &crew->seats[i];
		if (seat->pid != tid || seat->logged == CREW_LOG)
			continue;
		entry = &seat->log[seat->logged++];
		entry->sig = sig;
		entry->code = info->si_code;
		entry->pid = info->si_pid;
		entry->uid = info->si_uid;
		entry->status = info->si_status;
		entry->value = (long)info->si_value.sival_ptr;
		break;
	}
}

static _Noreturn void crew_work(long number);

/*
 * crew_enter - clone or clone3; the child goes to its own stack at once, be its
 * memory its parent's or not, and works in seat NUMBER.
 */
static long crew_enter(long nr, const long *arg, long number)
{
	register long r10 __asm__("r10") = arg[3];
	register long r8 __asm__("r8") = arg[4];
	register long r12 __asm__("r12") = number;
	register long r13 __asm__("r13") =
		(long)(crew->seats[number].stack +
		       sizeof(crew->seats[number].stack));
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %%r13, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r12, %%rdi\n\t"
			 "call *%[work]\n\t"
			 "hlt\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(nr), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]),
			   "r"(r10), "r"(r8), "r"(r12),
			   "r"(r13), [work] "b"(crew_work)
			 : "rcx", "r11", "memory");
	return ret;
}

static void crew_obey(struct seat *seat)
{
	const long *a = seat->arg;

	if (seat->kind == CREW_CLONE)
		seat->ret = crew_enter(seat->nr, a, seat->entrant);
	else
		seat->ret = raw(seat->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static _Noreturn void crew_work(long number)
{
	struct seat *seat = &crew->seats[number];
	volatile unsigned *order = &seat->order;

	__atomic_store_n(&seat->pid, raw0(SYS_gettid), __ATOMIC_SEQ_CST);
	for (;;) {
		while (*order == seat->done)
			raw4(SYS_futex, order, FUTEX_WAIT, seat->done, 0);
		crew_obey(seat);
		__atomic_store_n(&seat->done, seat->done + 1, __ATOMIC_SEQ_CST);
	}
}

/* crew_member - whether this program was started as a member; then it works. */
static inline void crew_member(int argc, char **argv)
{
	struct seat *seat;
	void *at;
	int number;

	if (argc != 2 || strcmp(argv[0], "member"))
		return;
	at = mmap(crew, sizeof(*crew), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_FIXED, CREW_FD, 0);
	if (at != crew)
		_exit(97);
	number = atoi(argv[1]);
	seat = &crew->seats[number];
	seat->ret = 0;
	seat->pid = raw0(SYS_gettid);
	__atomic_store_n(&seat->done, seat->done + 1, __ATOMIC_SEQ_CST);
	crew_work(number);
}
