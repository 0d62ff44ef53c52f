/*
 * /proc/PID: formats, what may be written, and who may look, proc(5).
 */
#include "tap.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define PAGE 4096

static char text[16384];

static char *of(pid_t pid, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return file_text(path, text, sizeof(text));
}

/* errno of opening and reading PID's NAME, 0: it can be read. */
static int reading(pid_t pid, const char *name)
{
	char path[80];
	char byte;
	int err = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return errno;
	if (read(fd, &byte, 1) < 0)
		err = errno;
	close(fd);
	return err;
}

static int write_text(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);
	int ret;

	if (fd < 0)
		return -1;
	ret = write(fd, what, strlen(what));
	close(fd);
	return ret;
}

/* --- syscall, wchan, stack --- */

static int reads_pipe(void)
{
	int pipes[2];
	char byte;

	need(!pipe(pipes));
	need(dup2(pipes[0], 77) == 77);
	syscall(SYS_read, 77, &byte, 1);
	return 0;
}

static int spins(void)
{
	for (;;)
		;
	return 0;
}

static void where_it_is(void)
{
	unsigned long v[8];
	long nr;
	pid_t pid = start_child(reads_pipe);

	need(wait_for_state(pid, 'S'));
	ok(sscanf(of(pid, "syscall"),
		  "%ld 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n", &nr,
		  v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) == 9 &&
		   nr == SYS_read && v[0] == 77 && v[2] == 1 && v[6] && v[7],
	   "syscall: number, arguments, stack pointer, instruction");
	ok(!strcmp(of(pid, "wchan"), "pipe_read"), "wchan: where it sleeps");
	ok(!strncmp(of(pid, "stack"), "[<0>] pipe_read+0x", 18),
	   "stack: the same, without the scheduler");
	end_child(pid);
	pid = start_child(spins);
	sleep_ms(100);
	ok(!strcmp(of(pid, "syscall"), "running\n"), "syscall: running");
	ok(!strcmp(of(pid, "wchan"), "0"), "wchan: 0");
	end_child(pid);
	ok(!strncmp(of(getpid(), "syscall"), "0 0x", 4), "its own: a read");
	ok(!strcmp(of(2, "syscall"), "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n"),
	   "of a kernel thread: zeros");
}

/* --- oom_adj --- */

static int adj(const char *name)
{
	return atoi(of(getpid(), name));
}

static int student_oom(void)
{
	prctl(PR_SET_DUMPABLE, 1);
	need(write_text("/proc/self/oom_score_adj", "300") == 3);
	need(write_text("/proc/self/oom_score_adj", "0") == 1);
	need(fails(write_text("/proc/self/oom_score_adj", "-1"), EACCES));
	need(write_text("/proc/self/oom_adj", "5") == 1);
	need(fails(write_text("/proc/self/oom_adj", "4"), EACCES));
	return 0;
}

static void oom_values(void)
{
	ok(write_text("/proc/self/oom_score_adj", "-500\n") == 5 &&
		   adj("oom_score_adj") == -500 && adj("oom_adj") == -8,
	   "oom_score_adj and its shadow oom_adj");
	ok(write_text("/proc/self/oom_adj", "15") == 2 &&
		   adj("oom_score_adj") == 1000 && adj("oom_adj") == 15,
	   "oom_adj 15 is 1000");
	ok(write_text("/proc/self/oom_adj", "-17") == 3 &&
		   adj("oom_score_adj") == -1000,
	   "-17 is -1000");
	ok_errno(write_text("/proc/self/oom_adj", "16"), EINVAL, "16");
	ok_errno(write_text("/proc/self/oom_adj", "-18"), EINVAL, "-18");
	ok_errno(write_text("/proc/self/oom_score_adj", "1001"), EINVAL,
		 "1001");
	ok_errno(write_text("/proc/self/oom_score_adj", "x"), EINVAL,
		 "no number");
	need(write_text("/proc/self/oom_score_adj", "0") > 0);
	ok(in_child_as(STUDENT, student_oom) == 0,
	   "a user may raise, and lower no further than root set");
}

/* --- pagemap, clear_refs, map_files --- */

static unsigned long long entry_of(int fd, void *address)
{
	unsigned long long entry = 1;

	if (pread(fd, &entry, 8, (unsigned long)address / PAGE * 8) != 8)
		return 1;
	return entry;
}

static int student_pagemap(void)
{
	int fd;
	int here = 0;

	prctl(PR_SET_DUMPABLE, 1);
	fd = open("/proc/self/pagemap", O_RDONLY);
	need(fd >= 0);
	need(entry_of(fd, &here) >> 63);
	need((entry_of(fd, &here) & ((1ULL << 55) - 1)) == 0);
	return 0;
}

static void rollup(void)
{
	long all = -1, anon = -1, file = -1, shmem = -1;
	char *at = strstr(of(getpid(), "smaps_rollup"), "Pss:");

	if (at)
		sscanf(at,
		       "Pss: %ld kB Pss_Dirty: %*d kB Pss_Anon: %ld kB "
		       "Pss_File: %ld kB Pss_Shmem: %ld",
		       &all, &anon, &file, &shmem);
	ok(anon > 0 && file >= 0 && shmem >= 0 && file + shmem > 0 &&
		   labs(all - anon - file - shmem) < 4,
	   "smaps_rollup: Pss is anonymous, of files, and shared memory");
}

static void pages(void)
{
	char *area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned long long entries[3];
	struct stat st;

	area[PAGE] = 1;
	ok(pread(fd, entries, 24, (unsigned long)area / PAGE * 8) == 24 &&
		   !(entries[0] >> 63) && entries[1] >> 63 &&
		   !(entries[2] >> 63),
	   "pagemap: bit 63 tells which pages are there");
	ok((entries[1] & ((1ULL << 55) - 1)) && (entries[1] >> 56 & 1) &&
		   !(entries[1] >> 61 & 1),
	   "root sees the frame; private, mapped once");
	ok(entry_of(fd, (void *)pages) >> 61 & 1, "text is a file's");
	ok_errno(pread(fd, entries, 7, 0), EINVAL, "not of whole entries");
	ok_errno(pread(fd, entries, 8, 4), EINVAL, "nor between them");
	ok(pread(fd, entries, 8, (1ULL << 57) / PAGE * 8) == 0 &&
		   pread(fd, entries, 0, 0) == 0,
	   "nothing beyond the end");
	close(fd);
	ok(in_child_as(STUDENT, student_pagemap) == 0, "a user sees no frames");
	rollup();
	ok(stat("/proc/self/stat", &st) == 0 && st.st_blksize == 1024 &&
		   stat("/proc", &st) == 0 && st.st_blksize == 1024 &&
		   stat("/dev/pts", &st) == 0 && st.st_blksize == 1024,
	   "blocks of proc and devpts have 1024 bytes");
	ok(write_text("/proc/self/clear_refs", "1") == 1, "clear_refs 1");
	ok(write_text("/proc/self/clear_refs", "5\n") == 2, "clear_refs 5");
	ok_errno(write_text("/proc/self/clear_refs", "6"), EINVAL, "not 6");
	ok_errno(write_text("/proc/self/clear_refs", "0"), EINVAL, "not 0");
	munmap(area, 3 * PAGE);
}

static void mapped_files(void)
{
	char path[100], target[100];
	char *line = of(getpid(), "maps");
	unsigned long start, end;
	struct stat a, b;
	int n;

	sscanf(line, "%lx-%lx", &start, &end);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", start,
		 end);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = 0;
	ok(n > 0 && strstr(line, target), "map_files/A-B links to the file");
	ok(!stat(path, &a) && !stat("/proc/self/exe", &b) &&
		   a.st_ino == b.st_ino,
	   "and leads there");
	ok(!lstat(path, &a) && (a.st_mode & 07777) == 0400 && a.st_size == 64,
	   "its mode is how it is open");
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", start,
		 end + PAGE);
	ok_errno(readlink(path, target, sizeof(target)), ENOENT,
		 "no such mapping");
	snprintf(path, sizeof(path), "/proc/self/map_files/0%lx-%lx", start,
		 end);
	ok_errno(readlink(path, target, sizeof(target)), ENOENT,
		 "no leading zeros");
}

/* --- who may look --- */

static long kib_of(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? atol(line + strlen(name)) : -10000;
}

static void shares(void)
{
	char text[4096];
	char *memory = mmap(NULL, 64 << 12, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long sum;

	memset(memory, 1, 64 << 12);
	file_text("/proc/self/smaps_rollup", text, sizeof(text));
	sum = kib_of(text, "\nPss_Anon:") + kib_of(text, "\nPss_File:") +
	      kib_of(text, "\nPss_Shmem:");
	ok(sum >= kib_of(text, "\nPss:") - 3 && sum <= kib_of(text, "\nPss:") &&
		   kib_of(text, "\nPss_Shmem:") >= 256,
	   "smaps_rollup: Pss of each kind of page");
	munmap(memory, 64 << 12);
}

static int has_odd_name(void)
{
	char text[4096];

	need(prctl(PR_SET_NAME, "a\\b\nc\td") == 0);
	file_text("/proc/self/status", text, sizeof(text));
	need(!strncmp(text, "Name:\ta\\\\b\\nc\td\n", 16));
	return 0;
}

static pid_t other;

static int looks_at_other(void)
{
	char path[80], buf[10];

	need(reading(other, "stat") == 0);
	need(reading(other, "status") == 0);
	need(reading(other, "cmdline") == 0);
	need(reading(other, "limits") == 0);
	need(reading(other, "statm") == 0);
	need(reading(other, "comm") == 0);
	need(reading(other, "wchan") == 0 && !strcmp(of(other, "wchan"), "0"));
	need(reading(other, "maps") == EACCES);
	need(reading(other, "smaps") == EACCES);
	need(reading(other, "smaps_rollup") == EACCES);
	need(reading(other, "environ") == EACCES);
	need(reading(other, "auxv") == EACCES);
	need(reading(other, "mem") == EACCES);
	need(reading(other, "pagemap") == EACCES);
	need(reading(other, "io") == EACCES);
	need(reading(other, "stack") == EACCES);
	need(reading(other, "syscall") == EACCES);
	need(reading(other, "personality") == EACCES);
	need(reading(other, "fdinfo/0") == EACCES);
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/0", (int)other);
	need(fails(access(path, F_OK), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)other);
	need(fails(readlink(path, buf, sizeof(buf)), EACCES));
	need(fails(open(path, O_RDONLY), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)other);
	need(fails(readlink(path, buf, sizeof(buf)), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)other);
	need(fails(open(path, O_RDONLY), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/map_files", (int)other);
	need(fails(open(path, O_RDONLY), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)other);
	need(fails(open(path, O_WRONLY), EACCES));
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)other);
	need(fails(open(path, O_WRONLY), EACCES));
	return 0;
}

static int sleeper(void)
{
	sleep_forever();
	return 0;
}

/* The fields of stat that tell addresses are 0 or 1 to others. */
static int stat_hides(void)
{
	unsigned long f[60];
	char *at = strrchr(of(other, "stat"), ')') + 4;
	int n;

	for (n = 4; n < 53; n++)
		f[n] = strtoul(at, &at, 10);
	need(f[26] == 1 && f[27] == 1 && f[28] == 0);
	need(f[45] == 0 && f[51] == 0);
	return 0;
}

static int own_but_undumpable(void)
{
	char path[80];
	struct stat st;

	prctl(PR_SET_DUMPABLE, 1);
	other = start_child(sleeper);
	need(wait_for_state(other, 'S'));
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)other);
	need(reading(other, "maps") == 0);
	need(!stat(path, &st) && st.st_uid == STUDENT && st.st_gid == STUDENT);
	end_child(other);

	other = fork();
	if (!other) {
		prctl(PR_SET_DUMPABLE, 0);
		sleep_forever();
	}
	need(wait_for_state(other, 'S'));
	need(!stat(path, &st) || errno == ENOENT);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)other);
	need(!stat(path, &st) && st.st_uid == 0 && st.st_gid == 0);
	snprintf(path, sizeof(path), "/proc/%d", (int)other);
	need(!stat(path, &st) && st.st_uid == STUDENT);
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)other);
	need(!stat(path, &st) && st.st_uid == 0);
	need(reading(other, "maps") == EACCES);
	need(reading(other, "environ") == EACCES);
	need(reading(other, "stat") == 0);
	end_child(other);
	return 0;
}

static void permissions(void)
{
	other = start_child(sleeper);
	need(wait_for_state(other, 'S'));
	ok(in_child_as(STUDENT, looks_at_other) == 0,
	   "what another user may and may not read");
	ok(in_child_as(STUDENT, stat_hides) == 0,
	   "stat hides addresses from others");
	end_child(other);
	ok(in_child_as(STUDENT, own_but_undumpable) == 0,
	   "what is not dumpable belongs to root, even one's own");
}

/* --- comm, children, task --- */

static void *sleeps(void *arg)
{
	*(volatile pid_t *)arg = syscall(SYS_gettid);
	sleep_forever();
	return NULL;
}

static void threads(void)
{
	volatile pid_t tid = 0;
	char path[100];
	pthread_t thread;
	struct stat st;
	pid_t child;

	pthread_create(&thread, NULL, sleeps, (void *)&tid);
	while (!tid)
		sleep_ms(1);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)tid);
	ok(write_text(path, "a thread's name that is long\n") == 29 &&
		   !strcmp(file_text(path, text, 100), "a thread's name\n"),
	   "comm of a thread can be written, cut to 15");
	ok(strcmp(of(getpid(), "comm"), "a thread's name\n"),
	   "the process keeps its own");
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	ok(!access(path, F_OK), "a thread's id is found in /proc");
	ok(!stat("/proc/self/task", &st) && st.st_nlink == 4,
	   "task has a link for each thread");
	child = start_child(sleeper);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		 (int)getpid());
	ok(atoi(file_text(path, text, 100)) == child && strchr(text, ' '),
	   "children of the thread that made them");
	end_child(child);
	snprintf(path, sizeof(path), "/proc/%d/comm", 1);
	ok_errno(write_text(path, "x"), EINVAL, "not another process's comm");
	kill(getpid(), 0);
}

/* --- states --- */

static int stops(void)
{
	raise(SIGSTOP);
	return 0;
}

static int vforks(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		sleep_ms(2000);
		_exit(0);
	}
	return 0;
}

static int says(pid_t pid, const char *state)
{
	char *at = strstr(of(pid, "status"), "State:\t");

	return at && !strncmp(at + 7, state, strlen(state));
}

static void states(void)
{
	pid_t pid = start_child(stops);

	ok(wait_for_state(pid, 'T') && says(pid, "T (stopped)\n"),
	   "T: stopped");
	kill(pid, SIGCONT);
	ok(wait_for_state(pid, 'Z') && says(pid, "Z (zombie)\n"),
	   "Z: a zombie");
	ok(!*of(pid, "cmdline") && !*of(pid, "maps") &&
		   !strcmp(of(pid, "statm"), "0 0 0 0 0 0 0\n"),
	   "which has no memory");
	ok(reading(pid, "mounts") == EINVAL &&
		   reading(pid, "mountinfo") == EINVAL,
	   "and sees no mounts");
	exit_code(pid);
	ok(reading(pid, "stat") == ENOENT, "reaped: gone");
	pid = start_child(vforks);
	ok(wait_for_state(pid, 'D') && says(pid, "D (disk sleep)\n"),
	   "D: a parent in vfork");
	end_child(pid);
	pid = start_child(sleeper);
	ok(wait_for_state(pid, 'S') && says(pid, "S (sleeping)\n"),
	   "S: asleep");
	end_child(pid);
	pid = start_child(spins);
	ok(wait_for_state(pid, 'R') && says(pid, "R (running)\n"), "R: runs");
	end_child(pid);
	ok(!strncmp(of(2, "stat"), "2 (kthreadd) S 0 0 0 0 -1 ", 26),
	   "2 is kthreadd, child of 0");
}

/* Every process is a child of 2, or a program's. */
static void kernel_threads(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	int idle = 0, wrong = 0;
	const char *rest;
	char state;
	int ppid;
	pid_t pid;

	while ((d = readdir(dir))) {
		pid = atoi(d->d_name);
		if (pid <= 2)
			continue;
		/* A worker may have ended meanwhile. */
		rest = strrchr(of(pid, "stat"), ')');
		if (!rest || sscanf(rest + 1, " %c %d", &state, &ppid) != 2)
			continue;
		if (!*of(pid, "cmdline") && ppid != 2 && state != 'Z')
			wrong++;
		if (ppid == 2 && state == 'I')
			idle++;
	}
	closedir(dir);
	ok(!wrong, "kthreadd is the parent of every kernel thread");
	ok(idle > 0, "I: idle workers");
}

/* --- setgroups ------------------------------------------------------------ */

static int put_word(const char *word)
{
	int fd = open("/proc/self/setgroups", O_WRONLY);
	int ret = write(fd, word, strlen(word));

	close(fd);
	return ret;
}

static int student_opens(void)
{
	char word[10];

	need(fails(open("/proc/self/setgroups", O_WRONLY), EACCES));
	need(!strcmp(file_text("/proc/self/setgroups", word, sizeof(word)),
		     "allow\n"));
	return 0;
}

static void setgroups_file(void)
{
	ok(put_word("allow\n") == 6, "setgroups: allowed as it is");
	ok_errno(put_word("deny"), EPERM, "it cannot be denied here");
	ok_errno(put_word("x"), EINVAL, "another word");
	ok_errno(put_word("allowx"), EINVAL, "more than the word");
	ok_errno(put_word("allow   "), EINVAL, "too long");
	ok(in_child_as(STUDENT, student_opens) == 0, "users only read it");
	ok(!access("/proc/thread-self/setgroups", W_OK), "threads have it");
}

int main(void)
{
	where_it_is();
	oom_values();
	pages();
	mapped_files();
	permissions();
	states();
	kernel_threads();
	threads();
	setgroups_file();
	shares();
	ok(in_child(has_odd_name) == 0,
	   "status: of a name \\ and \\n are shown so");
	return done_testing();
}
