/*
 * Tests of rbtree.c: random insertions and removals, with the rules of the tree
 * checked after each.
 */
#include <kernel/lib/rbtree.h>
#include <tests/unit/unit.h>

#define ITEMS 512

struct item {
	u64 key;
	bool in_tree;
	struct rb_node node;
};

static struct item items[ITEMS];

static bool red(const struct rb_node *n)
{
	return n && !(n->__parent_color & 1);
}

/* Black nodes on the way down from @n; -1 if a rule is broken. */
static int black_height(const struct rb_node *n)
{
	int left, right;

	if (!n)
		return 0;
	if (red(n) && (red(n->rb_left) || red(n->rb_right)))
		return -1;
	if ((n->rb_left && rb_parent(n->rb_left) != n) ||
	    (n->rb_right && rb_parent(n->rb_right) != n))
		return -1;
	left = black_height(n->rb_left);
	right = black_height(n->rb_right);
	if (left < 0 || left != right)
		return -1;
	return left + !red(n);
}

static void insert(struct rb_root_cached *root, struct item *it)
{
	struct rb_node **link = &root->rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (it->key < rb_entry(parent, struct item, node)->key) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&it->node, parent, link);
	rb_insert_color_cached(&it->node, root, leftmost);
	it->in_tree = true;
}

/* Rules, order, both directions and the number of nodes. */
static bool sound(struct rb_root_cached *root, int count)
{
	struct rb_node *n, *prev = NULL;
	int seen = 0;

	if (red(root->rb_root.rb_node) ||
	    black_height(root->rb_root.rb_node) < 0)
		return false;
	if (rb_first_cached(root) != rb_first(&root->rb_root))
		return false;
	for (n = rb_first(&root->rb_root); n; n = rb_next(n)) {
		if (rb_prev(n) != prev)
			return false;
		if (prev && rb_entry(prev, struct item, node)->key >
				    rb_entry(n, struct item, node)->key)
			return false;
		prev = n;
		seen++;
	}
	return rb_last(&root->rb_root) == prev && seen == count;
}

TEST(rbtree_stays_balanced_at_random)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	int step, count = 0;

	for (step = 0; step < 6000; step++) {
		struct item *it = &items[unit_random() % ITEMS];

		if (it->in_tree) {
			rb_erase_cached(&it->node, &root);
			it->in_tree = false;
			count--;
		} else {
			it->key = unit_random() % 300;
			insert(&root, it);
			count++;
		}
		CHECK(sound(&root, count));
	}
	for (step = 0; step < ITEMS; step++) {
		if (!items[step].in_tree)
			continue;
		rb_erase_cached(&items[step].node, &root);
		items[step].in_tree = false;
		CHECK(sound(&root, --count));
	}
	CHECK(RB_EMPTY_ROOT(&root.rb_root) && rb_first_cached(&root) == NULL);
}

TEST(rbtree_grows_in_order_and_shrinks)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	int i;

	for (i = 0; i < ITEMS; i++) {
		items[i].key = (u64)i;
		insert(&root, &items[i]);
	}
	CHECK(sound(&root, ITEMS));
	for (i = 0; i < ITEMS; i++) {
		CHECK(rb_first_cached(&root) == &items[i].node);
		rb_erase_cached(&items[i].node, &root);
		items[i].in_tree = false;
	}
	CHECK(RB_EMPTY_ROOT(&root.rb_root));
}

TEST(rbtree_replaces_a_node)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item other = {.key = 5};
	int i;

	for (i = 0; i < 10; i++) {
		items[i].key = (u64)i;
		insert(&root, &items[i]);
	}
	rb_replace_node(&items[5].node, &other.node, &root.rb_root);
	CHECK(rb_next(&items[4].node) == &other.node);
	CHECK(rb_prev(&items[6].node) == &other.node);
	CHECK(sound(&root, 10));
	for (i = 0; i < 10; i++)
		items[i].in_tree = false;
}
