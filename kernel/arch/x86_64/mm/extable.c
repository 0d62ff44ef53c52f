/*
 * Where the kernel may fault, and where it then goes on.
 *
 * The linker collects pairs of relative addresses (instruction, fixup) from
 * every inline access to user memory; boot sorts them once.  The same boot
 * step turns SMAP's placeholders into stac and clac.
 *
 * Entry points: extable_init, fixup_exception, smap_patch, strncpy_from_user,
 * strnlen_user, user_cmpxchg_u32.
 */
#include <kernel/arch/x86_64/mm/extable.h>

#include <abi/errno.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/lib/macros.h>

DEFINE_PER_CPU(int, pagefault_disabled_count);

static unsigned long entry_insn(const struct extable_entry *e)
{
	return (unsigned long)&e->insn + (long)e->insn;
}

static unsigned long entry_fixup(const struct extable_entry *e)
{
	return (unsigned long)&e->fixup + (long)e->fixup;
}

/*
 * extable_init - sort the table by address.  It comes nearly sorted, because
 * text and table are linked in the same order.  Before rodata is read-only.
 */
void __init extable_init(void)
{
	struct extable_entry *first = __start___ex_table;
	struct extable_entry *e;
	struct extable_entry *p;
	unsigned long insn;
	unsigned long fixup;

	for (e = first + 1; e < __stop___ex_table; e++) {
		insn = entry_insn(e);
		fixup = entry_fixup(e);
		for (p = e; p > first && entry_insn(p - 1) > insn; p--) {
			p->insn = (s32)(entry_insn(p - 1) -
					(unsigned long)&p->insn);
			p->fixup = (s32)(entry_fixup(p - 1) -
					 (unsigned long)&p->fixup);
		}
		p->insn = (s32)(insn - (unsigned long)&p->insn);
		p->fixup = (s32)(fixup - (unsigned long)&p->fixup);
	}
}

/* The entry of the instruction at @ip, or NULL. */
static const struct extable_entry *find_entry(unsigned long ip)
{
	long lo = 0;
	long hi = __stop___ex_table - __start___ex_table - 1;
	unsigned long insn;
	long mid;

	while (lo <= hi) {
		mid = (lo + hi) / 2;
		insn = entry_insn(&__start___ex_table[mid]);
		if (insn == ip)
			return &__start___ex_table[mid];
		if (insn < ip)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	return NULL;
}

/* has_fixup - may the kernel fault at regs->ip? */
bool has_fixup(const struct pt_regs *regs)
{
	return find_entry(regs->ip) != NULL;
}

/* fixup_exception - go on at the fixup of regs->ip; false: there is none. */
bool fixup_exception(struct pt_regs *regs)
{
	const struct extable_entry *entry = find_entry(regs->ip);

	if (!entry)
		return false;
	regs->ip = entry_fixup(entry);
	return true;
}

/* smap_patch - with SMAP, open and close it at every marked place. */
void __init smap_patch(void)
{
	const s32 *site;
	u8 *code;

	if (!cpu_has(X86_FEATURE_SMAP))
		return;
	for (site = __smap_sites; site < __smap_sites_end; site++) {
		code = (u8 *)((unsigned long)site + (long)*site);
		/* nopl (%rax): stac; nopl (%rcx): clac */
		code[1] = 0x01;
		code[2] = code[2] ? 0xca : 0xcb;
	}
}

/* @n cut to what the user half has left at @src; 0: @src is outside. */
static unsigned long user_room(const void __user *src, long n)
{
	unsigned long addr = (unsigned long)src;

	if (addr >= TASK_SIZE_MAX)
		return 0;
	return min_t(unsigned long, (unsigned long)n, TASK_SIZE_MAX - addr);
}

long strncpy_from_user(char *dst, const char __user *src, long n)
{
	unsigned long room;
	long len;

	if (n <= 0)
		return 0;
	room = user_room(src, n);
	if (room == 0)
		return -EFAULT;
	len = copy_user_string(dst, (__force const char *)src, room);
	if (len == (long)room && room < (unsigned long)n)
		return -EFAULT;
	return len;
}

long strnlen_user(const char __user *s, long n)
{
	unsigned long room;
	long len;

	if (n <= 0)
		return 0;
	room = user_room(s, n);
	if (room == 0)
		return 0;
	len = copy_user_string(NULL, (__force const char *)s, room);
	if (len < 0 || (len == (long)room && room < (unsigned long)n))
		return 0;
	return len + 1;
}

int user_cmpxchg_u32(u32 *found, u32 __user *p, u32 old, u32 new)
{
	if (!access_ok(p, sizeof(*p)))
		return -EFAULT;
	return user_cmpxchg((__force u32 *)p, old, new, found);
}
