/*
 * uname, sysinfo, times, getrusage, getrandom, prctl, arch_prctl, sethostname.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

static struct utsname names;

static int student_names(void)
{
	need(fails(sethostname("x", 1), EPERM));
	return 0;
}

static void naming(void)
{
	char old[65];

	ok(uname(&names) == 0 && !strcmp(names.sysname, "Linux") &&
		   !strncmp(names.release, "6.1.", 4) &&
		   !strcmp(names.machine, "x86_64") && *names.version,
	   "uname: Linux 6.1 on x86_64");
	strcpy(old, names.nodename);
	ok(sethostname("other", 5) == 0 && uname(&names) == 0 &&
		   !strcmp(names.nodename, "other"),
	   "sethostname");
	sethostname(old, strlen(old));
	ok_errno(sethostname("x", 65), EINVAL, "too long a name");
	ok(in_child_as(STUDENT, student_names) == 0, "EPERM for users");
	ok_errno(syscall(SYS_uname, nowhere), EFAULT, "a bad pointer");
}

/* use_memory - that many new bytes, every page of them stored to. */
static char *use_memory(long size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long at;

	for (at = 0; at < size; at += 4096)
		data[at] = 1;
	return data;
}

static void memory(void)
{
	struct sysinfo info;
	struct sysinfo later;
	char *data;

	ok(sysinfo(&info) == 0 && info.totalram > 10 << 20 &&
		   info.freeram < info.totalram && info.mem_unit == 1 &&
		   info.procs > 1 && info.uptime > 0,
	   "sysinfo");
	data = use_memory(16 << 20);
	sysinfo(&later);
	ok(info.freeram - later.freeram > 12 << 20,
	   "memory in use is not free");
	munmap(data, 16 << 20);
}

static void usage(void)
{
	struct rusage before;
	struct rusage after;
	char *data;
	int i;

	getrusage(RUSAGE_SELF, &before);
	data = use_memory(4 << 20);
	for (i = 0; i < 20; i++)
		sleep_ms(1);
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_minflt - before.ru_minflt >= 900 &&
		   after.ru_minflt - before.ru_minflt < 2000,
	   "getrusage counts page faults");
	ok(after.ru_maxrss >= before.ru_maxrss + 3000 ||
		   after.ru_maxrss > 16000,
	   "and the most memory");
	/* One that the host holds up may be over before it begins. */
	ok(after.ru_nvcsw - before.ru_nvcsw >= 10, "and sleeps");
	ok_errno(getrusage(77, &after), EINVAL, "an unknown target");
	munmap(data, 4 << 20);
}

static int burns(void)
{
	long until = now_ms() + 60;

	while (now_ms() < until)
		;
	return 0;
}

static void ticks(void)
{
	struct tms before;
	struct tms after;
	clock_t start = times(&before);
	clock_t end;

	in_child(burns);
	end = times(&after);
	ok(end - start >= 5 && end - start < 100,
	   "times: a hundredth is a tick");
	ok(after.tms_cutime + after.tms_cstime - before.tms_cutime -
			   before.tms_cstime >=
		   2,
	   "children's time counts when they are waited for");
}

static void randoms(void)
{
	unsigned char one[256];
	unsigned char two[256];
	int bits = 0;
	int i;

	ok(getrandom(one, 256, 0) == 256 && getrandom(two, 256, 0) == 256 &&
		   memcmp(one, two, 256),
	   "getrandom differs each time");
	for (i = 0; i < 256; i++)
		bits += __builtin_popcount(one[i]);
	ok(bits > 850 && bits < 1200, "half of the bits are set");
	ok(getrandom(one, 10, GRND_NONBLOCK | GRND_RANDOM) == 10, "its flags");
	ok_errno(getrandom(one, 10, 0x80), EINVAL, "unknown flags");
	ok(getrandom(one, 0, 0) == 0, "nothing");
	ok_errno(getrandom(nowhere, 10, 0), EFAULT, "a bad pointer");
}

static int inherits(void)
{
	char name[16];

	prctl(PR_GET_NAME, name);
	need(!strcmp(name, "tester"));
	need(prctl(PR_GET_CHILD_SUBREAPER, name) == 0 && !*(int *)name);
	need(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
	return 0;
}

static void processes(void)
{
	char name[17] = "";
	char text[64];
	int on = 0;

	prctl(PR_GET_NAME, name);
	ok(!strcmp(name, "calls"), "PR_GET_NAME: the program's");
	ok(prctl(PR_SET_NAME, "a name that is too long") == 0 &&
		   prctl(PR_GET_NAME, name) == 0 &&
		   !strcmp(name, "a name that is "),
	   "PR_SET_NAME cuts at fifteen");
	ok(!strcmp(file_text("/proc/self/comm", text, 64), "a name that is \n"),
	   "/proc/self/comm is it");
	put_file("/proc/self/comm", "tester");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ok(prctl(PR_GET_CHILD_SUBREAPER, &on) == 0 && on == 1,
	   "PR_SET_CHILD_SUBREAPER");
	ok(in_child(inherits) == 0,
	   "a child inherits the name, not the subreaper");
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	ok(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
		   prctl(PR_GET_DUMPABLE) == 0 &&
		   prctl(PR_SET_DUMPABLE, 1) == 0,
	   "PR_SET_DUMPABLE");
	ok_errno(prctl(PR_SET_DUMPABLE, 7), EINVAL, "a value it has not");
	ok_errno(prctl(9999), EINVAL, "an unknown option");
}

static void segments(void)
{
	unsigned long base = 0;
	unsigned long old = 0;
	static long there = 4711;
	long got = 0;

	ok(syscall(SYS_arch_prctl, 0x1003, &old) == 0 && old != 0,
	   "ARCH_GET_FS: the thread's area");
	ok(syscall(SYS_arch_prctl, 0x1001, &there) == 0 &&
		   syscall(SYS_arch_prctl, 0x1004, &base) == 0 &&
		   base == (unsigned long)&there,
	   "ARCH_SET_GS and ARCH_GET_GS");
	__asm__ volatile("mov %%gs:0, %0" : "=r"(got));
	ok(got == 4711, "%gs reaches it");
	sleep_ms(5);
	__asm__ volatile("mov %%gs:0, %0" : "=r"(got));
	ok(got == 4711, "also after a switch");
	ok_errno(syscall(SYS_arch_prctl, 0x1001, -1l), EPERM,
		 "not the kernel's half");
	ok_errno(syscall(SYS_arch_prctl, 0x7777, 0), EINVAL, "an unknown code");
	ok(syscall(SYS_arch_prctl, 0x1011, 0) == 1, "ARCH_GET_CPUID");
	ok_errno(syscall(SYS_arch_prctl, 0x1012, 0), ENODEV, "ARCH_SET_CPUID");
	ok(syscall(SYS_arch_prctl, 0x1021, &base) == 0 && (base & 3) == 3 &&
		   syscall(SYS_arch_prctl, 0x1022, &old) == 0 && old == base,
	   "ARCH_GET_XCOMP_SUPP, and all of it is permitted");
	ok_errno(syscall(SYS_arch_prctl, 0x1023, 19), EINVAL,
		 "ARCH_REQ_XCOMP_PERM: no such state");
	ok_errno(syscall(SYS_arch_prctl, 0x1023, 0), EOPNOTSUPP,
		 "one that nobody has to ask for");
	ok_errno(syscall(SYS_arch_prctl, 0x1022, nowhere), EFAULT,
		 "ARCH_GET_XCOMP_PERM: nowhere");
}

static void unknown(void)
{
	ok_errno(syscall(100000), ENOSYS, "no such call: ENOSYS");
	ok_errno(syscall(-1), ENOSYS, "a negative one");
	ok_errno(syscall(335), ENOSYS, "a gap in the table");
}

int main(void)
{
	naming();
	memory();
	usage();
	ticks();
	randoms();
	processes();
	segments();
	unknown();
	return done_testing();
}
