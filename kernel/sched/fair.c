/*
 * fair.c - the class of ordinary tasks: everybody gets a share by weight.
 *
 * A task's vruntime grows with the time it runs, more slowly the heavier it
 * is (nice).  The tree holds the runnable tasks by vruntime, without the
 * running one; the leftmost runs next.  A task that slept comes back at most
 * half a latency behind the others, so that it runs soon but cannot save up
 * time.  vruntimes of one queue are compared as signed differences: they may
 * wrap.
 *
 * Locks: rq->lock.
 *
 * Entry points: fair_sched_class, fair_task_fork, fair_slice_ns, fair_weight.
 */
#include <kernel/lib/rbtree.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>

/* One nice level is about 10 % of CPU: neighbours differ by a factor 1.25. */
static const u32 nice_to_weight[40] = {
	/* -20 */ 88761, 71755, 56483, 46273, 36291,
	/* -15 */ 29154, 23254, 18705, 14949, 11916,
	/* -10 */ 9548,	 7620,	6100,  4904,  3906,
	/*  -5 */ 3121,	 2501,	1991,  1586,  1277,
	/*   0 */ 1024,	 820,	655,   526,   423,
	/*   5 */ 335,	 272,	215,   172,   137,
	/*  10 */ 110,	 87,	70,    56,    45,
	/*  15 */ 36,	 29,	23,    18,    15,
};

/* fair_weight - @p's weight by policy and nice. */
u32 fair_weight(const struct task_struct *p)
{
	if (p->policy == SCHED_IDLE)
		return WEIGHT_IDLEPRIO;
	return nice_to_weight[task_nice(p) - MIN_NICE];
}

static inline bool vruntime_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static inline u64 weighted(u64 delta_ns, u32 weight)
{
	if (likely(weight == NICE_0_WEIGHT))
		return delta_ns;
	return delta_ns * NICE_0_WEIGHT / weight;
}

static struct task_struct *task_of(struct rb_node *node)
{
	return rb_entry(node, struct task_struct, se.run_node);
}

static void tree_insert(struct cfs_rq *cfs, struct task_struct *p)
{
	struct rb_node **link = &cfs->tasks.rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (vruntime_before(p->se.vruntime,
				    task_of(parent)->se.vruntime)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&p->se.run_node, parent, link);
	rb_insert_color_cached(&p->se.run_node, &cfs->tasks, leftmost);
}

static void tree_remove(struct cfs_rq *cfs, struct task_struct *p)
{
	if (RB_EMPTY_NODE(&p->se.run_node))
		return;
	rb_erase_cached(&p->se.run_node, &cfs->tasks);
	RB_CLEAR_NODE(&p->se.run_node);
}

static bool is_fair(const struct task_struct *p)
{
	return p && p->sched_class == &fair_sched_class;
}

/* min_vruntime follows the smallest vruntime present, never backwards. */
static void update_min_vruntime(struct rq *rq)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct rb_node *left = rb_first_cached(&cfs->tasks);
	u64 v = cfs->min_vruntime;
	bool have = false;

	if (is_fair(rq->curr) && rq->curr->se.on_rq) {
		v = rq->curr->se.vruntime;
		have = true;
	}
	if (left) {
		u64 l = task_of(left)->se.vruntime;

		if (!have || vruntime_before(l, v))
			v = l;
	}
	if (vruntime_before(cfs->min_vruntime, v))
		cfs->min_vruntime = v;
}

static void update_curr_fair(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	u64 delta = charge_runtime(rq, curr);

	if (!delta)
		return;
	curr->se.vruntime += weighted(delta, curr->se.weight);
	update_min_vruntime(rq);
}

/* Times grow with the number of CPUs, as one waits less where there are more:
 * 1 on one CPU, 2 on two, 3 on four, 4 on eight and more. */
static u64 fair_scale(void)
{
	unsigned int last = 63 - (unsigned int)__builtin_clzl(cpu_online_bits);

	return last < 1 ? 1 : last < 3 ? 2 : last < 7 ? 3 : 4;
}

/* fair_slice_ns - how long @p may run before others get their turn; one that is
 * not in the queue yet counts as well. */
u64 fair_slice_ns(struct rq *rq, struct task_struct *p)
{
	struct cfs_rq *cfs = &rq->cfs;
	unsigned long load = cfs->load + (p->se.on_rq ? 0 : p->se.weight);
	unsigned int nr = cfs->nr + !p->se.on_rq;
	u64 shortest = SCHED_MIN_GRAN_NS * fair_scale();
	u64 period = SCHED_LATENCY_NS * fair_scale();

	if (nr > SCHED_NR_LATENCY)
		period = nr * shortest;
	return max(period * p->se.weight / load, shortest);
}

/* A sleeper comes back a little behind, not far behind. */
static void place_woken(struct cfs_rq *cfs, struct task_struct *p)
{
	u64 floor = cfs->min_vruntime - SCHED_LATENCY_NS * fair_scale() / 2;

	if (vruntime_before(p->se.vruntime, floor))
		p->se.vruntime = floor;
}

static void enqueue_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct cfs_rq *cfs = &rq->cfs;

	if (is_fair(rq->curr))
		update_curr_fair(rq);
	if (flags & ENQUEUE_WAKEUP)
		place_woken(cfs, p);
	else if (!(flags & ENQUEUE_NEW) &&
		 vruntime_before(p->se.vruntime, cfs->min_vruntime))
		p->se.vruntime = cfs->min_vruntime;
	cfs->load += p->se.weight;
	cfs->nr++;
	if (p != rq->curr)
		tree_insert(cfs, p);
}

static void dequeue_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct cfs_rq *cfs = &rq->cfs;

	(void)flags;
	if (is_fair(rq->curr))
		update_curr_fair(rq);
	tree_remove(cfs, p);
	cfs->load -= p->se.weight;
	cfs->nr--;
	update_min_vruntime(rq);
}

/* How far @p must lead for it to push the running task aside. */
static s64 wakeup_gran(const struct task_struct *p)
{
	return (s64)weighted(SCHED_WAKE_GRAN_NS * fair_scale(), p->se.weight);
}

/* The task that has had least; the next one instead of a task that yielded,
 * unless it has had much more. */
static struct task_struct *pick_next_fair(struct rq *rq)
{
	struct rb_node *left = rb_first_cached(&rq->cfs.tasks);
	const struct task_struct *skip = rq->cfs.skip;
	struct task_struct *first;
	struct rb_node *second;

	if (!left)
		return NULL;
	first = task_of(left);
	rq->cfs.skip = NULL;
	second = first == skip ? rb_next(left) : NULL;
	if (second && (s64)(task_of(second)->se.vruntime -
			    first->se.vruntime) <= wakeup_gran(first))
		return task_of(second);
	return first;
}

static void put_prev_fair(struct rq *rq, struct task_struct *p)
{
	if (p->se.on_rq)
		tree_insert(&rq->cfs, p);
}

static void set_next_fair(struct rq *rq, struct task_struct *p)
{
	tree_remove(&rq->cfs, p);
	p->se.exec_start_ns = rq->clock_ns;
	p->se.prev_sum_exec_runtime_ns = p->se.sum_exec_runtime_ns;
}

static bool wakeup_preempt_fair(struct rq *rq, struct task_struct *p)
{
	struct task_struct *curr = rq->curr;

	if (curr->policy == SCHED_IDLE && p->policy != SCHED_IDLE)
		return true;
	/* Batch and idle tasks do not push others aside. */
	if (p->policy != SCHED_NORMAL)
		return false;
	update_curr_fair(rq);
	return (s64)(curr->se.vruntime - p->se.vruntime) > wakeup_gran(p);
}

static void tick_fair(struct rq *rq, struct task_struct *curr)
{
	struct rb_node *left;
	u64 ran;
	u64 slice;

	update_curr_fair(rq);
	if (rq->cfs.nr < 2)
		return;
	slice = fair_slice_ns(rq, curr);
	ran = curr->se.sum_exec_runtime_ns - curr->se.prev_sum_exec_runtime_ns;
	if (ran >= slice) {
		resched_curr(rq);
		return;
	}
	left = rb_first_cached(&rq->cfs.tasks);
	if (ran >= SCHED_MIN_GRAN_NS * fair_scale() && left &&
	    (s64)(curr->se.vruntime - task_of(left)->se.vruntime) > (s64)slice)
		resched_curr(rq);
}

/*
 * sched_yield(2): to the end of the queue, though only by what one may lead
 * without pushing others aside; and the next pick passes over the running task.
 */
static void yield_fair(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	struct rb_node *last = rb_last(&rq->cfs.tasks.rb_root);
	s64 lead;

	update_rq_clock(rq);
	update_curr_fair(rq);
	if (last) {
		lead = (s64)(task_of(last)->se.vruntime - curr->se.vruntime);
		curr->se.vruntime += (u64)clamp(lead, 0L, wakeup_gran(curr));
	}
	rq->cfs.skip = curr;
}

int sysctl_sched_child_runs_first;

/* fair_task_fork - a child starts one slice behind its parent and all that run:
 * forking does not win time.  And not before the child made last, as long as
 * that may still wait for its first turn. */
void fair_task_fork(struct rq *rq, struct task_struct *p)
{
	u64 start = rq->cfs.min_vruntime;

	if (is_fair(rq->curr)) {
		update_curr_fair(rq);
		if (vruntime_before(start, rq->curr->se.vruntime))
			start = rq->curr->se.vruntime;
	}
	p->se.vruntime = start + weighted(fair_slice_ns(rq, p), p->se.weight);
	if (vruntime_before(p->se.vruntime, rq->cfs.newest) &&
	    rq->cfs.newest - start <= SCHED_LATENCY_NS * fair_scale() / 2)
		p->se.vruntime = rq->cfs.newest;
	rq->cfs.newest = p->se.vruntime;
	if (sysctl_sched_child_runs_first && is_fair(rq->curr) &&
	    vruntime_before(rq->curr->se.vruntime, p->se.vruntime)) {
		swap(rq->curr->se.vruntime, p->se.vruntime);
		resched_curr(rq);
	}
}

/* fair_task_migrate - keep @p's lead or lag when it changes queues. */
void fair_task_migrate(struct rq *from, struct rq *to, struct task_struct *p)
{
	if (p->sched_class != &fair_sched_class)
		return;
	p->se.vruntime +=
		READ_ONCE(to->cfs.min_vruntime) - from->cfs.min_vruntime;
}

/* fair_task_switched - @p, of another class until now, begins like the others:
 * what it ran there does not count here.  It is on no queue. */
void fair_task_switched(struct rq *rq, struct task_struct *p)
{
	p->se.vruntime = rq->cfs.min_vruntime;
}

/* fair_rq_init - an empty queue; vruntimes start near the wrap on purpose. */
void fair_rq_init(struct cfs_rq *cfs)
{
	cfs->tasks = RB_ROOT_CACHED;
	cfs->min_vruntime = (u64) - (1LL << 20);
	cfs->newest = cfs->min_vruntime;
	cfs->load = 0;
	cfs->nr = 0;
}

const struct sched_class fair_sched_class = {
	.enqueue_task = enqueue_fair,
	.dequeue_task = dequeue_fair,
	.pick_next = pick_next_fair,
	.put_prev = put_prev_fair,
	.set_next = set_next_fair,
	.wakeup_preempt = wakeup_preempt_fair,
	.tick = tick_fair,
	.yield = yield_fair,
	.update_curr = update_curr_fair,
};
