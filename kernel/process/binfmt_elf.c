/*
 * binfmt_elf.c - load a program in ELF format: static or dynamic, at fixed
 * addresses (ET_EXEC) or anywhere (ET_DYN).
 *
 * Everything that can be checked is checked before begin_new_exec(): headers,
 * the interpreter named by PT_INTERP and its headers.  Then the segments of
 * both are mapped, the heap is placed behind the program, the stack gets its
 * tables, and the registers are set to start the interpreter (or the program
 * itself).
 *
 * Entry points: load_elf_binary, init_elf_binfmt.
 */
#include <kernel/process/binfmts.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/mman.h>
#include <abi/prctl.h>
#include <fs/vfs/exec_file.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/process/elf_image.h>
#include <kernel/process/exec.h>
#include <kernel/types/task.h>

/* All that one load needs; too large for the stack. */
struct elf_load {
	struct elf_image program;
	struct elf_image interp;
	bool has_interp;
	bool executable_stack;
};

static const Elf64_Phdr *elf_find_phdr(const struct elf_image *image, u32 type)
{
	int i;

	for (i = 0; i < image->ehdr.e_phnum; i++) {
		if (image->phdrs[i].p_type == type)
			return &image->phdrs[i];
	}
	return NULL;
}

/* The interpreter's name out of PT_INTERP; kfree it.  ERR_PTR. */
static char *elf_read_interp_name(const struct elf_image *image,
				  const Elf64_Phdr *phdr)
{
	loff_t pos = (loff_t)phdr->p_offset;
	ssize_t n;
	char *name;

	if (phdr->p_filesz > PATH_MAX || phdr->p_filesz < 2)
		return ERR_PTR(-ENOEXEC);
	name = kmalloc(phdr->p_filesz);
	if (!name)
		return ERR_PTR(-ENOMEM);
	n = kernel_read(image->file, name, phdr->p_filesz, &pos);
	if (n == (ssize_t)phdr->p_filesz && name[phdr->p_filesz - 1] == '\0')
		return name;
	kfree(name);
	if (n >= 0)
		n = n == (ssize_t)phdr->p_filesz ? -ENOEXEC : -EIO;
	return ERR_PTR(n);
}

/* Open the interpreter, if there is one, and check its headers. */
static int elf_open_interp(struct linux_binprm *bprm, struct elf_load *load)
{
	const Elf64_Phdr *phdr = elf_find_phdr(&load->program, PT_INTERP);
	struct file *file;
	char *name;
	int err;

	if (!phdr)
		return 0;
	name = elf_read_interp_name(&load->program, phdr);
	if (IS_ERR(name))
		return (int)PTR_ERR(name);
	file = open_exec(name);
	kfree(name);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	load->interp.file = file;
	load->has_interp = true;
	would_dump(bprm, file);
	err = elf_read_headers(&load->interp, false);
	/* execve(2): ELIBBAD for an interpreter in no known format. */
	return err == -ENOEXEC ? -ELIBBAD : err;
}

/* Where the program goes: given, chosen for ET_DYN, or anywhere. */
static unsigned long elf_program_base(const struct elf_load *load)
{
	if (load->program.ehdr.e_type != ET_DYN || !load->has_interp)
		/* A loader run by itself makes room for its program. */
		return 0;
	return elf_et_dyn_base(current->flags & PF_RANDOMIZE);
}

/* The heap begins behind the program's highest segment. */
static void elf_set_brk(const struct elf_load *load)
{
	const struct elf_image *program = &load->program;
	struct mm_struct *mm = current->mm;
	bool randomize = current->flags & PF_RANDOMIZE;

	mm->start_code = program->start_code;
	mm->end_code = program->end_code;
	mm->start_data = program->start_data;
	mm->end_data = program->end_data;
	mm->start_brk = PAGE_ALIGN(program->end_bss);
	/* Behind a static PIE lie other mappings: its heap goes elsewhere. */
	if (randomize && program->ehdr.e_type == ET_DYN && !load->has_interp)
		mm->start_brk = elf_et_dyn_base(false);
	mm->start_brk = randomize_brk(mm->start_brk, randomize);
	mm->brk = mm->start_brk;
}

/* The stack with its strings gets its final rights and some room. */
static int elf_setup_stack(struct linux_binprm *bprm,
			   const struct elf_load *load)
{
	unsigned long shift = 0;
	int err;

	mmap_write_lock(current->mm);
	err = setup_arg_pages(current->mm, bprm->vma, bprm->stack_top,
			      load->executable_stack, &shift);
	mmap_write_unlock(current->mm);
	bprm->p -= shift;
	bprm->exec -= shift;
	current->mm->start_stack = bprm->p;
	return err;
}

/* Program and interpreter into memory; *@entry: where to begin. */
static int elf_map_all(struct linux_binprm *bprm, struct elf_load *load,
		       unsigned long *entry)
{
	int err;

	err = elf_map_image(&load->program, elf_program_base(load));
	if (err)
		return err;
	*entry = load->program.entry;
	elf_set_brk(load);
	if (load->has_interp) {
		err = elf_map_image(&load->interp, 0);
		if (err)
			return err;
		*entry = load->interp.entry;
	}
	return 0;
}

static void elf_load_free(struct elf_load *load)
{
	kfree(load->program.phdrs);
	kfree(load->interp.phdrs);
	if (load->has_interp)
		exec_file_put(load->interp.file);
	kfree(load);
}

/* What can fail without harm: formats, the interpreter's existence. */
static int elf_check(struct linux_binprm *bprm, struct elf_load *load)
{
	const Elf64_Phdr *stack;
	int err;

	load->program.file = bprm->file;
	memcpy(&load->program.ehdr, bprm->buf, sizeof(load->program.ehdr));
	err = elf_read_headers(&load->program, true);
	if (err)
		return err;
	stack = elf_find_phdr(&load->program, PT_GNU_STACK);
	load->executable_stack = stack && (stack->p_flags & PF_X);
	return elf_open_interp(bprm, load);
}

/* load_elf_binary - the format's load_binary. */
static __landmark int load_elf_binary(struct linux_binprm *bprm)
{
	struct elf_load *load;
	unsigned long entry = 0;
	int err;

	if (memcmp(bprm->buf, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	load = kzalloc(sizeof(*load));
	if (!load)
		return -ENOMEM;

	/* Check. */
	err = elf_check(bprm, load);
	if (err)
		goto free_load;

	/* The old program ends here. */
	err = begin_new_exec(bprm);
	if (err)
		goto free_load;
	setup_new_exec(bprm);

	/* Build. */
	err = elf_setup_stack(bprm, load);
	if (err)
		goto free_load;
	err = elf_map_all(bprm, load, &entry);
	if (err)
		goto free_load;
	err = create_elf_tables(bprm, &load->program,
				load->has_interp ? load->interp.load_bias : 0);
	if (err)
		goto free_load;
	current->mm->start_stack = bprm->p;

	/* Old System V programs read address 0. */
	if (current->personality & MMAP_PAGE_ZERO)
		(void)vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_EXEC,
			      MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0);
	start_thread(current_pt_regs(), entry, bprm->p);
	err = 0;

free_load:
	elf_load_free(load);
	return err;
}

static struct linux_binfmt elf_format = {
	.name = "elf",
	.load_binary = load_elf_binary,
};

/* init_elf_binfmt - see binfmts.h. */
void __init init_elf_binfmt(void)
{
	register_binfmt(&elf_format);
}
