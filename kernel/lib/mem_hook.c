/*
 * The memory hook of kernel/lib: see mem_hook.h.
 *
 * Written once at boot, read without a lock afterwards.
 * Entry points: lib_set_memory, lib_zalloc, lib_free.
 */
#include <kernel/lib/mem_hook.h>

static struct lib_memory memory;

/* lib_set_memory - use @m from now on; the struct is copied. */
void lib_set_memory(const struct lib_memory *m)
{
	memory = *m;
}

/* lib_zalloc - zeroed memory through the hook; NULL if there is none. */
void *lib_zalloc(size_t size)
{
	return memory.zalloc ? memory.zalloc(size) : NULL;
}

/* lib_free - give back what lib_zalloc gave; NULL is allowed. */
void lib_free(void *p)
{
	if (p)
		memory.free(p);
}
