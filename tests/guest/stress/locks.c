/*
 * The kernel's locks, nested in every way that one program can bring about:
 * calls that hold one thing and take another, from many processes and threads,
 * with timers running out meanwhile.  Each rule is of what the program sees;
 * a debug build stops the machine where the order of two locks is wrong.
 */
#include "pty.h"
#include "tap.h"
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define WORKERS 3

static int worker;
static char here[100];

/* Run BODY in WORKERS children at once; how many succeeded. */
static int workers(int (*body)(void))
{
	pid_t pids[WORKERS];
	int good = 0;

	for (worker = 0; worker < WORKERS; worker++)
		pids[worker] = start_child(body);
	for (worker = 0; worker < WORKERS; worker++)
		good += exit_code(pids[worker]) == 0;
	return good;
}

/* --- threads -------------------------------------------------------------- */

static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *count(void *unused)
{
	int i;

	for (i = 0; i < 1000; i++) {
		pthread_mutex_lock(&counter_lock);
		counter++;
		if (i % 50 == 0)
			sched_yield();
		pthread_mutex_unlock(&counter_lock);
	}
	return unused;
}

static void *map_some(void *unused)
{
	char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED) {
		memset(memory, 1, 65536);
		munmap(memory, 65536);
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
	}
	return unused;
}

/* COUNT threads of BODY at once; false if one cannot be had. */
static int threads(int number, void *(*body)(void *))
{
	pthread_t thread[16];
	int good = 1;
	int made;
	int i;

	for (made = 0; made < number; made++)
		if (pthread_create(&thread[made], NULL, body, NULL))
			break;
	for (i = 0; i < made; i++)
		good &= pthread_join(thread[i], NULL) == 0;
	return good && made == number;
}

static void in_threads(void)
{
	int round;
	int good = 1;

	counter = 0;
	ok(threads(4, count) && counter == 4000,
	   "a mutex lets one of four threads in at a time");
	counter = 0;
	for (round = 0; round < 4; round++)
		good &= threads(16, map_some);
	ok(good && counter == 64, "threads map and unmap beside each other");
}

/* --- timers --------------------------------------------------------------- */

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void every_ms(int which, long usec)
{
	struct itimerval value = {{0, usec}, {0, usec}};

	need(setitimer(which, &value, NULL) == 0);
}

/* Calls that hold a task's or a file system's locks, with a timer every
 * millisecond. */
static int timers_and_locks(void)
{
	long until = now_ms() + 300;
	char name[16];
	mode_t mask;

	signal(SIGALRM, on_alarm);
	signal(SIGPROF, on_alarm);
	every_ms(ITIMER_REAL, 1000);
	every_ms(ITIMER_PROF, 2000);
	while (now_ms() < until) {
		snprintf(name, sizeof(name), "w%d", worker);
		need(prctl(PR_SET_NAME, name) == 0);
		mask = umask(022);
		umask(mask);
		need(chdir("/") == 0);
		need(setpriority(PRIO_PROCESS, 0, 1) == 0);
		need(setresuid(-1, 0, -1) == 0);
		kill(getpid(), 0);
		kill(getppid(), 0);
		getsid(0);
		if (fork() == 0)
			_exit(0);
		while (wait(NULL) < 0 && errno == EINTR)
			;
	}
	return alarms == 0;
}

static void *exec_wait(void *self)
{
	execl(self, "locks", "wait", NULL);
	_exit(1);
}

/* Another thread than the first runs a program while a timer runs. */
static int exec_with_timer(void)
{
	pthread_t thread;

	every_ms(ITIMER_REAL, 30000);
	need(pthread_create(&thread, NULL, count, NULL) == 0);
	need(pthread_create(&thread, NULL, exec_wait, "/proc/self/exe") == 0);
	sleep_forever();
}

static void with_timers(void)
{
	int i;
	int good = 0;

	ok(workers(timers_and_locks) == WORKERS,
	   "timers run out while a task's locks are held");
	for (i = 0; i < 5; i++)
		good += in_child(exec_with_timer) == 128 + SIGALRM;
	ok(good == 5, "a timer finds its process after exec by a thread");
}

/* --- files ---------------------------------------------------------------- */

static int lock_ranges(void)
{
	struct flock range = {.l_whence = SEEK_SET, .l_len = 2};
	int fd = open("locked", O_RDWR | O_CREAT, 0600);
	int i;

	for (i = 0; i < 40; i++) {
		range.l_type = F_WRLCK;
		range.l_start = i % 7;
		need(fcntl(fd, F_SETLKW, &range) == 0);
		range.l_type = F_UNLCK;
		need(fcntl(fd, F_SETLK, &range) == 0);
		need(flock(fd, LOCK_EX) == 0);
		need(flock(fd, LOCK_UN) == 0);
	}
	return 0;
}

/* Names and folders change places under others' feet: only the kernel's own
 * trouble would be an error. */
static int move_about(void)
{
	char path[200];
	int i;

	for (i = 0; i < 60; i++) {
		rename("one/d", "two/d");
		rename("two/d", "one/d");
		syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 2);
		close(open("one/f", O_CREAT | O_RDWR, 0600));
		link("one/f", "two/f");
		unlink("one/f");
		unlink("two/f");
		need(getcwd(path, sizeof(path)) != NULL);
	}
	return 0;
}

static char *shared;

static int touch_shared(void)
{
	int i;

	for (i = 0; i < 1 << 18; i += 4096)
		shared[i + worker] = 1;
	return msync(shared, 1 << 18, MS_SYNC) != 0;
}

static void map_and_cut(void)
{
	int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *memory;
	int good;

	good = ftruncate(fd, 1 << 18) == 0;
	shared = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	good &= shared != MAP_FAILED && workers(touch_shared) == WORKERS;
	good &= ftruncate(fd, 4096) == 0;
	/* The file's page is the source, the target, or both. */
	good &= pwrite(fd, shared, 4096, 4096) == 4096;
	good &= pread(fd, shared, 4096, 4096) == 4096;
	good &= madvise(shared, 4096, MADV_DONTNEED) == 0;
	memory = mremap(shared, 1 << 18, 1 << 19, MREMAP_MAYMOVE);
	good &= memory != MAP_FAILED && memory[WORKERS - 1] == 1;
	good &= munmap(memory, 1 << 19) == 0 && close(fd) == 0;
	ok(good, "a file that is mapped is written, synced and cut");
}

static void files(void)
{
	ok(workers(lock_ranges) == WORKERS, "locks of ranges and whole files");
	mkdir("one", 0700);
	mkdir("two", 0700);
	mkdir("one/d", 0700);
	ok(workers(move_about) == WORKERS,
	   "folders change places while others work in them");
	map_and_cut();
}

/* --- pipes ---------------------------------------------------------------- */

static int run_true(void)
{
	execl("/bin/busybox", "true", NULL);
	return 1;
}

static void splices(void)
{
	char text[16] = "";
	int a[2];
	int b[2];
	int fd = open("spliced", O_RDWR | O_CREAT | O_TRUNC, 0600);
	loff_t start = 0;

	if (pipe(a) || pipe(b) || write(a[1], "hello", 5) != 5)
		bail("pipe");
	ok(tee(a[0], b[1], 5, 0) == 5 &&
		   splice(a[0], NULL, b[1], NULL, 5, 0) == 5,
	   "pages go from pipe to pipe");
	ok(splice(b[0], NULL, fd, NULL, 10, 0) == 10 &&
		   splice(fd, &start, a[1], NULL, 10, 0) == 10 &&
		   read(a[0], text, 16) == 10 &&
		   !memcmp(text, "hellohello", 10),
	   "from a pipe to a file and back");
	ok(fails(splice(a[0], NULL, a[1], NULL, 5, 0), EINVAL) &&
		   fails(tee(b[0], b[1], 5, 0), EINVAL),
	   "a pipe is not spliced to itself");
	close(fd);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
}

/* What is behind the pipe has locks of its own: a terminal, a FIFO. */
static void splices_to_others(void)
{
	struct pty pty;
	char text[16] = "";
	int a[2];
	int fifo;

	if (pipe(a) || write(a[1], "hello", 5) != 5 || mkfifo("fifo", 0600))
		bail("pipe");
	pty_open(&pty);
	ok(splice(a[0], NULL, pty.slave, NULL, 5, 0) == 5 &&
		   read(pty.master, text, 16) == 5 && !memcmp(text, "hello", 5),
	   "from a pipe to a terminal");
	fifo = open("fifo", O_RDWR);
	ok(write(a[1], "again", 5) == 5 &&
		   splice(a[0], NULL, fifo, NULL, 5, 0) == 5 &&
		   read(fifo, text, 16) == 5 && !memcmp(text, "again", 5),
	   "from a pipe to a FIFO");
	close(fifo);
	pty_close(&pty);
	close(a[0]);
	close(a[1]);
}

static void pipes(void)
{
	char byte;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		bail("pipe");
	child = start_child(run_true);
	close(ends[1]);
	ok(read(ends[0], &byte, 1) == 0 && exit_code(child) == 0,
	   "exec closes a pipe, its reader hears of it");
	close(ends[0]);
	if (pipe2(ends, O_NONBLOCK))
		bail("pipe");
	ok(fails(read(ends[0], &byte, 1), EAGAIN) && close(ends[1]) == 0 &&
		   read(ends[0], &byte, 1) == 0,
	   "close is done when it returns");
	close(ends[0]);
	splices();
	splices_to_others();
}

/* --- last references ------------------------------------------------------ */

/* A tmpfs with a file of two pages in it, which is mapped and not open. */
static char *mapped_on_tmpfs(void)
{
	char *memory;
	int fd;

	mkdir("mnt", 0700);
	if (mount("t", "mnt", "tmpfs", 0, "size=1m"))
		bail("mount");
	fd = open("mnt/file", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, 8192))
		bail("mnt/file");
	memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	memory[0] = memory[4096] = 1;
	close(fd);
	return memory;
}

static int exit_with_mapping(void)
{
	mapped_on_tmpfs();
	return umount2("mnt", MNT_DETACH) != 0;
}

static void last_references(void)
{
	struct statvfs before;
	struct statvfs after;
	char *memory = mapped_on_tmpfs();
	int fd;

	ok(statvfs("mnt", &before) == 0 && unlink("mnt/file") == 0 &&
		   munmap(memory, 8192) == 0 && statvfs("mnt", &after) == 0 &&
		   after.f_bfree == before.f_bfree + 2,
	   "munmap gives back the pages of a removed file");
	ok(umount("mnt") == 0, "then nothing holds the file system");

	memory = mapped_on_tmpfs();
	ok(umount2("mnt", MNT_DETACH) == 0 && memory[4096] == 1 &&
		   munmap(memory, 8192) == 0,
	   "munmap is the last use of a detached file system");
	ok(in_child(exit_with_mapping) == 0, "exit is the last use of another");

	memory = mapped_on_tmpfs();
	fd = open("mnt/file", O_RDONLY);
	munmap(memory, 8192);
	ok(umount2("mnt", MNT_DETACH) == 0 && close(fd) == 0,
	   "close is the last use of a third");
}

static int mount_and_leave(void)
{
	char name[16];
	int i;

	snprintf(name, sizeof(name), "mnt%d", worker);
	need(mkdir(name, 0700) == 0);
	for (i = 0; i < 10; i++) {
		int fd;

		need(mount("t", name, "tmpfs", 0, NULL) == 0);
		need(chdir(name) == 0);
		fd = open("x", O_CREAT | O_RDWR, 0600);
		need(write(fd, "x", 1) == 1);
		need(umount2(".", MNT_DETACH) == 0);
		need(chdir("/") == 0 && chdir(here) == 0);
		need(close(fd) == 0);
		sync();
	}
	return rmdir(name);
}

/* --- jobs ----------------------------------------------------------------- */

static int for_ever(void)
{
	sleep_forever();
}

static int stop_and_go(void)
{
	siginfo_t info;
	int i;

	for (i = 0; i < 20; i++) {
		pid_t pid = start_child(for_ever);

		need(setpgid(pid, pid) == 0 || errno == EACCES);
		need(kill(-pid, SIGSTOP) == 0);
		need(waitid(P_PID, pid, &info, WSTOPPED) == 0);
		need(kill(-pid, SIGCONT) == 0);
		need(waitid(P_PGID, pid, &info, WCONTINUED) == 0);
		need(kill(pid, SIGTERM) == 0);
		need(exit_code(pid) == 128 + SIGTERM);
	}
	return 0;
}

static int read_proc(void)
{
	return system("cat /proc/[0-9]*/stat /proc/[0-9]*/status"
		      " /proc/[0-9]*/maps /proc/[0-9]*/cmdline"
		      " /proc/[0-9]*/mountinfo /proc/[0-9]*/task/*/stat"
		      " /proc/meminfo /proc/stat /proc/locks"
		      " >/dev/null 2>&1; ls -lR /proc/[1-9]*/fd >/dev/null"
		      " 2>&1") < 0;
}

static int jobs_and_readers(void)
{
	return worker ? stop_and_go() : read_proc();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "wait"))
		sleep_forever();
	tap_folder("locks");
	if (!getcwd(here, sizeof(here)))
		bail("getcwd");
	in_threads();
	with_timers();
	files();
	pipes();
	last_references();
	ok(workers(mount_and_leave) == WORKERS,
	   "file systems come and go beside each other");
	ok(workers(jobs_and_readers) == WORKERS,
	   "jobs stop and go on while /proc is read");
	if (chdir("/") || remove_tree(here))
		tap_line("# %s stays\n", here);
	return done_testing();
}
