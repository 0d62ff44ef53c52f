/*
 * root.c - proc(5): the mount, its root directory, self and thread-self.
 *
 * The root shows the nodes of proc_tree and one directory per process, named
 * by its id.  Programs may mount proc many times; each mount has options of
 * its own, which a remount changes.
 *
 * Entry points: proc_init.
 */
#include <fs/proc/proc.h>

#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/format.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>

#define PROC_SUPER_MAGIC 0x9fa0

/* Directory positions: nodes of the tree below, processes from here on. */
#define FIRST_PROCESS (1LL << 32)

/* What readdir of a subset=pid tells of self; thread-self has the next. */
#define SELF_INO (1ULL << 62)

static struct kmem_cache *proc_inode_cache __read_mostly;

/* --- the root directory --- */

/* subset=pid: processes, self and thread-self are all there is. */
static bool hides_tree(const struct super_block *sb)
{
	const struct proc_fs_info *info = sb->s_fs_info;

	return info->pidonly;
}

static bool is_self(const struct dentry *dentry)
{
	return strcmp(dentry->d_name.name, "self") == 0 ||
	       strcmp(dentry->d_name.name, "thread-self") == 0;
}

static struct dentry *proc_root_lookup(struct inode *dir, struct dentry *dentry,
				       unsigned int flags)
{
	unsigned int nr = proc_name_to_int(&dentry->d_name);
	struct task_struct *task;

	if (nr == UINT32_MAX && hides_tree(dir->i_sb) && !is_self(dentry))
		return ERR_PTR(-ENOENT);
	if (nr == UINT32_MAX)
		return pseudo_lookup(dir, dentry, flags);
	task = nr ? find_get_task_by_vpid((pid_t)nr) : NULL;
	if (!task)
		return ERR_PTR(-ENOENT);
	if (!proc_may_see(dir->i_sb, task, HIDEPID_PTRACEABLE)) {
		put_task_struct(task);
		return ERR_PTR(-ENOENT);
	}
	return proc_lookup_tgid(dir, dentry, task);
}

/* Hands on entries of the tree and notes when the reader is full. */
struct root_context {
	struct dir_context ctx;
	struct dir_context *outer;
	bool full;
};

static bool root_actor(struct dir_context *ctx, const char *name, int len,
		       loff_t pos, u64 ino, unsigned int type)
{
	struct root_context *root = container_of(ctx, struct root_context, ctx);

	root->full =
		!root->outer->actor(root->outer, name, len, pos, ino, type);
	return !root->full;
}

/* One directory per process, in order of their ids. */
static int iterate_processes(struct super_block *sb, struct dir_context *ctx)
{
	struct task_struct *task;
	char name[12];
	pid_t nr;
	int len;
	bool full = false;

	while (!full) {
		task = next_tgid((pid_t)(ctx->pos - FIRST_PROCESS));
		if (!task)
			break;
		nr = task->tgid;
		ctx->pos = FIRST_PROCESS + nr;
		if (proc_may_see(sb, task, HIDEPID_INVISIBLE)) {
			len = snprintf(name, sizeof(name), "%d", nr);
			full = !dir_emit(ctx, name, len,
					 PROC_INO(nr, INO_TGID, 0), DT_DIR);
		}
		put_task_struct(task);
		if (!full)
			ctx->pos++;
		(void)cond_resched();
	}
	return 0;
}

/* The two links of a subset=pid; like Linux without . and .. */
static bool emit_selves(struct dir_context *ctx)
{
	if (ctx->pos < 1) {
		if (!dir_emit(ctx, "self", 4, SELF_INO, DT_LNK))
			return false;
		ctx->pos = 1;
	}
	return dir_emit(ctx, "thread-self", 11, SELF_INO + 1, DT_LNK);
}

static int proc_root_iterate(struct file *file, struct dir_context *ctx)
{
	struct root_context root = {
		.ctx = {.actor = root_actor, .pos = ctx->pos},
		.outer = ctx,
	};
	int err;

	if (ctx->pos < FIRST_PROCESS && hides_tree(file_inode(file)->i_sb)) {
		root.full = !emit_selves(ctx);
		if (root.full)
			return 0;
		ctx->pos = FIRST_PROCESS;
	}
	if (ctx->pos < FIRST_PROCESS) {
		err = pseudo_iterate(file, &root.ctx);
		ctx->pos = root.ctx.pos;
		if (err || root.full)
			return err;
		ctx->pos = FIRST_PROCESS;
	}
	return iterate_processes(file_inode(file)->i_sb, ctx);
}

static const struct inode_operations proc_root_iops = {
	.lookup = proc_root_lookup,
};

static const struct file_operations proc_root_fops = {
	.iterate = proc_root_iterate,
	.llseek = generic_file_llseek,
};

/* --- self, thread-self --- */

static void free_text(struct inode *inode, void *cookie)
{
	kfree(cookie);
}

static const char *self_get_link(struct dentry *dentry, struct inode *inode,
				 struct path *jump, void **cookie)
{
	char *text = kasprintf("%d", current->tgid);

	*cookie = text;
	return text ? text : ERR_PTR(-ENOMEM);
}

static const char *thread_self_get_link(struct dentry *dentry,
					struct inode *inode, struct path *jump,
					void **cookie)
{
	char *text = kasprintf("%d/task/%d", current->tgid, current->pid);

	*cookie = text;
	return text ? text : ERR_PTR(-ENOMEM);
}

static const struct inode_operations self_iops = {
	.get_link = self_get_link,
	.put_link = free_text,
};

static const struct inode_operations thread_self_iops = {
	.get_link = thread_self_get_link,
	.put_link = free_text,
};

/* --- the super block --- */

static struct inode *proc_alloc_inode(struct super_block *sb)
{
	struct proc_inode *pi = kmem_cache_alloc(proc_inode_cache);

	if (!pi)
		return NULL;
	pi->pid = NULL;
	pi->entry = NULL;
	pi->fd = 0;
	pi->map_start = 0;
	pi->map_end = 0;
	pi->get_path = NULL;
	return &pi->vfs_inode;
}

static void proc_free_inode(struct inode *inode)
{
	kmem_cache_free(proc_inode_cache, PROC_I(inode));
}

static void proc_evict_inode(struct inode *inode)
{
	struct pid *pid = PROC_I(inode)->pid;

	pseudo_super_ops.evict_inode(inode);
	put_pid(pid);
}

static void proc_put_super(struct super_block *sb)
{
	kfree(sb->s_fs_info);
}

static const struct {
	const char *name;
	int level;
} hidepid_levels[] = {
	{"off", HIDEPID_OFF},
	{"noaccess", HIDEPID_NO_ACCESS},
	{"invisible", HIDEPID_INVISIBLE},
	{"ptraceable", HIDEPID_PTRACEABLE},
};

/* The level that @value names or numbers, or -EINVAL. */
static int parse_hidepid(const char *value)
{
	unsigned int i;
	int number = -1;

	(void)kstrtoint(value, 0, &number);
	for (i = 0; i < ARRAY_SIZE(hidepid_levels); i++)
		if (number == hidepid_levels[i].level ||
		    strcmp(value, hidepid_levels[i].name) == 0)
			return hidepid_levels[i].level;
	return -EINVAL;
}

/* Mount options into @info; -EINVAL for one that is not known. */
static int parse_options(char *options, struct proc_fs_info *info)
{
	char *name, *value;

	if (!options)
		return 0;
	while ((name = next_option(&options, ',', &value)) != NULL) {
		if (!value)
			return -EINVAL;
		if (strcmp(name, "hidepid") == 0) {
			info->hidepid = parse_hidepid(value);
			if (info->hidepid < 0)
				return -EINVAL;
		} else if (strcmp(name, "gid") == 0) {
			if (kstrtouint(value, 0, &info->gid))
				return -EINVAL;
		} else if (strcmp(name, "subset") == 0) {
			if (strcmp(value, "pid") != 0)
				return -EINVAL;
			info->pidonly = true;
		} else {
			return -EINVAL;
		}
	}
	return 0;
}

static int proc_remount(struct super_block *sb, int *flags, char *data)
{
	struct proc_fs_info *info = sb->s_fs_info;
	struct proc_fs_info new = *info;
	int err = parse_options(data, &new);

	if (!err)
		*info = new;
	return err;
}

static int proc_show_options(struct seq_file *m, struct super_block *sb)
{
	const struct proc_fs_info *info = sb->s_fs_info;
	unsigned int i;

	if (info->gid)
		seq_printf(m, ",gid=%u", info->gid);
	for (i = 1; i < ARRAY_SIZE(hidepid_levels); i++)
		if (hidepid_levels[i].level == info->hidepid)
			seq_printf(m, ",hidepid=%s", hidepid_levels[i].name);
	if (info->pidonly)
		seq_puts(m, ",subset=pid");
	return 0;
}

static const struct super_operations proc_super_ops = {
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
	.evict_inode = proc_evict_inode,
	.put_super = proc_put_super,
	.statfs = simple_statfs,
	.remount = proc_remount,
	.show_options = proc_show_options,
};

static int proc_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct proc_fs_info *info = kzalloc(sizeof(*info));
	struct inode *root;
	int err;

	if (!info)
		return -ENOMEM;
	err = parse_options(data, info);
	if (err) {
		kfree(info);
		return err;
	}
	sb->s_fs_info = info;
	sb->s_op = &proc_super_ops;
	sb->s_d_op = &proc_dentry_ops;
	err = pseudo_fill_super(sb, &proc_tree, PROC_SUPER_MAGIC);
	if (err) {
		/* Without a root put_super is never called. */
		sb->s_fs_info = NULL;
		kfree(info);
		return err;
	}
	sb->s_blocksize = 1024; /* as st_blksize shows it */
	sb->s_blocksize_bits = 10;
	root = d_inode(sb->s_root);
	root->i_blkbits = sb->s_blocksize_bits;
	root->i_op = &proc_root_iops;
	root->i_fop = &proc_root_fops;
	return 0;
}

static struct file_system_type proc_fs_type = {
	.name = "proc",
	.fs_flags = FS_USERNS_MOUNT,
	.fill_super = proc_fill_super,
	.list = LIST_HEAD_INIT(proc_fs_type.list),
	.supers = LIST_HEAD_INIT(proc_fs_type.supers),
};

static void add_link(const char *name, const struct inode_operations *iops)
{
	struct pseudo_entry *entry = pseudo_symlink(NULL, name, "");

	if (entry)
		entry->iops = iops;
}

/*
 * proc_init - see proc.h.
 */
void __init proc_init(void)
{
	proc_inode_cache = kmem_cache_create(
		"proc_inode_cache", sizeof(struct proc_inode), 0, NULL);
	if (!proc_inode_cache || register_filesystem(&proc_fs_type))
		panic("proc: cannot register the file system");
	kmem_cache_mark_reclaimable(proc_inode_cache);
	add_link("self", &self_iops);
	add_link("thread-self", &thread_self_iops);
	(void)pseudo_symlink(NULL, "mounts", "self/mounts");
	proc_stat_init();
	proc_sched_init();
	proc_meminfo_init();
	proc_system_init();
	proc_kernel_init();
	proc_sysctl_init();
	proc_tgid_pid_hook = proc_tgid_pid;
}
