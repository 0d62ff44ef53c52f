/*
 * An ELF file being loaded: its headers, and where its parts came to lie.
 * Shared by binfmt_elf.c, elf_map.c and elf_stack.c.
 *
 * Entry points: elf_read_headers, elf_map_image, create_elf_tables.
 */
#pragma once

#include <abi/elf.h>
#include <abi/types.h>

struct file;
struct linux_binprm;

/* Largest address plus one that programs may have. */
#define BAD_ADDR(x) ((unsigned long)(x) >= TASK_SIZE)

#define ELF_PAGEOFFSET(v) ((v) & (PAGE_SIZE - 1))
#define ELF_PAGESTART(v)  ((v)&PAGE_MASK)

struct elf_image {
	struct file *file;
	Elf64_Ehdr ehdr;
	Elf64_Phdr *phdrs;	 /* ehdr.e_phnum of them */
	unsigned long load_bias; /* address in memory minus p_vaddr */
	unsigned long phdr_addr; /* of the headers in memory, or 0 */
	unsigned long entry;
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long end_bss; /* end of the highest segment */
	int end_bss_prot;
};

/*
 * elf_read_headers - ehdr (already there for the program, read for others)
 * is checked and the program headers read.  0, -ENOEXEC, -ENOMEM, -EIO.
 */
int elf_read_headers(struct elf_image *image, bool have_ehdr);

/*
 * elf_map_image - map all PT_LOAD segments into current's memory.  @base: the
 * bias wanted for an ET_DYN file; 0: anywhere.  0 or -errno.
 */
int elf_map_image(struct elf_image *image, unsigned long base);

/*
 * create_elf_tables - argc, argv, envp and the auxiliary vector under the
 * strings; bprm->p becomes the program's stack pointer.  0 or -EFAULT, -EINVAL.
 */
int create_elf_tables(struct linux_binprm *bprm, const struct elf_image *image,
		      unsigned long interp_base);
