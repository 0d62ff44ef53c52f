/*
 * ext2.h - what the rest of the kernel calls: registers the file system.
 */
#pragma once

/* ext2_init - register "ext2".  Once, at boot. */
int ext2_init(void);
