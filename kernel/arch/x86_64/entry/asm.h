/*
 * For assembly only: where struct pt_regs has what, and saving it.
 *
 * entry/switch.c states the same offsets with static_assert.
 */
#pragma once

/* clang-format off */

#define PT_R15      0x00
#define PT_R12      0x18
#define PT_BX       0x28
#define PT_AX       0x50
#define PT_ORIG_AX  0x78
#define PT_IP       0x80
#define PT_CS       0x88
#define PT_FLAGS    0x90
#define PT_SP       0x98
#define PT_SS       0xa0
#define PT_SIZE     0xa8

#define USER_DS_SELECTOR 0x2b
#define USER_CS_SELECTOR 0x33

#define MSR_GS_BASE 0xc0000101

/* A nop that boot turns into clac where the CPU has SMAP (mm/extable.c). */
.macro CLAC
771:	.byte 0x0f, 0x1f, 0x01
	.pushsection .smap_sites, "a"
	.long 771b - .
	.popsection
.endm

.macro STAC
771:	.byte 0x0f, 0x1f, 0x00
	.pushsection .smap_sites, "a"
	.long 771b - .
	.popsection
.endm

/* If the instruction at \from faults, go on at \to. */
.macro EXTABLE from, to
	.pushsection __ex_table, "a"
	.balign 4
	.long \from - .
	.long \to - .
	.popsection
.endm

/* The registers below di, from si down to r15. */
.macro PUSH_BELOW_DI ax=%rax
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq \ax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

/* All of them; rsp is left at orig_ax. */
.macro POP_REGS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
.endm

.macro ENTRY name
	.globl \name
	.type \name, @function
	.balign 16
\name:
.endm

.macro END name
	.size \name, . - \name
.endm
