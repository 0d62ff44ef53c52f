/*
 * sysfs_link.c - see sysfs_link.h: the text of a relative link, from the
 * place it lies at up to the root and down to its target.
 *
 * Entry points: sysfs_link, sysfs_link_at.
 */
#include <fs/vfs/sysfs_link.h>

#include <fs/vfs/pseudo.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

#define LINK_TEXT_MAX 256

/* "/devices/virtual/block/vda" of @entry into @path. */
static void path_of(const struct pseudo_entry *entry, char *path)
{
	char longer[LINK_TEXT_MAX];

	path[0] = '\0';
	while (entry && entry != &sysfs_tree.root) {
		snprintf(longer, sizeof(longer), "/%s%s", entry->name, path);
		strscpy(path, longer, LINK_TEXT_MAX);
		entry = entry->parent;
	}
}

struct pseudo_entry *sysfs_link(const char *where, struct pseudo_entry *target)
{
	char text[LINK_TEXT_MAX];
	char path[LINK_TEXT_MAX];
	const char *c;

	path_of(target, path);
	text[0] = '\0';
	for (c = where; *c; c++) {
		if (*c == '/')
			strlcat(text, text[0] ? "/.." : "..", sizeof(text));
	}
	strlcat(text, text[0] ? path : path + 1, sizeof(text));
	return pseudo_symlink(&sysfs_tree.root, where, text);
}

struct pseudo_entry *sysfs_link_at(struct pseudo_entry *dir, const char *name,
				   struct pseudo_entry *target)
{
	char where[LINK_TEXT_MAX];

	path_of(dir, where);
	strlcat(where, "/", sizeof(where));
	strlcat(where, name, sizeof(where));
	return sysfs_link(where + 1, target);
}
