/*
 * pid.c - process ids: the table of numbers, and the tasks that use each.
 *
 * Only leaders are linked as TGID, PGID and SID users of an id; the other
 * threads of a process keep copies of its pointers, which change_pid() keeps
 * alike.  An id goes back to the table when its last user is detached.
 *
 * Locks: pidmap_lock to change the table.  Looking up a number takes no lock:
 * the leaves of the table stay once they are made, struct pid is type-stable
 * (slab.h), and an id whose count could be raised from above 0 must still
 * be the one that stands there.  The users of an id change under
 * tasklist_lock and, inside it, pid->lock, and are read under either: timers
 * find whom to signal without tasklist_lock, which no interrupt takes.
 *
 * Entry points: see pid.h.
 */
#include <kernel/process/pid.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/idr.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/sched/wait.h>

#define PIDS_PER_PAGE (PAGE_SIZE / sizeof(struct pid *))
#define PIDS_PER_TOP  (PIDS_PER_PAGE * PIDS_PER_PAGE)

int pid_max = PID_MAX_DEFAULT;
pid_t last_pid;

static DEFINE_SPINLOCK(pidmap_lock, LOCK_PIDS);
static DEFINE_IDR(pid_table); /* [pidmap_lock] number -> struct pid */
/* The same for lookups: pages of pointers to pages of pointers. */
static struct pid **
	*pid_pages[PID_MAX_LIMIT / PIDS_PER_TOP]; /* [pidmap_lock] */
static struct kmem_cache *pid_cache __read_mostly;

/* Pid 0: the group and session of kernel threads and idle tasks. */
struct pid init_struct_pid = {
	.count = REFCOUNT_INIT(1),
	.lock = __SPIN_LOCK_INIT(LOCK_PIDS),
	.wait_pidfd = WAIT_QUEUE_INIT(init_struct_pid.wait_pidfd),
};

/* One without a number or a user.  That is how it is given back, too, and its
 * lock stays a lock: who finds it without a reference may take it. */
static void construct_pid(void *object)
{
	struct pid *pid = object;

	memset(pid, 0, sizeof(*pid));
	spin_lock_init(&pid->lock, LOCK_PIDS);
	init_poll_waitqueue_head(&pid->wait_pidfd);
}

/* pid_init - the object cache. */
void __init pid_init(void)
{
	pid_cache =
		kmem_cache_create("pid", sizeof(struct pid), 0, construct_pid);
	assert(pid_cache);
	kmem_cache_mark_type_stable(pid_cache);
}

/* put_pid - see pid.h.  Any context. */
void put_pid(struct pid *pid)
{
	if (pid && refcount_dec_and_test(&pid->count)) {
		assert(pid != &init_struct_pid);
		kmem_cache_free(pid_cache, pid);
	}
}

/* set_last_pid - see pid.h. */
void set_last_pid(pid_t nr)
{
	unsigned long flags;

	spin_lock_irqsave(&pidmap_lock, flags);
	pid_table.next = nr + 1;
	last_pid = nr;
	spin_unlock_irqrestore(&pidmap_lock, flags);
}

static int pid_reserve_locked(struct pid *pid, pid_t want)
{
	int min = 1;

	assert_held(&pidmap_lock);
	if (want)
		return idr_alloc(&pid_table, pid, want, want + 1);
	/* After the first round the low numbers stay with daemons. */
	if (pid_table.next > RESERVED_PIDS)
		min = RESERVED_PIDS;
	return idr_alloc_cyclic(&pid_table, pid, min, pid_max);
}

/* The place of number @nr for lookups, or NULL.  May run without the lock. */
static struct pid **pid_place(unsigned int nr)
{
	struct pid ***top;
	struct pid **page;

	if (nr >= PID_MAX_LIMIT)
		return NULL;
	top = __atomic_load_n(&pid_pages[nr / PIDS_PER_TOP], __ATOMIC_ACQUIRE);
	if (!top)
		return NULL;
	page = __atomic_load_n(&top[nr / PIDS_PER_PAGE % PIDS_PER_PAGE],
			       __ATOMIC_ACQUIRE);
	return page ? &page[nr % PIDS_PER_PAGE] : NULL;
}

static void *alloc_pid_page(void)
{
	struct page *page = alloc_zeroed_page();

	return page ? page_address(page) : NULL;
}

/* Make sure that number @nr has a place. */
static bool make_pid_place_locked(unsigned int nr)
{
	struct pid ****top = &pid_pages[nr / PIDS_PER_TOP];
	struct pid ***slot;

	assert_held(&pidmap_lock);
	if (!*top)
		__atomic_store_n(top, alloc_pid_page(), __ATOMIC_RELEASE);
	if (!*top)
		return false;
	slot = &(*top)[nr / PIDS_PER_PAGE % PIDS_PER_PAGE];
	if (!*slot)
		__atomic_store_n(slot, alloc_pid_page(), __ATOMIC_RELEASE);
	return *slot != NULL;
}

/* A free number for @pid, which can be found from now on; or -errno. */
static int pid_enter_locked(struct pid *pid, pid_t want)
{
	int nr = pid_reserve_locked(pid, want);

	if (nr < 0)
		return nr;
	if (!make_pid_place_locked((unsigned int)nr)) {
		(void)idr_remove(&pid_table, nr);
		return -ENOMEM;
	}
	pid->nr = nr;
	__atomic_store_n(pid_place((unsigned int)nr), pid, __ATOMIC_RELEASE);
	last_pid = nr;
	return nr;
}

struct pid *(*proc_tgid_pid_hook)(const struct file *file)__read_mostly;

/* alloc_pid - see pid.h. */
__landmark struct pid *alloc_pid(pid_t want)
{
	struct pid *pid = kmem_cache_alloc(pid_cache);
	int nr;

	if (!pid)
		return ERR_PTR(-ENOMEM);
	/* Whoever finds it has a count to raise. */
	refcount_set(&pid->count, 1);

	spin_lock_irq(&pidmap_lock);
	nr = pid_enter_locked(pid, want);
	spin_unlock_irq(&pidmap_lock);

	if (nr < 0) {
		put_pid(pid);
		if (nr == -ENOSPC)
			nr = want ? -EEXIST : -EAGAIN;
		return ERR_PTR(nr);
	}
	return pid;
}

/* free_pid - see pid.h.  Any context. */
void free_pid(struct pid *pid)
{
	unsigned long flags;

	spin_lock_irqsave(&pidmap_lock, flags);
	*pid_place((unsigned int)pid->nr) = NULL;
	(void)idr_remove(&pid_table, pid->nr);
	spin_unlock_irqrestore(&pidmap_lock, flags);
	put_pid(pid);
}

/* Raise the count of what stands at @place.  False: it changed meanwhile; *@pid
 * may have a reference all the same.  Interrupts are off. */
static bool try_get_pid(struct pid *const *place, struct pid **pid)
{
	struct pid *found = __atomic_load_n(place, __ATOMIC_ACQUIRE);

	if (found && !refcount_inc_not_zero(&found->count))
		return false;
	*pid = found;
	return READ_ONCE(*place) == found;
}

/* What stands at @place, with a reference, or NULL.  @place stays, whatever it
 * points to.  Any context, no lock. */
static struct pid *get_pid_at(struct pid *const *place)
{
	struct pid *pid;
	unsigned long flags;
	bool sure;

	do {
		pid = NULL;
		local_irq_save(flags);
		sure = try_get_pid(place, &pid);
		local_irq_restore(flags);
		if (!sure)
			put_pid(pid);
	} while (!sure);
	return pid;
}

/* find_get_pid - see pid.h.  Any context. */
struct pid *find_get_pid(pid_t nr)
{
	struct pid **place = nr > 0 ? pid_place((unsigned int)nr) : NULL;

	return place ? get_pid_at(place) : NULL;
}

/* find_vpid - see pid.h. */
struct pid *find_vpid(pid_t nr)
{
	struct pid **place = nr > 0 ? pid_place((unsigned int)nr) : NULL;

	assert_held(&tasklist_lock);
	return place ? READ_ONCE(*place) : NULL;
}

static struct task_struct *first_task(struct pid *pid, enum pid_type type)
{
	return hlist_entry_safe(pid->tasks[type].first, struct task_struct,
				pid_links[type]);
}

/* pid_task - see pid.h. */
struct task_struct *pid_task(struct pid *pid, enum pid_type type)
{
	assert_held(&tasklist_lock);
	return pid ? first_task(pid, type) : NULL;
}

/* get_pid_task - see pid.h.  Any context. */
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	struct task_struct *task;
	unsigned long flags;

	if (!pid)
		return NULL;
	spin_lock_irqsave(&pid->lock, flags);
	task = first_task(pid, type);
	if (task)
		get_task_struct(task);
	spin_unlock_irqrestore(&pid->lock, flags);
	return task;
}

/* find_task_by_vpid - see pid.h. */
__landmark struct task_struct *find_task_by_vpid(pid_t nr)
{
	return pid_task(find_vpid(nr), PIDTYPE_PID);
}

/* find_get_task_by_vpid - see pid.h.  Any context. */
struct task_struct *find_get_task_by_vpid(pid_t nr)
{
	struct pid **place = nr > 0 ? pid_place((unsigned int)nr) : NULL;
	struct task_struct *task = NULL;
	unsigned long flags;
	struct pid *pid;
	bool sure;

	if (!place)
		return NULL;
	/* With interrupts off it stays a struct pid, if not that of this number
	 * any more. */
	local_irq_save(flags);
	while ((pid = __atomic_load_n(place, __ATOMIC_ACQUIRE))) {
		spin_lock(&pid->lock);
		sure = pid == READ_ONCE(*place);
		task = sure ? first_task(pid, PIDTYPE_PID) : NULL;
		if (task)
			get_task_struct(task);
		spin_unlock(&pid->lock);
		if (sure)
			break;
	}
	local_irq_restore(flags);
	return task;
}

/* The task with the lowest id >= @nr that has it as its id of kind @type. */
static struct task_struct *next_of(pid_t nr, enum pid_type type)
{
	struct task_struct *task = NULL;
	struct pid *pid;
	int id = nr < 1 ? 1 : nr;

	spin_lock_irq(&tasklist_lock);
	for (; !task; id++) {
		spin_lock(&pidmap_lock);
		pid = idr_get_next(&pid_table, &id);
		spin_unlock(&pidmap_lock);
		if (!pid)
			break;
		task = pid_task(pid, type);
	}
	if (task)
		get_task_struct(task);
	spin_unlock_irq(&tasklist_lock);
	return task;
}

/* next_tgid - see pid.h. */
struct task_struct *next_tgid(pid_t nr)
{
	return next_of(nr, PIDTYPE_TGID);
}

/* next_tid - see pid.h. */
struct task_struct *next_tid(pid_t nr)
{
	return next_of(nr, PIDTYPE_PID);
}

/* init_task_pid - set @task's id of kind @type; not linked yet. */
void init_task_pid(struct task_struct *task, enum pid_type type,
		   struct pid *pid)
{
	task->pids[type] = pid;
}

/* attach_pid - link @task among the users of its id of kind @type. */
void attach_pid(struct task_struct *task, enum pid_type type)
{
	struct pid *pid = task->pids[type];

	assert_held(&tasklist_lock);
	spin_lock(&pid->lock);
	hlist_add_head(&task->pid_links[type], &pid->tasks[type]);
	spin_unlock(&pid->lock);
}

static bool pid_has_users(const struct pid *pid)
{
	int type;

	for (type = 0; type < PIDTYPE_MAX; type++) {
		if (!hlist_empty(&pid->tasks[type]))
			return true;
	}
	return false;
}

/* detach_pid - @task uses its id of kind @type no more; it may be freed. */
void detach_pid(struct task_struct *task, enum pid_type type)
{
	change_pid(task, type, NULL);
}

/* change_pid - leader @task and its threads use @pid as @type from now on. */
void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid)
{
	struct pid *old = task->pids[type];
	struct task_struct *thread;

	assert_held(&tasklist_lock);
	spin_lock(&old->lock);
	hlist_del_init(&task->pid_links[type]);
	spin_unlock(&old->lock);
	if (pid && type >= PIDTYPE_PGID) {
		for_each_thread (task, thread)
			thread->pids[type] = pid;
	}
	task->pids[type] = pid;
	if (pid)
		attach_pid(task, type);
	if (old != &init_struct_pid && !pid_has_users(old))
		free_pid(old);
}

static void relink_tid(struct task_struct *task)
{
	hlist_add_head(&task->pid_links[PIDTYPE_PID],
		       &task->pids[PIDTYPE_PID]->tasks[PIDTYPE_PID]);
}

/* exchange_tids - see pid.h.  Nobody sees either id without a task. */
void exchange_tids(struct task_struct *left, struct task_struct *right)
{
	struct pid *a = left->pids[PIDTYPE_PID];
	struct pid *b = right->pids[PIDTYPE_PID];

	/* Two are held only here, under tasklist_lock: any order will do. */
	assert_held(&tasklist_lock);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, 1);
	hlist_del(&left->pid_links[PIDTYPE_PID]);
	hlist_del(&right->pid_links[PIDTYPE_PID]);
	swap(left->pids[PIDTYPE_PID], right->pids[PIDTYPE_PID]);
	swap(left->pid, right->pid);
	relink_tid(left);
	relink_tid(right);
	spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

/* transfer_pid - see pid.h. */
void transfer_pid(struct task_struct *from, struct task_struct *to,
		  enum pid_type type)
{
	struct pid *pid = from->pids[type];

	assert_held(&tasklist_lock);
	spin_lock(&pid->lock);
	to->pids[type] = pid;
	hlist_del_init(&from->pid_links[type]);
	hlist_add_head(&to->pid_links[type], &pid->tasks[type]);
	spin_unlock(&pid->lock);
}

/*
 * The number of an id of @task.  The id may be freed, and even used anew,
 * while it is read, but then the task has another.
 */
static pid_t task_id_nr(struct task_struct *task, enum pid_type type)
{
	struct pid *pid;
	pid_t nr;

	do {
		pid = READ_ONCE(task->pids[type]);
		nr = pid ? READ_ONCE(pid->nr) : 0;
		smp_rmb();
	} while (unlikely(pid != READ_ONCE(task->pids[type])));
	return nr;
}

/* task_pgrp_nr - see pid.h. */
pid_t task_pgrp_nr(struct task_struct *task)
{
	return task_id_nr(task, PIDTYPE_PGID);
}

/* task_session_nr - see pid.h. */
pid_t task_session_nr(struct task_struct *task)
{
	return task_id_nr(task, PIDTYPE_SID);
}

/* get_task_pid - see pid.h. */
struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	return get_pid_at(&task->pids[type]);
}

/* task_ppid_nr - see task.h.  As task_id_nr(): a parent that is gone is not
 * the parent any more. */
pid_t task_ppid_nr(struct task_struct *task)
{
	struct task_struct *parent;
	pid_t nr;

	do {
		parent = READ_ONCE(task->real_parent);
		nr = READ_ONCE(parent->tgid);
		smp_rmb();
	} while (unlikely(parent != READ_ONCE(task->real_parent)));
	return pid_alive(task) ? nr : 0;
}
