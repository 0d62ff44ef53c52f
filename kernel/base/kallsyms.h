/*
 * Addresses of the kernel's text to names and back.
 *
 * The table is made by kernel/tools/kallsyms from `nm` output and linked in
 * a second pass; in the first pass a weak, empty one stands in.
 */
#pragma once

#include <kernel/lib/macros.h>

#define KSYM_NAME_LEN 128

/* The generated table; see kernel/tools/kallsyms.c for its shape. */
extern const u32 kallsyms_count;
extern const unsigned long kallsyms_base;
extern const u32 kallsyms_offsets[]; /* from the base, ascending */
extern const u32 kallsyms_name_at[]; /* every 64th name's place in names */
extern const u8 kallsyms_names[];    /* each: length, then the characters */

/*
 * kallsyms_lookup - name of the function that holds @addr.
 *
 * @name: KSYM_NAME_LEN bytes.  @size and @offset (both optional) tell the
 * function's size and where in it @addr is.  False if @addr is in none.
 */
bool kallsyms_lookup(unsigned long addr, char *name, unsigned long *size,
		     unsigned long *offset);

/* kallsyms_lookup_name - address of function @name, or 0. */
unsigned long kallsyms_lookup_name(const char *name);

/*
 * kallsyms_nth - the @n-th symbol by address, for /proc/kallsyms and
 * available_filter_functions.  False past the end.
 */
bool kallsyms_nth(u32 n, unsigned long *addr, char *name);

/* sprint_symbol - "name+0x12/0x34", or "0x..." for an unknown address. */
int sprint_symbol(char *buf, size_t size, unsigned long addr);

/* kallsyms_init - let %pS print symbols. */
void kallsyms_init(void);
