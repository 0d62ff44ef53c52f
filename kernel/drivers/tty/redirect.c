/*
 * redirect.c - TIOCCONS of ioctl_tty(2): what programs write to /dev/console
 * goes to another terminal, a window for instance.  The log does not.
 *
 * Locks: redirect_lock for the pointer.
 *
 * Entry points: tioccons, redirect_get, redirect_drop.
 */
#include <abi/errno.h>
#include <fs/vfs/file.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/sched/cred.h>

static DEFINE_SPINLOCK(redirect_lock, LOCK_LEAF);
static struct file *redirect; /* [redirect_lock] referenced */

/* Take the file out, if @tty is NULL or its terminal. */
static struct file *take(const struct tty_struct *tty)
{
	struct file *file;

	spin_lock(&redirect_lock);
	file = redirect;
	if (file && tty && file_tty(file) != tty)
		file = NULL;
	if (file)
		redirect = NULL;
	spin_unlock(&redirect_lock);
	return file;
}

/*
 * redirect_drop - @tty is hung up, or (NULL) nobody is to have it any more.
 */
void redirect_drop(const struct tty_struct *tty)
{
	struct file *file = take(tty);

	if (file)
		fput(file);
}

/*
 * redirect_get - where the console's output goes, referenced, or NULL.
 */
struct file *redirect_get(void)
{
	struct file *file;

	if (!READ_ONCE(redirect))
		return NULL;
	spin_lock(&redirect_lock);
	file = redirect;
	if (file)
		get_file(file);
	spin_unlock(&redirect_lock);
	return file;
}

/*
 * tioccons - the console's output comes to @file; of the console itself: back
 * again.  0, -EPERM, -EBADF if it cannot be written, -EIO if it has been hung
 * up, -EBUSY: another has it.
 */
int tioccons(struct file *file)
{
	const struct tty_file *tf = file->private_data;
	int err = -EBUSY;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (tf->console) {
		redirect_drop(NULL);
		return 0;
	}
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	spin_lock(&redirect_lock);
	if (READ_ONCE(tf->hung_up)) {
		err = -EIO; /* redirect_drop() may have been here */
	} else if (!redirect) {
		get_file(file);
		redirect = file;
		err = 0;
	}
	spin_unlock(&redirect_lock);
	return err;
}
