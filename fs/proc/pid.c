/*
 * pid.c - /proc/PID and /proc/PID/task/TID: their entries, who owns them and
 * who may look.
 *
 * Names of tasks are not kept in the dentry cache once nobody uses them
 * (d_delete), so dead processes leave nothing behind.  While in use they are
 * checked on each walk (d_revalidate): the task must live, and the owner is
 * brought up to date, since set-user-ID programs change it.
 *
 * Entry points: proc_lookup_tgid, proc_lookup_tid, get_proc_task,
 * proc_task_inode, proc_may_see.
 */
#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <fs/vfs/stat.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/dumpable.h>

/* get_proc_task - see internal.h. */
struct task_struct *get_proc_task(const struct inode *inode)
{
	return get_pid_task(PROC_I(inode)->pid, PIDTYPE_PID);
}

/* proc_name_to_int - see internal.h. */
unsigned int proc_name_to_int(const struct qstr *name)
{
	unsigned int n = 0;
	u32 i;

	if (name->len == 0 || name->len > 9 ||
	    (name->len > 1 && name->name[0] == '0'))
		return UINT32_MAX;
	for (i = 0; i < name->len; i++) {
		if (!isdigit(name->name[i]))
			return UINT32_MAX;
		n = n * 10 + (unsigned int)(name->name[i] - '0');
	}
	return n;
}

/* --- who owns, who sees --- */

/*
 * proc_task_owner - see internal.h.
 *
 * proc(5): what a task that cannot be dumped has belongs to root, but for its
 * directories that all may read.
 */
void proc_task_owner(struct task_struct *task, umode_t mode, uid_t *uid,
		     gid_t *gid)
{
	const struct cred *cred;
	bool dumpable = false;

	*uid = 0;
	*gid = 0;
	if (task->flags & PF_KTHREAD)
		return;
	if (mode != (S_IFDIR | 0555)) {
		task_lock(task);
		if (task->mm)
			dumpable = get_dumpable(task->mm) == SUID_DUMP_USER;
		task_unlock(task);
		if (!dumpable)
			return;
	}
	cred = get_task_cred(task);
	*uid = cred->euid;
	*gid = cred->egid;
	put_cred(cred);
}

/* proc_may_see - see internal.h. */
bool proc_may_see(const struct super_block *sb, struct task_struct *task,
		  int min)
{
	const struct proc_fs_info *info = sb->s_fs_info;

	if (info->hidepid == HIDEPID_PTRACEABLE)
		return ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	if (info->hidepid < min || in_group_p(info->gid))
		return true;
	return ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
}

/* The search permission of /proc/PID. */
static int tgid_permission(struct inode *inode, int mask)
{
	const struct proc_fs_info *info = inode->i_sb->s_fs_info;
	struct task_struct *task = get_proc_task(inode);
	bool seen;

	if (!task)
		return -ESRCH;
	seen = proc_may_see(inode->i_sb, task, HIDEPID_NO_ACCESS);
	put_task_struct(task);
	if (!seen)
		return info->hidepid == HIDEPID_INVISIBLE ? -ENOENT : -EPERM;
	return generic_permission(inode, mask);
}

/* proc_task_setattr - modes are fixed. */
int proc_task_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	if (attr->ia_valid & ATTR_MODE)
		return -EPERM;
	err = setattr_prepare(dentry, attr);
	if (!err)
		setattr_copy(d_inode(dentry), attr);
	return err;
}

/* proc_task_getattr - the owner is who the task is now. */
int proc_task_getattr(const struct path *path, struct kstat *stat)
{
	struct inode *inode = d_inode(path->dentry);
	struct task_struct *task = get_proc_task(inode);

	generic_fillattr(inode, stat);
	stat->uid = 0;
	stat->gid = 0;
	if (!task)
		return 0;
	if (!proc_may_see(inode->i_sb, task, HIDEPID_INVISIBLE)) {
		put_task_struct(task);
		return -ENOENT;
	}
	proc_task_owner(task, inode->i_mode, &stat->uid, &stat->gid);
	put_task_struct(task);
	return 0;
}

static const struct inode_operations proc_task_file_iops = {
	.setattr = proc_task_setattr,
};

/* --- inodes and names --- */

/* proc_task_inode - see internal.h.  The caller sets operations. */
struct inode *proc_task_inode(struct super_block *sb, struct task_struct *task,
			      umode_t mode, u64 ino)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	PROC_I(inode)->pid = get_task_pid(task, PIDTYPE_PID);
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_op = &proc_task_file_iops;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	if (!PROC_I(inode)->pid) {
		iput(inode);
		return NULL;
	}
	proc_task_owner(task, mode, &inode->i_uid, &inode->i_gid);
	return inode;
}

static int proc_revalidate(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task;
	bool valid = true;

	if (!inode)
		return 0;
	if (!PROC_I(inode)->pid)
		return !PSEUDO_ENTRY(inode)->removed;
	task = get_proc_task(inode);
	if (!task)
		return 0;
	if (!PROC_I(inode)->entry)
		valid = PROC_I(inode)->map_end
				? proc_map_files_revalidate(inode, task)
				: proc_fd_revalidate(inode, task);
	if (valid)
		proc_task_owner(task, inode->i_mode, &inode->i_uid,
				&inode->i_gid);
	put_task_struct(task);
	return valid;
}

static int proc_delete(const struct dentry *dentry)
{
	return dentry->d_inode && PROC_I(dentry->d_inode)->pid;
}

const struct dentry_operations proc_dentry_ops = {
	.d_revalidate = proc_revalidate,
	.d_delete = proc_delete,
};

/* --- files that a show function makes --- */

static int proc_single_show(struct seq_file *m, void *v)
{
	struct inode *inode = m->private;
	struct task_struct *task = get_proc_task(inode);
	int err;

	if (!task)
		return -ESRCH;
	err = PROC_I(inode)->entry->show(m, task);
	put_task_struct(task);
	return err;
}

static int proc_single_open(struct inode *inode, struct file *file)
{
	return single_open(file, proc_single_show, inode);
}

static const struct file_operations proc_single_fops = {
	.open = proc_single_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = single_release,
};

/* --- the tables --- */

#define DIR(n, m, ops)                                                         \
	{                                                                      \
		.name = n, .mode = S_IFDIR | (m), .iops = &ops##_iops,         \
		.fops = &ops##_fops                                            \
	}
#define LNK(n, path)                                                           \
	{                                                                      \
		.name = n, .mode = S_IFLNK | 0777, .iops = &proc_link_iops,    \
		.get_path = path                                               \
	}
#define REG(n, m, ops)                                                         \
	{                                                                      \
		.name = n, .mode = S_IFREG | (m), .fops = &ops                 \
	}
#define ONE(n, m, fn)                                                          \
	{                                                                      \
		.name = n, .mode = S_IFREG | (m), .show = fn                   \
	}

static const struct pid_entry tgid_entries[] = {
	DIR("task", 0555, proc_task_dir),
	DIR("fd", 0500, proc_fd_dir),
	DIR("map_files", 0500, proc_map_files_dir),
	DIR("fdinfo", 0555, proc_fdinfo_dir),
	REG("environ", 0400, proc_environ_fops),
	REG("auxv", 0400, proc_auxv_fops),
	ONE("status", 0444, proc_status_show),
	ONE("personality", 0400, proc_personality_show),
	ONE("limits", 0444, proc_limits_show),
	REG("comm", 0644, proc_comm_fops),
	ONE("syscall", 0400, proc_syscall_show),
	REG("cmdline", 0444, proc_cmdline_fops),
	ONE("stat", 0444, proc_tgid_stat),
	ONE("statm", 0444, proc_statm_show),
	REG("maps", 0444, proc_maps_fops),
	REG("mem", 0600, proc_mem_fops),
	LNK("cwd", proc_cwd_path),
	LNK("root", proc_root_path),
	LNK("exe", proc_exe_path),
	REG("mounts", 0444, proc_mounts_fops),
	REG("mountinfo", 0444, proc_mountinfo_fops),
	REG("mountstats", 0400, proc_mountstats_fops),
	REG("smaps", 0444, proc_smaps_fops),
	REG("smaps_rollup", 0444, proc_smaps_rollup_fops),
	REG("pagemap", 0400, proc_pagemap_fops),
	REG("clear_refs", 0200, proc_clear_refs_fops),
	ONE("wchan", 0444, proc_wchan_show),
	ONE("stack", 0400, proc_stack_show),
	ONE("sched", 0444, proc_sched_show),
	ONE("schedstat", 0444, proc_schedstat_show),
	ONE("oom_score", 0444, proc_oom_score_show),
	REG("oom_adj", 0644, proc_oom_adj_fops),
	REG("oom_score_adj", 0644, proc_oom_score_adj_fops),
	ONE("io", 0400, proc_tgid_io_show),
	ONE("timers", 0444, proc_timers_show),
	REG("setgroups", 0644, proc_setgroups_fops),
	REG("timerslack_ns", 0666, proc_timerslack_fops),
#ifdef TINE_DEBUG
	REG("fail-nth", 0644, proc_fail_nth_fops),
#endif
};

static const struct pid_entry tid_entries[] = {
	DIR("fd", 0500, proc_fd_dir),
	DIR("fdinfo", 0555, proc_fdinfo_dir),
	REG("environ", 0400, proc_environ_fops),
	REG("auxv", 0400, proc_auxv_fops),
	ONE("status", 0444, proc_status_show),
	ONE("personality", 0400, proc_personality_show),
	ONE("limits", 0444, proc_limits_show),
	REG("comm", 0644, proc_comm_fops),
	ONE("syscall", 0400, proc_syscall_show),
	REG("cmdline", 0444, proc_cmdline_fops),
	ONE("stat", 0444, proc_tid_stat),
	ONE("statm", 0444, proc_statm_show),
	REG("maps", 0444, proc_maps_fops),
	ONE("children", 0444, proc_children_show),
	REG("mem", 0600, proc_mem_fops),
	LNK("cwd", proc_cwd_path),
	LNK("root", proc_root_path),
	LNK("exe", proc_exe_path),
	REG("mounts", 0444, proc_mounts_fops),
	REG("mountinfo", 0444, proc_mountinfo_fops),
	REG("smaps", 0444, proc_smaps_fops),
	REG("smaps_rollup", 0444, proc_smaps_rollup_fops),
	REG("pagemap", 0400, proc_pagemap_fops),
	REG("clear_refs", 0200, proc_clear_refs_fops),
	ONE("wchan", 0444, proc_wchan_show),
	ONE("stack", 0400, proc_stack_show),
	ONE("sched", 0444, proc_sched_show),
	ONE("schedstat", 0444, proc_schedstat_show),
	ONE("oom_score", 0444, proc_oom_score_show),
	REG("oom_adj", 0644, proc_oom_adj_fops),
	REG("oom_score_adj", 0644, proc_oom_score_adj_fops),
	ONE("io", 0400, proc_tid_io_show),
	REG("setgroups", 0644, proc_setgroups_fops),
#ifdef TINE_DEBUG
	REG("fail-nth", 0644, proc_fail_nth_fops),
#endif
};

/* --- their directories --- */

struct entry_table {
	const struct pid_entry *entries;
	unsigned int nr;
	enum proc_ino_class class;
};

static const struct entry_table tgid_table = {
	tgid_entries, ARRAY_SIZE(tgid_entries), INO_TGID};
static const struct entry_table tid_table = {tid_entries,
					     ARRAY_SIZE(tid_entries), INO_TID};

static struct inode *entry_inode(struct super_block *sb,
				 struct task_struct *task,
				 const struct entry_table *table,
				 unsigned int i)
{
	const struct pid_entry *entry = &table->entries[i];
	struct inode *inode =
		proc_task_inode(sb, task, entry->mode,
				PROC_INO(task->pid, table->class, i + 1));

	if (!inode)
		return NULL;
	PROC_I(inode)->entry = entry;
	PROC_I(inode)->get_path = entry->get_path;
	if (entry->iops)
		inode->i_op = entry->iops;
	inode->i_fop = entry->fops ? entry->fops : &proc_single_fops;
	if (S_ISDIR(entry->mode))
		set_nlink(inode, 2);
	return inode;
}

static struct dentry *table_lookup(struct inode *dir, struct dentry *dentry,
				   const struct entry_table *table)
{
	struct task_struct *task = get_proc_task(dir);
	struct inode *inode = NULL;
	unsigned int i;

	if (!task)
		return ERR_PTR(-ENOENT);
	for (i = 0; i < table->nr; i++)
		if (strlen(table->entries[i].name) == dentry->d_name.len &&
		    memcmp(table->entries[i].name, dentry->d_name.name,
			   dentry->d_name.len) == 0)
			break;
	if (i < table->nr)
		inode = entry_inode(dir->i_sb, task, table, i);
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	d_add(dentry, inode);
	return NULL;
}

static int table_iterate(struct file *file, struct dir_context *ctx,
			 const struct entry_table *table)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	const struct pid_entry *entry;
	pid_t nr;

	if (!task)
		return -ENOENT;
	nr = task->pid;
	put_task_struct(task);
	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos - 2 < table->nr; ctx->pos++) {
		entry = &table->entries[ctx->pos - 2];
		if (!dir_emit(ctx, entry->name, (int)strlen(entry->name),
			      PROC_INO(nr, table->class, ctx->pos - 1),
			      fs_umode_to_dtype(entry->mode)))
			break;
	}
	return 0;
}

static struct dentry *tgid_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	return table_lookup(dir, dentry, &tgid_table);
}

static struct dentry *tid_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	return table_lookup(dir, dentry, &tid_table);
}

static int tgid_iterate(struct file *file, struct dir_context *ctx)
{
	return table_iterate(file, ctx, &tgid_table);
}

static int tid_iterate(struct file *file, struct dir_context *ctx)
{
	return table_iterate(file, ctx, &tid_table);
}

static const struct inode_operations tgid_dir_iops = {
	.lookup = tgid_lookup,
	.permission = tgid_permission,
	.getattr = proc_task_getattr,
	.setattr = proc_task_setattr,
};

static const struct inode_operations tid_dir_iops = {
	.lookup = tid_lookup,
	.getattr = proc_task_getattr,
	.setattr = proc_task_setattr,
};

static const struct file_operations tgid_dir_fops = {
	.iterate = tgid_iterate,
	.llseek = generic_file_llseek,
};

static const struct file_operations tid_dir_fops = {
	.iterate = tid_iterate,
	.llseek = generic_file_llseek,
};

/* proc_tgid_pid - see pid.h's hook. */
struct pid *proc_tgid_pid(const struct file *file)
{
	if (file->f_op != &tgid_dir_fops)
		return NULL;
	return get_pid(PROC_I(file_inode(file))->pid);
}

/* proc_lookup_tgid - see internal.h. */
struct dentry *proc_lookup_tgid(struct inode *dir, struct dentry *dentry,
				struct task_struct *task)
{
	struct inode *inode = proc_task_inode(dir->i_sb, task, S_IFDIR | 0555,
					      PROC_INO(task->pid, INO_TGID, 0));

	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	PROC_I(inode)->entry = tgid_entries;
	inode->i_op = &tgid_dir_iops;
	inode->i_fop = &tgid_dir_fops;
	set_nlink(inode, 6); /* ., .., task, fd, map_files and fdinfo */
	d_add(dentry, inode);
	return NULL;
}

/* proc_lookup_tid - see internal.h. */
struct dentry *proc_lookup_tid(struct inode *dir, struct dentry *dentry,
			       struct task_struct *task)
{
	struct inode *inode = proc_task_inode(dir->i_sb, task, S_IFDIR | 0555,
					      PROC_INO(task->pid, INO_TID, 0));

	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	PROC_I(inode)->entry = tid_entries;
	inode->i_op = &tid_dir_iops;
	inode->i_fop = &tid_dir_fops;
	set_nlink(inode, 4);
	d_add(dentry, inode);
	return NULL;
}
