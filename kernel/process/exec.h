/*
 * execve(2): the current process becomes another program.
 *
 * Entry points: do_execveat_common, kernel_execve, search_binary_handler,
 * begin_new_exec, setup_new_exec, would_dump.
 */
#pragma once

#include <kernel/process/binfmts.h>
#include <kernel/sched/dumpable.h>
#include <kernel/types/task.h>

/*
 * do_execveat_common - run the program @filename (kernel string, relative to
 * @fd as execveat(2)) in place of the current one.  @flags: AT_EMPTY_PATH,
 * AT_SYMLINK_NOFOLLOW.  Returns 0, and the way back to user mode starts the new
 * program; or -errno with everything as before - unless the old program was
 * gone already: then a fatal signal is pending.
 */
int do_execveat_common(int fd, const char *filename, struct user_arg_ptr argv,
		       struct user_arg_ptr envp, int flags);

/* kernel_execve - the same from a kernel thread that becomes a program. */
int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp);

/* do_execve, do_execveat - what the doors call. */
int do_execve(const char *filename, const char __user *const __user *argv,
	      const char __user *const __user *envp);
int do_execveat(int fd, const char *filename,
		const char __user *const __user *argv,
		const char __user *const __user *envp, int flags);

/* search_binary_handler - the format that loads @bprm->file, or -ENOEXEC. */
int search_binary_handler(struct linux_binprm *bprm);

/*
 * begin_new_exec - the point of no return: other threads die, the old memory
 * goes, descriptors close, handlers reset, credentials change.  On -errno a
 * caller returns it; if bprm->point_of_no_return is set the task then dies.
 */
int begin_new_exec(struct linux_binprm *bprm);

/* setup_new_exec - mmap's layout for the new program; after begin_new_exec. */
void setup_new_exec(struct linux_binprm *bprm);

/* would_dump - a program that its user may not read leaves no core. */
void would_dump(struct linux_binprm *bprm, struct file *file);

/*
 * exe_file_dup - one more mm runs @file: a reference, and writers stay locked
 * out.  mm->release_exe undoes it.
 */
struct file *exe_file_dup(struct file *file);
void exe_file_release(struct file *file);

/* de_thread - exec: current is the only thread left, and the leader.  0 or
 * -EAGAIN (dying). */
int de_thread(struct task_struct *task);

/* unshare_sighand - current has dispositions of its own.  0 or -ENOMEM. */
int unshare_sighand(struct task_struct *task);
