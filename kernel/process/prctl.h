/*
 * prctl(2), personality(2) and other attributes of a process.
 *
 * Entry points: ksys_prctl, ksys_personality.
 */
#pragma once

#include <abi/types.h>

/* prctl(2) whole; arguments as the program gave them. */
long ksys_prctl(int option, unsigned long arg2, unsigned long arg3,
		unsigned long arg4, unsigned long arg5);

/* personality(2): the old one. */
long ksys_personality(unsigned int personality);
