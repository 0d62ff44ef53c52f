/*
 * open.c - open(2): flags to checks, a dentry to a working struct file.
 *
 * Entry points: build_open_flags, do_sys_openat2, filp_open, dentry_open,
 * vfs_open.
 */
#include <fs/vfs/open.h>

#include <abi/errno.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/readahead.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/cred.h>

#define VALID_OPEN_FLAGS                                                       \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |        \
	 O_NONBLOCK | O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | \
	 O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE)
#define O_PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define VALID_RESOLVE_FLAGS                                                    \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |       \
	 RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED)

static const struct file_operations path_fops; /* O_PATH: nothing works */

static bool will_create(u64 flags)
{
	return flags & (O_CREAT | __O_TMPFILE);
}

/*
 * build_open_how - see open.h.
 */
struct open_how build_open_how(int flags, umode_t mode)
{
	struct open_how how = {
		.flags = (u64)flags & VALID_OPEN_FLAGS,
		.mode = mode & S_IALLUGO,
	};

	if (how.flags & O_PATH)
		how.flags &= O_PATH_FLAGS;
	if (!will_create(how.flags))
		how.mode = 0;
	return how;
}

/* MAY_* of O_RDONLY, O_WRONLY, O_RDWR and 3 (which asks for both). */
static int acc_mode_of(u64 flags)
{
	static const u8 modes[4] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				    MAY_READ | MAY_WRITE};

	return modes[flags & O_ACCMODE];
}

static int check_how(const struct open_how *how)
{
	const u64 tmpfile_mask = __O_TMPFILE | O_DIRECTORY | O_CREAT;

	if (how->flags & ~(u64)VALID_OPEN_FLAGS)
		return -EINVAL;
	if (how->resolve & ~(u64)VALID_RESOLVE_FLAGS)
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) &&
	    (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how->mode & ~(u64)(will_create(how->flags) ? S_IALLUGO : 0))
		return -EINVAL;
	/* open(2): no call makes a directory and opens it. */
	if ((how->flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT))
		return -EINVAL;
	if (how->flags & __O_TMPFILE) {
		if ((how->flags & tmpfile_mask) != O_TMPFILE)
			return -EINVAL;
		if (!(acc_mode_of(how->flags) & MAY_WRITE))
			return -EINVAL;
	}
	if ((how->flags & O_PATH) && (how->flags & ~(u64)O_PATH_FLAGS))
		return -EINVAL;
	if ((how->resolve & RESOLVE_CACHED) &&
	    (how->flags & (O_TRUNC | O_CREAT | __O_TMPFILE)))
		return -EAGAIN;
	return 0;
}

static int resolve_to_lookup(u64 resolve)
{
	int lookup = 0;

	if (resolve & RESOLVE_NO_XDEV)
		lookup |= LOOKUP_NO_XDEV;
	if (resolve & RESOLVE_NO_MAGICLINKS)
		lookup |= LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_NO_SYMLINKS)
		lookup |= LOOKUP_NO_SYMLINKS;
	if (resolve & RESOLVE_BENEATH)
		lookup |= LOOKUP_BENEATH;
	if (resolve & RESOLVE_IN_ROOT)
		lookup |= LOOKUP_IN_ROOT;
	if (resolve & RESOLVE_CACHED)
		lookup |= LOOKUP_CACHED;
	return lookup;
}

/*
 * build_open_flags - see open.h.
 */
int build_open_flags(const struct open_how *how, struct open_flags *op)
{
	u64 flags = how->flags;
	int err = check_how(how);

	if (err)
		return err;
	op->mode = will_create(flags) ? how->mode | S_IFREG : 0;
	if (flags & __O_SYNC)
		flags |= O_DSYNC;
	op->open_flag = (int)flags;
	op->acc_mode = 0;
	op->intent = 0;
	if (!(flags & O_PATH)) {
		op->acc_mode = acc_mode_of(flags);
		op->intent = LOOKUP_OPEN;
	}
	if (flags & O_TRUNC)
		op->acc_mode |= MAY_WRITE;
	if (flags & O_APPEND)
		op->acc_mode |= MAY_APPEND;
	if (flags & O_CREAT) {
		op->intent |= LOOKUP_CREATE;
		if (flags & O_EXCL) {
			op->intent |= LOOKUP_EXCL;
			flags |= O_NOFOLLOW;
		}
	}
	op->lookup_flags = resolve_to_lookup(how->resolve);
	if (flags & O_DIRECTORY)
		op->lookup_flags |= LOOKUP_DIRECTORY;
	if (!(flags & O_NOFOLLOW))
		op->lookup_flags |= LOOKUP_FOLLOW;
	return 0;
}

/*
 * do_sys_openat2, do_sys_open - see open.h.
 */
int do_sys_openat2(int dfd, const char *name, const struct open_how *how)
{
	struct open_flags op;
	struct file *file;
	int fd;
	int err = build_open_flags(how, &op);

	if (err)
		return err;
	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = get_unused_fd_flags(how->flags);
	if (fd < 0)
		return fd;
	file = do_filp_open(dfd, name, &op);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

int do_sys_open(int dfd, const char *name, int flags, umode_t mode)
{
	struct open_how how = build_open_how(flags | O_LARGEFILE, mode);

	return do_sys_openat2(dfd, name, &how);
}

/*
 * filp_open, file_open_root - see open.h.
 */
struct file *filp_open(const char *name, int flags, umode_t mode)
{
	struct open_how how = build_open_how(flags, mode);
	struct open_flags op;
	int err = build_open_flags(&how, &op);

	return err ? ERR_PTR(err) : do_filp_open(AT_FDCWD, name, &op);
}

struct file *file_open_root(const struct path *root, const char *name,
			    int flags, umode_t mode)
{
	struct open_how how = build_open_how(flags, mode);
	struct open_flags op;
	int err = build_open_flags(&how, &op);

	return err ? ERR_PTR(err) : do_file_open_root(root, name, &op);
}

static bool is_special(umode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode) || S_ISFIFO(mode) ||
	       S_ISSOCK(mode);
}

/* Count a writer of a file on a disk. */
static int claim_writer(struct file *file, struct inode *inode)
{
	int err;

	if (!(file->f_mode & FMODE_WRITE) || is_special(inode->i_mode))
		return 0;
	err = get_write_access(inode);
	if (err)
		return err;
	err = mnt_want_write(file->f_path.mnt);
	if (err)
		put_write_access(inode);
	else
		file->f_mode |= FMODE_WRITER;
	return err;
}

static int open_with_ops(struct file *file, struct inode *inode)
{
	int err;

	file->f_op = inode->i_fop;
	if (!file->f_op)
		return -ENODEV;
	file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	if (file->f_op->open) {
		err = file->f_op->open(inode, file);
		if (err)
			return err;
	}
	if (!file->f_op->llseek)
		file->f_mode &= ~FMODE_LSEEK;
	file->f_flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
	file_ra_state_init(&file->f_ra);
	/* open(2), EINVAL: the file system does not do direct I/O. */
	if ((file->f_flags & O_DIRECT) &&
	    (S_ISREG(inode->i_mode) || S_ISBLK(inode->i_mode))) {
		if (file->f_op->release)
			(void)file->f_op->release(inode, file);
		return -EINVAL;
	}
	return 0;
}

static int do_dentry_open(struct file *file)
{
	struct inode *inode = file->f_path.dentry->d_inode;
	int err;

	file->f_inode = inode;
	file->f_mapping = inode->i_mapping;
	if (unlikely(file->f_flags & O_PATH)) {
		file->f_mode = FMODE_PATH;
		file->f_op = &path_fops;
		return 0;
	}
	file->f_wb_err = filemap_sample_wb_err(file->f_mapping);
	err = claim_writer(file, inode);
	if (err)
		return err;
	if (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode))
		file->f_mode |= FMODE_ATOMIC_POS;
	err = open_with_ops(file, inode);
	if (err && (file->f_mode & FMODE_WRITER)) {
		put_write_access(inode);
		mnt_drop_write(file->f_path.mnt);
		file->f_mode &= ~FMODE_WRITER;
	}
	return err;
}

/*
 * vfs_open_path, vfs_open - see open.h.
 */
int vfs_open_path(struct path *path, struct file *file)
{
	int err;

	file->f_path = *path;
	err = do_dentry_open(file);
	if (err) {
		file->f_inode = NULL; /* fput: it was never open */
		file->f_path.mnt = NULL;
		file->f_path.dentry = NULL;
		return err;
	}
	path->mnt = NULL;
	path->dentry = NULL;
	return 0;
}

int vfs_open(const struct path *path, struct file *file)
{
	struct path own = *path;
	int err;

	path_get(&own);
	err = vfs_open_path(&own, file);
	if (err)
		path_put(&own);
	return err;
}

/*
 * dentry_open - see open.h.
 */
struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred)
{
	struct file *file = alloc_empty_file(flags, cred);
	int err;

	if (IS_ERR(file))
		return file;
	err = vfs_open(path, file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/*
 * generic_file_open - see open.h; every offset here has 64 bits.
 */
int generic_file_open(struct inode *inode, struct file *file)
{
	return 0;
}

/*
 * nonseekable_open, stream_open - see open.h.
 */
int nonseekable_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

int stream_open(struct inode *inode, struct file *file)
{
	file->f_mode &=
		~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	return 0;
}
