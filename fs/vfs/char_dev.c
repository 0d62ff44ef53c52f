/*
 * char_dev.c - from device number to character driver.
 *
 * Drivers register ranges of (major, minor); opening a character special
 * file finds the range and hands the open file to the driver's operations.
 *
 * Locks: chrdev_mutex guards the list.
 *
 * Entry points: register_chrdev, unregister_chrdev, chrdev_open.
 */
#include <fs/vfs/char_dev.h>

#include <abi/errno.h>
#include <fs/vfs/seq_file.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/mutex.h>

static DEFINE_MUTEX(chrdev_mutex, LOCK_LEAF_SLEEPING);
static LIST_HEAD(chrdevs); /* by major, then minor */

const struct file_operations def_chr_fops = {
	.open = chrdev_open,
};

/*
 * register_chrdev - @cdev answers for its numbers from now on.  0, or
 * -EBUSY when one of them is taken.  May sleep.
 */
int register_chrdev(struct char_device *cdev)
{
	struct list_head *place = &chrdevs;
	struct char_device *other;
	int err = 0;

	mutex_lock(&chrdev_mutex);
	list_for_each_entry (other, &chrdevs, link) {
		if (other->major > cdev->major ||
		    (other->major == cdev->major &&
		     other->minor >= cdev->minor + cdev->count)) {
			place = &other->link;
			break;
		}
		if (other->major == cdev->major &&
		    other->minor + other->count > cdev->minor) {
			err = -EBUSY;
			break;
		}
	}
	if (!err)
		list_add_tail(&cdev->link, place);
	mutex_unlock(&chrdev_mutex);
	return err;
}

/*
 * unregister_chrdev - no new opens reach @cdev.
 */
void unregister_chrdev(struct char_device *cdev)
{
	mutex_lock(&chrdev_mutex);
	list_del(&cdev->link);
	mutex_unlock(&chrdev_mutex);
}

static const struct char_device *chrdev_find(dev_t dev)
{
	const struct char_device *cdev, *found = NULL;

	mutex_lock(&chrdev_mutex);
	list_for_each_entry (cdev, &chrdevs, link) {
		if (cdev->major == MAJOR(dev) && MINOR(dev) >= cdev->minor &&
		    MINOR(dev) - cdev->minor < cdev->count) {
			found = cdev;
			break;
		}
	}
	mutex_unlock(&chrdev_mutex);
	return found;
}

/*
 * chrdev_open - open of a character special file.  May sleep.
 */
int chrdev_open(struct inode *inode, struct file *file)
{
	const struct char_device *cdev = chrdev_find(inode->i_rdev);

	if (!cdev)
		return -ENXIO;
	inode->i_cdev = cdev;
	file->f_op = cdev->fops;
	return file->f_op->open ? file->f_op->open(inode, file) : 0;
}

/*
 * chrdev_show - one line per driver, for /proc/devices.
 */
void chrdev_show(struct seq_file *m)
{
	const struct char_device *cdev, *last = NULL;

	mutex_lock(&chrdev_mutex);
	list_for_each_entry (cdev, &chrdevs, link) {
		if (!last || last->major != cdev->major ||
		    strcmp(last->name, cdev->name) != 0)
			seq_printf(m, "%3u %s\n", cdev->major, cdev->name);
		last = cdev;
	}
	mutex_unlock(&chrdev_mutex);
}
