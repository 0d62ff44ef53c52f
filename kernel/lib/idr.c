/*
 * Small ids: see idr.h for what it is.
 *
 * A 64-way tree like the radix tree, with one more word per node: a bit per
 * slot that is set when no id below that slot is free.  The lowest free id
 * is found by following the first slot whose bit is clear.  Nodes that
 * become empty are freed at once; the height only shrinks to nothing, and then
 * starts as high as the first id needs.
 *
 * Locks: the owner's.
 * Entry points: idr_alloc, idr_alloc_cyclic, idr_find, idr_remove,
 * idr_replace, idr_get_next, idr_destroy.
 */
#include <kernel/lib/idr.h>

#include <abi/errno.h>
#include <kernel/lib/mem_hook.h>

#define IDR_SHIFT  6
#define IDR_SLOTS  64U
#define IDR_LEVELS 6 /* 36 bits: more than an int */
#define ID_MAX	   0x7fffffffU

struct idr_node {
	u64 full; /* slots with nothing free below */
	unsigned int count;
	void *slots[IDR_SLOTS];
};

static inline unsigned int digit(u64 id, unsigned int level)
{
	return (unsigned int)(id >> (level * IDR_SHIFT)) & (IDR_SLOTS - 1);
}

static inline bool reaches(const struct idr *idr, u32 id)
{
	return ((u64)id >> (idr->levels * IDR_SHIFT)) == 0;
}

/* idr_init - no ids in use. */
void idr_init(struct idr *idr)
{
	*idr = (struct idr)IDR_INIT;
}

/* The place of @id, or NULL if the way to it does not exist. */
static void **find_slot(const struct idr *idr, int id)
{
	struct idr_node *node = idr->top;
	unsigned int level = idr->levels;

	if (id < 0 || !reaches(idr, (u32)id) || level == 0)
		return NULL;
	while (node && --level > 0)
		node = node->slots[digit((u32)id, level)];
	return node ? &node->slots[digit((u32)id, 0)] : NULL;
}

/* idr_find - what @id stands for, or NULL. */
void *idr_find(const struct idr *idr, int id)
{
	void **slot = find_slot(idr, id);

	return slot ? *slot : NULL;
}

/* idr_replace - let @id, which is in use, stand for @ptr; the old, or NULL. */
void *idr_replace(struct idr *idr, void *ptr, int id)
{
	void **slot = find_slot(idr, id);
	void *old;

	if (!slot || !*slot)
		return NULL;
	old = *slot;
	*slot = ptr;
	return old;
}

/*
 * The lowest free id >= @start, whether its nodes exist or not.  May be above
 * what the tree reaches, or above ID_MAX: all taken.
 */
static u64 lowest_free(const struct idr *idr, u32 start)
{
	const struct idr_node *path[IDR_LEVELS + 1];
	unsigned int level = idr->levels;
	unsigned int slot;
	u64 id = start;
	u64 open;

	if (level == 0 || !reaches(idr, start))
		return id;
	path[--level] = idr->top;
	for (;;) {
		open = ~path[level]->full & (~0ULL << digit(id, level));
		while (!open) {
			/* Nothing here: try the slots to the right, above. */
			if (++level == idr->levels)
				return 1ULL << (idr->levels * IDR_SHIFT);
			slot = digit(id, level) + 1;
			if (slot < IDR_SLOTS)
				open = ~path[level]->full & (~0ULL << slot);
		}
		slot = (unsigned int)__builtin_ctzll(open);
		if (slot != digit(id, level)) {
			id >>= (level + 1) * IDR_SHIFT;
			id = (id << IDR_SHIFT | slot) << (level * IDR_SHIFT);
		}
		if (level == 0 || !path[level]->slots[slot])
			return id;
		path[level - 1] = path[level]->slots[slot];
		level--;
	}
}

/* Make the tree reach @id. */
static int grow(struct idr *idr, u32 id)
{
	struct idr_node *top;

	if (!idr->top) {
		/* Empty: one node will do for any height. */
		idr->top = lib_zalloc(sizeof(*top));
		if (!idr->top)
			return -ENOMEM;
		do {
			idr->levels++;
		} while (!reaches(idr, id));
	}
	while (!reaches(idr, id)) {
		top = lib_zalloc(sizeof(*top));
		if (!top)
			return -ENOMEM;
		top->slots[0] = idr->top;
		top->count = 1;
		top->full = idr->top->full == ~0ULL;
		idr->top = top;
		idr->levels++;
	}
	return 0;
}

/* Free nodes on the way to @id that hold nothing, bottom up. */
static void prune(struct idr *idr, u32 id, struct idr_node **path)
{
	unsigned int level;

	for (level = 0; level < idr->levels; level++) {
		if (!path[level])
			continue;
		if (path[level]->count > 0)
			return;
		lib_free(path[level]);
		if (level + 1 == idr->levels) {
			idr->top = NULL;
			idr->levels = 0;
			return;
		}
		path[level + 1]->slots[digit(id, level + 1)] = NULL;
		path[level + 1]->count--;
	}
}

/* Put @ptr at @id, which is free. */
static int take(struct idr *idr, u32 id, void *ptr)
{
	struct idr_node *path[IDR_LEVELS + 1] = {NULL};
	struct idr_node *child;
	unsigned int level;

	if (grow(idr, id))
		return -ENOMEM;
	level = idr->levels - 1;
	path[level] = idr->top;
	for (; level > 0; level--) {
		child = path[level]->slots[digit(id, level)];
		if (!child) {
			child = lib_zalloc(sizeof(*child));
			if (!child) {
				prune(idr, id, path);
				return -ENOMEM;
			}
			path[level]->slots[digit(id, level)] = child;
			path[level]->count++;
		}
		path[level - 1] = child;
	}
	path[0]->slots[digit(id, 0)] = ptr;
	path[0]->count++;
	for (level = 0; level < idr->levels; level++) {
		path[level]->full |= 1ULL << digit(id, level);
		if (path[level]->full != ~0ULL)
			break;
	}
	idr->count++;
	return 0;
}

/* idr_alloc - take the lowest free id in [@start, @end). */
int idr_alloc(struct idr *idr, void *ptr, int start, int end)
{
	u64 limit = end > 0 ? (u64)end : (u64)ID_MAX + 1;
	u64 id;
	int err;

	if (start < 0 || !ptr)
		return -EINVAL;
	id = lowest_free(idr, (u32)start);
	if (id >= limit)
		return -ENOSPC;
	err = take(idr, (u32)id, ptr);
	return err ? err : (int)id;
}

/* idr_alloc_cyclic - as idr_alloc, going on after the last id given out. */
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end)
{
	int from = max(start, idr->next);
	int id = -ENOSPC;

	if (end <= 0 || from < end)
		id = idr_alloc(idr, ptr, from, end);
	if (id == -ENOSPC && from > start)
		id = idr_alloc(idr, ptr, start, end);
	if (id >= 0)
		idr->next = (u32)id == ID_MAX ? 0 : id + 1;
	return id;
}

/* idr_remove - free @id; returns what it stood for, or NULL. */
void *idr_remove(struct idr *idr, int id)
{
	struct idr_node *path[IDR_LEVELS + 1] = {NULL};
	unsigned int level = idr->levels;
	void *old;

	if (!idr_find(idr, id))
		return NULL;
	path[--level] = idr->top;
	for (; level > 0; level--)
		path[level - 1] = path[level]->slots[digit((u32)id, level)];
	old = path[0]->slots[digit((u32)id, 0)];
	path[0]->slots[digit((u32)id, 0)] = NULL;
	path[0]->count--;
	idr->count--;
	for (level = 0; level < idr->levels; level++)
		path[level]->full &= ~(1ULL << digit((u32)id, level));
	prune(idr, (u32)id, path);
	return old;
}

/* idr_get_next - first entry with id >= *@id; sets *@id.  NULL: none. */
void *idr_get_next(const struct idr *idr, int *id)
{
	const struct idr_node *node;
	unsigned int level;
	u64 at = (u32)*id;

	if (*id < 0 || idr->levels == 0)
		return NULL;
again:
	if (at > ID_MAX || !reaches(idr, (u32)at))
		return NULL;
	node = idr->top;
	for (level = idr->levels - 1;; level--) {
		unsigned int slot = digit((u32)at, level);

		if (!node->slots[slot]) {
			/* Skip all that this slot would hold. */
			at = ((at >> (level * IDR_SHIFT)) + 1)
			     << (level * IDR_SHIFT);
			goto again;
		}
		if (level == 0)
			break;
		node = node->slots[slot];
	}
	*id = (int)at;
	return node->slots[digit((u32)at, 0)];
}

/* idr_destroy - free all nodes; what the ids stood for stays. */
void idr_destroy(struct idr *idr)
{
	int id = 0;

	while (idr_get_next(idr, &id))
		idr_remove(idr, id);
	idr_init(idr);
}
