/*
 * sysfs_link.h - symbolic links from one place of /sys to another.
 */
#pragma once

struct pseudo_entry;

/*
 * sysfs_link - make the link @where ("class/block/vda") to @target, with a
 * relative text as Linux has it.  Returns it, or NULL.  May sleep.
 */
struct pseudo_entry *sysfs_link(const char *where, struct pseudo_entry *target);

/* sysfs_link_at - the same for the link @name in the directory @dir. */
struct pseudo_entry *sysfs_link_at(struct pseudo_entry *dir, const char *name,
				   struct pseudo_entry *target);
