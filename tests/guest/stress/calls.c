/*
 * calls.c - programs that make calls by chance: any number, any arguments,
 * pointers to nowhere, to memory that is read-only or ends too soon, and files
 * of every kind.  Nothing is asked of a call but that the kernel lives, that
 * whoever made it can be killed, and that nothing is left of it.
 *
 *	calls [SECONDS [SEED]]
 *
 * Half of the programs are a user of their own each; the others are root, in a
 * folder that is their root, without the calls by which root may rightly end
 * or change the machine.  Arguments that a call took are kept for all, and
 * tried again with some of them changed: so calls get past their first checks.
 */
#include "stress.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#define PROGRAMS     4
#define ROUND_MS     400
#define NR_CALLS     451 /* Linux 6.1's last is 450 */
#define MOST_CALLS   4000
#define DEPTH	     2 /* children of children make calls, theirs do not */
#define ARENA_PAGES  8
#define PAGE	     4096UL
#define ARENA	     ((char *)0x10000000)
#define FIRST_UID    20000
#define FILES	     16
#define INTERVAL_US  10000
#define FEW	     32 /* so many arguments come again */
#define KERNEL_HALF  0xffffffff80000000UL
#define NONCANONICAL 0x0000800000000000UL

/* Shared: the arguments with which each call last succeeded. */
static struct success {
	int known;
	long with[6];
} * successes;

static int depth;
static pid_t family[4]; /* 0, us, our parent, a child */

/* --- which calls ---------------------------------------------------------- */

/* What root may do to the machine, or to whoever tests it. */
static const short not_as_root[] = {
	SYS_reboot,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_swapon,
	SYS_swapoff,
	SYS_mknod,
	SYS_mknodat,
	SYS_syslog,
	SYS_kill,
	SYS_tkill,
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_prlimit64,
	SYS_setrlimit,
	SYS_rt_tgsigqueueinfo,
	SYS_setpriority,
	SYS_process_vm_writev,
	SYS_pidfd_send_signal,
	SYS_ptrace,
	SYS_chroot,
	SYS_pidfd_getfd,
	SYS_sched_setscheduler,
	SYS_sched_setattr,
	SYS_sched_setparam,
};

/* These end or blind the caller whatever its arguments: seldom. */
static const short seldom[] = {
	SYS_exit,  SYS_exit_group,  SYS_rt_sigreturn, SYS_arch_prctl,
	SYS_pause, SYS_close_range, SYS_vfork,	      SYS_fork,
	SYS_clone, SYS_clone3,	    SYS_munmap,	      SYS_seccomp,
	SYS_sync,
};

static int is_among(long number, const short *list, int length)
{
	int i;

	for (i = 0; i < length; i++)
		if (list[i] == number)
			return 1;
	return 0;
}

static long next_number(int is_root)
{
	long number;

	do
		number = chance(NR_CALLS);
	while ((is_root && is_among(number, not_as_root,
				    sizeof(not_as_root) / sizeof(short))) ||
	       (chance(8) &&
		is_among(number, seldom, sizeof(seldom) / sizeof(short))));
	return number;
}

/* --- with which arguments ------------------------------------------------- */

static long few[FEW];

static long bits(unsigned number, unsigned width)
{
	long value = 0;

	while (number--)
		value |= 1L << chance(width);
	return value;
}

static long a_pointer(void)
{
	static const unsigned long odd[] = {
		0,
		8,
		KERNEL_HALF,
		NONCANONICAL,
		NONCANONICAL - PAGE,
		-PAGE,
		-1UL,
		0xffff888000000000UL,
	};
	char *page = ARENA + PAGE * chance(ARENA_PAGES);

	switch (chance(8)) {
	case 0:
		return odd[chance(sizeof(odd) / sizeof(*odd))];
	case 1:
		return (long)page;
	case 2: /* it ends too soon */
		return (long)(page + PAGE - chance(40));
	default:
		return (long)(page + 8 * chance(PAGE / 8));
	}
}

static long an_argument(void)
{
	switch (chance(16)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return -1;
	case 3:
		return chance(130);
	case 4:
		return bits(1, 64);
	case 5:
		return bits(1 + chance(4), 32);
	case 6:
		return (long)chance(~0U) << 32 | chance(~0U);
	case 7:
		return PAGE * chance(20);
	case 8:
	case 9:
	case 10:
		return chance(FILES + 4);
	case 11:
		return family[chance(4)];
	case 12:
		return few[chance(FEW)] = chance(4096);
	case 13:
		return few[chance(FEW)];
	default:
		return a_pointer();
	}
}

/* Memory holds what arguments hold, and names. */
static void fill_arena(void)
{
	static const char *const names[] = {
		"f", "d", ".", "..", "d/f", "/", "", "l", "/d/../f", "user.x",
	};
	char *at;
	int i;

	for (i = 0; i < 24; i++) {
		at = ARENA + PAGE * (chance(2) ? 0 : 4) +
		     8 * chance(PAGE / 8 - 4);
		if (chance(4))
			*(long *)at = an_argument();
		else
			strcpy(at,
			       names[chance(sizeof(names) / sizeof(*names))]);
	}
}

/* Pages to write, one to read, one that cannot be touched, one that was never
 * there; over whatever calls have made of them. */
static void make_arena(void)
{
	char *got = mmap(ARENA, ARENA_PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (got != ARENA)
		_exit(0); /* no more memory for this user */
	mprotect(ARENA + 2 * PAGE, PAGE, PROT_READ);
	mprotect(ARENA + 5 * PAGE, PAGE, PROT_NONE);
	munmap(ARENA + 7 * PAGE, PAGE);
}

/* --- one program ---------------------------------------------------------- */

static void limit(int which, unsigned long most)
{
	struct rlimit is = {most, most};

	need(setrlimit(which, &is) == 0);
}

/* The descriptors from 0 on: one of each kind. */
static void open_files(void)
{
	sigset_t set;
	int pair[2];
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (fd = 0; fd < 64; fd++)
		close(fd);
	need(open("f", O_RDWR | O_CREAT, 0666) == 0);
	open("d", O_RDONLY | O_DIRECTORY);
	pipe(pair);
	eventfd(3, 0);
	timerfd_create(CLOCK_MONOTONIC, 0);
	signalfd(-1, &set, 0);
	epoll_create1(0);
	memfd_create("m", MFD_ALLOW_SEALING);
	fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	need(fd >= 0);
	ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	open("/proc/self", O_RDONLY | O_DIRECTORY);
	open("/dev/zero", O_RDWR);
	open("/dev/urandom", O_RDWR);
	syscall(SYS_pidfd_open, getpid(), 0);
	open("f", O_PATH);
}

static void no_more(int sig)
{
	(void)sig;
}

/* A call that waits ends after a moment. */
static void arm(void)
{
	struct itimerval soon = {{0, INTERVAL_US}, {0, INTERVAL_US}};
	struct sigaction action = {.sa_handler = no_more};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
}

/* The call itself, past the library: errno may be anywhere by now. */
static long make_call(long number, const long *with)
{
	register long r10 __asm__("r10") = with[3];
	register long r8 __asm__("r8") = with[4];
	register long r9 __asm__("r9") = with[5];
	long ret = number;

	__asm__ volatile("syscall"
			 : "+a"(ret)
			 : "D"(with[0]), "S"(with[1]), "d"(with[2]), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static int makes_child(long number)
{
	return number == SYS_fork || number == SYS_vfork ||
	       number == SYS_clone || number == SYS_clone3;
}

/* New ones, or what once was right, but for one or two. */
static void choose_arguments(long number, long *with)
{
	int i;

	if (successes[number].known && chance(4)) {
		memcpy(with, successes[number].with, 6 * sizeof(*with));
		for (i = chance(3); i > 0; i--)
			with[chance(6)] = an_argument();
		return;
	}
	for (i = 0; i < 6; i++)
		with[i] = an_argument();
}

static void make_calls(int is_root)
{
	long with[6];
	long number;
	long ret;
	int i;

	for (i = 0; i < MOST_CALLS; i++) {
		if (i % 64 == 0) {
			make_arena();
			arm();
		}
		fill_arena();
		number = next_number(is_root);
		choose_arguments(number, with);
		ret = make_call(number, with);
		if (ret >= 0) {
			memcpy(successes[number].with, with, sizeof(with));
			successes[number].known = 1;
		}
		if (!makes_child(number) || ret < 0)
			continue;
		if (ret) {
			family[3] = ret;
		} else if (++depth > DEPTH) {
			_exit(0);
		} else {
			chance_seed(getpid());
		}
	}
}

static _Noreturn void be_program(int which, int seed)
{
	int is_root = which % 2;
	char name[20];

	chance_seed(seed);
	snprintf(name, sizeof(name), "p%d", which);
	need(chdir(name) == 0);
	setsid();
	open_files();
	limit(RLIMIT_FSIZE, 1 << 20);
	limit(RLIMIT_AS, 64 << 20);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_NPROC, 20);
	limit(RLIMIT_CORE, 0);
	family[1] = getpid();
	if (is_root) {
		need(chroot(".") == 0);
	} else {
		family[2] = getppid();
		become(FIRST_UID + which);
	}
	make_calls(is_root);
	_exit(0);
}

/* --- rounds --------------------------------------------------------------- */

static pid_t pids[PROGRAMS];
static long nr_programs;

static void start_program(int which)
{
	int seed = chance(~0U);

	pids[which] = fork();
	need(pids[which] >= 0);
	if (!pids[which])
		be_program(which, seed);
	nr_programs++;
}

static void make_folders(void)
{
	char path[40];
	int i;

	for (i = 0; i < PROGRAMS; i++) {
		snprintf(path, sizeof(path), "p%d", i);
		need(mkdir(path, 0777) == 0 && chmod(path, 0777) == 0);
		strcat(path, "/d");
		need(mkdir(path, 0777) == 0 && chmod(path, 0777) == 0);
	}
}

/* All children, and theirs as they come to us. */
static void kill_all(void)
{
	char path[40];
	char text[4096];
	char *at;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		 (int)getpid());
	do {
		file_text(path, text, sizeof(text));
		for (at = strtok(text, " "); at; at = strtok(NULL, " "))
			kill(atoi(at), SIGKILL);
	} while (waitpid(-1, NULL, __WALL) > 0);
}

static void call_by_chance(void)
{
	long end = now_ms() + ROUND_MS;
	char path[40];
	pid_t pid;
	int i;

	snprintf(path, sizeof(path), "/tmp/calls.%d", (int)getpid());
	need(mkdir(path, 0755) == 0 && chdir(path) == 0);
	make_folders();
	for (i = 0; i < PROGRAMS; i++)
		start_program(i);
	while (now_ms() < end) {
		pid = waitpid(-1, NULL, WNOHANG | __WALL);
		if (pid == 0)
			sleep_ms(1);
		for (i = 0; i < PROGRAMS && pid > 0; i++)
			if (pids[i] == pid)
				start_program(i);
	}
	kill_all();
	need(chdir("/") == 0 && remove_tree(path) == 0);
}

static void report(char *line, int size)
{
	int known = 0;
	int i;

	for (i = 0; i < NR_CALLS; i++)
		known += successes[i].known;
	snprintf(line, size, ", programs %ld, calls that succeeded %d",
		 nr_programs, known);
}

int main(int argc, char **argv)
{
	static const struct stress calls = {"of calls", call_by_chance, report};

	successes =
		mmap(NULL, NR_CALLS * sizeof(*successes),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(successes != MAP_FAILED);
	return stress_run(&calls, argc, argv, 3);
}
