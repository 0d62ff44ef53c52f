/*
 * The kernel around the code under test: weak versions of what it calls.
 *
 * A test that needs more of one of these defines it itself.
 */
#include <kernel/alloc/slab.h>
#include <kernel/arch/smp.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

void *unit_zalloc(size_t size);
void *unit_malloc(size_t size);
void *unit_realloc(void *p, size_t size);
void unit_free(void *p);

__weak bool printk_debug_on;

__weak void assert_failed(const char *cond, const char *file, int line)
{
	unit_fail(cond, file, line);
}

__weak void panic(const char *fmt, ...)
{
	unit_fail(fmt, "panic", 0);
}

__weak bool panic_in_progress(void)
{
	return false;
}

__weak int printk(const char *fmt, ...)
{
	return 0;
}

__weak bool printk_debug_wanted(const char *fmt)
{
	return false;
}

__weak void *kmalloc(size_t size)
{
	return unit_malloc(size);
}

__weak void *kzalloc(size_t size)
{
	return unit_zalloc(size);
}

__weak void *kcalloc(size_t n, size_t size)
{
	return unit_zalloc(n * size);
}

__weak void *krealloc(void *p, size_t size)
{
	return unit_realloc(p, size);
}

__weak void kfree(const void *p)
{
	unit_free((void *)p);
}

__weak char *kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = unit_malloc(n);

	return copy ? memcpy(copy, s, n) : NULL;
}

bool unit_irqs_off;

/* One CPU: a lock to wait for is a lock taken twice. */
__weak void spin_lock_wait(struct spinlock *lock)
{
	unit_fail("spin lock taken twice", "spin_lock_wait", 0);
}

/* There are no other CPUs. */
__weak void smp_call_function(void (*fn)(void *), void *arg, bool wait)
{
}
