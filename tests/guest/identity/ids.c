/*
 * User and group IDs: real, effective, saved and file-system, who may change
 * them to what, and supplementary groups.
 */
#include "tap.h"
#include <sys/fsuid.h>
#include <sys/syscall.h>

/* The calls themselves: the library's change every thread by signals. */
#define set_uid(id)	    syscall(SYS_setuid, id)
#define set_gid(id)	    syscall(SYS_setgid, id)
#define set_reuid(r, e)	    syscall(SYS_setreuid, r, e)
#define set_resuid(r, e, s) syscall(SYS_setresuid, r, e, s)
#define set_resgid(r, e, s) syscall(SYS_setresgid, r, e, s)
#define set_groups(n, list) syscall(SYS_setgroups, n, list)

static int users_are(uid_t real, uid_t effective, uid_t saved)
{
	uid_t r;
	uid_t e;
	uid_t s;

	return getresuid(&r, &e, &s) == 0 && r == real && e == effective &&
	       s == saved && getuid() == r && geteuid() == e;
}

static int groups_are(gid_t real, gid_t effective, gid_t saved)
{
	gid_t r;
	gid_t e;
	gid_t s;

	return getresgid(&r, &e, &s) == 0 && r == real && e == effective &&
	       s == saved && getgid() == r && getegid() == e;
}

static int root_drops(void)
{
	need(set_uid(10) == 0 && users_are(10, 10, 10));
	need(fails(set_uid(0), EPERM));
	need(set_uid(10) == 0);
	return 0;
}

static int root_steps_down(void)
{
	need(set_resuid(-1, 10, -1) == 0 && users_are(0, 10, 0));
	need(fails(set_uid(11), EPERM));
	need(set_uid(0) == 0 && users_are(0, 0, 0));
	need(set_resuid(10, 11, 12) == 0 && users_are(10, 11, 12));
	need(set_uid(10) == 0 && users_are(10, 10, 12));
	need(set_uid(12) == 0 && users_are(10, 12, 12));
	need(fails(set_uid(11), EPERM));
	return 0;
}

static int swaps(void)
{
	need(set_reuid(10, 11) == 0 && users_are(10, 11, 11));
	need(set_reuid(11, 10) == 0 && users_are(11, 10, 10));
	need(set_reuid(-1, 11) == 0 && users_are(11, 11, 10));
	need(fails(set_reuid(12, -1), EPERM));
	need(fails(set_reuid(-1, 12), EPERM));
	return 0;
}

static int three_ids(void)
{
	need(set_resuid(10, 11, 12) == 0);
	need(set_resuid(12, 10, 11) == 0 && users_are(12, 10, 11));
	need(set_resuid(-1, -1, -1) == 0 && users_are(12, 10, 11));
	need(fails(set_resuid(10, 13, 11), EPERM) && users_are(12, 10, 11));
	return 0;
}

static int group_ids(void)
{
	need(set_resgid(20, 21, 22) == 0 && groups_are(20, 21, 22));
	need(set_uid(10) == 0);
	need(set_gid(22) == 0 && groups_are(20, 22, 22));
	need(fails(set_gid(21), EPERM));
	need(set_resgid(22, 20, -1) == 0 && groups_are(22, 20, 22));
	/* What changes none of them leaves the fourth alone. */
	need(setfsgid(22) == 20 && set_resgid(-1, -1, -1) == 0);
	need(setfsgid(-1) == 22 && set_resgid(22, -1, 22) == 0);
	need(setfsgid(-1) == 22 && set_resgid(-1, 20, -1) == 0);
	need(setfsgid(-1) == 20);
	need(fails(set_resgid(23, -1, -1), EPERM));
	return 0;
}

static int supplementary(void)
{
	gid_t list[5] = {30, 31, 32, 31, 7};
	gid_t got[5] = {0};

	need(set_groups(5, list) == 0);
	need(getgroups(0, NULL) == 5);
	need(fails(getgroups(4, got), EINVAL));
	need(getgroups(5, got) == 5 && got[0] == 7 && got[4] == 32);
	need(fails(set_groups(-1, list), EINVAL));
	list[1] = -1;
	need(fails(set_groups(2, list), EINVAL) && getgroups(0, NULL) == 5);
	need(fails(set_groups(65537, list), EINVAL));
	need(fails(set_groups(2, nowhere), EFAULT));
	list[1] = -1;
	need(fails(set_groups(2, list), EINVAL));
	need(set_uid(10) == 0);
	need(fails(set_groups(1, list), EPERM));
	need(getgroups(5, got) == 5);
	return 0;
}

static int inherited(void)
{
	need(getgroups(0, NULL) == 2 && users_are(10, 11, 12));
	return 0;
}

static int inherits(void)
{
	gid_t list[2] = {30, 31};

	set_groups(2, list);
	set_resuid(10, 11, 12);
	return in_child(inherited);
}

static int file_ids(void)
{
	struct stat st;

	umask(0);
	need(setfsuid(10) == 0 && setfsuid(-1) == 10);
	need(setfsgid(20) == 0 && setfsgid(-1) == 20);
	need(open("fsuid", O_WRONLY | O_CREAT, 0600) >= 0);
	need(stat("fsuid", &st) == 0 && st.st_uid == 10 && st.st_gid == 20);
	need(open("rootonly", O_RDONLY) < 0 && errno == EACCES);
	need(users_are(0, 0, 0));
	need(set_resuid(-1, -1, -1) == 0 && setfsuid(-1) == 10);
	need(set_resuid(-1, 11, -1) == 0 && setfsuid(-1) == 11);
	need(setfsuid(99) == 11 && setfsuid(-1) == 11);
	return 0;
}

static int effective_for_files(void)
{
	struct stat st;

	umask(0);
	need(set_resgid(20, 21, 22) == 0 && set_resuid(10, 11, 12) == 0);
	need(open("euid", O_WRONLY | O_CREAT, 0600) >= 0);
	need(stat("euid", &st) == 0 && st.st_uid == 11 && st.st_gid == 21);
	return 0;
}

int main(void)
{
	tap_folder("ids");
	chmod(".", 0777);
	put_file("rootonly", "x");
	chmod("rootonly", 0600);
	ok(in_child(root_drops) == 0,
	   "setuid by root changes all three, for good");
	ok(in_child(root_steps_down) == 0,
	   "setuid by others: to the real or the saved one");
	ok(in_child(swaps) == 0, "setreuid swaps, and sets the saved one");
	ok(in_child(three_ids) == 0, "setresuid permutes what there is");
	ok(in_child(group_ids) == 0, "groups follow the same rules");
	ok(in_child(supplementary) == 0, "setgroups and getgroups");
	ok(in_child(inherits) == 0, "fork keeps them all");
	ok(in_child(file_ids) == 0, "setfsuid and setfsgid");
	ok(in_child(effective_for_files) == 0,
	   "a new file belongs to the effective ones");
	return done_testing();
}
