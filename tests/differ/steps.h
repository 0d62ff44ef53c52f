/*
 * What a crew does next: one of some steps, each as often as its weight says,
 * by a member that is idle; now and then a new member comes, or a dead one is
 * reaped.
 *
 * Entry points: crew_step.
 */
#pragma once

#include "crew.h"

struct crew_step {
	int weight;
	void (*step)(struct seat *seat);
};

/*
 * crew_step - one of the NUMBER steps at STEPS: 1 if one was made.  Where a
 * member comes or goes it comes, by recruit(), in MORE of 100 times.
 */
static inline int crew_step(const struct crew_step *steps, int number, int more,
			    void (*recruit)(void))
{
	struct seat *seat = crew_pick();
	int sum = 0;
	int at;
	int i;

	for (i = 0; i < number; i++)
		sum += steps[i].weight;
	at = pick(sum);
	if (!seat || chance(3)) {
		if (crew_free() && chance(more))
			recruit();
		else
			crew_reap();
		return 0;
	}
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	steps[i].step(seat);
	return 1;
}
