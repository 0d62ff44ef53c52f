/*
 * dispatch.c - from a number to a typed call.
 *
 * table.h becomes a thunk per call, which reads the arguments from the saved
 * registers and casts each to its type (so a 32-bit argument loses its upper
 * half, as on Linux), and an array of thunks indexed by number.
 *
 * Entry points: syscall_dispatch.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/arch/ptrace_regs.h>
#include <kernel/lib/macros.h>
#include <kernel/process/syscall_user_dispatch.h>
#include <syscalls/decode.h>

typedef long (*syscall_fn)(const struct pt_regs *regs);

/* Casts of the six argument registers, in the order of the ABI. */
#define CASTS0()
#define CASTS1(t1, a1)		       (t1) regs->di
#define CASTS2(t1, a1, t2, a2)	       CASTS1(t1, a1), (t2)regs->si
#define CASTS3(t1, a1, t2, a2, t3, a3) CASTS2(t1, a1, t2, a2), (t3)regs->dx
#define CASTS4(t1, a1, t2, a2, t3, a3, t4, a4)                                 \
	CASTS3(t1, a1, t2, a2, t3, a3), (t4)regs->r10
#define CASTS5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                         \
	CASTS4(t1, a1, t2, a2, t3, a3, t4, a4), (t5)regs->r8
#define CASTS6(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                 \
	CASTS5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5), (t6)regs->r9

#define SYSCALL(nr, name, n, ...)                                              \
	static long thunk_##name(const struct pt_regs *regs)                   \
	{                                                                      \
		return sys_##name(CASTS##n(__VA_ARGS__));                      \
	}
#include <syscalls/table.h>

static const syscall_fn syscall_table[] = {
#define SYSCALL(nr, name, n, ...) [nr] = thunk_##name,
#include <syscalls/table.h>
};

long syscall_call(struct pt_regs *regs, unsigned long nr)
{
	if (nr >= ARRAY_SIZE(syscall_table) || !syscall_table[nr])
		return -ENOSYS;
	return syscall_table[nr](regs);
}

/* Somebody's calls are looked at first: perhaps ours. */
static __noinline long dispatch_watched(struct pt_regs *regs, unsigned long nr)
{
	if (syscall_user_dispatch(regs))
		return (long)regs->orig_ax; /* as it came */
	if (syscall_decode_on)
		return syscall_dispatch_decoded(regs, nr);
	return syscall_call(regs, nr);
}

long syscall_dispatch(struct pt_regs *regs, unsigned long nr)
{
	if (unlikely(READ_ONCE(syscall_entry_work)))
		return dispatch_watched(regs, nr);
	return syscall_call(regs, nr);
}
