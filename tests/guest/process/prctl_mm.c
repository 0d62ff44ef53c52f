/*
 * prctl, PR_SET_MM: who may say where a process has its parts, and what is
 * believed.
 */
#include "tap.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef PR_SET_MM_MAP
#define PR_SET_MM_MAP	   14
#define PR_SET_MM_MAP_SIZE 15
#endif

/* Fields of /proc/PID/stat. */
enum {
	START_CODE = 26,
	END_CODE,
	START_STACK,
	START_DATA = 45,
	END_DATA,
	START_BRK,
	ARG_START,
	ARG_END,
	ENV_START,
	ENV_END,
};

static char text[8192];
static char *map;

static long p(long option, long a, long b, long c)
{
	return syscall(SYS_prctl, PR_SET_MM, option, a, b, c);
}

static unsigned long field(int number)
{
	char *at = file_text("/proc/self/stat", text, sizeof(text));

	at = strrchr(at, ')') + 2;
	for (; number > 3; number--)
		at = strchr(at, ' ') + 1;
	return strtoul(at, NULL, 10);
}

static void places(void)
{
	unsigned long code = field(START_CODE);
	unsigned long end = field(END_CODE);
	unsigned long data = field(START_DATA);

	ok(!p(PR_SET_MM_START_CODE, code + 16, 0, 0) &&
		   field(START_CODE) == code + 16,
	   "START_CODE, seen in /proc/PID/stat");
	ok(!p(PR_SET_MM_START_CODE, 0x10000, 0, 0),
	   "where nothing is mapped, too");
	ok_errno(p(PR_SET_MM_START_CODE, end, 0, 0), EINVAL,
		 "but before END_CODE");
	p(PR_SET_MM_START_CODE, code, 0, 0);
	ok_errno(p(PR_SET_MM_END_CODE, code, 0, 0), EINVAL,
		 "END_CODE after START_CODE");
	ok(!p(PR_SET_MM_END_CODE, end - 8, 0, 0) && field(END_CODE) == end - 8,
	   "END_CODE");
	ok_errno(p(PR_SET_MM_START_DATA, field(END_DATA) + 8, 0, 0), EINVAL,
		 "START_DATA beyond the end");
	ok(!p(PR_SET_MM_END_DATA, data, 0, 0) && field(END_DATA) == data,
	   "END_DATA, nothing between");
	ok_errno(p(PR_SET_MM_START_CODE, 0, 0, 0), EINVAL, "not 0");
	ok_errno(p(PR_SET_MM_START_CODE, 4096, 0, 0), EINVAL,
		 "nor below mmap_min_addr");
	ok_errno(p(PR_SET_MM_START_CODE, -1L, 0, 0), EINVAL,
		 "nor the kernel's");
	ok_errno(p(PR_SET_MM_START_CODE, code, 1, 0), EINVAL, "zeros are due");
	ok_errno(p(PR_SET_MM_START_CODE, code, 0, 1), EINVAL, "everywhere");
	ok_errno(p(16, code, 0, 0), EINVAL, "no such part");
}

static void stack_and_heap(void)
{
	unsigned long brk = field(START_BRK);
	unsigned long top = 0x7fffffffe000;

	ok(!p(PR_SET_MM_START_STACK, (long)map, 0, 0) &&
		   field(START_STACK) == (unsigned long)map,
	   "START_STACK");
	ok_errno(p(PR_SET_MM_START_STACK, top, 0, 0), EFAULT,
		 "not above all that is mapped");
	ok(!p(PR_SET_MM_START_BRK, brk - 1, 0, 0) &&
		   field(START_BRK) == brk - 1,
	   "START_BRK");
	ok_errno(p(PR_SET_MM_BRK, brk - 2, 0, 0), EINVAL, "BRK after it");
	ok(!p(PR_SET_MM_BRK, (long)map + 4096, 0, 0) &&
		   syscall(SYS_brk, 0) == (long)map + 4096,
	   "BRK: what brk(2) goes on from");
}

static int data_limit(void)
{
	struct rlimit limit = {1 << 20, 1 << 20};

	p(PR_SET_MM_START_BRK, (long)map, 0, 0);
	need(!setrlimit(RLIMIT_DATA, &limit));
	need(!p(PR_SET_MM_BRK, (long)map + 4096, 0, 0));
	need(fails(p(PR_SET_MM_BRK, (long)map + (2 << 20), 0, 0), EINVAL));
	return 0;
}

static void words(void)
{
	strcpy(map, "one");
	strcpy(map + 4, "two");
	strcpy(map + 100, "NAME=value");
	ok(!p(PR_SET_MM_ARG_START, (long)map, 0, 0) &&
		   !p(PR_SET_MM_ARG_END, (long)map + 8, 0, 0),
	   "ARG_START, ARG_END");
	file_text("/proc/self/cmdline", text, sizeof(text));
	ok(!memcmp(text, "one\0two\0", 9), "cmdline is what stands there");
	ok(!p(PR_SET_MM_ENV_START, (long)map + 100, 0, 0) &&
		   !p(PR_SET_MM_ENV_END, (long)map + 111, 0, 0) &&
		   !strcmp(file_text("/proc/self/environ", text, sizeof(text)),
			   "NAME=value"),
	   "ENV_START, ENV_END: environ");
	ok_errno(p(PR_SET_MM_ARG_END, (long)map - 1, 0, 0), EINVAL,
		 "no end before its start");
}

static void vectors(void)
{
	unsigned long auxv[50] = {AT_PAGESZ, 12345, AT_NULL, 0};
	unsigned long seen[50];

	ok(!p(PR_SET_MM_AUXV, (long)auxv, 32, 0), "AUXV");
	file_text("/proc/self/auxv", (char *)seen, sizeof(seen));
	ok(seen[0] == AT_PAGESZ && seen[1] == 12345, "/proc/PID/auxv shows it");
	ok_errno(p(PR_SET_MM_AUXV, (long)auxv, 10000, 0), EINVAL, "too long");
	ok_errno(p(PR_SET_MM_AUXV, 8, 16, 0), EFAULT, "EFAULT");
}

/* --- the file ------------------------------------------------------------- */

static int other_program(void)
{
	char name[64] = "";
	int fd = open("/bin/busybox", O_RDONLY);

	put_file("/tmp/exe", "");
	chmod("/tmp/exe", 0755);
	need(fails(p(PR_SET_MM_EXE_FILE, fd, 0, 0), EBUSY));
	need(fails(p(PR_SET_MM_EXE_FILE, open("/tmp/exe", O_RDWR), 0, 0),
		   EBUSY));
	need(fails(p(PR_SET_MM_EXE_FILE, 999, 0, 0), EBADF));
	need(fails(p(PR_SET_MM_EXE_FILE, open("/etc/passwd", O_RDONLY), 0, 0),
		   EACCES));
	need(fails(p(PR_SET_MM_EXE_FILE, open("/bin", O_RDONLY), 0, 0),
		   EACCES));
	need(readlink("/proc/self/exe", name, sizeof(name)) > 0);
	need(!strcmp(name, "/tests/process/prctl_mm"));
	unlink("/tmp/exe");
	return 0;
}

/*
 * Unmap the program [rdi, rdi + rsi), name the file rdx as the program's, and
 * wait; it runs where it was copied to.
 */
__asm__(".globl swap_begin, swap_end\n"
	"swap_begin:\n"
	"movl %edx, %r12d\n"
	"movl $11, %eax\n" /* munmap */
	"syscall\n"
	"movl $35, %edi\n" /* PR_SET_MM */
	"movl $13, %esi\n" /* PR_SET_MM_EXE_FILE */
	"movl %r12d, %edx\n"
	"xorl %r10d, %r10d\n"
	"xorl %r8d, %r8d\n"
	"movl $157, %eax\n" /* prctl */
	"syscall\n"
	"testl %eax, %eax\n"
	"jnz 2f\n"
	"1: movl $34, %eax\n" /* pause */
	"syscall\n"
	"jmp 1b\n"
	"2: movl $7, %edi\n"
	"movl $231, %eax\n" /* exit_group */
	"syscall\n"
	"swap_end:\n");
extern char swap_begin[], swap_end[], __executable_start[], _end[];

static int becomes_busybox(void)
{
	unsigned long end = ((unsigned long)_end | 4095) + 1;
	char *copy = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(copy, swap_begin, swap_end - swap_begin);
	((void (*)(char *, unsigned long, int))copy)(
		__executable_start, end - (unsigned long)__executable_start,
		open("/bin/busybox", O_RDONLY));
	return 8;
}

static void new_program(void)
{
	pid_t pid = start_child(becomes_busybox);
	char name[64] = "";
	char path[32];
	int tries;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	for (tries = 0; tries < 500 && strcmp(name, "/bin/busybox"); tries++) {
		sleep_ms(2);
		memset(name, 0, sizeof(name));
		if (readlink(path, name, sizeof(name) - 1) < 0)
			break;
	}
	ok(!strcmp(name, "/bin/busybox"),
	   "unmapped, the program may be another: /proc/PID/exe");
	ok_errno(open("/bin/busybox", O_WRONLY), ETXTBSY, "which is busy");
	end_child(pid);
}

/* --- all at once, and who may --------------------------------------------- */

static struct prctl_mm_map as_it_is(void)
{
	struct prctl_mm_map m = {
		.start_code = field(START_CODE),
		.end_code = field(END_CODE),
		.start_data = field(START_DATA),
		.end_data = field(END_DATA),
		.start_brk = field(START_BRK),
		.brk = syscall(SYS_brk, 0),
		.start_stack = field(START_STACK),
		.arg_start = field(ARG_START),
		.arg_end = field(ARG_END),
		.env_start = field(ENV_START),
		.env_end = field(ENV_END),
		.exe_fd = -1,
	};
	return m;
}

static int student_says(void)
{
	struct prctl_mm_map m = as_it_is();
	unsigned int size = 0;

	need(fails(p(PR_SET_MM_START_CODE, field(START_CODE), 0, 0), EPERM));
	need(fails(p(PR_SET_MM_AUXV, (long)map, 16, 0), EPERM));
	need(fails(p(PR_SET_MM_EXE_FILE, 0, 0, 0), EPERM));
	need(!p(PR_SET_MM_MAP_SIZE, (long)&size, 0, 0) && size == sizeof(m));
	need(!p(PR_SET_MM_MAP, (long)&m, sizeof(m), 0));
	m.exe_fd = 0;
	need(fails(p(PR_SET_MM_MAP, (long)&m, sizeof(m), 0), EPERM));
	return 0;
}

static void at_once(void)
{
	struct prctl_mm_map m = as_it_is();

	m.arg_end = m.arg_start + 3;
	ok(!p(PR_SET_MM_MAP, (long)&m, sizeof(m), 0) &&
		   field(ARG_END) == m.arg_end,
	   "PR_SET_MM_MAP sets all");
	ok_errno(p(PR_SET_MM_MAP, (long)&m, sizeof(m) - 4, 0), EINVAL,
		 "of the right size");
	ok_errno(p(PR_SET_MM_MAP, 8, sizeof(m), 0), EFAULT, "EFAULT");
	m.end_code = m.start_code;
	ok_errno(p(PR_SET_MM_MAP, (long)&m, sizeof(m), 0), EINVAL, "in order");
	m = as_it_is();
	m.auxv_size = 16;
	ok_errno(p(PR_SET_MM_MAP, (long)&m, sizeof(m), 0), EINVAL,
		 "with a vector if it has a length");
}

int main(void)
{
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	places();
	stack_and_heap();
	ok(in_child(data_limit) == 0, "RLIMIT_DATA holds for the heap");
	words();
	vectors();
	ok(in_child(other_program) == 0,
	   "EXE_FILE: an executable, and not while the old one is mapped");
	new_program();
	at_once();
	ok(in_child_as(STUDENT, student_says) == 0,
	   "CAP_SYS_RESOURCE is needed, but for MAP");
	return done_testing();
}
