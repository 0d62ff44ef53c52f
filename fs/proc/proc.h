/*
 * proc.h - the proc file system, proc(5).
 */
#pragma once

/* proc_init - register "proc" and make the nodes that lower layers fill;
 * once, at boot, in a context that may sleep. */
void proc_init(void);
