/*
 * memfd.h - memfd_create(2): a file in memory without a name.
 */
#pragma once

#include <abi/limits.h>
#include <fs/vfs/types.h>

/* The longest name: "memfd:" stands before it. */
#define MEMFD_NAME_MAX (NAME_MAX - 6)

/* memfd_init - the tmpfs behind them; once, at boot. */
void memfd_init(void);

/* memfd_flags_valid - are all bits of @flags known to memfd_create(2)? */
bool memfd_flags_valid(unsigned int flags);

/* do_memfd_create - a descriptor for a new file @name; -ENOSYS for
 * MFD_HUGETLB, -EMFILE, -ENFILE, -ENOMEM. */
int do_memfd_create(const char *name, unsigned int flags);

/* memfd_fcntl - F_ADD_SEALS and F_GET_SEALS; -EINVAL for a file that is not
 * in memory, else as fcntl(2). */
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
