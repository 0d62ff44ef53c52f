/*
 * Memory ordering.
 *
 * x86 keeps loads in order and stores in order; only a store followed by a
 * load may pass.  So most SMP barriers only restrain the compiler.
 *
 * Entry points: barrier, smp_mb/rmb/wmb, mb/rmb/wmb (for devices),
 * smp_load_acquire, smp_store_release, sync_core, cpu_relax.
 */
#pragma once

#define barrier() __asm__ volatile("" ::: "memory")

#define mb()  __asm__ volatile("mfence" ::: "memory")
#define rmb() __asm__ volatile("lfence" ::: "memory")
#define wmb() __asm__ volatile("sfence" ::: "memory")

#define smp_mb()  __asm__ volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#define smp_rmb() barrier()
#define smp_wmb() barrier()

/* Atomic read-modify-write operations are full barriers on x86. */
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic()	barrier()

#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_mb(var, value)                                               \
	__atomic_store_n(&(var), (value), __ATOMIC_SEQ_CST)

/* sync_core - what was fetched before is fetched again: changed code is seen.
 */
static inline void sync_core(void)
{
	unsigned int leaf = 0;

	__asm__ volatile("cpuid" : "+a"(leaf)::"ebx", "ecx", "edx", "memory");
}

/* cpu_relax - tell the CPU (and QEMU) that this is a spin loop. */
static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}
