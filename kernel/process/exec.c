/*
 * exec.c - execve(2): the current process becomes another program.
 *
 * do_execveat_common() gathers what the new program gets - strings on a new
 * stack in a new address space, credentials, the open file - and
 * bprm_execve() asks the binary formats, script after script, until one loads
 * it.  Up to begin_new_exec() nothing of the old program is touched and any
 * error is just returned.  Then is the point of no return: after it an error
 * kills the process.
 *
 * Locks: signal->cred_guard_mutex from before the credentials are computed
 * until they are in force.
 *
 * Entry points: do_execve, do_execveat, kernel_execve, do_execveat_common,
 * search_binary_handler, begin_new_exec, setup_new_exec, would_dump,
 * register_binfmt, binfmt_init.
 */
#include <kernel/process/exec.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/prctl.h>
#include <fs/vfs/exec_file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/process/capability.h>
#include <kernel/process/cred.h>
#include <kernel/process/fork.h>
#include <kernel/process/internal.h>
#include <kernel/process/itimer.h>
#include <kernel/process/rseq.h>
#include <kernel/process/syscall_user_dispatch.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/wait.h>

static LIST_HEAD(formats); /* filled at boot, then constant */

/* register_binfmt - see binfmts.h.  Boot only. */
void register_binfmt(struct linux_binfmt *fmt)
{
	list_add_tail(&fmt->link, &formats);
}

/* binfmt_init - see binfmts.h. */
void __init binfmt_init(void)
{
	init_script_binfmt();
	init_elf_binfmt();
}

/* exe_file_dup - see exec.h. */
struct file *exe_file_dup(struct file *file)
{
	atomic_dec(&file_inode(file)->i_writecount);
	return get_file(file);
}

/* exe_file_release - undo exe_file_dup, or do_open_execat.  May sleep. */
void exe_file_release(struct file *file)
{
	exec_file_put(file);
}

/* would_dump - see exec.h. */
void would_dump(struct linux_binprm *bprm, struct file *file)
{
	if (inode_permission(file_inode(file), MAY_READ) < 0)
		bprm->interp_flags |= BINPRM_FLAGS_ENFORCE_NONDUMP;
}

/* bprm_change_interp - see binfmts.h. */
int bprm_change_interp(const char *interp, struct linux_binprm *bprm)
{
	char *copy = kstrdup(interp);

	if (!copy)
		return -ENOMEM;
	kfree(bprm->interp_alloc);
	bprm->interp_alloc = copy;
	bprm->interp = copy;
	return 0;
}

/* An address space with a stack of one page for the strings. */
static int bprm_mm_init(struct linux_binprm *bprm)
{
	int err;

	bprm->rlim_stack = rlimit(RLIMIT_STACK);
	bprm->mm = mm_alloc();
	if (!bprm->mm)
		return -ENOMEM;
	if (current->mm)
		bprm->mm->flags = current->mm->flags & MMF_FORK_MASK;
	mm_init_top(bprm->mm, bprm->rlim_stack, bprm->randomize);
	bprm->stack_top = randomize_stack_top(STACK_TOP, bprm->randomize);
	mmap_write_lock(bprm->mm);
	err = setup_stack_vma(bprm->mm, bprm->stack_top, &bprm->vma);
	mmap_write_unlock(bprm->mm);
	if (err)
		return err;
	/* The word at the very top stays zero. */
	bprm->p = bprm->stack_top - sizeof(void *);
	return 0;
}

static void free_bprm(struct linux_binprm *bprm)
{
	bprm_put_arg_page(bprm);
	if (bprm->mm)
		mmput(bprm->mm);
	if (bprm->cred)
		abort_creds(bprm->cred);
	if (bprm->guard_locked)
		mutex_unlock(&current->signal->cred_guard_mutex);
	if (bprm->file && !bprm->file_is_exe)
		exec_file_put(bprm->file);
	if (bprm->executable)
		fput(bprm->executable);
	kfree(bprm->interp_alloc);
	kfree(bprm->fdpath);
	kfree(bprm);
}

/* The name that AT_EXECFN and scripts show for a file given by descriptor. */
static int bprm_set_filename(struct linux_binprm *bprm, int fd,
			     const char *filename)
{
	bprm->filename = filename;
	if (fd != AT_FDCWD && filename[0] != '/') {
		bprm->fdpath =
			filename[0] ? kasprintf("/dev/fd/%d/%s", fd, filename)
				    : kasprintf("/dev/fd/%d", fd);
		if (!bprm->fdpath)
			return -ENOMEM;
		bprm->filename = bprm->fdpath;
	}
	bprm->interp = bprm->filename;
	return 0;
}

static struct linux_binprm *alloc_bprm(int fd, const char *filename,
				       bool randomize)
{
	struct linux_binprm *bprm = kzalloc(sizeof(*bprm));
	int err;

	if (!bprm)
		return ERR_PTR(-ENOMEM);
	bprm->randomize = randomize;
	err = bprm_set_filename(bprm, fd, filename);
	if (!err)
		err = bprm_mm_init(bprm);
	if (err) {
		free_bprm(bprm);
		return ERR_PTR(err);
	}
	return bprm;
}

/* Filename, environment and arguments onto the new stack. */
static int bprm_copy_args(struct linux_binprm *bprm, struct user_arg_ptr argv,
			  struct user_arg_ptr envp)
{
	int err;

	bprm->argc = count_strings(argv);
	if (bprm->argc < 0)
		return bprm->argc;
	bprm->envc = count_strings(envp);
	if (bprm->envc < 0)
		return bprm->envc;
	err = bprm_stack_limits(bprm);
	if (err)
		return err;
	err = copy_string_kernel(bprm->filename, bprm);
	if (err)
		return err;
	bprm->exec = bprm->p;
	err = copy_strings(bprm->envc, envp, bprm);
	if (err)
		return err;
	err = copy_strings(bprm->argc, argv, bprm);
	if (err || bprm->argc)
		return err;
	/* execve(2): a program always has an argv[0]. */
	bprm->argc = 1;
	return copy_string_kernel("", bprm);
}

/* Is fs_struct shared beyond our threads?  Then no setuid; else nobody may
 * begin to share it until we are done. */
static void check_unsafe_exec(struct linux_binprm *bprm)
{
	struct fs_struct *fs = current->fs;
	struct task_struct *thread;
	int users = 0;

	if (current->no_new_privs)
		bprm->unsafe = true;
	spin_lock_irq(&tasklist_lock);
	spin_lock(&fs->lock);
	for_each_thread (current, thread) {
		if (thread->fs == fs)
			users++;
	}
	if (fs->users > users) {
		bprm->unsafe = true;
	} else if (!fs->in_exec) {
		fs->in_exec = true;
		bprm->fs_in_exec = true;
	}
	spin_unlock(&fs->lock);
	spin_unlock_irq(&tasklist_lock);
}

static void exec_leave_fs(struct linux_binprm *bprm)
{
	if (!bprm->fs_in_exec)
		return;
	spin_lock(&current->fs->lock);
	current->fs->in_exec = false;
	spin_unlock(&current->fs->lock);
	bprm->fs_in_exec = false;
}

/* cred_guard_mutex, and the credentials the new program starts from. */
static int prepare_bprm_creds(struct linux_binprm *bprm)
{
	if (mutex_lock_interruptible(&current->signal->cred_guard_mutex))
		return -ERESTARTNOINTR;
	bprm->guard_locked = true;
	bprm->cred = prepare_exec_creds();
	return bprm->cred ? 0 : -ENOMEM;
}

/* The file's first bytes, by which formats know their own. */
static int prepare_binprm(struct linux_binprm *bprm)
{
	loff_t pos = 0;
	ssize_t n;

	memset(bprm->buf, 0, sizeof(bprm->buf));
	n = kernel_read(bprm->file, bprm->buf, sizeof(bprm->buf), &pos);
	return n < 0 ? (int)n : 0;
}

/* search_binary_handler - see exec.h. */
__landmark int search_binary_handler(struct linux_binprm *bprm)
{
	struct linux_binfmt *fmt;
	int err = prepare_binprm(bprm);

	if (err)
		return err;
	err = -ENOEXEC;
	list_for_each_entry (fmt, &formats, link) {
		err = fmt->load_binary(bprm);
		if (err != -ENOEXEC || bprm->point_of_no_return)
			break;
	}
	return err;
}

/* Load bprm->file; while a script names an interpreter, load that instead. */
static int exec_binprm(struct linux_binprm *bprm)
{
	int depth;
	int err;

	for (depth = 0;; depth++) {
		struct file *script;

		if (depth > BINPRM_MAX_RECURSION)
			return -ELOOP;
		err = search_binary_handler(bprm);
		if (err)
			return err;
		if (!bprm->interpreter)
			return 0;
		script = bprm->file;
		bprm->file = bprm->interpreter;
		bprm->interpreter = NULL;
		exec_file_put(script);
	}
}

/* bprm_execve - open the file, load it, and clean up after either end. */
static __landmark int bprm_execve(struct linux_binprm *bprm, int fd,
				  const char *filename, int flags)
{
	struct file *file;
	int err;

	err = prepare_bprm_creds(bprm);
	if (err)
		return err;
	check_unsafe_exec(bprm);
	current->in_execve = true;
	file = do_open_execat(fd, filename, flags);
	if (IS_ERR(file)) {
		err = (int)PTR_ERR(file);
		goto leave;
	}
	bprm->file = file;
	sched_exec();
	/* A script's interpreter could not open /dev/fd/N any more. */
	if (bprm->fdpath && get_close_on_exec(fd))
		bprm->interp_flags |= BINPRM_FLAGS_PATH_INACCESSIBLE;
	err = exec_binprm(bprm);
	if (err && bprm->point_of_no_return && !fatal_signal_pending(current))
		/* There is nothing to return to. */
		force_fatal_sig(SIGSEGV);
leave:
	exec_leave_fs(bprm);
	current->in_execve = false;
	return err;
}

/* setrlimit(2), RLIMIT_NPROC: here it shows that a setuid went over it, until
 * the count has dropped. */
static int exec_check_nproc(void)
{
	if ((current->flags & PF_NPROC_EXCEEDED) &&
	    (unsigned int)atomic_read(&current_user()->processes) >
		    rlimit(RLIMIT_NPROC))
		return -EAGAIN;
	current->flags &= ~PF_NPROC_EXCEEDED;
	return 0;
}

/* One try.  *@again: it has to be made with a random layout. */
static int execve_once(int fd, const char *filename, struct user_arg_ptr argv,
		       struct user_arg_ptr envp, int flags, bool randomize,
		       bool *again)
{
	struct linux_binprm *bprm = alloc_bprm(fd, filename, randomize);
	int err;

	if (IS_ERR(bprm))
		return (int)PTR_ERR(bprm);
	err = bprm_copy_args(bprm, argv, envp);
	if (!err)
		err = bprm_execve(bprm, fd, filename, flags);
	*again = bprm->wants_random;
	free_bprm(bprm);
	return err;
}

/*
 * do_execveat_common - see exec.h.
 *
 * The stack has its place before it is known whose rights the program will
 * have.  One that gains some does not take ADDR_NO_RANDOMIZE from its user:
 * begin_new_exec() gives up then, and all is done once more.
 */
__landmark int do_execveat_common(int fd, const char *filename,
				  struct user_arg_ptr argv,
				  struct user_arg_ptr envp, int flags)
{
	bool randomize = !(current->personality & ADDR_NO_RANDOMIZE);
	bool again = false;
	int err;

	err = exec_check_nproc();
	if (err)
		return err;
	err = execve_once(fd, filename, argv, envp, flags, randomize, &again);
	if (again)
		err = execve_once(fd, filename, argv, envp, flags, true,
				  &again);
	return err;
}

/* kernel_execve - see exec.h. */
int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp)
{
	struct user_arg_ptr args = {.is_kernel = true, .ptr.kernel = argv};
	struct user_arg_ptr env = {.is_kernel = true, .ptr.kernel = envp};

	return do_execveat_common(AT_FDCWD, filename, args, env, 0);
}

/* do_execve - execve(2). */
int do_execve(const char *filename, const char __user *const __user *argv,
	      const char __user *const __user *envp)
{
	return do_execveat(AT_FDCWD, filename, argv, envp, 0);
}

/* do_execveat - execveat(2). */
int do_execveat(int fd, const char *filename,
		const char __user *const __user *argv,
		const char __user *const __user *envp, int flags)
{
	struct user_arg_ptr args = {.ptr.native = argv};
	struct user_arg_ptr env = {.ptr.native = envp};

	return do_execveat_common(fd, filename, args, env, flags);
}

/* Leave the old memory for the new; the strings are in it already. */
static int exec_switch_mm(struct linux_binprm *bprm)
{
	struct task_struct *task = current;
	struct mm_struct *old = task->mm;
	struct signal_struct *sig = task->signal;

	bprm_put_arg_page(bprm);
	bprm->mm->exe_file = bprm->file;
	bprm->mm->release_exe = exe_file_release;
	bprm->file_is_exe = true;
	if (old) {
		exec_mm_release(task, old);
		sig->maxrss = max(sig->maxrss, (long)get_mm_hiwater_rss(old));
	}
	old = exec_mmap(bprm->mm);
	bprm->mm = NULL;
	if (old)
		mmput(old);
	return 0;
}

/* What a new program does not inherit. */
static void exec_reset_task(struct linux_binprm *bprm)
{
	struct task_struct *task = current;

	task->flags &= ~(PF_RANDOMIZE | PF_FORKNOEXEC | PF_KTHREAD);
	task->personality &= ~bprm->per_clear;
	task->did_exec = true;
	do_close_on_exec(task->files);

	rseq_execve();
	clear_syscall_user_dispatch();
	sas_ss_reset(task);
	spin_lock_irq(&task->sighand->siglock);
	flush_signal_handlers(task, false);
	spin_unlock_irq(&task->sighand->siglock);
	task_lock(task);
	task->self_exec_id++;
	task_unlock(task);
}

static const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * The new ids are in force; ptrace may attach again.  prctl(2): what was not
 * entirely its user's before, cannot be read, or has changed its ids (see
 * commit_creds) is not dumpable.
 */
static void exec_commit_creds(struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();
	bool plain = old->euid == old->uid && old->egid == old->gid &&
		     !(bprm->interp_flags & BINPRM_FLAGS_ENFORCE_NONDUMP);

	if (bprm->secureexec)
		current->pdeath_signal = 0;
	set_dumpable(current->mm,
		     plain ? SUID_DUMP_USER
			   : (unsigned long)READ_ONCE(suid_dumpable));
	(void)commit_creds(bprm->cred);
	bprm->cred = NULL;
	mutex_unlock(&current->signal->cred_guard_mutex);
	bprm->guard_locked = false;
}

/* begin_new_exec - see exec.h. */
__landmark int begin_new_exec(struct linux_binprm *bprm)
{
	struct task_struct *task = current;
	int err;

	err = cap_bprm_creds_from_file(bprm);
	if (err)
		return err;
	bprm->wants_random =
		!bprm->randomize && (bprm->per_clear & ADDR_NO_RANDOMIZE);
	if (bprm->wants_random)
		return -EAGAIN;

	/* The point of no return. */
	bprm->point_of_no_return = true;
	err = de_thread(task);
	if (err)
		return err;
	err = unshare_files();
	if (err)
		return err;
	would_dump(bprm, bprm->file);
	err = exec_switch_mm(bprm);
	if (err)
		return err;
	exit_itimers(task);
	err = unshare_sighand(task);
	if (err)
		return err;
	err = flush_thread();
	if (err)
		return err;
	exec_reset_task(bprm);
	set_task_comm(task, kbasename(bprm->filename));
	exec_commit_creds(bprm);
	return 0;
}

/* setup_new_exec - see exec.h. */
void setup_new_exec(struct linux_binprm *bprm)
{
	struct rlimit64 *rlim = &current->signal->rlim[RLIMIT_STACK];

	/* A setuid program does not take a strange stack from its user. */
	if (bprm->secureexec && rlim->rlim_cur > _STK_LIM) {
		task_lock(current->group_leader);
		rlim->rlim_cur = _STK_LIM;
		task_unlock(current->group_leader);
	}
	if (!(current->personality & ADDR_NO_RANDOMIZE) &&
	    sysctl_randomize_va_space)
		current->flags |= PF_RANDOMIZE;
}
