/*
 * seal.c - tmpfs: seals, fcntl(2): what may no longer be done to a file.
 *
 * Only a file of memfd_create(2) with MFD_ALLOW_SEALING can be sealed; it has
 * a struct tmpfs_seals.  All others behave as if F_SEAL_SEAL were set.
 *
 * Locks: i_rwsem to change seals and to do what they forbid, but for mmap(2),
 * which counts instead: a writable mapping and F_SEAL_WRITE exclude each other
 * through one counter.
 *
 * Entry points: tmpfs_add_seals, tmpfs_get_seals, tmpfs_make_sealable,
 * tmpfs_check_write, tmpfs_check_resize, tmpfs_seal_mmap.
 */
#include <fs/tmpfs/tmpfs.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/rwsem.h>

#define F_ALL_SEALS                                                            \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |            \
	 F_SEAL_FUTURE_WRITE)

/* Of a sealable file.  Locks:  W i_rwsem, read by itself   A atomic */
struct tmpfs_seals {
	unsigned int seals; /* [W] */
	/* [A] shared mappings that may become writable; negative: none may
	 * be made any more. */
	atomic_t writable_maps;
};

static struct tmpfs_seals *seals_of(const struct inode *inode)
{
	return S_ISREG(inode->i_mode) ? inode->i_private : NULL;
}

/* tmpfs_make_sealable - see tmpfs.h. */
int tmpfs_make_sealable(struct inode *inode)
{
	inode->i_private = kzalloc(sizeof(struct tmpfs_seals));
	return inode->i_private ? 0 : -ENOMEM;
}

/* tmpfs_get_seals - see tmpfs.h. */
unsigned int tmpfs_get_seals(const struct inode *inode)
{
	const struct tmpfs_seals *info = seals_of(inode);

	return info ? READ_ONCE(info->seals) : F_SEAL_SEAL;
}

static int add_seals_locked(struct inode *inode, unsigned int seals)
{
	struct tmpfs_seals *info = seals_of(inode);

	if (tmpfs_get_seals(inode) & F_SEAL_SEAL)
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !(info->seals & F_SEAL_WRITE) &&
	    atomic_cmpxchg(&info->writable_maps, 0, -1) != 0)
		return -EBUSY;
	WRITE_ONCE(info->seals, info->seals | seals);
	return 0;
}

/* tmpfs_add_seals - see tmpfs.h. */
int tmpfs_add_seals(struct file *file, unsigned int seals)
{
	struct inode *inode = file_inode(file);
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(unsigned int)F_ALL_SEALS)
		return -EINVAL;
	inode_lock(inode);
	err = add_seals_locked(inode, seals);
	inode_unlock(inode);
	return err;
}

/* tmpfs_check_write - see tmpfs.h. */
int tmpfs_check_write(const struct inode *inode, loff_t end)
{
	unsigned int seals = tmpfs_get_seals(inode);

	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	return (seals & F_SEAL_GROW) && end > i_size_read(inode) ? -EPERM : 0;
}

/* tmpfs_check_resize - see tmpfs.h. */
int tmpfs_check_resize(const struct inode *inode, loff_t size)
{
	unsigned int seals = tmpfs_get_seals(inode);
	loff_t now = i_size_read(inode);

	if ((size < now && (seals & F_SEAL_SHRINK)) ||
	    (size > now && (seals & F_SEAL_GROW)))
		return -EPERM;
	return 0;
}

/* One mapping more, unless writing is sealed. */
static bool count_mapping(struct tmpfs_seals *info)
{
	int old = atomic_read(&info->writable_maps);
	int seen;

	while (old >= 0) {
		seen = atomic_cmpxchg(&info->writable_maps, old, old + 1);
		if (seen == old)
			return true;
		old = seen;
	}
	return false;
}

/* Is @vma one of those that F_SEAL_WRITE must wait for? */
static bool may_be_written(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_SHARED) && (vma->vm_flags & VM_MAYWRITE);
}

/* tmpfs_seal_mmap - see tmpfs.h. */
int tmpfs_seal_mmap(const struct inode *inode, struct vm_area_struct *vma)
{
	struct tmpfs_seals *info = seals_of(inode);

	if (!info || !may_be_written(vma))
		return 0;
	if (!(READ_ONCE(info->seals) & F_SEAL_FUTURE_WRITE) &&
	    count_mapping(info))
		return 0;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	vma->vm_flags &= ~VM_MAYWRITE;
	return 0;
}

/* tmpfs_seal_open, tmpfs_seal_close - see tmpfs.h. */
void tmpfs_seal_open(struct vm_area_struct *vma)
{
	struct tmpfs_seals *info = seals_of(vma->vm_mapping->host);

	if (info && may_be_written(vma))
		atomic_inc(&info->writable_maps);
}

void tmpfs_seal_close(struct vm_area_struct *vma)
{
	struct tmpfs_seals *info = seals_of(vma->vm_mapping->host);

	if (info && may_be_written(vma))
		atomic_dec(&info->writable_maps);
}
