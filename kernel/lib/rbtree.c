/*
 * Red-black trees.
 *
 * The rules: a red node has no red child; every way from a node down to a
 * missing child meets the same number of black nodes; the root is black.  So
 * the longest way is at most twice the shortest, and a walk is O(log n).
 *
 * Insertion adds a red leaf and repairs red-below-red going up; removal
 * may leave one side a black node short and repairs that going up.
 * The colour is bit 0 of the parent pointer: 1 is black.
 *
 * Augmented trees: what a change makes wrong is made anew on the way up from
 * it before the balance is repaired; then a rotation, which leaves the same
 * nodes below the same place, makes wrong only the two that change places.
 *
 * Locks: the tree owner's.
 * Entry points: rb_insert_color, rb_erase, rb_first, rb_last, rb_next,
 * rb_prev, rb_replace_node, rb_insert_augmented, rb_erase_augmented.
 */
#include <kernel/lib/rbtree.h>

static inline bool is_red(const struct rb_node *n)
{
	return n && !(n->__parent_color & RB_BLACK);
}

static inline void set_red(struct rb_node *n)
{
	n->__parent_color &= ~RB_BLACK;
}

static inline void set_black(struct rb_node *n)
{
	n->__parent_color |= RB_BLACK;
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__parent_color =
		(unsigned long)parent | (n->__parent_color & RB_BLACK);
}

/* Let what pointed down to @old (a parent's link or the root) point to @entry.
 */
static void change_child(struct rb_root *root, struct rb_node *parent,
			 struct rb_node *old, struct rb_node *entry)
{
	if (!parent)
		WRITE_ONCE(root->rb_node, entry);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, entry);
	else
		WRITE_ONCE(parent->rb_right, entry);
}

static inline void augment_two(struct rb_node *lower, struct rb_node *upper,
			       rb_augment_t augment)
{
	if (!augment)
		return;
	(void)augment(lower);
	(void)augment(upper);
}

/* @n sinks to the left, its right child takes its place. */
static void rotate_left(struct rb_root *root, struct rb_node *n,
			rb_augment_t augment)
{
	struct rb_node *up = n->rb_right;
	struct rb_node *parent = rb_parent(n);

	n->rb_right = up->rb_left;
	if (up->rb_left)
		set_parent(up->rb_left, n);
	up->rb_left = n;
	set_parent(up, parent);
	set_parent(n, up);
	change_child(root, parent, n, up);
	augment_two(n, up, augment);
}

/* The mirror image. */
static void rotate_right(struct rb_root *root, struct rb_node *n,
			 rb_augment_t augment)
{
	struct rb_node *up = n->rb_left;
	struct rb_node *parent = rb_parent(n);

	n->rb_left = up->rb_right;
	if (up->rb_right)
		set_parent(up->rb_right, n);
	up->rb_right = n;
	set_parent(up, parent);
	set_parent(n, up);
	change_child(root, parent, n, up);
	augment_two(n, up, augment);
}

static void insert_fixup(struct rb_root *root, struct rb_node *node,
			 rb_augment_t augment)
{
	struct rb_node *parent, *grand, *uncle;

	while ((parent = rb_parent(node)) && is_red(parent)) {
		/* A red parent is not the root, so there is a grandparent. */
		grand = rb_parent(parent);
		uncle = grand->rb_left == parent ? grand->rb_right
						 : grand->rb_left;
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (parent == grand->rb_left) {
			if (node == parent->rb_right) {
				rotate_left(root, parent, augment);
				parent = node;
			}
			rotate_right(root, grand, augment);
		} else {
			if (node == parent->rb_left) {
				rotate_right(root, parent, augment);
				parent = node;
			}
			rotate_left(root, grand, augment);
		}
		set_black(parent);
		set_red(grand);
		break;
	}
	set_black(root->rb_node);
}

/* rb_insert_color - balance the tree after rb_link_node.  O(log n). */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert_fixup(root, node, NULL);
}

/* rb_insert_augmented - see rbtree.h. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 rb_augment_t augment)
{
	(void)augment(node);
	rb_augment_path(rb_parent(node), augment);
	insert_fixup(root, node, augment);
}

/*
 * One step of the repair after removal.  The side of @parent where @node (may
 * be NULL) stands is a black node short; @s is the other side's top, not red.
 * @left: @node is the left child.  True when the tree is in order again.
 */
static bool fix_black_sibling(struct rb_root *root, struct rb_node *parent,
			      struct rb_node *s, bool left,
			      rb_augment_t augment)
{
	struct rb_node *near = left ? s->rb_left : s->rb_right;
	struct rb_node *far = left ? s->rb_right : s->rb_left;

	if (!is_red(near) && !is_red(far)) {
		/* Make the other side short as well; go on above. */
		set_red(s);
		return false;
	}
	if (!is_red(far)) {
		set_black(near);
		set_red(s);
		if (left)
			rotate_right(root, s, augment);
		else
			rotate_left(root, s, augment);
		far = s;
		s = near;
	}
	if (is_red(parent))
		set_red(s);
	else
		set_black(s);
	set_black(parent);
	set_black(far);
	if (left)
		rotate_left(root, parent, augment);
	else
		rotate_right(root, parent, augment);
	return true;
}

/* Repair the tree: below @parent, the side of @node is a black node short. */
static void erase_fixup(struct rb_root *root, struct rb_node *node,
			struct rb_node *parent, rb_augment_t augment)
{
	struct rb_node *s;
	bool left;

	while (node != root->rb_node && !is_red(node)) {
		left = parent->rb_left == node;
		s = left ? parent->rb_right : parent->rb_left;
		if (is_red(s)) {
			set_black(s);
			set_red(parent);
			if (left)
				rotate_left(root, parent, augment);
			else
				rotate_right(root, parent, augment);
			s = left ? parent->rb_right : parent->rb_left;
		}
		if (fix_black_sibling(root, parent, s, left, augment))
			return;
		node = parent;
		parent = rb_parent(node);
	}
	if (node)
		set_black(node);
}

/*
 * Put the successor of @node, which has two children, in its place.  Returns
 * whether a black node is now missing, below *@parent on the side of *@child.
 */
static bool erase_inner(struct rb_root *root, struct rb_node *node,
			struct rb_node **child, struct rb_node **parent)
{
	struct rb_node *next = node->rb_right;
	bool lost_black;

	while (next->rb_left)
		next = next->rb_left;
	lost_black = !is_red(next);
	*child = next->rb_right;
	*parent = rb_parent(next);
	if (*parent == node) {
		*parent = next;
	} else {
		(*parent)->rb_left = *child;
		if (*child)
			set_parent(*child, *parent);
		next->rb_right = node->rb_right;
		set_parent(node->rb_right, next);
	}
	next->rb_left = node->rb_left;
	set_parent(node->rb_left, next);
	next->__parent_color = node->__parent_color;
	change_child(root, rb_parent(node), node, next);
	return lost_black;
}

static void erase(struct rb_node *node, struct rb_root *root,
		  rb_augment_t augment)
{
	struct rb_node *child, *parent, *up;
	bool lost_black;

	if (node->rb_left && node->rb_right) {
		lost_black = erase_inner(root, node, &child, &parent);
	} else {
		child = node->rb_left ? node->rb_left : node->rb_right;
		parent = rb_parent(node);
		lost_black = !is_red(node);
		if (child)
			set_parent(child, parent);
		change_child(root, parent, node, child);
	}
	/* To the top: on the way stands what took @node's place. */
	for (up = parent; augment && up; up = rb_parent(up))
		(void)augment(up);
	if (lost_black)
		erase_fixup(root, child, parent, augment);
}

/* rb_erase - take @node, which is in the tree, out of it.  O(log n). */
void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

/* rb_erase_augmented - see rbtree.h. */
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			rb_augment_t augment)
{
	erase(node, root, augment);
}

/* rb_first - the first node in sort order; NULL if the tree is empty. */
struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

/* rb_last - the last node in sort order; NULL if the tree is empty. */
struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_right)
		n = n->rb_right;
	return n;
}

/* rb_next - the node after @node in sort order; NULL at the end. */
struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *n, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_right) {
		for (n = node->rb_right; n->rb_left;)
			n = n->rb_left;
		return n;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_right)
		node = parent;
	return parent;
}

/* rb_prev - the node before @node in sort order; NULL at the end. */
struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *n, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_left) {
		for (n = node->rb_left; n->rb_right;)
			n = n->rb_right;
		return n;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_left)
		node = parent;
	return parent;
}

/* rb_replace_node - put @entry, which sorts alike, where @victim is. */
void rb_replace_node(struct rb_node *victim, struct rb_node *entry,
		     struct rb_root *root)
{
	*entry = *victim;
	if (victim->rb_left)
		set_parent(victim->rb_left, entry);
	if (victim->rb_right)
		set_parent(victim->rb_right, entry);
	change_child(root, rb_parent(victim), victim, entry);
}
