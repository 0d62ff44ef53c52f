/*
 * Objects: caches of equal-sized pieces of pages, and kmalloc on top.
 *
 * Each cache keeps, per CPU, a free list that is used with interrupts off and
 * no lock; it is refilled from and emptied to slabs (pages cut into
 * objects) in batches under the cache's lock.  Any context may allocate
 * and free; nothing here sleeps.  NULL means there is no memory.
 *
 * Entry points: kmalloc, kzalloc, kcalloc, krealloc, kfree, kstrdup, kmemdup;
 * kmem_cache_create, kmem_cache_alloc, kmem_cache_free.
 */
#pragma once

#include <kernel/lib/macros.h>

#define KMALLOC_MAX_CACHED 2048 /* above: whole pages */
#define KMALLOC_MAX_SIZE   (4UL << 20)

struct kmem_cache;

/* slab_init, kmalloc_init - in this order, after page_alloc_init. */
void slab_init(void);
void kmalloc_init(void);

/*
 * kmem_cache_create - a cache of @size-byte objects.
 *
 * @align is a power of two or 0.  @ctor (may be NULL) runs once on each object
 * when its slab is made; objects must be freed in their constructed state.
 * Returns NULL if there is no memory.  @name must stay valid.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, void (*ctor)(void *obj));

/* kmem_cache_mark_reclaimable - a shrinker can have its objects freed: count
 * its slabs as SReclaimable.  Before the first allocation. */
void kmem_cache_mark_reclaimable(struct kmem_cache *cache);

/*
 * kmem_cache_mark_type_stable - lookups without a lock read its objects.
 *
 * Who has interrupts off while he follows pointers to such objects finds at
 * each address an object of this cache, perhaps a free one or another than
 * a moment ago: so a count in it may be tried (from a state that a free
 * object never shows), and then it is to be seen whether this is still the
 * object looked for.  A free object keeps what it held, but for its first
 * word.  Empty slabs stay until memory is short.  Before the first allocation.
 */
void kmem_cache_mark_type_stable(struct kmem_cache *cache);

/*
 * wait_for_lookups - each lookup that runs now without a lock, interrupts off,
 * has ended when this returns: each other CPU has answered an interrupt.  May
 * sleep; no spinning lock is held.
 */
void wait_for_lookups(void);

/* kmem_cache_size - bytes of an object. */
size_t kmem_cache_size(const struct kmem_cache *cache);

/* kmem_cache_alloc - one object, or NULL.  Contents: as freed or ctor'ed. */
void *kmem_cache_alloc(struct kmem_cache *cache) __must_check;

/* kmem_cache_zalloc - one object of zeros; the cache has no ctor. */
void *kmem_cache_zalloc(struct kmem_cache *cache) __must_check;

/* kmem_cache_free - give @obj back to the cache it came from. */
void kmem_cache_free(struct kmem_cache *cache, void *obj);

/* kmalloc - @size bytes, aligned to 8 (powers of two: to their size). */
void *kmalloc(size_t size) __must_check __attribute__((malloc));

/* kzalloc - kmalloc of zeros. */
void *kzalloc(size_t size) __must_check __attribute__((malloc));

/* kcalloc - @n times @size bytes of zeros; NULL also if that overflows. */
void *kcalloc(size_t n, size_t size) __must_check;

/* kmalloc_array - as kcalloc, not zeroed. */
void *kmalloc_array(size_t n, size_t size) __must_check;

/*
 * krealloc - @p with room for @size bytes, perhaps elsewhere; NULL leaves @p
 * as it was.  krealloc(NULL, n) is kmalloc(n).
 */
void *krealloc(void *p, size_t size) __must_check;

/* kfree - give back what kmalloc and kin gave; NULL is allowed. */
void kfree(const void *p);

/* ksize - bytes really usable at @p. */
size_t ksize(const void *p);

/* kstrdup, kstrndup - a copy of a string; kmemdup - of @n bytes. */
char *kstrdup(const char *s) __must_check;
char *kstrndup(const char *s, size_t max) __must_check;
void *kmemdup(const void *p, size_t n) __must_check;

/* kasprintf - a formatted string. */
char *kasprintf(const char *fmt, ...) __must_check __printf(1, 2);

/* slab_shrink - free slabs with no object in use; returns pages freed. */
unsigned long slab_shrink(void);

/* Pages in slabs, those of them that a shrinker can empty, and pages in blocks
 * above KMALLOC_MAX_CACHED. */
unsigned long nr_slab_pages(void);
unsigned long nr_slab_reclaimable_pages(void);
unsigned long nr_kmalloc_large_pages(void);

/* kmem_cache_active - about how many objects of @cache are in use. */
unsigned long kmem_cache_active(struct kmem_cache *cache);

struct slab_info {
	const char *name;
	size_t object_size, size;
	unsigned long active_objects, nr_objects, nr_slabs;
	unsigned int objects_per_slab, pages_per_slab;
};

/* slab_info_nth - numbers of the @n-th cache; false past the end. */
bool slab_info_nth(unsigned int n, struct slab_info *info);
