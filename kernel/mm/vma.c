/*
 * vma.c - the mappings of an address space as a set of ranges.
 *
 * A red-black tree by address finds them, a list walks them; both hold every
 * mapping.  Each node of the tree knows the widest gap below any mapping under
 * it, so that room for a new one is found without a look at all.  Mappings of a
 * cached file also stand in the mapping's i_mmap list, through which rmap.c and
 * truncation find them.  Two mappings side by side become one when nothing
 * tells them apart: flags, file, operations, and offsets that go on.
 *
 * Locks: mm->mmap_lock, for writing to change; i_mmap_rwsem inside it for the
 * list of the file and for any change of a file mapping's ends.
 *
 * Entry points: find_vma, vma_merge, split_vma, vma_link, remove_vma,
 * vma_lower_gap, vma_higher_gap.
 */
#include <kernel/mm/vma.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/assert.h>
#include <kernel/mm/mmap.h>
#include <kernel/sched/rwsem.h>

int sysctl_max_map_count = 65530;

static struct kmem_cache *vma_cache __read_mostly;

/* Mappings of devices keep their borders. */
#define VM_UNMERGEABLE (VM_IO | VM_PFNMAP | VM_DONTEXPAND)

/* vma_init_caches - boot. */
void vma_init_caches(void)
{
	vma_cache = kmem_cache_create("vm_area_struct",
				      sizeof(struct vm_area_struct), 8, NULL);
	assert(vma_cache);
}

/* vm_area_alloc - an empty mapping of @mm. */
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_zalloc(vma_cache);

	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	INIT_LIST_HEAD(&vma->vm_link);
	INIT_LIST_HEAD(&vma->shared_link);
	RB_CLEAR_NODE(&vma->vm_rb);
	return vma;
}

/* vm_area_dup - a copy that is linked nowhere. */
struct vm_area_struct *vm_area_dup(const struct vm_area_struct *vma)
{
	struct vm_area_struct *copy = kmem_cache_alloc(vma_cache);

	if (!copy)
		return NULL;
	*copy = *vma;
	INIT_LIST_HEAD(&copy->vm_link);
	INIT_LIST_HEAD(&copy->shared_link);
	RB_CLEAR_NODE(&copy->vm_rb);
	return copy;
}

/* vm_area_free - the memory only. */
void vm_area_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vma_cache, vma);
}

static struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, vm_rb);
}

/* find_vma - the first mapping that ends above @addr. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = READ_ONCE(mm->mmap_cache);
	struct vm_area_struct *best = NULL;
	struct rb_node *node;

	if (vma && vma->vm_start <= addr && addr < vma->vm_end)
		return vma;
	node = mm->mm_rb.rb_node;
	while (node) {
		vma = vma_of(node);
		if (addr < vma->vm_end) {
			best = vma;
			if (addr >= vma->vm_start)
				break;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	if (best)
		WRITE_ONCE(mm->mmap_cache, best);
	return best;
}

/* vma_next - the one above, or NULL. */
struct vm_area_struct *vma_next(const struct vm_area_struct *vma)
{
	if (vma->vm_link.next == &vma->vm_mm->mmap)
		return NULL;
	return list_entry(vma->vm_link.next, struct vm_area_struct, vm_link);
}

/* vma_prev - the one below, or NULL. */
struct vm_area_struct *vma_prev(const struct vm_area_struct *vma)
{
	if (vma->vm_link.prev == &vma->vm_mm->mmap)
		return NULL;
	return list_entry(vma->vm_link.prev, struct vm_area_struct, vm_link);
}

/* find_vma_prev - as find_vma, and the one below it. */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (vma)
		*prev = vma_prev(vma);
	else if (list_empty(&mm->mmap))
		*prev = NULL;
	else
		*prev = list_last_entry(&mm->mmap, struct vm_area_struct,
					vm_link);
	return vma;
}

/* find_vma_intersection - first mapping with a byte in [start, end). */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

/* vma_lookup - the mapping that holds @addr. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	return find_vma_intersection(mm, addr, addr + 1);
}

static void link_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_mapping;

	if (!mapping)
		return;
	down_write(&mapping->i_mmap_rwsem);
	list_add_tail(&vma->shared_link, &mapping->i_mmap);
	up_write(&mapping->i_mmap_rwsem);
}

/* vma_unlink_file - truncation and reclaim do not see it any more. */
void vma_unlink_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_mapping;

	if (!mapping || list_empty(&vma->shared_link))
		return;
	down_write(&mapping->i_mmap_rwsem);
	list_del_init(&vma->shared_link);
	up_write(&mapping->i_mmap_rwsem);
}

/* --- gaps ----------------------------------------------------------------- */

/* vm_start_gap - see vma.h. */
unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	unsigned long gap = (unsigned long)sysctl_stack_guard_gap << PAGE_SHIFT;

	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > gap ? vma->vm_start - gap : 0;
}

static unsigned long gap_below(const struct vm_area_struct *vma)
{
	const struct vm_area_struct *prev = vma_prev(vma);
	unsigned long from = prev ? prev->vm_end : 0;
	unsigned long to = vm_start_gap(vma);

	return to > from ? to - from : 0;
}

static unsigned long widest(const struct rb_node *node)
{
	return node ? rb_entry(node, struct vm_area_struct, vm_rb)
			       ->rb_subtree_gap
		    : 0;
}

static bool update_gap(struct rb_node *node)
{
	struct vm_area_struct *vma = vma_of(node);
	unsigned long gap = max(gap_below(vma), max(widest(node->rb_left),
						    widest(node->rb_right)));
	bool changed = gap != vma->rb_subtree_gap;

	vma->rb_subtree_gap = gap;
	return changed;
}

/* The gaps below @vma and above it have changed. */
static void gaps_changed(struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma_next(vma);

	rb_augment_path(&vma->vm_rb, update_gap);
	if (next)
		rb_augment_path(&next->vm_rb, update_gap);
}

/* The subtree of higher or of lower addresses. */
static struct rb_node *beside(const struct rb_node *node, bool higher)
{
	return higher ? node->rb_right : node->rb_left;
}

/* The first mapping of a subtree with so wide a gap, going @up or down; there
 * is one. */
static struct vm_area_struct *first_gap(struct rb_node *node, unsigned long len,
					bool up)
{
	for (;;) {
		if (widest(beside(node, !up)) >= len)
			node = beside(node, !up);
		else if (gap_below(vma_of(node)) >= len)
			return vma_of(node);
		else
			node = beside(node, up);
	}
}

/* The first from @vma on. */
static struct vm_area_struct *gap_from(struct vm_area_struct *vma,
				       unsigned long len, bool up)
{
	struct rb_node *node = &vma->vm_rb;
	struct rb_node *parent;

	if (gap_below(vma) >= len)
		return vma;
	while (widest(beside(node, up)) < len) {
		/* To what comes after all that has been looked at. */
		while ((parent = rb_parent(node)) && node == beside(parent, up))
			node = parent;
		node = parent;
		if (!node)
			return NULL;
		if (gap_below(vma_of(node)) >= len)
			return vma_of(node);
	}
	return first_gap(beside(node, up), len, up);
}

/* vma_lower_gap - see vma.h. */
struct vm_area_struct *vma_lower_gap(struct vm_area_struct *vma,
				     unsigned long len)
{
	return gap_from(vma, len, false);
}

/* vma_higher_gap - see vma.h. */
struct vm_area_struct *vma_higher_gap(struct vm_area_struct *vma,
				      unsigned long len)
{
	return gap_from(vma, len, true);
}

/* --- in and out ----------------------------------------------------------- */

/* Into tree and list of @mm. */
static void link_mm(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct rb_node **link = &mm->mm_rb.rb_node;
	struct rb_node *parent = NULL;
	struct vm_area_struct *below = NULL;
	struct vm_area_struct *next;

	while (*link) {
		parent = *link;
		if (vma->vm_start < vma_of(parent)->vm_start) {
			link = &parent->rb_left;
		} else {
			below = vma_of(parent);
			link = &parent->rb_right;
		}
	}
	assert(!below || below->vm_end <= vma->vm_start);
	list_add(&vma->vm_link, below ? &below->vm_link : &mm->mmap);
	/* One change after the other: the tree has to be right in between. */
	next = vma_next(vma);
	if (next)
		rb_augment_path(&next->vm_rb, update_gap);
	rb_link_node(&vma->vm_rb, parent, link);
	rb_insert_augmented(&vma->vm_rb, &mm->mm_rb, update_gap);
	mm->map_count++;
}

/* vma_link - into the mm and its file's list. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	link_mm(mm, vma);
	link_file(vma);
}

/* vma_unlink - out of the mm. */
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma_next(vma);

	list_del_init(&vma->vm_link);
	if (next)
		rb_augment_path(&next->vm_rb, update_gap);
	rb_erase_augmented(&vma->vm_rb, &mm->mm_rb, update_gap);
	RB_CLEAR_NODE(&vma->vm_rb);
	mm->map_count--;
	if (mm->mmap_cache == vma)
		mm->mmap_cache = NULL;
}

/* vma_get_refs - a new object shares what @vma's file and vm_ops hold. */
void vma_get_refs(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		mmap_file_ops->get(vma->vm_file);
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
}

/* remove_vma - give up all it holds, and the object. */
void remove_vma(struct vm_area_struct *vma)
{
	vma_unlink_file(vma);
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	if (vma->vm_file)
		mmap_file_ops->put(vma->vm_file);
	vm_area_free(vma);
}

/* vma_adjust - new ends for a linked mapping; order in the tree stays. */
void vma_adjust(struct vm_area_struct *vma, unsigned long start,
		unsigned long end, u64 pgoff)
{
	struct address_space *mapping = vma->vm_mapping;

	assert(start < end);
	if (mapping)
		down_write(&mapping->i_mmap_rwsem);
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	if (mapping)
		up_write(&mapping->i_mmap_rwsem);
	gaps_changed(vma);
}

/* split_vma - cut in two at @addr. */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr, bool new_below)
{
	struct vm_area_struct *new;
	u64 middle = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);

	assert(vma->vm_start < addr && addr < vma->vm_end);
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;

	if (new_below) {
		new->vm_end = addr;
	} else {
		new->vm_start = addr;
		new->vm_pgoff = middle;
	}
	vma_get_refs(new);
	/* Each page of the file stays in a mapping that its list shows. */
	link_file(new);
	if (new_below)
		vma_adjust(vma, addr, vma->vm_end, middle);
	else
		vma_adjust(vma, vma->vm_start, addr, vma->vm_pgoff);
	link_mm(mm, new);
	return 0;
}

static bool same_attributes(const struct vm_area_struct *a,
			    const struct vm_area_struct *b)
{
	return a->vm_flags == b->vm_flags && a->vm_file == b->vm_file &&
	       a->vm_ops == b->vm_ops && a->vm_mapping == b->vm_mapping &&
	       a->vm_private == b->vm_private &&
	       !(a->vm_flags & VM_UNMERGEABLE);
}

/* Could @a, directly below @b, be one mapping with it? */
static bool can_join(const struct vm_area_struct *a,
		     const struct vm_area_struct *b)
{
	if (a->vm_end != b->vm_start || !same_attributes(a, b))
		return false;
	return a->vm_pgoff + vma_pages(a) == b->vm_pgoff;
}

/* @vma, linked right above @prev, is swallowed by it. */
static void absorb_next(struct mm_struct *mm, struct vm_area_struct *prev,
			struct vm_area_struct *vma)
{
	unsigned long end = vma->vm_end;

	prev->vm_has_anon |= vma->vm_has_anon;
	vma_unlink(mm, vma);
	vma_adjust(prev, prev->vm_start, end, prev->vm_pgoff);
	/* Only now: its pages must not be missed through the file's list. */
	vma_unlink_file(vma);
	remove_vma(vma);
}

/* vma_merge - a neighbour grows over the free range that @like describes. */
struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 const struct vm_area_struct *like)
{
	struct vm_area_struct *prev;
	struct vm_area_struct *next;

	next = find_vma_prev(mm, like->vm_start, &prev);
	if (prev && can_join(prev, like)) {
		vma_adjust(prev, prev->vm_start, like->vm_end, prev->vm_pgoff);
		prev->vm_has_anon |= like->vm_has_anon;
		if (next && can_join(prev, next))
			absorb_next(mm, prev, next);
		return prev;
	}
	if (next && can_join(like, next)) {
		vma_adjust(next, like->vm_start, next->vm_end, like->vm_pgoff);
		next->vm_has_anon |= like->vm_has_anon;
		return next;
	}
	return NULL;
}

/* vma_merge_neighbours - join @vma with what is beside it. */
struct vm_area_struct *vma_merge_neighbours(struct mm_struct *mm,
					    struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev(vma);
	struct vm_area_struct *next = vma_next(vma);

	if (next && can_join(vma, next))
		absorb_next(mm, vma, next);
	if (prev && can_join(prev, vma)) {
		absorb_next(mm, prev, vma);
		return prev;
	}
	return vma;
}

/* insert_vm_struct - vma_link if the range is free. */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (find_vma_intersection(mm, vma->vm_start, vma->vm_end))
		return -ENOMEM;
	vma_link(mm, vma);
	return 0;
}
