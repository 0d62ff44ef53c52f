/*
 * prctl_mm.c - prctl(2), PR_SET_MM: where a program says its parts are, for
 * those who put a saved process together again.
 *
 * A change is made in a copy, struct prctl_mm_map, checked as a whole and put
 * into the mm under its mmap_lock.
 *
 * Entry points: prctl_set_mm.
 */
#include <kernel/process/prctl.h>

#include <abi/auxvec.h>
#include <abi/errno.h>
#include <abi/prctl.h>
#include <fs/vfs/exec_file.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/vma.h>
#include <kernel/process/exec.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rlimit.h>

/* start_code to env_end stand in the order of the options 1 to 11, but for
 * start_stack and the heap. */
static u64 *map_field(struct prctl_mm_map *map, int option)
{
	switch (option) {
	case PR_SET_MM_START_CODE:
		return &map->start_code;
	case PR_SET_MM_END_CODE:
		return &map->end_code;
	case PR_SET_MM_START_DATA:
		return &map->start_data;
	case PR_SET_MM_END_DATA:
		return &map->end_data;
	case PR_SET_MM_START_STACK:
		return &map->start_stack;
	case PR_SET_MM_START_BRK:
		return &map->start_brk;
	case PR_SET_MM_BRK:
		return &map->brk;
	case PR_SET_MM_ARG_START:
		return &map->arg_start;
	case PR_SET_MM_ARG_END:
		return &map->arg_end;
	case PR_SET_MM_ENV_START:
		return &map->env_start;
	case PR_SET_MM_ENV_END:
		return &map->env_end;
	default:
		return NULL;
	}
}

static void map_of(const struct mm_struct *mm, struct prctl_mm_map *map)
{
	*map = (struct prctl_mm_map){
		.start_code = mm->start_code,
		.end_code = mm->end_code,
		.start_data = mm->start_data,
		.end_data = mm->end_data,
		.start_brk = mm->start_brk,
		.brk = mm->brk,
		.start_stack = mm->start_stack,
		.arg_start = mm->arg_start,
		.arg_end = mm->arg_end,
		.env_start = mm->env_start,
		.env_end = mm->env_end,
		.exe_fd = (u32)-1,
	};
}

static void set_map(struct mm_struct *mm, const struct prctl_mm_map *map)
{
	mm->start_code = map->start_code;
	mm->end_code = map->end_code;
	mm->start_data = map->start_data;
	mm->end_data = map->end_data;
	mm->start_brk = map->start_brk;
	mm->brk = map->brk;
	mm->start_stack = map->start_stack;
	mm->arg_start = map->arg_start;
	mm->arg_end = map->arg_end;
	mm->env_start = map->env_start;
	mm->env_end = map->env_end;
}

/* Everything where programs may have something, beginnings before ends, and
 * the heap no larger than RLIMIT_DATA.  0 or -EINVAL. */
static int check_map(const struct prctl_mm_map *map)
{
	unsigned long limit = rlimit(RLIMIT_DATA);
	int option;
	u64 value;

	for (option = PR_SET_MM_START_CODE; option <= PR_SET_MM_ENV_END;
	     option++) {
		value = *map_field((struct prctl_mm_map *)map, option);
		if (value >= TASK_SIZE || value < sysctl_mmap_min_addr)
			return -EINVAL;
	}
	if (map->start_code >= map->end_code ||
	    map->start_data > map->end_data || map->start_brk > map->brk ||
	    map->arg_start > map->arg_end || map->env_start > map->env_end)
		return -EINVAL;
	if (limit < RLIM_INFINITY &&
	    map->brk - map->start_brk + map->end_data - map->start_data > limit)
		return -EINVAL;
	return 0;
}

/* Options that say where something lies on the stack. */
static bool wants_mapping(int option)
{
	return option == PR_SET_MM_START_STACK ||
	       (option >= PR_SET_MM_ARG_START && option <= PR_SET_MM_ENV_END);
}

static int set_field_locked(struct mm_struct *mm, int option,
			    unsigned long addr)
{
	struct prctl_mm_map map;
	u64 *field = map_field(&map, option);
	int err;

	if (!field)
		return -EINVAL;
	map_of(mm, &map);
	*field = addr;
	err = check_map(&map);
	if (err)
		return err;
	if (wants_mapping(option) && !find_vma(mm, addr))
		return -EFAULT;
	set_map(mm, &map);
	return 0;
}

static int read_auxv(u64 *auxv, const void __user *from, unsigned long len)
{
	if (len > sizeof(u64[AT_VECTOR_SIZE]))
		return -EINVAL;
	if (copy_from_user(auxv, from, len))
		return -EFAULT;
	/* The last entry ends it. */
	auxv[AT_VECTOR_SIZE - 2] = AT_NULL;
	auxv[AT_VECTOR_SIZE - 1] = AT_NULL;
	return 0;
}

static int set_auxv(struct mm_struct *mm, const void __user *from,
		    unsigned long len)
{
	u64 auxv[AT_VECTOR_SIZE];
	int err = read_auxv(auxv, from, len);

	if (err)
		return err;
	mmap_write_lock(mm);
	memcpy(mm->saved_auxv, auxv, len);
	mmap_write_unlock(mm);
	return 0;
}

static bool same_file(const struct file *a, const struct file *b)
{
	return a && a->f_path.mnt == b->f_path.mnt &&
	       a->f_path.dentry == b->f_path.dentry;
}

/* /proc/PID/exe may name another file once the first is not mapped any more.
 * Returns the old one, or ERR_PTR; writers of the new one are locked out. */
static struct file *replace_exe(struct mm_struct *mm, struct file *file)
{
	struct file *old = mm->exe_file;
	struct vm_area_struct *vma;

	list_for_each_entry (vma, &mm->mmap, vm_link) {
		if (old && same_file(vma->vm_file, old))
			return ERR_PTR(-EBUSY);
	}
	if (deny_write_access(file))
		return ERR_PTR(-EACCES);
	mm->exe_file = file;
	return old;
}

static int set_exe_file(struct mm_struct *mm, unsigned int fd)
{
	struct file *file = fget(fd);
	struct file *old;
	int err = -EACCES;

	if (!file)
		return -EBADF;
	if (S_ISREG(file_inode(file)->i_mode))
		err = path_permission(&file->f_path, MAY_EXEC);
	if (err) {
		fput(file);
		return err;
	}
	mmap_write_lock(mm);
	old = replace_exe(mm, file);
	mmap_write_unlock(mm);
	if (IS_ERR(old)) {
		fput(file);
		return (int)PTR_ERR(old);
	}
	if (old)
		exe_file_release(old);
	return 0;
}

/* PR_SET_MM_MAP: all of it at once; needs no capability, but for the file. */
static int set_whole_map(struct mm_struct *mm, const void __user *from,
			 unsigned long size)
{
	u64 auxv[AT_VECTOR_SIZE] = {0};
	struct prctl_mm_map map;
	int err;

	if (size != sizeof(map))
		return -EINVAL;
	if (copy_from_user(&map, from, sizeof(map)))
		return -EFAULT;
	err = check_map(&map);
	if (err)
		return err;
	if (map.auxv_size) {
		if (!map.auxv)
			return -EINVAL;
		err = read_auxv(auxv, (const void __user *)map.auxv,
				map.auxv_size);
		if (err)
			return err;
	}
	if (map.exe_fd != (u32)-1) {
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_CHECKPOINT_RESTORE))
			return -EPERM;
		err = set_exe_file(mm, map.exe_fd);
		if (err)
			return err;
	}
	mmap_write_lock(mm);
	set_map(mm, &map);
	if (map.auxv_size)
		memcpy(mm->saved_auxv, auxv, sizeof(auxv));
	mmap_write_unlock(mm);
	return 0;
}

/* prctl_set_mm - see prctl.h. */
int prctl_set_mm(int option, unsigned long addr, unsigned long size,
		 unsigned long arg5)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (arg5 || (size && option != PR_SET_MM_AUXV &&
		     option != PR_SET_MM_MAP && option != PR_SET_MM_MAP_SIZE))
		return -EINVAL;
	if (option == PR_SET_MM_MAP_SIZE)
		return put_user((unsigned int)sizeof(struct prctl_mm_map),
				(unsigned int __user *)addr);
	if (option == PR_SET_MM_MAP)
		return set_whole_map(mm, (const void __user *)addr, size);
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (option == PR_SET_MM_EXE_FILE)
		return set_exe_file(mm, (unsigned int)addr);
	if (option == PR_SET_MM_AUXV)
		return set_auxv(mm, (const void __user *)addr, size);
	if (addr >= TASK_SIZE || addr < sysctl_mmap_min_addr)
		return -EINVAL;
	mmap_write_lock(mm);
	err = set_field_locked(mm, option, addr);
	mmap_write_unlock(mm);
	return err;
}
