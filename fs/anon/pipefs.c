/*
 * pipefs.c - the files of pipe(2), and the file system they live on.
 *
 * Locks: none of its own.
 *
 * Entry points: do_pipe_files, do_pipe2, pipe_init.
 */
#include <fs/anon/pipe.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/anon/internal.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/super.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/format.h>
#include <kernel/sched/cred.h>

#define PIPEFS_MAGIC 0x50495045

static struct vfsmount *pipe_mnt;

static struct inode *get_pipe_inode(void)
{
	struct inode *inode = new_inode(pipe_mnt->mnt_sb);
	struct pipe_inode_info *pipe;

	if (!inode)
		return NULL;
	pipe = alloc_pipe();
	if (!pipe) {
		iput(inode);
		return NULL;
	}
	pipe->files = 2;
	pipe->readers = pipe->writers = 1;
	inode->i_pipe = pipe;
	inode->i_ino = get_next_ino();
	inode->i_fop = &pipe_fops;
	inode->i_mode = S_IFIFO | 0600;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return inode;
}

/* pipe_init_file - see internal.h. */
void pipe_init_file(struct file *file)
{
	file->f_mode &=
		~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
}

/*
 * do_pipe_files - see pipe.h.  May sleep.
 */
int do_pipe_files(struct file *files[2], int flags)
{
	struct inode *inode;
	struct file *write_end, *read_end;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	flags &= O_NONBLOCK | O_DIRECT;
	inode = get_pipe_inode();
	if (!inode)
		return -ENFILE;
	write_end = alloc_file_pseudo(inode, pipe_mnt, "", O_WRONLY | flags,
				      &pipe_fops);
	if (IS_ERR(write_end)) {
		free_pipe(inode->i_pipe);
		inode->i_pipe = NULL;
		iput(inode);
		return PTR_ERR(write_end);
	}
	read_end = alloc_file(&write_end->f_path,
			      O_RDONLY | (flags & O_NONBLOCK), &pipe_fops);
	if (IS_ERR(read_end)) {
		put_pipe(inode, inode->i_pipe);
		fput(write_end);
		return PTR_ERR(read_end);
	}
	dget(write_end->f_path.dentry);
	mntget(write_end->f_path.mnt);
	pipe_init_file(write_end);
	pipe_init_file(read_end);
	files[0] = read_end;
	files[1] = write_end;
	return 0;
}

/*
 * do_pipe2 - see pipe.h.  Nothing is left open on failure.
 */
int do_pipe2(int fds[2], int flags)
{
	struct file *files[2];
	int err, rd, wr;

	err = do_pipe_files(files, flags);
	if (err)
		return err;
	rd = get_unused_fd_flags(flags);
	if (rd < 0) {
		err = rd;
		goto put_files;
	}
	wr = get_unused_fd_flags(flags);
	if (wr < 0) {
		err = wr;
		goto put_rd;
	}
	/* Cannot fail from here. */
	fd_install(rd, files[0]);
	fd_install(wr, files[1]);
	fds[0] = rd;
	fds[1] = wr;
	return 0;

put_rd:
	put_unused_fd(rd);
put_files:
	fput(files[0]);
	fput(files[1]);
	return err;
}

static int pipefs_dname(struct dentry *dentry, char *buf, int size)
{
	return scnprintf(buf, size, "pipe:[%llu]",
			 (unsigned long long)d_inode(dentry)->i_ino);
}

static const struct dentry_operations pipefs_dentry_ops = {
	.d_dname = pipefs_dname,
};

static int pipefs_fill_super(struct super_block *sb, void *data, bool silent)
{
	return internal_fill_super(sb, PIPEFS_MAGIC, &pipefs_dentry_ops);
}

static struct file_system_type pipefs_type = {
	.name = "pipefs",
	.fill_super = pipefs_fill_super,
};

/*
 * pipe_init - see pipe.h.
 */
void __init pipe_init(void)
{
	if (register_filesystem(&pipefs_type))
		panic("pipe: cannot register pipefs");
	pipe_mnt = kern_mount(&pipefs_type);
	if (IS_ERR(pipe_mnt))
		panic("pipe: cannot mount pipefs");
	register_fifo_fops(&pipe_fops);
	pipe_limits_init();
}
