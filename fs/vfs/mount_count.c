/*
 * mount_count.c - who uses a mount: references and writers.
 *
 * Every open, close and lookup takes and drops a reference to a mount, and most
 * are of the same one or two.  So each CPU counts in a cache line of its own
 * what its tasks take and drop (struct mnt_cpu): only the sum means anything,
 * and one CPU's part may well be below 0.
 *
 * While a mount is in the tree, the tree's reference is not dropped: nobody
 * need look for the last one.  Before that reference goes, mnt_exact is set and
 * wait_for_lookups() has let each mntput() that did not see it end.  From then
 * on references are dropped under mount_hash_lock, and the sum is looked at.
 * It is exact: what a mntget() adds meanwhile, unseen, is beside a reference
 * that has been counted and cannot go.
 *
 * Writers are counted before mnt_want_write() reads the flags, and who makes a
 * mount read-only sets MNT_WRITE_HOLD before he reads the counts, so one of the
 * two notices the other.  A writer that saw the flag waits; and one that finds
 * the mount read-only takes its count back where it added it.  So no reader of
 * the counts sees the second without the first.
 *
 * Locks: none for a mount in the tree; mount_hash_lock for others, and to set
 * MNT_WRITE_HOLD.
 *
 * Entry points: mntget, mntput, mnt_count_locked, mnt_legitimize;
 * mnt_want_write, mnt_drop_write, mnt_has_writers, sb_has_writers.
 */
#include <fs/vfs/mount.h>

#include <abi/errno.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/super.h>
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/task_work.h>

/* The kernel is not preempted: it stays ours until we sleep. */
static inline struct mnt_cpu *my_part(struct vfsmount *mnt)
{
	return &mnt->mnt_cpu[smp_processor_id()];
}

/*
 * mnt_count_locked - see mount_internal.h.
 */
int mnt_count_locked(const struct vfsmount *mnt)
{
	unsigned int cpu;
	int sum = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sum += READ_ONCE(mnt->mnt_cpu[cpu].count);
	return sum;
}

/*
 * mntget, mntput, mntput_no_expire - see mount.h, mount_internal.h.
 */
struct vfsmount *mntget(struct vfsmount *mnt)
{
	struct mnt_cpu *mine;

	if (mnt) {
		mine = my_part(mnt);
		WRITE_ONCE(mine->count, mine->count + 1);
	}
	return mnt;
}

/*
 * mntget_live_locked - see mount.h.
 */
struct vfsmount *mntget_live_locked(struct vfsmount *mnt)
{
	assert_held(&mount_hash_lock);
	return mnt->mnt_doomed ? NULL : mntget(mnt);
}

/*
 * mnt_legitimize - see mount_internal.h.
 */
int mnt_legitimize(struct vfsmount *mnt, u32 sequence)
{
	bool doomed;

	/* With a fence: umount sees it, or we see that umount writes. */
	(void)__atomic_fetch_add(&my_part(mnt)->count, 1, __ATOMIC_SEQ_CST);
	if (likely(!mount_read_retry(sequence)))
		return 0;
	spin_lock(&mount_hash_lock);
	doomed = mnt->mnt_doomed;
	if (doomed)
		my_part(mnt)->count--;
	spin_unlock(&mount_hash_lock);
	return doomed ? 1 : -1;
}

static void free_mnt_work(struct callback_head *work)
{
	mnt_free(container_of(work, struct vfsmount, mnt_work));
}

/* Drop a reference that may be the last. */
static __noinline void mntput_exact(struct vfsmount *mnt)
{
	bool last = false;

	mount_write_begin();
	my_part(mnt)->count--;
	if (mnt->mnt_exact && mnt_count_locked(mnt) == 0) {
		assert(!mnt->mnt_doomed);
		mnt->mnt_doomed = true;
		last = true;
	}
	mount_write_end();
	/* It may shut the file system down: not under the caller's locks. */
	if (last && !task_work_add_current(&mnt->mnt_work, free_mnt_work))
		mnt_free(mnt);
}

void mntput_no_expire(struct vfsmount *mnt)
{
	struct mnt_cpu *mine;
	unsigned long flags;

	/* Who sets mnt_exact waits for those who have interrupts off. */
	local_irq_save(flags);
	if (unlikely(READ_ONCE(mnt->mnt_exact))) {
		local_irq_restore(flags);
		mntput_exact(mnt);
		return;
	}
	mine = my_part(mnt);
	WRITE_ONCE(mine->count, mine->count - 1);
	local_irq_restore(flags);
}

void mntput(struct vfsmount *mnt)
{
	if (!mnt)
		return;
	if (unlikely(READ_ONCE(mnt->mnt_expiry_mark)))
		WRITE_ONCE(mnt->mnt_expiry_mark, false);
	mntput_no_expire(mnt);
}

/*
 * mnt_is_readonly - see mount.h.
 */
bool mnt_is_readonly(const struct vfsmount *mnt)
{
	return (READ_ONCE(mnt->mnt_flags) & MNT_READONLY) ||
	       sb_rdonly(mnt->mnt_sb);
}

/*
 * mnt_want_write, mnt_drop_write - see mount.h.
 */
int mnt_want_write(struct vfsmount *mnt)
{
	int *writers = &my_part(mnt)->writers;

	(void)__atomic_fetch_add(writers, 1, __ATOMIC_SEQ_CST);
	if (unlikely(READ_ONCE(mnt->mnt_flags) & MNT_WRITE_HOLD)) {
		spin_lock(&mount_hash_lock);
		spin_unlock(&mount_hash_lock);
	}
	if (likely(!mnt_is_readonly(mnt)))
		return 0;
	WRITE_ONCE(*writers, *writers - 1);
	return -EROFS;
}

void mnt_drop_write(struct vfsmount *mnt)
{
	int *writers = &my_part(mnt)->writers;

	/* What was written comes before. */
	__atomic_store_n(writers, *writers - 1, __ATOMIC_RELEASE);
}

/*
 * mnt_want_write_file, mnt_drop_write_file - the same for an open file; one
 * that was opened for writing is counted as long as it is open.
 */
int mnt_want_write_file(struct file *file)
{
	if (file->f_mode & FMODE_WRITER)
		return 0;
	return mnt_want_write(file->f_path.mnt);
}

void mnt_drop_write_file(struct file *file)
{
	if (!(file->f_mode & FMODE_WRITER))
		mnt_drop_write(file->f_path.mnt);
}

/*
 * mnt_has_writers - see mount_internal.h.
 */
bool mnt_has_writers(const struct vfsmount *mnt)
{
	unsigned int cpu;
	int sum = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sum += __atomic_load_n(&mnt->mnt_cpu[cpu].writers,
				       __ATOMIC_ACQUIRE);
	return sum > 0;
}

/*
 * sb_has_writers - see mount.h.
 */
bool sb_has_writers(struct super_block *sb)
{
	struct vfsmount *mnt;
	bool writers = false;

	spin_lock(&mount_hash_lock);
	list_for_each_entry (mnt, &sb->s_mounts, mnt_instance)
		if (mnt_has_writers(mnt))
			writers = true;
	spin_unlock(&mount_hash_lock);
	return writers;
}
