/*
 * locks.c - flock(2) and the record locks of fcntl(2).
 *
 * All locks of a file are on inode->i_flctx, whatever their kind; flock
 * locks conflict only with flock locks, and POSIX and open-file-description
 * locks only with each other.  Setting a record lock replaces what its owner
 * had in that range: overlapping locks of the owner are cut, split or merged.
 * A blocked request waits on the lock that stands in its way and tries again
 * when that one goes.  Before a POSIX request sleeps, the chain of blockers
 * is followed: a cycle is EDEADLK.
 *
 * Locks: flc_lock guards every list here; these locks are rarely taken, and
 * one lock makes the deadlock search simple.
 *
 * Entry points: flock_lock_file, fcntl_getlk, fcntl_setlk,
 * locks_remove_posix, locks_remove_file, locks_show.
 */
#include <fs/vfs/locks.h>

#include <abi/errno.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

static DEFINE_SPINLOCK(flc_lock, LOCK_FLOCK);
static u64 last_lock_id;

/* All locks that are held, for /proc/locks. */
struct held_lock {
	struct file_lock lock; /* first */
	struct list_head all;
};
static LIST_HEAD(held_locks);

static struct file_lock *new_lock(void)
{
	struct held_lock *held = kzalloc(sizeof(*held));

	if (!held)
		return NULL;
	INIT_LIST_HEAD(&held->lock.link);
	INIT_LIST_HEAD(&held->lock.waiters);
	INIT_LIST_HEAD(&held->all);
	init_waitqueue_head(&held->lock.wait);
	return &held->lock;
}

static void free_lock(struct file_lock *lock)
{
	kfree(container_of(lock, struct held_lock, lock));
}

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->kind == b->kind && a->owner == b->owner;
}

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool conflict(const struct file_lock *held,
		     const struct file_lock *wanted)
{
	bool flock = wanted->kind == LOCK_KIND_FLOCK;

	if ((held->kind == LOCK_KIND_FLOCK) != flock)
		return false;
	if (same_owner(held, wanted) || !overlap(held, wanted))
		return false;
	return held->type == F_WRLCK || wanted->type == F_WRLCK;
}

static struct file_lock *find_conflict(struct inode *inode,
				       const struct file_lock *wanted)
{
	struct file_lock *held;

	list_for_each_entry (held, &inode->i_flctx, link)
		if (conflict(held, wanted))
			return held;
	return NULL;
}

/* Publish a lock.  Record locks of one owner stay ordered by start. */
static void insert_lock(struct inode *inode, struct file_lock *lock)
{
	struct list_head *place = &inode->i_flctx;
	struct file_lock *held;

	list_for_each_entry (held, &inode->i_flctx, link) {
		if (same_owner(held, lock) && held->start > lock->start) {
			place = &held->link;
			break;
		}
	}
	lock->id = ++last_lock_id;
	list_add_tail(&lock->link, place);
	list_add_tail(&container_of(lock, struct held_lock, lock)->all,
		      &held_locks);
}

/* Take a held lock away and let those it blocked try again. */
static void delete_lock(struct file_lock *lock)
{
	struct file_lock *waiter, *next;

	list_del_init(&lock->link);
	list_del_init(&container_of(lock, struct held_lock, lock)->all);
	list_for_each_entry_safe (waiter, next, &lock->waiters, link) {
		list_del_init(&waiter->link);
		waiter->blocker = NULL;
		wake_up_all(&waiter->wait);
	}
	free_lock(lock);
}

/* A lock shrank: whom it blocked may now find room. */
static void wake_waiters(struct file_lock *lock)
{
	struct file_lock *waiter, *next;

	list_for_each_entry_safe (waiter, next, &lock->waiters, link) {
		list_del_init(&waiter->link);
		waiter->blocker = NULL;
		wake_up_all(&waiter->wait);
	}
}

/* Would waiting for @blocker close a circle of POSIX owners? */
static bool would_deadlock(const struct file_lock *wanted,
			   const struct file_lock *blocker)
{
	const struct held_lock *held;
	const struct file_lock *waiter, *next;
	int depth;

	for (depth = 0; depth < 64 && blocker; depth++) {
		if (blocker->kind != LOCK_KIND_POSIX)
			return false;
		if (blocker->owner == wanted->owner)
			return true;
		next = NULL;
		list_for_each_entry (held, &held_locks, all)
			list_for_each_entry (waiter, &held->lock.waiters, link)
				if (waiter->owner == blocker->owner)
					next = waiter->blocker;
		blocker = next;
	}
	return false;
}

/*
 * Set @lock without conflict: cut and merge what its owner had there.
 * @spare is used when an old lock is split in two.  Returns true when @spare
 * was used.  Caller holds flc_lock; @lock is consumed unless it is F_UNLCK.
 */
static bool apply_record_lock(struct inode *inode, struct file_lock *lock,
			      struct file_lock *spare)
{
	struct file_lock *held, *next;
	bool used = false;

	list_for_each_entry_safe (held, next, &inode->i_flctx, link) {
		if (!same_owner(held, lock))
			continue;
		if (held->type == lock->type) {
			/* Merge with what overlaps or touches. */
			if ((lock->end != INT64_MAX &&
			     held->start > lock->end + 1) ||
			    (held->end != INT64_MAX &&
			     held->end + 1 < lock->start))
				continue;
			lock->start = min(lock->start, held->start);
			lock->end = max(lock->end, held->end);
			delete_lock(held);
			continue;
		}
		if (!overlap(held, lock))
			continue;
		if (held->start < lock->start && held->end > lock->end) {
			spare->kind = held->kind;
			spare->type = held->type;
			spare->pid = held->pid;
			spare->owner = held->owner;
			spare->file = held->file;
			spare->start = lock->end + 1;
			spare->end = held->end;
			held->end = lock->start - 1;
			insert_lock(inode, spare);
			wake_waiters(held);
			used = true;
		} else if (held->start < lock->start) {
			held->end = lock->start - 1;
			wake_waiters(held);
		} else if (held->end > lock->end) {
			held->start = lock->end + 1;
			wake_waiters(held);
		} else {
			delete_lock(held);
		}
	}
	if (lock->type != F_UNLCK)
		insert_lock(inode, lock);
	return used;
}

/* flock(2): one lock per open file; a change of type drops the old first. */
static void apply_flock(struct inode *inode, struct file_lock *lock)
{
	struct file_lock *held, *next;

	list_for_each_entry_safe (held, next, &inode->i_flctx, link)
		if (same_owner(held, lock))
			delete_lock(held);
	if (lock->type != F_UNLCK)
		insert_lock(inode, lock);
}

/* Queue @lock behind @blocker and sleep until that one is gone. */
static int wait_for_blocker(struct file_lock *lock)
{
	int err = wait_event_interruptible(&lock->wait,
					   !READ_ONCE(lock->blocker));

	spin_lock(&flc_lock);
	list_del_init(&lock->link);
	lock->blocker = NULL;
	spin_unlock(&flc_lock);
	return err;
}

static void drop_own_flock(struct inode *inode, const struct file_lock *lock)
{
	struct file_lock *held, *next;

	list_for_each_entry_safe (held, next, &inode->i_flctx, link)
		if (same_owner(held, lock))
			delete_lock(held);
}

/*
 * Get or drop @lock, sleeping if @wait.  @lock is consumed in every case.
 * 0, -EAGAIN, -EDEADLK, -ENOLCK or -ERESTARTSYS.
 */
static int set_lock(struct inode *inode, struct file_lock *lock, bool wait)
{
	struct file_lock *spare = NULL, *blocker;
	bool used = false;
	int err = 0;

	if (lock->kind != LOCK_KIND_FLOCK) {
		spare = new_lock();
		if (!spare) {
			free_lock(lock);
			return -ENOLCK;
		}
	}
	for (;;) {
		spin_lock(&flc_lock);
		blocker = lock->type == F_UNLCK ? NULL
						: find_conflict(inode, lock);
		if (!blocker)
			break;
		err = -EAGAIN;
		if (wait && lock->kind == LOCK_KIND_POSIX &&
		    would_deadlock(lock, blocker))
			err = -EDEADLK;
		else if (wait)
			err = 0;
		/* flock(2): a conversion is not atomic, the old lock goes. */
		if (!err && lock->kind == LOCK_KIND_FLOCK)
			drop_own_flock(inode, lock);
		if (!err) {
			lock->blocker = blocker;
			list_add_tail(&lock->link, &blocker->waiters);
		}
		spin_unlock(&flc_lock);
		if (!err)
			err = wait_for_blocker(lock);
		if (err)
			goto free_both;
	}
	if (lock->kind == LOCK_KIND_FLOCK)
		apply_flock(inode, lock);
	else
		used = apply_record_lock(inode, lock, spare);
	spin_unlock(&flc_lock);
	if (lock->type == F_UNLCK)
		free_lock(lock);
	if (spare && !used)
		free_lock(spare);
	return 0;

free_both:
	free_lock(lock);
	if (spare)
		free_lock(spare);
	return err;
}

/*
 * flock_lock_file - see locks.h; flock(2).
 */
int flock_lock_file(struct file *file, int op)
{
	bool wait = !(op & LOCK_NB);
	struct file_lock *lock;
	short type;
	int err;

	switch (op & ~LOCK_NB) {
	case LOCK_SH:
		type = F_RDLCK;
		break;
	case LOCK_EX:
		type = F_WRLCK;
		break;
	case LOCK_UN:
		type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	lock = new_lock();
	if (!lock)
		return -ENOMEM;
	lock->kind = LOCK_KIND_FLOCK;
	lock->type = type;
	lock->owner = file;
	lock->file = file;
	lock->pid = current->tgid;
	lock->end = INT64_MAX;
	err = set_lock(file_inode(file), lock, wait);
	return err == -EAGAIN ? -EWOULDBLOCK : err;
}

/* fcntl(2): a struct flock as a range; -EINVAL or -EOVERFLOW. */
static int flock_range(struct file *file, const struct flock *flock,
		       loff_t *start, loff_t *end)
{
	loff_t base;

	switch (flock->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->f_pos;
		break;
	case SEEK_END:
		base = i_size_read(file_inode(file));
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, flock->l_start, start))
		return -EOVERFLOW;
	if (*start < 0)
		return -EINVAL;
	if (flock->l_len > 0) {
		if (__builtin_add_overflow(*start, flock->l_len - 1, end))
			return -EOVERFLOW;
	} else if (flock->l_len < 0) {
		if (*start + flock->l_len < 0)
			return -EINVAL;
		*end = *start - 1;
		*start += flock->l_len;
	} else {
		*end = INT64_MAX;
	}
	return 0;
}

/* A struct file_lock for a fcntl command; 0 or -errno. */
static int flock_to_lock(struct file *file, int cmd, const struct flock *flock,
			 struct file_lock *lock)
{
	bool ofd =
		cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;

	if (flock->l_type != F_RDLCK && flock->l_type != F_WRLCK &&
	    flock->l_type != F_UNLCK)
		return -EINVAL;
	if (ofd && flock->l_pid)
		return -EINVAL;
	lock->kind = ofd ? LOCK_KIND_OFD : LOCK_KIND_POSIX;
	lock->type = flock->l_type;
	lock->owner = ofd ? (void *)file : (void *)current->files;
	lock->file = file;
	lock->pid = ofd ? -1 : current->tgid;
	return flock_range(file, flock, &lock->start, &lock->end);
}

/*
 * fcntl_getlk - the first lock in the way of *@flock, written over it, or
 * l_type F_UNLCK.  0 or -EINVAL, -EOVERFLOW.
 */
int fcntl_getlk(struct file *file, int cmd, struct flock *flock)
{
	struct file_lock wanted = {0}, *held;
	int err;

	if (flock->l_type != F_RDLCK && flock->l_type != F_WRLCK)
		return -EINVAL;
	err = flock_to_lock(file, cmd, flock, &wanted);
	if (err)
		return err;
	spin_lock(&flc_lock);
	held = find_conflict(file_inode(file), &wanted);
	if (held) {
		flock->l_type = held->type;
		flock->l_whence = SEEK_SET;
		flock->l_start = held->start;
		flock->l_len = held->end == INT64_MAX
				       ? 0
				       : held->end - held->start + 1;
		flock->l_pid = held->pid;
	} else {
		flock->l_type = F_UNLCK;
	}
	spin_unlock(&flc_lock);
	return 0;
}

/*
 * fcntl_setlk - F_SETLK, F_SETLKW and the F_OFD_ forms.  @fd is looked at
 * again afterwards: a close that raced takes the lock away.  May sleep.
 */
int fcntl_setlk(int fd, struct file *file, int cmd, const struct flock *flock)
{
	bool wait = cmd == F_SETLKW || cmd == F_OFD_SETLKW;
	struct file_lock *lock = new_lock();
	struct file *again;
	bool posix;
	int err;

	if (!lock)
		return -ENOLCK;
	err = flock_to_lock(file, cmd, flock, lock);
	if (!err &&
	    ((flock->l_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	     (flock->l_type == F_WRLCK && !(file->f_mode & FMODE_WRITE))))
		err = -EBADF;
	if (err) {
		free_lock(lock);
		return err;
	}
	posix = lock->kind == LOCK_KIND_POSIX;
	err = set_lock(file_inode(file), lock, wait);
	if (!err && posix && flock->l_type != F_UNLCK) {
		again = fget(fd);
		if (again != file) {
			locks_remove_posix(file, current->files);
			err = -EBADF;
		}
		if (again)
			fput(again);
	}
	return err;
}

static void remove_locks_of(struct inode *inode, const void *owner, bool posix)
{
	struct file_lock *held, *next;

	if (list_empty(&inode->i_flctx))
		return;
	spin_lock(&flc_lock);
	list_for_each_entry_safe (held, next, &inode->i_flctx, link)
		if (held->owner == owner &&
		    (held->kind == LOCK_KIND_POSIX) == posix)
			delete_lock(held);
	spin_unlock(&flc_lock);
}

/*
 * locks_remove_posix - fcntl(2): closing any descriptor of the file drops
 * the process's record locks on it.
 */
void locks_remove_posix(struct file *file, void *owner)
{
	remove_locks_of(file_inode(file), owner, true);
}

/*
 * locks_remove_file - the open file description is gone.
 */
void locks_remove_file(struct file *file)
{
	remove_locks_of(file_inode(file), file, false);
}

/*
 * locks_show - /proc/locks, proc(5).
 */
void locks_show(struct seq_file *m)
{
	static const char *const kinds[] = {"FLOCK ", "POSIX ", "OFDLCK"};
	const struct held_lock *held;
	const struct file_lock *lock;
	struct inode *inode;
	int n = 0;

	spin_lock(&flc_lock);
	list_for_each_entry (held, &held_locks, all) {
		lock = &held->lock;
		inode = file_inode(lock->file);
		seq_printf(m, "%d: %s ADVISORY  %s %d %02x:%02x:%llu %lld ",
			   ++n, kinds[lock->kind],
			   lock->type == F_WRLCK ? "WRITE" : "READ ", lock->pid,
			   MAJOR(inode->i_sb->s_dev), MINOR(inode->i_sb->s_dev),
			   (unsigned long long)inode->i_ino,
			   (long long)lock->start);
		if (lock->end == INT64_MAX)
			seq_puts(m, "EOF\n");
		else
			seq_printf(m, "%lld\n", (long long)lock->end);
	}
	spin_unlock(&flc_lock);
}
