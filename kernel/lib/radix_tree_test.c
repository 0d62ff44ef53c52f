/*
 * Tests of radix_tree.c: against a plain array, at the edges, and with memory
 * that runs out.
 */
#include <abi/errno.h>

#include <kernel/lib/radix_tree.h>
#include <tests/unit/unit.h>

#define SPAN 5000 /* three levels */

static char things[SPAN];
static bool present[SPAN];
static bool tagged[SPAN];

/* The model's answer to a gang lookup: first index >= @at, or SPAN. */
static u64 model_next(u64 at, bool want_tag)
{
	while (at < SPAN && !(want_tag ? tagged[at] : present[at]))
		at++;
	return at;
}

static bool gang_agrees(struct radix_tree_root *root, u64 first, bool want_tag)
{
	void *found[16];
	u64 indices[16];
	unsigned int n, i;

	n = want_tag ? radix_tree_gang_lookup_tag(root, found, indices, first,
						  16, 1)
		     : radix_tree_gang_lookup(root, found, indices, first, 16);
	for (i = 0; i < n; i++) {
		u64 at = model_next(first, want_tag);

		if (indices[i] != at || found[i] != &things[at])
			return false;
		first = at + 1;
	}
	return n == 16 || model_next(first, want_tag) == SPAN;
}

TEST(radix_tree_agrees_with_an_array)
{
	struct radix_tree_root root = RADIX_TREE_INIT;
	int step;

	for (step = 0; step < 30000; step++) {
		u64 i = unit_random() % SPAN;
		u64 j = unit_random() % SPAN;

		/* Grow, then shrink to nothing. */
		if (unit_random() % 100 < (step < 15000 ? 60 : 30)) {
			CHECK(radix_tree_insert(&root, i, &things[i]) ==
			      (present[i] ? -EEXIST : 0));
			present[i] = true;
		} else {
			CHECK(radix_tree_delete(&root, i) ==
			      (present[i] ? &things[i] : NULL));
			present[i] = false;
			tagged[i] = false;
		}
		if (unit_random() % 2) {
			CHECK(!!radix_tree_tag_set(&root, j, 1) == present[j]);
			tagged[j] = present[j];
		} else {
			radix_tree_tag_clear(&root, j, 1);
			tagged[j] = false;
		}
		CHECK(radix_tree_tag_get(&root, j, 1) == tagged[j]);
		CHECK(radix_tree_lookup(&root, j) ==
		      (present[j] ? &things[j] : NULL));
		if (step % 16 == 0) {
			CHECK(gang_agrees(&root, j, false));
			CHECK(gang_agrees(&root, j, true));
		}
		CHECK(radix_tree_tagged(&root, 1) ==
		      (model_next(0, true) < SPAN));
	}
	for (step = 0; step < SPAN; step++) {
		radix_tree_delete(&root, (u64)step);
		present[step] = tagged[step] = false;
	}
	CHECK(radix_tree_empty(&root) && unit_memory_in_use() == 0);
}

TEST(radix_tree_holds_the_last_index)
{
	struct radix_tree_root root = RADIX_TREE_INIT;
	void *found[4];
	u64 at[4];

	CHECK(radix_tree_insert(&root, 0, &things[0]) == 0);
	CHECK(unit_memory_in_use() == 0); /* index 0 alone needs no node */
	CHECK(radix_tree_tag_set(&root, 0, 2) == &things[0]);
	CHECK(radix_tree_insert(&root, ~0ULL, &things[1]) == 0);
	CHECK(radix_tree_tag_get(&root, 0, 2));
	CHECK(radix_tree_gang_lookup(&root, found, at, 1, 4) == 1);
	CHECK(at[0] == ~0ULL && found[0] == &things[1]);
	CHECK(radix_tree_gang_lookup(&root, found, at, 0, 4) == 2);
	CHECK(radix_tree_replace(&root, ~0ULL, &things[2]) == &things[1]);
	CHECK(radix_tree_delete(&root, ~0ULL) == &things[2]);
	CHECK(root.height == 0 && radix_tree_tag_get(&root, 0, 2));
	CHECK(radix_tree_delete(&root, 0) == &things[0]);
	CHECK(unit_memory_in_use() == 0 && root.tags == 0);
}

TEST(radix_tree_begins_anywhere)
{
	struct radix_tree_root root = RADIX_TREE_INIT;
	u64 index;
	long n;

	for (index = 1; index; index *= 64) {
		CHECK(radix_tree_insert(&root, index, &things[1]) == 0);
		CHECK(unit_memory_in_use() == root.height);
		CHECK(radix_tree_lookup(&root, index) == &things[1]);
		CHECK(radix_tree_lookup(&root, 0) == NULL);
		CHECK(radix_tree_delete(&root, index) == &things[1]);
		CHECK(radix_tree_empty(&root) && root.height == 0);
		CHECK(unit_memory_in_use() == 0);
	}
	for (n = 0; n < 3; n++) {
		unit_memory_fail_after(n);
		CHECK(radix_tree_insert(&root, 64 * 64, &things[1]) == -ENOMEM);
		unit_memory_fail_after(-1);
		CHECK(unit_memory_in_use() == 0 && root.height == 0);
	}
}

TEST(radix_tree_survives_lack_of_memory)
{
	struct radix_tree_root root = RADIX_TREE_INIT;
	long n;
	int err;

	CHECK(radix_tree_insert(&root, 3, &things[3]) == 0);
	for (n = 0;; n++) {
		unit_memory_fail_after(n);
		err = radix_tree_insert(&root, 1ULL << 40, &things[1]);
		unit_memory_fail_after(-1);
		CHECK(radix_tree_lookup(&root, 3) == &things[3]);
		if (!err)
			break;
		CHECK(err == -ENOMEM && unit_memory_in_use() == 1);
		CHECK(radix_tree_lookup(&root, 1ULL << 40) == NULL);
	}
	CHECK(n > 6);
	radix_tree_delete(&root, 1ULL << 40);
	radix_tree_delete(&root, 3);
	CHECK(unit_memory_in_use() == 0);
}
