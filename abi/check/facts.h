/*
 * facts.h - one promise of the ABI, as numbers.
 */
#pragma once

struct fact {
	const char *name;
	unsigned long long value; /* of the constant; the size; the offset */
	unsigned long long width; /* of the field; otherwise 0 */
};

extern const struct fact tine_facts[];
extern const struct fact linux_facts[];
