/*
 * char_dev.h - from device number to character driver.
 */
#pragma once

#include <fs/vfs/types.h>

/* A driver's range of numbers.  Drivers keep it alive while registered. */
struct char_device {
	const char *name; /* for /proc/devices */
	unsigned int major;
	unsigned int minor; /* first */
	unsigned int count; /* how many minors */
	const struct file_operations *fops;
	void *data;
	struct list_head link;
};

/* 0, or -EBUSY when the numbers are taken. */
int register_chrdev(struct char_device *cdev);
void unregister_chrdev(struct char_device *cdev);

/* open of a character special file: finds the driver, sets f_op and calls
 * its open; -ENXIO without a driver. */
int chrdev_open(struct inode *inode, struct file *file);
extern const struct file_operations def_chr_fops;

/* "Character devices:" of /proc/devices. */
void chrdev_show(struct seq_file *m);
