/*
 * syscalls.h - the prototype of every door, made from table.h, and how the
 * entry code comes in.
 *
 * A door whose signature differs from its line in the table does not compile.
 */
#pragma once

#include <abi/capability.h>
#include <abi/dirent.h>
#include <abi/epoll.h>
#include <abi/fcntl.h>
#include <abi/futex.h>
#include <abi/poll.h>
#include <abi/resource.h>
#include <abi/rseq.h>
#include <abi/sched.h>
#include <abi/signal.h>
#include <abi/socket.h>
#include <abi/stat.h>
#include <abi/statfs.h>
#include <abi/sysinfo.h>
#include <abi/time.h>
#include <abi/types.h>
#include <abi/uio.h>
#include <abi/utsname.h>

struct pt_regs;

/* SYSCALL_ARGSn: "type, name" pairs as a parameter list. */
#define SYSCALL_ARGS0()		   void
#define SYSCALL_ARGS1(t1, a1)	   t1 a1
#define SYSCALL_ARGS2(t1, a1, ...) t1 a1, SYSCALL_ARGS1(__VA_ARGS__)
#define SYSCALL_ARGS3(t1, a1, ...) t1 a1, SYSCALL_ARGS2(__VA_ARGS__)
#define SYSCALL_ARGS4(t1, a1, ...) t1 a1, SYSCALL_ARGS3(__VA_ARGS__)
#define SYSCALL_ARGS5(t1, a1, ...) t1 a1, SYSCALL_ARGS4(__VA_ARGS__)
#define SYSCALL_ARGS6(t1, a1, ...) t1 a1, SYSCALL_ARGS5(__VA_ARGS__)

#define SYSCALL(nr, name, n, ...) long sys_##name(SYSCALL_ARGS##n(__VA_ARGS__));
#include <syscalls/table.h>

/*
 * syscall_dispatch - run call @nr with the arguments in @regs.
 *
 * Returns what the call returns; -ENOSYS for a number that is not in the
 * table.  Called by do_syscall_64 with interrupts on and no locks held.
 */
long syscall_dispatch(struct pt_regs *regs, unsigned long nr);

/*
 * syscalls_init - what the doors need: names' cache, strace=, the log's
 * readers.  Once, at boot, after slab_init and softirq_init.
 */
void syscalls_init(void);
