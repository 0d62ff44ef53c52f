/*
 * file_caps.c - the capabilities of a program file, capabilities(7).
 *
 * They stand in the extended attribute security.capability, as revision 1
 * (32 bits), 2 (64 bits) or 3 (64 bits and the user that is root where they
 * count).  Here is one user namespace, whose root is user 0: revision 3 for
 * any other root is kept, shown, and gives nothing.  New ones are of revision
 * 2 or 3; whoever writes to the file or gives it away removes them.
 *
 * Locks: i_rwsem for changes.  S_NOSEC says that the file is known to have
 * none, so that a write need not look.
 *
 * Entry points: file_caps_may_set, file_caps_get, get_vfs_caps_from_disk,
 * cap_inode_need_killpriv, cap_inode_killpriv.
 */
#include <fs/vfs/file_caps.h>

#include <abi/errno.h>
#include <abi/xattr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/lib/string.h>

#define REVISION(magic) ((magic) & (u32)VFS_CAP_REVISION_MASK)
#define SIZE_1		(sizeof(u32) + 2 * VFS_CAP_U32_1 * sizeof(u32))
#define SIZE_2		sizeof(struct vfs_cap_data)
#define SIZE_3		sizeof(struct vfs_ns_cap_data)

/* Nothing but a revision and the effective bit. */
static bool header_is(const struct vfs_ns_cap_data *data, u32 revision)
{
	return (data->magic_etc & ~(u32)VFS_CAP_FLAGS_EFFECTIVE) == revision;
}

static bool is_v2(const struct vfs_ns_cap_data *data, size_t size)
{
	return size == SIZE_2 && header_is(data, VFS_CAP_REVISION_2);
}

static bool is_v3(const struct vfs_ns_cap_data *data, size_t size)
{
	return size == SIZE_3 && header_is(data, VFS_CAP_REVISION_3);
}

/* file_caps_may_set - see file_caps.h. */
int file_caps_may_set(const struct inode *inode, const void *value, size_t size)
{
	struct vfs_ns_cap_data data;

	if (size > sizeof(data))
		return -EINVAL;
	memset(&data, 0, sizeof(data));
	memcpy(&data, value, size);
	if (!is_v2(&data, size) && !is_v3(&data, size))
		return -EINVAL;
	return capable_wrt_inode(inode, CAP_SETFCAP) ? 0 : -EPERM;
}

/* The attribute's bytes.  Their number, or -ENODATA, -ERANGE ... */
static ssize_t read_raw(struct dentry *dentry, struct vfs_ns_cap_data *data)
{
	struct inode *inode = dentry->d_inode;

	memset(data, 0, sizeof(*data));
	if (!inode->i_op->getxattr)
		return -EOPNOTSUPP;
	return inode->i_op->getxattr(dentry, XATTR_NAME_CAPS, data,
				     sizeof(*data));
}

/* file_caps_get - see file_caps.h. */
ssize_t file_caps_get(struct dentry *dentry, void *value, size_t size)
{
	struct vfs_ns_cap_data data;
	ssize_t len = read_raw(dentry, &data);

	if (len == -ERANGE)
		return -EINVAL;
	if (len < 0)
		return len;
	if (is_v3(&data, (size_t)len) && data.rootid == 0) {
		/* For our own root: as if it had been set without one. */
		data.magic_etc = VFS_CAP_REVISION_2 |
				 (data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE);
		len = SIZE_2;
	} else if (!is_v2(&data, (size_t)len) && !is_v3(&data, (size_t)len)) {
		return -EINVAL;
	}
	if (size && size < (size_t)len)
		return -ERANGE;
	if (size)
		memcpy(value, &data, (size_t)len);
	return len;
}

/* get_vfs_caps_from_disk - see file_caps.h. */
int get_vfs_caps_from_disk(struct dentry *dentry, struct cpu_vfs_cap_data *caps)
{
	struct vfs_ns_cap_data data;
	ssize_t len = read_raw(dentry, &data);
	size_t want;

	if (len == -ENODATA || len == -EOPNOTSUPP)
		return -ENODATA;
	if (len < 0)
		return len == -ERANGE ? -EINVAL : (int)len;
	switch (REVISION(data.magic_etc)) {
	case VFS_CAP_REVISION_1:
		want = SIZE_1;
		break;
	case VFS_CAP_REVISION_2:
		want = SIZE_2;
		break;
	case VFS_CAP_REVISION_3:
		want = SIZE_3;
		break;
	default:
		return -EINVAL;
	}
	if ((size_t)len != want)
		return -EINVAL;
	if (want == SIZE_3 && data.rootid != 0)
		return -ENODATA;
	caps->magic_etc = data.magic_etc;
	caps->permitted = data.data[0].permitted;
	caps->inheritable = data.data[0].inheritable;
	if (want != SIZE_1) {
		caps->permitted |= (u64)data.data[1].permitted << 32;
		caps->inheritable |= (u64)data.data[1].inheritable << 32;
	}
	caps->permitted &= CAP_FULL_SET;
	caps->inheritable &= CAP_FULL_SET;
	return 0;
}

/* cap_inode_need_killpriv - see file_caps.h. */
bool cap_inode_need_killpriv(struct dentry *dentry)
{
	const struct inode *inode = dentry->d_inode;

	return inode->i_op->getxattr && !(inode->i_flags & S_NOSEC) &&
	       inode->i_op->getxattr(dentry, XATTR_NAME_CAPS, NULL, 0) > 0;
}

/* cap_inode_killpriv - see file_caps.h. */
int cap_inode_killpriv(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;
	int err;

	if (!inode->i_op->removexattr)
		return 0;
	err = inode->i_op->removexattr(dentry, XATTR_NAME_CAPS);
	return err == -ENODATA || err == -EOPNOTSUPP ? 0 : err;
}
