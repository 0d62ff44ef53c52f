/*
 * memfd.c - memfd_create(2): files of a tmpfs that nobody can see.
 *
 * Locks: none of its own.
 *
 * Entry points: do_memfd_create, memfd_fcntl.
 */
#include <fs/anon/memfd.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/mman.h>
#include <fs/tmpfs/tmpfs.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

#define MFD_HUGE_SHIFT 26
#define MFD_HUGE_MASK  0x3f

static struct vfsmount *memfd_mnt;

/* memfd_flags_valid - see memfd.h.  A size goes with MFD_HUGETLB only. */
bool memfd_flags_valid(unsigned int flags)
{
	unsigned int known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB;

	if (flags & MFD_HUGETLB)
		known |= (unsigned int)MFD_HUGE_MASK << MFD_HUGE_SHIFT;
	return !(flags & ~known);
}

static struct inode *memfd_inode(unsigned int flags)
{
	struct inode *inode = tmpfs_get_inode(memfd_mnt->mnt_sb, NULL,
					      S_IFREG | S_IRWXUGO, 0);

	if (IS_ERR(inode))
		return inode;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	clear_nlink(inode);
	if ((flags & MFD_ALLOW_SEALING) && tmpfs_make_sealable(inode)) {
		iput(inode);
		return ERR_PTR(-ENOMEM);
	}
	return inode;
}

static struct file *memfd_file(const char *name, unsigned int flags)
{
	struct inode *inode = memfd_inode(flags);
	char full[NAME_MAX + 1];
	struct file *file;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	(void)snprintf(full, sizeof(full), "memfd:%s", name);
	file = alloc_file_pseudo(inode, memfd_mnt, full, O_RDWR | O_LARGEFILE,
				 &tmpfs_file_fops);
	if (IS_ERR(file)) {
		iput(inode);
		return file;
	}
	file->f_mode |=
		FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS;
	return file;
}

/* do_memfd_create - see memfd.h. */
int do_memfd_create(const char *name, unsigned int flags)
{
	struct file *file;
	int fd;

	/* As a kernel without hugetlbfs. */
	if (flags & MFD_HUGETLB)
		return -ENOSYS;
	fd = get_unused_fd_flags(flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;
	file = memfd_file(name, flags);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}

/* memfd_fcntl - see memfd.h. */
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	bool in_memory = file->f_op == &tmpfs_file_fops;

	if (cmd == F_GET_SEALS)
		return in_memory ? (long)tmpfs_get_seals(file_inode(file))
				 : -EINVAL;
	if (arg > UINT32_MAX)
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	return in_memory ? tmpfs_add_seals(file, (unsigned int)arg) : -EINVAL;
}

/* memfd_init - see memfd.h. */
void __init memfd_init(void)
{
	memfd_mnt = tmpfs_kern_mount();
	if (IS_ERR(memfd_mnt))
		panic("memfd: cannot mount a tmpfs");
}
