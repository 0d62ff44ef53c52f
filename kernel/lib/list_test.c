/*
 * Tests of list.h and ring.h.
 */
#include <kernel/lib/list.h>
#include <kernel/lib/ring.h>
#include <tests/unit/unit.h>

struct item {
	int n;
	struct list_head link;
	struct hlist_node hash;
};

static struct item items[4] = {{0}, {1}, {2}, {3}};

/* Do the items in @head have the numbers of @want, in order? */
static bool holds(struct list_head *head, const char *want)
{
	struct item *it;

	list_for_each_entry (it, head, link) {
		if (*want++ != '0' + it->n)
			return false;
	}
	return *want == '\0';
}

TEST(list_keeps_order)
{
	LIST_HEAD(head);

	CHECK(list_empty(&head));
	list_add_tail(&items[1].link, &head);
	list_add_tail(&items[2].link, &head);
	list_add(&items[0].link, &head);
	CHECK(holds(&head, "012"));
	CHECK(list_first_entry(&head, struct item, link) == &items[0]);
	CHECK(list_last_entry(&head, struct item, link) == &items[2]);
	list_move_tail(&items[0].link, &head);
	CHECK(holds(&head, "120"));
	list_rotate_left(&head);
	CHECK(holds(&head, "201"));
}

TEST(list_splices_and_deletes)
{
	LIST_HEAD(a);
	LIST_HEAD(b);
	struct item *it, *next;

	list_add_tail(&items[0].link, &a);
	list_add_tail(&items[1].link, &b);
	list_add_tail(&items[2].link, &b);
	list_splice_tail_init(&b, &a);
	CHECK(list_empty(&b) && holds(&a, "012"));
	list_splice_init(&a, &b);
	CHECK(list_empty(&a) && holds(&b, "012"));
	list_for_each_entry_safe (it, next, &b, link) {
		if (it->n != 1)
			list_del_init(&it->link);
	}
	CHECK(list_is_singular(&b) && holds(&b, "1"));
	CHECK(list_first_entry_or_null(&a, struct item, link) == NULL);
}

TEST(hlist_adds_and_removes)
{
	HLIST_HEAD(head);
	struct item *it;
	int sum = 0;

	hlist_add_head(&items[0].hash, &head);
	hlist_add_head(&items[1].hash, &head);
	hlist_add_behind(&items[2].hash, &items[1].hash);
	hlist_add_before(&items[3].hash, &items[1].hash);
	hlist_for_each_entry(it, &head, hash) sum = sum * 10 + it->n;
	CHECK(sum == 3120);
	hlist_del_init(&items[1].hash);
	CHECK(hlist_unhashed(&items[1].hash));
	hlist_del_init(&items[1].hash);
	hlist_del(&items[3].hash);
	hlist_del(&items[0].hash);
	hlist_del(&items[2].hash);
	CHECK(hlist_empty(&head));
}

TEST(ring_wraps_and_fills)
{
	struct ring r;
	int i;

	ring_init(&r, 8);
	for (i = 0; i < 100; i++) {
		CHECK(ring_empty(&r) && ring_space(&r) == 8);
		ring_push(&r, 5);
		CHECK(ring_used(&r) == 5);
		ring_push(&r, 3);
		CHECK(ring_full(&r) && ring_space_to_end(&r) == 0);
		CHECK(ring_used_to_end(&r) == 8 - ring_tail_slot(&r));
		ring_pop(&r, 3);
		ring_pop(&r, 5);
		ring_push(&r, 1);
		ring_pop(&r, 1);
	}
}
