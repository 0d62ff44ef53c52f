/*
 * Kernel addresses to names and back: see kallsyms.h.
 *
 * kernel/tools/kallsyms writes the table: offsets of the functions from
 * kallsyms_base in ascending order; their names, each a length byte and the
 * characters, in the same order; and the place of every 64th name.  In the
 * link's first pass an empty table stands in.
 *
 * Locks: none; the table is constant.
 * Entry points: kallsyms_lookup, kallsyms_lookup_name, kallsyms_nth,
 * sprint_symbol, kallsyms_init.
 */
#include <kernel/base/kallsyms.h>

#include <kernel/arch/setup.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

#define NAMES_PER_MARK 64

static inline u32 count(void)
{
	return kallsyms_count;
}

static inline unsigned long address_of(u32 n)
{
	return kallsyms_base + kallsyms_offsets[n];
}

/* The length byte of name @n. */
static const u8 *name_of(u32 n)
{
	const u8 *p = kallsyms_names + kallsyms_name_at[n / NAMES_PER_MARK];
	u32 left;

	for (left = n % NAMES_PER_MARK; left > 0; left--)
		p += 1 + *p;
	return p;
}

/* kallsyms_nth - the @n-th symbol by address.  False past the end. */
bool kallsyms_nth(u32 n, unsigned long *addr, char *name)
{
	const u8 *p;
	size_t len;

	if (n >= count())
		return false;
	p = name_of(n);
	len = min((size_t)*p, (size_t)KSYM_NAME_LEN - 1);
	memcpy(name, p + 1, len);
	name[len] = '\0';
	*addr = address_of(n);
	return true;
}

/* kallsyms_lookup - name of the function that holds @addr. */
bool kallsyms_lookup(unsigned long addr, char *name, unsigned long *size,
		     unsigned long *offset)
{
	unsigned long end = (unsigned long)__text_end;
	unsigned long start;
	u32 low = 0, high = count(), mid;

	if (high == 0 || addr < address_of(0) || addr >= end)
		return false;
	/* The last symbol at or below @addr. */
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (address_of(mid) <= addr)
			low = mid;
		else
			high = mid;
	}
	/* Of several names for one address the first one counts. */
	while (low > 0 && address_of(low - 1) == address_of(low))
		low--;
	(void)kallsyms_nth(low, &start, name);
	for (high = low + 1; high < count(); high++) {
		if (address_of(high) != start) {
			end = address_of(high);
			break;
		}
	}
	if (size)
		*size = end - start;
	if (offset)
		*offset = addr - start;
	return true;
}

/* kallsyms_lookup_name - address of function @name, or 0. */
unsigned long kallsyms_lookup_name(const char *name)
{
	size_t len = strlen(name);
	const u8 *p = kallsyms_names;
	u32 n;

	for (n = 0; n < count(); n++, p += 1 + *p) {
		if (*p == len && memcmp(p + 1, name, len) == 0)
			return address_of(n);
	}
	return 0;
}

/* For %pS and %ps: see format_set_symbolizer. */
static size_t symbolize(char *buf, size_t size, unsigned long addr, bool offset)
{
	unsigned long at, len;
	char name[KSYM_NAME_LEN];

	if (!kallsyms_lookup(addr, name, &len, &at))
		return 0;
	if (!offset)
		return (size_t)scnprintf(buf, size, "%s", name);
	return (size_t)scnprintf(buf, size, "%s+0x%lx/0x%lx", name, at, len);
}

/* sprint_symbol - "name+0x12/0x34", or "0x..." for an unknown address. */
int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	int n = (int)symbolize(buf, size, addr, true);

	return n > 0 ? n : scnprintf(buf, size, "0x%lx", addr);
}

/* kallsyms_init - let %pS print symbols. */
void kallsyms_init(void)
{
	format_set_symbolizer(symbolize);
}
