/*
 * mount.h - the mount tree: what covers which directory.
 *
 * namespace_sem guards the tree's shape, the mount hash lock what path walks
 * see of it.  A mount in the tree holds one reference to itself; others are
 * held by paths (working directories, open files).
 */
#pragma once

#include <fs/vfs/types.h>

/* mntget, mntput - references; the last mntput shuts the mount down. */
struct vfsmount *mntget(struct vfsmount *mnt);
void mntput(struct vfsmount *mnt);

/* mntget_live_locked - mntget of a mount met in s_mounts, which may have no
 * user left: then NULL.  Between mount_lock_tree and mount_unlock_tree. */
struct vfsmount *mntget_live_locked(struct vfsmount *mnt);

/* lookup_mnt - the mount right on top of @path, referenced, or NULL. */
struct vfsmount *lookup_mnt(const struct path *path);

/* follow_down_mounts - move @path to the topmost mount stacked on it;
 * true if it moved. */
bool follow_down_mounts(struct path *path);

/* follow_up - move @path to the place its mount covers; false at the top. */
bool follow_up(struct path *path);

/* mnt_want_write - a write is coming; 0 or -EROFS.  Pair with drop. */
int mnt_want_write(struct vfsmount *mnt);
void mnt_drop_write(struct vfsmount *mnt);
int mnt_want_write_file(struct file *file);
void mnt_drop_write_file(struct file *file);
bool mnt_is_readonly(const struct vfsmount *mnt);

/* kern_mount - a mount outside the tree, for pipefs and kin; or ERR_PTR. */
struct vfsmount *kern_mount(struct file_system_type *type);

/* init_mount_tree - mount a tmpfs as the first root; set init's root and
 * cwd.  Once, at boot, after tmpfs is registered. */
void init_mount_tree(void);

/*
 * do_mount - mount(2): new, remount, bind, move, or change of propagation.
 * All strings are kernel copies; @dev, @type and @data may be NULL.
 */
int do_mount(const char *dev, const char *dir, const char *type,
	     unsigned long flags, void *data);

/* mount_block_root - mount device @dev as @type (NULL: try all that need a
 * device) on @dir; for the boot. */
int mount_block_root(dev_t dev, const char *dir, const char *type,
		     unsigned long flags, void *data);

/* do_umount - umount2(2): MNT_FORCE, MNT_DETACH, MNT_EXPIRE,
 * UMOUNT_NOFOLLOW. */
int do_umount(const char *name, int flags);

/* do_pivot_root - pivot_root(2). */
int do_pivot_root(const char *new_root, const char *put_old);

/* mount_move_root - at boot: move the mount on @dir over "/" and chroot. */
int mount_move_root(const char *dir);

/* path_is_mounted - is @path the root of a mount in the tree? */
bool path_is_mounted(const struct path *path);

/* is_local_mountpoint - does some mount cover @dentry? */
bool is_local_mountpoint(struct dentry *dentry);

/* detach_mounts - a removed directory was a mount point: take them off. */
void detach_mounts(struct dentry *dentry);

/* is_path_reachable - is @path at or below @root? */
bool is_path_reachable(const struct path *path, const struct path *root);

/* mnt_may_remount_readonly - has no mount of @sb a writer? */
bool sb_has_writers(struct super_block *sb);

/* mounts_show, mountinfo_show - write /proc/mounts, /proc/PID/mountinfo and
 * /proc/PID/mountstats as seen from @root (NULL: the current task's). */
int mounts_show(struct seq_file *m, const struct path *root);
int mountinfo_show(struct seq_file *m, const struct path *root);
int mountstats_show(struct seq_file *m, const struct path *root);

/* mounts_event - grows with each change; /proc/mounts polls on it. */
u64 mounts_event(void);
struct wait_queue *mounts_wait(void);

/* How many mounts there may be: fs.mount-max. */
extern int sysctl_mount_max;

/* mount_lock_tree, mount_unlock_tree - the mount hash lock, for d_path. */
void mount_lock_tree(void);
void mount_unlock_tree(void);

/* mount_init - tables; once, at boot. */
void mount_init(void);
