/*
 * anon_inode.c - open files that stand for an object of the kernel.
 *
 * All of them share one inode, which says nothing about them; each has a
 * nameless dentry that remembers its kind for /proc/PID/fd.  What they are is
 * in the file's f_op and private_data.
 *
 * Locks: none of its own; the inode never changes.
 *
 * Entry points: anon_inode_getfile, anon_inode_getfd, anon_inode_init.
 */
#include <fs/anon/anon_inode.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>

#define ANON_INODE_FS_MAGIC 0x09041934

static struct vfsmount *anon_inode_mnt;
static struct inode *anon_inode; /* fixed after boot */

static int anon_inode_dname(struct dentry *dentry, char *buf, int size)
{
	return scnprintf(buf, size, "anon_inode:%s", dentry->d_name.name);
}

static const struct dentry_operations anon_inode_dentry_ops = {
	.d_dname = anon_inode_dname,
};

static int anon_inode_fill_super(struct super_block *sb, void *data,
				 bool silent)
{
	return internal_fill_super(sb, ANON_INODE_FS_MAGIC,
				   &anon_inode_dentry_ops);
}

static struct file_system_type anon_inode_fs_type = {
	.name = "anon_inodefs",
	.fill_super = anon_inode_fill_super,
	.supers = LIST_HEAD_INIT(anon_inode_fs_type.supers),
};

/*
 * anon_inode_getfile - see anon_inode.h.
 */
struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file;

	ihold(anon_inode);
	file = alloc_file_pseudo(anon_inode, anon_inode_mnt, name,
				 flags & (O_ACCMODE | O_NONBLOCK), fops);
	if (IS_ERR(file)) {
		iput(anon_inode);
		return file;
	}
	file->private_data = priv;
	return file;
}

/*
 * anon_inode_getfd - see anon_inode.h.
 */
int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags)
{
	int fd = get_unused_fd_flags(flags & O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/*
 * anon_inode_init - see anon_inode.h.  The inode has no type, only
 * permissions: that is how fstat(2) shows it.  The file system isn't
 * registered: nobody can mount it, /proc/filesystems does not list it.
 */
void __init anon_inode_init(void)
{
	anon_inode_mnt = kern_mount(&anon_inode_fs_type);
	if (IS_ERR(anon_inode_mnt))
		panic("anon_inode: cannot mount its file system");
	anon_inode = new_inode(anon_inode_mnt->mnt_sb);
	if (!anon_inode)
		panic("anon_inode: no memory");
	anon_inode->i_ino = get_next_ino();
	anon_inode->i_mode = S_IRUSR | S_IWUSR;
	anon_inode->i_atime = anon_inode->i_mtime = anon_inode->i_ctime =
		current_time(anon_inode);
}
