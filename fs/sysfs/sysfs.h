/*
 * sysfs.h - the sysfs file system, sysfs(5).
 */
#pragma once

/* sysfs_init - register "sysfs"; the character devices known so far and all
 * later ones appear in it.  Once, at boot; may sleep. */
void sysfs_init(void);
