/*
 * elf_map.c - read the headers of an ELF file and map its segments, for the
 * program and for its interpreter alike.
 *
 * A segment is its file part, mapped, then zeros: the rest of its last file
 * page is cleared, whole pages behind it are anonymous.  For a position
 * independent file the first mapping reserves room for all of them.
 *
 * Entry points: elf_read_headers, elf_map_image.
 */
#include <kernel/process/elf_image.h>

#include <abi/errno.h>
#include <abi/mman.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/brk.h>
#include <kernel/mm/mmap.h>
#include <kernel/sched/core.h>

#define ELF_MAX_PHDRS_SIZE 65536

static int elf_read(struct file *file, void *buf, size_t len, loff_t pos)
{
	ssize_t n = kernel_read(file, buf, len, &pos);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

static bool elf_check_ehdr(const struct elf_image *image)
{
	const Elf64_Ehdr *ehdr = &image->ehdr;

	if (memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	if (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN)
		return false;
	return ehdr->e_machine == EM_X86_64 && image->file->f_op->mmap;
}

/* elf_read_headers - see elf_image.h. */
int elf_read_headers(struct elf_image *image, bool have_ehdr)
{
	Elf64_Ehdr *ehdr = &image->ehdr;
	size_t size;
	int err;

	if (!have_ehdr) {
		err = elf_read(image->file, ehdr, sizeof(*ehdr), 0);
		if (err)
			return err == -EIO ? -ENOEXEC : err;
	}
	if (!elf_check_ehdr(image))
		return -ENOEXEC;
	size = (size_t)ehdr->e_phnum * sizeof(Elf64_Phdr);
	if (ehdr->e_phentsize != sizeof(Elf64_Phdr) || size == 0 ||
	    size > ELF_MAX_PHDRS_SIZE)
		return -ENOEXEC;
	image->phdrs = kmalloc(size);
	if (!image->phdrs)
		return -ENOMEM;
	err = elf_read(image->file, image->phdrs, size, (loff_t)ehdr->e_phoff);
	if (err) {
		kfree(image->phdrs);
		image->phdrs = NULL;
	}
	/* execve(2): a file cut off is in no format, it is no I/O error. */
	return err == -EIO ? -ENOEXEC : err;
}

static int elf_prot(const Elf64_Phdr *phdr)
{
	int prot = 0;

	if (phdr->p_flags & PF_R)
		prot |= PROT_READ;
	if (phdr->p_flags & PF_W)
		prot |= PROT_WRITE;
	if (phdr->p_flags & PF_X)
		prot |= PROT_EXEC;
	return prot;
}

/* Room from the first segment's first page to the last one's end; 0: none. */
static unsigned long total_mapping_size(const struct elf_image *image)
{
	unsigned long low = ~0UL;
	unsigned long high = 0;
	int i;

	for (i = 0; i < image->ehdr.e_phnum; i++) {
		const Elf64_Phdr *phdr = &image->phdrs[i];

		if (phdr->p_type != PT_LOAD)
			continue;
		low = min_t(unsigned long, low, ELF_PAGESTART(phdr->p_vaddr));
		high = max_t(unsigned long, high,
			     phdr->p_vaddr + phdr->p_memsz);
	}
	return high > low ? high - low : 0;
}

/* The largest p_align that is a power of two; at least a page. */
static unsigned long maximum_alignment(const struct elf_image *image)
{
	unsigned long align = PAGE_SIZE;
	int i;

	for (i = 0; i < image->ehdr.e_phnum; i++) {
		unsigned long a = image->phdrs[i].p_align;

		if (image->phdrs[i].p_type == PT_LOAD && a > align &&
		    (a & (a - 1)) == 0)
			align = a;
	}
	return align;
}

/* Is the segment's place sane?  Its end must not wrap or leave user space. */
static bool elf_segment_ok(const Elf64_Phdr *phdr, unsigned long addr)
{
	return !BAD_ADDR(addr) && phdr->p_filesz <= phdr->p_memsz &&
	       phdr->p_memsz <= TASK_SIZE && TASK_SIZE - phdr->p_memsz >= addr;
}

/*
 * Map the file part at @addr.  With @total, the first one: reserve that much
 * at a free place (or at @addr), then give back what is not this segment.
 * Returns the address of p_vaddr's page, or -errno.
 */
static unsigned long elf_map_file(const struct elf_image *image,
				  const Elf64_Phdr *phdr, unsigned long addr,
				  unsigned long total, unsigned long flags)
{
	unsigned long offset = ELF_PAGEOFFSET(phdr->p_vaddr);
	unsigned long size = PAGE_ALIGN(phdr->p_filesz + offset);
	unsigned long start = ELF_PAGESTART(addr);
	unsigned long map;

	if (phdr->p_offset < offset)
		return (unsigned long)-EINVAL;
	total = PAGE_ALIGN(total);
	map = vm_mmap(image->file, start, max(total, size), elf_prot(phdr),
		      flags | MAP_PRIVATE, phdr->p_offset - offset);
	if (!IS_ERR_VALUE(map) && total > size)
		(void)vm_munmap(map + size, total - size);
	return map;
}

/* A segment without any file part: only pages of zeros. */
static unsigned long elf_map_zero(const Elf64_Phdr *phdr, unsigned long addr,
				  unsigned long total, unsigned long flags)
{
	unsigned long size =
		PAGE_ALIGN(phdr->p_memsz + ELF_PAGEOFFSET(phdr->p_vaddr));
	unsigned long map;

	total = PAGE_ALIGN(total);
	map = vm_mmap(NULL, ELF_PAGESTART(addr), max(total, size),
		      elf_prot(phdr), flags | MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (!IS_ERR_VALUE(map) && total > size)
		(void)vm_munmap(map + size, total - size);
	return map;
}

/* The zeros behind the file part, which ends at @file_end, up to @end. */
static int elf_map_bss(const Elf64_Phdr *phdr, unsigned long file_end,
		       unsigned long end)
{
	unsigned long page_end = PAGE_ALIGN(file_end);

	/* A read-only segment cannot be cleared; the file must hold zeros. */
	if ((phdr->p_flags & PF_W) && page_end > file_end &&
	    clear_user((void __user *)file_end,
		       min(page_end, PAGE_ALIGN(end)) - file_end))
		return -EFAULT;
	if (end <= page_end)
		return 0;
	return vm_brk_flags(page_end, PAGE_ALIGN(end) - page_end,
			    phdr->p_flags & PF_X ? VM_EXEC : 0);
}

/* One segment at p_vaddr + bias; *@map is where its first page came to lie. */
static int elf_load_segment(struct elf_image *image, const Elf64_Phdr *phdr,
			    unsigned long total, unsigned long flags,
			    unsigned long *map)
{
	unsigned long addr = image->load_bias + phdr->p_vaddr;
	unsigned long file_end;

	if (!phdr->p_filesz) {
		*map = elf_map_zero(phdr, addr, total, flags);
		return IS_ERR_VALUE(*map) ? (int)*map : 0;
	}
	*map = elf_map_file(image, phdr, addr, total, flags);
	if (IS_ERR_VALUE(*map))
		return (int)*map;
	if (phdr->p_memsz == phdr->p_filesz)
		return 0;
	file_end = *map + ELF_PAGEOFFSET(phdr->p_vaddr) + phdr->p_filesz;
	return elf_map_bss(phdr, file_end,
			   file_end + phdr->p_memsz - phdr->p_filesz);
}

/* Remember the extent of code, data and bss for /proc and brk. */
static void elf_account_segment(struct elf_image *image, const Elf64_Phdr *phdr)
{
	unsigned long start = image->load_bias + phdr->p_vaddr;
	unsigned long file_end = start + phdr->p_filesz;
	unsigned long end = start + phdr->p_memsz;
	const Elf64_Ehdr *ehdr = &image->ehdr;

	/* The segment that holds the program headers says where they are. */
	if (phdr->p_offset <= ehdr->e_phoff &&
	    ehdr->e_phoff < phdr->p_offset + phdr->p_filesz)
		image->phdr_addr = ehdr->e_phoff - phdr->p_offset + start;
	if ((phdr->p_flags & PF_X) && start < image->start_code)
		image->start_code = start;
	if (start > image->start_data)
		image->start_data = start;
	if ((phdr->p_flags & PF_X) && file_end > image->end_code)
		image->end_code = file_end;
	if (file_end > image->end_data)
		image->end_data = file_end;
	if (end > image->end_bss) {
		image->end_bss = end;
		image->end_bss_prot = elf_prot(phdr);
	}
}

/* The bias of an ET_DYN file that asks for @base; alignment kept. */
static unsigned long elf_choose_bias(const struct elf_image *image,
				     const Elf64_Phdr *first,
				     unsigned long base)
{
	if (image->ehdr.e_type != ET_DYN || !base)
		return 0;
	base &= ~(maximum_alignment(image) - 1);
	return ELF_PAGESTART(base - first->p_vaddr);
}

/* The first segment: reserves the room and fixes load_bias. */
static int elf_load_first(struct elf_image *image, const Elf64_Phdr *phdr,
			  unsigned long base)
{
	bool dynamic = image->ehdr.e_type == ET_DYN;
	unsigned long total = dynamic ? total_mapping_size(image) : 0;
	unsigned long flags = dynamic && !base ? 0 : MAP_FIXED_NOREPLACE;
	unsigned long map;
	int err;

	if (dynamic && !total)
		return -EINVAL;
	image->load_bias = elf_choose_bias(image, phdr, base);
	if (!elf_segment_ok(phdr, image->load_bias + phdr->p_vaddr))
		return -EINVAL;
	err = elf_load_segment(image, phdr, total, flags, &map);
	if (err)
		return err;
	if (dynamic)
		image->load_bias = map - ELF_PAGESTART(phdr->p_vaddr);
	return 0;
}

/* elf_map_image - see elf_image.h. */
int elf_map_image(struct elf_image *image, unsigned long base)
{
	bool first = true;
	unsigned long map;
	int err;
	int i;

	image->start_code = ~0UL;
	for (i = 0; i < image->ehdr.e_phnum; i++) {
		const Elf64_Phdr *phdr = &image->phdrs[i];

		if (phdr->p_type != PT_LOAD || !phdr->p_memsz)
			continue;
		if (first) {
			err = elf_load_first(image, phdr, base);
		} else if (!elf_segment_ok(phdr,
					   image->load_bias + phdr->p_vaddr)) {
			err = -EINVAL;
		} else {
			err = elf_load_segment(image, phdr, 0, MAP_FIXED, &map);
		}
		if (err)
			return err;
		first = false;
		elf_account_segment(image, phdr);
	}
	if (first)
		return -EINVAL;
	image->entry = image->ehdr.e_entry + image->load_bias;
	return BAD_ADDR(image->entry) ? -EINVAL : 0;
}
