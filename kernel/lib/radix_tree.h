/*
 * Radix tree: a sparse array from a u64 index to a pointer, with tags.
 *
 * Each node has 64 slots.  An item at index 0 alone needs no node: the root
 * holds it, so a file of one page costs nothing.  A tag is a bit per item
 * that is also kept in every node above it, so that tagged items are found
 * without looking at the others.  Nodes come from lib_zalloc().
 * No locks: the owner brings one (a page cache uses its mapping's lock).
 *
 * Entry points: radix_tree_insert, radix_tree_lookup, radix_tree_delete,
 * radix_tree_replace, radix_tree_gang_lookup, radix_tree_tag_set/clear/get,
 * radix_tree_gang_lookup_tag.
 */
#pragma once

#include <kernel/lib/macros.h>

#define RADIX_TREE_SHIFT 6
#define RADIX_TREE_SLOTS (1U << RADIX_TREE_SHIFT)
#define RADIX_TREE_TAGS	 3

struct radix_tree_node;

struct radix_tree_root {
	void *rnode; /* item at index 0 if height is 0, else the top node */
	u8 height;   /* levels of nodes */
	u8 tags;     /* bit per tag: some item has it */
};

#define RADIX_TREE_INIT                                                        \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* radix_tree_init - an empty tree. */
static inline void radix_tree_init(struct radix_tree_root *root)
{
	root->rnode = NULL;
	root->height = 0;
	root->tags = 0;
}

/* radix_tree_empty - are there no items? */
static inline bool radix_tree_empty(const struct radix_tree_root *root)
{
	return !root->rnode;
}

/*
 * radix_tree_insert - put @item (not NULL) at @index, with no tags.
 *
 * Returns 0, -EEXIST if the index is taken, or -ENOMEM.
 */
int radix_tree_insert(struct radix_tree_root *root, u64 index, void *item);

/* radix_tree_lookup - the item at @index, or NULL. */
void *radix_tree_lookup(const struct radix_tree_root *root, u64 index);

/* radix_tree_replace - swap in @item (not NULL), keeping tags; the old one. */
void *radix_tree_replace(struct radix_tree_root *root, u64 index, void *item);

/* radix_tree_delete - remove and return the item at @index, or NULL. */
void *radix_tree_delete(struct radix_tree_root *root, u64 index);

/*
 * radix_tree_gang_lookup - up to @max items with index >= @first, in order.
 *
 * The items go to @items, their indices to @indices (which may be NULL).
 * Returns how many were found.
 */
unsigned int radix_tree_gang_lookup(const struct radix_tree_root *root,
				    void **items, u64 *indices, u64 first,
				    unsigned int max);

/* radix_tree_gang_lookup_tag - as above, only items that have @tag. */
unsigned int radix_tree_gang_lookup_tag(const struct radix_tree_root *root,
					void **items, u64 *indices, u64 first,
					unsigned int max, unsigned int tag);

/* radix_tree_tag_set - tag the item at @index; returns it (NULL: no item). */
void *radix_tree_tag_set(struct radix_tree_root *root, u64 index,
			 unsigned int tag);

/* radix_tree_tag_clear - untag the item at @index; returns it, or NULL. */
void *radix_tree_tag_clear(struct radix_tree_root *root, u64 index,
			   unsigned int tag);

/* radix_tree_tag_get - has the item at @index the tag? */
bool radix_tree_tag_get(const struct radix_tree_root *root, u64 index,
			unsigned int tag);

/* radix_tree_tagged - has any item the tag?  O(1). */
static inline bool radix_tree_tagged(const struct radix_tree_root *root,
				     unsigned int tag)
{
	return root->tags & (1U << tag);
}
