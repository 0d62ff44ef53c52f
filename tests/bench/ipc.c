/*
 * ipc.c - rows: two tasks that wait for each other, poll, and epoll.
 *
 * Entry points: ipc_rows.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define NR_POLLED 64
#define BULK	  65536

static int to_child[2];
static int from_child[2];
static pid_t child;
static struct pollfd polled[NR_POLLED];
static int polled_ends[NR_POLLED];
static char bulk[BULK];

/* The other side: send back what comes, until the end. */
static void echo(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1)
		must(write(out, &byte, 1) == 1);
	_exit(0);
}

static bool start_pipe_echo(void)
{
	must(pipe(to_child) == 0 && pipe(from_child) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		close(to_child[1]);
		echo(to_child[0], from_child[1]);
	}
	close(to_child[0]);
	close(from_child[1]);
	return true;
}

static void stop_echo(void)
{
	close(to_child[1]);
	if (from_child[0] != to_child[1])
		close(from_child[0]);
	waitpid(child, NULL, 0);
}

static bool start_socket_echo(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return false;
	child = fork();
	must(child >= 0);
	if (child == 0) {
		close(pair[0]);
		echo(pair[1], pair[1]);
	}
	close(pair[1]);
	to_child[1] = pair[0];
	from_child[0] = pair[0];
	return true;
}

static void echo_once(void)
{
	char byte = 'x';

	must(write(to_child[1], &byte, 1) == 1);
	must(read(from_child[0], &byte, 1) == 1);
}

static uint64_t run_echo(unsigned int times)
{
	return MEASURE(times, echo_once());
}

static int turn; /* 0: ours; 1: the other thread's; 2: over */
static pthread_t other;

static void futex_wait_while(int value)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) == value)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, value, NULL);
}

static void futex_set(int value)
{
	__atomic_store_n(&turn, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

static void *futex_main(void *arg)
{
	for (;;) {
		futex_wait_while(0);
		if (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) == 2)
			return arg;
		futex_set(0);
	}
}

static bool start_futex(void)
{
	turn = 0;
	return pthread_create(&other, NULL, futex_main, NULL) == 0;
}

static void stop_futex(void)
{
	futex_set(2);
	pthread_join(other, NULL);
}

static void futex_once(void)
{
	futex_set(1);
	futex_wait_while(1);
}

static uint64_t run_futex(unsigned int times)
{
	return MEASURE(times, futex_once());
}

/* A child that fills the pipe as fast as it may. */
static bool start_writer(void)
{
	must(pipe(from_child) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		close(from_child[0]);
		for (;;) {
			if (write(from_child[1], bulk, BULK) <= 0)
				_exit(0);
		}
	}
	close(from_child[1]);
	return true;
}

static void stop_writer(void)
{
	close(from_child[0]);
	waitpid(child, NULL, 0);
}

static void read_bulk(void)
{
	size_t done = 0;
	ssize_t got;

	while (done < BULK) {
		got = read(from_child[0], bulk, BULK - done);
		must(got > 0);
		done += (size_t)got;
	}
}

static uint64_t run_bulk(unsigned int times)
{
	return MEASURE(times, read_bulk());
}

static bool open_polled(void)
{
	int pair[2];

	for (int i = 0; i < NR_POLLED; i++) {
		must(pipe(pair) == 0);
		polled[i].fd = pair[0];
		polled[i].events = POLLIN;
		polled_ends[i] = pair[1];
	}
	return true;
}

static void close_polled(void)
{
	for (int i = 0; i < NR_POLLED; i++) {
		close(polled[i].fd);
		close(polled_ends[i]);
	}
}

static uint64_t run_poll(unsigned int times)
{
	return MEASURE(times, poll(polled, NR_POLLED, 0));
}

static int epoll_fd;

/* All of them are watched; the last has a byte that nobody reads. */
static bool open_epolled(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	open_polled();
	epoll_fd = epoll_create1(0);
	must(epoll_fd >= 0);
	for (int i = 0; i < NR_POLLED; i++)
		must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, polled[i].fd, &event) ==
		     0);
	must(write(polled_ends[NR_POLLED - 1], "x", 1) == 1);
	return true;
}

static void close_epolled(void)
{
	close(epoll_fd);
	close_polled();
}

static uint64_t run_epoll(unsigned int times)
{
	struct epoll_event events[8];

	return MEASURE(times, epoll_wait(epoll_fd, events, 8, 0));
}

const struct row ipc_rows[] = {
	{"pipe_echo", 200, 9, start_pipe_echo, run_echo, stop_echo},
	{"socket_echo", 200, 9, start_socket_echo, run_echo, stop_echo},
	{"futex_echo", 200, 9, start_futex, run_futex, stop_futex},
	{"pipe_64k", 50, 9, start_writer, run_bulk, stop_writer},
	{"poll_64", 100, 9, open_polled, run_poll, close_polled},
	{"epoll_64", 200, 9, open_epolled, run_epoll, close_epolled},
	{0},
};
