/*
 * Objects: caches of equal-sized pieces of pages.
 *
 * A slab is a block of 2^order pages cut into objects; its head page's struct
 * has the list of its free objects and their count.  A free object holds the
 * link to the next one, behind its payload if the cache has a constructor.
 * Each CPU has a list of free objects in front of the slabs: allocating and
 * freeing take from and put to that list with interrupts off and no lock,
 * and move half of it from or to the slabs under the cache's lock when it is
 * empty or long.  The lists of one CPU lie together in its per-CPU area, so
 * that no two CPUs write to the same cache line.
 *
 * Locks: cache->lock (LOCK_SLAB) for slabs, caches_lock for the list of caches.
 * Entry points: see slab.h.
 */
#include <kernel/alloc/slab.h>

#include <kernel/alloc/fault_inject.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/smp.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

#define MAX_SLAB_ORDER 3
#define MAX_CACHES     64

/* A CPU's free objects of one cache; interrupts off. */
struct cpu_objects {
	void *head;
	unsigned int count;
};

static DEFINE_PER_CPU_ALIGNED(struct cpu_objects, cpu_objects[MAX_CACHES]);

/* Locks:  I fixed   L lock   G caches_lock */
struct kmem_cache {
	u32 size;		 /* [I] distance between objects */
	u32 link_offset;	 /* [I] where a free object has its link */
	u16 high;		 /* [I] free objects a CPU keeps at most */
	u16 per_slab;		 /* [I] objects */
	u8 order;		 /* [I] of a slab */
	u8 index;		 /* [I] in cpu_objects */
	bool reclaimable;	 /* [I] what a shrinker can empty */
	bool type_stable;	 /* [I] see kmem_cache_mark_type_stable() */
	u32 object_size;	 /* [I] what was asked for */
	void (*ctor)(void *obj); /* [I] */
	const char *name;	 /* [I] */
	struct spinlock lock;
	struct list_head partial; /* [L] slabs with some free objects */
	struct list_head empty;	  /* [L] slabs with all objects free */
	unsigned int nr_empty;	  /* [L] */
	unsigned long nr_slabs;	  /* [L] */
	unsigned long nr_in_use;  /* [L] objects outside slabs, CPU lists too */
	struct list_head link;	  /* [G] */
};

static DEFINE_SPINLOCK(caches_lock, LOCK_SLAB);
static LIST_HEAD(caches);		/* [G] */
static unsigned int nr_caches;		/* [G] */
static unsigned long slab_pages;	/* [A] */
static unsigned long reclaimable_pages; /* [A] part of slab_pages */

static struct kmem_cache cache_of_caches;

static inline void **link_of(const struct kmem_cache *cache, void *obj)
{
	return (void **)((char *)obj + cache->link_offset);
}

static inline struct page *slab_of(const struct kmem_cache *cache,
				   const void *obj)
{
	unsigned long pfn = __pa(obj) >> PAGE_SHIFT;

	return pfn_to_page(pfn & ~((1UL << cache->order) - 1));
}

/* This CPU's list; interrupts are off. */
static inline struct cpu_objects *my_objects(const struct kmem_cache *cache)
{
	return this_cpu_ptr(&cpu_objects[cache->index]);
}

/* Free objects that @cpu has, perhaps no longer. */
static unsigned int cpu_count(const struct kmem_cache *cache, unsigned int cpu)
{
	return READ_ONCE(per_cpu(cpu_objects, cpu)[cache->index].count);
}

/* @slabs more of @cache, or less. */
static void count_slabs(const struct kmem_cache *cache, long slabs)
{
	unsigned long pages = (unsigned long)slabs << cache->order;

	__atomic_fetch_add(&slab_pages, pages, __ATOMIC_RELAXED);
	if (cache->reclaimable)
		__atomic_fetch_add(&reclaimable_pages, pages, __ATOMIC_RELAXED);
}

/* Cut a new block into objects.  No lock. */
static struct page *make_slab(struct kmem_cache *cache)
{
	struct page *slab = alloc_pages(cache->order);
	void *next = NULL;
	unsigned int i;
	char *obj;

	if (!slab)
		return NULL;
	for (i = 0; i < 1U << cache->order; i++) {
		slab[i].flags = 1UL << PG_slab;
		slab[i].slab_cache = cache;
	}
	for (i = cache->per_slab; i-- > 0;) {
		obj = (char *)page_address(slab) + (size_t)i * cache->size;
		if (cache->ctor)
			cache->ctor(obj);
		*link_of(cache, obj) = next;
		next = obj;
	}
	slab->freelist = next;
	slab->inuse = 0;
	slab->objects = cache->per_slab;
	count_slabs(cache, 1);
	return slab;
}

/* Give an empty slab's pages back; it is on no list.  No lock needed. */
static void free_slab(const struct kmem_cache *cache, struct page *slab)
{
	unsigned int i;

	for (i = 0; i < 1U << cache->order; i++) {
		slab[i].flags = 0;
		slab[i].slab_cache = NULL;
	}
	slab->private = 0;
	count_slabs(cache, -1);
	__free_pages(slab, cache->order);
}

/* Put @obj back into its slab.  Returns a slab to be freed, or NULL. */
static struct page *slab_put_locked(struct kmem_cache *cache, void *obj)
{
	struct page *slab = slab_of(cache, obj);

	assert_held(&cache->lock);
	*link_of(cache, obj) = slab->freelist;
	slab->freelist = obj;
	cache->nr_in_use--;
	if (slab->inuse-- == slab->objects)
		list_add(&slab->lru, &cache->partial);
	if (slab->inuse > 0)
		return NULL;
	list_del(&slab->lru);
	if (cache->nr_empty == 0 || cache->type_stable) {
		/* Keep one, so that a single object does not go to and fro;
		 * or all, until they can be waited for. */
		list_add(&slab->lru, &cache->empty);
		cache->nr_empty++;
		return NULL;
	}
	cache->nr_slabs--;
	return slab;
}

/* Move free objects from the slabs to the CPU's list until it has @want. */
static void fill_locked(struct kmem_cache *cache, struct cpu_objects *mine,
			unsigned int want)
{
	struct page *slab;
	void *obj;

	assert_held(&cache->lock);
	while (mine->count < want) {
		if (list_empty(&cache->partial)) {
			if (cache->nr_empty == 0)
				return;
			slab = list_first_entry(&cache->empty, struct page,
						lru);
			list_move(&slab->lru, &cache->partial);
			cache->nr_empty--;
		}
		slab = list_first_entry(&cache->partial, struct page, lru);
		while (slab->freelist && mine->count < want) {
			obj = slab->freelist;
			slab->freelist = *link_of(cache, obj);
			slab->inuse++;
			cache->nr_in_use++;
			*link_of(cache, obj) = mine->head;
			mine->head = obj;
			mine->count++;
		}
		if (!slab->freelist)
			list_del(&slab->lru);
	}
}

/* The CPU's list is empty: fill it.  Interrupts are off. */
static __noinline void refill(struct kmem_cache *cache,
			      struct cpu_objects *mine)
{
	struct page *slab;

	spin_lock(&cache->lock);
	fill_locked(cache, mine, max(cache->high / 2, 1));
	spin_unlock(&cache->lock);
	if (mine->count > 0)
		return;
	slab = make_slab(cache);
	if (!slab)
		return;
	spin_lock(&cache->lock);
	cache->nr_slabs++;
	list_add(&slab->lru, &cache->partial);
	fill_locked(cache, mine, max(cache->high / 2, 1));
	spin_unlock(&cache->lock);
}

/* Give back objects until the CPU's list has @keep.  Interrupts are off. */
static __noinline void flush(struct kmem_cache *cache, struct cpu_objects *mine,
			     unsigned int keep)
{
	LIST_HEAD(dead);
	struct page *slab, *next;
	void *obj;

	spin_lock(&cache->lock);
	while (mine->count > keep) {
		obj = mine->head;
		mine->head = *link_of(cache, obj);
		mine->count--;
		slab = slab_put_locked(cache, obj);
		if (slab)
			list_add(&slab->lru, &dead);
	}
	spin_unlock(&cache->lock);
	list_for_each_entry_safe (slab, next, &dead, lru)
		free_slab(cache, slab);
}

/* kmem_cache_alloc - one object, or NULL. */
void *kmem_cache_alloc(struct kmem_cache *cache)
{
	struct cpu_objects *mine;
	unsigned long flags;
	void *obj;

	if (should_fail_alloc())
		return NULL;
	local_irq_save(flags);
	mine = my_objects(cache);
	if (unlikely(!mine->head))
		refill(cache, mine);
	obj = mine->head;
	if (likely(obj)) {
		mine->head = *link_of(cache, obj);
		mine->count--;
	}
	local_irq_restore(flags);
	return obj;
}

/* kmem_cache_zalloc - one object of zeros. */
void *kmem_cache_zalloc(struct kmem_cache *cache)
{
	void *obj = kmem_cache_alloc(cache);

	return obj ? memset(obj, 0, cache->object_size) : NULL;
}

/* kmem_cache_free - give @obj back to the cache it came from. */
void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	struct cpu_objects *mine;
	unsigned long flags;

	assert(virt_to_page(obj)->slab_cache == cache);
#ifdef TINE_DEBUG
	if (!cache->ctor && !cache->type_stable)
		memset(obj, 0x6b, cache->object_size);
#endif
	local_irq_save(flags);
	mine = my_objects(cache);
	assert(obj != mine->head); /* freed twice */
	*link_of(cache, obj) = mine->head;
	mine->head = obj;
	if (unlikely(++mine->count > cache->high))
		flush(cache, mine, cache->high / 2);
	local_irq_restore(flags);
}

/* Smallest order whose slab holds four objects, or wastes little. */
static unsigned int choose_order(size_t size)
{
	unsigned int order;

	for (order = 0; order < MAX_SLAB_ORDER; order++) {
		size_t slab = PAGE_SIZE << order;

		if (slab / size >= 4 ||
		    (slab >= size && slab % size <= slab / 16))
			break;
	}
	return order;
}

/* Fill in a cache and put it on the list. */
static void cache_setup(struct kmem_cache *cache, const char *name, size_t size,
			size_t align, void (*ctor)(void *obj))
{
	unsigned long flags;

	align = max(align, sizeof(void *));
	cache->name = name;
	cache->object_size = (u32)size;
	cache->ctor = ctor;
	cache->link_offset = ctor ? (u32)ALIGN(size, sizeof(void *)) : 0;
	if (ctor)
		size = cache->link_offset + sizeof(void *);
	cache->size = (u32)ALIGN(max(size, sizeof(void *)), align);
	cache->order = (u8)choose_order(cache->size);
	cache->per_slab = (u16)((PAGE_SIZE << cache->order) / cache->size);
	cache->high = (u16)clamp(2 * PAGE_SIZE / cache->size, 4UL, 64UL);
	spin_lock_init(&cache->lock, LOCK_SLAB);
	INIT_LIST_HEAD(&cache->partial);
	INIT_LIST_HEAD(&cache->empty);

	spin_lock_irqsave(&caches_lock, flags);
	assert(nr_caches < MAX_CACHES);
	cache->index = (u8)nr_caches++;
	list_add_tail(&cache->link, &caches);
	spin_unlock_irqrestore(&caches_lock, flags);
}

/* kmem_cache_create - a cache of @size-byte objects, or NULL. */
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, void (*ctor)(void *obj))
{
	struct kmem_cache *cache;

	assert(size > 0 && size <= PAGE_SIZE << MAX_SLAB_ORDER);
	assert(align == 0 || is_power_of_2(align));
	cache = kmem_cache_zalloc(&cache_of_caches);
	if (cache)
		cache_setup(cache, name, size, align, ctor);
	return cache;
}

/* kmem_cache_size - bytes of an object. */
size_t kmem_cache_size(const struct kmem_cache *cache)
{
	return cache->object_size;
}

/* kmem_cache_mark_reclaimable - see slab.h. */
void kmem_cache_mark_reclaimable(struct kmem_cache *cache)
{
	assert(cache->nr_slabs == 0);
	cache->reclaimable = true;
}

/* kmem_cache_mark_type_stable - see slab.h. */
void kmem_cache_mark_type_stable(struct kmem_cache *cache)
{
	assert(cache->nr_slabs == 0);
	cache->type_stable = true;
}

static void no_lookup_runs(void *unused)
{
	(void)unused;
}

/* wait_for_lookups - see slab.h. */
void wait_for_lookups(void)
{
	smp_call_function(no_lookup_runs, NULL, true);
}

/* Free all empty slabs of @cache; returns the pages. */
static unsigned long free_empty_slabs(struct kmem_cache *cache)
{
	unsigned long pages = 0;
	unsigned long flags;
	struct page *slab, *next;
	LIST_HEAD(dead);

	spin_lock_irqsave(&cache->lock, flags);
	list_splice_init(&cache->empty, &dead);
	cache->nr_slabs -= cache->nr_empty;
	cache->nr_empty = 0;
	spin_unlock_irqrestore(&cache->lock, flags);
	if (cache->type_stable && !list_empty(&dead))
		wait_for_lookups();
	list_for_each_entry_safe (slab, next, &dead, lru) {
		free_slab(cache, slab);
		pages += 1UL << cache->order;
	}
	return pages;
}

/* slab_shrink - free slabs with no object in use; returns pages freed. */
unsigned long slab_shrink(void)
{
	struct kmem_cache *cache;
	unsigned long pages = 0;
	unsigned long flags;
	unsigned int i;

	/* Caches are never destroyed. */
	for (i = 0;; i++) {
		unsigned int left = i;
		bool found = false;

		spin_lock_irqsave(&caches_lock, flags);
		list_for_each_entry (cache, &caches, link) {
			if (left-- == 0) {
				found = true;
				break;
			}
		}
		spin_unlock_irqrestore(&caches_lock, flags);
		if (!found)
			return pages;
		local_irq_save(flags);
		flush(cache, my_objects(cache), 0);
		local_irq_restore(flags);
		pages += free_empty_slabs(cache);
	}
}

static unsigned long shrink_slabs(struct shrinker *s, unsigned long nr)
{
	return slab_shrink();
}

/* kmem_cache_active - see slab.h. */
unsigned long kmem_cache_active(struct kmem_cache *cache)
{
	unsigned long active = READ_ONCE(cache->nr_in_use);
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		active -= min(active, (unsigned long)cpu_count(cache, cpu));
	return active;
}

/* slab_info_nth - numbers of the @n-th cache; false past the end. */
bool slab_info_nth(unsigned int n, struct slab_info *info)
{
	struct kmem_cache *cache;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&caches_lock, flags);
	list_for_each_entry (cache, &caches, link) {
		if (n-- > 0)
			continue;
		info->name = cache->name;
		info->object_size = cache->object_size;
		info->size = cache->size;
		info->nr_slabs = cache->nr_slabs;
		info->objects_per_slab = cache->per_slab;
		info->pages_per_slab = 1U << cache->order;
		info->nr_objects = cache->nr_slabs * cache->per_slab;
		info->active_objects = kmem_cache_active(cache);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&caches_lock, flags);
	return found;
}

/* nr_slab_pages - pages in slabs. */
unsigned long nr_slab_pages(void)
{
	return READ_ONCE(slab_pages);
}

/* nr_slab_reclaimable_pages - those of them whose objects can be had back. */
unsigned long nr_slab_reclaimable_pages(void)
{
	return READ_ONCE(reclaimable_pages);
}

/* slab_init - make kmem_cache_create work. */
void slab_init(void)
{
	static struct shrinker slab_shrinker = {
		.name = "slab", .shrink = shrink_slabs, .order = 100};

	cache_setup(&cache_of_caches, "kmem_cache", sizeof(struct kmem_cache),
		    64, NULL);
	register_shrinker(&slab_shrinker);
}
