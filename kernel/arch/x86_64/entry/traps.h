/*
 * Exception vectors, their stubs (trap_entry.S) and handlers (traps.c).
 */
#pragma once

#include <abi/types.h>

struct pt_regs;

#define X86_TRAP_DE	  0
#define X86_TRAP_DB	  1
#define X86_TRAP_NMI	  2
#define X86_TRAP_BP	  3
#define X86_TRAP_OF	  4
#define X86_TRAP_BR	  5
#define X86_TRAP_UD	  6
#define X86_TRAP_NM	  7
#define X86_TRAP_DF	  8
#define X86_TRAP_OLD_MF	  9
#define X86_TRAP_TS	  10
#define X86_TRAP_NP	  11
#define X86_TRAP_SS	  12
#define X86_TRAP_GP	  13
#define X86_TRAP_PF	  14
#define X86_TRAP_SPURIOUS 15
#define X86_TRAP_MF	  16
#define X86_TRAP_AC	  17
#define X86_TRAP_MC	  18
#define X86_TRAP_XF	  19

/* Page fault error code. */
#define X86_PF_PROT  0x01 /* the page is there, but not for that */
#define X86_PF_WRITE 0x02
#define X86_PF_USER  0x04
#define X86_PF_RSVD  0x08
#define X86_PF_INSTR 0x10

extern const char irq_stubs[];

/* The stub asm_NAME calls NAME(regs, error_code), interrupts off. */
#define DECLARE_EXCEPTION(name)                                                \
	extern const char asm_##name[];                                        \
	void name(struct pt_regs *regs, unsigned long error_code)

DECLARE_EXCEPTION(exc_divide_error);
DECLARE_EXCEPTION(exc_debug);
DECLARE_EXCEPTION(exc_nmi);
DECLARE_EXCEPTION(exc_int3);
DECLARE_EXCEPTION(exc_overflow);
DECLARE_EXCEPTION(exc_bounds);
DECLARE_EXCEPTION(exc_invalid_op);
DECLARE_EXCEPTION(exc_device_not_available);
DECLARE_EXCEPTION(exc_double_fault);
DECLARE_EXCEPTION(exc_coproc_segment_overrun);
DECLARE_EXCEPTION(exc_invalid_tss);
DECLARE_EXCEPTION(exc_segment_not_present);
DECLARE_EXCEPTION(exc_stack_segment);
DECLARE_EXCEPTION(exc_general_protection);
DECLARE_EXCEPTION(exc_page_fault);
DECLARE_EXCEPTION(exc_coprocessor_error);
DECLARE_EXCEPTION(exc_alignment_check);
DECLARE_EXCEPTION(exc_machine_check);
DECLARE_EXCEPTION(exc_simd_coprocessor_error);
DECLARE_EXCEPTION(exc_unexpected);

/*
 * log_user_trap - the rate-limited log line of a program that dies:
 * "comm[pid]: what ip:... sp:... error:...".  Nothing if the signal is caught.
 */
void log_user_trap(const struct pt_regs *regs, int sig, const char *what,
		   unsigned long error_code);
