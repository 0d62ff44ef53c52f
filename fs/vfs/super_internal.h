/*
 * super_internal.h - what super.c shows to the rest of fs/vfs only.
 */
#pragma once

#include <fs/vfs/types.h>

/* iterate_supers_trylock - iterate_supers, but one that is being mounted,
 * remounted or unmounted is left out. */
int iterate_supers_trylock(int (*fn)(struct super_block *sb, void *arg),
			   void *arg);
