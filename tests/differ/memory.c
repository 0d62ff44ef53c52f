/*
 * Memory: mmap, mprotect, mremap, munmap, madvise, mlock, msync, mincore, brk
 * with odd arguments, and the shape of /proc/PID/maps afterwards.
 *
 * All happens in an arena of a few pages that the calls name by address.
 */
#include "calls.h"

#define ARENA 0x40000000L
#define PAGES 24
#define PAGE  4096L

static long an_address(struct seat *seat, const char **text)
{
	long page = pick(PAGES);

	(void)seat;
	if (chance(4)) {
		*text = fmt("page %ld + 1", page);
		return ARENA + page * PAGE + 1;
	}
	if (chance(3)) {
		*text = "kernel";
		return LONG_MIN;
	}
	*text = fmt("page %ld", page);
	return ARENA + page * PAGE;
}

static long a_length(struct seat *seat, const char **text)
{
	static const long odd[] = {0, 1, 4097, -1, -4096};
	long length = chance(90) ? PAGE * (1 + pick(6)) : one_of(odd);

	(void)seat;
	*text = length % PAGE || length > 1 << 20
			? fmt("%ld", length)
			: fmt("%ld pages", length / PAGE);
	return length;
}

static const struct differ_name protections[] = {
	N(PROT_READ),
	N(PROT_WRITE),
	N(PROT_READ),
	N(PROT_EXEC),
};

static long a_protection(struct seat *seat, const char **text)
{
	static const long odd[] = {8, 0x01000000, 0x02000000, 0x03000000, 16};
	long prot = some_of(protections, 3) | (chance(4) ? one_of(odd) : 0);

	(void)seat;
	*text = text_bits(protections, prot);
	return prot;
}

/* Not MAP_HUGETLB: docs/missing.md. */
static const struct differ_name map_flags[] = {
	{MAP_POPULATE, "POPULATE"},    {MAP_NORESERVE, "NORESERVE"},
	{MAP_LOCKED, "LOCKED"},	       {MAP_STACK, "STACK"},
	{MAP_GROWSDOWN, "GROWSDOWN"},  {MAP_NONBLOCK, "NONBLOCK"},
	{0x100000, "FIXED_NOREPLACE"}, {0x80000, "SYNC"},
};

static long some_map_flags(struct seat *seat, const char **text)
{
	static const struct differ_name kinds[] = {{MAP_PRIVATE, "PRIVATE"},
						   {MAP_PRIVATE, "PRIVATE"},
						   {MAP_SHARED, "SHARED"},
						   {3, "SHARED_VALIDATE"},
						   {0, "0"}};
	const struct differ_name *kind =
		chance(96) ? &kinds[pick(4)] : &kinds[4];
	long more = chance(70) ? 0 : some_of(map_flags, 2);

	(void)seat;
	/* Without MAP_FIXED the kernel chooses, and addresses differ. */
	*text = fmt("FIXED|%s|%s", kind->name, text_bits(map_flags, more));
	return MAP_FIXED | kind->value | more;
}

static long anonymous_flags(struct seat *seat, const char **text)
{
	const char *rest;
	long flags = some_map_flags(seat, &rest) | MAP_ANONYMOUS;

	*text = fmt("ANON|%s", rest);
	return flags;
}

/* 3: a file of three pages; 4: the same, only to be read; 5: a memfd. */
static long a_file(struct seat *seat, const char **text)
{
	long fd = 3 + pick(3) + (chance(5) ? 20 : 0);

	(void)seat;
	*text = fmt("%ld", fd);
	return fd;
}

static long an_offset(struct seat *seat, const char **text)
{
	static const long offsets[] = {0,	 0, PAGE,  2 * PAGE,
				       5 * PAGE, 1, -PAGE, LONG_MAX - 4095};
	long offset = one_of(offsets);

	(void)seat;
	*text = fmt("offset %ld", offset);
	return offset;
}

static long remap_flags(struct seat *seat, const char **text)
{
	static const long flags[] = {3, 3, 3, 7, 0, 0, 2, 8, 4, 1 | 2 | 8};
	long flag = one_of(flags);

	(void)seat;
	*text = fmt("flags %ld", flag);
	return flag;
}

static long an_advice(struct seat *seat, const char **text)
{
	/* Not those of huge and of merged pages, nor 9, MADV_REMOVE:
	 * docs/missing.md. */
	static const long advices[] = {0,  1,  2,  3,  4,  8,  10, 11, 16, 17,
				       18, 19, 20, 21, 22, 23, 24, 5,  -1};
	long advice = one_of(advices);

	(void)seat;
	*text = fmt("advice %ld", advice);
	return advice;
}

static long sync_flags(struct seat *seat, const char **text)
{
	long flags = pick(9);

	(void)seat;
	*text = fmt("flags %ld", flags);
	return flags;
}

static long lock_flags(struct seat *seat, const char **text)
{
	static const long flags[] = {0, 1, 1, 2, -1};
	long flag = one_of(flags);

	(void)seat;
	*text = fmt("flags %ld", flag);
	return flag;
}

static long all_flags(struct seat *seat, const char **text)
{
	/* Not what there is already: its size differs. */
	static const long flags[] = {0, 2, 4, 6, 8};
	long flag = one_of(flags);

	(void)seat;
	*text = fmt("flags %ld", flag);
	return flag;
}

static void out_core(struct seat *seat)
{
	const unsigned char *out = (void *)seat->arg[2];
	long pages = (seat->arg[1] + PAGE - 1) / PAGE;
	long i;

	if (seat->ret || pages > 20 || (long)out < 4096)
		return;
	say(" ");
	for (i = 0; i < pages; i++)
		say("%d", out[i]);
}

/* A touch, by the kernel, so that no member dies of it. */
static long a_touch_vector(struct seat *seat, const char **text)
{
	any_out(seat, text);
	*text = "itself";
	return 4;
}

static const struct call calls[] = {
	{16,
	 "mmap",
	 SYS_mmap,
	 {an_address, a_length, a_protection, anonymous_flags, a_file,
	  any_zero},
	 NULL},
	{16,
	 "mmap",
	 SYS_mmap,
	 {an_address, a_length, a_protection, some_map_flags, a_file,
	  an_offset},
	 NULL},
	{14,
	 "mprotect",
	 SYS_mprotect,
	 {an_address, a_length, a_protection},
	 NULL},
	{8, "munmap", SYS_munmap, {an_address, a_length}, NULL},
	{12,
	 "mremap",
	 SYS_mremap,
	 {an_address, a_length, a_length, remap_flags, an_address},
	 NULL},
	{14, "madvise", SYS_madvise, {an_address, a_length, an_advice}, NULL},
	{6, "mlock2", SYS_mlock2, {an_address, a_length, lock_flags}, NULL},
	{3, "mlock", SYS_mlock, {an_address, a_length}, NULL},
	{4, "munlock", SYS_munlock, {an_address, a_length}, NULL},
	{1, "mlockall", SYS_mlockall, {all_flags}, NULL},
	{1, "munlockall", SYS_munlockall, {NULL}, NULL},
	{5, "msync", SYS_msync, {an_address, a_length, sync_flags}, NULL},
	{4, "mincore", SYS_mincore, {an_address, a_length, any_out}, out_core},
	{8, "read", SYS_read, {a_touch_vector, an_address, a_length}, NULL},
	{6, "write", SYS_write, {a_touch_vector, an_address, a_length}, NULL},
};

/* show_arena - the mappings of the arena, and what is locked. */
static void show_arena(struct seat *seat, char *text, int size)
{
	static char maps[16384];
	unsigned long start, end, offset;
	char prot[8];
	char *line;
	char *locked;

	read_text(fmt("/proc/%d/maps", seat->pid), maps, sizeof(maps));
	for (line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		char *name = strchr(line, '/');

		if (sscanf(line, "%lx-%lx %7s %lx", &start, &end, prot,
			   &offset) != 4 ||
		    end <= (unsigned long)ARENA || start > ARENA + 0x100000)
			continue;
		snprintf(text + strlen(text), size - strlen(text),
			 " %ld-%ld:%s:%lx%s", ((long)start - ARENA) / PAGE,
			 ((long)end - ARENA) / PAGE, prot, offset,
			 name ? ":file" : "");
	}
	read_text(fmt("/proc/%d/status", seat->pid), maps, sizeof(maps));
	locked = strstr(maps, "VmLck:");
	if (locked)
		snprintf(text + strlen(text), size - strlen(text), " lck=%ld",
			 atol(locked + 6));
}

static void put_files(void)
{
	static char page[3 * PAGE];
	int fd = open("/tmp/memory", O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd != 3 || write(fd, page, sizeof(page)) != sizeof(page) ||
	    open("/tmp/memory", O_RDONLY) != 4 ||
	    memfd_create("arena", 0) != 5 || ftruncate(5, 4 * PAGE))
		differ_broken("/tmp/memory");
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	put_files();
	crew_said = calls_said;
	crew_show_more = show_arena;
	calls_main(calls, ARRAY_SIZE(calls), 2, count);
	return 0;
}
