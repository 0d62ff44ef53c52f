/*
 * elf_stack.c - what a new program finds on its stack, from its pointer up:
 * argc, argv[] and NULL, envp[] and NULL, the auxiliary vector, then random
 * bytes, the platform's name, and the strings that exec put there.
 *
 * Entry points: create_elf_tables.
 */
#include <kernel/process/elf_image.h>

#include <abi/auxvec.h>
#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/prctl.h>
#include <abi/time.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/fpu.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/vdso.h>
#include <kernel/base/random.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/binfmts.h>
#include <kernel/sched/cred.h>

#define ELF_PLATFORM "x86_64"
#define RANDOM_BYTES 16
#define STACK_RANDOM 8192

/* Where the small things came to lie. */
struct stack_items {
	unsigned long platform;
	unsigned long random;
	unsigned long vdso;
	unsigned long interp_base;
};

/* Below the strings: platform name and random bytes. */
static int push_items(struct linux_binprm *bprm, struct stack_items *items)
{
	u8 random[RANDOM_BYTES];
	unsigned long sp = bprm->p;

	if (!(current->personality & ADDR_NO_RANDOMIZE) &&
	    sysctl_randomize_va_space)
		sp -= get_random_below(STACK_RANDOM);
	sp &= ~0xfUL;

	sp -= sizeof(ELF_PLATFORM);
	items->platform = sp;
	if (copy_to_user((void __user *)sp, ELF_PLATFORM, sizeof(ELF_PLATFORM)))
		return -EFAULT;
	sp -= RANDOM_BYTES;
	items->random = sp;
	get_random_bytes(random, sizeof(random));
	if (copy_to_user((void __user *)sp, random, sizeof(random)))
		return -EFAULT;
	memzero_explicit(random, sizeof(random));
	bprm->p = sp;
	return 0;
}

static u64 *auxv_add(u64 *auxv, u64 id, u64 value)
{
	auxv[0] = id;
	auxv[1] = value;
	return auxv + 2;
}

/* Fill mm->saved_auxv; returns how many words. */
static unsigned int fill_auxv(const struct linux_binprm *bprm,
			      const struct elf_image *image,
			      const struct stack_items *items, u64 *start)
{
	const struct cred *cred = current_cred();
	u64 *v = start;

	if (items->vdso)
		v = auxv_add(v, AT_SYSINFO_EHDR, items->vdso);
	v = auxv_add(v, AT_MINSIGSTKSZ, signal_frame_max_size());
	v = auxv_add(v, AT_HWCAP, cpu_hwcap());
	v = auxv_add(v, AT_PAGESZ, PAGE_SIZE);
	v = auxv_add(v, AT_CLKTCK, USER_HZ);
	v = auxv_add(v, AT_PHDR, image->phdr_addr);
	v = auxv_add(v, AT_PHENT, sizeof(Elf64_Phdr));
	v = auxv_add(v, AT_PHNUM, image->ehdr.e_phnum);
	v = auxv_add(v, AT_BASE, items->interp_base);
	v = auxv_add(v, AT_FLAGS, 0);
	v = auxv_add(v, AT_ENTRY, image->entry);
	v = auxv_add(v, AT_UID, cred->uid);
	v = auxv_add(v, AT_EUID, cred->euid);
	v = auxv_add(v, AT_GID, cred->gid);
	v = auxv_add(v, AT_EGID, cred->egid);
	v = auxv_add(v, AT_SECURE, bprm->secureexec);
	v = auxv_add(v, AT_RANDOM, items->random);
	v = auxv_add(v, AT_HWCAP2, cpu_hwcap2());
	v = auxv_add(v, AT_EXECFN, bprm->exec);
	v = auxv_add(v, AT_PLATFORM, items->platform);
	v = auxv_add(v, AT_NULL, 0);
	return (unsigned int)(v - start);
}

/*
 * Write @count pointers to the strings that follow each other from *@strings
 * on, and a NULL, at *@sp; both move on.
 */
static int put_pointers(unsigned long *sp, unsigned long *strings, int count)
{
	while (count-- > 0) {
		long len;

		if (put_user(*strings, (unsigned long __user *)*sp))
			return -EFAULT;
		*sp += sizeof(long);
		len = strnlen_user((const char __user *)*strings,
				   MAX_ARG_STRLEN);
		if (!len || len > MAX_ARG_STRLEN)
			return -EINVAL;
		*strings += (unsigned long)len;
	}
	if (put_user(0UL, (unsigned long __user *)*sp))
		return -EFAULT;
	*sp += sizeof(long);
	return 0;
}

/* argc, argv and envp from @sp on; notes in mm where the strings are. */
static int put_arguments(const struct linux_binprm *bprm, unsigned long *sp,
			 unsigned long strings)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (put_user((unsigned long)bprm->argc, (unsigned long __user *)*sp))
		return -EFAULT;
	*sp += sizeof(long);
	mm->arg_start = strings;
	err = put_pointers(sp, &strings, bprm->argc);
	if (err)
		return err;
	mm->arg_end = strings;
	mm->env_start = strings;
	err = put_pointers(sp, &strings, bprm->envc);
	mm->env_end = strings;
	return err;
}

/* create_elf_tables - see elf_image.h. */
__landmark int create_elf_tables(struct linux_binprm *bprm,
				 const struct elf_image *image,
				 unsigned long interp_base)
{
	u64 *auxv = current->mm->saved_auxv;
	struct stack_items items = {.interp_base = interp_base};
	unsigned long strings = bprm->p;
	unsigned long sp;
	unsigned int words;
	unsigned int nr;
	int err;

	items.vdso = vdso_map();
	err = push_items(bprm, &items);
	if (err)
		return err;
	memset(auxv, 0, sizeof(current->mm->saved_auxv));
	words = fill_auxv(bprm, image, &items, auxv);

	/* The ABI: 16-byte aligned at argc. */
	nr = 1 + (unsigned int)bprm->argc + 1 + (unsigned int)bprm->envc + 1 +
	     words;
	bprm->p = (bprm->p - nr * sizeof(long)) & ~0xfUL;

	sp = bprm->p;
	err = put_arguments(bprm, &sp, strings);
	if (err)
		return err;
	if (copy_to_user((void __user *)sp, auxv, words * sizeof(u64)))
		return -EFAULT;
	return 0;
}
