/*
 * exec_file.h - open a file to run it.
 */
#pragma once

#include <fs/vfs/types.h>

/*
 * do_open_execat - open for execve: a regular file, execute permission, no
 * noexec mount, and writers locked out (deny_write_access).
 *
 * @flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW.  exec_file_put undoes.
 * ERR_PTR: -EACCES, -ENOENT, -ETXTBSY, -EINVAL, ...
 */
struct file *do_open_execat(int dfd, const char *name, int flags);
struct file *open_exec(const char *name);

/* exec_file_put - let writers in again and drop the file. */
void exec_file_put(struct file *file);
