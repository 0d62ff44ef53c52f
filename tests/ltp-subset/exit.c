/*
 * exit(2), exit_group(2), sched_yield(2), pause(2).
 */
#include "tst.h"

static char stack[16384] __attribute__((aligned(16)));

TST(exit01, "the low byte of exit's argument is the status")
{
	static const int codes[] = {0, 1, 127, 255, 256, -1, 0x1234};
	int status;
	int i;

	for (i = 0; i < 7; i++) {
		pid_t pid = tst_fork();

		if (pid == 0)
			syscall(SYS_exit, codes[i]);
		SAFE(waitpid(pid, &status, 0));
		EXPECT(WIFEXITED(status) &&
			       WEXITSTATUS(status) == (codes[i] & 255),
		       "exit(%d): %#x", codes[i], status);
	}
}

TST(exit02, "exit closes files: what was written is there, a pipe ends")
{
	char text[8] = "";
	int pipes[2];
	pid_t pid;
	int fd;

	tst_folder();
	SAFE(pipe(pipes));
	pid = tst_fork();
	if (pid == 0) {
		fd = SAFE(open("file", O_WRONLY | O_CREAT, 0600));
		SAFE(write(fd, "saved", 5));
		_exit(0);
	}
	close(pipes[1]);
	EXPECT(tst_code(pid) == 0, "the child ended");
	fd = SAFE(open("file", O_RDONLY));
	EXPECT(read(fd, text, 8) == 5 && !strcmp(text, "saved"), "the file");
	EXPECT(read(pipes[0], text, 1) == 0, "the pipe's end");
	if (tst_fork() == 0) {
		if (tst_fork() == 0) {
			tst_wait(0);
			EXPECT(getppid() == 1, "an orphan is init's");
			tst_wake(1);
			_exit(0);
		}
		_exit(0);
	}
	SAFE(wait(NULL));
	tst_wake(0);
	tst_wait(1);
}

static int sleeps(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

static int ends_group(void *arg)
{
	(void)arg;
	syscall(SYS_exit_group, 42);
	return 0;
}

static int ends_alone(void *arg)
{
	(void)arg;
	syscall(SYS_exit, 43);
	return 0;
}

static void thread(int (*body)(void *), int place)
{
	SAFE(clone(body, stack + 4096 * place,
		   CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND |
			   CLONE_THREAD,
		   NULL));
}

TST(exit_group01, "exit_group ends every thread; exit only the caller")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		thread(sleeps, 1);
		thread(sleeps, 2);
		thread(ends_group, 3);
		for (;;)
			pause();
	}
	EXPECT(tst_code(pid) == 42, "from a thread: its code is the status");
	pid = tst_fork();
	if (pid == 0) {
		thread(sleeps, 1);
		thread(ends_alone, 2);
		tst_sleep_ms(30);
		syscall(SYS_exit_group, 7);
	}
	EXPECT(tst_code(pid) == 7, "a thread's exit ends it alone");
	pid = tst_fork();
	if (pid == 0) {
		thread(sleeps, 1);
		syscall(SYS_exit, 5);
	}
	tst_state_wait(pid, 'Z');
	EXPECT(waitpid(pid, NULL, WNOHANG) == 0,
	       "a leader that ended is kept while threads live");
	kill(pid, SIGTERM);
	EXPECT(tst_code(pid) == 128 + SIGTERM, "a signal ends them");
}

/* Four threads for `top -H` to show. */
HELPER(exit_threads)
{
	prctl(PR_SET_NAME, "exit_threads");
	thread(sleeps, 1);
	thread(sleeps, 2);
	thread(sleeps, 3);
	pause();
}

TST(sched_yield01, "sched_yield gives 0, and lets others run")
{
	volatile int *turn = &tst_counts->words[0];
	int i;

	EXPECT(sched_yield() == 0, "alone");
	if (tst_fork() == 0) {
		for (i = 0; i < 100; i++) {
			while (*turn != 1)
				sched_yield();
			*turn = 0;
		}
		_exit(0);
	}
	for (i = 0; i < 100; i++) {
		*turn = 1;
		while (*turn != 0)
			sched_yield();
	}
	EXPECT(i == 100, "a hundred turns");
	tst_reap();
}

static void notes(int sig)
{
	tst_counts->words[0] = sig;
}

TST(pause01, "pause ends with EINTR behind a handler")
{
	pid_t pid;

	signal(SIGUSR1, notes);
	pid = tst_fork();
	if (pid == 0) {
		EXPECT_ERR(pause(), EINTR);
		EXPECT(tst_counts->words[0] == SIGUSR1, "the handler ran");
		_exit(0);
	}
	tst_state_wait(pid, 'S');
	kill(pid, SIGUSR1);
	tst_reap();
}

TST(pause02, "SA_RESTART does not restart pause")
{
	struct sigaction action = {.sa_handler = notes, .sa_flags = SA_RESTART};
	pid_t pid;

	sigaction(SIGUSR1, &action, NULL);
	pid = tst_fork();
	if (pid == 0) {
		EXPECT_ERR(pause(), EINTR);
		_exit(0);
	}
	tst_state_wait(pid, 'S');
	kill(pid, SIGUSR1);
	tst_reap();
}

TST(pause03, "a signal without a handler ends the program in pause")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		pause();
		_exit(1);
	}
	tst_state_wait(pid, 'S');
	kill(pid, SIGINT);
	EXPECT(tst_code(pid) == 128 + SIGINT, "SIGINT");
	pid = tst_fork();
	if (pid == 0) {
		signal(SIGUSR1, SIG_IGN);
		pause();
		_exit(1);
	}
	tst_state_wait(pid, 'S');
	kill(pid, SIGUSR1);
	tst_sleep_ms(20);
	EXPECT(waitpid(pid, NULL, WNOHANG) == 0, "an ignored one ends nothing");
	kill(pid, SIGKILL);
	tst_code(pid);
}
