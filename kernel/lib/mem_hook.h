/*
 * Where data structures of kernel/lib get their nodes from.
 *
 * kernel/lib lies below the allocator, so the allocator gives it two
 * functions at boot (slab_init); a host test gives it calloc and free.
 */
#pragma once

#include <kernel/lib/macros.h>

struct lib_memory {
	void *(*zalloc)(size_t size); /* zeroed memory, or NULL */
	void (*free)(void *p);	      /* p may be NULL */
};

/* lib_set_memory - use @memory from now on; the struct is copied. */
void lib_set_memory(const struct lib_memory *memory);

/* lib_zalloc - zeroed memory through the hook; NULL if there is none. */
void *lib_zalloc(size_t size);

/* lib_free - give back what lib_zalloc gave; NULL is allowed. */
void lib_free(void *p);
