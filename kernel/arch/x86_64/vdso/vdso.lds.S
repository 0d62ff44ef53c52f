/*
 * The vDSO's shape: one page of read-only ELF, all in one segment, and behind
 * it, outside the image, the page of parameters.
 */
SECTIONS
{
	. = SIZEOF_HEADERS;
	.hash		: { *(.hash) } :text
	.gnu.hash	: { *(.gnu.hash) }
	.dynsym		: { *(.dynsym) }
	.dynstr		: { *(.dynstr) }
	.gnu.version	: { *(.gnu.version) }
	.gnu.version_d	: { *(.gnu.version_d) }
	.dynamic	: { *(.dynamic) } :text :dynamic
	.rodata		: { *(.rodata*) } :text
	.got		: { *(.got*) }
	.eh_frame_hdr	: { *(.eh_frame_hdr) } :text :eh_frame_hdr
	.eh_frame	: { KEEP(*(.eh_frame)) } :text
	.text		: { *(.text*) } :text
	ASSERT(. <= 0x1000, "the vDSO is one page")
	vdso_clock = 0x1000;
	/DISCARD/	: { *(.data*) *(.bss*) *(.note*) *(.comment)
			    *(.plt*) *(.rela*) }
}

PHDRS
{
	text		PT_LOAD FLAGS(5) FILEHDR PHDRS;
	dynamic		PT_DYNAMIC FLAGS(4);
	eh_frame_hdr	PT_GNU_EH_FRAME;
}

VERSION
{
	LINUX_2.6 {
	global:
		__vdso_clock_gettime;
		__vdso_clock_getres;
		__vdso_gettimeofday;
		__vdso_time;
		__vdso_getcpu;
	local: *;
	};
}
