/*
 * devtmpfs.h - the file system on /dev, filled by the drivers.
 */
#pragma once

/* devtmpfs_init - register it, and the nodes announced so far; at boot. */
void devtmpfs_init(void);
