/*
 * clone(2) and clone3(2).
 */
#include "tst.h"
#include <sys/mount.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#define CLEAR_SIGHAND 0x100000000ULL
#define INTO_CGROUP   0x200000000ULL

struct clone3_args {
	unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal;
	unsigned long long stack, stack_size, tls, set_tid, set_tid_size;
	unsigned long long cgroup;
};

static char stack[65536] __attribute__((aligned(16)));
static volatile int shared_word;
static int parent_tid;
static int child_tid;

static pid_t start(int (*body)(void *), int flags, void *arg)
{
	return SAFE(clone(body, stack + sizeof(stack), flags, arg, &parent_tid,
			  NULL, &child_tid));
}

static long clone3(struct clone3_args *args, size_t size)
{
	long pid = syscall(SYS_clone3, args, size);

	/* A child that was not expected to be born. */
	if (pid == 0)
		_exit(0);
	return pid;
}

static int exits_with(void *arg)
{
	return (int)(long)arg;
}

TST(clone01, "a child is made, and waited for by its pid")
{
	int status = 0;
	pid_t pid = start(exits_with, SIGCHLD, NULL);

	EXPECT(pid > 0 && pid != getpid(), "clone gives a new pid");
	EXPECT(wait(&status) == pid, "wait gives the same");
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it exited 0");
	EXPECT_ERR(wait(&status), ECHILD);
}

static int changes_all(void *arg)
{
	(void)arg;
	shared_word = 7;
	close(100);
	signal(SIGUSR1, SIG_IGN);
	return chdir("/proc");
}

static void look_at_changes(int flags, int shares, const char *what)
{
	struct sigaction action;
	char cwd[64];

	shared_word = 0;
	SAFE(dup2(1, 100));
	SAFE(chdir("/"));
	signal(SIGUSR1, SIG_DFL);
	EXPECT(tst_code(start(changes_all, flags, NULL)) == 0, "%s", what);
	EXPECT((shared_word == 7) == shares, "memory");
	EXPECT((fcntl(100, F_GETFD) == -1) == shares, "descriptors");
	EXPECT(getcwd(cwd, 64) && !strcmp(cwd, shares ? "/proc" : "/"),
	       "working directory");
	sigaction(SIGUSR1, NULL, &action);
	EXPECT((action.sa_handler == SIG_IGN) == shares, "dispositions");
}

TST(clone02, "what the flags share, and that without them nothing is shared")
{
	look_at_changes(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				SIGCHLD,
			1, "all is shared");
	look_at_changes(SIGCHLD, 0, "nothing is shared");
}

static int writes_pid(void *arg)
{
	pid_t pid = getpid();

	return write(*(int *)arg, &pid, sizeof(pid)) != sizeof(pid);
}

TST(clone03, "the pid a child sees is the one clone returned")
{
	pid_t seen = 0;
	int pipes[2];
	pid_t pid;

	SAFE(pipe(pipes));
	pid = start(writes_pid, SIGCHLD, &pipes[1]);
	EXPECT(read(pipes[0], &seen, sizeof(seen)) == sizeof(seen),
	       "the argument reached the child");
	EXPECT(seen == pid, "getpid() of the child is clone's value");
	tst_reap();
}

TST(clone04, "combinations that are refused")
{
	EXPECT_ERR(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clone, CLONE_NEWPID | CLONE_THREAD, 0, 0, 0, 0),
		   EINVAL);
	EXPECT_ERR(
		syscall(SYS_clone,
			CLONE_PIDFD | CLONE_THREAD | CLONE_VM | CLONE_SIGHAND,
			0, &parent_tid, 0, 0),
		EINVAL);
	EXPECT_ERR(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID, 0,
			   &parent_tid, 0, 0),
		   EINVAL);
}

static int slow_store(void *arg)
{
	(void)arg;
	tst_sleep_ms(60);
	shared_word = 5;
	return 0;
}

TST(clone05, "CLONE_VFORK: the parent stands still until the child ends")
{
	pid_t pid;

	shared_word = 0;
	pid = start(slow_store, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	EXPECT(shared_word == 5, "the child was done when clone returned");
	EXPECT(tst_code(pid) == 0, "and exited");
	shared_word = 0;
	pid = start(slow_store, CLONE_VM | SIGCHLD, NULL);
	EXPECT(shared_word == 0, "without it the parent goes on");
	EXPECT(tst_code(pid) == 0, "and waits");
}

static int looks_at_environment(void *arg)
{
	const char *value = getenv(arg);

	return !value || strcmp(value, "inherited");
}

TST(clone06, "the environment is the child's too")
{
	SAFE(setenv("TST_WORD", "inherited", 1));
	EXPECT(tst_code(start(looks_at_environment, SIGCHLD, "TST_WORD")) == 0,
	       "a copied one");
	EXPECT(tst_code(start(looks_at_environment, CLONE_VM | SIGCHLD,
			      "TST_WORD")) == 0,
	       "a shared one");
}

TST(clone07, "the child's function returns: its value is the exit status")
{
	int i;
	int good = 0;

	for (i = 0; i < 20; i++)
		good += tst_code(start(exits_with, CLONE_VM | SIGCHLD,
				       (void *)(long)i)) == i;
	EXPECT(good == 20, "%d of 20 children returned", good);
}

static int looks_at_tid(void *arg)
{
	(void)arg;
	return child_tid != syscall(SYS_gettid);
}

static int makes_sibling(void *arg)
{
	(void)arg;
	tst_counts->words[0] = getppid();
	return 0;
}

static int ends_as_thread(void *arg)
{
	(void)arg;
	tst_counts->words[1] = getpid();
	tst_counts->words[2] = (int)syscall(SYS_gettid);
	syscall(SYS_exit, 0);
	return 0;
}

TST(clone08, "the flags that store thread ids, and whose child it is")
{
	pid_t pid;
	int i;

	parent_tid = 0;
	pid = start(exits_with, CLONE_PARENT_SETTID | SIGCHLD, NULL);
	EXPECT(parent_tid == pid, "CLONE_PARENT_SETTID");
	tst_reap();
	EXPECT(tst_code(start(looks_at_tid, CLONE_CHILD_SETTID | SIGCHLD,
			      NULL)) == 0,
	       "CLONE_CHILD_SETTID");
	child_tid = 1;
	pid = start(exits_with, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD,
		    NULL);
	tst_reap();
	EXPECT(child_tid == 0, "CLONE_CHILD_CLEARTID");

	pid = tst_fork();
	if (pid == 0) {
		start(makes_sibling, CLONE_PARENT | SIGCHLD, NULL);
		_exit(0);
	}
	tst_reap();
	EXPECT(tst_counts->words[0] == getpid(), "CLONE_PARENT: a sibling");

	child_tid = 1;
	pid = start(ends_as_thread,
		    CLONE_VM | CLONE_SIGHAND | CLONE_THREAD |
			    CLONE_CHILD_CLEARTID,
		    NULL);
	for (i = 0; i < 5000 && *(volatile int *)&child_tid; i++)
		tst_sleep_ms(1);
	EXPECT(tst_counts->words[1] == getpid() && tst_counts->words[2] == pid,
	       "CLONE_THREAD: the same pid, another tid");
	EXPECT_ERR(waitpid(pid, NULL, __WALL), ECHILD);
}

static int looks_at_network(void *arg)
{
	(void)arg;
	return access("/proc/self/ns/net", F_OK);
}

TST(clone09, "CLONE_NEWNET: a network namespace of its own")
{
	pid_t pid = clone(looks_at_network, stack + sizeof(stack),
			  CLONE_NEWNET | SIGCHLD, NULL);

	if (pid < 0 && errno == EINVAL)
		tst_brk(TCONF, "no network namespaces in this kernel");
	EXPECT(pid > 0, "clone with CLONE_NEWNET");
	EXPECT(tst_code(pid) == 0, "the child sees its namespace");
}

TST(clone301, "clone3 does what clone does")
{
	struct clone3_args args = {.exit_signal = SIGCHLD};
	sigset_t usr1;
	long pid;
	int pidfd = -1;

	pid = clone3(&args, 64);
	EXPECT(pid > 0 && tst_code(pid) == 0, "a struct of version 0");
	pid = clone3(&args, sizeof(args));
	EXPECT(pid > 0 && tst_code(pid) == 0, "a struct of version 2");
	args.flags = CLONE_FS | CLONE_FILES | CLONE_PARENT_SETTID;
	args.parent_tid = (unsigned long)&parent_tid;
	pid = clone3(&args, sizeof(args));
	EXPECT(pid > 0 && parent_tid == pid && tst_code(pid) == 0,
	       "CLONE_PARENT_SETTID");
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	args = (struct clone3_args){.exit_signal = SIGUSR1};
	pid = clone3(&args, sizeof(args));
	EXPECT(sigwaitinfo(&usr1, NULL) == SIGUSR1, "another exit signal");
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
	EXPECT(waitpid(pid, NULL, __WCLONE) == pid, "__WCLONE waits for it");
	args = (struct clone3_args){.exit_signal = SIGCHLD,
				    .flags = CLONE_PIDFD,
				    .pidfd = (unsigned long)&pidfd};
	pid = clone3(&args, sizeof(args));
	if (pid < 0 && errno == EINVAL)
		tst_brk(TCONF, "no pidfds in this kernel");
	EXPECT(pid > 0 && pidfd >= 0 && fcntl(pidfd, F_GETFD) == FD_CLOEXEC,
	       "CLONE_PIDFD: a descriptor that exec closes");
	tst_reap();
}

static void refused(const char *what, struct clone3_args args, size_t size,
		    int want)
{
	long pid = clone3(&args, size);

	EXPECT(pid == -1 && errno == want, "%s: errno %d", what, want);
}

TST(clone302, "what clone3 refuses")
{
	static char big[8192];
	pid_t tids[40] = {0};

	refused("a short struct", (struct clone3_args){0}, 56, EINVAL);
	EXPECT_ERR(syscall(SYS_clone3, big, 5000), E2BIG);
	big[200] = 1;
	EXPECT_ERR(syscall(SYS_clone3, big, 300), E2BIG);
	EXPECT_ERR(syscall(SYS_clone3, NULL, 88), EFAULT);
	refused("a signal in flags", (struct clone3_args){.flags = SIGCHLD}, 88,
		EINVAL);
	refused("CLONE_DETACHED", (struct clone3_args){.flags = 0x00400000}, 88,
		EINVAL);
	refused("unknown flags", (struct clone3_args){.flags = 1ULL << 40}, 88,
		EINVAL);
	refused("signal 65", (struct clone3_args){.exit_signal = 65}, 88,
		EINVAL);
	refused("a signal beyond a byte",
		(struct clone3_args){.exit_signal = 0x100}, 88, EINVAL);
	refused("CLONE_PARENT with a signal",
		(struct clone3_args){.flags = CLONE_PARENT,
				     .exit_signal = SIGCHLD},
		88, EINVAL);
	refused("a stack without size",
		(struct clone3_args){.stack = (unsigned long)stack}, 88,
		EINVAL);
	refused("a size without stack",
		(struct clone3_args){.stack_size = 4096}, 88, EINVAL);
	refused("SIGHAND and CLEAR_SIGHAND",
		(struct clone3_args){.flags = CLONE_VM | CLONE_SIGHAND |
					      CLEAR_SIGHAND},
		88, EINVAL);
	refused("set_tid without a size",
		(struct clone3_args){.set_tid = (unsigned long)tids}, 88,
		EINVAL);
	refused("a size without set_tid",
		(struct clone3_args){.set_tid_size = 1}, 88, EINVAL);
	refused("more levels than there can be",
		(struct clone3_args){.set_tid = (unsigned long)tids,
				     .set_tid_size = 40},
		88, EINVAL);
	refused("set_tid of 0",
		(struct clone3_args){.set_tid = (unsigned long)tids,
				     .set_tid_size = 1},
		88, EINVAL);
	refused("a set_tid that is taken",
		(struct clone3_args){.set_tid = (unsigned long)&(pid_t){1},
				     .set_tid_size = 1},
		88, EEXIST);
}

TST(clone303, "CLONE_INTO_CGROUP: the child begins in that control group")
{
	struct clone3_args args = {.flags = INTO_CGROUP,
				   .exit_signal = SIGCHLD};
	char path[64];
	char text[256] = "";
	int fd;
	long pid;

	tst_folder();
	SAFE(mkdir("cg", 0755));
	if (mount("none", "cg", "cgroup2", 0, NULL)) {
		EXPECT_ERR(clone3(&args, sizeof(args)), EINVAL);
		tst_brk(TCONF, "no control groups: %s", strerror(errno));
	}
	SAFE(mkdir("cg/inner", 0755));
	args.cgroup = SAFE(open("cg/inner", O_RDONLY | O_DIRECTORY));
	pid = clone3(&args, sizeof(args));
	EXPECT(pid > 0, "clone3 with CLONE_INTO_CGROUP");
	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	fd = SAFE(open(path, O_RDONLY));
	EXPECT(read(fd, text, sizeof(text) - 1) > 0 && strstr(text, "inner"),
	       "it is in there: %s", text);
	close(fd);
	tst_code(pid);
	close((int)args.cgroup);
	while (rmdir("cg/inner") && errno == EBUSY)
		tst_sleep_ms(5);
	SAFE(umount("cg"));
}
