/*
 * devnode.h - the list of nodes that drivers want in /dev.
 *
 * Drivers register names; devtmpfs, when it exists, is told of each and is
 * given the earlier ones when it asks.
 */
#pragma once

#include <fs/vfs/types.h>

/* A file system that shows the nodes (devtmpfs, sysfs).  Both may sleep; 0 or
 * -errno. */
struct devnode_ops {
	int (*create)(const char *name, umode_t mode, dev_t dev);
	int (*remove)(const char *name);
};

/*
 * device_node_register - announce /dev/@name ("vda1", "pts/ptmx").
 * @mode has the type: S_IFCHR | 0666.  Copies @name.  0, -EEXIST, -ENOMEM.
 */
int device_node_register(const char *name, umode_t mode, dev_t dev);

/* device_node_unregister - take it back.  0 or -ENOENT. */
int device_node_unregister(const char *name);

/* device_node_name - the name registered for (type, dev) copied to @buf;
 * -ENOENT. */
int device_node_name(umode_t type, dev_t dev, char *buf, size_t size);

/* device_node_find - the reverse: *@mode and *@dev of @name; for root=. */
int device_node_find(const char *name, umode_t *mode, dev_t *dev);

/* devnode_attach - @ops hear of all nodes, past and future. */
int devnode_attach(const struct devnode_ops *ops);
