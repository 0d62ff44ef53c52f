/*
 * The exception table's form, and the assembly behind mm/extable.c.
 */
#pragma once

#include <abi/types.h>

/* Both are relative to their own address. */
struct extable_entry {
	s32 insn;
	s32 fixup;
};

extern struct extable_entry __start___ex_table[];
extern struct extable_entry __stop___ex_table[];
extern const s32 __smap_sites[];
extern const s32 __smap_sites_end[];

/* In uaccess.S; see there. */
long copy_user_string(char *dst, const char *src, unsigned long n);
int user_cmpxchg(u32 *p, u32 old, u32 new, u32 *found);
