/*
 * Tests of idr.c: against a plain array, cyclic order, and memory running out.
 */
#include <abi/errno.h>

#include <kernel/lib/idr.h>
#include <tests/unit/unit.h>

#define SPAN 6000

static bool used[SPAN];
static char things[SPAN];

static int model_lowest(int at)
{
	while (at < SPAN && used[at])
		at++;
	return at;
}

TEST(idr_gives_the_lowest_free)
{
	DEFINE_IDR(idr);
	int step, id, want, n;

	for (step = 0; step < 30000; step++) {
		int at = (int)(unit_random() % SPAN);

		if (unit_random() % 100 < (step < 15000 ? 70 : 30)) {
			at = unit_random() % 2 ? 0 : at;
			want = model_lowest(at);
			id = idr_alloc(&idr, &things[0], at, SPAN);
			CHECK(id == (want < SPAN ? want : -ENOSPC));
			if (id >= 0) {
				used[id] = true;
				CHECK(idr_replace(&idr, &things[id], id) ==
				      &things[0]);
			}
		} else {
			CHECK(idr_remove(&idr, at) ==
			      (used[at] ? &things[at] : NULL));
			used[at] = false;
		}
		at = (int)(unit_random() % SPAN);
		CHECK(idr_find(&idr, at) == (used[at] ? &things[at] : NULL));
		for (n = at; n < SPAN && !used[n];)
			n++;
		id = at;
		CHECK(idr_get_next(&idr, &id) ==
		      (n < SPAN ? &things[n] : NULL));
		CHECK(n == SPAN || id == n);
	}
	idr_destroy(&idr);
	CHECK(idr_is_empty(&idr) && unit_memory_in_use() == 0);
}

TEST(idr_goes_round)
{
	DEFINE_IDR(idr);
	int i;

	for (i = 300; i < 400; i++)
		CHECK(idr_alloc_cyclic(&idr, things, 300, 400) == i);
	CHECK(idr_alloc_cyclic(&idr, things, 300, 400) == -ENOSPC);
	idr_remove(&idr, 320);
	idr_remove(&idr, 310);
	CHECK(idr_alloc_cyclic(&idr, things, 300, 400) == 310);
	idr_remove(&idr, 305);
	CHECK(idr_alloc_cyclic(&idr, things, 300, 400) == 320);
	CHECK(idr_alloc_cyclic(&idr, things, 300, 400) == 305);
	CHECK(idr_alloc(&idr, things, 0x7fffffff, 0) == 0x7fffffff);
	CHECK(idr_alloc(&idr, things, 0x7fffffff, 0) == -ENOSPC);
	CHECK(idr_alloc(&idr, things, -1, 0) == -EINVAL);
	CHECK(idr_find(&idr, -1) == NULL);
	idr_destroy(&idr);
	CHECK(unit_memory_in_use() == 0);
}

TEST(idr_survives_lack_of_memory)
{
	DEFINE_IDR(idr);
	long n;
	int id;

	CHECK(idr_alloc(&idr, things, 5, 0) == 5);
	for (n = 0;; n++) {
		unit_memory_fail_after(n);
		id = idr_alloc(&idr, things, 1 << 20, 0);
		unit_memory_fail_after(-1);
		CHECK(idr_find(&idr, 5) == things);
		if (id >= 0)
			break;
		CHECK(id == -ENOMEM && idr_find(&idr, 1 << 20) == NULL);
	}
	CHECK(n > 2 && id == 1 << 20);
	idr_destroy(&idr);
	CHECK(unit_memory_in_use() == 0);
}
