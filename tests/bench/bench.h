/*
 * bench.h - what the measurements of tests/bench share: the row of the table,
 * the counter, and the loop around an operation.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * One row of the table.  run(n) does the operation n times and returns what
 * the TSC counted meanwhile, loop and libc wrapper included; prepare() is not
 * counted, and false from it means that the kernel lacks what the row needs.
 */
struct row {
	const char *name;
	unsigned int times;  /* operations in one batch */
	unsigned int rounds; /* batches, the median counts; 0: one, cold */
	bool (*prepare)(void);
	uint64_t (*run)(unsigned int times);
	void (*finish)(void);
};

extern const struct row file_rows[];
extern const struct row memory_rows[];
extern const struct row task_rows[];
extern const struct row ipc_rows[];

/* scale_main - `bench scale NAME...`; see scale.c. */
void scale_main(int argc, char **argv);

/* curve_main - `bench curve NAME...`; see curve.c. */
void curve_main(int argc, char **argv);

static inline uint64_t tsc(void)
{
	uint32_t low;
	uint32_t high;

	__asm__ volatile("lfence; rdtsc; lfence"
			 : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

/* Stop with a message: the numbers that follow would be wrong. */
__attribute__((noreturn)) void bench_fail(const char *what);

#define must(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			bench_fail(#condition);                                \
	} while (0)

/* `operation` times over, and what it took. */
#define MEASURE(times, operation)                                              \
	({                                                                     \
		uint64_t start_ = tsc();                                       \
		for (unsigned int i_ = 0; i_ < (times); i_++)                  \
			operation;                                             \
		tsc() - start_;                                                \
	})
