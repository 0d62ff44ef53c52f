/*
 * /proc/sys: what a write means that is not at the beginning, has more than
 * one number, or none; and settings that are seen in the log or elsewhere.
 */
#include "system/settings.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

/* quiet - what was printed is on the line before the kernel's lines are. */
static void quiet(void)
{
	tcdrain(STDOUT_FILENO);
}

static int open_setting(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return open(path, O_RDWR);
}

static int shows(const char *name, const char *text)
{
	return !strcmp(get(name), text);
}

static int writes(int fd, const char *text)
{
	return write(fd, text, strlen(text));
}

static void places(void)
{
	int fd = open_setting("kernel/panic");

	ok(writes(fd, "5") == 1 && writes(fd, "6") == 1 &&
		   shows("kernel/panic", "5\n"),
	   "a number behind the first changes nothing");
	ok(pwrite(fd, "7", 1, 3) == 1 && shows("kernel/panic", "5\n"),
	   "nor does one written elsewhere");
	ok(write(fd, "", 0) == 0 && pwrite(fd, "", 0, 0) == 0,
	   "nothing written is nothing");
	ok(fails(pwrite(fd, "\n", 1, 0), EINVAL), "a line without one: EINVAL");
	ok(pwrite(fd, " 0 3 4\n", 7, 0) == 3 && shows("kernel/panic", "0\n"),
	   "of several the first is taken, and the space behind it");
	close(fd);
}

static void words(void)
{
	char before[70];
	int fd = open_setting("kernel/hostname");

	strcpy(before, get("kernel/hostname"));
	ok(writes(fd, "abc") == 3 && writes(fd, "def\nx") == 5 &&
		   shows("kernel/hostname", "abcdef\n"),
	   "a name goes on where the last write ended");
	ok(pwrite(fd, "XY", 2, 3) == 2 && shows("kernel/hostname", "abcXY\n"),
	   "and ends where this one does");
	ok(pwrite(fd, "Z", 1, 6) == 1 && shows("kernel/hostname", "abcXY\n"),
	   "behind its end nothing is written");
	ok(pwrite(fd, before, strlen(before), 0) == (int)strlen(before) &&
		   shows("kernel/hostname", before),
	   "from the beginning it is new");
	close(fd);
}

static void levels(void)
{
	char before[70];
	char after[70];
	int rest[4];
	int fd = open_setting("kernel/printk");

	strcpy(before, get("kernel/printk"));
	sscanf(before, "%d %d %d %d", rest, rest + 1, rest + 2, rest + 3);
	ok(writes(fd, "4 5\n") == 4, "printk: two of four");
	snprintf(after, sizeof(after), "4\t5\t%d\t%d\n", rest[2], rest[3]);
	ok(shows("kernel/printk", after), "the others stay");
	ok(fails(pwrite(fd, "x", 1, 0), EINVAL) &&
		   fails(pwrite(fd, "6 x", 3, 0), EINVAL) &&
		   get("kernel/printk")[0] == '6',
	   "EINVAL, after what was good");
	/* 3: the least that syslog(2) sets. */
	ok(pwrite(fd, "7 4 3", 5, 0) == 5 &&
		   syscall(SYS_syslog, 8, NULL, 2) == 0 &&
		   get("kernel/printk")[0] == '3' &&
		   syscall(SYS_syslog, 6, NULL, 0) == 0 &&
		   get("kernel/printk")[0] == '3' &&
		   syscall(SYS_syslog, 7, NULL, 0) == 0,
	   "the third is the least for syslog(2)");
	ok(pwrite(fd, before, strlen(before), 0) > 0, "as before");
	close(fd);
}

/* --- names ---------------------------------------------------------------- */

static long names(int which)
{
	long n[6] = {0};

	sscanf(get("fs/dentry-state"), "%ld %ld %ld %ld %ld %ld", n, n + 1,
	       n + 2, n + 3, n + 4, n + 5);
	return n[which];
}

static void use_names(int nr)
{
	char path[40];
	int i;

	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "/home/none-%d-%d", getpid(), i);
		access(path, F_OK);
	}
}

static void pressure(void)
{
	long before;

	ok(!set("vm/drop_caches", "2") && names(2) == 45 && names(5) == 0,
	   "dentry-state has six numbers");
	before = names(0);
	use_names(300);
	ok(names(0) >= before + 300 && names(1) >= 300 && names(4) >= 300 &&
		   names(1) <= names(0) && names(4) <= names(1),
	   "300 names of nothing: all, unused, negative");
	ok(!set("vm/vfs_cache_pressure", "0") && !set("vm/drop_caches", "2") &&
		   names(4) >= 300,
	   "vfs_cache_pressure 0: they stay");
	ok(!set("vm/vfs_cache_pressure", "100") &&
		   !set("vm/drop_caches", "2") && names(4) < 300,
	   "100: they go");
	ok(refuses("vm/vfs_cache_pressure", "-1"), "no less than 0");
	use_names(50);
	before = names(4);
	put_file("/home/none-x", "");
	access("/home/none-x", F_OK);
	unlink("/home/none-x");
	ok(names(4) <= before + 5, "what was made is not negative");
}

/* --- the log -------------------------------------------------------------- */

static int log_has(const char *words)
{
	static char text[1 << 18];
	int n = syscall(SYS_syslog, 3, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	return !!strstr(text, words);
}

static int faults(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	quiet();
	raise(SIGSEGV);
	return 1;
}

static void fatal_signals(void)
{
	char words[40];

	syscall(SYS_syslog, 5, NULL, 0);
	ok(in_child(faults) == 128 + SIGSEGV && !log_has("fatal signal"),
	   "a signal that kills is not logged");
	ok(!set("kernel/print-fatal-signals", "1") &&
		   in_child(faults) == 128 + SIGSEGV &&
		   log_has("potentially unexpected fatal signal 11."),
	   "with print-fatal-signals it is");
	snprintf(words, sizeof(words), "Comm: settings_write");
	ok(log_has(words), "with the program's name");
	set("kernel/print-fatal-signals", "0");
}

/* --- who runs first ------------------------------------------------------- */

static int *first;

static int says(void)
{
	if (!*first)
		*first = 1;
	return 0;
}

static int child_first(void)
{
	pid_t pid;
	volatile int spin;

	*first = 0;
	pid = start_child(says);
	for (spin = 0; spin < 1000; spin++)
		;
	if (!*first)
		*first = 2;
	exit_code(pid);
	return *first == 1;
}

static void first_run(void)
{
	cpu_set_t cpus;
	int count = 0;
	int i;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	first = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (set("kernel/sched_child_runs_first", "1"))
		bail("sched_child_runs_first");
	for (i = 0; i < 20; i++)
		count += child_first();
	set("kernel/sched_child_runs_first", "0");
	ok(count >= 15, "sched_child_runs_first: it does");
}

/* --- /proc/sysrq-trigger -------------------------------------------------- */

static int key(const char *text)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);
	int ret;

	quiet();
	ret = write(fd, text, strlen(text));

	close(fd);
	return ret;
}

static int student_presses(void)
{
	return fails(open("/proc/sysrq-trigger", O_WRONLY), EACCES) ? 0 : 1;
}

static int realtime(void)
{
	struct sched_param param = {.sched_priority = 5};
	int tries;

	need(!syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
	need(key("n") == 1);
	for (tries = 0; syscall(SYS_sched_getscheduler, 0) && tries < 100;
	     tries++)
		sleep_ms(10);
	need(syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER);
	return 0;
}

static int kindly(void)
{
	need(setpriority(PRIO_PROCESS, 0, -5) == 0);
	need(key("n") == 1);
	need(getpriority(PRIO_PROCESS, 0) == 0);
	return 0;
}

static void keys(void)
{
	char before[70];
	char text[20];
	int fd;

	ok(in_child_as(STUDENT, student_presses) == 0,
	   "sysrq-trigger is root's");
	fd = open("/proc/sysrq-trigger", O_RDONLY);
	ok_errno(fd < 0 ? -1 : read(fd, text, 1), EIO, "it is not to be read");
	close(fd);
	syscall(SYS_syslog, 5, NULL, 0);
	ok(key("hb") == 2 && log_has("sysrq: HELP : loglevel(0-9) reboot(b) "
				     "crash(c) terminate-all-tasks(e) "
				     "memory-full-oom-kill(f) "
				     "kill-all-tasks(i) "),
	   "h: help; what follows the key is not looked at");
	ok(key("m") == 1 && log_has("sysrq: Show Memory") &&
		   log_has("total pagecache pages") && log_has("pages RAM"),
	   "m: memory");
	ok(key("w") == 1 && log_has("sysrq: Show Blocked State"),
	   "w: what is blocked");
	strcpy(before, get("kernel/printk"));
	ok(key("5") == 1 && get("kernel/printk")[0] == '5' &&
		   log_has("sysrq: Changing Loglevel") &&
		   log_has("sysrq: Loglevel set to 5"),
	   "5: the console's level");
	set("kernel/printk", before);
	ok(in_child(realtime) == 0 && in_child(kindly) == 0,
	   "n: realtime and nice tasks are like others");
	ok(key("s") == 1 && log_has("sysrq: Emergency Sync"), "s: sync");
	ok(!set("kernel/sysrq", "-1") && shows("kernel/sysrq", "-1\n") &&
		   !set("kernel/sysrq", "438") &&
		   shows("kernel/sysrq", "438\n"),
	   "kernel.sysrq takes any number");
}

int main(void)
{
	places();
	words();
	levels();
	pressure();
	fatal_signals();
	first_run();
	keys();
	return done_testing();
}
