/*
 * Descriptors: dup and kin, fcntl, close_range, openat2, pipes, epoll, eventfd,
 * memfd and seals, locks, splice, in odd orders and with odd arguments.
 */
#include "calls.h"
#include "files_flags.h"
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define HOME "/tmp/files"

/* fd_from - three to nine; outside now and then. */
static long new_fd(struct seat *seat, const char **text)
{
	static const long odd[] = {-1, 1 << 20, 64};
	long fd = chance(92) ? 3 + (long)pick(7) : one_of(odd);

	(void)seat;
	*text = fmt("%ld", fd);
	return fd;
}

static long a_path(struct seat *seat, const char **text)
{
	static const char *const paths[] = {
		HOME "/file",
		HOME "/file",
		HOME "/folder",
		HOME "/link",
		HOME "/dangling",
		HOME "/new",
		HOME,
		HOME "/file/x",
		HOME "/none/x",
		"",
		"/dev/null",
		"/dev/zero",
		HOME "/fifo",
		HOME "/loop",
		"/proc/self/fd/3",
		"/proc/self/status",
	};
	const char *path = one_of(paths);

	if (chance(2)) {
		*text = "bad";
		return 8;
	}
	*text = fmt("\"%s\"", path);
	return (long)strcpy(crew_data(seat, 64), path);
}

static long a_mode(struct seat *seat, const char **text)
{
	static const long modes[] = {0644, 0600, 07777, 0177777};
	long mode = one_of(modes);

	(void)seat;
	*text = fmt("%#lo", mode);
	return mode;
}

static long a_how(struct seat *seat, const char **text)
{
	/* Not RESOLVE_CACHED, which answers what is in a cache. */
	static const struct differ_name resolves[] = {
		{1, "NO_XDEV"}, {2, "NO_MAGICLINKS"}, {4, "NO_SYMLINKS"},
		{8, "BENEATH"}, {16, "IN_ROOT"},      {64, "64"}};
	uint64_t *how = crew_data(seat, 32);

	how[0] = some_of(open_flags, 2);
	if (chance(3))
		how[0] |= 1ULL << 40;
	how[1] = how[0] & (O_CREAT | 020000000) || chance(10) ? 0644 : 0;
	if (chance(3))
		how[1] |= 010000;
	how[2] = some_of(resolves, 2);
	how[3] = chance(95) ? 0 : 1;
	*text = fmt("{%s %#lo %s %ld}", text_bits(open_flags, how[0]),
		    (long)how[1], text_bits(resolves, how[2]), (long)how[3]);
	return (long)how;
}

static long how_size(struct seat *seat, const char **text)
{
	static const long sizes[] = {24, 24, 24, 24, 32, 16, 0, 5000};
	long size = one_of(sizes);

	(void)seat;
	*text = fmt("%ld", size);
	return size;
}

static long a_folder(struct seat *seat, const char **text)
{
	if (chance(30))
		return any_fd(seat, text);
	*text = "AT_FDCWD";
	return AT_FDCWD;
}

static long a_length(struct seat *seat, const char **text)
{
	static const long lengths[] = {0, 1, 8, 8, 16, 100, 5000, -1};
	long length = one_of(lengths);

	(void)seat;
	*text = fmt("%ld", length);
	return length;
}

/* short_length - for what must have that much memory. */
static long short_length(struct seat *seat, const char **text)
{
	static const long lengths[] = {0, 1, 8, 8, 8, 16, 100};
	long length = one_of(lengths);

	(void)seat;
	*text = fmt("%ld", length);
	return length;
}

static long an_eight(struct seat *seat, const char **text)
{
	static const uint64_t values[] = {0, 1, 5, ~0ULL - 1, ~0ULL};
	uint64_t *value = crew_data(seat, 128);

	*value = one_of(values);
	*text = fmt("{%ld}", (long)*value);
	return (long)value;
}

static long a_vector(struct seat *seat, const char **text)
{
	struct iovec *vec = crew_data(seat, 4 * sizeof(*vec));
	int i;

	for (i = 0; i < 4; i++) {
		vec[i].iov_base = crew_data(seat, 16);
		vec[i].iov_len = pick(9);
	}
	if (chance(5))
		vec[1].iov_base = (void *)8;
	if (chance(5))
		vec[2].iov_len = -1;
	*text = fmt("{%ld %s%ld %ld}", (long)vec[0].iov_len,
		    vec[1].iov_base == (void *)8 ? "bad " : "",
		    (long)vec[1].iov_len, (long)vec[2].iov_len);
	return (long)vec;
}

static long an_offset(struct seat *seat, const char **text)
{
	/* A file of tmpfs ends a page before LONG_MAX: docs/missing.md. */
	static const long offsets[] = {0,    0,	 3,	   100,
				       5000, -1, 1L << 62, LONG_MIN};
	long offset = one_of(offsets);

	(void)seat;
	*text = fmt("%ld", offset);
	return offset;
}

/* offset_at - a loff_t in memory, or none. */
static long offset_at(struct seat *seat, const char **text)
{
	long *offset = crew_data(seat, 8);

	if (chance(70)) {
		*text = "NULL";
		return 0;
	}
	*offset = an_offset(seat, text);
	return (long)offset;
}

static long a_whence(struct seat *seat, const char **text)
{
	long whence = chance(95) ? (long)pick(5) : 5 + (long)pick(2) * -6;

	(void)seat;
	*text = fmt("whence %ld", whence);
	return whence;
}

/* --- fcntl and ioctl
 * --------------------------------------------------------------- */

static const struct differ_name commands[] = {
	N(F_DUPFD),
	N(F_GETFD),
	N(F_SETFD),
	N(F_GETFL),
	N(F_SETFL),
	N(F_GETLK),
	N(F_SETLK),
	N(F_SETOWN),
	N(F_GETOWN),
	N(F_SETSIG),
	N(F_GETSIG),
	N(F_SETOWN_EX),
	N(F_GETOWN_EX),
	{36, "F_OFD_GETLK"},
	{37, "F_OFD_SETLK"},
	N(F_GETPIPE_SZ),
	N(F_SETPIPE_SZ),
	N(F_DUPFD_CLOEXEC),
	{1033, "F_ADD_SEALS"},
	{1034, "F_GET_SEALS"},
	{1033, "F_ADD_SEALS"},
	{1034, "F_GET_SEALS"},
	/* Leases, F_NOTIFY, hints: docs/missing.md. */
	{99, "99"},
};

static long fcntl_command;

static long a_command(struct seat *seat, const char **text)
{
	const struct differ_name *command = &one_of(commands);

	(void)seat;
	fcntl_command = command->value;
	*text = command->name;
	return command->value;
}

static long a_lock(struct seat *seat, const char **text)
{
	struct flock *lock = crew_data(seat, sizeof(*lock));

	lock->l_type = chance(95) ? pick(3) : 3;
	lock->l_whence = chance(90) ? 0 : pick(4);
	lock->l_start = (long)pick(8) - (chance(5) ? 10 : 0);
	lock->l_len = (long)pick(5) - (chance(20) ? 3 : 0);
	lock->l_pid = chance(95) ? 0 : 1;
	*text = fmt("{%d %d %ld %ld %d}", lock->l_type, lock->l_whence,
		    (long)lock->l_start, (long)lock->l_len, lock->l_pid);
	return (long)lock;
}

static long an_owner(struct seat *seat, const char **text)
{
	int *owner = crew_data(seat, 8);
	struct seat *other = &crew->seats[pick(2)];

	owner[0] = chance(95) ? pick(3) : 3;
	owner[1] = other->pid;
	*text = fmt("{%d %s}", owner[0], pid_name(owner[1]));
	return (long)owner;
}

static long fcntl_argument(struct seat *seat, const char **text)
{
	static const struct differ_name flags[] = {N(O_APPEND), N(O_NONBLOCK),
						   N(O_ASYNC),	N(O_NOATIME),
						   N(O_CREAT),	N(O_RDWR)};
	/* None that what is in a pipe would not fit: vmsplice copies here, and
	 * on Linux takes a slot for each piece. */
	static const long sizes[] = {65536, 1 << 17, 1 << 20, 1 << 30, -1};
	static const long signals[] = {0, SIGUSR1, SIGIO, 64, 65, -1};
	long value;

	switch (fcntl_command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return new_fd(seat, text);
	case F_SETFL:
		value = some_of(flags, 2);
		*text = text_bits(flags, value);
		return value;
	case F_GETLK:
	case F_SETLK:
	case 36:
	case 37:
		return a_lock(seat, text);
	case F_SETOWN:
		return any_pid(seat, text);
	case F_SETSIG:
		value = one_of(signals);
		break;
	case F_SETOWN_EX:
	case F_GETOWN_EX:
		return an_owner(seat, text);
	case F_SETPIPE_SZ:
		value = one_of(sizes);
		break;
	case 1033:
		value = some_of(seals, 2);
		*text = text_bits(seals, value);
		return value;
	default:
		value = pick(4);
	}
	*text = fmt("%ld", value);
	return value;
}

static void out_fcntl(struct seat *seat)
{
	const struct flock *lock = (void *)seat->arg[2];
	const int *owner = (void *)seat->arg[2];

	if (seat->ret)
		return;
	if (seat->arg[1] == F_GETLK || seat->arg[1] == 36)
		say(" {%d %d %ld %ld %s}", lock->l_type, lock->l_whence,
		    (long)lock->l_start, (long)lock->l_len,
		    pid_name(lock->l_pid));
	if (seat->arg[1] == F_GETOWN_EX)
		say(" {%d %s}", owner[0], pid_name(owner[1]));
}

static const struct differ_name requests[] = {
	N(FIONREAD),	      N(FIONBIO),	  N(FIOCLEX),
	N(FIONCLEX),	      N(TCGETS),	  N(TIOCGWINSZ),
	{0x5460, "FIOQSIZE"}, {0x1234, "0x1234"}, {0xc020660b, "FS_IOC_FIEMAP"},
	{2, "FIGETBSZ"},
};

static long a_request(struct seat *seat, const char **text)
{
	const struct differ_name *request = &one_of(requests);

	(void)seat;
	*text = request->name;
	return request->value;
}

static void out_ioctl(struct seat *seat)
{
	if (!seat->ret && seat->arg[2] > 4096 &&
	    (seat->arg[1] == FIONREAD || seat->arg[1] == 2))
		say(" %d", *(int *)seat->arg[2]);
}

static long a_flock(struct seat *seat, const char **text)
{
	static const long operations[] = {1 | 4, 2 | 4, 8,  8,	      0,
					  3,	 4,	16, 1 | 2 | 4};
	long operation = one_of(operations);

	(void)seat;
	*text = fmt("%ld", operation);
	return operation;
}

/* --- epoll and poll
 * ------------------------------------------------------------------ */

static long an_operation(struct seat *seat, const char **text)
{
	static const long operations[] = {1, 1, 1, 2, 3, 0, 4};
	long operation = one_of(operations);

	(void)seat;
	*text = fmt("op %ld", operation);
	return operation;
}

static long an_epoll_event(struct seat *seat, const char **text)
{
	struct epoll_event *event = crew_data(seat, sizeof(*event));

	if (chance(4)) {
		*text = "NULL";
		return 0;
	}
	event->events = some_of(poll_events, 3);
	event->data.u64 = pick(100);
	*text = fmt("{%s %ld}", text_bits(poll_events, event->events),
		    (long)event->data.u64);
	return (long)event;
}

static long a_maximum(struct seat *seat, const char **text)
{
	static const long numbers[] = {1, 2, 10, 10, 0, -1};
	long number = one_of(numbers);

	(void)seat;
	*text = fmt("%ld", number);
	return number;
}

static void out_epoll(struct seat *seat)
{
	const struct epoll_event *event = (void *)seat->arg[1];
	int i;

	for (i = 0; i < seat->ret; i++)
		say(" [%s %ld]", text_bits(poll_events, event[i].events),
		    (long)event[i].data.u64);
}

static long some_polls(struct seat *seat, const char **text)
{
	struct pollfd *polls = crew_data(seat, 3 * sizeof(*polls));
	int i;

	for (i = 0; i < 3; i++) {
		polls[i].fd = 3 + pick(8) - (chance(5) ? 100 : 0);
		polls[i].events = chance(80) ? 0x2fff : pick(4);
	}
	*text = fmt("{%d %d %d}", polls[0].fd, polls[1].fd, polls[2].fd);
	return (long)polls;
}

static void out_poll(struct seat *seat)
{
	const struct pollfd *polls = (void *)seat->arg[0];

	if (seat->ret > 0)
		say(" %#x %#x %#x", polls[0].revents, polls[1].revents,
		    polls[2].revents);
}

static long a_three(struct seat *seat, const char **text)
{
	(void)seat;
	*text = "3";
	return 3;
}

static void out_two(struct seat *seat)
{
	if (!seat->ret && seat->arg[0] > 4096)
		say(" %d %d", ((int *)seat->arg[0])[0],
		    ((int *)seat->arg[0])[1]);
}

static void out_stat(struct seat *seat)
{
	const struct stat *st = (void *)seat->arg[1];

	/* Of memory and of files without a disk the numbers are their own. */
	if (!seat->ret && seat->arg[1] > 4096)
		say(" mode %o size %ld", st->st_mode,
		    S_ISREG(st->st_mode) ? (long)st->st_size : 0L);
}

static long a_name(struct seat *seat, const char **text)
{
	*text = "\"memory\"";
	return (long)strcpy(crew_data(seat, 16), "memory");
}

static long a_pid_fd(struct seat *seat, const char **text)
{
	return any_fd(seat, text);
}

static const struct call calls[] = {
	{6, "dup", SYS_dup, {any_fd}, NULL},
	{8, "dup2", SYS_dup2, {any_fd, new_fd}, NULL},
	{5, "dup3", SYS_dup3, {any_fd, new_fd, some_fd_flags}, NULL},
	{8, "close", SYS_close, {any_fd}, NULL},
	{2,
	 "close_range",
	 SYS_CLOSE_RANGE,
	 {new_fd, new_fd, some_range_flags},
	 NULL},
	{20,
	 "fcntl",
	 SYS_fcntl,
	 {any_fd, a_command, fcntl_argument},
	 out_fcntl},
	{6, "ioctl", SYS_ioctl, {any_fd, a_request, any_out}, out_ioctl},
	{6, "pipe2", SYS_pipe2, {any_out, some_pipe_flags}, out_two},
	{5, "eventfd2", SYS_eventfd2, {any_small, some_event_flags}, NULL},
	{5, "epoll_create1", SYS_epoll_create1, {some_fd_flags}, NULL},
	{12,
	 "epoll_ctl",
	 SYS_epoll_ctl,
	 {any_fd, an_operation, any_fd, an_epoll_event},
	 NULL},
	{6,
	 "epoll_wait",
	 SYS_epoll_wait,
	 {any_fd, any_out, a_maximum, any_zero},
	 out_epoll},
	{5, "memfd_create", SYS_memfd_create, {a_name, some_memfd_flags}, NULL},
	{14, "open", SYS_open, {a_path, some_open_flags, a_mode}, NULL},
	{12, "openat2", SYS_OPENAT2, {a_folder, a_path, a_how, how_size}, NULL},
	{8, "read", SYS_read, {any_fd, any_out, short_length}, NULL},
	{8, "write", SYS_write, {any_fd, an_eight, short_length}, NULL},
	{3, "readv", SYS_readv, {any_fd, a_vector, a_three}, NULL},
	{3, "writev", SYS_writev, {any_fd, a_vector, a_three}, NULL},
	{3,
	 "pread64",
	 SYS_pread64,
	 {any_fd, any_out, short_length, an_offset},
	 NULL},
	{3,
	 "pwrite64",
	 SYS_pwrite64,
	 {any_fd, an_eight, short_length, an_offset},
	 NULL},
	{3,
	 "preadv2",
	 SYS_preadv2,
	 {any_fd, a_vector, a_three, an_offset, any_zero, some_rw_flags},
	 NULL},
	{3,
	 "pwritev2",
	 SYS_pwritev2,
	 {any_fd, a_vector, a_three, an_offset, any_zero, some_rw_flags},
	 NULL},
	{5, "lseek", SYS_lseek, {any_fd, an_offset, a_whence}, NULL},
	{3, "ftruncate", SYS_ftruncate, {any_fd, a_length}, NULL},
	{3,
	 "fallocate",
	 SYS_fallocate,
	 {any_fd, any_small, an_offset, a_length},
	 NULL},
	{4, "fstat", SYS_fstat, {any_fd, any_out}, out_stat},
	{5, "poll", SYS_poll, {some_polls, a_three, any_zero}, out_poll},
	{5, "flock", SYS_flock, {any_fd, a_flock}, NULL},
	{3,
	 "tee",
	 SYS_tee,
	 {any_fd, any_fd, a_length, some_splice_flags},
	 NULL},
	{5,
	 "splice",
	 SYS_splice,
	 {any_fd, offset_at, any_fd, offset_at, a_length, some_splice_flags},
	 NULL},
	{3,
	 "vmsplice",
	 SYS_vmsplice,
	 {any_fd, a_vector, a_three, some_splice_flags},
	 NULL},
	{3,
	 "sendfile",
	 SYS_sendfile,
	 {any_fd, any_fd, offset_at, a_length},
	 NULL},
	{3,
	 "copy_file_range",
	 SYS_copy_file_range,
	 {any_fd, offset_at, any_fd, offset_at, short_length, any_odd},
	 NULL},
	{3, "pidfd_open", 434, {any_pid, any_zero}, NULL},
	{3, "pidfd_getfd", SYS_PIDFD_GETFD, {a_pid_fd, any_fd, any_odd}, NULL},
	{2, "fsync", SYS_fsync, {any_fd}, NULL},
	{1, "syncfs", SYS_syncfs, {any_fd}, NULL},
	{2,
	 "fadvise64",
	 SYS_fadvise64,
	 {any_fd, an_offset, a_length, any_small},
	 NULL},
	{2, "fchmod", SYS_fchmod, {any_fd, a_mode}, NULL},
	{2, "fchdir", SYS_fchdir, {any_fd}, NULL},
	{2, "getdents64", SYS_getdents64, {any_fd, any_out, any_zero}, NULL},
};

/* show_files - position and flags of each descriptor. */
static void show_files(struct seat *seat, char *text, int size)
{
	char info[2048];
	long position;
	unsigned flags;
	int fd;

	for (fd = 3; fd < 14; fd++) {
		if (read_text(fmt("/proc/%d/fdinfo/%d", seat->pid, fd), info,
			      sizeof(info)) <= 0)
			continue;
		if (sscanf(info, "pos: %ld flags: %o", &position, &flags) == 2)
			snprintf(text + strlen(text), size - strlen(text),
				 " %d:%ld:%o", fd, position, flags);
	}
}

static void put_files(void)
{
	if (system("rm -rf " HOME "; mkdir " HOME " " HOME "/folder;"
		   "echo 0123456789 > " HOME "/file;"
		   "ln -s file " HOME "/link; ln -s none " HOME "/dangling;"
		   "ln -s loop " HOME "/loop; mkfifo " HOME "/fifo"))
		differ_broken(HOME);
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	put_files();
	crew_said = calls_said;
	crew_show_more = show_files;
	calls_main(calls, ARRAY_SIZE(calls), 2, count);
	return 0;
}
