/*
 * Who may do what: ids, groups, capabilities, securebits, set-id programs and
 * file capabilities, dumpability, and the permissions that hang on them.
 */
#include "who_ids.h"
#include <dirent.h>
#include <linux/kcmp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>

/* say_file - what became of a file. */
static void say_file(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		say("    %s: %s", path, text_result(-errno));
	else
		say("    %s: mode %o uid %d gid %d links %d", path, st.st_mode,
		    st.st_uid, st.st_gid, (int)st.st_nlink);
	say_end();
}

static char *some_file(struct seat *seat)
{
	unsigned i = pick(ARRAY_SIZE(files) + ARRAY_SIZE(programs) / 2);
	const char *name = i < ARRAY_SIZE(files)
				   ? files[i].name
				   : programs[i - ARRAY_SIZE(files)].name;

	return strcpy(crew_data(seat, 64), fmt("%s/%s", HOME, name));
}

/* --- steps: files
 * ---------------------------------------------------------------- */

static void step_access(struct seat *seat)
{
	static const struct differ_name flags[] = {
		N(AT_EACCESS),
		N(AT_SYMLINK_NOFOLLOW),
		{0x1000, "AT_EMPTY_PATH"},
		{0x8, "8"},
	};
	char *path = some_file(seat);
	long mode = chance(97) ? pick(8) : 8;
	long flag = chance(50) ? 0 : one_of(flags).value;

	if (chance(30))
		crew_call(seat, fmt("access(%s, %ld)", path, mode), SYS_access,
			  (long)path, mode);
	else
		crew_call(seat,
			  fmt("faccessat2(%s, %ld, %s)", path, mode,
			      text_bits(flags, flag)),
			  SYS_faccessat2, (long)AT_FDCWD, (long)path, mode,
			  flag);
}

static void step_open(struct seat *seat)
{
	static const struct differ_name flags[] = {
		N(O_WRONLY),  N(O_RDWR), N(O_TRUNC),
		N(O_NOATIME), N(O_PATH), N(O_CREAT),
	};
	char *path = some_file(seat);
	unsigned long flag = some_of(flags, 2);

	if (flag & O_TRUNC && strstr(path, "set"))
		return;
	crew_call(seat, fmt("open(%s, %s)", path, text_bits(flags, flag)),
		  SYS_open, (long)path, (long)flag, 0666L);
	if (crew_idle(seat) && seat->ret >= 0)
		crew_ask(seat, SYS_close, seat->ret);
}

static void step_attribute(struct seat *seat)
{
	static const long modes[] = {0755, 04755, 02755, 06711, 0640, 01777, 0};
	char *path = some_file(seat);
	long mode = one_of(modes);
	long uid = one_of(ids), gid = one_of(ids);
	struct timespec *times = crew_data(seat, 2 * sizeof(*times));

	switch (pick(4)) {
	case 0:
		crew_call(seat, fmt("chmod(%s, %lo)", path, mode), SYS_chmod,
			  (long)path, mode);
		break;
	case 1:
		crew_call(seat, fmt("chown(%s, %ld, %ld)", path, uid, gid),
			  SYS_chown, (long)path, uid, gid);
		break;
	case 2:
		times[0].tv_nsec = times[1].tv_nsec = UTIME_NOW;
		crew_call(seat, fmt("utimensat(%s, now)", path), SYS_utimensat,
			  (long)AT_FDCWD, (long)path, (long)times, 0L);
		break;
	default:
		times[0].tv_nsec = UTIME_NOW;
		crew_call(seat, fmt("utimensat(%s, now and then)", path),
			  SYS_utimensat, (long)AT_FDCWD, (long)path,
			  (long)times, 0L);
	}
	say_file(path);
}

static void step_content(struct seat *seat)
{
	char *path = some_file(seat);
	long fd;

	if (strstr(path, "set") || strstr(path, "plain") ||
	    strstr(path, "student"))
		return;
	if (chance(50)) {
		crew_call(seat, fmt("truncate(%s)", path), SYS_truncate,
			  (long)path, 3L);
	} else {
		crew_call(seat, fmt("open(%s, O_WRONLY)", path), SYS_open,
			  (long)path, (long)O_WRONLY);
		fd = seat->ret;
		if (fd < 0)
			return;
		crew_call(seat, "write()", SYS_write, fd, (long)"new", 3L);
		crew_ask(seat, SYS_close, fd);
	}
	say_file(path);
}

static void step_names(struct seat *seat)
{
	static const char *const olds[] = {
		"sticky/root", "sticky/student", "closed/inside", "f600",
		"sticky/new",  "grouped/new",	 "setuid",	  "f640",
	};
	static const char *const news[] = {"sticky/new", "grouped/new",
					   "closed/new", "new"};
	char *from = strcpy(crew_data(seat, 64), fmt(HOME "/%s", one_of(olds)));
	char *to = strcpy(crew_data(seat, 64), fmt(HOME "/%s", one_of(news)));

	switch (pick(6)) {
	case 0:
		crew_call(seat, fmt("link(%s, %s)", from, to), SYS_link,
			  (long)from, (long)to);
		break;
	case 1:
		if (strstr(from, "set"))
			return;
		crew_call(seat, fmt("rename(%s, %s)", from, to), SYS_rename,
			  (long)from, (long)to);
		break;
	case 2:
		crew_call(seat, fmt("unlink(%s)", to), SYS_unlink, (long)to);
		break;
	case 3:
		crew_call(seat, fmt("mkdir(%s, 02777)", to), SYS_mkdir,
			  (long)to, 02777L);
		break;
	case 4:
		crew_call(seat, fmt("rmdir(%s)", to), SYS_rmdir, (long)to);
		break;
	default:
		crew_call(seat, fmt("mknod(%s, 06777)", to), SYS_mknod,
			  (long)to, (long)(S_IFREG | 06777), 0L);
	}
	say_file(to);
}

/*
 * Only who has all capabilities writes security.*: Debian's kernel asks the
 * BPF security module in the place of commoncap, and lets everybody.
 */
static void step_xattr(struct seat *seat)
{
	static const char *const names[] = {"security.capability",
					    "trusted.differ", "user.differ",
					    "security.differ"};
	struct vfs_cap_data *cap = crew_data(seat, sizeof(*cap));
	char *path = some_file(seat);
	char *name = strcpy(crew_data(seat, 32),
			    strstr(seat->shown, "CapEff: 000001ffffffffff")
				    ? one_of(names)
				    : names[1 + pick(2)]);
	char *value = crew_data(seat, 64);

	cap->magic_etc = VFS_CAP_REVISION_2;
	switch (pick(3)) {
	case 0:
		crew_call(seat, fmt("setxattr(%s, %s)", path, name),
			  SYS_setxattr, (long)path, (long)name, (long)cap,
			  (long)XATTR_CAPS_SZ_2, 0L);
		break;
	case 1:
		crew_call(seat, fmt("getxattr(%s, %s)", path, name),
			  SYS_getxattr, (long)path, (long)name, (long)value,
			  64L);
		break;
	default:
		crew_call(seat, fmt("removexattr(%s, %s)", path, name),
			  SYS_removexattr, (long)path, (long)name);
	}
}

/* --- steps: others
 * ---------------------------------------------------------------- */

static void step_kill(struct seat *seat)
{
	static const int signals[] = {0, 0, SIGCONT, SIGSTOP, SIGCHLD};
	struct seat *other = some_seat();
	int sig = one_of(signals);

	if (sig == SIGSTOP && chance(80))
		sig = 0;
	crew_call(seat, fmt("kill(P%d, %s)", other->serial, text_signal(sig)),
		  SYS_kill, (long)other->pid, (long)sig);
}

static void step_schedule(struct seat *seat)
{
	struct seat *other = some_seat();
	long pid = chance(50) ? 0 : other->pid;
	struct sched_param *param = crew_data(seat, sizeof(*param));
	unsigned long *mask = crew_data(seat, 8);
	long policy = pick(7);
	long nice = (long)pick(44) - 22;

	switch (pick(4)) {
	case 0:
		crew_call(seat,
			  fmt("setpriority(PROCESS, %s, %ld)", pid_name(pid),
			      nice),
			  SYS_setpriority, 0L, pid, nice);
		break;
	case 1:
		crew_call(seat,
			  fmt("setpriority(USER, %ld, %ld)", nice * 100, nice),
			  SYS_setpriority, (long)PRIO_USER, nice * 100, nice);
		break;
	case 2:
		/* SCHED_DEADLINE is not there, and no FIFO is left to run. */
		param->sched_priority = 0;
		crew_call(seat,
			  fmt("sched_setscheduler(%s, %ld, 0)", pid_name(pid),
			      policy),
			  SYS_sched_setscheduler, pid, policy, (long)param);
		break;
	default:
		*mask = 1;
		crew_call(seat, fmt("sched_setaffinity(%s)", pid_name(pid)),
			  SYS_sched_setaffinity, pid, 8L, (long)mask);
	}
}

static void step_inspect(struct seat *seat)
{
	struct seat *other = some_seat();
	struct iovec *vec = crew_data(seat, 2 * sizeof(*vec));
	struct rlimit *limit = crew_data(seat, sizeof(*limit));
	void **out = crew_data(seat, 16);

	vec[0].iov_base = vec[1].iov_base = seat->data;
	vec[0].iov_len = vec[1].iov_len = 8;
	switch (pick(4)) {
	case 0:
		crew_call(seat, fmt("process_vm_readv(P%d)", other->serial),
			  SYS_process_vm_readv, (long)other->pid, (long)vec, 1L,
			  (long)(vec + 1), 1L, 0L);
		break;
	case 1:
		crew_call(seat, fmt("get_robust_list(P%d)", other->serial),
			  SYS_get_robust_list, (long)other->pid, (long)out,
			  (long)(out + 1));
		break;
	case 2:
		crew_call(seat, fmt("kcmp(P%d, self, VM)", other->serial),
			  SYS_kcmp, (long)other->pid, (long)seat->pid,
			  (long)KCMP_VM);
		break;
	default:
		limit->rlim_cur = 500 + pick(100);
		limit->rlim_max = 500 + pick(200);
		crew_call(seat,
			  fmt("prlimit(P%d, NOFILE, %ld, %ld)", other->serial,
			      (long)limit->rlim_cur, (long)limit->rlim_max),
			  SYS_prlimit64, (long)other->pid, (long)RLIMIT_NOFILE,
			  chance(60) ? (long)limit : 0L, (long)out);
	}
}

static void step_proc(struct seat *seat)
{
	static const char *const names[] = {
		"mem",	  "environ", "maps",	  "smaps",     "fd",
		"io",	  "stack",   "syscall",	  "pagemap",   "auxv",
		"limits", "fdinfo",  "map_files", "wchan",     "personality",
		"stat",	  "timers",  "task",	  "mountinfo", "cmdline",
	};
	static const char *const links[] = {"exe", "cwd", "root", "fd/0"};
	/* Not sched: docs/missing.md. */
	static const char *const written[] = {"oom_score_adj", "comm",
					      "clear_refs", "timerslack_ns"};
	struct seat *other = some_seat();
	char *path = crew_data(seat, 64);
	char *text = crew_data(seat, 512);
	const char *name;
	long fd;

	if (chance(20)) {
		name = one_of(links);
		sprintf(path, "/proc/%d/%s", other->pid, name);
		crew_call(seat,
			  fmt("readlink(/proc/P%d/%s)", other->serial, name),
			  SYS_readlink, (long)path, (long)text, 512L);
		return;
	}
	name = chance(80) ? one_of(names) : one_of(written);
	sprintf(path, "/proc/%d/%s", other->pid, name);
	fd = chance(80) ? O_RDONLY : O_RDWR;
	crew_call(seat, fmt("open(/proc/P%d/%s, %ld)", other->serial, name, fd),
		  SYS_open, (long)path, fd);
	fd = seat->ret;
	if (fd < 0 || !crew_idle(seat))
		return;
	if (chance(70)) {
		crew_call(seat, "read()", SYS_read, fd, (long)text, 1L);
	} else {
		strcpy(text, "5");
		crew_call(seat, "write()", SYS_write, fd, (long)text, 1L);
	}
	crew_ask(seat, SYS_close, fd);
}

static void step_root(struct seat *seat)
{
	char *path = strcpy(crew_data(seat, 8), "/");

	switch (pick(4)) {
	case 0:
		crew_call(seat, "chroot(/)", SYS_chroot, (long)path);
		break;
	case 1:
		crew_call(seat, "mount(nothing)", SYS_mount, 0L, (long)path, 0L,
			  0L, 0L);
		break;
	case 2:
		crew_call(seat, "sethostname(NULL)", SYS_sethostname, 0L, 5L);
		break;
	default:
		crew_call(seat, "nice(-1)", SYS_setpriority, 0L, 0L, -1L);
	}
}

static const struct crew_step steps[] = {
	{16, step_ids},	   {3, step_groups},   {8, step_capset},
	{6, step_ambient}, {10, step_prctl},   {2, step_umask},
	{10, step_exec},   {4, step_fork},     {2, step_exit},
	{6, step_access},  {5, step_open},     {7, step_attribute},
	{4, step_content}, {8, step_names},    {3, step_xattr},
	{6, step_kill},	   {5, step_schedule}, {8, step_inspect},
	{12, step_proc},   {2, step_root},
};

static void fork_one(void)
{
	(void)crew_fork();
}

static void one_step(void)
{
	(void)crew_step(steps, sizeof(steps) / sizeof(*steps), 70, fork_one);
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	put_all();
	crew_show_more = show_ids;
	crew_start(3);
	while (count-- > 0)
		one_step();
	crew_end();
	return 0;
}
