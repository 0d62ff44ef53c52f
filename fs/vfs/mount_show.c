/*
 * mount_show.c - the text of /proc/mounts, mountinfo and mountstats.
 *
 * Only mounts at or below the reader's root are shown, proc(5).
 *
 * Entry points: mounts_show, mountinfo_show, mountstats_show.
 */
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/rwsem.h>
#include <kernel/types/task.h>

#define ESCAPED " \t\n\\#"

struct flag_name {
	unsigned long flag;
	const char *name;
};

static const struct flag_name sb_names[] = {
	{SB_SYNCHRONOUS, ",sync"},
	{SB_DIRSYNC, ",dirsync"},
};

static const struct flag_name mnt_names[] = {
	{MNT_NOSUID, ",nosuid"},	 {MNT_NODEV, ",nodev"},
	{MNT_NOEXEC, ",noexec"},	 {MNT_NOATIME, ",noatime"},
	{MNT_NODIRATIME, ",nodiratime"}, {MNT_RELATIME, ",relatime"},
};

typedef int (*show_mnt_fn)(struct seq_file *m, struct vfsmount *mnt,
			   const char *mountpoint, char *buf);

static void show_flags(struct seq_file *m, unsigned long flags,
		       const struct flag_name *names, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (flags & names[i].flag)
			seq_puts(m, names[i].name);
}

static void show_sb_flags(struct seq_file *m, struct super_block *sb)
{
	show_flags(m, sb->s_flags, sb_names, ARRAY_SIZE(sb_names));
}

static void show_mnt_flags(struct seq_file *m, struct vfsmount *mnt)
{
	show_flags(m, mnt->mnt_flags, mnt_names, ARRAY_SIZE(mnt_names));
}

static int show_options(struct seq_file *m, struct super_block *sb)
{
	return sb->s_op->show_options ? sb->s_op->show_options(m, sb) : 0;
}

static int show_mounts_line(struct seq_file *m, struct vfsmount *mnt,
			    const char *mountpoint, char *buf)
{
	struct super_block *sb = mnt->mnt_sb;
	int err;

	seq_escape(m, mnt->mnt_devname, ESCAPED);
	seq_putc(m, ' ');
	seq_escape(m, mountpoint, ESCAPED);
	seq_putc(m, ' ');
	seq_escape(m, sb->s_type->name, ESCAPED);
	seq_puts(m, mnt_is_readonly(mnt) ? " ro" : " rw");
	show_sb_flags(m, sb);
	show_mnt_flags(m, mnt);
	err = show_options(m, sb);
	seq_puts(m, " 0 0\n");
	return err;
}

static int show_mountinfo_line(struct seq_file *m, struct vfsmount *mnt,
			       const char *mountpoint, char *buf)
{
	struct super_block *sb = mnt->mnt_sb;
	char *root;
	int err;

	/* @buf's front half is free: @mountpoint lies in its back half. */
	root = dentry_path(mnt->mnt_root, buf, PATH_MAX);
	if (IS_ERR(root))
		return PTR_ERR(root);
	seq_printf(m, "%d %d %u:%u ", mnt->mnt_id, mnt->mnt_parent->mnt_id,
		   MAJOR(sb->s_dev), MINOR(sb->s_dev));
	seq_escape(m, root, ESCAPED);
	seq_putc(m, ' ');
	seq_escape(m, mountpoint, ESCAPED);
	seq_puts(m, mnt->mnt_flags & MNT_READONLY ? " ro" : " rw");
	show_mnt_flags(m, mnt);
	seq_puts(m, " - ");
	seq_escape(m, sb->s_type->name, ESCAPED);
	seq_putc(m, ' ');
	seq_escape(m, mnt->mnt_devname, ESCAPED);
	seq_puts(m, sb_rdonly(sb) ? " ro" : " rw");
	show_sb_flags(m, sb);
	err = show_options(m, sb);
	seq_putc(m, '\n');
	return err;
}

static int show_mountstats_line(struct seq_file *m, struct vfsmount *mnt,
				const char *mountpoint, char *buf)
{
	seq_puts(m, "device ");
	seq_escape(m, mnt->mnt_devname, ESCAPED);
	seq_puts(m, " mounted on ");
	seq_escape(m, mountpoint, ESCAPED);
	seq_puts(m, " with fstype ");
	seq_escape(m, mnt->mnt_sb->s_type->name, ESCAPED);
	seq_putc(m, '\n');
	return 0;
}

static int show_all_locked(struct seq_file *m, const struct path *root,
			   char *buf, show_mnt_fn show)
{
	struct vfsmount *mnt;
	struct path top;
	bool reached;
	char *where;
	int err;

	list_for_each_entry (mnt, &mount_list, mnt_list) {
		top.mnt = mnt;
		top.dentry = mnt->mnt_root;
		where = d_path_from(&top, root, buf + PATH_MAX, PATH_MAX,
				    &reached);
		if (IS_ERR(where))
			return PTR_ERR(where);
		if (!reached)
			continue;
		err = show(m, mnt, where, buf);
		if (err)
			return err;
	}
	return 0;
}

static int show_all(struct seq_file *m, const struct path *root,
		    show_mnt_fn show)
{
	char *buf = kvmalloc(2 * PATH_MAX);
	struct path own;
	int err;

	if (!buf)
		return -ENOMEM;
	if (root) {
		own = *root;
		path_get(&own);
	} else {
		get_fs_root(current->fs, &own);
	}
	down_read(&namespace_sem);
	err = show_all_locked(m, &own, buf, show);
	up_read(&namespace_sem);
	path_put(&own);
	kvfree(buf);
	return err;
}

/*
 * mounts_show, mountinfo_show, mountstats_show - see mount.h.
 */
int mounts_show(struct seq_file *m, const struct path *root)
{
	return show_all(m, root, show_mounts_line);
}

int mountinfo_show(struct seq_file *m, const struct path *root)
{
	return show_all(m, root, show_mountinfo_line);
}

int mountstats_show(struct seq_file *m, const struct path *root)
{
	return show_all(m, root, show_mountstats_line);
}
