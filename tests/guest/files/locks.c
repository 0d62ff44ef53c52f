/*
 * flock(2) and fcntl(2) record locks: who excludes whom, how ranges split and
 * join, who lets go when, deadlocks, and locks of open files.
 */
#include "tap.h"
#include <sys/file.h>

static int fd;

static int lock(int command, int type, long start, long length)
{
	struct flock range = {.l_type = type,
			      .l_whence = SEEK_SET,
			      .l_start = start,
			      .l_len = length};

	return fcntl(fd, command, &range);
}

/* --- flock ---------------------------------------------------------------- */

static int other_shares(void)
{
	int own = open("file", O_RDWR);

	need(flock(own, LOCK_SH | LOCK_NB) == 0);
	need(fails(flock(own, LOCK_EX | LOCK_NB), EWOULDBLOCK));
	return 0;
}

static int other_is_out(void)
{
	int own = open("file", O_RDWR);

	need(fails(flock(own, LOCK_SH | LOCK_NB), EWOULDBLOCK));
	need(flock(fd, LOCK_EX | LOCK_NB) == 0);
	return 0;
}

static int other_gets_it(void)
{
	int own = open("file", O_RDWR);

	need(flock(own, LOCK_EX | LOCK_NB) == 0);
	return 0;
}

static int waits_for_flock(void)
{
	int own = open("file", O_RDWR);

	need(flock(own, LOCK_EX) == 0);
	return 0;
}

static void whole_files(void)
{
	int twin;
	pid_t pid;

	ok(flock(fd, LOCK_SH) == 0 && in_child(other_shares) == 0,
	   "LOCK_SH lets others share, no more");
	ok(flock(fd, LOCK_EX) == 0 && in_child(other_is_out) == 0,
	   "LOCK_EX lets nobody in but the same open file");
	pid = start_child(waits_for_flock);
	ok(wait_for_state(pid, 'S') && flock(fd, LOCK_UN) == 0 &&
		   exit_code(pid) == 0,
	   "who waits gets it at LOCK_UN");
	twin = dup(fd);
	flock(fd, LOCK_EX);
	close(fd);
	ok(in_child(other_gets_it) == 97, "a duplicate holds it");
	close(twin);
	ok(in_child(other_gets_it) == 0, "the last close lets go");
	fd = open("file", O_RDWR);
	ok_errno(flock(fd, 0), EINVAL, "no operation");
	ok_errno(flock(999, LOCK_SH), EBADF, "a closed descriptor");
}

/* --- records -------------------------------------------------------------- */

static int probe_start;
static int probe_length;
static int probe_type;

/* holder - a child asks who bars it: the lock that does, or its absence. */
static int holder(void)
{
	struct flock range = {.l_type = probe_type,
			      .l_whence = SEEK_SET,
			      .l_start = probe_start,
			      .l_len = probe_length};

	need(fcntl(fd, F_GETLK, &range) == 0);
	if (range.l_type == F_UNLCK)
		return 0;
	need(range.l_pid == getppid());
	return 1 + (range.l_type == F_WRLCK) * 100 + range.l_start +
	       range.l_len;
}

static int probe(int type, int start, int length)
{
	probe_type = type;
	probe_start = start;
	probe_length = length;
	return in_child(holder);
}

static void ranges(void)
{
	ok(lock(F_SETLK, F_WRLCK, 10, 10) == 0 &&
		   probe(F_RDLCK, 15, 1) == 1 + 100 + 20,
	   "F_GETLK tells type, range and holder");
	ok(probe(F_WRLCK, 0, 10) == 0 && probe(F_WRLCK, 20, 5) == 0,
	   "before and behind it is free");
	ok(lock(F_SETLK, F_UNLCK, 13, 2) == 0 && probe(F_WRLCK, 13, 2) == 0 &&
		   probe(F_WRLCK, 10, 3) == 1 + 100 + 13 &&
		   probe(F_WRLCK, 15, 9) == 1 + 100 + 20,
	   "unlocking the middle splits it");
	ok(lock(F_SETLK, F_WRLCK, 13, 2) == 0 &&
		   probe(F_WRLCK, 10, 1) == 1 + 100 + 20,
	   "locking it again joins");
	ok(lock(F_SETLK, F_RDLCK, 12, 4) == 0 && probe(F_RDLCK, 12, 4) == 0 &&
		   probe(F_WRLCK, 12, 1) == 1 + 16 &&
		   probe(F_RDLCK, 10, 1) == 1 + 100 + 12,
	   "a part may be of another type");
	ok(lock(F_SETLK, F_RDLCK, 0, 0) == 0 && probe(F_WRLCK, 90, 1) == 1 &&
		   probe(F_RDLCK, 10, 1) == 0,
	   "length 0: to the end, however far");
	lock(F_SETLK, F_UNLCK, 0, 0);
	ok(lock(F_SETLK, F_WRLCK, 30, -10) == 0 &&
		   probe(F_WRLCK, 25, 1) == 1 + 100 + 30,
	   "a negative length: what lies before");
	lock(F_SETLK, F_UNLCK, 0, 0);
}

static int tries_write(void)
{
	need(fails(lock(F_SETLK, F_WRLCK, 0, 10), EAGAIN));
	need(lock(F_SETLK, F_RDLCK, 0, 10) == 0);
	return 0;
}

static int waits_for_record(void)
{
	need(lock(F_SETLKW, F_WRLCK, 0, 10) == 0);
	return 0;
}

static int not_inherited(void)
{
	return lock(F_SETLK, F_WRLCK, 0, 10) == 0 ? 0 : 5;
}

static void excluding(void)
{
	int other;
	pid_t pid;

	lock(F_SETLK, F_RDLCK, 0, 10);
	ok(in_child(tries_write) == 0, "readers share, writers do not");
	lock(F_SETLK, F_WRLCK, 0, 10);
	ok(in_child(not_inherited) == 5, "a child does not inherit locks");
	pid = start_child(waits_for_record);
	ok(wait_for_state(pid, 'S') && lock(F_SETLK, F_UNLCK, 0, 10) == 0 &&
		   exit_code(pid) == 0,
	   "F_SETLKW waits");
	lock(F_SETLK, F_WRLCK, 0, 10);
	other = open("file", O_RDONLY);
	close(other);
	ok(probe(F_WRLCK, 0, 10) == 0,
	   "to close any descriptor of the file lets go");
	pid = start_child(waits_for_record);
	ok(exit_code(pid) == 0 && probe(F_WRLCK, 0, 10) == 0,
	   "and so does the end of the process");
}

static int deadlocks(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe(ends))
		return 1;
	need(lock(F_SETLK, F_WRLCK, 0, 1) == 0);
	pid = fork();
	if (pid == 0) {
		need(lock(F_SETLK, F_WRLCK, 1, 1) == 0);
		need(write(ends[1], "r", 1) == 1);
		need(lock(F_SETLKW, F_WRLCK, 0, 1) == 0);
		_exit(0);
	}
	need(read(ends[0], &byte, 1) == 1);
	sleep_ms(5);
	need(wait_for_state(pid, 'S'));
	need(fails(lock(F_SETLKW, F_WRLCK, 1, 1), EDEADLK));
	need(lock(F_SETLK, F_UNLCK, 0, 0) == 0);
	return exit_code(pid);
}

static void errors(void)
{
	int own = fd;

	ok(in_child(deadlocks) == 0, "two that wait for each other: EDEADLK");
	ok_errno(lock(F_SETLK, 77, 0, 1), EINVAL, "an unknown type");
	ok_errno(lock(F_SETLK, F_WRLCK, -5, 1), EINVAL, "a negative start");
	ok_errno(fcntl(fd, F_SETLK, nowhere), EFAULT, "a bad pointer");
	fd = open("file", O_RDONLY);
	ok_errno(lock(F_SETLK, F_WRLCK, 0, 1), EBADF,
		 "a write lock needs a file open for writing");
	fd = open("file", O_WRONLY);
	ok_errno(lock(F_SETLK, F_RDLCK, 0, 1), EBADF,
		 "a read lock for reading");
	fd = own;
}

static int open_file_locks(void)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int first = open("file", O_RDWR);
	int second = open("file", O_RDWR);
	int third;

	need(fcntl(first, F_OFD_SETLK, &range) == 0);
	need(fails(fcntl(second, F_OFD_SETLK, &range), EAGAIN));
	third = open("file", O_RDWR);
	close(third);
	need(fails(fcntl(second, F_OFD_SETLK, &range), EAGAIN));
	range.l_pid = 0;
	need(fcntl(second, F_OFD_GETLK, &range) == 0 && range.l_pid == -1);
	close(first);
	range.l_pid = 0;
	range.l_type = F_WRLCK;
	need(fcntl(second, F_OFD_SETLK, &range) == 0);
	return 0;
}

static void everything(void)
{
	fd = open("file", O_RDWR | O_CREAT, 0600);
	whole_files();
	ranges();
	excluding();
	errors();
	ok(in_child(open_file_locks) == 0, "F_OFD_SETLK: locks of open files");
	close(fd);
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
