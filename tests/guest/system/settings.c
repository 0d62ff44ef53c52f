/*
 * /proc/sys: which values are taken, and that they are obeyed, proc(5).
 */
#include "system/settings.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static char saved[100];

/* NAME takes VALUE, shows SHOWN; its old value comes back. */
static int takes(const char *name, const char *value, const char *shown)
{
	int good;

	strncpy(saved, get(name), sizeof(saved) - 1);
	good = !set(name, value) && !strncmp(get(name), shown, strlen(shown)) &&
	       get(name)[strlen(shown)] == '\n';
	return set(name, saved) ? 0 : good;
}

static void numbers(void)
{
	ok(takes("kernel/pid_max", "301", "301") &&
		   takes("kernel/pid_max", " 600 7\n", "600") &&
		   takes("kernel/pid_max", "0x400", "1024") &&
		   takes("kernel/pid_max", "4194304", "4194304"),
	   "pid_max: from 301, the first number counts, in any base");
	ok(refuses("kernel/pid_max", "300") &&
		   refuses("kernel/pid_max", "4194305") &&
		   refuses("kernel/pid_max", "500x") &&
		   refuses("kernel/pid_max", "x") &&
		   refuses("kernel/pid_max", "-1"),
	   "pid_max: EINVAL for others");
	ok(takes("kernel/threads-max", "1000000", "1000000") &&
		   refuses("kernel/threads-max", "0") &&
		   refuses("kernel/threads-max", "2147483648"),
	   "threads-max");
	ok(takes("vm/overcommit_memory", "2", "2") &&
		   refuses("vm/overcommit_memory", "3") &&
		   takes("vm/overcommit_ratio", "1000", "1000") &&
		   takes("vm/overcommit_ratio", "-1", "-1") &&
		   refuses("vm/overcommit_kbytes", "-1"),
	   "overcommit_memory, _ratio, _kbytes");
	ok(takes("kernel/dmesg_restrict", "1", "1") &&
		   refuses("kernel/dmesg_restrict", "2") &&
		   takes("kernel/kptr_restrict", "2", "2") &&
		   refuses("kernel/kptr_restrict", "3") &&
		   takes("kernel/randomize_va_space", "3", "3"),
	   "dmesg_restrict, kptr_restrict, randomize_va_space");
	ok(takes("fs/nr_open", "100001", "100001") &&
		   takes("fs/nr_open", "2147483584", "2147483584") &&
		   refuses("fs/nr_open", "63") &&
		   refuses("fs/nr_open", "2147483640"),
	   "nr_open");
	ok(takes("fs/protected_symlinks", "0", "0") &&
		   refuses("fs/protected_symlinks", "2") &&
		   refuses("fs/protected_hardlinks", "2") &&
		   takes("fs/protected_fifos", "2", "2") &&
		   refuses("fs/protected_fifos", "3") &&
		   refuses("fs/protected_regular", "3"),
	   "protected_*");
	ok(takes("fs/suid_dumpable", "2", "2") &&
		   refuses("fs/suid_dumpable", "3"),
	   "suid_dumpable");
	ok(takes("fs/pipe-max-size", "1", "4096") &&
		   takes("fs/pipe-max-size", "5000", "8192") &&
		   takes("fs/pipe-max-size", "2147483648", "2147483648") &&
		   refuses("fs/pipe-max-size", "2147483649") &&
		   refuses("fs/pipe-max-size", "-1"),
	   "pipe-max-size: rounded up");
	ok(takes("fs/pipe-user-pages-soft", "100", "100") &&
		   takes("fs/pipe-user-pages-hard", "100", "100") &&
		   refuses("fs/pipe-user-pages-soft", "-1"),
	   "pipe-user-pages");
	ok(refuses("fs/file-max", "-1") &&
		   takes("fs/file-max", "9223372036854775807",
			 "9223372036854775807") &&
		   refuses("fs/file-max", "9223372036854775808"),
	   "file-max");
	ok(!strcmp(get("kernel/arch"), "x86_64\n"), "arch");
	ok(fails(set("kernel/ngroups_max", "5"), EACCES),
	   "what cannot be set cannot be opened, even by root");
}

static int student_sets(void)
{
	need(fails(set("kernel/pid_max", "5000"), EACCES));
	need(fails(set("kernel/hostname", "x"), EACCES));
	need(fails(set("vm/drop_caches", "1"), EACCES));
	need(atoi(get("kernel/pid_max")) > 300);
	need(fails(set("kernel/ns_last_pid", "5000"), EPERM));
	return 0;
}

static int raise_nofile(int want)
{
	struct rlimit limit = {want, want};

	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int beyond_nr_open(void)
{
	need(!set("fs/nr_open", "1024"));
	need(fails(raise_nofile(1025), EPERM));
	need(!raise_nofile(1024));
	need(!set("fs/nr_open", "1048576"));
	need(!raise_nofile(1025));
	need(dup2(0, 1024) == 1024);
	return 0;
}

static int above_nr_open(void)
{
	need(!raise_nofile(5000));
	need(!set("fs/nr_open", "1024"));
	need(fails(fcntl(0, F_DUPFD, 4999), EMFILE));
	need(fails(dup2(0, 4999), EBADF));
	need(!set("fs/nr_open", "1048576"));
	need(dup2(0, 4999) == 4999);
	return 0;
}

static int suid_dumpable_counts(void)
{
	need(!set("fs/suid_dumpable", "2"));
	need(!setresuid(STUDENT, STUDENT, 0));
	need(prctl(PR_GET_DUMPABLE) == 2);
	need(!setresuid(0, 0, 0));
	need(!set("fs/suid_dumpable", "0"));
	need(!setresuid(STUDENT, STUDENT, 0));
	need(prctl(PR_GET_DUMPABLE) == 0);
	return 0;
}

static int threads_max_counts(void)
{
	pid_t pid;

	need(!set("kernel/threads-max", "5"));
	pid = fork();
	if (pid == 0)
		_exit(0);
	need(pid < 0 && errno == EAGAIN);
	return 0;
}

/* pid_max 400: every process gets a number below it, until none is left. */
static int few_pids(void)
{
	pid_t pid = 1;
	int made = 0;
	int low = 1;
	int i;

	need(!set("kernel/pid_max", "400") &&
	     !set("kernel/ns_last_pid", "350"));
	for (i = 0; i < 150; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		low &= pid > 1 && pid < 400;
		waitpid(pid, NULL, 0);
	}
	need(low);
	while (made < 400 && (pid = fork()) > 0)
		made++;
	if (pid == 0)
		sleep_forever();
	low = errno;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	need(pid < 0 && low == EAGAIN && made > 20 && made <= 100);
	return 0;
}

static int few_pids_group(void)
{
	setpgid(0, 0);
	return few_pids();
}

static void obeyed(void)
{
	pid_t pid;
	char old[20];

	ok(in_child_as(STUDENT, student_sets) == 0, "root alone may set them");
	ok(in_child(beyond_nr_open) == 0, "nr_open bounds RLIMIT_NOFILE");
	ok(in_child(above_nr_open) == 0, "and descriptors: EMFILE");
	set("fs/nr_open", "1048576");
	ok(in_child(suid_dumpable_counts) == 0,
	   "suid_dumpable is what a change of ids makes");
	set("fs/suid_dumpable", "0");
	strcpy(old, get("kernel/threads-max"));
	ok(in_child(threads_max_counts) == 0,
	   "threads-max: fork EAGAIN, even for root");
	set("kernel/threads-max", old);
	strcpy(old, get("kernel/pid_max"));
	ok(in_child(few_pids_group) == 0,
	   "pid_max: numbers below it, then fork EAGAIN");
	set("kernel/pid_max", old);
	ok(!set("kernel/ns_last_pid", "20000"), "ns_last_pid is set");
	pid = fork();
	if (pid == 0)
		_exit(0);
	exit_code(pid);
	ok(pid >= 20001 && pid < 20100, "the next process comes after it");
	ok(refuses("kernel/ns_last_pid", "-1"), "none below 0");
}

/* --- overcommit --- */

static long meminfo(const char *name)
{
	char *at = strstr(file_text("/proc/meminfo", text, sizeof(text)), name);

	return at ? atol(at + strlen(name) + 1) : -1;
}

static void *map_kib(long kib)
{
	return mmap(NULL, kib << 10, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int never_overcommits(void)
{
	long room;
	void *map;

	need(!set("vm/overcommit_memory", "2"));
	room = meminfo("CommitLimit") - meminfo("Committed_AS");
	need(room > 1000);
	need(map_kib(room + 10000) == MAP_FAILED && errno == ENOMEM);
	map = map_kib(room / 2);
	need(map != MAP_FAILED);
	need(meminfo("Committed_AS") > room / 2);
	need(!set("vm/overcommit_memory", "1"));
	need(map_kib(room * 4) != MAP_FAILED);
	need(!set("vm/overcommit_memory", "0"));
	need(map_kib(meminfo("MemTotal") * 2) == MAP_FAILED);
	return 0;
}

static int ratio_counts(void)
{
	long total = meminfo("MemTotal");
	long half = meminfo("CommitLimit");

	need(!set("vm/overcommit_ratio", "100"));
	need(meminfo("CommitLimit") > half * 19 / 10);
	need(!set("vm/overcommit_kbytes", "12344"));
	need(meminfo("CommitLimit") == 12344);
	need(total > 0);
	return 0;
}

static void overcommit(void)
{
	ok(in_child(never_overcommits) == 0,
	   "overcommit_memory: 2 to the limit, 1 all, 0 what could be");
	set("vm/overcommit_memory", "0");
	ok(in_child(ratio_counts) == 0, "CommitLimit by ratio or kbytes");
	set("vm/overcommit_kbytes", "0");
	set("vm/overcommit_ratio", "50");
}

/* --- pipes of a user --- */

static int capacity(int end)
{
	return fcntl(end, F_GETPIPE_SZ);
}

static int soft_limit(void)
{
	int a[2], b[2], c[2];

	need(!pipe(a) && capacity(a[0]) == 65536);
	need(!pipe(b) && capacity(b[0]) == 65536);
	need(!pipe(c) && capacity(c[0]) == 8192);
	need(fails(fcntl(c[0], F_SETPIPE_SZ, 65536), EPERM));
	need(fcntl(c[0], F_SETPIPE_SZ, 4096) == 4096);
	close(a[0]);
	close(a[1]);
	need(fcntl(c[0], F_SETPIPE_SZ, 16384) == 16384);
	return 0;
}

static int hard_limit(void)
{
	int a[2], b[2];

	need(!pipe(a));
	need(fails(pipe(b), ENFILE));
	need(fails(fcntl(a[0], F_SETPIPE_SZ, 131072), EPERM));
	return 0;
}

static int root_pipes(void)
{
	int a[2], b[2];

	need(!pipe(a) && !pipe(b) && capacity(b[0]) == 65536);
	need(fcntl(a[0], F_SETPIPE_SZ, 131072) == 131072);
	return 0;
}

static void pipes(void)
{
	set("fs/pipe-user-pages-soft", "32");
	ok(in_child_as(4711, soft_limit) == 0,
	   "over pipe-user-pages-soft pipes have two pages");
	set("fs/pipe-user-pages-soft", "0");
	set("fs/pipe-user-pages-hard", "20");
	ok(in_child_as(4712, hard_limit) == 0,
	   "over pipe-user-pages-hard there are none");
	ok(in_child(root_pipes) == 0, "root has no limits");
	set("fs/pipe-user-pages-hard", "0");
	set("fs/pipe-user-pages-soft", "16384");
}

int main(void)
{
	numbers();
	obeyed();
	overcommit();
	pipes();
	return done_testing();
}
