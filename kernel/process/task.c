/*
 * task.c - struct task_struct: the first one, making and freeing others.
 *
 * A task lives as long as somebody has a reference: one for being in the
 * table until release_task(), one for being in the scheduler until it has left
 * its CPU for the last time.  Its signal_struct, sighand_struct, credentials
 * and kernel stack go with the last reference, so whoever holds one may look
 * at them; whether the task still takes signals, lock_task_sighand() says.
 *
 * Entry points: init_task, dup_task_struct, free_task, __put_task_struct,
 * set_task_comm, get_task_comm, get_task_exe_file, fork_init.
 */
#include <kernel/process/task.h>

#include <abi/errno.h>
#include <abi/sched.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/setup.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/cred.h>
#include <kernel/process/fork.h>
#include <kernel/process/internal.h>
#include <kernel/process/pid.h>
#include <kernel/process/session.h>
#include <kernel/process/signal.h>
#include <kernel/sched/core.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/wait.h>

DEFINE_SPINLOCK(tasklist_lock, LOCK_TASKLIST);

int nr_threads;
int max_threads __read_mostly;
unsigned long total_forks;

static struct kmem_cache *task_cache __read_mostly;
static struct kmem_cache *signal_cache __read_mostly;

/* What threads-max goes by, so that it and RLIMIT_NPROC are as on Linux. */
#define LINUX_THREAD_SIZE 16384

#define INIT_RLIMIT(cur, max)                                                  \
	{                                                                      \
		.rlim_cur = (cur), .rlim_max = (max)                           \
	}
#define INIT_RLIMIT_NONE INIT_RLIMIT(RLIM64_INFINITY, RLIM64_INFINITY)
#define INIT_NOFILE_MAX	 4096
#define INIT_MSGQUEUE	 819200

static struct signal_struct init_signals = {
	.count = REFCOUNT_INIT(1),
	.live = ATOMIC_INIT(1),
	.nr_threads = 1,
	.thread_head = {&init_task.thread_node, &init_task.thread_node},
	.wait_chldexit = WAIT_QUEUE_INIT(init_signals.wait_chldexit),
	.shared_pending.list = LIST_HEAD_INIT(init_signals.shared_pending.list),
	.posix_timers = LIST_HEAD_INIT(init_signals.posix_timers),
	.cred_guard_mutex =
		MUTEX_INIT(init_signals.cred_guard_mutex, LOCK_CRED_GUARD),
	.rlim =
		{
			[RLIMIT_CPU] = INIT_RLIMIT_NONE,
			[RLIMIT_FSIZE] = INIT_RLIMIT_NONE,
			[RLIMIT_DATA] = INIT_RLIMIT_NONE,
			[RLIMIT_STACK] = INIT_RLIMIT(_STK_LIM, RLIM64_INFINITY),
			[RLIMIT_CORE] = INIT_RLIMIT(0, RLIM64_INFINITY),
			[RLIMIT_RSS] = INIT_RLIMIT_NONE,
			[RLIMIT_NOFILE] = INIT_RLIMIT(1024, INIT_NOFILE_MAX),
			[RLIMIT_MEMLOCK] =
				INIT_RLIMIT(MLOCK_LIMIT, MLOCK_LIMIT),
			[RLIMIT_AS] = INIT_RLIMIT_NONE,
			[RLIMIT_LOCKS] = INIT_RLIMIT_NONE,
			[RLIMIT_MSGQUEUE] =
				INIT_RLIMIT(INIT_MSGQUEUE, INIT_MSGQUEUE),
			[RLIMIT_RTTIME] = INIT_RLIMIT_NONE,
		},
};

static struct sighand_struct init_sighand = {
	.count = REFCOUNT_INIT(1),
	.siglock = __SPIN_LOCK_INIT(LOCK_SIGHAND),
	.signalfd_wq = WAIT_QUEUE_INIT(init_sighand.signalfd_wq),
};

/* PID 0: CPU 0's idle task, head of the list of all processes. */
struct task_struct init_task = {
	.__state = TASK_RUNNING,
	.flags = PF_KTHREAD,
	.stack = init_stack,
	.usage = REFCOUNT_INIT(2),
	.exit_signal = 0,
	.prio = DEFAULT_PRIO,
	.static_prio = DEFAULT_PRIO,
	.normal_prio = DEFAULT_PRIO,
	.pi_prio = MAX_PRIO,
	.pi_states = LIST_HEAD_INIT(init_task.pi_states),
	.policy = SCHED_NORMAL,
	.cpus_mask = ~0ULL,
	.active_mm = &init_mm,
	.real_parent = &init_task,
	.parent = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.group_leader = &init_task,
	.thread_node = {&init_signals.thread_head, &init_signals.thread_head},
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.ptraced = LIST_HEAD_INIT(init_task.ptraced),
	.ptrace_entry = LIST_HEAD_INIT(init_task.ptrace_entry),
	.pids =
		{
			[PIDTYPE_PID] = &init_struct_pid,
			[PIDTYPE_TGID] = &init_struct_pid,
			[PIDTYPE_PGID] = &init_struct_pid,
			[PIDTYPE_SID] = &init_struct_pid,
		},
	.real_cred = &init_cred,
	.cred = &init_cred,
	.comm = "swapper/0",
	.fs = &init_fs,
	.files = &init_files,
	.alloc_lock = __SPIN_LOCK_INIT(LOCK_TASK),
	.signal = &init_signals,
	.sighand = &init_sighand,
	.pending.list = LIST_HEAD_INIT(init_task.pending.list),
	.sas_ss_flags = SS_DISABLE,
	.timer_slack_ns = 50000,
	.default_timer_slack_ns = 50000,
};

/* dup_task_struct - see task.h. */
struct task_struct *dup_task_struct(struct task_struct *orig)
{
	struct task_struct *task = kmem_cache_alloc(task_cache);

	if (!task)
		return NULL;
	*task = *orig;
	task->stack = alloc_kernel_stack();
	if (!task->stack) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	/* One for the table, one for the scheduler. */
	refcount_set(&task->usage, 2);
	task->real_cred = NULL;
	task->cred = NULL;
	task->cred_stock = 0;
	task->signal = NULL;
	task->sighand = NULL;
	task->on_cpu = false;
	task->task_works = NULL;
	task->vfork_done = NULL;
	task->kthread = NULL;
	task->nr_locks_held = 0;
	task->preempt_count = 0;
	task->link_count = 0;
	return task;
}

/* signal_alloc - an empty signal_struct with one reference, or NULL. */
struct signal_struct *signal_alloc(void)
{
	struct signal_struct *sig = kmem_cache_zalloc(signal_cache);

	if (!sig)
		return NULL;
	refcount_set(&sig->count, 1);
	return sig;
}

/* signal_put - drop a reference; the last one frees. */
void signal_put(struct signal_struct *sig)
{
	if (!refcount_dec_and_test(&sig->count))
		return;
	if (sig->tty && tty_kref_put_hook)
		tty_kref_put_hook(sig->tty);
	kmem_cache_free(signal_cache, sig);
}

/* free_task - see task.h. */
void free_task(struct task_struct *task)
{
	if (task->signal)
		signal_put(task->signal);
	if (task->sighand)
		__cleanup_sighand(task->sighand);
	if (task->cred)
		exit_creds(task);
	free_kernel_stack(task->stack);
	kmem_cache_free(task_cache, task);
}

/* __put_task_struct - the last reference is gone.  Any context. */
void __put_task_struct(struct task_struct *task)
{
	assert(task != &init_task);
	assert(task->exit_state || (task->flags & PF_IDLE));
	exit_thread(task);
	kfree(task->kthread);
	free_task(task);
}

/* put_task_struct as a function, for the scheduler's hook. */
static void put_dead_task(struct task_struct *task)
{
	put_task_struct(task);
}

/* set_task_comm - see task.h. */
void set_task_comm(struct task_struct *task, const char *name)
{
	size_t len = strnlen(name, TASK_COMM_LEN - 1);

	task_lock(task);
	memcpy(task->comm, name, len);
	memset(task->comm + len, 0, TASK_COMM_LEN - len);
	task_unlock(task);
}

/* get_task_comm - see task.h. */
char *get_task_comm(char *buf, struct task_struct *task)
{
	task_lock(task);
	memcpy(buf, task->comm, TASK_COMM_LEN);
	task_unlock(task);
	return buf;
}

/* @mm's program with a reference, or NULL.  May sleep. */
static struct file *get_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	mmap_read_lock(mm);
	file = mm->exe_file;
	if (file)
		get_file(file);
	mmap_read_unlock(mm);
	return file;
}

/* get_task_exe_file - see task.h.  May sleep. */
struct file *get_task_exe_file(struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	struct file *file;

	if (!mm)
		return NULL;
	file = get_mm_exe_file(mm);
	mmput(mm);
	return file;
}

/*
 * fork_init - see task.h.  Kernel stacks of Linux's size could take an eighth
 * of memory; half of the threads may belong to one user.
 */
void __init fork_init(void)
{
	u64 limit = (u64)totalram_pages() * PAGE_SIZE / (LINUX_THREAD_SIZE * 8);
	struct rlimit64 *rlim = init_signals.rlim;

	task_cache = kmem_cache_create("task_struct",
				       sizeof(struct task_struct), 64, NULL);
	signal_cache = kmem_cache_create("signal_cache",
					 sizeof(struct signal_struct), 0, NULL);
	assert(task_cache && signal_cache);
	max_threads = clamp_t(u64, limit, 64, PID_MAX_LIMIT);

	rlim[RLIMIT_NPROC].rlim_cur = max_threads / 2;
	rlim[RLIMIT_NPROC].rlim_max = max_threads / 2;
	rlim[RLIMIT_SIGPENDING] = rlim[RLIMIT_NPROC];

	pid_init();
	sched_set_put_task(put_dead_task);
	process_hooks_init();
}
