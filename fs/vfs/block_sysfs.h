/*
 * block_sysfs.h - disks and partitions in /sys, /proc and /dev.
 */
#pragma once

/* block_sysfs_init - show all devices, now and as they come and go. */
void block_sysfs_init(void);
