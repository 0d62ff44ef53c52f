/*
 * What execve(2) gathers about a program, and the formats that load it.
 *
 * Entry points: struct linux_binprm, struct linux_binfmt, register_binfmt.
 */
#pragma once

#include <abi/limits.h>
#include <kernel/lib/list.h>
#include <kernel/types/mm.h>

struct cred;
struct file;

#define BINPRM_BUF_SIZE	     256
#define BINPRM_MAX_RECURSION 5

struct linux_binprm {
	struct mm_struct *mm;	    /* the new one, until begin_new_exec */
	struct vm_area_struct *vma; /* its stack */
	unsigned long p;	    /* current top of the strings */
	unsigned long argmin;	    /* p may not go below */
	unsigned long stack_top;
	struct page *arg_page; /* the page being written, referenced */
	unsigned long arg_page_addr;
	bool have_execfd;	  /* the interpreter wants AT_EXECFD */
	bool guard_locked;	  /* we hold cred_guard_mutex */
	bool file_is_exe;	  /* mm->exe_file took file's reference */
	bool fs_in_exec;	  /* we set fs->in_exec */
	bool unsafe;		  /* fs shared or no_new_privs: gain nothing */
	bool secureexec;	  /* AT_SECURE: ids or caps were gained */
	bool point_of_no_return;  /* the old program is gone */
	bool randomize;		  /* mm has a random layout */
	bool wants_random;	  /* ... and should have: see begin_new_exec */
	struct file *executable;  /* script's or misc's, given as AT_EXECFD */
	struct file *interpreter; /* what to run instead of file */
	struct file *file;
	struct cred *cred;	/* new credentials */
	unsigned int per_clear; /* personality bits to clear */
	int argc, envc;
	const char *filename; /* as given: AT_EXECFN's text */
	const char *interp;   /* what really runs; may be the script's */
	char *interp_alloc;   /* interp if it was allocated */
	char *fdpath;	      /* made-up name of an fd, freed by us */
	unsigned int interp_flags;
	unsigned long exec;	   /* address of the filename string */
	unsigned long rlim_stack;  /* soft limit at the start of exec */
	char buf[BINPRM_BUF_SIZE]; /* first bytes of the file, zero filled */
};

/* linux_binprm.interp_flags */
#define BINPRM_FLAGS_ENFORCE_NONDUMP 0x01 /* the user may not read the file */
/* execveat(2) of an fd that close-on-exec will make unreachable. */
#define BINPRM_FLAGS_PATH_INACCESSIBLE 0x04

struct linux_binfmt {
	const char *name;
	struct list_head link;
	/* 0; -ENOEXEC: not mine, ask the next; other errors end the exec. */
	int (*load_binary)(struct linux_binprm *bprm);
};

/* register_binfmt - ask @fmt after those already there. */
void register_binfmt(struct linux_binfmt *fmt);

/* binfmt_init - register scripts and ELF; once, at boot. */
void binfmt_init(void);
void init_script_binfmt(void);
void init_elf_binfmt(void);

/* An argv or envp: in user memory, or (kernel_execve) in the kernel's. */
struct user_arg_ptr {
	bool is_kernel;
	union {
		const char __user *const __user *native;
		const char *const *kernel;
	} ptr;
};

/* count_strings - entries before the NULL.  -EFAULT, -E2BIG, -EINTR. */
int count_strings(struct user_arg_ptr argv);

/* bprm_stack_limits - set argmin from RLIMIT_STACK.  0 or -E2BIG. */
int bprm_stack_limits(struct linux_binprm *bprm);

/* copy_strings - push @argc strings, the last one first.  0 or -errno. */
int copy_strings(int argc, struct user_arg_ptr argv, struct linux_binprm *bprm);

/* bprm_put_arg_page - the strings are done (or exec failed). */
void bprm_put_arg_page(struct linux_binprm *bprm);

/* copy_string_kernel - push kernel string @arg.  0, -E2BIG, -EFAULT. */
int copy_string_kernel(const char *arg, struct linux_binprm *bprm);

/* remove_arg_zero - drop the first argument (scripts).  0 or -EFAULT. */
int remove_arg_zero(struct linux_binprm *bprm);

/* bprm_change_interp - @interp (copied) is what runs now.  0 or -ENOMEM. */
int bprm_change_interp(const char *interp, struct linux_binprm *bprm);
