/*
 * fcntl.h - fcntl(2)'s commands on an open file.
 *
 * Those on descriptors (F_DUPFD, F_GETFD) are in file_table.h, locks in
 * locks.h, pipe sizes in <fs/anon/pipe.h>.
 */
#pragma once

#include <abi/fcntl.h>
#include <fs/vfs/types.h>

/*
 * vfs_fcntl - F_GETFL, F_SETFL, F_GETOWN, F_GETSIG, F_SETSIG and the rest
 * whose argument is a number, on @file, which is descriptor @fd.  -EINVAL for a
 * command we do not have.
 */
long vfs_fcntl(int fd, struct file *file, unsigned int cmd, unsigned long arg);

/* f_getown_ex - whom SIGIO goes to; set by f_setown_ex() of fasync.h. */
void f_getown_ex(struct file *file, struct f_owner_ex *owner);

/* file_set_nonblock - FIONBIO's half of F_SETFL. */
void file_set_nonblock(struct file *file, bool on);

/* file_set_async - O_ASYNC on or off, by descriptor @fd: 0, or -ENOTTY if it
 * cannot signal. */
int file_set_async(int fd, struct file *file, bool on);
