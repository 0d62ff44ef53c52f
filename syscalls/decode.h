/*
 * decode.h - calls as text: strace=NAME on the kernel's command line.
 */
#pragma once

#include <abi/types.h>

struct pt_regs;

/* Is any process being decoded?  Set once, at boot. */
extern bool syscall_decode_on;

/* syscall_dispatch, with a line in the log if current is being decoded. */
long syscall_dispatch_decoded(struct pt_regs *regs, unsigned long nr);

/* The call itself, without decoding; for decode.c only. */
long syscall_call(struct pt_regs *regs, unsigned long nr);

/* syscall_name - its name to @buf; the length, 0 if not in the table. */
size_t syscall_name(unsigned long nr, char *buf, size_t size);

/*
 * syscall_decode_init - read strace=NAME[,NAME...] or strace=all; to be called
 * once after the command line is known.
 */
void syscall_decode_init(void);
