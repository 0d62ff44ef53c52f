/*
 * devnode.c - the list of nodes that drivers want in /dev.
 *
 * Nodes are kept in the order of registration, each with a serial number, so
 * that a file system that attaches later can be told of all of them without
 * a lock held over its (sleeping) operations.
 *
 * Locks: devnode_lock guards the list.
 *
 * Entry points: device_node_register, device_node_unregister,
 * device_node_find, devnode_attach.
 */
#include <fs/vfs/devnode.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define DEVNODE_NAME_MAX 64
#define MAX_LISTENERS	 4

struct devnode {
	struct list_head link;
	u64 serial;
	umode_t mode;
	dev_t dev;
	char name[DEVNODE_NAME_MAX];
};

static DEFINE_SPINLOCK(devnode_lock, LOCK_LEAF);
static LIST_HEAD(devnodes); /* [devnode_lock] */
static u64 last_serial;	    /* [devnode_lock] */

/* [devnode_lock] filled from the front, never emptied */
static const struct devnode_ops *listeners[MAX_LISTENERS];

/* Tell all listeners that @name is there; the first error but -EEXIST. */
static int tell_created(const char *name, umode_t mode, dev_t dev)
{
	const struct devnode_ops *ops;
	unsigned int i;
	int err = 0;
	int err2;

	for (i = 0; i < MAX_LISTENERS; i++) {
		ops = READ_ONCE(listeners[i]);
		if (!ops)
			break;
		err2 = ops->create(name, mode, dev);
		if (!err && err2 != -EEXIST)
			err = err2;
	}
	return err;
}

static int tell_removed(const char *name)
{
	const struct devnode_ops *ops;
	unsigned int i;
	int err = 0;
	int err2;

	for (i = 0; i < MAX_LISTENERS; i++) {
		ops = READ_ONCE(listeners[i]);
		if (!ops)
			break;
		err2 = ops->remove(name);
		if (!err)
			err = err2;
	}
	return err;
}

static struct devnode *find_locked(const char *name)
{
	struct devnode *node;

	list_for_each_entry (node, &devnodes, link)
		if (strcmp(node->name, name) == 0)
			return node;
	return NULL;
}

/*
 * device_node_register - see devnode.h.
 */
int device_node_register(const char *name, umode_t mode, dev_t dev)
{
	struct devnode *node = kzalloc(sizeof(*node));
	int err = 0;

	if (!node)
		return -ENOMEM;
	if (strscpy(node->name, name, sizeof(node->name)) < 0) {
		kfree(node);
		return -ENAMETOOLONG;
	}
	node->mode = mode;
	node->dev = dev;
	spin_lock(&devnode_lock);
	if (find_locked(name)) {
		err = -EEXIST;
	} else {
		node->serial = ++last_serial;
		list_add_tail(&node->link, &devnodes);
	}
	spin_unlock(&devnode_lock);
	if (err) {
		kfree(node);
		return err;
	}
	return tell_created(name, mode, dev);
}

/*
 * device_node_unregister - see devnode.h.
 */
int device_node_unregister(const char *name)
{
	struct devnode *node;

	spin_lock(&devnode_lock);
	node = find_locked(name);
	if (node)
		list_del(&node->link);
	spin_unlock(&devnode_lock);
	if (!node)
		return -ENOENT;
	kfree(node);
	return tell_removed(name);
}

/*
 * device_node_name - see devnode.h.
 */
int device_node_name(umode_t type, dev_t dev, char *buf, size_t size)
{
	struct devnode *node;
	int err = -ENOENT;

	spin_lock(&devnode_lock);
	list_for_each_entry (node, &devnodes, link) {
		if (node->dev == dev && (node->mode & S_IFMT) == type) {
			(void)strlcpy(buf, node->name, size);
			err = 0;
			break;
		}
	}
	spin_unlock(&devnode_lock);
	return err;
}

/*
 * device_node_find - see devnode.h.
 */
int device_node_find(const char *name, umode_t *mode, dev_t *dev)
{
	struct devnode *node;

	spin_lock(&devnode_lock);
	node = find_locked(name);
	if (node) {
		*mode = node->mode;
		*dev = node->dev;
	}
	spin_unlock(&devnode_lock);
	return node ? 0 : -ENOENT;
}

/* A copy of the first node with a serial above @serial; false at the end. */
static bool next_node(u64 serial, struct devnode *copy)
{
	struct devnode *node;
	bool found = false;

	spin_lock(&devnode_lock);
	list_for_each_entry (node, &devnodes, link) {
		if (node->serial > serial) {
			*copy = *node;
			found = true;
			break;
		}
	}
	spin_unlock(&devnode_lock);
	return found;
}

/*
 * devnode_attach - see devnode.h.  A node registered meanwhile may be created
 * twice; -EEXIST is fine.
 */
int devnode_attach(const struct devnode_ops *ops)
{
	struct devnode node = {.serial = 0};
	unsigned int i;
	int err = 0;
	int err2;

	spin_lock(&devnode_lock);
	for (i = 0; i < MAX_LISTENERS && listeners[i]; i++)
		;
	if (i < MAX_LISTENERS)
		WRITE_ONCE(listeners[i], ops);
	spin_unlock(&devnode_lock);
	if (i == MAX_LISTENERS)
		return -ENOSPC;
	while (next_node(node.serial, &node)) {
		err2 = ops->create(node.name, node.mode, node.dev);
		if (err2 && err2 != -EEXIST)
			err = err2;
	}
	return err;
}
