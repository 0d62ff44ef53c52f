/*
 * internal.h - what the files of fs/proc share.
 *
 * An inode of proc shows either a node of proc_tree or something of a task;
 * the latter holds the task's struct pid, never the task: the task is looked
 * up for each operation, and when it is gone the answer is ESRCH (or ENOENT
 * for names).
 */
#pragma once

#include <fs/vfs/seq_file.h>
#include <fs/vfs/types.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

struct pid;
struct pid_entry;

/* Locks:  I fixed before the inode can be found */
struct proc_inode {
	struct pid *pid;	       /* [I] NULL: a node of proc_tree */
	const struct pid_entry *entry; /* [I] NULL: a directory of a task, fd */
	unsigned int fd;	       /* [I] of fd/N and fdinfo/N */
	unsigned long map_start, map_end; /* [I] of map_files/A-B */
	/* [I] magic links: where to; 0 and a referenced path, or -errno. */
	int (*get_path)(struct inode *inode, struct path *path);
	struct inode vfs_inode;
};

static inline struct proc_inode *PROC_I(const struct inode *inode)
{
	return container_of((struct inode *)inode, struct proc_inode,
			    vfs_inode);
}

/* Mount options; sb->s_fs_info. */
struct proc_fs_info {
	int hidepid;  /* HIDEPID_* */
	gid_t gid;    /* its members see all */
	bool pidonly; /* subset=pid: nothing but processes */
};

#define HIDEPID_OFF	   0
#define HIDEPID_NO_ACCESS  1
#define HIDEPID_INVISIBLE  2
#define HIDEPID_PTRACEABLE 4

/* Inode numbers: the task's id, what kind of directory, which entry. */
enum proc_ino_class { INO_TGID, INO_TID, INO_FD, INO_FDINFO, INO_MAP_FILES };
#define PROC_INO(nr, class, index)                                             \
	(((u64)(nr) << 25) | ((u64)(class) << 22) | (u64)(index))

/* One name in /proc/PID or /proc/PID/task/TID. */
struct pid_entry {
	const char *name;
	umode_t mode;
	const struct inode_operations *iops; /* NULL: a plain file's */
	const struct file_operations *fops;  /* NULL: show */
	int (*show)(struct seq_file *m, struct task_struct *task);
	int (*get_path)(struct inode *inode, struct path *path);
};

/* --- pid.c --- */

/* get_proc_task - the inode's task, referenced; NULL: gone. */
struct task_struct *get_proc_task(const struct inode *inode);

/* proc_tgid_pid - the id of the process whose directory @file is, or NULL. */
struct pid *proc_tgid_pid(const struct file *file);

/* proc_task_inode - a new inode about @task, owned as Linux says; or NULL. */
struct inode *proc_task_inode(struct super_block *sb, struct task_struct *task,
			      umode_t mode, u64 ino);

/* proc_task_owner - who owns the files of @task that have mode @mode. */
void proc_task_owner(struct task_struct *task, umode_t mode, uid_t *uid,
		     gid_t *gid);

/* proc_may_see - do @sb's hidepid= and gid= show @task, where tasks of
 * others are hidden from level @min on? */
bool proc_may_see(const struct super_block *sb, struct task_struct *task,
		  int min);

/* proc_lookup_task, proc_lookup_thread - a task's directory for @dentry, as
 * i_op->lookup answers; consume the reference to @task. */
struct dentry *proc_lookup_tgid(struct inode *dir, struct dentry *dentry,
				struct task_struct *task);
struct dentry *proc_lookup_tid(struct inode *dir, struct dentry *dentry,
			       struct task_struct *task);

/* proc_name_to_int - the number a name spells (no sign, no leading zero), or
 * UINT32_MAX. */
unsigned int proc_name_to_int(const struct qstr *name);

int proc_task_setattr(struct dentry *dentry, struct iattr *attr);
int proc_task_getattr(const struct path *path, struct kstat *stat);
extern const struct dentry_operations proc_dentry_ops;

/* --- pid_link.c: magic links --- */
extern const struct inode_operations proc_link_iops;
/* Where cwd, root and exe lead: struct proc_inode's get_path. */
int proc_cwd_path(struct inode *inode, struct path *path);
int proc_root_path(struct inode *inode, struct path *path);
int proc_exe_path(struct inode *inode, struct path *path);

/* --- pid_task.c: task/ --- */
extern const struct inode_operations proc_task_dir_iops;
extern const struct file_operations proc_task_dir_fops;
int proc_children_show(struct seq_file *m, struct task_struct *task);

/* --- pid_fd.c --- */
extern const struct inode_operations proc_fd_dir_iops;
extern const struct file_operations proc_fd_dir_fops;
extern const struct inode_operations proc_fdinfo_dir_iops;
extern const struct file_operations proc_fdinfo_dir_fops;
/* Is the fd/N or fdinfo/N of @inode still open?  Brings a link's mode up to
 * date. */
bool proc_fd_revalidate(struct inode *inode, struct task_struct *task);

/* --- pid_stat.c, pid_status.c --- */
int proc_tgid_stat(struct seq_file *m, struct task_struct *task);
int proc_tid_stat(struct seq_file *m, struct task_struct *task);
int proc_statm_show(struct seq_file *m, struct task_struct *task);
int proc_status_show(struct seq_file *m, struct task_struct *task);
/* ns to USER_HZ. */
static inline u64 nsec_to_clock_t(u64 ns)
{
	return ns / (NSEC_PER_SEC / USER_HZ);
}
/* Pages of program text. */
unsigned long proc_text_pages(const struct mm_struct *mm);
/* Sets of pending, ignored and caught signals; siglock held. */
void proc_collect_sigs(struct task_struct *task, sigset_t *ignored,
		       sigset_t *caught);
/* "0-3,5" */
void proc_show_cpu_list(struct seq_file *m, u64 mask);

/* --- pid_text.c --- */
int proc_limits_show(struct seq_file *m, struct task_struct *task);
int proc_tgid_io_show(struct seq_file *m, struct task_struct *task);
int proc_tid_io_show(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_comm_fops;
extern const struct file_operations proc_setgroups_fops;
/* A short text from @iter, zero-terminated.  Its length or -EFAULT. */
ssize_t proc_copy_text(char *buf, size_t size, struct iov_iter *iter);

/* --- pid_run.c --- */
int proc_wchan_show(struct seq_file *m, struct task_struct *task);
int proc_stack_show(struct seq_file *m, struct task_struct *task);
int proc_syscall_show(struct seq_file *m, struct task_struct *task);
int proc_personality_show(struct seq_file *m, struct task_struct *task);

/* --- pid_fail.c, in debug builds --- */
extern const struct file_operations proc_fail_nth_fops;

/* --- pid_oom.c --- */
int proc_oom_score_show(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_oom_score_adj_fops;
extern const struct file_operations proc_oom_adj_fops;

/* --- pid_pages.c --- */
extern const struct file_operations proc_pagemap_fops;
extern const struct file_operations proc_clear_refs_fops;

/* --- pid_map_files.c --- */
extern const struct inode_operations proc_map_files_dir_iops;
extern const struct file_operations proc_map_files_dir_fops;
/* Is there still such a mapping?  Brings the link's mode up to date. */
bool proc_map_files_revalidate(struct inode *inode, struct task_struct *task);

/* --- sched.c */
int proc_sched_show(struct seq_file *m, struct task_struct *task);
int proc_schedstat_show(struct seq_file *m, struct task_struct *task);

/* --- pid_timers.c --- */
int proc_timers_show(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_timerslack_fops;

/* --- pid_mem.c --- */
extern const struct file_operations proc_mem_fops;
extern const struct file_operations proc_environ_fops;
extern const struct file_operations proc_auxv_fops;
extern const struct file_operations proc_cmdline_fops;
/*
 * proc_mem_open - the address space behind @inode, if current may look into
 * it (@mode PTRACE_MODE_*): with an mmgrab, NULL for a task without one,
 * ERR_PTR(-EACCES) or (-ESRCH).
 */
struct mm_struct *proc_mem_open(struct inode *inode, unsigned int mode);
/* llseek of a file whose positions are addresses: no end to seek from. */
loff_t proc_mem_lseek(struct file *file, loff_t offset, int whence);

/* --- pid_maps.c --- */
extern const struct file_operations proc_maps_fops;
extern const struct file_operations proc_smaps_fops;
extern const struct file_operations proc_smaps_rollup_fops;
/* One line of maps, without its newline, and the numbers of smaps. */
struct mem_usage {
	u64 resident, pss, pss_dirty; /* bytes; pss is shifted by PSS_SHIFT */
	u64 pss_anon, pss_file, pss_shmem;
	u64 shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anonymous;
	u64 locked; /* shifted as pss */
};
void proc_map_line(struct seq_file *m, struct vm_area_struct *vma);
void proc_smap_gather(struct vm_area_struct *vma, struct mem_usage *use);
void proc_smap_show(struct seq_file *m, struct vm_area_struct *vma,
		    const struct mem_usage *use);
void proc_smap_rollup(struct seq_file *m, const struct mem_usage *use);

/* --- mounts.c --- */
extern const struct file_operations proc_mounts_fops;
extern const struct file_operations proc_mountinfo_fops;
extern const struct file_operations proc_mountstats_fops;

/* --- nodes of proc_tree, made at boot --- */
void proc_system_init(void);  /* system.c */
void proc_stat_init(void);    /* stat.c */
void proc_sched_init(void);   /* sched.c */
void proc_meminfo_init(void); /* meminfo.c */
void proc_kernel_init(void);  /* kernel_files.c */
extern int kptr_restrict;
void proc_sysctl_init(void);	/* sysctl.c */
void proc_sysctl_vm_init(void); /* sysctl_vm.c: vm settings, once, at boot */
