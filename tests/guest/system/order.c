/*
 * The order in which calls look at their arguments: of two that are wrong it is
 * always the same one whose error is told.
 */
#include "tap.h"
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#define SYS_OPENAT2 437

static int file;
static int pipes[2];

static void descriptors_first(void)
{
	struct timespec time = {0, -1};

	ok_errno(syscall(SYS_flock, -1, 3), EINVAL,
		 "flock: the operation, then the descriptor");
	ok_errno(syscall(SYS_copy_file_range, -1, NULL, file, NULL, 1, 4),
		 EBADF, "copy_file_range: the descriptors,");
	ok_errno(syscall(SYS_copy_file_range, file, nowhere, file, NULL, 1, 4),
		 EFAULT, "the offsets, then the flags");
	ok_errno(syscall(SYS_splice, -1, nowhere, file, nowhere, 1, 0), EBADF,
		 "splice: the descriptors,");
	ok_errno(syscall(SYS_splice, pipes[0], nowhere, file, nowhere, 1, 0),
		 ESPIPE, "a pipe's offset, then what it is");
	ok(syscall(SYS_splice, -1, NULL, -1, NULL, 0, -1) == 0,
	   "but nothing of no bytes");
	ok_errno(syscall(SYS_accept4, -1, NULL, NULL, 1), EBADF,
		 "accept4: the descriptor, then the flags,");
	ok_errno(syscall(SYS_accept4, file, NULL, NULL, 1), EINVAL,
		 "then that it is no socket");
	ok_errno(syscall(SYS_connect, file, nowhere, 16), EFAULT,
		 "connect: the address, then that it is no socket");
	ok_errno(syscall(SYS_connect, file, nowhere, 129), EINVAL,
		 "and first its length");
	ok_errno(syscall(SYS_recvmmsg, -1, NULL, 1, 0, &time), EINVAL,
		 "recvmmsg: the time, then the descriptor");
}

static void reads_and_writes(void)
{
	struct iovec none = {(void *)1, 0};
	struct iovec one = {&none, 1};
	int wrong = -1;

	ok_errno(syscall(SYS_write, file, &none, 1UL << 63), EFAULT,
		 "write: memory that cannot be, then the length");
	ok_errno(syscall(SYS_pwrite64, file, &none, 8, 0x7fffffffffffffffL),
		 EINVAL, "pwrite64: up to the largest offset");
	ok_errno(syscall(SYS_pread64, file, &none, 8, 0x7fffffffffffffffL),
		 EINVAL, "pread64 too");
	ok(syscall(SYS_pwritev2, file, &none, 1, 0, 0, 0x80) == 0,
	   "pwritev2: no bytes, then the flags");
	ok_errno(syscall(SYS_preadv2, pipes[1], &one, 1, -1L, 0, 0x80), EBADF,
		 "preadv2: how it is open, then the flags");
	ok(syscall(SYS_vmsplice, file, &none, 1, 0) == 0,
	   "vmsplice: no bytes, then that it is no pipe");
	ok_errno(ioctl(file, FIBMAP, nowhere), EFAULT,
		 "FIBMAP: the block, then the file system");
	ok_errno(ioctl(file, FIBMAP, &wrong), EINVAL, "none before the first");
}

static void names(void)
{
	ok_errno(syscall(SYS_linkat, AT_FDCWD, "file/x", AT_FDCWD, nowhere, 0),
		 ENOTDIR, "linkat: the old name is looked up, then the new");
	ok_errno(syscall(SYS_renameat, file, "x", AT_FDCWD, ""), ENOTDIR,
		 "renameat: the old one's folder, then the new name");
	ok_errno(syscall(SYS_newfstatat, AT_FDCWD, nowhere, NULL, 4), EINVAL,
		 "newfstatat: the flags, then the name");
	ok_errno(syscall(SYS_statx, AT_FDCWD, nowhere, 1, 0, NULL), EINVAL,
		 "statx too");
	ok_errno(syscall(SYS_utimensat, AT_FDCWD, "", NULL, 2), EINVAL,
		 "utimensat too");
	ok_errno(syscall(SYS_execveat, AT_FDCWD, "file", nowhere, NULL, 2),
		 EFAULT, "execveat: the arguments, then the flags");
	ok_errno(syscall(SYS_setxattr, "none", nowhere, NULL, 1UL << 40, 8),
		 ENOENT, "setxattr: the file,");
	ok_errno(syscall(SYS_setxattr, "file", nowhere, NULL, 1UL << 40, 8),
		 EINVAL, "the flags,");
	ok_errno(syscall(SYS_setxattr, "file", "", NULL, 1UL << 40, 0), ERANGE,
		 "the name, then the length");
	ok_errno(syscall(SYS_getxattr, nowhere, "", NULL, 0), EFAULT,
		 "getxattr: the file, then the name");
	ok_errno(syscall(SYS_fremovexattr, -1, nowhere), EBADF,
		 "fremovexattr too");
}

/* What is wrong in the call itself comes before the name is read. */
static void before_names(void)
{
	struct open_how how = {.flags = O_RDWR | 020000000, .mode = 0600};
	struct iovec none = {NULL, 0};
	int epoll = epoll_create1(0);
	off_t zero = 0;

	ok_errno(syscall(SYS_OPENAT2, AT_FDCWD, nowhere, &how, sizeof(how)),
		 EINVAL, "openat2: the flags, then the name");
	ok_errno(syscall(SYS_mknodat, AT_FDCWD, "", 0170000, 0), EINVAL,
		 "mknodat: the kind of file, then the name");
	ok_errno(syscall(SYS_readv, epoll, &none, 1), EINVAL,
		 "readv: what cannot be read, not even nothing of it");
	ok_errno(ioctl(epoll, FS_IOC_FIEMAP, nowhere), EOPNOTSUPP,
		 "FS_IOC_FIEMAP: known for each file");
	close(epoll);
	ok_errno(syscall(SYS_pivot_root, "none", ""), ENOENT,
		 "pivot_root: the new root is looked up");
	ok_errno(syscall(SYS_pivot_root, "file/x", nowhere), ENOTDIR,
		 "before the name of the old one");
	ok_errno(syscall(SYS_sendfile, -1, pipes[0], &zero, 1), ESPIPE,
		 "sendfile: the source, then the destination");
	ok_errno(syscall(SYS_sendfile, -1, file, NULL, -1L), EINVAL,
		 "its count as well");
	ok_errno(syscall(SYS_recvmmsg, -1, NULL, 1, 0x80000000U, NULL), EINVAL,
		 "recvmmsg: the kernel's own flag, then the descriptor");
	ok(syscall(SYS_readv, pipes[0], &none, 1L << 32) == 0,
	   "readv: 32 bits of the count");
	ok_errno(syscall(SYS_timer_create, -1L, NULL, nowhere), EFAULT,
		 "timer_create: the id is told before CPU time is looked for");
	ok(mmap(NULL, 4096, PROT_READ, 0, file, 0x7ffffffffffff000L) ==
			   MAP_FAILED &&
		   errno == EOVERFLOW,
	   "mmap: the offset, then the kind");
}

static int schedules(void)
{
	struct sched_param param = {.sched_priority = 5};

	need(fails(syscall(SYS_sched_setparam, 1, &param), EINVAL));
	param.sched_priority = 0;
	need(fails(syscall(SYS_sched_setparam, 1, &param), EPERM));
	return 0;
}

int main(void)
{
	tap_folder("order");
	file = open("file", O_RDWR | O_CREAT, 0755);
	if (file < 0 || pipe(pipes))
		bail("file");
	descriptors_first();
	reads_and_writes();
	names();
	before_names();
	ok(in_child_as(STUDENT, schedules) == 0,
	   "sched_setparam: the value, then the permission");
	return done_testing();
}
