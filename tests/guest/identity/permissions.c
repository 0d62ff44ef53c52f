/*
 * Who may do what with a file: the nine bits, their classes, folders, sticky
 * and set-group-ID folders, chmod and chown; on both file systems.
 */
#include "tap.h"
#include <sys/syscall.h>

static const char *file;

static int owner_class(void)
{
	/* 0077: the owner has fewer rights than the others. */
	need(fails(open("owner", O_RDONLY), EACCES));
	return 0;
}

static int group_class(void)
{
	need(fails(open("group", O_RDONLY), EACCES));
	need(open("other", O_RDONLY) >= 0);
	need(fails(open("other", O_WRONLY), EACCES));
	need(fails(open("other", O_RDWR), EACCES));
	return 0;
}

static void put(const char *name, int mode, int user, int group)
{
	put_file(name, "text");
	if (chown(name, user, group) || chmod(name, mode))
		bail(name);
}

static int in_groups(int (*body)(void))
{
	gid_t list[2] = {300, 301};
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(2, list) ||
		    setresgid(STUDENT, STUDENT, STUDENT) ||
		    setresuid(STUDENT, STUDENT, STUDENT))
			_exit(96);
		_exit(body());
	}
	return exit_code(pid);
}

static int by_group(void)
{
	int fd = open("by_group", O_RDWR);

	need(fd >= 0);
	need(open("by_other_group", O_RDWR) < 0 && errno == EACCES);
	return 0;
}

static void classes(void)
{
	put("owner", 0077, STUDENT, 0);
	put("group", 0707, 0, STUDENT);
	put("other", 0704, 0, 0);
	ok(in_child_as(STUDENT, owner_class) == 0,
	   "the owner's bits alone count for the owner");
	ok(in_child_as(STUDENT, group_class) == 0,
	   "the group's for the group, the others' for others");
	put("by_group", 0660, 0, 301);
	put("by_other_group", 0660, 0, 302);
	ok(in_groups(by_group) == 0, "supplementary groups count");
	put("none", 0, STUDENT, STUDENT);
	ok(open("none", O_RDWR) >= 0, "root reads and writes anything");
	ok_errno(access("none", X_OK), EACCES,
		 "but runs nothing that nobody may run");
	ok(access("other", X_OK) == 0, "and all that somebody may");
}

static int folder_rights(void)
{
	need(fails(open("search/in", O_RDONLY | O_DIRECTORY), ENOTDIR));
	need(open("search/in", O_RDONLY) >= 0);
	need(fails(open("search", O_RDONLY), EACCES));
	need(fails(open("search/new", O_CREAT | O_WRONLY, 0600), EACCES));
	need(fails(unlink("search/in"), EACCES));
	need(fails(rename("search/in", "search/out"), EACCES));
	need(fails(mkdir("search/new", 0700), EACCES));
	need(open("list", O_RDONLY) >= 0);
	need(fails(open("list/in", O_RDONLY), EACCES));
	need(fails(chdir("list"), EACCES));
	need(fails(access("list/none", F_OK), EACCES));
	return 0;
}

static void folders(void)
{
	mkdir("search", 0711);
	put("search/in", 0644, 0, 0);
	mkdir("list", 0744);
	put("list/in", 0644, 0, 0);
	ok(in_child_as(STUDENT, folder_rights) == 0,
	   "x lets in, r lists, w makes and removes");
}

static int sticky_rights(void)
{
	need(fails(unlink("sticky/roots"), EPERM));
	need(fails(rename("sticky/roots", "sticky/x"), EPERM));
	need(fails(rename("sticky/mine", "sticky/roots"), EPERM));
	need(fails(rmdir("sticky/folder"), EPERM));
	need(unlink("sticky/mine") == 0);
	need(unlink("mysticky/roots") == 0);
	return 0;
}

static void sticky(void)
{
	mkdir("sticky", 0);
	chmod("sticky", 01777);
	put("sticky/roots", 0666, 0, 0);
	put("sticky/mine", 0666, STUDENT, STUDENT);
	mkdir("sticky/folder", 0777);
	mkdir("mysticky", 0);
	put("mysticky/roots", 0666, 0, 0);
	chmod("mysticky", 01777);
	if (chown("mysticky", STUDENT, STUDENT))
		bail("chown");
	ok(in_child_as(STUDENT, sticky_rights) == 0,
	   "in a sticky folder the owners of file and folder may remove");
}

static int makes_in_group(void)
{
	struct stat st;

	umask(0);
	need(mkdir("setgid/folder", 0755) == 0);
	need(stat("setgid/folder", &st) == 0 && st.st_gid == 300);
	need((st.st_mode & 07777) == 02755);
	need(open("setgid/file", O_CREAT | O_WRONLY, 0644) >= 0);
	need(stat("setgid/file", &st) == 0 && st.st_gid == 300);
	need((st.st_mode & 07777) == 0644);
	/* What the umask takes does not save a set-group-ID bit. */
	need(mknod("setgid/first", S_IFREG | 06777, 0) == 0);
	need(stat("setgid/first", &st) == 0 && (st.st_mode & 07777) == 04777);
	umask(077);
	need(mknod("setgid/second", S_IFREG | 06777, 0) == 0);
	need(stat("setgid/second", &st) == 0 && (st.st_mode & 07777) == 04700);
	need(open("setgid/third", O_CREAT | O_WRONLY, 02777) >= 0);
	need(stat("setgid/third", &st) == 0 && (st.st_mode & 07777) == 0700);
	need(mknod("setgid/fourth", S_IFREG | 02766, 0) == 0);
	need(stat("setgid/fourth", &st) == 0 && (st.st_mode & 07777) == 02700);
	return 0;
}

static void set_group(void)
{
	mkdir("setgid", 0);
	if (chown("setgid", 0, 300) || chmod("setgid", 02777))
		bail("setgid");
	ok(in_child_as(STUDENT, makes_in_group) == 0,
	   "in a set-group-ID folder new files are of its group");
}

static int mode_of(const char *name)
{
	struct stat st;

	return stat(name, &st) ? -1 : (int)(st.st_mode & 07777);
}

static int student_changes(void)
{
	struct timespec times[2] = {{1, 0}, {UTIME_OMIT, UTIME_OMIT}};

	times[1].tv_sec = 0;
	need(fails(chmod("roots", 0777), EPERM));
	need(fails(chown("roots", STUDENT, -1), EPERM));
	need(chmod("mine", 0600) == 0 && mode_of("mine") == 0600);
	need(fails(chown("mine", 0, -1), EPERM));
	need(fails(chown("mine", -1, 0), EPERM));
	need(chown("mine", STUDENT, 300) == 0);
	need(chmod("mine", 02755) == 0 && mode_of("mine") == 02755);
	need(chown("mine", -1, STUDENT) == 0 && mode_of("mine") == 0755);
	need(fails(utimensat(AT_FDCWD, "roots", times, 0), EPERM));
	need(fails(utimensat(AT_FDCWD, "roots", NULL, 0), EACCES));
	need(fails(open("public", O_RDONLY | O_NOATIME), EPERM));
	need(utimensat(AT_FDCWD, "public", NULL, 0) == 0);
	return 0;
}

static int group_not_member(void)
{
	need(chmod("foreign", 02755) == 0);
	need(mode_of("foreign") == 0755);
	return 0;
}

static void changes(void)
{
	put("roots", 0600, 0, 0);
	put("mine", 0644, STUDENT, STUDENT);
	put("public", 0666, 0, 0);
	put("foreign", 0644, STUDENT, 999);
	ok(in_groups(student_changes) == 0,
	   "owners chmod; they chown to their own groups only");
	ok(in_child_as(STUDENT, group_not_member) == 0,
	   "set-group-ID of a foreign group is dropped");
	put("suid", 06755, STUDENT, STUDENT);
	ok(chown("suid", 0, 0) == 0 && mode_of("suid") == 0755,
	   "chown clears set-user-ID and set-group-ID, even root's");
	put("suid", 02644, STUDENT, STUDENT);
	ok(chown("suid", 0, 0) == 0 && mode_of("suid") == 02644,
	   "but not a set-group-ID that cannot be run");
}

static int student_writes(void)
{
	int fd = open(file, O_WRONLY);

	need(fd >= 0 && write(fd, "x", 1) == 1);
	return 0;
}

static int student_truncates(void)
{
	need(truncate(file, 0) == 0);
	return 0;
}

static void writing(void)
{
	int fd;

	file = "suidfile";
	put(file, 06777, 0, 0);
	fd = open(file, O_WRONLY);
	ok(write(fd, "x", 1) == 1 && mode_of(file) == 06777,
	   "root's write leaves set-user-ID");
	close(fd);
	ok(in_child_as(STUDENT, student_writes) == 0 && mode_of(file) == 0777,
	   "anyone else's clears it");
	put(file, 06777, 0, 0);
	ok(in_child_as(STUDENT, student_truncates) == 0 &&
		   mode_of(file) == 0777,
	   "so does truncate");
}

static int real_and_effective(void)
{
	need(setresuid(STUDENT, 0, 0) == 0);
	need(fails(access("secret", R_OK), EACCES));
	need(faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS) == 0);
	need(open("secret", O_RDONLY) >= 0);
	return 0;
}

static int asks(void)
{
	need(access("readable", R_OK) == 0 && access("readable", F_OK) == 0);
	need(fails(access("readable", W_OK), EACCES));
	need(fails(access("readable", R_OK | X_OK), EACCES));
	need(fails(access("readable", 8), EINVAL));
	need(fails(access("nothing", F_OK), ENOENT));
	return 0;
}

static void accesses(void)
{
	put("secret", 0600, 0, 0);
	put("readable", 0644, 0, 0);
	ok(in_child(real_and_effective) == 0,
	   "access asks for the real user, faccessat may for the effective");
	ok(in_child_as(STUDENT, asks) == 0, "access, and its errors");
}

static void masks(void)
{
	ok(umask(027) != 0777 && umask(027) == 027,
	   "umask returns the old one");
	close(open("masked", O_CREAT | O_WRONLY, 0777));
	mkdir("masked_folder", 0777);
	ok(mode_of("masked") == 0750 && mode_of("masked_folder") == 0750,
	   "new files and folders are masked");
	ok(umask(07777) == 027 && umask(022) == 0777, "it is nine bits");
	close(open("special", O_CREAT | O_WRONLY, 07777));
	ok(mode_of("special") == 07755, "the other three bits are not masked");
}

static void everything(void)
{
	chmod(".", 0777);
	umask(0);
	classes();
	folders();
	sticky();
	set_group();
	changes();
	writing();
	accesses();
	masks();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
