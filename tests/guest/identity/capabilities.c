/*
 * Capabilities, capabilities(7): the calls that change them, what a change of
 * user does to them, and what each of them allows.
 */
#include "tap.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>

typedef unsigned long long caps_t;

#define BIT(cap) (1ULL << (cap))
#define FULL	 (BIT(CAP_LAST_CAP + 1) - 1)

static caps_t permitted, effective, inheritable;

static int get_of(pid_t pid)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3,
						pid};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &head, d))
		return -1;
	permitted = d[0].permitted | (caps_t)d[1].permitted << 32;
	effective = d[0].effective | (caps_t)d[1].effective << 32;
	inheritable = d[0].inheritable | (caps_t)d[1].inheritable << 32;
	return 0;
}

static int set_caps(caps_t p, caps_t e, caps_t i)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {{e, p, i},
					      {e >> 32, p >> 32, i >> 32}};

	return syscall(SYS_capset, &head, d);
}

static int has(caps_t p, caps_t e, caps_t i)
{
	return !get_of(0) && permitted == p && effective == e &&
	       inheritable == i;
}

static int ambient(int what, int cap)
{
	return prctl(PR_CAP_AMBIENT, what, cap, 0, 0);
}

/* --- the calls --- */

static int sleeps(void)
{
	sleep_forever();
}

static void versions(void)
{
	struct __user_cap_header_struct head = {0x12345678, 0};
	struct __user_cap_data_struct d[2];

	ok_errno(syscall(SYS_capget, &head, d), EINVAL, "an unknown version");
	ok(head.version == _LINUX_CAPABILITY_VERSION_3,
	   "the one preferred is told");
	head.version = 0;
	ok(!syscall(SYS_capget, &head, NULL) &&
		   head.version == _LINUX_CAPABILITY_VERSION_3,
	   "no data: that alone is no error");
	head.version = _LINUX_CAPABILITY_VERSION_1;
	memset(d, 0xee, sizeof(d));
	ok(!syscall(SYS_capget, &head, d) && d[0].effective == 0xffffffff &&
		   d[1].effective == 0xeeeeeeee,
	   "version 1: 32 bits");
	head.version = _LINUX_CAPABILITY_VERSION_2;
	ok(!syscall(SYS_capget, &head, d) && d[1].effective == FULL >> 32,
	   "version 2: 64");
	head.pid = -1;
	ok_errno(syscall(SYS_capget, &head, d), EINVAL, "a negative pid");
	head.pid = 0x3fffffff;
	ok_errno(syscall(SYS_capget, &head, d), ESRCH, "no such process");
	ok(!get_of(1) && permitted == FULL, "of another process");
	ok_errno(syscall(SYS_capget, (void *)8, d), EFAULT, "a bad header");
	head.pid = 0;
	ok_errno(syscall(SYS_capget, &head, (void *)8), EFAULT, "bad data");
	head.pid = 1;
	ok_errno(syscall(SYS_capset, &head, d), EPERM, "capset of another");
	head.pid = 0;
	ok_errno(syscall(SYS_capset, &head, NULL), EFAULT, "capset: no data");
}

static int capset_rules(void)
{
	caps_t some = BIT(CAP_KILL) | BIT(CAP_SETPCAP);

	need(!set_caps(some, BIT(CAP_KILL), 0));
	need(has(some, BIT(CAP_KILL), 0));
	need(fails(set_caps(FULL, 0, 0), EPERM));
	need(fails(set_caps(some, FULL, 0), EPERM));
	need(fails(set_caps(BIT(CAP_KILL), some, 0), EPERM));
	/* Without CAP_SETPCAP only what is permitted becomes inheritable. */
	need(fails(set_caps(some, 0, BIT(CAP_CHOWN)), EPERM));
	need(!set_caps(some, some, 0));
	need(!set_caps(some, some, BIT(CAP_CHOWN)));
	need(has(some, some, BIT(CAP_CHOWN)));
	need(!prctl(PR_CAPBSET_DROP, CAP_FOWNER));
	need(fails(set_caps(some, some, BIT(CAP_FOWNER)), EPERM));
	need(!set_caps(~0ULL & some, 0, BIT(CAP_CHOWN) | BIT(63)));
	need(has(some, 0, BIT(CAP_CHOWN)));
	return 0;
}

/* Who may do more is not scheduled by who may less, user or not. */
static int schedules_others(void)
{
	struct sched_param param = {0};
	pid_t peer = start_child(sleeps);
	cpu_set_t cpus;

	need(set_caps(0, 0, 0) == 0);
	need(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
	need(fails(setpriority(PRIO_PROCESS, peer, 5), EPERM));
	need(fails(syscall(SYS_sched_setscheduler, peer, SCHED_BATCH, &param),
		   EPERM));
	need(fails(sched_setaffinity(peer, sizeof(cpus), &cpus), EPERM));
	need(setpriority(PRIO_PROCESS, 0, 5) == 0);
	end_child(peer);
	peer = start_child(sleeps);
	need(setpriority(PRIO_PROCESS, peer, 6) == 0);
	end_child(peer);
	return 0;
}

static int bounding(void)
{
	need(prctl(PR_CAPBSET_READ, CAP_KILL) == 1);
	need(fails(prctl(PR_CAPBSET_READ, 64), EINVAL));
	need(!prctl(PR_CAPBSET_DROP, CAP_KILL));
	need(prctl(PR_CAPBSET_READ, CAP_KILL) == 0);
	need(fails(prctl(PR_CAPBSET_DROP, CAP_LAST_CAP + 1), EINVAL));
	need(has(FULL, FULL, 0));
	need(!set_caps(FULL, FULL & ~BIT(CAP_SETPCAP), 0));
	need(fails(prctl(PR_CAPBSET_DROP, CAP_CHOWN), EPERM));
	return 0;
}

static int ambient_rules(void)
{
	need(fails(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM));
	need(!set_caps(FULL, FULL, BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	need(!ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	need(!ambient(PR_CAP_AMBIENT_RAISE, CAP_CHOWN));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL) == 1);
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_FOWNER) == 0);
	need(!ambient(PR_CAP_AMBIENT_LOWER, CAP_CHOWN));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_CHOWN) == 0);
	need(!set_caps(FULL, FULL, 0));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL) == 0);
	need(!set_caps(FULL, FULL, BIT(CAP_KILL)));
	need(!ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	need(!ambient(PR_CAP_AMBIENT_CLEAR_ALL, 0));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL) == 0);
	need(fails(ambient(PR_CAP_AMBIENT_CLEAR_ALL, 1), EINVAL));
	need(fails(ambient(PR_CAP_AMBIENT_RAISE, 64), EINVAL));
	need(fails(ambient(5, 1), EINVAL));
	need(fails(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 1, 0),
		   EINVAL));
	need(!prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
	need(fails(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM));
	return 0;
}

static int securebits(void)
{
	need(prctl(PR_GET_SECUREBITS) == 0);
	need(fails(prctl(PR_SET_SECUREBITS, 1 << 8), EPERM));
	need(!prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED));
	need(fails(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT_LOCKED), EPERM));
	need(fails(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), EPERM));
	need(!prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
					       SECBIT_KEEP_CAPS_LOCKED));
	need(fails(prctl(PR_SET_KEEPCAPS, 1), EPERM));
	need(fails(prctl(PR_SET_KEEPCAPS, 2), EINVAL));
	need(!set_caps(FULL, FULL & ~BIT(CAP_SETPCAP), 0));
	need(fails(prctl(PR_SET_SECUREBITS, prctl(PR_GET_SECUREBITS)), EPERM));
	return 0;
}

/* --- changes of user --- */

static int leaves_root(void)
{
	need(!set_caps(FULL, FULL, BIT(CAP_KILL)));
	need(!ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	need(!setresuid(STUDENT, STUDENT, 0));
	need(has(FULL, 0, BIT(CAP_KILL)));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL) == 1);
	need(!setresuid(-1, 0, -1));
	need(has(FULL, FULL, BIT(CAP_KILL)));
	need(!setresuid(STUDENT, STUDENT, STUDENT));
	need(has(0, 0, BIT(CAP_KILL)));
	need(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL) == 0);
	return 0;
}

static int keeps(void)
{
	need(!prctl(PR_SET_KEEPCAPS, 1) && prctl(PR_GET_KEEPCAPS) == 1);
	need(!setresuid(STUDENT, STUDENT, STUDENT));
	need(has(FULL, 0, 0));
	need(!set_caps(BIT(CAP_SETUID), BIT(CAP_SETUID), 0));
	need(!setresuid(0, 0, 0));
	need(has(BIT(CAP_SETUID), BIT(CAP_SETUID), 0));
	return 0;
}

static int no_fixup(void)
{
	int fd = open("/tmp/root_only", O_CREAT | O_RDWR, 0600);

	need(fd >= 0 && !close(fd));
	need(!prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	need(!setresuid(STUDENT, STUDENT, STUDENT));
	need(has(FULL, FULL, 0));
	/* So access(2) counts them too; with the usual rule it does not. */
	need(!access("/tmp/root_only", W_OK));
	need(!prctl(PR_SET_SECUREBITS, 0));
	need(fails(access("/tmp/root_only", W_OK), EACCES));
	return 0;
}

static int file_user(void)
{
	caps_t files = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) |
		       BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |
		       BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) |
		       BIT(CAP_MKNOD) | BIT(CAP_MAC_OVERRIDE);

	setfsuid(STUDENT);
	need(setfsuid(-1) == STUDENT);
	need(has(FULL, FULL & ~files, 0));
	setfsuid(0);
	need(has(FULL, FULL, 0));
	return 0;
}

/* --- what each allows: 0 or errno --- */

static int try_result(long ret)
{
	return ret < 0 ? errno : 0;
}

static int try_chown(void)
{
	return try_result(chown("owned", 5, 5));
}

static int try_chmod(void)
{
	return try_result(chmod("owned", 0600));
}

static int try_write(void)
{
	return try_result(open("secret", O_WRONLY));
}

static int try_read(void)
{
	return try_result(open("secret", O_RDONLY));
}

static int try_kill(void)
{
	return try_result(kill(1, 0));
}

static int try_setgid(void)
{
	return try_result(setresgid(7, 7, 7));
}

static int try_setgroups(void)
{
	return try_result(setgroups(0, NULL));
}

static int try_setuid(void)
{
	return try_result(setresuid(7, 7, 7));
}

static int try_bset(void)
{
	return try_result(prctl(PR_CAPBSET_DROP, CAP_AUDIT_READ));
}

static int try_mlock(void)
{
	struct rlimit none = {0, 0};
	void *page =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(!setrlimit(RLIMIT_MEMLOCK, &none));
	return try_result(mlock(page, 4096));
}

static int try_chroot(void)
{
	return try_result(chroot("/"));
}

static int try_peek(void)
{
	return try_result(open("/proc/1/environ", O_RDONLY));
}

static int try_mount(void)
{
	int ret = try_result(mount("none", "/mnt", "tmpfs", 0, ""));

	umount("/mnt");
	return ret;
}

static int try_hostname(void)
{
	char name[65];

	need(!gethostname(name, sizeof(name)));
	return try_result(sethostname(name, strlen(name)));
}

static int try_reboot(void)
{
	return try_result(reboot(RB_DISABLE_CAD));
}

static int try_nice(void)
{
	return try_result(setpriority(PRIO_PROCESS, 0, -5));
}

static int try_fifo(void)
{
	struct sched_param param = {.sched_priority = 1};

	return try_result(
		syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
}

static int try_rlimit(void)
{
	struct rlimit limit;

	need(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_max++;
	return try_result(setrlimit(RLIMIT_NOFILE, &limit));
}

static int try_clock(void)
{
	struct timespec now;

	need(!clock_gettime(CLOCK_REALTIME, &now));
	return try_result(clock_settime(CLOCK_REALTIME, &now));
}

static int try_mknod(void)
{
	int ret = try_result(mknod("node", S_IFCHR | 0600, makedev(1, 3)));

	unlink("node");
	return ret;
}

static int try_setfcap(void)
{
	struct vfs_cap_data data = {VFS_CAP_REVISION_2, {{1, 0}, {0, 0}}};
	int ret = try_result(setxattr("owned", "security.capability", &data,
				      sizeof(data), 0));

	removexattr("owned", "security.capability");
	return ret;
}

static int try_syslog(void)
{
	return try_result(klogctl(8, NULL, 4));
}

static int try_trusted(void)
{
	int ret = try_result(setxattr("open", "trusted.x", "y", 1, 0));

	removexattr("open", "trusted.x");
	return ret;
}

static int try_immutable(void)
{
	int fd = open("open", O_RDONLY);
	int flags = 0x20; /* FS_APPEND_FL */
	int ret = try_result(syscall(SYS_ioctl, fd, 0x40086602, &flags));

	flags = 0;
	syscall(SYS_ioctl, fd, 0x40086602, &flags);
	return ret;
}

/* The set-group-ID bit of a file of a group one is not in. */
static int try_fsetid(void)
{
	struct stat st;

	need(!chmod("grouped", 02777) && !stat("grouped", &st));
	return st.st_mode & S_ISGID ? 0 : EPERM;
}

static const struct {
	const char *name;
	int cap;
	int (*attempt)(void);
	int error;
} allows[] = {
	{"CAP_CHOWN: chown", CAP_CHOWN, try_chown, EPERM},
	{"CAP_FOWNER: chmod", CAP_FOWNER, try_chmod, EPERM},
	{"CAP_DAC_OVERRIDE: write", CAP_DAC_OVERRIDE, try_write, EACCES},
	{"CAP_DAC_READ_SEARCH: read", CAP_DAC_READ_SEARCH, try_read, EACCES},
	{"CAP_FSETID: set-group-ID", CAP_FSETID, try_fsetid, EPERM},
	{"CAP_KILL: kill", CAP_KILL, try_kill, EPERM},
	{"CAP_SETGID: setresgid", CAP_SETGID, try_setgid, EPERM},
	{"CAP_SETGID: setgroups", CAP_SETGID, try_setgroups, EPERM},
	{"CAP_SETUID: setresuid", CAP_SETUID, try_setuid, EPERM},
	{"CAP_SETPCAP: bounding set", CAP_SETPCAP, try_bset, EPERM},
	{"CAP_LINUX_IMMUTABLE: append flag", CAP_LINUX_IMMUTABLE, try_immutable,
	 EPERM},
	{"CAP_IPC_LOCK: mlock", CAP_IPC_LOCK, try_mlock, EPERM},
	{"CAP_SYS_CHROOT: chroot", CAP_SYS_CHROOT, try_chroot, EPERM},
	{"CAP_SYS_ADMIN: mount", CAP_SYS_ADMIN, try_mount, EPERM},
	{"CAP_SYS_ADMIN: sethostname", CAP_SYS_ADMIN, try_hostname, EPERM},
	{"CAP_SYS_ADMIN: trusted attributes", CAP_SYS_ADMIN, try_trusted,
	 EPERM},
	{"CAP_SYS_BOOT: reboot", CAP_SYS_BOOT, try_reboot, EPERM},
	{"CAP_SYS_NICE: setpriority", CAP_SYS_NICE, try_nice, EACCES},
	{"CAP_SYS_NICE: SCHED_FIFO", CAP_SYS_NICE, try_fifo, EPERM},
	{"CAP_SYS_RESOURCE: setrlimit", CAP_SYS_RESOURCE, try_rlimit, EPERM},
	{"CAP_SYS_TIME: clock_settime", CAP_SYS_TIME, try_clock, EPERM},
	{"CAP_MKNOD: a device", CAP_MKNOD, try_mknod, EPERM},
	{"CAP_SETFCAP: file capabilities", CAP_SETFCAP, try_setfcap, EPERM},
	{"CAP_SYSLOG: console level", CAP_SYSLOG, try_syslog, EPERM},
};

static int with_only(int i)
{
	pid_t pid = fork();

	if (pid == 0) {
		need(!prctl(PR_SET_KEEPCAPS, 1));
		become(STUDENT);
		need(!set_caps(BIT(allows[i].cap), BIT(allows[i].cap), 0));
		_exit(allows[i].attempt());
	}
	return exit_code(pid);
}

static int without(int i)
{
	caps_t none;
	pid_t pid = fork();

	if (pid == 0) {
		need(!prctl(PR_SET_KEEPCAPS, 1));
		become(STUDENT);
		/* All but it, and but those that would do as well. */
		none = BIT(allows[i].cap);
		if (allows[i].cap == CAP_DAC_READ_SEARCH)
			none |= BIT(CAP_DAC_OVERRIDE);
		if (allows[i].cap == CAP_SYSLOG)
			none |= BIT(CAP_SYS_ADMIN);
		need(!set_caps(FULL & ~none, FULL & ~none, 0));
		_exit(allows[i].attempt());
	}
	return exit_code(pid);
}

static void what_each_allows(void)
{
	char rule[100];
	unsigned int i;

	for (i = 0; i < sizeof(allows) / sizeof(allows[0]); i++) {
		snprintf(rule, sizeof(rule), "%s: by it alone", allows[i].name);
		ok(with_only(i) == 0, rule);
		snprintf(rule, sizeof(rule), "%s: not by all others",
			 allows[i].name);
		ok(without(i) == allows[i].error, rule);
	}
	ok(in_child_as(STUDENT, try_peek) == EACCES, "a user cannot look");
}

int main(void)
{
	char path[64];

	versions();
	ok(in_child(capset_rules) == 0, "capset's rules");
	ok(in_child(schedules_others) == 0,
	   "one with more capabilities is not for others to schedule");
	ok(in_child(bounding) == 0, "the bounding set");
	ok(in_child(ambient_rules) == 0, "the ambient set");
	ok(in_child(securebits) == 0, "securebits and their locks");
	ok(in_child(leaves_root) == 0, "leaving user 0 loses capabilities");
	ok(in_child(keeps) == 0, "PR_SET_KEEPCAPS keeps the permitted");
	ok(in_child(no_fixup) == 0,
	   "SECBIT_NO_SETUID_FIXUP keeps all, also for access");
	ok(in_child(file_user) == 0, "setfsuid changes those for files");

	tap_folder_in("/home", "capabilities");
	if (chmod(".", 0777))
		bail("chmod");
	put_file("owned", "x");
	put_file("open", "x");
	put_file("grouped", "x");
	put_file("secret", "x");
	if (chmod("secret", 0) || chmod("open", 0666) ||
	    chown("open", STUDENT, STUDENT) || chown("grouped", STUDENT, 99))
		bail("files");
	what_each_allows();
	snprintf(path, sizeof(path), "/home/capabilities.%d", (int)getpid());
	chdir("/");
	remove_tree(path);
	return done_testing();
}
