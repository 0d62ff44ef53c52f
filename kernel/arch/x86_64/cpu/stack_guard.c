/*
 * The stack protector: a value between a function's arrays and its return
 * address, looked at before it returns.
 *
 * Entry points: stack_guard_init, __stack_chk_fail (called by the compiler).
 */
#include <kernel/arch/random.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>

/* The compiler's names. */
extern unsigned long __stack_chk_guard;
void __stack_chk_fail(void) __noreturn;

unsigned long __stack_chk_guard = 0x5f3759df00ff0a0dUL;

/*
 * stack_guard_init - mix in what the CPU has of chance.  The caller never
 * returns, so it does not see its own value change.  The lowest byte stays 0:
 * no string runs over it.
 */
__attribute__((no_stack_protector)) void __init stack_guard_init(void)
{
	u64 chance = 0;

	cpu_identify();
	if (!arch_get_random(&chance))
		chance = rdtsc() * 0x9e3779b97f4a7c15ULL;
	__stack_chk_guard = (__stack_chk_guard ^ chance) & ~0xffUL;
}

void __stack_chk_fail(void)
{
	panic("stack protector: kernel stack is corrupted in %pS",
	      __builtin_return_address(0));
}
