/*
 * mount(2) and umount2(2): tmpfs, bind, move, read-only, busy, detached; what
 * /proc/mounts and statfs(2) tell.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

static struct stat st;
static char here[100];

static long device_of(const char *path)
{
	return stat(path, &st) ? -1 : (long)st.st_dev;
}

static int listed(const char *folder, const char *words)
{
	static char text[8192];
	char line[300];

	snprintf(line, sizeof(line), " %s/%s %s", here, folder, words);
	return strstr(file_text("/proc/mounts", text, sizeof(text)), line) !=
	       NULL;
}

/* ustat(2), which musl leaves out: free blocks and inodes, and no names. */
static void free_by_device(const char *path)
{
	struct {
		int blocks;
		unsigned long inodes;
		char names[12];
	} told;
	char empty[12] = "";
	struct statfs fs;
	struct stat st;

	memset(&told, -1, sizeof(told));
	ok(stat(path, &st) == 0 && statfs(path, &fs) == 0 &&
		   syscall(SYS_ustat, st.st_dev, &told) == 0 &&
		   told.blocks == (int)fs.f_bfree &&
		   told.inodes == fs.f_ffree &&
		   !memcmp(told.names, empty, sizeof(empty)),
	   "ustat tells the same as statfs");
	ok_errno(syscall(SYS_ustat, 0xfff, &told), EINVAL, "of no device");
}

static void plain(void)
{
	mkdir("m", 0755);
	put_file("m/under", "x");
	ok(mount("tiny", "m", "tmpfs", 0, "size=64k,mode=0711") == 0 &&
		   device_of(".") != device_of("m") &&
		   (st.st_mode & 0777) == 0711,
	   "a tmpfs covers its folder");
	ok_errno(access("m/under", F_OK), ENOENT, "what was there is hidden");
	put_file("m/file", "in it");
	ok(listed("m", "tmpfs rw"), "/proc/mounts lists it");
	ok(device_of("m/..") == device_of("."), ".. leads out of it");
	ok_errno(rename("m/file", "file"), EXDEV, "no rename out of it");
	ok_errno(rmdir("m"), EBUSY, "it is not removed: EBUSY");
	ok(umount("m") == 0 && access("m/under", F_OK) == 0 && !listed("m", ""),
	   "umount uncovers the folder");
	ok_errno(umount("m"), EINVAL, "what is not mounted: EINVAL");
	ok_errno(umount("none"), ENOENT, "what is not there: ENOENT");
}

/* Pages that were asked for early, read, and only then written count once. */
static void counts_once(void)
{
	char *memory;
	struct statfs fs;
	int fd = open("m/sparse", O_RDWR | O_CREAT, 0600);
	int i;

	if (fd < 0 || ftruncate(fd, 4 * 4096))
		bail("m/sparse");
	posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
	readahead(fd, 0, 4 * 4096);
	memory =
		mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		bail("mmap");
	for (i = 0; i < 4; i++)
		memory[i * 4096] = (char)(memory[i * 4096] + 1);
	ok(statfs("m", &fs) == 0 && fs.f_bfree == 12, "each page counts");
	munmap(memory, 4 * 4096);
	close(fd);
	unlink("m/sparse");
	ok(statfs("m", &fs) == 0 && fs.f_bfree == 16, "and no more than once");
}

static void space(void)
{
	static char block[4096];
	struct statfs fs;
	int count = 0;
	int fd;

	mount("tiny", "m", "tmpfs", 0, "size=64k,nr_inodes=10");
	free_by_device("m");
	free_by_device("/proc");
	free_by_device("/dev/pts");
	ok(statfs("m", &fs) == 0 && fs.f_type == 0x01021994 &&
		   fs.f_bsize == 4096 && fs.f_blocks == 16 &&
		   fs.f_bfree == 16 && fs.f_files == 10 && fs.f_namelen == 255,
	   "statfs tells its size");
	counts_once();
	fd = open("m/big", O_RDWR | O_CREAT, 0600);
	while (count < 100 && write(fd, block, 4096) == 4096)
		count++;
	ok(count == 16 && errno == ENOSPC, "full: ENOSPC");
	ok(statfs("m", &fs) == 0 && fs.f_bfree == 0, "no block is free");
	ok(ftruncate(fd, 4096) == 0 && statfs("m", &fs) == 0 &&
		   fs.f_bfree == 15,
	   "truncate gives them back");
	close(fd);
	for (count = 0; count < 50; count++) {
		char name[16];

		snprintf(name, sizeof(name), "m/%d", count);
		fd = open(name, O_RDWR | O_CREAT, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	ok(count == 8 && errno == ENOSPC, "no inode left: ENOSPC");
	ok(mount("tiny", "m", "tmpfs", MS_REMOUNT, "size=128k") == 0 &&
		   statfs("m", &fs) == 0 && fs.f_blocks == 32,
	   "remount makes it larger");
	umount("m");
}

static void busy(void)
{
	int fd;

	mount("t", "m", "tmpfs", 0, NULL);
	put_file("m/file", "text");
	fd = open("m/file", O_RDWR);
	ok_errno(umount("m"), EBUSY, "a file is open: EBUSY");
	ok(umount2("m", MNT_DETACH) == 0 && access("m/under", F_OK) == 0,
	   "MNT_DETACH: the tree no longer has it");
	ok(write(fd, "TEXT", 4) == 4 && lseek(fd, 0, SEEK_END) == 4,
	   "the open file goes on");
	close(fd);
	mount("t", "m", "tmpfs", 0, NULL);
	if (chdir("m"))
		bail("chdir");
	ok_errno(umount(here), EINVAL, "only a mount's root is unmounted");
	ok_errno(umount("."), EBUSY, "somebody's working folder: EBUSY");
	if (chdir(here))
		bail("chdir");
	mkdir("m/deep", 0755);
	mount("t", "m/deep", "tmpfs", 0, NULL);
	ok_errno(umount("m"), EBUSY, "a mount in it: EBUSY");
	ok(umount("m/deep") == 0 && umount("m") == 0, "from the inside out");
	mount("one", "m", "tmpfs", 0, NULL);
	put_file("m/one", "");
	mount("two", "m", "tmpfs", 0, NULL);
	ok(access("m/one", F_OK) < 0 && umount("m") == 0 &&
		   access("m/one", F_OK) == 0 && umount("m") == 0,
	   "one over the other, the last one first");
}

static void binding(void)
{
	mkdir("from", 0755);
	mkdir("to", 0755);
	put_file("from/file", "text");
	ok(mount("from", "to", NULL, MS_BIND, NULL) == 0 &&
		   access("to/file", F_OK) == 0 &&
		   device_of("to") == device_of("from"),
	   "MS_BIND: a folder in a second place");
	put_file("to/new", "x");
	ok(access("from/new", F_OK) == 0, "they are one");
	ok_errno(rename("to/new", "from/moved"), EXDEV,
		 "but a rename between them gives EXDEV");
	ok(mount(NULL, "to", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0,
	   "one of them read-only");
	ok_errno(open("to/x", O_CREAT | O_WRONLY, 0600), EROFS, "EROFS there");
	ok(unlink("from/new") == 0, "not here");
	umount("to");
	put_file("target", "");
	ok(mount("from/file", "target", NULL, MS_BIND, NULL) == 0 &&
		   stat("target", &st) == 0 && st.st_size == 4,
	   "a file can be bound over a file");
	ok_errno(unlink("target"), EBUSY, "and is not removed: EBUSY");
	umount("target");
	ok_errno(mount("from", "target", NULL, MS_BIND, NULL), ENOTDIR,
		 "not a folder over a file");
	ok_errno(mount("none", "to", NULL, MS_BIND, NULL), ENOENT,
		 "nothing to bind");
}

static void recursive(void)
{
	mkdir("from/sub", 0755);
	mount("t", "from/sub", "tmpfs", 0, NULL);
	put_file("from/sub/inner", "x");
	mount("from", "to", NULL, MS_BIND, NULL);
	ok(access("to/sub/inner", F_OK) < 0, "MS_BIND leaves out mounts in it");
	umount("to");
	mount("from", "to", NULL, MS_BIND | MS_REC, NULL);
	ok(access("to/sub/inner", F_OK) == 0, "MS_REC takes them along");
	umount("to/sub");
	umount("to");
	umount("from/sub");
}

static void moving(void)
{
	mount("t", "from", "tmpfs", 0, NULL);
	put_file("from/moved", "x");
	ok(mount("from", "to", NULL, MS_MOVE, NULL) == 0 &&
		   access("to/moved", F_OK) == 0 &&
		   access("from/moved", F_OK) < 0,
	   "MS_MOVE");
	ok_errno(mount("from", "m", NULL, MS_MOVE, NULL), EINVAL,
		 "what is not mounted does not move");
	mkdir("to/in", 0755);
	ok_errno(mount("to", "to/in", NULL, MS_MOVE, NULL), ELOOP,
		 "nor into itself");
	umount("to");
}

static void read_only(void)
{
	struct statvfs vfs;
	int fd;

	mount("t", "m", "tmpfs", 0, NULL);
	put_file("m/file", "text");
	if (symlink("file", "m/link"))
		bail("symlink");
	fd = open("m/file", O_WRONLY);
	ok_errno(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY,
		 "remount read-only with a writer: EBUSY");
	close(fd);
	ok(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0 &&
		   listed("m", "tmpfs ro") && statvfs("m", &vfs) == 0 &&
		   (vfs.f_flag & ST_RDONLY),
	   "remount read-only");
	ok_errno(open("m/file", O_WRONLY), EROFS, "open for writing: EROFS");
	ok_errno(open("m/new", O_CREAT | O_RDONLY, 0600), EROFS, "O_CREAT");
	ok_errno(mkdir("m/new", 0755), EROFS, "mkdir");
	ok_errno(unlink("m/file"), EROFS, "unlink");
	ok_errno(rename("m/file", "m/x"), EROFS, "rename");
	ok_errno(chmod("m/file", 0600), EROFS, "chmod");
	ok_errno(utimensat(AT_FDCWD, "m/file", NULL, 0), EROFS, "utimensat");
	ok_errno(truncate("m/file", 0), EROFS, "truncate");
	ok_errno(link("m/file", "m/x"), EROFS, "link");
	ok_errno(symlink("x", "m/x"), EROFS, "symlink");
	ok_errno(access("m/file", W_OK), EROFS, "access");
	ok_errno(mkdir("m/file", 0755), EEXIST, "but what is there: EEXIST");
	fd = open("m/link", O_RDONLY);
	ok(fd >= 0 && read(fd, here + 50, 4) == 4, "it can be read");
	close(fd);
	ok(mount(NULL, "m", NULL, MS_REMOUNT, NULL) == 0 &&
		   chmod("m/file", 0600) == 0,
	   "and made writable again");
	umount("m");
}

static void flags(void)
{
	mount("t", "m", "tmpfs", MS_NODEV | MS_NOEXEC | MS_NOSUID, NULL);
	ok(listed("m", "tmpfs rw,nosuid,nodev,noexec,relatime"),
	   "flags are listed");
	mknod("m/null", S_IFCHR | 0666, makedev(1, 3));
	ok_errno(open("m/null", O_RDWR), EACCES, "nodev: EACCES");
	umount("m");
	mount("t", "m", "tmpfs", MS_NOATIME, NULL);
	put_file("m/file", "text");
	{
		struct timespec old[2] = {{1000, 0}, {2000, 0}};

		utimensat(AT_FDCWD, "m/file", old, 0);
		file_text("m/file", here + 50, 8);
		stat("m/file", &st);
		ok(st.st_atime == 1000, "noatime: reads leave atime");
	}
	umount("m");
}

static int student_mounts(void)
{
	need(fails(mount("t", "m", "tmpfs", 0, NULL), EPERM));
	need(fails(umount("/proc"), EPERM));
	return 0;
}

static void errors(void)
{
	ok_errno(mount("t", "m", "nosuchfs", 0, NULL), ENODEV,
		 "an unknown file system: ENODEV");
	ok_errno(mount("t", "none", "tmpfs", 0, NULL), ENOENT, "no folder");
	ok_errno(mount("t", "target", "tmpfs", 0, NULL), ENOTDIR,
		 "over a file: ENOTDIR");
	ok_errno(mount("t", "m", "tmpfs", 0, "nonsense=1"), EINVAL,
		 "an unknown option: EINVAL");
	ok_errno(mount("/dev/none", "m", "ext2", 0, NULL), ENOENT, "no device");
	ok_errno(mount("target", "m", "ext2", 0, NULL), ENOTBLK,
		 "a file is no block device: ENOTBLK");
	ok_errno(mount(NULL, "m", NULL, MS_REMOUNT, NULL), EINVAL,
		 "remount of what is not mounted");
	ok_errno(umount2("m", 0x1000), EINVAL, "umount2: unknown flags");
	ok(in_child_as(STUDENT, student_mounts) == 0, "EPERM for users");
}

static void everything(void)
{
	if (!getcwd(here, sizeof(here)))
		bail("getcwd");
	here[49] = 0;
	chmod(".", 0755);
	plain();
	space();
	busy();
	binding();
	recursive();
	moving();
	read_only();
	flags();
	errors();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
