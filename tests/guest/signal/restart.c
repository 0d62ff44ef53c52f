/*
 * Which calls go on after a handler, and which give EINTR: with SA_RESTART
 * and without.
 */
#include "signal/alarm.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/syscall.h>

static int pipes[2];
static pid_t child;

/* writes_later - a child that feeds the pipe 60 ms from now. */
static int writes_later(void)
{
	sleep_ms(60);
	return write(pipes[1], "x", 1) != 1;
}

static void reads(void)
{
	char byte;
	pid_t pid;

	install(0);
	alarm_in(20);
	ok(fails(read(pipes[0], &byte, 1), EINTR) && calls == 1, "read: EINTR");
	install(SA_RESTART);
	pid = start_child(writes_later);
	alarm_in(20);
	ok(read(pipes[0], &byte, 1) == 1 && calls == 1 && byte == 'x',
	   "read: SA_RESTART goes on");
	exit_code(pid);
}

static void writes(void)
{
	char block[4096] = "";
	int flags = fcntl(pipes[1], F_GETFL);
	int i;

	fcntl(pipes[1], F_SETFL, flags | O_NONBLOCK);
	while (write(pipes[1], block, sizeof(block)) > 0)
		;
	fcntl(pipes[1], F_SETFL, flags);
	install(0);
	alarm_in(20);
	ok(fails(write(pipes[1], block, 100), EINTR), "write: EINTR");
	if (read(pipes[0], block, 4096) != 4096)
		bail("read");
	install(SA_RESTART);
	alarm_in(20);
	ok(write(pipes[1], block, 4096) == 4096, "a full pipe has room again");
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 100 && read(pipes[0], block, 4096) > 0; i++)
		;
	fcntl(pipes[0], F_SETFL, 0);
}

/* A write of which a part was done returns the part, not EINTR. */
static void partial(void)
{
	static char block[100000];
	int i;

	install(0);
	alarm_in(30);
	ok(write(pipes[1], block, sizeof(block)) == 65536,
	   "write: what was done counts");
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 100 && read(pipes[0], block, 4096) > 0; i++)
		;
	fcntl(pipes[0], F_SETFL, 0);
}

static int ends_later(void)
{
	sleep_ms(60);
	return 3;
}

static void waits(void)
{
	int status;

	child = start_child(ends_later);
	install(0);
	alarm_in(20);
	ok_errno(waitpid(child, &status, 0), EINTR, "wait4: EINTR");
	exit_code(child);
	child = start_child(ends_later);
	install(SA_RESTART);
	alarm_in(20);
	ok(waitpid(child, &status, 0) == child && calls == 1,
	   "wait4: SA_RESTART goes on");
}

static void sleeps(void)
{
	struct timespec time = {0, 100000000};
	struct timespec left = {0, 0};
	struct pollfd pollfd = {pipes[0], POLLIN, 0};
	struct timeval tv = {0, 100000};
	fd_set set;

	install(SA_RESTART);
	alarm_in(20);
	ok(fails(nanosleep(&time, &left), EINTR) && left.tv_nsec > 20000000 &&
		   left.tv_nsec < 90000000,
	   "nanosleep: EINTR in spite of SA_RESTART, and the time left");
	alarm_in(20);
	ok_errno(poll(&pollfd, 1, 100), EINTR, "poll: EINTR always");
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	alarm_in(20);
	ok_errno(select(pipes[0] + 1, &set, NULL, NULL, &tv), EINTR,
		 "select: EINTR always");
	alarm_in(20);
	ok_errno(pause(), EINTR, "pause: EINTR always");
	alarm_in(20);
	ok_errno(usleep(100000), EINTR, "usleep");
}

static void opens(void)
{
	pid_t pid;
	int fd;

	if (mkfifo("fifo", 0600))
		bail("mkfifo");
	install(0);
	alarm_in(20);
	ok_errno(open("fifo", O_RDONLY), EINTR, "open of a FIFO: EINTR");
	install(SA_RESTART);
	pid = fork();
	if (pid == 0) {
		sleep_ms(60);
		_exit(open("fifo", O_WRONLY) < 0);
	}
	alarm_in(20);
	fd = open("fifo", O_RDONLY);
	ok(fd >= 0 && calls == 1, "open of a FIFO: SA_RESTART goes on");
	close(fd);
	exit_code(pid);
}

static int holds_locks(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open("lock", O_RDWR | O_CREAT, 0600);

	need(flock(fd, LOCK_EX) == 0 && fcntl(fd, F_SETLK, &lock) == 0);
	need(write(pipes[1], "r", 1) == 1);
	/* Long after the last alarm, on a busy host too. */
	sleep_ms(400);
	return 0;
}

static void locks(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	pid_t pid = start_child(holds_locks);
	char byte;
	int fd;

	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
	fd = open("lock", O_RDWR);
	install(0);
	alarm_in(15);
	ok_errno(flock(fd, LOCK_EX), EINTR, "flock: EINTR");
	alarm_in(15);
	ok_errno(fcntl(fd, F_SETLKW, &lock), EINTR, "F_SETLKW: EINTR");
	install(SA_RESTART);
	alarm_in(15);
	ok(fcntl(fd, F_SETLKW, &lock) == 0 && calls == 1,
	   "F_SETLKW: SA_RESTART goes on");
	ok(flock(fd, LOCK_EX) == 0, "flock");
	close(fd);
	exit_code(pid);
}

static int stopper(void)
{
	sleep_ms(20);
	kill(getppid(), SIGSTOP);
	sleep_ms(20);
	kill(getppid(), SIGCONT);
	sleep_ms(30);
	return write(pipes[1], "x", 1) != 1;
}

static int stopped_reader(void)
{
	pid_t pid = start_child(stopper);
	char byte;

	need(read(pipes[0], &byte, 1) == 1);
	return exit_code(pid);
}

static int stopped_sleeper(void)
{
	struct timespec time = {0, 120000000};
	long before = now_ms();
	pid_t pid = start_child(stopper);

	need(nanosleep(&time, NULL) == 0);
	need(now_ms() - before >= 119);
	return exit_code(pid);
}

static void stops(void)
{
	char byte;

	ok(in_child(stopped_reader) == 0,
	   "a stop and SIGCONT do not interrupt read");
	ok(in_child(stopped_sleeper) == 0,
	   "nor nanosleep, and the time asked for is slept");
	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
}

static void ignored(void)
{
	char byte;
	pid_t pid = start_child(writes_later);

	signal(SIGALRM, SIG_IGN);
	alarm_in(20);
	ok(read(pipes[0], &byte, 1) == 1,
	   "an ignored signal interrupts nothing");
	exit_code(pid);
}

int main(void)
{
	tap_folder("restart");
	if (pipe(pipes))
		bail("pipe");
	reads();
	writes();
	partial();
	waits();
	sleeps();
	opens();
	locks();
	stops();
	ignored();
	return done_testing();
}
