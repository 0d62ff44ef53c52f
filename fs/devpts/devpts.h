/*
 * devpts.h - the devpts file system: nodes of pseudoterminals, pts(4).
 */
#pragma once

/* devpts_init - register "devpts" and the slaves' device numbers, and tell
 * the pty driver; once, at boot; may sleep. */
void devpts_init(void);
