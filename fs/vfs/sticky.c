/*
 * sticky.c - traps in /tmp: what others have put into a directory that all may
 * write to is not followed, linked or opened by mistake, proc(5),
 * fs.protected_symlinks, _hardlinks, _fifos and _regular.
 *
 * Entry points: may_follow_link, may_linkat, may_create_in_sticky.
 */
#include <fs/vfs/sticky.h>

#include <abi/errno.h>
#include <abi/stat.h>
#include <fs/vfs/permission.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

int sysctl_protected_symlinks = 1;
int sysctl_protected_hardlinks = 1;
int sysctl_protected_fifos;
int sysctl_protected_regular;

/* may_follow_link - see sticky.h. */
int may_follow_link(const struct inode *dir, const struct inode *link)
{
	const umode_t open_to_all = S_ISVTX | S_IWOTH;

	if (!READ_ONCE(sysctl_protected_symlinks) ||
	    current_fsuid() == link->i_uid)
		return 0;
	if ((dir->i_mode & open_to_all) != open_to_all)
		return 0;
	return dir->i_uid == link->i_uid ? 0 : -EACCES;
}

/* A plain file that current could have copied and overwritten as well. */
static bool safe_hardlink_source(struct inode *inode)
{
	umode_t mode = inode->i_mode;

	if (!S_ISREG(mode) || (mode & S_ISUID))
		return false;
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		return false;
	return inode_permission(inode, MAY_READ | MAY_WRITE) == 0;
}

/* may_linkat - see sticky.h. */
int may_linkat(struct inode *inode)
{
	if (!READ_ONCE(sysctl_protected_hardlinks) ||
	    safe_hardlink_source(inode) || inode_owner_or_capable(inode))
		return 0;
	return -EPERM;
}

/* may_create_in_sticky - see sticky.h. */
int may_create_in_sticky(umode_t dir_mode, uid_t dir_uid,
			 const struct inode *inode)
{
	int fifos = READ_ONCE(sysctl_protected_fifos);
	int regular = READ_ONCE(sysctl_protected_regular);
	bool is_fifo = S_ISFIFO(inode->i_mode);
	bool is_regular = S_ISREG(inode->i_mode);

	if (!(dir_mode & S_ISVTX) || (is_regular && !regular) ||
	    (is_fifo && !fifos) || inode->i_uid == dir_uid ||
	    inode->i_uid == current_fsuid())
		return 0;
	if (dir_mode & S_IWOTH)
		return -EACCES;
	if ((dir_mode & S_IWGRP) &&
	    ((is_fifo && fifos >= 2) || (is_regular && regular >= 2)))
		return -EACCES;
	return 0;
}
