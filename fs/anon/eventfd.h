/*
 * eventfd.h - eventfd(2): a counter as a file.
 */
#pragma once

/* do_eventfd - a descriptor for a new counter that starts at @count; @flags:
 * EFD_*.  -EINVAL, -EMFILE, -ENFILE, -ENOMEM.  May sleep. */
int do_eventfd(unsigned int count, int flags);
