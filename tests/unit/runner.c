/*
 * Runs the unit tests of one program: prints TAP, exits 1 if one failed.
 *
 * This file alone belongs to the host's C library; it also gives the code
 * under test its memory, counted, and able to fail on demand.
 */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TESTS_MAX 256

void unit_register(const char *name, void (*fn)(void));
void unit_fail(const char *what, const char *file, int line)
	__attribute__((noreturn));
void unit_memory_fail_after(long n);
long unit_memory_in_use(void);
unsigned long long unit_random(void);
void *unit_map(unsigned long addr, unsigned long size);
void *unit_zalloc(size_t size);
void *unit_malloc(size_t size);
void *unit_realloc(void *p, size_t size);
void unit_free(void *p);

/* What kernel/lib calls; only programs that link mem_hook.c have it. */
struct lib_memory {
	void *(*zalloc)(size_t size);
	void (*free)(void *p);
};
void lib_set_memory(const struct lib_memory *memory) __attribute__((weak));

static struct {
	const char *name;
	void (*fn)(void);
} tests[TESTS_MAX];
static int nr_tests;
static jmp_buf failed;
static long fail_after = -1;
static long in_use;
static unsigned long long seed = 88172645463325252ULL;

void unit_register(const char *name, void (*fn)(void))
{
	if (nr_tests == TESTS_MAX)
		abort();
	tests[nr_tests].name = name;
	tests[nr_tests].fn = fn;
	nr_tests++;
}

void unit_fail(const char *what, const char *file, int line)
{
	printf("# %s:%d: %s\n", file, line, what);
	longjmp(failed, 1);
}

void unit_memory_fail_after(long n)
{
	fail_after = n;
}

long unit_memory_in_use(void)
{
	return in_use;
}

unsigned long long unit_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

void *unit_map(unsigned long addr, unsigned long size)
{
	void *p = mmap((void *)addr, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
		       -1, 0);

	if (p == MAP_FAILED) {
		perror("unit_map");
		exit(1);
	}
	return p;
}

static int fails_now(void)
{
	return fail_after >= 0 && fail_after-- == 0;
}

void *unit_zalloc(size_t size)
{
	void *p = fails_now() ? NULL : calloc(1, size ? size : 1);

	in_use += p != NULL;
	return p;
}

/* Not zeroed, and not by chance either. */
void *unit_malloc(size_t size)
{
	void *p = unit_zalloc(size);

	return p ? memset(p, 0xa5, size) : NULL;
}

void *unit_realloc(void *p, size_t size)
{
	void *q = fails_now() ? NULL : realloc(p, size ? size : 1);

	in_use += q && !p;
	return q;
}

void unit_free(void *p)
{
	in_use -= p != NULL;
	free(p);
}

int main(int argc, char **argv)
{
	static const struct lib_memory memory = {unit_zalloc, unit_free};
	static int i, bad, result; /* kept over longjmp */

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (lib_set_memory)
		lib_set_memory(&memory);
	printf("# %s\n1..%d\n", argc > 0 ? argv[0] : "", nr_tests);
	for (i = 0; i < nr_tests; i++) {
		result = 0;
		unit_memory_fail_after(-1);
		if (setjmp(failed) == 0)
			tests[i].fn();
		else
			result = 1;
		bad += result;
		printf("%sok %d - %s\n", result ? "not " : "", i + 1,
		       tests[i].name);
	}
	printf("# %d passed, %d failed\n", nr_tests - bad, bad);
	return bad > 0;
}
