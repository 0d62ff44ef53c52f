/*
 * Red-black trees with intrusive nodes, with Linux's names.
 *
 * The caller walks the tree with its own comparison, links a new node with
 * rb_link_node() where the walk fell off, and calls rb_insert_color() to
 * repair the balance.  `rb_root_cached` also remembers the leftmost node.
 * No locks: the tree's owner brings one.
 *
 * An augmented tree keeps in each node something about all nodes below it, say
 * the largest of their values.  Its owner gives a function that makes a node's
 * from its own value and its children's.
 *
 * Entry points: rb_link_node, rb_insert_color, rb_erase, rb_first, rb_last,
 * rb_next, rb_prev, rb_replace_node, the _cached forms, and for augmented
 * trees rb_insert_augmented, rb_erase_augmented, rb_augment_path.
 */
#pragma once

#include <kernel/lib/macros.h>

struct rb_node {
	unsigned long __parent_color; /* parent pointer; bit 0 set: black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT                                                                \
	(struct rb_root)                                                       \
	{                                                                      \
		NULL                                                           \
	}
#define RB_ROOT_CACHED                                                         \
	(struct rb_root_cached)                                                \
	{                                                                      \
		{NULL}, NULL                                                   \
	}

#define RB_BLACK 1UL

#define rb_parent(n)		    ((struct rb_node *)((n)->__parent_color & ~3UL))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)                                       \
	({                                                                     \
		__typeof__(ptr) __rptr = (ptr);                                \
		__rptr ? rb_entry(__rptr, type, member) : (type *)NULL;        \
	})
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)

/* A node that is in no tree is its own parent. */
#define RB_EMPTY_NODE(node) ((node)->__parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__parent_color = (unsigned long)(node))

/* rb_link_node - hang red @node at *@link below @parent, not yet balanced. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

/* rb_insert_color - balance the tree after rb_link_node.  O(log n). */
void rb_insert_color(struct rb_node *node, struct rb_root *root);

/* rb_erase - take @node, which is in the tree, out of it.  O(log n). */
void rb_erase(struct rb_node *node, struct rb_root *root);

/* Make anew what @node keeps about itself and its children's subtrees; was it
 * another before? */
typedef bool (*rb_augment_t)(struct rb_node *node);

/* rb_augment_path - the value of @node (NULL: of nothing) has changed: it and
 * those above it are made anew, as far up as that changes anything. */
static inline void rb_augment_path(struct rb_node *node, rb_augment_t augment)
{
	while (node && augment(node))
		node = rb_parent(node);
}

/* rb_insert_augmented, rb_erase_augmented - as rb_insert_color and rb_erase in
 * an augmented tree. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 rb_augment_t augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			rb_augment_t augment);

/* rb_first, rb_last - the ends in sort order; NULL if the tree is empty. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);

/* rb_next, rb_prev - the neighbour in sort order; NULL at the end. */
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* rb_replace_node - put @entry, which sorts alike, where @victim is. */
void rb_replace_node(struct rb_node *victim, struct rb_node *entry,
		     struct rb_root *root);

/* rb_first_cached - the leftmost node in O(1); NULL if the tree is empty. */
#define rb_first_cached(root) ((root)->rb_leftmost)

/* Is @node the only one?  Run queues and timers often have no more. */
static inline bool rb_is_alone__(const struct rb_node *node,
				 const struct rb_root_cached *root)
{
	return root->rb_root.rb_node == node && !node->rb_left &&
	       !node->rb_right;
}

/* rb_insert_color_cached - as rb_insert_color; @leftmost: the walk to the
 * new node's place never turned right. */
static inline void rb_insert_color_cached(struct rb_node *node,
					  struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	if (rb_is_alone__(node, root))
		node->__parent_color = RB_BLACK;
	else
		rb_insert_color(node, &root->rb_root);
}

/* rb_erase_cached - as rb_erase, keeping the leftmost pointer right. */
static inline void rb_erase_cached(struct rb_node *node,
				   struct rb_root_cached *root)
{
	if (rb_is_alone__(node, root)) {
		*root = RB_ROOT_CACHED;
		return;
	}
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
}
