/*
 * The vDSO: an ELF image that AT_SYSINFO_EHDR names, whose functions agree
 * with the system calls, also after the clock has been set.
 */
#include "tap.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>

static char *image;

/* The address of a dynamic symbol of the image, or NULL. */
static void *find(const char *name)
{
	Elf64_Ehdr *header = (void *)image;
	Elf64_Phdr *phdr = (void *)(image + header->e_phoff);
	Elf64_Sym *symbols = NULL;
	Elf64_Dyn *dyn = NULL;
	char *strings = NULL;
	unsigned int *hash = NULL;

	for (int i = 0; i < header->e_phnum; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			dyn = (void *)(image + phdr[i].p_offset);
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_SYMTAB)
			symbols = (void *)(image + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_STRTAB)
			strings = image + dyn->d_un.d_ptr;
		if (dyn->d_tag == DT_HASH)
			hash = (void *)(image + dyn->d_un.d_ptr);
	}
	if (!symbols || !strings || !hash)
		return NULL;
	for (unsigned int i = 0; i < hash[1]; i++)
		if (symbols[i].st_shndx &&
		    !strcmp(strings + symbols[i].st_name, name))
			return image + symbols[i].st_value;
	return NULL;
}

static long long ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000ll + ts->tv_nsec;
}

static long long asked(int clock)
{
	struct timespec ts;

	return syscall(SYS_clock_gettime, clock, &ts) ? -1 : ns_of(&ts);
}

/* Three readings: kernel, vDSO, kernel; they may not go backwards. */
static int agrees(int (*gettime)(int, struct timespec *), int clock)
{
	for (int i = 0; i < 1000; i++) {
		long long before = asked(clock);
		struct timespec ts;

		if (gettime(clock, &ts) || ns_of(&ts) < before ||
		    asked(clock) < ns_of(&ts))
			return 0;
	}
	return 1;
}

static void clocks(int (*gettime)(int, struct timespec *))
{
	struct timespec old;
	struct timespec new;
	struct timespec now;

	ok(agrees(gettime, CLOCK_MONOTONIC), "CLOCK_MONOTONIC");
	ok(agrees(gettime, CLOCK_REALTIME), "CLOCK_REALTIME");
	ok(agrees(gettime, CLOCK_BOOTTIME), "CLOCK_BOOTTIME");
	ok(agrees(gettime, CLOCK_REALTIME_COARSE), "CLOCK_REALTIME_COARSE");
	ok(agrees(gettime, CLOCK_MONOTONIC_COARSE), "CLOCK_MONOTONIC_COARSE");
	ok(gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0,
	   "a clock that only the kernel knows");
	ok(gettime(99, &now) != 0, "no such clock");
	clock_gettime(CLOCK_REALTIME, &old);
	new = old;
	new.tv_sec += 86400;
	ok(clock_settime(CLOCK_REALTIME, &new) == 0 &&
		   gettime(CLOCK_REALTIME, &now) == 0 &&
		   ns_of(&now) >= ns_of(&new) &&
		   ns_of(&now) < ns_of(&new) + 2000000000ll,
	   "the clock is set: seen at once");
	new.tv_sec -= 86400;
	clock_settime(CLOCK_REALTIME, &new);
}

int main(void)
{
	int (*gettime)(int, struct timespec *);
	int (*gettimeofday_fn)(struct timeval *, void *);
	time_t (*time_fn)(time_t *);
	int (*getcpu_fn)(unsigned int *, unsigned int *, void *);
	unsigned int cpu = 99;
	unsigned int node = 99;
	struct timeval tv;
	time_t now;
	cpu_set_t one;

	image = (char *)getauxval(AT_SYSINFO_EHDR);
	if (!ok(image && !memcmp(image, ELFMAG, SELFMAG),
		"AT_SYSINFO_EHDR is an ELF image"))
		return done_testing();
	gettime = find("__vdso_clock_gettime");
	gettimeofday_fn = find("__vdso_gettimeofday");
	time_fn = find("__vdso_time");
	getcpu_fn = find("__vdso_getcpu");
	if (!ok(gettime && gettimeofday_fn && time_fn && getcpu_fn,
		"its functions have Linux's names"))
		return done_testing();
	clocks(gettime);
	ok(gettimeofday_fn(&tv, NULL) == 0 &&
		   llabs(asked(CLOCK_REALTIME) / 1000000000 - tv.tv_sec) < 2 &&
		   tv.tv_usec < 1000000,
	   "gettimeofday");
	ok(llabs(time_fn(&now) - asked(CLOCK_REALTIME) / 1000000000) < 2 &&
		   llabs(now - tv.tv_sec) < 2,
	   "time");
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	ok(getcpu_fn(&cpu, &node, NULL) == 0 && cpu == 0 && node == 0,
	   "getcpu");
	ok(getcpu_fn(NULL, NULL, NULL) == 0, "getcpu that asks for nothing");
	return done_testing();
}
