/*
 * file.c - struct file: made, counted, and closed with the last reference.
 *
 * A file opened for writing is counted in its inode's i_writecount and its
 * mount's mnt_writers (FMODE_WRITER says so) until it is freed.
 *
 * The last reference may go anywhere: in munmap, with mmap_lock held.  What
 * then runs - f_op->release, the last iput of a removed file, the unmount of a
 * file system that was detached - takes locks of its own, so a program's task
 * does it on its way back to user mode.  close(2), which holds nothing, does it
 * at once.
 *
 * Entry points: alloc_empty_file, alloc_file, alloc_file_pseudo, fput,
 * __fput_sync, filp_close, filp_close_sync.
 */
#include <fs/vfs/file.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/locks.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/context.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/task_work.h>

static struct kmem_cache *file_cache __read_mostly;
/* Open files: each CPU adds to the sum what it has counted for itself only
 * when that is much, so that CPUs do not write the same cache line at each
 * open and close. */
#define NR_FILES_BATCH 32
static DEFINE_PER_CPU(int, nr_files_here); /* not yet in nr_files */
static atomic64_t nr_files;
static long max_files;
static void (*file_release_hook)(struct file *file); /* set once, at boot */

/*
 * file_init - see file.h.  A tenth of memory may be open files.
 */
void file_init(void)
{
	unsigned long kib = totalram_pages() * (PAGE_SIZE / 1024);

	max_files = max(kib / 10, 8192UL);
	file_cache = kmem_cache_create("filp", sizeof(struct file), 64, NULL);
	if (!file_cache)
		panic("vfs: no memory for files");
	kmem_cache_mark_type_stable(file_cache);
}

/*
 * nr_open_files, max_open_files, set_max_open_files - see file.h.
 */
long nr_open_files(void)
{
	long sum = atomic64_read(&nr_files);
	unsigned int cpu;

	/* Not per_cpu_sum(): what is here may well be below 0. */
	for_each_possible_cpu (cpu)
		sum += READ_ONCE(per_cpu(nr_files_here, cpu));
	return max(sum, 0L);
}

static inline void count_file(int change)
{
	int here = this_cpu_add_return(nr_files_here, change);

	if (unlikely(here >= NR_FILES_BATCH || here <= -NR_FILES_BATCH)) {
		this_cpu_sub(nr_files_here, here);
		atomic64_add(here, &nr_files);
	}
}

/* The sum is asked for only where the rough count says so. */
static inline bool too_many_files(void)
{
	return unlikely(atomic64_read(&nr_files) >= max_open_files()) &&
	       nr_open_files() >= max_open_files();
}

long max_open_files(void)
{
	return READ_ONCE(max_files);
}

void set_max_open_files(long max)
{
	WRITE_ONCE(max_files, max);
}

/*
 * register_file_release_hook - see file.h.
 */
void register_file_release_hook(void (*fn)(struct file *file))
{
	file_release_hook = fn;
}

/*
 * alloc_empty_file - see file.h.
 */
struct file *alloc_empty_file(int flags, const struct cred *cred)
{
	struct file *file;

	if (too_many_files() && !capable(CAP_SYS_ADMIN)) {
		pr_info("VFS: file-max limit %ld reached\n", max_open_files());
		return ERR_PTR(-ENFILE);
	}
	file = kmem_cache_zalloc(file_cache);
	if (!file)
		return ERR_PTR(-ENOMEM);
	count_file(1);
	file->f_flags = flags;
	file->f_mode = OPEN_FMODE(flags);
	file->f_cred = get_cred_stocked(cred);
	refcount_set(&file->f_count, 1);
	spin_lock_init(&file->f_lock, LOCK_FILE);
	mutex_init(&file->f_pos_lock, LOCK_FILE_POS);
	INIT_LIST_HEAD(&file->f_ep_links);
	return file;
}

/*
 * alloc_file - see file.h.
 */
struct file *alloc_file(const struct path *path, int flags,
			const struct file_operations *fops)
{
	struct file *file = alloc_empty_file(flags, current_cred());

	if (IS_ERR(file))
		return file;
	file->f_path = *path;
	file->f_inode = path->dentry->d_inode;
	file->f_mapping = file->f_inode->i_mapping;
	file->f_wb_err = filemap_sample_wb_err(file->f_mapping);
	file->f_op = fops;
	if (fops->llseek)
		file->f_mode |= FMODE_LSEEK;
	return file;
}

/*
 * alloc_file_pseudo - see file.h.
 */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt,
			       const char *name, int flags,
			       const struct file_operations *fops)
{
	struct qstr q = qstr_make(name);
	struct path path;
	struct file *file;

	path.dentry = d_alloc_pseudo(mnt->mnt_sb, &q);
	if (!path.dentry)
		return ERR_PTR(-ENOMEM);
	path.mnt = mntget(mnt);
	ihold(inode);
	d_instantiate(path.dentry, inode);
	file = alloc_file(&path, flags, fops);
	if (IS_ERR(file))
		path_put(&path);
	else
		iput(inode); /* the caller's; the dentry has one */
	return file;
}

/* The last reference is gone. */
static void __fput(struct file *file)
{
	struct inode *inode = file->f_inode;

	assert_can_sleep();
	if (unlikely(!inode)) /* never opened */
		goto free;
	if (unlikely(file->f_mode & FMODE_EPOLL))
		file_release_hook(file);
	if (!(file->f_mode & FMODE_PATH)) {
		if (unlikely(!list_empty(&inode->i_flctx)))
			locks_remove_file(file);
		if ((file->f_flags & FASYNC) && file->f_op->fasync)
			(void)file->f_op->fasync(-1, file, false);
		if (file->f_op->release)
			(void)file->f_op->release(inode, file);
	}
	if (file->f_mode & FMODE_WRITER) {
		put_write_access(inode);
		mnt_drop_write(file->f_path.mnt);
	}
	path_put(&file->f_path);
	if (unlikely(file->f_owner))
		file_put_owner(file);
free:
	put_cred_stocked(file->f_cred);
	kmem_cache_free(file_cache, file);
	count_file(-1);
}

static void fput_work(struct callback_head *work)
{
	__fput(container_of(work, struct file, f_work));
}

/*
 * fput - see file.h.
 */
void fput(struct file *file)
{
	if (refcount_dec_and_test(&file->f_count) &&
	    !task_work_add_current(&file->f_work, fput_work))
		__fput(file);
}

/*
 * __fput_sync - see file.h.  May sleep.
 */
void __fput_sync(struct file *file)
{
	if (refcount_dec_and_test(&file->f_count))
		__fput(file);
}

/* What close(2) does before the reference goes. */
static int filp_flush(struct file *file, void *owner)
{
	int err = 0;

	if (file->f_op && file->f_op->flush)
		err = file->f_op->flush(file);
	if (!(file->f_mode & FMODE_PATH) &&
	    unlikely(!list_empty(&file->f_inode->i_flctx)))
		locks_remove_posix(file, owner);
	return err;
}

/*
 * filp_close, filp_close_sync - see file.h.
 */
int filp_close(struct file *file, void *owner)
{
	int err = filp_flush(file, owner);

	fput(file);
	return err;
}

int filp_close_sync(struct file *file, void *owner)
{
	int err = filp_flush(file, owner);

	__fput_sync(file);
	return err;
}
