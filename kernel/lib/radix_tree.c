/*
 * Radix tree: see radix_tree.h for what it is.
 *
 * A tree of height h holds indices below 64^h; the digits of an index, six
 * bits each from the top, choose the slots.  Height 0 is the item at index 0
 * itself, with its tags in the root.  Each node has a word per tag with a bit
 * per slot: "this item, or something below this slot, has the tag".  The
 * tree grows at the root and shrinks when only slot 0 of the root is left.
 *
 * Locks: the tree owner's.
 * Entry points: see radix_tree.h.
 */
#include <kernel/lib/radix_tree.h>

#include <abi/errno.h>
#include <kernel/lib/mem_hook.h>

#define SLOT_MASK  (RADIX_TREE_SLOTS - 1)
#define MAX_HEIGHT 11 /* 11 * 6 bits hold a u64 */

struct radix_tree_node {
	u8 level; /* 1: slots hold items */
	u8 count; /* slots in use */
	u8 slot_in_parent;
	struct radix_tree_node *parent;
	u64 tags[RADIX_TREE_TAGS];
	void *slots[RADIX_TREE_SLOTS];
};

static inline unsigned int slot_of(u64 index, unsigned int level)
{
	return (index >> ((level - 1) * RADIX_TREE_SHIFT)) & SLOT_MASK;
}

/* Does a tree of @height have a place for @index? */
static inline bool height_holds(unsigned int height, u64 index)
{
	if (height >= MAX_HEIGHT)
		return true;
	return (index >> (height * RADIX_TREE_SHIFT)) == 0;
}

/* The lowest node on the way to @index, or NULL if the way ends before. */
static struct radix_tree_node *find_leaf(const struct radix_tree_root *root,
					 u64 index)
{
	struct radix_tree_node *node = root->rnode;

	if (!height_holds(root->height, index))
		return NULL;
	while (node && node->level > 1)
		node = node->slots[slot_of(index, node->level)];
	return node;
}

/*
 * Put a new root on top: the tree reaches 64 times as far, or, if it is empty,
 * as far as @index at once.
 */
static int grow(struct radix_tree_root *root, u64 index)
{
	struct radix_tree_node *top = lib_zalloc(sizeof(*top));
	struct radix_tree_node *old = root->rnode;
	unsigned int tag;

	if (!top)
		return -ENOMEM;
	root->height++;
	if (old) {
		top->slots[0] = old;
		top->count = 1;
		if (root->height > 1)
			old->parent = top;
		for (tag = 0; tag < RADIX_TREE_TAGS; tag++)
			top->tags[tag] = (root->tags >> tag) & 1;
	} else {
		while (!height_holds(root->height, index))
			root->height++;
	}
	top->level = root->height;
	root->rnode = top;
	return 0;
}

/* Give back roots that only pass on to slot 0, and empty nodes from @node up.
 */
static void shrink(struct radix_tree_root *root, struct radix_tree_node *node)
{
	struct radix_tree_node *parent, *top;

	while (node && node->count == 0) {
		parent = node->parent;
		if (parent) {
			parent->slots[node->slot_in_parent] = NULL;
			parent->count--;
		} else {
			radix_tree_init(root);
		}
		lib_free(node);
		node = parent;
	}
	while (root->height > 0) {
		top = root->rnode;
		if (top->count != 1 || !top->slots[0])
			return;
		root->rnode = top->slots[0];
		root->height--;
		if (root->height > 0)
			((struct radix_tree_node *)root->rnode)->parent = NULL;
		lib_free(top);
	}
}

/* Step from @node to its child for @index, making it if there is none. */
static struct radix_tree_node *descend(struct radix_tree_node *node, u64 index)
{
	unsigned int slot = slot_of(index, node->level);
	struct radix_tree_node *child = node->slots[slot];

	if (child)
		return child;
	child = lib_zalloc(sizeof(*child));
	if (!child)
		return NULL;
	child->level = node->level - 1;
	child->parent = node;
	child->slot_in_parent = (u8)slot;
	node->slots[slot] = child;
	node->count++;
	return child;
}

/* radix_tree_insert - put @item at @index; 0, -EEXIST or -ENOMEM. */
int radix_tree_insert(struct radix_tree_root *root, u64 index, void *item)
{
	struct radix_tree_node *node, *child;
	unsigned int slot;

	if (!root->rnode && index == 0) {
		root->rnode = item;
		return 0;
	}
	while (root->height == 0 || !height_holds(root->height, index)) {
		if (root->height == 0 && index == 0)
			return -EEXIST;
		if (grow(root, index)) {
			shrink(root, root->height ? root->rnode : NULL);
			return -ENOMEM;
		}
	}
	node = root->rnode;
	while (node->level > 1) {
		child = descend(node, index);
		if (!child) {
			shrink(root, node);
			return -ENOMEM;
		}
		node = child;
	}
	slot = slot_of(index, 1);
	if (node->slots[slot])
		return -EEXIST;
	node->slots[slot] = item;
	node->count++;
	return 0;
}

/* radix_tree_lookup - the item at @index, or NULL. */
void *radix_tree_lookup(const struct radix_tree_root *root, u64 index)
{
	struct radix_tree_node *node;

	if (root->height == 0)
		return index == 0 ? root->rnode : NULL;
	node = find_leaf(root, index);
	return node ? node->slots[slot_of(index, 1)] : NULL;
}

/* radix_tree_replace - swap in @item, keeping tags; returns the old one. */
void *radix_tree_replace(struct radix_tree_root *root, u64 index, void *item)
{
	struct radix_tree_node *node;
	void **place;
	void *old;

	if (root->height == 0) {
		if (index != 0 || !root->rnode)
			return NULL;
		place = &root->rnode;
	} else {
		node = find_leaf(root, index);
		if (!node)
			return NULL;
		place = &node->slots[slot_of(index, 1)];
	}
	old = *place;
	if (old)
		*place = item;
	return old;
}

/* Clear the tag of @slot in @node, and above it where nothing else has it. */
static void clear_tag_up(struct radix_tree_root *root,
			 struct radix_tree_node *node, unsigned int slot,
			 unsigned int tag)
{
	for (;;) {
		node->tags[tag] &= ~(1ULL << slot);
		if (node->tags[tag])
			return;
		if (!node->parent)
			break;
		slot = node->slot_in_parent;
		node = node->parent;
	}
	root->tags &= ~(1U << tag);
}

/* radix_tree_delete - remove and return the item at @index, or NULL. */
void *radix_tree_delete(struct radix_tree_root *root, u64 index)
{
	struct radix_tree_node *node;
	unsigned int slot, tag;
	void *item;

	if (root->height == 0) {
		item = index == 0 ? root->rnode : NULL;
		if (item)
			radix_tree_init(root);
		return item;
	}
	node = find_leaf(root, index);
	slot = slot_of(index, 1);
	if (!node || !node->slots[slot])
		return NULL;
	for (tag = 0; tag < RADIX_TREE_TAGS; tag++) {
		if (node->tags[tag] & (1ULL << slot))
			clear_tag_up(root, node, slot, tag);
	}
	item = node->slots[slot];
	node->slots[slot] = NULL;
	node->count--;
	shrink(root, node);
	return item;
}

/* radix_tree_tag_set - tag the item at @index; returns it, or NULL. */
void *radix_tree_tag_set(struct radix_tree_root *root, u64 index,
			 unsigned int tag)
{
	void *item = radix_tree_lookup(root, index);
	struct radix_tree_node *node;
	unsigned int slot;

	if (!item)
		return NULL;
	root->tags |= 1U << tag;
	if (root->height == 0)
		return item;
	node = find_leaf(root, index);
	slot = slot_of(index, 1);
	while (!(node->tags[tag] & (1ULL << slot))) {
		node->tags[tag] |= 1ULL << slot;
		if (!node->parent)
			break;
		slot = node->slot_in_parent;
		node = node->parent;
	}
	return item;
}

/* radix_tree_tag_clear - untag the item at @index; returns it, or NULL. */
void *radix_tree_tag_clear(struct radix_tree_root *root, u64 index,
			   unsigned int tag)
{
	void *item = radix_tree_lookup(root, index);
	struct radix_tree_node *node;
	unsigned int slot;

	if (!item)
		return NULL;
	if (root->height == 0) {
		root->tags &= ~(1U << tag);
		return item;
	}
	node = find_leaf(root, index);
	slot = slot_of(index, 1);
	if (node->tags[tag] & (1ULL << slot))
		clear_tag_up(root, node, slot, tag);
	return item;
}

/* radix_tree_tag_get - has the item at @index the tag? */
bool radix_tree_tag_get(const struct radix_tree_root *root, u64 index,
			unsigned int tag)
{
	struct radix_tree_node *node;

	if (root->height == 0)
		return index == 0 && root->rnode && (root->tags >> tag & 1);
	node = find_leaf(root, index);
	return node && (node->tags[tag] >> slot_of(index, 1) & 1);
}

/* The first slot >= @slot of @node in use (with @tag if >= 0), or 64. */
static unsigned int next_slot(const struct radix_tree_node *node,
			      unsigned int slot, int tag)
{
	u64 mask;

	if (slot >= RADIX_TREE_SLOTS)
		return RADIX_TREE_SLOTS;
	if (tag >= 0) {
		mask = node->tags[tag] & (~0ULL << slot);
		return mask ? (unsigned int)__builtin_ctzll(mask)
			    : RADIX_TREE_SLOTS;
	}
	while (slot < RADIX_TREE_SLOTS && !node->slots[slot])
		slot++;
	return slot;
}

/*
 * The leaf that holds the first item at or after *@index (with @tag if >= 0),
 * whose index goes to *@index; NULL if there is none.
 */
static const struct radix_tree_node *next_leaf(
	const struct radix_tree_root *root, u64 *index, int tag)
{
	const struct radix_tree_node *node = root->rnode;
	unsigned int slot = slot_of(*index, node->level);
	unsigned int shift, found;

	for (;;) {
		shift = (node->level - 1) * RADIX_TREE_SHIFT;
		found = next_slot(node, slot, tag);
		if (found == RADIX_TREE_SLOTS) {
			if (!node->parent)
				return NULL;
			slot = node->slot_in_parent + 1;
			node = node->parent;
			continue;
		}
		if (found != slot_of(*index, node->level)) {
			/* Later than asked: all lower digits start at 0. */
			*index &= ~0ULL << shift;
			*index &= ~((u64)SLOT_MASK << shift);
			*index |= (u64)found << shift;
		}
		if (node->level == 1)
			return node;
		node = node->slots[found];
		slot = slot_of(*index, node->level);
	}
}

static unsigned int gang(const struct radix_tree_root *root, void **items,
			 u64 *indices, u64 index, unsigned int max, int tag)
{
	const struct radix_tree_node *leaf;
	unsigned int slot, n = 0;

	if (!root->rnode || max == 0 || !height_holds(root->height, index))
		return 0;
	if (tag >= 0 && !radix_tree_tagged(root, (unsigned int)tag))
		return 0;
	if (root->height == 0) {
		items[0] = root->rnode;
		if (indices)
			indices[0] = 0;
		return 1;
	}
	while ((leaf = next_leaf(root, &index, tag))) {
		slot = slot_of(index, 1);
		while (slot < RADIX_TREE_SLOTS) {
			items[n] = leaf->slots[slot];
			if (indices)
				indices[n] = (index & ~(u64)SLOT_MASK) | slot;
			if (++n == max)
				return n;
			slot = next_slot(leaf, slot + 1, tag);
		}
		index = (index | SLOT_MASK) + 1;
		if (index == 0 || !height_holds(root->height, index))
			break;
	}
	return n;
}

/* radix_tree_gang_lookup - up to @max items with index >= @first, in order. */
unsigned int radix_tree_gang_lookup(const struct radix_tree_root *root,
				    void **items, u64 *indices, u64 first,
				    unsigned int max)
{
	return gang(root, items, indices, first, max, -1);
}

/* radix_tree_gang_lookup_tag - as above, only items that have @tag. */
unsigned int radix_tree_gang_lookup_tag(const struct radix_tree_root *root,
					void **items, u64 *indices, u64 first,
					unsigned int max, unsigned int tag)
{
	return gang(root, items, indices, first, max, (int)tag);
}
