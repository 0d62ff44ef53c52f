/*
 * getcpu.c - which CPU runs us: the limit of a segment that differs from CPU
 * to CPU (cpu/gdt.c), which needs no right to be read.
 *
 * Entry points: __vdso_getcpu.
 */
#include <abi/types.h>

#define CPUNODE_SELECTOR (15 * 8 + 3)

long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused);

long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused)
{
	unsigned int limit;

	(void)unused;
	__asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(CPUNODE_SELECTOR));
	if (cpu)
		*cpu = limit & 0xfff;
	if (node)
		*node = limit >> 12;
	return 0;
}
