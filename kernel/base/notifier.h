/*
 * Chains of callbacks: a lower layer announces, upper layers listen.
 *
 * A chain is built at boot and called later without a lock; registration
 * after boot is for callers that can exclude calls by other means.
 */
#pragma once

#include <kernel/lib/macros.h>

#define NOTIFY_DONE 0x0000 /* not for me */
#define NOTIFY_OK   0x0001 /* done */
#define NOTIFY_STOP 0x8001 /* done; call nobody else */

struct notifier_block {
	int (*call)(struct notifier_block *nb, unsigned long event, void *data);
	struct notifier_block *next;
	int priority; /* higher is called first */
};

struct notifier_head {
	struct notifier_block *first;
};

/* notifier_register - put @nb into the chain by its priority. */
static inline void notifier_register(struct notifier_head *head,
				     struct notifier_block *nb)
{
	struct notifier_block **at = &head->first;

	while (*at && (*at)->priority >= nb->priority)
		at = &(*at)->next;
	nb->next = *at;
	WRITE_ONCE(*at, nb);
}

/* notifier_unregister - take @nb out of the chain, if it is there. */
static inline void notifier_unregister(struct notifier_head *head,
				       struct notifier_block *nb)
{
	struct notifier_block **at = &head->first;

	while (*at && *at != nb)
		at = &(*at)->next;
	if (*at)
		WRITE_ONCE(*at, nb->next);
}

/* notifier_call - tell everyone of @event until one says NOTIFY_STOP. */
static inline int notifier_call(struct notifier_head *head, unsigned long event,
				void *data)
{
	struct notifier_block *nb;
	int ret = NOTIFY_DONE;

	for (nb = READ_ONCE(head->first); nb; nb = READ_ONCE(nb->next)) {
		ret = nb->call(nb, event, data);
		if (ret == NOTIFY_STOP)
			break;
	}
	return ret;
}
