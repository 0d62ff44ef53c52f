/*
 * kmalloc - memory by the byte: caches of usual sizes, whole pages above.
 *
 * Up to KMALLOC_MAX_CACHED bytes an object comes from the smallest cache of
 * slab.c that it fits in.  More is a block of pages with its order in
 * page->private.  kfree() tells which by the struct page.
 *
 * Entry points: kmalloc_init, kmalloc, kzalloc, kmalloc_array, kcalloc, kfree,
 * ksize, krealloc, kmemdup, kstrndup, kstrdup, kasprintf,
 * nr_kmalloc_large_pages.
 */
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/assert.h>
#include <kernel/lib/format.h>
#include <kernel/lib/mem_hook.h>
#include <kernel/lib/string.h>

struct size_class {
	u16 size;
	const char *name;
};

static const struct size_class size_classes[] = {
	{8, "kmalloc-8"},	{16, "kmalloc-16"},   {32, "kmalloc-32"},
	{48, "kmalloc-48"},	{64, "kmalloc-64"},   {96, "kmalloc-96"},
	{128, "kmalloc-128"},	{192, "kmalloc-192"}, {256, "kmalloc-256"},
	{320, "kmalloc-320"},	{384, "kmalloc-384"}, {512, "kmalloc-512"},
	{576, "kmalloc-576"},	{768, "kmalloc-768"}, {1024, "kmalloc-1024"},
	{2048, "kmalloc-2048"},
};

static struct kmem_cache *kmalloc_2048 __read_mostly; /* [I] */
static struct kmem_cache
	*kmalloc_cache[1024 / 8 + 1] __read_mostly; /* [I] (size + 7) / 8 */
static unsigned long large_pages;		    /* [A] */

static void *alloc_large(size_t size)
{
	unsigned int order = get_order(size);
	struct page *page = alloc_pages(order);

	if (!page)
		return NULL;
	page->private = order;
	__atomic_fetch_add(&large_pages, 1UL << order, __ATOMIC_RELAXED);
	return page_address(page);
}

/* kmalloc - @size bytes, or NULL. */
void *kmalloc(size_t size)
{
	if (size <= 1024)
		return kmem_cache_alloc(kmalloc_cache[(size + 7) / 8]);
	if (size <= KMALLOC_MAX_CACHED)
		return kmem_cache_alloc(kmalloc_2048);
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	return alloc_large(size);
}

/* kzalloc - kmalloc of zeros. */
void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

/* kmalloc_array - @n times @size bytes; NULL also if that overflows. */
void *kmalloc_array(size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return kmalloc(total);
}

/* kcalloc - kmalloc_array of zeros. */
void *kcalloc(size_t n, size_t size)
{
	void *p = kmalloc_array(n, size);

	return p ? memset(p, 0, n * size) : NULL;
}

/* kfree - give back what kmalloc and kin gave. */
void kfree(const void *p)
{
	struct page *page;
	unsigned int order;

	if (!p)
		return;
	page = virt_to_page(p);
	if (likely(page->flags & (1UL << PG_slab))) {
		kmem_cache_free(page->slab_cache, (void *)p);
		return;
	}
	order = (unsigned int)page->private;
	assert(IS_ALIGNED((unsigned long)p, PAGE_SIZE) && order < MAX_ORDER);
	page->private = 0;
	__atomic_fetch_sub(&large_pages, 1UL << order, __ATOMIC_RELAXED);
	__free_pages(page, order);
}

/* ksize - bytes really usable at @p. */
size_t ksize(const void *p)
{
	const struct page *page = virt_to_page(p);

	if (page->flags & (1UL << PG_slab))
		return kmem_cache_size(page->slab_cache);
	return PAGE_SIZE << page->private;
}

/* krealloc - @p with room for @size bytes, perhaps elsewhere. */
void *krealloc(void *p, size_t size)
{
	size_t old;
	void *q;

	if (!p)
		return kmalloc(size);
	old = ksize(p);
	if (size <= old && size > old / 4)
		return p;
	q = kmalloc(size);
	if (!q)
		return size <= old ? p : NULL;
	memcpy(q, p, min(old, size));
	kfree(p);
	return q;
}

/* kmemdup - a copy of @n bytes. */
void *kmemdup(const void *p, size_t n)
{
	void *q = kmalloc(n);

	return q ? memcpy(q, p, n) : NULL;
}

/* kstrndup - a copy of at most @max characters, terminated. */
char *kstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *copy = kmalloc(n + 1);

	if (copy) {
		memcpy(copy, s, n);
		copy[n] = '\0';
	}
	return copy;
}

/* kstrdup - a copy of a string. */
char *kstrdup(const char *s)
{
	return kmemdup(s, strlen(s) + 1);
}

/* kasprintf - a formatted string. */
char *kasprintf(const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = kmalloc((size_t)n + 1);
	if (!text)
		return NULL;
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

/* nr_kmalloc_large_pages - pages in blocks above KMALLOC_MAX_CACHED. */
unsigned long nr_kmalloc_large_pages(void)
{
	return READ_ONCE(large_pages);
}

/* kmalloc_init - make kmalloc work; after slab_init. */
void kmalloc_init(void)
{
	static const struct lib_memory memory = {kzalloc,
						 (void (*)(void *))kfree};
	struct kmem_cache *cache = NULL;
	unsigned int n, size, i = 0;

	for (n = 0; n < ARRAY_SIZE(size_classes); n++) {
		size = size_classes[n].size;
		cache = kmem_cache_create(size_classes[n].name, size,
					  is_power_of_2(size) ? size : 0, NULL);
		assert(cache);
		for (; i < ARRAY_SIZE(kmalloc_cache) && i * 8 <= size; i++)
			kmalloc_cache[i] = cache;
	}
	kmalloc_2048 = cache;
	lib_set_memory(&memory);
}
