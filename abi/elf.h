/*
 * elf.h - ELF64 files: headers, segments, sections, symbols, notes.
 */
#pragma once

#include <abi/types.h>

typedef u64 Elf64_Addr;
typedef u16 Elf64_Half;
typedef s16 Elf64_SHalf;
typedef u64 Elf64_Off;
typedef s32 Elf64_Sword;
typedef u32 Elf64_Word;
typedef u64 Elf64_Xword;
typedef s64 Elf64_Sxword;

#define EI_NIDENT      16
#define EI_MAG0	       0
#define EI_MAG1	       1
#define EI_MAG2	       2
#define EI_MAG3	       3
#define EI_CLASS       4
#define EI_DATA	       5
#define EI_VERSION     6
#define EI_OSABI       7
#define EI_PAD	       8
#define ELFMAG0	       0x7f
#define ELFMAG1	       'E'
#define ELFMAG2	       'L'
#define ELFMAG3	       'F'
#define ELFMAG	       "\177ELF"
#define SELFMAG	       4
#define ELFCLASSNONE   0
#define ELFCLASS32     1
#define ELFCLASS64     2
#define ELFCLASSNUM    3
#define ELFDATANONE    0
#define ELFDATA2LSB    1
#define ELFDATA2MSB    2
#define EV_NONE	       0
#define EV_CURRENT     1
#define EV_NUM	       2
#define ELFOSABI_NONE  0
#define ELFOSABI_LINUX 3
#define ET_NONE	       0
#define ET_REL	       1
#define ET_EXEC	       2
#define ET_DYN	       3
#define ET_CORE	       4
#define ET_LOPROC      0xff00
#define ET_HIPROC      0xffff
#define EM_NONE	       0
#define EM_386	       3
#define EM_PPC64       21
#define EM_ARM	       40
#define EM_X86_64      62
#define EM_AARCH64     183
#define EM_RISCV       243

/* The UAPI's typedef names stay, as tools and books know them by those. */
typedef struct elf64_hdr {
	unsigned char e_ident[EI_NIDENT];
	Elf64_Half e_type;
	Elf64_Half e_machine;
	Elf64_Word e_version;
	Elf64_Addr e_entry;
	Elf64_Off e_phoff;
	Elf64_Off e_shoff;
	Elf64_Word e_flags;
	Elf64_Half e_ehsize;
	Elf64_Half e_phentsize;
	Elf64_Half e_phnum;
	Elf64_Half e_shentsize;
	Elf64_Half e_shnum;
	Elf64_Half e_shstrndx;
} Elf64_Ehdr;

#define PT_NULL		      0
#define PT_LOAD		      1
#define PT_DYNAMIC	      2
#define PT_INTERP	      3
#define PT_NOTE		      4
#define PT_SHLIB	      5
#define PT_PHDR		      6
#define PT_TLS		      7
#define PT_LOOS		      0x60000000
#define PT_HIOS		      0x6fffffff
#define PT_LOPROC	      0x70000000
#define PT_HIPROC	      0x7fffffff
#define PT_GNU_EH_FRAME	      (PT_LOOS + 0x474e550)
#define PT_GNU_STACK	      (PT_LOOS + 0x474e551)
#define PT_GNU_RELRO	      (PT_LOOS + 0x474e552)
#define PT_GNU_PROPERTY	      (PT_LOOS + 0x474e553)
#define PT_AARCH64_MEMTAG_MTE (PT_LOPROC + 0x2)
#define PN_XNUM		      0xffff
#define PF_R		      0x4
#define PF_W		      0x2
#define PF_X		      0x1

typedef struct elf64_phdr {
	Elf64_Word p_type;
	Elf64_Word p_flags;
	Elf64_Off p_offset;
	Elf64_Addr p_vaddr;
	Elf64_Addr p_paddr;
	Elf64_Xword p_filesz;
	Elf64_Xword p_memsz;
	Elf64_Xword p_align;
} Elf64_Phdr;

#define SHT_NULL	   0
#define SHT_PROGBITS	   1
#define SHT_SYMTAB	   2
#define SHT_STRTAB	   3
#define SHT_RELA	   4
#define SHT_HASH	   5
#define SHT_DYNAMIC	   6
#define SHT_NOTE	   7
#define SHT_NOBITS	   8
#define SHT_REL		   9
#define SHT_SHLIB	   10
#define SHT_DYNSYM	   11
#define SHT_NUM		   12
#define SHT_LOPROC	   0x70000000
#define SHT_HIPROC	   0x7fffffff
#define SHT_LOUSER	   0x80000000
#define SHT_HIUSER	   0xffffffff
#define SHF_WRITE	   0x1
#define SHF_ALLOC	   0x2
#define SHF_EXECINSTR	   0x4
#define SHF_RELA_LIVEPATCH 0x00100000
#define SHF_RO_AFTER_INIT  0x00200000
#define SHF_MASKPROC	   0xf0000000
#define SHN_UNDEF	   0
#define SHN_LORESERVE	   0xff00
#define SHN_LOPROC	   0xff00
#define SHN_HIPROC	   0xff1f
#define SHN_LIVEPATCH	   0xff20
#define SHN_ABS		   0xfff1
#define SHN_COMMON	   0xfff2
#define SHN_HIRESERVE	   0xffff

typedef struct elf64_shdr {
	Elf64_Word sh_name;
	Elf64_Word sh_type;
	Elf64_Xword sh_flags;
	Elf64_Addr sh_addr;
	Elf64_Off sh_offset;
	Elf64_Xword sh_size;
	Elf64_Word sh_link;
	Elf64_Word sh_info;
	Elf64_Xword sh_addralign;
	Elf64_Xword sh_entsize;
} Elf64_Shdr;

#define STB_LOCAL   0
#define STB_GLOBAL  1
#define STB_WEAK    2
#define STT_NOTYPE  0
#define STT_OBJECT  1
#define STT_FUNC    2
#define STT_SECTION 3
#define STT_FILE    4
#define STT_COMMON  5
#define STT_TLS	    6

#define ELF64_ST_BIND(info) ((info) >> 4)
#define ELF64_ST_TYPE(info) ((info)&0xf)

typedef struct elf64_sym {
	Elf64_Word st_name;
	unsigned char st_info;
	unsigned char st_other;
	Elf64_Half st_shndx;
	Elf64_Addr st_value;
	Elf64_Xword st_size;
} Elf64_Sym;

typedef struct elf64_rel {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
} Elf64_Rel;

typedef struct elf64_rela {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
	Elf64_Sxword r_addend;
} Elf64_Rela;

#define ELF64_R_SYM(info)  ((info) >> 32)
#define ELF64_R_TYPE(info) ((info)&0xffffffff)

#define DT_NULL	      0
#define DT_NEEDED     1
#define DT_PLTRELSZ   2
#define DT_PLTGOT     3
#define DT_HASH	      4
#define DT_STRTAB     5
#define DT_SYMTAB     6
#define DT_RELA	      7
#define DT_RELASZ     8
#define DT_RELAENT    9
#define DT_STRSZ      10
#define DT_SYMENT     11
#define DT_INIT	      12
#define DT_FINI	      13
#define DT_SONAME     14
#define DT_RPATH      15
#define DT_SYMBOLIC   16
#define DT_REL	      17
#define DT_RELSZ      18
#define DT_RELENT     19
#define DT_PLTREL     20
#define DT_DEBUG      21
#define DT_TEXTREL    22
#define DT_JMPREL     23
#define DT_ENCODING   32
#define DT_LOOS	      0x6000000d
#define DT_HIOS	      0x6ffff000
#define DT_VALRNGLO   0x6ffffd00
#define DT_VALRNGHI   0x6ffffdff
#define DT_ADDRRNGLO  0x6ffffe00
#define DT_ADDRRNGHI  0x6ffffeff
#define DT_VERSYM     0x6ffffff0
#define DT_RELACOUNT  0x6ffffff9
#define DT_RELCOUNT   0x6ffffffa
#define DT_FLAGS_1    0x6ffffffb
#define DT_VERDEF     0x6ffffffc
#define DT_VERDEFNUM  0x6ffffffd
#define DT_VERNEED    0x6ffffffe
#define DT_VERNEEDNUM 0x6fffffff
#define DT_LOPROC     0x70000000
#define DT_HIPROC     0x7fffffff

typedef struct elf64_dyn {
	Elf64_Sxword d_tag;
	union {
		Elf64_Xword d_val;
		Elf64_Addr d_ptr;
	} d_un;
} Elf64_Dyn;

/* Notes: name and descriptor follow, each padded to 4 bytes. */
typedef struct elf64_note {
	Elf64_Word n_namesz;
	Elf64_Word n_descsz;
	Elf64_Word n_type;
} Elf64_Nhdr;

#define NT_PRSTATUS	       1
#define NT_PRFPREG	       2
#define NT_PRPSINFO	       3
#define NT_TASKSTRUCT	       4
#define NT_AUXV		       6
#define NT_SIGINFO	       0x53494749
#define NT_FILE		       0x46494c45
#define NT_386_TLS	       0x200
#define NT_386_IOPERM	       0x201
#define NT_X86_XSTATE	       0x202
#define NT_GNU_PROPERTY_TYPE_0 5
