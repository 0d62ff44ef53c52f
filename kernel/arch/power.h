/*
 * The machine's end.  None of these syncs or stops anything first: that is
 * kernel/process/reboot.c.  They do not return; if the hardware does not
 * obey, the CPU halts for good.
 *
 * Entry points: machine_power_off, machine_restart, machine_halt,
 * qemu_debug_exit.
 */
#pragma once

#include <abi/types.h>

__attribute__((noreturn)) void machine_power_off(void);
__attribute__((noreturn)) void machine_restart(void);
__attribute__((noreturn)) void machine_halt(void);

/*
 * qemu_debug_exit - end a QEMU that has `-device isa-debug-exit` at 0xf4 with
 * status @code << 1 | 1.  Returns where there is no such device.
 */
void qemu_debug_exit(u32 code);
