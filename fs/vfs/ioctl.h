/*
 * ioctl.h - requests that every file understands, then the file's own.
 */
#pragma once

#include <abi/ioctl.h>
#include <fs/vfs/types.h>

/*
 * vfs_ioctl - ioctl(2) on an open file, descriptor @fd; @arg is a number or a
 * user pointer. -ENOTTY for what the file does not know, -EFAULT, and what it
 * answers.
 */
long vfs_ioctl(unsigned int fd, struct file *file, unsigned int cmd,
	       unsigned long arg);
