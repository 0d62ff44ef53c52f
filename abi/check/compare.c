/*
 * compare.c - is abi/ what Linux says it is?
 *
 * A host program, linked with facts.c in both its forms.  Prints every fact
 * on which the two differ and fails; otherwise prints how many were held.
 *
 * Entry points: main.
 */
#include "facts.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
	size_t i;
	size_t nr_wrong = 0;

	for (i = 0; tine_facts[i].name && linux_facts[i].name; i++) {
		const struct fact *ours = &tine_facts[i];
		const struct fact *theirs = &linux_facts[i];

		if (ours->value == theirs->value &&
		    ours->width == theirs->width)
			continue;
		fprintf(stderr,
			"abi: %s: Tine has %#llx (width %llu), "
			"Linux has %#llx (width %llu)\n",
			ours->name, ours->value, ours->width, theirs->value,
			theirs->width);
		nr_wrong++;
	}

	/* Both tables come from the same list. */
	if (tine_facts[i].name || linux_facts[i].name)
		nr_wrong++;
	if (nr_wrong) {
		fprintf(stderr, "abi: %zu of %zu facts are wrong\n", nr_wrong,
			i);
		return 1;
	}
	printf("abi: %zu facts agree with Linux's headers\n", i);
	return 0;
}
