/*
 * memfd_create(2) and seals, fcntl(2).
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

static int memfd(const char *name, unsigned int flags)
{
	return syscall(SYS_memfd_create, name, flags);
}

static int seals(int fd)
{
	return fcntl(fd, F_GET_SEALS);
}

static int seal(int fd, int which)
{
	return fcntl(fd, F_ADD_SEALS, which);
}

/* A file of 100 bytes that may be sealed. */
static int sealable(void)
{
	int fd = memfd("s", MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, 100))
		bail("memfd");
	return fd;
}

static void *map(int fd, int prot, int flags)
{
	return mmap(NULL, 4096, prot, flags, fd, 0);
}

static void making(void)
{
	int fd = memfd("some name", MFD_CLOEXEC);
	char path[40];
	char text[300] = "";
	char name[300];
	struct stat st;
	int again;
	char *mem;

	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   fcntl(fd, F_GETFL) == (O_RDWR | 0100000),
	   "MFD_CLOEXEC");
	ok(fstat(fd, &st) == 0 && st.st_mode == (S_IFREG | 0777) &&
		   st.st_size == 0 && st.st_nlink == 0,
	   "an empty file without a name");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(readlink(path, text, sizeof(text) - 1) > 0 &&
		   !strcmp(text, "/memfd:some name (deleted)"),
	   "but with one in /proc");
	ok(write(fd, "hello", 5) == 5 && lseek(fd, 0, SEEK_CUR) == 5 &&
		   pread(fd, text, 5, 0) == 5 && !memcmp(text, "hello", 5),
	   "it is read and written");
	again = open(path, O_RDONLY);
	ok(again >= 0 && read(again, text, 9) == 5, "and opened again");
	ok_errno(write(again, "x", 1), EBADF, "for reading only");
	close(again);
	mem = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	ok(mem != MAP_FAILED && !memcmp(mem, "hello", 5), "mapped");
	mem[0] = 'j';
	ok(pread(fd, text, 1, 0) == 1 && text[0] == 'j', "and shared");
	file_text("/proc/self/maps", name, 1);
	munmap(mem, 4096);
	close(fd);
	fd = memfd("", 0);
	ok(fd >= 0 && fcntl(fd, F_GETFD) == 0, "the name may be empty");
	close(fd);
	ok_errno(memfd("x", 0x80), EINVAL, "a bad flag");
	ok_errno(memfd("x", 21U << 26), EINVAL, "a size without MFD_HUGETLB");
	ok_errno(memfd(nowhere, 0), EFAULT, "a bad pointer");
	memset(name, 'n', sizeof(name));
	name[250] = 0;
	ok_errno(memfd(name, 0), EINVAL, "250 bytes are too long");
	name[249] = 0;
	fd = memfd(name, 0);
	ok(fd >= 0, "249 are not");
	close(fd);
}

static void rules(void)
{
	int fd = memfd("x", 0);
	char path[40];
	int other;
	int rd;

	ok(seals(fd) == F_SEAL_SEAL, "without MFD_ALLOW_SEALING: sealed");
	ok_errno(seal(fd, F_SEAL_WRITE), EPERM, "so no seal can be added");
	close(fd);
	fd = sealable();
	ok(seals(fd) == 0, "with it: no seal");
	ok_errno(seal(fd, 0x80), EINVAL, "an unknown seal");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rd = open(path, O_RDONLY);
	ok_errno(seal(rd, F_SEAL_GROW), EPERM, "only who may write seals");
	ok(seals(rd) == 0, "anyone may ask");
	ok(seal(fd, F_SEAL_GROW) == 0 && seal(fd, F_SEAL_SHRINK) == 0 &&
		   seals(rd) == (F_SEAL_GROW | F_SEAL_SHRINK),
	   "seals add up, for all that have it open");
	ok(seal(fd, F_SEAL_SEAL) == 0, "the last seal");
	ok_errno(seal(fd, F_SEAL_WRITE), EPERM, "no more");
	close(rd);
	close(fd);
	other = open("/tmp/sealed", O_RDWR | O_CREAT, 0600);
	ok(seals(other) == F_SEAL_SEAL, "a file of a tmpfs is sealed");
	ok_errno(seal(other, F_SEAL_WRITE), EPERM, "against seals");
	close(other);
	unlink("/tmp/sealed");
	other = open("/home/sealed", O_RDWR | O_CREAT, 0600);
	ok_errno(seals(other), EINVAL, "a file on disk knows no seals");
	ok_errno(seal(other, F_SEAL_WRITE), EINVAL, "none at all");
	close(other);
	unlink("/home/sealed");
}

static void sizes(void)
{
	char block[8192] = {0};
	int fd = sealable();

	seal(fd, F_SEAL_SHRINK);
	ok_errno(ftruncate(fd, 99), EPERM, "F_SEAL_SHRINK: not shorter");
	ok(ftruncate(fd, 200) == 0, "but longer");
	close(fd);
	fd = sealable();
	seal(fd, F_SEAL_GROW);
	ok_errno(ftruncate(fd, 101), EPERM, "F_SEAL_GROW: not longer");
	ok_errno(pwrite(fd, "x", 1, 100), EPERM, "not by writing");
	ok_errno(pwrite(fd, block, 101, 0), EPERM, "not in part");
	ok_errno(fallocate(fd, 0, 0, 200), EPERM, "not by fallocate");
	ok(pwrite(fd, "x", 1, 99) == 1, "but within");
	ok(ftruncate(fd, 50) == 0, "or shorter");
	close(fd);
	fd = sealable();
	ok(ftruncate(fd, 6000) == 0 && seal(fd, F_SEAL_GROW) == 0 &&
		   pwrite(fd, block, 8192, 0) == 4096,
	   "F_SEAL_GROW: a long write ends with the last whole page");
	close(fd);
}

static void writing(void)
{
	int fd = sealable();
	char path[40];
	void *mem;
	int rd;

	mem = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	ok_errno(seal(fd, F_SEAL_WRITE), EBUSY, "mapped writable: EBUSY");
	ok(seals(fd) == 0, "and no seal");
	munmap(mem, 4096);
	mem = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rd = open(path, O_RDONLY);
	ok(map(rd, PROT_READ, MAP_SHARED) != MAP_FAILED, "mapped to be read");
	ok(seal(fd, F_SEAL_WRITE) == 0, "F_SEAL_WRITE");
	((char *)mem)[0] = 1;
	ok(((char *)mem)[0] == 1, "a private mapping stays writable");
	munmap(mem, 4096);
	ok_errno(pwrite(fd, "x", 1, 0), EPERM, "no writing");
	ok_errno(pwrite(fd, "x", 1, 100), EPERM, "nor at the end");
	ok_errno(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			   50),
		 EPERM, "no holes");
	ok(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED &&
		   errno == EPERM,
	   "no writable mapping");
	mem = map(fd, PROT_READ, MAP_SHARED);
	ok(mem != MAP_FAILED &&
		   fails(mprotect(mem, 4096, PROT_READ | PROT_WRITE), EACCES),
	   "one to read, which cannot become so");
	ok(map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE) != MAP_FAILED,
	   "a private one");
	mem = map(rd, PROT_READ, MAP_SHARED);
	ok(mem != MAP_FAILED, "one through a read-only descriptor");
	ok_errno(mprotect(mem, 4096, PROT_READ | PROT_WRITE), EACCES,
		 "which stays so");
	ok(ftruncate(fd, 50) == 0 && ftruncate(fd, 150) == 0,
	   "its size may change");
	close(rd);
	close(fd);
}

static int holds_mapping(void)
{
	sleep_forever();
}

static void copies(void)
{
	int fd = sealable();
	char *mem = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t pid = start_child(holds_mapping);

	munmap(mem, 4096);
	munmap(mem + 4096, 4096);
	ok_errno(seal(fd, F_SEAL_WRITE), EBUSY, "a child has it mapped");
	end_child(pid);
	ok(seal(fd, F_SEAL_WRITE) == 0, "no longer");
	close(fd);
}

static void future(void)
{
	int fd = sealable();
	char *old = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	void *mem;

	ok(seal(fd, F_SEAL_FUTURE_WRITE) == 0,
	   "F_SEAL_FUTURE_WRITE with a writable mapping");
	old[0] = 'o';
	ok(old[0] == 'o', "which stays so");
	ok_errno(pwrite(fd, "x", 1, 0), EPERM, "no writing");
	ok(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED &&
		   errno == EPERM,
	   "no new writable mapping");
	mem = map(fd, PROT_READ, MAP_SHARED);
	ok(mem != MAP_FAILED && *(char *)mem == 'o', "one to read");
	ok_errno(mprotect(mem, 4096, PROT_READ | PROT_WRITE), EACCES,
		 "that stays so");
	munmap(mem, 4096);
	munmap(old, 4096);
	close(fd);
}

/* fallocate(2): pages are there, or the limits say why not. */
static int allocates(void)
{
	struct rlimit limit = {8192, 8192};
	int fd = memfd_create("pages", 0);
	struct stat st;

	signal(SIGXFSZ, SIG_IGN);
	need(fd >= 0 && setrlimit(RLIMIT_FSIZE, &limit) == 0);
	need(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192) == 0 &&
	     fstat(fd, &st) == 0 && st.st_size == 0 && st.st_blocks == 16);
	need(fallocate(fd, 0, 0, 4096) == 0 && fstat(fd, &st) == 0 &&
	     st.st_size == 4096);
	need(fails(fallocate(fd, 0, 0, 8193), EFBIG));
	need(fails(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8193), EFBIG));
	return 0;
}

/* More than there is memory: whoever asks can be killed. */
static int asks_for_too_much(void)
{
	struct itimerval soon = {{0, 0}, {0, 3000}};
	int fd = memfd_create("pages", 0);

	need(fd >= 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
	need(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1L << 40) == 0);
	return 0;
}

int main(void)
{
	making();
	rules();
	sizes();
	writing();
	copies();
	future();
	ok(in_child(allocates) == 0, "fallocate heeds RLIMIT_FSIZE");
	ok(in_child(asks_for_too_much) > 128, "and a signal ends it");
	return done_testing();
}
