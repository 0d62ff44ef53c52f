/*
 * /proc: the files that ps, top, free, uptime, pstree and mount read, parsed
 * as these programs do.
 */
#include "tap.h"
#include <dirent.h>
#include <sys/mman.h>

static char text[65536];

/* Used, so that the counts of resident pages, kept roughly, are not 0. */
static char ballast[1 << 20];

static char *read_proc(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s", name);
	return file_text(path, text, sizeof(text));
}

/* field - the value behind `name:` in the text last read; -1 if not there. */
static long field(const char *name)
{
	char *place = strstr(text, name);

	if (!place || (place > text && place[-1] != '\n'))
		return -1;
	return atol(place + strlen(name) + 1);
}

static void own_stat(void)
{
	unsigned long virtual_size = 0;
	unsigned long start = 0;
	char name[32] = "";
	char state = 0;
	long threads = 0;
	long nice_value = -99;
	long rss = 0;
	int ids[5] = {0};
	int fields = 0;
	char *word;
	int got;

	read_proc("self/stat");
	got = sscanf(text,
		     "%d (%31[^)]) %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u"
		     " %*u %*d %*d %*d %ld %ld %*d %lu %lu %ld",
		     &ids[0], name, &state, &ids[1], &ids[2], &ids[3],
		     &nice_value, &threads, &start, &virtual_size, &rss);
	ok(got == 11 && ids[0] == getpid() && !strcmp(name, "proc") &&
		   state == 'R' && ids[1] == getppid() && ids[2] == getpgrp() &&
		   ids[3] == getsid(0),
	   "stat: pid, name, state, parent, group, session");
	ok(nice_value == 0 && threads == 1 && start > 0 &&
		   virtual_size > 50000 && virtual_size % 4096 == 0 && rss > 5,
	   "stat: nice, threads, start, sizes");
	for (word = strtok(text, " "); word; word = strtok(NULL, " "))
		fields++;
	ok(fields == 52, "stat: fifty-two fields");
}

static void own_status(void)
{
	read_proc("self/status");
	ok(!strncmp(text, "Name:\tproc\n", 11) &&
		   strstr(text, "State:\tR (running)\n") &&
		   field("Tgid") == getpid() && field("Pid") == getpid() &&
		   field("PPid") == getppid() && field("Threads") == 1,
	   "status: names and numbers");
	ok(strstr(text, "Uid:\t0\t0\t0\t0\n") &&
		   strstr(text, "Gid:\t0\t0\t0\t0\n"),
	   "status: users and groups");
	ok(field("VmSize") > 50 && field("VmRSS") > 20 &&
		   field("VmPeak") >= field("VmSize") && field("VmStk") > 0,
	   "status: sizes in kB");
	ok(strstr(text, "SigBlk:\t0000000000000000\n") &&
		   strstr(text, "SigPnd:\t") && strstr(text, "SigCgt:\t"),
	   "status: signals");
}

static void own_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR2, SIG_IGN);
	raise(SIGUSR1);
	read_proc("self/status");
	ok(strstr(text, "SigBlk:\t0000000000000200\n") &&
		   strstr(text, "SigPnd:\t0000000000000200\n") &&
		   strstr(text, "SigIgn:\t0000000000000800\n"),
	   "status: blocked, pending, ignored");
	signal(SIGUSR1, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void own_links(void)
{
	char target[128] = "";
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ok(readlink("/proc/self", target, 128) == (int)strlen(pid) &&
		   !strncmp(target, pid, strlen(pid)),
	   "/proc/self is the reader's");
	memset(target, 0, sizeof(target));
	ok(readlink("/proc/self/exe", target, 128) > 0 &&
		   !strcmp(target, "/tests/system/proc"),
	   "exe");
	memset(target, 0, sizeof(target));
	ok(readlink("/proc/self/cwd", target, 128) == 4 &&
		   !strcmp(target, "/tmp") &&
		   readlink("/proc/self/root", target, 128) == 1,
	   "cwd and root");
}

static void own_maps(void)
{
	unsigned long from;
	unsigned long to;
	unsigned long last = 0;
	unsigned long offset;
	char flags[8];
	char *memory;
	char *line;
	int good = 1;
	int here = 0;
	int lines = 0;
	int fd;

	memory = mmap(NULL, 3 * 4096, PROT_READ | PROT_EXEC,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	munmap(memory, 4096);
	read_proc("self/maps");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%lx-%lx %7s %lx", &from, &to, flags,
			   &offset) != 4 ||
		    from < last || to <= from || strlen(flags) != 4)
			good = 0;
		last = to;
		lines++;
		if ((char *)from == memory + 4096)
			here = to - from == 2 * 4096 &&
			       !strcmp(flags, "r-xs") && offset == 4096;
	}
	ok(good && lines > 5, "maps: in order, not overlapping");
	ok(here, "maps: a mapping with its flags and what is left of it");
	fd = open("/proc/self/comm", O_RDWR);
	ok(fails(pwrite(fd, "x", 1, 0), ESPIPE) && write(fd, "proc", 4) == 4 &&
		   pread(fd, flags, 2, 2) == 2 && !memcmp(flags, "oc", 2),
	   "a file of records is read from anywhere, written in order");
	close(fd);
	munmap(memory, 3 * 4096);
}

static void of_others(void)
{
	char path[64];
	char name[32] = "";
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	int processes = 0;
	int found_init = 0;
	int found_self = 0;

	while ((entry = readdir(folder)) != NULL) {
		int pid = atoi(entry->d_name);

		if (pid <= 0)
			continue;
		processes++;
		found_init |= pid == 1;
		found_self |= pid == getpid();
	}
	closedir(folder);
	ok(processes >= 3 && found_init && found_self,
	   "a folder for each process");
	read_proc("1/stat");
	sscanf(text, "%*d (%31[^)])", name);
	ok(!strcmp(name, "init"), "init's stat");
	read_proc("1/cmdline");
	ok(strstr(text, "init") != NULL, "init's cmdline");
	snprintf(path, sizeof(path), "/proc/%d", 1 << 21);
	ok_errno(access(path, F_OK), ENOENT, "no folder for no process");
	ok_errno(open("/proc/self/none", O_RDONLY), ENOENT, "no such file");
	ok(unlink("/proc/self/stat") < 0 && mkdir("/proc/x", 0755) < 0,
	   "nothing is made or removed");
}

static int lists_as_student(void)
{
	char target[64];

	need(fails(readlink("/proc/1/exe", target, 64), EACCES));
	need(open("/proc/1/environ", O_RDONLY) < 0 && errno == EACCES);
	need(fails(open("/proc/1/fd", O_RDONLY), EACCES));
	need(*read_proc("1/stat") && *read_proc("1/cmdline"));
	return 0;
}

static void of_system(void)
{
	double up = 0;
	double idle = -1;
	double loads[3];
	int running = 0;
	int all = 0;
	int last = 0;

	sscanf(read_proc("uptime"), "%lf %lf", &up, &idle);
	ok(up > 0.1 && idle >= 0, "uptime");
	ok(sscanf(read_proc("loadavg"), "%lf %lf %lf %d/%d %d", &loads[0],
		  &loads[1], &loads[2], &running, &all, &last) == 6 &&
		   running >= 1 && all >= running && last >= getpid(),
	   "loadavg");
	read_proc("meminfo");
	ok(field("MemTotal") > 10000 && field("MemFree") > 1000 &&
		   field("MemFree") < field("MemTotal") &&
		   field("MemAvailable") > 1000 && field("Buffers") >= 0 &&
		   field("Cached") >= 0 && field("SwapTotal") == 0,
	   "meminfo");
	read_proc("stat");
	ok(!strncmp(text, "cpu  ", 5) && strstr(text, "\ncpu0 ") &&
		   strstr(text, "\nctxt ") && strstr(text, "\nbtime ") &&
		   strstr(text, "\nprocesses ") && strstr(text, "\nintr "),
	   "stat");
	read_proc("cpuinfo");
	ok(strstr(text, "processor\t: 0\n") && strstr(text, "flags\t"),
	   "cpuinfo");
	ok(strstr(read_proc("version"), "Linux version 6.1.") == text,
	   "version");
	ok(strstr(read_proc("cmdline"), "console=ttyS0") != NULL, "cmdline");
	read_proc("filesystems");
	ok(strstr(text, "\text2\n") && strstr(text, "nodev\ttmpfs\n") &&
		   strstr(text, "nodev\tproc\n"),
	   "filesystems");
	ok(strstr(read_proc("mounts"), " / ext2 rw,") &&
		   strstr(text, "proc /proc proc rw,"),
	   "mounts");
	ok(strstr(read_proc("devices"), "Character devices:\n  1 mem\n") &&
		   strstr(text, "\nBlock devices:\n"),
	   "devices");
	ok(strstr(read_proc("tty/drivers"),
		  "pty_slave            /dev/pts"
		  "      136 0-1048575 pty:slave\n") &&
		   strstr(text, "serial               /dev/ttyS       4 64-") &&
		   strstr(read_proc("tty/ldiscs"), "n_tty       0\n") == text,
	   "tty/drivers, tty/ldiscs");
	ok(strstr(read_proc("partitions"), " vda\n") != NULL, "partitions");
}

static void settings(void)
{
	ok(!strcmp(read_proc("sys/kernel/ostype"), "Linux\n"),
	   "sys/kernel/ostype");
	ok(!strncmp(read_proc("sys/kernel/osrelease"), "6.1.", 4),
	   "sys/kernel/osrelease");
	ok(atoi(read_proc("sys/kernel/pid_max")) >= 32768,
	   "sys/kernel/pid_max");
	ok(strlen(read_proc("sys/kernel/random/uuid")) == 37,
	   "sys/kernel/random/uuid");
}

int main(void)
{
	memset(ballast, 1, sizeof(ballast));
	__asm__ volatile("" : : "r"(ballast) : "memory");
	own_stat();
	own_status();
	own_signals();
	own_links();
	own_maps();
	of_others();
	ok(in_child_as(STUDENT, lists_as_student) == 0,
	   "users may not look into root's processes");
	of_system();
	settings();
	return done_testing();
}
