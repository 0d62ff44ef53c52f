/*
 * Floating-point and vector state of programs.
 *
 * The kernel itself never touches these registers (-mgeneral-regs-only), so
 * they are saved when a program's task leaves the CPU and loaded when another
 * one comes.  The format is XSAVE's standard form where the CPU has it, else
 * FXSAVE's; both begin with the same 512 bytes.
 *
 * Entry points: fpu_alloc/free/reset, fpu_switch, fpu_signal_size,
 * fpu_copy_to_frame, fpu_copy_from_frame, fpu_sync_current, fpu_user_features.
 */
#pragma once

#include <abi/types.h>

struct task_struct;

struct fpu {
	int last_cpu; /* whose registers may still hold this state; -1 none */
	u8 state[] __attribute__((aligned(64)));
};

/* A fresh state (all registers initial), or a copy of *@from; NULL: no memory.
 */
struct fpu *fpu_alloc(void);
struct fpu *fpu_clone_current(void);
void fpu_free(struct fpu *fpu);

/* Current's registers: back to the initial state (exec). */
void fpu_reset_current(void);

/* Save current's registers into its struct fpu (they stay live). */
void fpu_sync_current(void);

/* The switch: save @prev's, load @next's; either may be without. */
void fpu_switch(struct task_struct *prev, struct task_struct *next);

/* The states that are kept for programs, as bits of XCR0. */
u64 fpu_user_features(void);

/* Bytes a signal frame needs for it, XSAVE's magic words included. */
size_t fpu_signal_size(void);

/* AT_MINSIGSTKSZ: the largest signal frame. */
size_t signal_frame_max_size(void);

/*
 * fpu_copy_to_frame - write current's registers to user memory, 64-byte
 * aligned, as Linux's signal frame holds them.  0 or -EFAULT.
 */
int fpu_copy_to_frame(void __user *frame);

/*
 * fpu_copy_from_frame - load current's registers from a frame; NULL: the
 * initial state.  -EFAULT for a frame in no memory, not aligned or with states
 * that the CPU refuses; then the registers may hold half of it.
 */
int fpu_copy_from_frame(const void __user *frame);
