/*
 * fasync.h - SIGIO: files that tell their owner when something can be done,
 * O_ASYNC of fcntl(2).
 *
 * An object that can do so has a list per direction, its f_op->fasync enters
 * files there with fasync_helper(), and whoever wakes readers or writers calls
 * kill_fasync() too.
 *
 * Entry points: fasync_helper, kill_fasync, f_setown_ex, f_setown_if_none,
 * file_put_owner, set_fasync_ops.
 */
#pragma once

#include <abi/fcntl.h>
#include <fs/vfs/types.h>
#include <kernel/lib/list.h>

/* The owner of a file, as it was when there was something to tell. */
struct fown {
	struct pid *pid;
	int type; /* F_OWNER_* */
	int sig;  /* F_SETSIG's, 0: SIGIO without more */
	uid_t uid, euid;
};

/* What processes do for this layer. */
struct fasync_ops {
	struct pid *(*get_pid)(struct pid *pid);
	void (*put_pid)(struct pid *pid);
	/* The signal for descriptor @fd, @band POLL_IN and kin. */
	void (*send_sigio)(const struct fown *owner, int fd, int band);
};
void set_fasync_ops(const struct fasync_ops *ops);

/* fasync_helper - @file, by its descriptor @fd, enters @list or (@on false)
 * leaves it.  0 or -ENOMEM.  May sleep. */
int fasync_helper(int fd, struct file *file, bool on, struct list_head *list);

/* __kill_fasync - tell the owners of the files in @list.  No spinning lock is
 * held.  kill_fasync costs a look if there are none. */
void __kill_fasync(struct list_head *list, int band);

static inline void kill_fasync(struct list_head *list, int band)
{
	if (!list_empty(list))
		__kill_fasync(list, band);
}

/*
 * f_setown_ex - SIGIO goes to @owner, who is @pid (a reference that the file
 * takes over; NULL: nobody), as far as current may signal him.  file_put_owner
 * - the file goes away.
 */
void f_setown_ex(struct file *file, const struct f_owner_ex *owner,
		 struct pid *pid);

/* f_setown_if_none - the same, unless the file has an owner; @pid's reference
 * is taken over in any case. */
void f_setown_if_none(struct file *file, const struct f_owner_ex *owner,
		      struct pid *pid);
void file_put_owner(struct file *file);
