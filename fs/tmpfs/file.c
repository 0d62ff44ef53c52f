/*
 * file.c - tmpfs: the contents of files.
 *
 * The pages of a file live in its page cache and nowhere else: they are
 * never written out and never dropped before the file is.  Each page counts
 * in the instance's blocks when it is made and when it goes.
 *
 * Locks: i_rwsem for sizes; page lock while a page is filled.
 *
 * Entry points: tmpfs_aops, tmpfs_file_fops, tmpfs_file_iops,
 * tmpfs_evict_inode.
 */
#include <fs/tmpfs/tmpfs.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/file_mmap.h>
#include <fs/vfs/filemap.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/shmem.h>
#include <kernel/mm/truncate.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/*
 * tmpfs_charge_blocks - count @pages more (or fewer) pages.  False when the
 * limit would be passed.
 */
bool tmpfs_charge_blocks(struct super_block *sb, s64 pages)
{
	struct tmpfs_sb *info = TMPFS_SB(sb);
	bool ok = true;

	spin_lock(&info->lock);
	if (pages > 0 && info->max_blocks &&
	    info->used_blocks + pages > info->max_blocks)
		ok = false;
	else
		info->used_blocks += pages;
	spin_unlock(&info->lock);
	return ok;
}

/*
 * A page that holds data is marked dirty for as long as it lives, and counts.
 * There are no others: holes are not read, and nothing is read ahead, as there
 * is no read_page.  The page is locked.  0 or -ENOSPC.
 */
static int charge_page(struct inode *inode, struct page *page)
{
	if (test_bit(PG_dirty, &page->flags))
		return 0;
	if (!tmpfs_charge_blocks(inode->i_sb, 1))
		return -ENOSPC;
	inode_add_bytes(inode, PAGE_SIZE);
	set_bit(PG_dirty, &page->flags);
	return 0;
}

/* The locked page leaves the cache. */
static void tmpfs_invalidate_page(struct page *page)
{
	struct inode *inode = page->mapping->host;

	if (!test_bit(PG_dirty, &page->flags))
		return;
	inode_sub_bytes(inode, PAGE_SIZE);
	(void)tmpfs_charge_blocks(inode->i_sb, -1);
}

static int tmpfs_write_begin(struct file *file, struct address_space *mapping,
			     struct page *page, unsigned int from,
			     unsigned int to)
{
	int err = tmpfs_check_write(mapping->host,
				    ((loff_t)page->index << PAGE_SHIFT) + to);

	if (!err)
		err = charge_page(mapping->host, page);
	if (err)
		return err;
	if (!test_bit(PG_uptodate, &page->flags)) {
		memset(page_address(page), 0, PAGE_SIZE);
		set_bit(PG_uptodate, &page->flags);
	}
	return 0;
}

static int tmpfs_write_end(struct file *file, struct address_space *mapping,
			   struct page *page, unsigned int from,
			   unsigned int to)
{
	struct inode *inode = mapping->host;
	loff_t end = ((loff_t)page->index << PAGE_SHIFT) + to;

	set_bit(PG_uptodate, &page->flags);
	if (end > i_size_read(inode))
		i_size_write(inode, end);
	return 0;
}

const struct address_space_operations tmpfs_aops = {
	.write_begin = tmpfs_write_begin,
	.write_end = tmpfs_write_end,
	.invalidate_page = tmpfs_invalidate_page,
};

/* A fault makes the page it needs, which counts like a written one.  The first
 * write through a shared mapping sets the file's times. */
static vm_fault_t tmpfs_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_mapping;
	u64 size = i_size_read(mapping->host);
	vm_fault_t ret;

	ret = shmem_fault_page(vmf, mapping, DIV_ROUND_UP(size, PAGE_SIZE));
	if (ret & VM_FAULT_ERROR)
		return ret;
	if (charge_page(mapping->host, vmf->page)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
		vmf->page = NULL;
		return VM_FAULT_SIGBUS;
	}
	if ((vmf->flags & FAULT_FLAG_WRITE) && (vmf->vma->vm_flags & VM_SHARED))
		(void)file_update_time(vmf->vma->vm_file);
	return ret;
}

static const struct vm_operations tmpfs_vm_ops = {
	.open = tmpfs_seal_open,
	.close = tmpfs_seal_close,
	.fault = tmpfs_fault,
	.map_pages = filemap_map_pages,
};

/* Copy from one page, or zeros from a hole, for which no page is made.
 * Bytes, 0 at the end of the file, -EFAULT. */
static ssize_t read_one_page(struct address_space *mapping,
			     struct iov_iter *iter, loff_t pos)
{
	loff_t size = i_size_read(mapping->host);
	size_t offset = (size_t)pos & (PAGE_SIZE - 1);
	struct page *page;
	size_t copied;
	size_t n;

	if (pos >= size)
		return 0;
	n = min3(PAGE_SIZE - offset, iov_iter_count(iter),
		 (size_t)(size - pos));
	page = find_get_page(mapping, (u64)pos >> PAGE_SHIFT);
	if (page && test_bit(PG_uptodate, &page->flags))
		copied = copy_to_iter((char *)page_address(page) + offset, n,
				      iter);
	else
		copied = iov_iter_zero(n, iter);
	if (page)
		put_page(page);
	return copied || !n ? (ssize_t)copied : -EFAULT;
}

static ssize_t tmpfs_read_iter(struct file *file, struct iov_iter *iter,
			       loff_t *pos)
{
	ssize_t done = 0;
	ssize_t n = 0;

	while (iov_iter_count(iter)) {
		n = read_one_page(file->f_mapping, iter, *pos);
		if (n <= 0)
			break;
		*pos += n;
		done += n;
		cond_resched();
	}
	file_accessed(file);
	return done ? done : n;
}

static int tmpfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = tmpfs_seal_mmap(file_inode(file), vma);

	if (err)
		return err;
	file_accessed(file);
	vma->vm_ops = &tmpfs_vm_ops;
	vma->vm_mapping = file->f_mapping;
	return 0;
}

static int tmpfs_fsync(struct file *file, loff_t start, loff_t end,
		       bool datasync)
{
	return 0; /* memory is all there is */
}

/* lseek(2): SEEK_DATA and SEEK_HOLE look at which pages exist. */
static loff_t tmpfs_llseek(struct file *file, loff_t offset, int whence)
{
	struct address_space *mapping = file->f_mapping;
	loff_t size = i_size_read(mapping->host), pos;
	struct page *page;
	bool data = whence == SEEK_DATA;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	if (offset < 0 || offset >= size)
		return -ENXIO;
	for (pos = offset; pos < size;
	     pos = (pos & ~(loff_t)(PAGE_SIZE - 1)) + PAGE_SIZE) {
		page = find_get_page(mapping, pos >> PAGE_SHIFT);
		if (page)
			put_page(page);
		if (!!page == data) {
			file->f_pos = pos;
			return pos;
		}
	}
	if (data)
		return -ENXIO;
	file->f_pos = size;
	return size;
}

/* Pages for [first, last]; 0 or -errno, what was made stays.  A signal ends
 * it: there may be more than there is memory. */
static int allocate_range(struct inode *inode, u64 first, u64 last)
{
	u64 most = TMPFS_SB(inode->i_sb)->max_blocks;
	struct page *page;
	u64 index;
	int err;

	if (most && last - first >= most)
		return -ENOSPC;
	for (index = first; index <= last; index++) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		page = shmem_get_page(inode->i_mapping, index, true);
		if (IS_ERR(page))
			return PTR_ERR(page);
		lock_page(page);
		err = charge_page(inode, page);
		unlock_page(page);
		put_page(page);
		if (err)
			return err;
	}
	return 0;
}

/* fallocate(2): preallocation and hole punching. */
static long tmpfs_fallocate(struct file *file, int mode, loff_t offset,
			    loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		err = tmpfs_check_write(inode, 0);
		if (!err)
			truncate_pagecache_range(inode->i_mapping, offset,
						 offset + len - 1);
	} else {
		/* The limit holds with FALLOC_FL_KEEP_SIZE as well. */
		err = inode_newsize_ok(inode, offset + len);
		if (!err && offset + len > i_size_read(inode))
			err = tmpfs_check_resize(inode, offset + len);
		if (!err)
			err = allocate_range(inode, offset >> PAGE_SHIFT,
					     (offset + len - 1) >> PAGE_SHIFT);
		if (!err && !(mode & FALLOC_FL_KEEP_SIZE) &&
		    offset + len > i_size_read(inode))
			i_size_write(inode, offset + len);
	}
	if (!err)
		inode->i_mtime = inode->i_ctime = current_time(inode);
	inode_unlock(inode);
	return err;
}

const struct file_operations tmpfs_file_fops = {
	.llseek = tmpfs_llseek,
	.read_iter = tmpfs_read_iter,
	.write_iter = generic_file_write_iter,
	.mmap = tmpfs_mmap,
	.fsync = tmpfs_fsync,
	.fallocate = tmpfs_fallocate,
};

static int tmpfs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(dentry, attr);
	loff_t size;

	if (!err && (attr->ia_valid & ATTR_SIZE))
		err = tmpfs_check_resize(inode, attr->ia_size);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		size = i_size_read(inode);
		i_size_write(inode, attr->ia_size);
		if (attr->ia_size < size)
			truncate_pagecache(inode->i_mapping, attr->ia_size);
		inode->i_mtime = inode->i_ctime = current_time(inode);
	}
	setattr_copy(inode, attr);
	return 0;
}

const struct inode_operations tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
	.removexattr = tmpfs_removexattr,
};

/*
 * tmpfs_evict_inode - the last reference to an unlinked file went.
 */
void tmpfs_evict_inode(struct inode *inode)
{
	struct tmpfs_sb *info = TMPFS_SB(inode->i_sb);

	truncate_inode_pages_final(inode->i_mapping);
	if (S_ISLNK(inode->i_mode) || S_ISREG(inode->i_mode))
		kfree(inode->i_private);
	tmpfs_free_xattrs(inode);
	spin_lock(&info->lock);
	info->used_inodes--;
	spin_unlock(&info->lock);
	clear_inode(inode);
}
