/*
 * sysrq.h - keys for an administrator in need.
 *
 * Entry points: handle_sysrq, sysrq_on, sysrq_init.
 */
#pragma once

#include <abi/types.h>

/*
 * handle_sysrq - key @key was pressed behind a break on the console: do what
 * kernel.sysrq allows, soon.  Any context; no lock that printk takes is held.
 */
void handle_sysrq(u8 key);

/* sysrq_on - may the line's keys do anything? */
bool sysrq_on(void);

/* sysrq_init - /proc/sysrq-trigger, kernel.sysrq; once, at boot. */
void sysrq_init(void);
