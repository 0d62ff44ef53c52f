/*
 * exec_file.c - open a file to run it.
 *
 * Entry points: do_open_execat, open_exec, exec_file_put.
 */
#include <fs/vfs/exec_file.h>

#include <abi/errno.h>
#include <fs/vfs/file.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>

/*
 * do_open_execat - see exec_file.h.
 */
struct file *do_open_execat(int dfd, const char *name, int flags)
{
	struct open_flags op = {
		.open_flag = O_LARGEFILE | O_RDONLY,
		.acc_mode = MAY_EXEC,
		.intent = LOOKUP_OPEN,
		.lookup_flags = LOOKUP_FOLLOW,
	};
	struct file *file;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_PTR(-EINVAL);
	if (flags & AT_SYMLINK_NOFOLLOW)
		op.lookup_flags &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		op.lookup_flags |= LOOKUP_EMPTY;
	file = do_filp_open(dfd, name, &op);
	if (IS_ERR(file))
		return file;
	err = -EACCES;
	if (S_ISREG(file_inode(file)->i_mode))
		err = deny_write_access(file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	file->f_mode |= FMODE_EXEC;
	return file;
}

/*
 * open_exec - see exec_file.h.
 */
struct file *open_exec(const char *name)
{
	return do_open_execat(AT_FDCWD, name, 0);
}

/*
 * exec_file_put - see exec_file.h; NULL is allowed.
 */
void exec_file_put(struct file *file)
{
	if (!file)
		return;
	allow_write_access(file);
	fput(file);
}
