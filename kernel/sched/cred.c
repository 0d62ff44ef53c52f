/*
 * cred.c - credentials: copying, publishing, asking.
 *
 * A struct cred is immutable once a task points to it, so tasks share one
 * freely and fork only counts references.  The table of users keeps the
 * counters of each real uid; a user lives as long as a cred or a queued signal
 * refers to it.
 *
 * Locks: users_lock for the table, interrupts off (signals are freed in
 * interrupts).  A task's pointers change under its siglock and alloc_lock.
 *
 * Entry points: see cred.h.
 */
#include <kernel/sched/cred.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/hash.h>
#include <kernel/lib/sort.h>
#include <kernel/lib/string.h>
#include <kernel/sched/dumpable.h>

#define USER_HASH_BITS 6

static DEFINE_SPINLOCK(users_lock, LOCK_LEAF_IRQ);
static struct hlist_head users[1 << USER_HASH_BITS];

struct user_struct root_user = {
	.count = REFCOUNT_INIT(2),
	.processes = ATOMIC_INIT(1),
};

struct group_info init_groups = {.usage = REFCOUNT_INIT(2)};

struct cred init_cred = {
	.usage = REFCOUNT_INIT(4),
	.cap_permitted = CAP_FULL_SET,
	.cap_effective = CAP_FULL_SET,
	.cap_bset = CAP_FULL_SET,
	.group_info = &init_groups,
	.user = &root_user,
};

static struct user_struct *user_find_locked(uid_t uid)
{
	struct user_struct *user;

	hlist_for_each_entry(user, &users[hash_32(uid, USER_HASH_BITS)], hash)
	{
		if (user->uid == uid && refcount_inc_not_zero(&user->count))
			return user;
	}
	return NULL;
}

/* user_find - a reference to the counters of @uid if there are any. */
static struct user_struct *user_find(uid_t uid)
{
	struct user_struct *user;
	unsigned long flags;

	if (uid == 0)
		return get_uid(&root_user);
	spin_lock_irqsave(&users_lock, flags);
	user = user_find_locked(uid);
	spin_unlock_irqrestore(&users_lock, flags);
	return user;
}

/* alloc_uid - see cred.h. */
struct user_struct *alloc_uid(uid_t uid)
{
	struct user_struct *user = user_find(uid);
	struct user_struct *new;
	unsigned long flags;

	if (user)
		return user;
	new = kzalloc(sizeof(*new));
	if (!new)
		return NULL;
	new->uid = uid;
	refcount_set(&new->count, 1);

	spin_lock_irqsave(&users_lock, flags);
	user = user_find_locked(uid);
	if (!user)
		hlist_add_head(&new->hash,
			       &users[hash_32(uid, USER_HASH_BITS)]);
	spin_unlock_irqrestore(&users_lock, flags);
	if (user)
		kfree(new);
	return user ? user : new;
}

/* free_uid - drop a reference; the last one frees.  Any context. */
void free_uid(struct user_struct *user)
{
	unsigned long flags;

	if (!refcount_dec_and_test(&user->count))
		return;
	assert(user != &root_user);
	spin_lock_irqsave(&users_lock, flags);
	hlist_del(&user->hash);
	spin_unlock_irqrestore(&users_lock, flags);
	kfree(user);
}

/* groups_alloc - see cred.h. */
struct group_info *groups_alloc(int n)
{
	struct group_info *gi;

	gi = kmalloc(sizeof(*gi) + n * sizeof(gi->gid[0]));
	if (!gi)
		return NULL;
	refcount_set(&gi->usage, 1);
	gi->ngroups = n;
	return gi;
}

static int gid_compare(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a;
	gid_t y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

/* groups_sort - see cred.h. */
void groups_sort(struct group_info *group_info)
{
	sort(group_info->gid, group_info->ngroups, sizeof(gid_t), gid_compare);
}

/* groups_search - binary search, as groups are sorted.  Any context. */
bool groups_search(const struct group_info *group_info, gid_t gid)
{
	int low = 0;
	int high = group_info->ngroups;

	while (low < high) {
		int mid = (low + high) / 2;

		if (group_info->gid[mid] == gid)
			return true;
		if (group_info->gid[mid] < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* put_group_info - drop a reference; the last one frees. */
void put_group_info(struct group_info *group_info)
{
	if (refcount_dec_and_test(&group_info->usage))
		kfree(group_info);
}

/* set_groups - see cred.h. */
void set_groups(struct cred *new, struct group_info *group_info)
{
	refcount_inc(&group_info->usage);
	put_group_info(new->group_info);
	new->group_info = group_info;
}

/* in_group_p - see cred.h. */
bool in_group_p(gid_t gid)
{
	const struct cred *cred = current_cred();

	return gid == cred->fsgid || groups_search(cred->group_info, gid);
}

/* in_egroup_p - see cred.h. */
bool in_egroup_p(gid_t gid)
{
	const struct cred *cred = current_cred();

	return gid == cred->egid || groups_search(cred->group_info, gid);
}

static struct cred *cred_dup(const struct cred *old)
{
	struct cred *new = kmemdup(old, sizeof(*old));

	if (!new)
		return NULL;
	refcount_set(&new->usage, 1);
	refcount_inc(&new->group_info->usage);
	get_uid(new->user);
	return new;
}

/* prepare_creds - see cred.h. */
struct cred *prepare_creds(void)
{
	return cred_dup(current_cred());
}

/* prepare_kernel_cred - see cred.h. */
struct cred *prepare_kernel_cred(void)
{
	return cred_dup(&init_cred);
}

/* free_cred - the last reference to @cred is gone.  Any context. */
void free_cred(struct cred *cred)
{
	assert(cred != &init_cred);
	put_group_info(cred->group_info);
	free_uid(cred->user);
	kfree(cred);
}

/* abort_creds - see cred.h. */
void abort_creds(struct cred *new)
{
	put_cred(new);
}

/* Do the ids or capabilities of @new go beyond those of @old? */
static bool cred_changes_rights(const struct cred *old, const struct cred *new)
{
	return old->euid != new->euid || old->egid != new->egid ||
	       old->fsuid != new->fsuid || old->fsgid != new->fsgid ||
	       (new->cap_permitted & ~old->cap_permitted) != 0;
}

int suid_dumpable; /* SUID_DUMP_*; dumpable.h */

/* drop_cred_stock - see cred.h. */
void drop_cred_stock(struct task_struct *task)
{
	if (task->cred_stock > 0)
		refcount_sub(task->cred_stock,
			     (refcount_t *)&task->real_cred->usage);
	task->cred_stock = 0;
}

/* commit_creds - see cred.h. */
int commit_creds(struct cred *new)
{
	struct task_struct *task = current;
	const struct cred *old = task->real_cred;

	assert(task->cred == old);
	if (cred_changes_rights(old, new)) {
		if (task->mm)
			set_dumpable(task->mm,
				     (unsigned long)READ_ONCE(suid_dumpable));
		task->pdeath_signal = 0;
	}
	if (new->user != old->user) {
		atomic_inc(&new->user->processes);
		atomic_dec(&old->user->processes);
	}

	drop_cred_stock(task);
	/* A second reference: real_cred and cred each have one. */
	get_cred(new);
	spin_lock(&task->alloc_lock);
	spin_lock_irq(&task->sighand->siglock);
	task->real_cred = new;
	task->cred = new;
	spin_unlock_irq(&task->sighand->siglock);
	spin_unlock(&task->alloc_lock);

	put_cred(old);
	put_cred(old);
	return 0;
}

/* override_creds - see cred.h. */
const struct cred *override_creds(const struct cred *new)
{
	const struct cred *old = current->cred;

	current->cred = get_cred(new);
	return old;
}

/* revert_creds - see cred.h. */
void revert_creds(const struct cred *old)
{
	const struct cred *override = current->cred;

	current->cred = old;
	put_cred(override);
}

/* get_task_cred - see cred.h.  Not from interrupts. */
const struct cred *get_task_cred(struct task_struct *task)
{
	const struct cred *cred;

	spin_lock(&task->alloc_lock);
	cred = get_cred(task->real_cred);
	spin_unlock(&task->alloc_lock);
	return cred;
}

/* task_uid - real uid of @task.  Not from interrupts. */
uid_t task_uid(struct task_struct *task)
{
	uid_t uid;

	spin_lock(&task->alloc_lock);
	uid = task->real_cred->uid;
	spin_unlock(&task->alloc_lock);
	return uid;
}

/* task_euid - effective uid of @task.  Not from interrupts. */
uid_t task_euid(struct task_struct *task)
{
	uid_t uid;

	spin_lock(&task->alloc_lock);
	uid = task->real_cred->euid;
	spin_unlock(&task->alloc_lock);
	return uid;
}

/* capable - see cred.h. */
bool capable(int cap)
{
	if (!cred_capable(current_cred(), cap))
		return false;
	current->flags |= PF_SUPERPRIV;
	return true;
}

/* has_capability - see cred.h.  Not from interrupts. */
bool has_capability(struct task_struct *task, int cap)
{
	bool has;

	spin_lock(&task->alloc_lock);
	has = cred_capable(task->real_cred, cap);
	spin_unlock(&task->alloc_lock);
	return has;
}
