/*
 * Every pair of clone flags, alone and on top of what threads need, by clone(2)
 * and by clone3(2): refused or not as Linux 6.1 does.
 *
 * The rules are those that Linux's answers follow; where one of namespaces
 * would let a child be made, no child is made here.  A child ends at once
 * without a store to its stack, which may be its parent's.
 */
#include "tap.h"
#include <sys/syscall.h>

typedef unsigned long long flags_t;

#define F_NEWTIME	0x00000080ULL
#define F_VM		0x00000100ULL
#define F_FS		0x00000200ULL
#define F_SIGHAND	0x00000800ULL
#define F_PIDFD		0x00001000ULL
#define F_PARENT	0x00008000ULL
#define F_THREAD	0x00010000ULL
#define F_NEWNS		0x00020000ULL
#define F_SYSVSEM	0x00040000ULL
#define F_DETACHED	0x00400000ULL
#define F_PARENT_TID	0x00100000ULL
#define F_NEWIPC	0x08000000ULL
#define F_NEWUSER	0x10000000ULL
#define F_NEWPID	0x20000000ULL
#define F_CLEAR_SIGHAND 0x100000000ULL
#define F_INTO_CGROUP	0x200000000ULL
#define NAMESPACES	0x7e020080ULL

struct clone3_args {
	flags_t flags, pidfd, child_tid, parent_tid, exit_signal;
	flags_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static int pidfd;
static int parent_tid;
static int child_tid;
static int has_pidfds;

/* raw_call - a call whose child, if it makes one, ends in two instructions. */
static long raw_call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov $60, %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n\t"
			 "1:"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

static long do_clone(flags_t flags)
{
	/* One argument is both the pidfd's and the tid's place. */
	return raw_call(SYS_clone, (long)flags, 0, (long)&parent_tid,
			(long)&child_tid);
}

static long do_clone3(flags_t flags)
{
	struct clone3_args args = {.flags = flags,
				   .pidfd = (flags_t)&pidfd,
				   .child_tid = (flags_t)&child_tid,
				   .parent_tid = (flags_t)&parent_tid};

	return raw_call(SYS_clone3, (long)&args, sizeof(args), 0, 0);
}

static int both(flags_t flags, flags_t pair)
{
	return (flags & pair) == pair;
}

/* refused - does Linux give EINVAL whatever is configured? */
static int refused(flags_t flags)
{
	return both(flags, F_NEWNS | F_FS) || both(flags, F_NEWUSER | F_FS) ||
	       (flags & (F_THREAD | F_SIGHAND)) == F_THREAD ||
	       (flags & (F_SIGHAND | F_VM)) == F_SIGHAND ||
	       ((flags & F_THREAD) && (flags & (F_NEWUSER | F_NEWPID))) ||
	       ((flags & F_PIDFD) && (flags & (F_DETACHED | F_THREAD)));
}

static int clone_refused(flags_t flags)
{
	return refused(flags) || both(flags, F_PIDFD | F_PARENT_TID);
}

static int clone3_refused(flags_t flags)
{
	return refused(flags) || (flags & (F_DETACHED | 0x7f)) ||
	       both(flags, F_SIGHAND | F_CLEAR_SIGHAND) || flags >> 34;
}

/* expected - 1: a child, 0: EINVAL, -1: not to be tried. */
static int expected(flags_t flags, int is_refused)
{
	if (is_refused)
		return 0;
	if (flags & (NAMESPACES | F_INTO_CGROUP))
		return -1;
	return (flags & F_PIDFD) && !has_pidfds ? 0 : 1;
}

/* try_one - the call with those flags; 1 if it does as Linux. */
static int try_one(const char *name, flags_t flags, long (*call)(flags_t),
		   int want)
{
	long got;

	if (want < 0)
		return 1;
	pidfd = -1;
	parent_tid = -1;
	got = call(flags);
	if ((flags & F_PIDFD) && got > 0)
		close(call == do_clone ? parent_tid : pidfd);
	if (want ? got > 0 : got == -EINVAL)
		return 1;
	tap_line("# %s %#llx: %ld\n", name, flags, got);
	return 0;
}

static int try_all(flags_t base, int bits, int is_clone3)
{
	int wrong = 0;
	int i;
	int j;

	for (i = is_clone3 ? 0 : 8; i < bits; i++) {
		for (j = i; j < bits; j++) {
			flags_t flags = base | 1ULL << i | 1ULL << j;

			wrong += is_clone3
					 ? !try_one("clone3", flags, do_clone3,
						    expected(flags,
							     clone3_refused(
								     flags)))
					 : !try_one("clone", flags, do_clone,
						    expected(flags,
							     clone_refused(
								     flags)));
			while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
				;
		}
	}
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	return wrong;
}

static flags_t base_flags;

static int clones(void)
{
	return try_all(base_flags, 32, 0) ? 1 : 0;
}

static int clone3s(void)
{
	return try_all(base_flags, 40, 1) ? 1 : 0;
}

/* A child tries; its own siblings (CLONE_PARENT) are reaped here. */
static void rounds(const char *clone_rule, const char *clone3_rule)
{
	ok(in_child(clones) == 0, clone_rule);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	ok(in_child(clone3s) == 0, clone3_rule);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

int main(void)
{
	long pid = do_clone3(F_PIDFD);

	has_pidfds = pid > 0;
	if (has_pidfds) {
		close(pidfd);
		waitpid((pid_t)pid, NULL, __WALL);
	}
	rounds("clone: each pair of flags", "clone3: each pair of flags");
	base_flags = F_VM;
	rounds("clone: with CLONE_VM", "clone3: with CLONE_VM");
	base_flags = F_VM | F_SIGHAND;
	rounds("clone: with CLONE_SIGHAND", "clone3: with CLONE_SIGHAND");
	base_flags = F_VM | F_SIGHAND | F_THREAD;
	rounds("clone: with CLONE_THREAD", "clone3: with CLONE_THREAD");
	return done_testing();
}
