/*
 * Capabilities of files, capabilities(7): what may be set, what they give to a
 * program, and what takes them away.
 */
#include "tap.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define NAME "security.capability"
#define RAW  (1ULL << CAP_NET_RAW)
#define KILL (1ULL << CAP_KILL)
#define WAKE (1ULL << CAP_WAKE_ALARM) /* in the upper half */
#define FULL ((1ULL << (CAP_LAST_CAP + 1)) - 1)

typedef unsigned long long caps_t;

/* What the program tells of itself. */
struct report {
	caps_t permitted, effective, inheritable, ambient;
	unsigned long secure;
	int uid, euid, dumpable, pdeathsig;
};

/* The same as main's argv[1] "report": write one to descriptor 9. */
static int write_report(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	struct report r;
	int i;

	memset(&r, 0, sizeof(r));
	need(!syscall(SYS_capget, &head, data));
	r.permitted = data[0].permitted | (caps_t)data[1].permitted << 32;
	r.effective = data[0].effective | (caps_t)data[1].effective << 32;
	r.inheritable = data[0].inheritable | (caps_t)data[1].inheritable << 32;
	for (i = 0; i <= CAP_LAST_CAP; i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			r.ambient |= 1ULL << i;
	r.secure = getauxval(AT_SECURE);
	r.uid = getuid();
	r.euid = geteuid();
	r.dumpable = prctl(PR_GET_DUMPABLE);
	prctl(PR_GET_PDEATHSIG, &r.pdeathsig);
	need(write(9, &r, sizeof(r)) == sizeof(r));
	return 0;
}

static void set_caps(caps_t permitted, caps_t effective, caps_t inheritable)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {
		{effective, permitted, inheritable},
		{effective >> 32, permitted >> 32, inheritable >> 32}};

	need(!syscall(SYS_capset, &head, data));
}

/* Run ./prog in a child after BEFORE; errno of the exec, or 0 and *R. */
static int run(void (*before)(void), struct report *r)
{
	int pipes[2];
	int got;
	int code;
	pid_t pid;

	need(!pipe(pipes));
	pid = fork();
	need(pid >= 0);
	if (pid == 0) {
		need(dup2(pipes[1], 9) == 9);
		close(pipes[1]);
		before();
		execl("./prog", "prog", "report", NULL);
		_exit(errno);
	}
	close(pipes[1]);
	memset(r, 0xee, sizeof(*r));
	got = read(pipes[0], r, sizeof(*r));
	close(pipes[0]);
	code = exit_code(pid);
	return got == sizeof(*r) ? 0 : code ? code : -1;
}

/* --- ways to be --- */

static void student(void)
{
	become(STUDENT);
}

static void root(void)
{
}

/* A user with RAW and KILL in permitted and inheritable. */
static void student_with_caps(void)
{
	need(!prctl(PR_SET_KEEPCAPS, 1));
	become(STUDENT);
	set_caps(RAW | KILL, RAW | KILL, RAW | KILL);
}

static void student_ambient(void)
{
	student_with_caps();
	need(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
}

static void student_inherits_only(void)
{
	set_caps(FULL, FULL, RAW);
	become(STUDENT);
}

static void student_unbound(void)
{
	need(!prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
	become(STUDENT);
}

static void student_no_new_privs(void)
{
	become(STUDENT);
	need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void student_dies_with_parent(void)
{
	become(STUDENT);
	need(!prctl(PR_SET_PDEATHSIG, SIGUSR1));
}

static void root_noroot(void)
{
	need(!prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
}

/* --- the file --- */

static int give(caps_t permitted, caps_t inheritable, int effective)
{
	struct vfs_cap_data data = {
		VFS_CAP_REVISION_2 | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0),
		{{permitted, inheritable},
		 {permitted >> 32, inheritable >> 32}}};

	return setxattr("prog", NAME, &data, sizeof(data), 0);
}

static int give_v3(caps_t permitted, unsigned int rootid)
{
	struct vfs_ns_cap_data data = {VFS_CAP_REVISION_3 |
					       VFS_CAP_FLAGS_EFFECTIVE,
				       {{permitted, 0}, {permitted >> 32, 0}},
				       rootid};

	return setxattr("prog", NAME, &data, sizeof(data), 0);
}

static int has_caps(void)
{
	return getxattr("prog", NAME, NULL, 0) > 0;
}

static void copy_self(void)
{
	char buf[8192];
	int in, out, n;

	in = open("/proc/self/exe", O_RDONLY);
	out = open("prog", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	need(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		need(write(out, buf, n) == n);
	close(in);
	close(out);
}

/* --- rules --- */

static int student_sets(void)
{
	struct vfs_cap_data data = {VFS_CAP_REVISION_2, {{1, 0}, {0, 0}}};

	need(fails(setxattr("prog", NAME, &data, sizeof(data), 0), EPERM));
	need(fails(setxattr("prog", NAME, &data, 4, 0), EINVAL));
	need(getxattr("prog", NAME, &data, sizeof(data)) == sizeof(data));
	return 0;
}

static void what_may_be_set(void)
{
	struct vfs_cap_data v2 = {VFS_CAP_REVISION_2 | 1, {{5, 6}, {7, 8}}};
	struct vfs_ns_cap_data back;
	struct vfs_cap_data bad = v2;

	ok_errno(getxattr("prog", NAME, &back, sizeof(back)), ENODATA,
		 "a file has none at first");
	ok(!setxattr("prog", NAME, &v2, sizeof(v2), 0), "revision 2 is set");
	ok(getxattr("prog", NAME, &back, sizeof(back)) == sizeof(v2) &&
		   !memcmp(&v2, &back, sizeof(v2)),
	   "and read back");
	ok_errno(getxattr("prog", NAME, &back, 8), ERANGE,
		 "a buffer too small: ERANGE");
	ok(getxattr("prog", NAME, NULL, 0) == sizeof(v2), "no buffer: length");
	ok_errno(setxattr("prog", NAME, &v2, 12, 0), EINVAL, "wrong size");
	bad.magic_etc = VFS_CAP_REVISION_1;
	ok_errno(setxattr("prog", NAME, &bad, 12, 0), EINVAL,
		 "revision 1 can no longer be set");
	bad.magic_etc = VFS_CAP_REVISION_2 | 2;
	ok_errno(setxattr("prog", NAME, &bad, sizeof(bad), 0), EINVAL,
		 "an unknown flag");
	bad.magic_etc = VFS_CAP_REVISION_3;
	ok_errno(setxattr("prog", NAME, &bad, sizeof(bad), 0), EINVAL,
		 "revision 3 of revision 2's size");
	ok_errno(setxattr("prog", NAME, &v2, sizeof(v2), XATTR_CREATE), EEXIST,
		 "XATTR_CREATE of what is there");
	ok(in_child_as(STUDENT, student_sets) == 0,
	   "CAP_SETFCAP is needed to set, not to read");
	ok(!give_v3(RAW, 0) &&
		   getxattr("prog", NAME, &back, sizeof(back)) == sizeof(v2) &&
		   back.magic_etc == (VFS_CAP_REVISION_2 | 1),
	   "revision 3 for our own root is shown as revision 2");
	ok(!give_v3(RAW, 4711) &&
		   getxattr("prog", NAME, &back, sizeof(back)) ==
			   sizeof(back) &&
		   back.magic_etc == (VFS_CAP_REVISION_3 | 1) &&
		   back.rootid == 4711,
	   "for another root as it is");
	ok(!removexattr("prog", NAME) && !has_caps(), "removed");
}

static void what_they_give(void)
{
	struct report r;

	ok(!run(student, &r) && !r.permitted && !r.secure && r.dumpable == 1,
	   "a plain program gives a user nothing");
	need(!give(RAW | WAKE, 0, 1));
	ok(!run(student, &r) && r.permitted == (RAW | WAKE) &&
		   r.effective == r.permitted && !r.inheritable,
	   "permitted and effective of the file are the program's");
	ok(r.secure == 1, "AT_SECURE is set");
	ok(r.dumpable == 0, "and it is not dumpable");
	ok(!run(student_dies_with_parent, &r) && r.pdeathsig == 0,
	   "the signal at the parent's death is forgotten");
	ok(!run(root, &r) && r.permitted == FULL && !r.secure,
	   "root has all anyway");
	ok(!run(root_noroot, &r) && r.permitted == (RAW | WAKE) &&
		   r.effective == (RAW | WAKE),
	   "with SECBIT_NOROOT it has the file's");
	ok(!run(student_no_new_privs, &r) && !r.permitted && !r.effective,
	   "no_new_privs: nothing is gained");
	ok(r.secure == 1, "but AT_SECURE is set");
	ok(run(student_unbound, &r) == EPERM,
	   "an effective file out of the bounding set: EPERM");

	need(!give(RAW | KILL, 0, 0));
	ok(!run(student, &r) && r.permitted == (RAW | KILL) && !r.effective &&
		   r.secure,
	   "without the effective bit they are only permitted");
	ok(!run(student_unbound, &r) && r.permitted == KILL,
	   "cut to the bounding set");

	need(!give_v3(RAW, 0));
	ok(!run(student, &r) && r.permitted == RAW, "revision 3 counts");
	need(!give_v3(RAW, 4711));
	ok(!run(student, &r) && !r.permitted && !r.secure,
	   "but not for another root");
}

static void inheritable_and_ambient(void)
{
	struct report r;

	need(!give(0, RAW, 1));
	ok(!run(student, &r) && !r.permitted,
	   "inheritable of the file alone gives nothing");
	ok(!run(student_inherits_only, &r) && r.permitted == RAW &&
		   r.effective == RAW && r.inheritable == RAW,
	   "with inheritable of the task it does");
	ok(!run(student_ambient, &r) && r.permitted == RAW && !r.ambient &&
		   r.inheritable == (RAW | KILL),
	   "a file with capabilities empties the ambient set");
	removexattr("prog", NAME);
	ok(!run(student_ambient, &r) && r.permitted == KILL &&
		   r.effective == KILL && r.ambient == KILL && !r.secure,
	   "a plain one keeps it: permitted and effective, no AT_SECURE");
	ok(!run(student_with_caps, &r) && !r.permitted &&
		   r.inheritable == (RAW | KILL),
	   "without it capabilities end at exec");
}

static void with_set_id_bits(void)
{
	struct report r;

	need(!chmod("prog", 04755));
	ok(!run(student, &r) && r.euid == 0 && r.permitted == FULL && r.secure,
	   "a set-user-ID root program has all");
	ok(!run(student_ambient, &r) && !r.ambient && r.euid == 0,
	   "and empties the ambient set");
	ok(!run(student_no_new_privs, &r) && r.euid == STUDENT &&
		   !r.permitted && !r.secure,
	   "no_new_privs: neither ids nor capabilities");
	need(!give(RAW, 0, 1));
	ok(!run(student, &r) && r.euid == 0 && r.permitted == RAW,
	   "with capabilities of its own, a user gets just those");
	need(!chmod("prog", 0755));
}

static void nosuid_mount(void)
{
	struct report r;
	char here[64];

	need(getcwd(here, sizeof(here)));
	need(!give(RAW, 0, 1));
	if (mount(here, here, NULL, MS_BIND, NULL) ||
	    mount(NULL, here, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL) ||
	    chdir(here))
		bail("bind mount");
	ok(!run(student, &r) && !r.permitted && !r.secure,
	   "nosuid: capabilities of files do not count");
	need(!chdir("/"));
	need(!umount2(here, MNT_DETACH));
	need(!chdir(here));
}

static int student_chowns(void)
{
	need(fails(chown("prog", STUDENT, -1), EPERM));
	return 0;
}

static void what_takes_them(void)
{
	int fd;

	need(!give(RAW, 0, 1));
	ok(in_child_as(STUDENT, student_chowns) == 0 && has_caps(),
	   "a chown that fails takes nothing");
	ok(!chmod("prog", 0700) && !chmod("prog", 0755) && has_caps(),
	   "chmod keeps them");
	ok(!chown("prog", -1, -1) && !has_caps(), "chown takes them");
	need(!give(RAW, 0, 1));
	fd = open("prog", O_WRONLY);
	ok(fd >= 0 && has_caps(), "open keeps them");
	ok(pwrite(fd, "\177", 1, 0) == 1 && !has_caps(),
	   "a write takes them, even root's");
	need(!give(RAW, 0, 1));
	ok(pwrite(fd, "\177", 1, 0) == 1 && !has_caps(),
	   "the next write again");
	need(!give(RAW, 0, 1));
	ok(!ftruncate(fd, 100000) && !has_caps(), "and so does a truncation");
	close(fd);
}

static void everything(void)
{
	if (chmod(".", 0755))
		bail("chmod");
	copy_self();
	what_may_be_set();
	what_they_give();
	inheritable_and_ambient();
	with_set_id_bits();
	nosuid_mount();
	what_takes_them();
}

static void each_file_system(void)
{
	char path[64];

	tap_folder_in("/home", "caps");
	if (!getcwd(path, sizeof(path)))
		bail("getcwd");
	tap_round = "root: ";
	everything();
	if (chdir("/") || mount("none", path, "tmpfs", 0, NULL) || chdir(path))
		bail("tmpfs");
	tap_round = "tmpfs: ";
	everything();
	tap_round = "";
	if (chdir("/") || umount(path))
		bail("umount");
	remove_tree(path);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "report"))
		return write_report();
	each_file_system();
	return done_testing();
}
