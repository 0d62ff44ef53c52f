/*
 * eventfd(2): the counter, the semaphore, who waits, what poll and /proc say.
 */
#include "tap.h"
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static int events_of(int fd)
{
	struct pollfd pollfd = {fd, POLLIN | POLLOUT, 0};

	return poll(&pollfd, 1, 0) < 0 ? -1 : pollfd.revents;
}

static int add(int fd, uint64_t value)
{
	return write(fd, &value, 8);
}

static uint64_t take(int fd)
{
	uint64_t value = 0;

	return read(fd, &value, 8) == 8 ? value : (uint64_t)-errno;
}

static void counter(void)
{
	int fd = eventfd(3, EFD_NONBLOCK);
	uint64_t value[2] = {5, 6};

	ok(fd >= 0 && take(fd) == 3, "a read gives the first value");
	ok_errno(read(fd, value, 8), EAGAIN, "then there is nothing");
	ok(add(fd, 2) == 8 && add(fd, 40) == 8 && take(fd) == 42,
	   "writes add up, a read takes all");
	ok_errno(read(fd, value, 7), EINVAL, "less than 8 bytes to read");
	ok_errno(write(fd, value, 7), EINVAL, "less than 8 bytes to write");
	ok_errno(write(fd, value, 0), EINVAL, "none at all");
	ok_errno(read(fd, value, 0), EINVAL, "and none to read");
	ok(write(fd, value, 16) == 8 && take(fd) == 5, "only 8 bytes count");
	ok(add(fd, 9) == 8 && read(fd, value, 16) == 8 && value[0] == 9,
	   "a long read gives 8");
	ok_errno(add(fd, UINT64_MAX), EINVAL, "the largest number");
	ok(add(fd, UINT64_MAX - 1) == 8, "one less fits");
	ok_errno(add(fd, 1), EAGAIN, "and nothing more");
	ok(add(fd, 0) == 8 || errno == EAGAIN, "adding nothing");
	ok(events_of(fd) == POLLIN, "full: not writable");
	ok(take(fd) == UINT64_MAX - 1 && events_of(fd) == POLLOUT,
	   "empty: only writable");
	ok(add(fd, 1) == 8 && events_of(fd) == (POLLIN | POLLOUT),
	   "between: both");
	ok_errno(write(fd, nowhere, 8), EFAULT, "a bad pointer to write");
	ok_errno(read(fd, nowhere, 8), EFAULT, "a bad pointer to read");
	ok_errno(read(fd, value, 8), EAGAIN, "what was read is gone");
	close(fd);
}

static void pieces(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t value[2] = {5, 6};
	struct iovec iov[2] = {{value, 8}, {value + 1, 8}};
	struct iovec small[2] = {{value, 4}, {(char *)value + 4, 4}};

	ok(writev(fd, iov, 2) == 16 && take(fd) == 11,
	   "each piece of a writev is a write");
	ok_errno(writev(fd, small, 2), EINVAL, "so each must be long enough");
	ok(add(fd, 7) == 8 && readv(fd, small, 2) == 8 && value[0] == 7,
	   "a readv is one read");
	ok(lseek(fd, 5, SEEK_SET) == 0, "lseek does nothing");
	ok_errno(pread(fd, value, 8, 0), ESPIPE, "there is no position");
	close(fd);
}

static void flags(void)
{
	int fd = eventfd(0, 0);
	struct stat st;

	ok_errno(eventfd(0, 2), EINVAL, "an unknown flag");
	ok(fcntl(fd, F_GETFD) == 0 && fcntl(fd, F_GETFL) == O_RDWR,
	   "no flags: none are set");
	ok(fstat(fd, &st) == 0 && st.st_mode == 0600 && st.st_size == 0,
	   "it has permissions and no type");
	close(fd);
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK),
	   "EFD_CLOEXEC and EFD_NONBLOCK");
	close(fd);
	fd = syscall(SYS_eventfd, 4);
	ok(fd >= 0 && take(fd) == 4, "the old call");
	close(fd);
}

static void semaphore(void)
{
	int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);

	ok(take(fd) == 1 && take(fd) == 1, "a semaphore gives one at a time");
	ok(take(fd) == (uint64_t)-EAGAIN, "until there is none");
	close(fd);
}

static int the_fd;

static int taker(void)
{
	return take(the_fd) == 7 ? 0 : 1;
}

static int filler(void)
{
	return add(the_fd, 5) == 8 ? 0 : 1;
}

static void waiting(void)
{
	pid_t pid;

	the_fd = eventfd(0, 0);
	pid = start_child(taker);
	ok(wait_for_state(pid, 'S') && add(the_fd, 7) == 8 &&
		   exit_code(pid) == 0,
	   "a reader waits for a value");
	add(the_fd, UINT64_MAX - 3);
	pid = start_child(filler);
	ok(wait_for_state(pid, 'S') && take(the_fd) == UINT64_MAX - 3 &&
		   exit_code(pid) == 0 && take(the_fd) == 5,
	   "a writer waits for room");
	close(the_fd);
}

static void shown(void)
{
	int fd = eventfd(0x1234, 0);
	char path[40];
	char text[400] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(readlink(path, text, sizeof(text) - 1) > 0 &&
		   !strcmp(text, "anon_inode:[eventfd]"),
	   "its name in /proc");
	ok_errno(open(path, O_RDWR), ENXIO, "and it cannot be opened anew");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file_text(path, text, sizeof(text));
	ok(strstr(text, "eventfd-count:             1234\neventfd-id: "),
	   "fdinfo shows the count");
	close(fd);
}

int main(void)
{
	counter();
	pieces();
	flags();
	semaphore();
	waiting();
	shown();
	return done_testing();
}
