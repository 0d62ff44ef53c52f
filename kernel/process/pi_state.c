/*
 * pi_state.c - who has the PI futexes, who waits for them, and the priority
 * that flows from waiters to owners.
 *
 * A task has the best of its own priority and those of all who wait for what
 * it owns.  A change goes on along the chain: the owner may wait itself.  One
 * lock guards all of it, so a chain holds still while it is walked, and a ring
 * is seen before it closes.  Only calls that must wait, or that end a wait,
 * come here; a lock nobody else wants never leaves the program.
 *
 * Locks: pi_lock; run queues are locked under it.
 *
 * Entry points: pi_wait, pi_leave, pi_grant_next, exit_pi_state_list,
 * pi_priority_changed.
 */
#include <kernel/process/futex_internal.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/priority.h>

static DEFINE_SPINLOCK(pi_lock, LOCK_FUTEX_PI);

/* What @task lends: tasks that are not realtime are all alike. */
static int lent_prio(const struct task_struct *task)
{
	int prio = READ_ONCE(task->prio);

	return prio < MAX_RT_PRIO ? prio : DEFAULT_PRIO;
}

/* The best priority among those who wait for what @task has. */
static int best_waiter(const struct task_struct *task)
{
	const struct pi_waiter *first;
	const struct pi_state *state;
	int best = MAX_PRIO;

	list_for_each_entry (state, &task->pi_states, owned) {
		first = list_first_entry_or_null(&state->waiters,
						 struct pi_waiter, link);
		if (first)
			best = min(best, first->prio);
	}
	return best;
}

/* Behind those of its own priority. */
static void insert_waiter(struct pi_state *state, struct pi_waiter *waiter)
{
	struct list_head *at = &state->waiters;
	struct pi_waiter *other;

	list_for_each_entry (other, &state->waiters, link) {
		if (other->prio > waiter->prio) {
			at = &other->link;
			break;
		}
	}
	list_add_tail(&waiter->link, at);
}

/* @task's waiters or its own priority changed: so may those along the chain.
 * No rings are in it: pi_wait lets none in. */
static void adjust_chain(struct task_struct *task)
{
	struct pi_waiter *waiter;

	assert_held(&pi_lock);
	while (task) {
		sched_set_pi_prio(task, best_waiter(task));
		waiter = task->pi_blocked_on;
		if (!waiter || waiter->prio == lent_prio(task))
			return;
		list_del(&waiter->link);
		waiter->prio = lent_prio(task);
		insert_waiter(waiter->state, waiter);
		task = waiter->state->owner;
	}
}

/* The state gets another owner, or none. */
static void set_owner(struct pi_state *state, struct task_struct *owner)
{
	struct task_struct *old = state->owner;

	if (old)
		list_del_init(&state->owned);
	state->owner = owner;
	if (owner) {
		get_task_struct(owner);
		list_add(&state->owned, &owner->pi_states);
		adjust_chain(owner);
	}
	if (old) {
		adjust_chain(old);
		put_task_struct(old);
	}
}

static void free_if_unused(struct pi_state *state)
{
	if (state->users)
		return;
	set_owner(state, NULL);
	kfree(state);
}

/* pi_state_new - see futex_internal.h. */
struct pi_state *pi_state_new(struct task_struct *owner, bool *gone)
{
	struct pi_state *state = kzalloc(sizeof(*state));

	*gone = false;
	if (!state)
		return NULL;
	INIT_LIST_HEAD(&state->waiters);
	INIT_LIST_HEAD(&state->owned);
	spin_lock(&pi_lock);
	if (owner->pi_exited)
		*gone = true;
	else
		set_owner(state, owner);
	spin_unlock(&pi_lock);
	if (!*gone)
		return state;
	kfree(state);
	return NULL;
}

/* pi_state_put_unused - see futex_internal.h. */
void pi_state_put_unused(struct pi_state *state)
{
	spin_lock(&pi_lock);
	free_if_unused(state);
	spin_unlock(&pi_lock);
}

/* pi_state_fits - see futex_internal.h.  A lock on its way to the next owner,
 * or left by one that died, has no name in its word. */
bool pi_state_fits(const struct pi_state *state, u32 uval)
{
	pid_t pid = (pid_t)(uval & FUTEX_TID_MASK);
	bool fits;

	spin_lock(&pi_lock);
	fits = !state->owner || state->owner->pid == pid ||
	       ((uval & FUTEX_OWNER_DIED) && !pid);
	spin_unlock(&pi_lock);
	return fits;
}

/* Does the chain from @state's owner lead back to @task? */
static bool closes_ring(const struct pi_state *state,
			const struct task_struct *task)
{
	const struct task_struct *owner = state->owner;

	while (owner) {
		if (owner == task)
			return true;
		if (!owner->pi_blocked_on)
			return false;
		owner = owner->pi_blocked_on->state->owner;
	}
	return false;
}

/* pi_wait - see futex_internal.h. */
int pi_wait(struct futex_q *q, struct pi_state *state)
{
	struct pi_waiter *waiter = &q->pi;
	int err = 0;

	spin_lock(&pi_lock);
	/* Its owner has died since the state was made, and found nobody to give
	 * the lock to: the word says so by now. */
	if (!state->owner && !state->users)
		err = -EAGAIN;
	else if (closes_ring(state, q->task))
		err = -EDEADLK;
	if (err) {
		free_if_unused(state);
		goto unlock;
	}
	waiter->task = q->task;
	waiter->state = state;
	waiter->prio = lent_prio(q->task);
	waiter->granted = false;
	q->pi_state = state;
	q->task->pi_blocked_on = waiter;
	state->users++;
	insert_waiter(state, waiter);
	if (state->owner)
		adjust_chain(state->owner);
unlock:
	spin_unlock(&pi_lock);
	return err;
}

/* Out of the list of those who wait. */
static void remove_waiter(struct pi_waiter *waiter)
{
	list_del_init(&waiter->link);
	waiter->task->pi_blocked_on = NULL;
	if (waiter->state->owner)
		adjust_chain(waiter->state->owner);
}

/* pi_leave - see futex_internal.h. */
bool pi_leave(struct futex_q *q)
{
	bool granted;

	spin_lock(&pi_lock);
	granted = q->pi.granted;
	if (!granted)
		remove_waiter(&q->pi);
	q->pi_state->users--;
	free_if_unused(q->pi_state);
	spin_unlock(&pi_lock);
	q->pi_state = NULL;
	return granted;
}

/* pi_granted - see futex_internal.h. */
bool pi_granted(struct futex_q *q, bool *take)
{
	bool granted;

	spin_lock(&pi_lock);
	granted = q->pi.granted;
	*take = granted && !q->pi_state->owner;
	spin_unlock(&pi_lock);
	return granted;
}

/* pi_take - see futex_internal.h. */
void pi_take(struct futex_q *q)
{
	spin_lock(&pi_lock);
	set_owner(q->pi_state, current);
	spin_unlock(&pi_lock);
}

/* Give the lock to the first who waits; @owner: it has it from now on, or else
 * when it comes to set the word. */
static void grant_locked(struct pi_state *state, bool owner)
{
	struct pi_waiter *first = list_first_entry_or_null(
		&state->waiters, struct pi_waiter, link);
	struct task_struct *task;

	if (!first) {
		set_owner(state, NULL);
		return;
	}
	task = first->task;
	list_del_init(&first->link);
	task->pi_blocked_on = NULL;
	set_owner(state, owner ? task : NULL);
	/* It looks at the rest only when pi_lock is free again. */
	__atomic_store_n(&first->granted, true, __ATOMIC_RELEASE);
	wake_up_process(task);
}

/* pi_next - see futex_internal.h. */
struct task_struct *pi_next(struct pi_state *state)
{
	struct pi_waiter *first;
	struct task_struct *next = ERR_PTR(-EINVAL);

	spin_lock(&pi_lock);
	if (state->owner == current) {
		first = list_first_entry_or_null(&state->waiters,
						 struct pi_waiter, link);
		next = first ? first->task : NULL;
	}
	spin_unlock(&pi_lock);
	return next;
}

/* pi_grant_next - see futex_internal.h. */
void pi_grant_next(struct pi_state *state)
{
	spin_lock(&pi_lock);
	grant_locked(state, true);
	spin_unlock(&pi_lock);
}

/* exit_pi_state_list - see futex.h.  Those who wait get what current has; each
 * writes its name into the word itself, which we cannot reach. */
void exit_pi_state_list(struct task_struct *task)
{
	struct pi_state *state;

	spin_lock(&pi_lock);
	task->pi_exited = true;
	while (!list_empty(&task->pi_states)) {
		state = list_first_entry(&task->pi_states, struct pi_state,
					 owned);
		grant_locked(state, false);
	}
	spin_unlock(&pi_lock);
}

/* pi_exec_done - see futex.h. */
void pi_exec_done(struct task_struct *task)
{
	spin_lock(&pi_lock);
	task->pi_exited = false;
	spin_unlock(&pi_lock);
}

/* pi_priority_changed - see futex.h. */
void pi_priority_changed(struct task_struct *task)
{
	spin_lock(&pi_lock);
	adjust_chain(task);
	spin_unlock(&pi_lock);
}
