/*
 * PID 1 for `make bench-boot`: read the TSC in the first instruction, print it,
 * power the machine off.  No libc, so nothing runs before it.
 */
#include <linux/reboot.h>
#include <sys/syscall.h>

static long call(long number, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

__attribute__((used)) void report(unsigned long ticks)
{
	char text[40];
	char *at = text + sizeof(text);

	*--at = '\n';
	do
		*--at = '0' + ticks % 10;
	while (ticks /= 10);
	*--at = '=';
	*--at = 'c';
	*--at = 's';
	*--at = 't';
	call(SYS_write, 1, (long)at, text + sizeof(text) - at);
	call(SYS_reboot, (int)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
	     LINUX_REBOOT_CMD_POWER_OFF);
	for (;;)
		;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	rdtsc\n"
	"	shl $32, %rdx\n"
	"	lea (%rdx,%rax), %rdi\n"
	"	call report\n");
