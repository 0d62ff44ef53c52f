/*
 * Every system call with arguments of any kind, likely or not: the order in
 * which a call looks at them shows in which error it gives.
 *
 * A member makes the calls one by one until one succeeds, and then gives its
 * place to a new one, so that lines do not depend on each other.  The calls are
 * those of syscalls/table.h, whose types say what an argument may look like.
 * Left out is what would hurt the machine or whoever stands beside.
 */
#include "crew.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#define HOME "/tmp/raw"

/* Two pages, the second of which cannot be touched. */
#define EDGE	  0x30000000L
#define READ_ONLY 0x30010000L

static const int harmful[] = {
	SYS_rt_sigreturn,
	SYS_clone,
	SYS_fork,
	SYS_vfork,
	SYS_exit,
	SYS_exit_group,
	SYS_kill,
	SYS_tkill,
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_reboot,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
	SYS_syslog,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_mount,
	SYS_setpriority,
	SYS_sched_setparam,
	SYS_sched_setscheduler,
	SYS_sched_setaffinity,
	314 /* setattr */,
	SYS_prlimit64,
	435 /* clone3 */,
	SYS_restart_syscall,
	SYS_sync,
	/* Namespaces, network: docs/missing.md. */
	SYS_unshare,
	SYS_setns,
	SYS_socket,
	SYS_socketpair,
	/* They have questions of their own. */
	SYS_prctl,
	SYS_arch_prctl,
	SYS_getrandom,
	SYS_rseq,
	SYS_sysinfo,
	/* Which numbers are devices is the machine's. */
	SYS_ustat,
};

/* Tine's calls: what is not among them is in docs/syscalls.md. */
static const struct door {
	int nr;
	const char *name;
	int count;
	const char *args; /* type, name, type, name ... */
} doors[] = {
#define SYSCALL(nr, name, count, ...) {nr, #name, count, "" #__VA_ARGS__},
#include <syscalls/table.h>
};

/* Whose result is a number of its own: only whether it is one. */
static const int varying[] = {
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getpgrp,
	SYS_getpgid,
	SYS_getsid,
	SYS_times,
	SYS_time,
	SYS_brk,
	SYS_mmap,
	SYS_mremap,
	SYS_setsid,
	SYS_set_tid_address,
	SYS_wait4,
	SYS_getdents,
	SYS_getdents64,
	SYS_msync,
};

static int is_in(const int *calls, int count, int nr)
{
	while (count-- > 0)
		if (calls[count] == nr)
			return 1;
	return 0;
}

#define one_in(calls, nr) is_in(calls, ARRAY_SIZE(calls), nr)

/* --- what the calls find
 * -------------------------------------------------------- */

static void put_tree(void)
{
	static const char *const names[] = {HOME "/file", HOME "/link",
					    HOME "/new", HOME "/folder"};
	unsigned i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		remove(names[i]);
	mkdir(HOME, 0755);
	mkdir(HOME "/folder", 0755);
	fd = open(HOME "/file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, "0123456789", 10) != 10)
		differ_broken(HOME "/file");
	close(fd);
	symlink("file", HOME "/link");
}

/* put_descriptors - 3 to 12, one of each kind. */
static void put_descriptors(void)
{
	int pipes[2];
	int fd;

	for (fd = 0; fd < 30; fd++)
		if (fd > 2)
			close(fd);
	if (open("/dev/null", O_RDWR) != 3 || open(HOME "/file", O_RDWR) != 4 ||
	    open(HOME "/folder", O_RDONLY | O_DIRECTORY) != 5 ||
	    pipe2(pipes, O_NONBLOCK) || pipes[1] != 7 ||
	    eventfd(1, EFD_NONBLOCK) != 8 || epoll_create1(0) != 9 ||
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) != 10 ||
	    memfd_create("raw", MFD_ALLOW_SEALING) != 11 ||
	    open(HOME "/file", O_PATH) != 12)
		differ_broken("descriptors");
}

static void put_memory(void)
{
	char *edge = mmap((void *)EDGE, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	void *read_only = mmap((void *)READ_ONLY, 4096, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (edge == MAP_FAILED || read_only == MAP_FAILED)
		differ_broken("memory");
}

/* --- arguments
 * -------------------------------------------------------------------- */

static long a_string(struct seat *seat, const char **text)
{
	static const char *const strings[] = {
		HOME "/file", HOME "/folder", HOME "/none",
		HOME "/link", HOME "/file/x", "",
		HOME "/new",  "user.raw",
	};
	const char *string = one_of(strings);

	*text = fmt("\"%s\"", string);
	return (long)strcpy(crew_data(seat, 64), string);
}

/* some_memory - zeros, or small numbers of 32 or 64 bits. */
static long some_memory(struct seat *seat, const char **text)
{
	int kind = pick(3);
	int *ints = crew_data(seat, 256);
	int i;

	for (i = 0; kind && i < 64; i += kind)
		ints[i] = pick(8);
	*text = kind == 0 ? "zeros" : fmt("%d %d ...", ints[0], ints[kind]);
	return (long)ints;
}

static long any_argument(struct seat *seat, const char **text)
{
	static const long sizes[] = {8, 16, 24, 32, 128, 4096, 65536};
	static const long wild[] = {-1,	      -2,	INT_MAX,  INT_MIN,
				    LONG_MAX, LONG_MIN, 1L << 32, 0x7fffffffL};
	static const struct differ_name places[] = {
		{8, "nowhere"},		  {EDGE + 4092, "edge - 4"},
		{READ_ONLY, "read-only"}, {LONG_MIN, "kernel"},
		{EDGE + 4096, "beyond"},
	};
	const struct differ_name *place;
	long value;

	switch (pick(12)) {
	case 0:
	case 1:
		value = 3 + pick(10);
		break;
	case 2:
	case 3:
		return a_string(seat, text);
	case 4:
	case 5:
	case 6:
		return some_memory(seat, text);
	case 7:
		place = &one_of(places);
		*text = place->name;
		return place->value;
	case 8:
		value = one_of(sizes);
		break;
	case 9:
		value = chance(50) ? one_of(wild) : 1L << pick(32);
		break;
	default:
		value = pick(4);
	}
	*text = fmt("%ld", value);
	return value;
}

/* --- steps
 * ------------------------------------------------------------------------- */

static const struct door *some_door(void)
{
	const struct door *door;

	do
		door = &one_of(doors);
	while (one_in(harmful, door->nr));
	return door;
}

/* argument_of - NUMBER's type and name, as the list has them. */
static const char *argument_of(const struct door *door, int number)
{
	const char *at = door->args;
	const char *end;

	for (number *= 2; at && number > 0; number--) {
		at = strchr(at, ',');
		at = at ? at + 2 : NULL;
	}
	end = at ? strchr(at, ',') : NULL;
	end = end ? end + 1 + strcspn(end + 1, ",") : NULL;
	return end ? fmt("%.*s", (int)(end - at), at) : "";
}

/* fitting_argument - what an argument of this type and name may look like. */
static long fitting_argument(struct seat *seat, const char *what,
			     const char **text)
{
	long value;

	if (strstr(what, "pid") && !strstr(what, "pidfd")) {
		value = chance(50) ? 0 : 0x7ffffff0;
		*text = fmt("%ld", value);
		return value;
	}
	if (strstr(what, "char __user"))
		return a_string(seat, text);
	if (strstr(what, "__user"))
		return some_memory(seat, text);
	if (strstr(what, "fd"))
		value = 3 + pick(10);
	else if (strstr(what, "size_t") || strstr(what, "len"))
		value = chance(50) ? 8 : 1L << pick(13);
	else
		value = chance(60) ? (long)pick(4) : 1L << pick(32);
	*text = fmt("%ld", value);
	return value;
}

/* dismiss - a member has done its part. */
static void dismiss(struct seat *seat)
{
	kill(seat->pid, SIGKILL);
	waitpid(seat->pid, NULL, __WALL);
	seat->pid = 0;
}

static void say_result(struct seat *seat)
{
	struct timespec second = {1, 0};
	int status = 0;

	/* It may have been given a short time to wait. */
	if (seat->pid && seat->done != seat->order && crew_still(seat) &&
	    seat->state == 'S')
		nanosleep(&second, NULL);
	crew_still(seat);
	if (seat->state == 'Z') {
		waitpid(seat->pid, &status, __WALL);
		seat->pid = 0;
		say("dies of %d", status);
	} else if (seat->done != seat->order) {
		say("waits");
		dismiss(seat);
	} else if (seat->ret >= 0 && one_in(varying, seat->nr)) {
		say("a number");
	} else if (seat->ret > 65535) {
		say("a large number");
	} else {
		say("%s", text_result(seat->ret));
	}
}

static void one_step(void)
{
	struct seat *seat = &crew->seats[0];
	const struct door *door = some_door();
	char line[700] = "";
	const char *what;
	const char *text;
	long arg[6];
	int i;

	if (!seat->pid) {
		put_tree();
		put_descriptors();
		crew_quiet_fork();
	}
	seat->used = 0;
	for (i = 0; i < 6; i++) {
		arg[i] = 0;
		if (i >= door->count)
			continue;
		/* Who has a low number is another one on each kernel. */
		what = argument_of(door, i);
		arg[i] = chance(65) || strstr(what, "pid_t")
				 ? fitting_argument(seat, what, &text)
				 : any_argument(seat, &text);
		sprintf(line + strlen(line), "%s%s", i ? ", " : "", text);
	}
	crew->steps++;
	say("%5d %s(%s) = ", crew->steps, door->name, line);
	crew_ask(seat, (long)door->nr, arg[0], arg[1], arg[2], arg[3], arg[4],
		 arg[5]);
	say_result(seat);
	say_end();
	if (seat->pid && seat->ret >= 0)
		dismiss(seat);
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_start(0);
	put_memory();
	while (count-- > 0)
		one_step();
	crew_end();
	return 0;
}
