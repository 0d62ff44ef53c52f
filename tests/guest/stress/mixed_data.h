/*
 * The workers of mixed.c that move data: pipes, files, terminals and memory.
 * Each function is one round; need() ends the worker where a byte was lost.
 */
#pragma once

#include "mixed.h"
#include "pty.h"
#include <setjmp.h>
#include <sys/uio.h>

/* --- pipes ---------------------------------------------------------------- */

#define STREAM 300000

static void stream_writer(int fd, unsigned seed)
{
	static unsigned char text[20000];
	int done = 0;

	chance_seed(getpid());
	while (done < STREAM) {
		int length = 1 + chance(chance(4) ? 6000 : sizeof(text));

		if (length > STREAM - done)
			length = STREAM - done;
		stream_fill(text, length, seed, done);
		need(write_all(fd, text, length));
		done += length;
	}
	_exit(0);
}

/* A long stream in pieces of any length: each byte arrives, in order. */
static void pipe_stream(void)
{
	static unsigned char text[20000];
	unsigned seed = chance(10000);
	int done = 0;
	int ends[2];
	pid_t pid;
	int got;

	need(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		stream_writer(ends[1], seed);
	}
	close(ends[1]);
	for (;;) {
		got = read(ends[0], text, 1 + chance(sizeof(text)));
		need(got >= 0);
		if (got == 0)
			break;
		need(stream_matches(text, got, seed, done));
		done += got;
	}
	need(done == STREAM && exit_code(pid) == 0);
	close(ends[0]);
}

#define WRITERS 4
#define RECORDS 150

struct record {
	int writer;
	int number;
	unsigned char text[56];
};

static void record_writer(int fd, int writer)
{
	struct record record = {.writer = writer};

	for (; record.number < RECORDS; record.number++) {
		stream_fill(record.text, 56, writer, record.number);
		need(write(fd, &record, sizeof(record)) == sizeof(record));
	}
	_exit(0);
}

/* Four write records to one pipe: each arrives whole, each writer's in order;
 * the reader waits with poll. */
static void pipe_records(void)
{
	struct record record;
	int next[WRITERS] = {0};
	struct pollfd in = {.events = POLLIN};
	int ends[2];
	int i;

	need(pipe(ends) == 0);
	for (i = 0; i < WRITERS; i++) {
		if (fork() == 0)
			record_writer(ends[1], i);
	}
	close(ends[1]);
	in.fd = ends[0];
	for (i = 0; i < WRITERS * RECORDS; i++) {
		if (i % 3 == 0)
			need(poll(&in, 1, 60000) == 1);
		need(read_all(ends[0], &record, sizeof(record)));
		need(record.writer >= 0 && record.writer < WRITERS);
		need(record.number == next[record.writer]++);
		need(stream_matches(record.text, 56, record.writer,
				    record.number));
	}
	need(read(ends[0], &record, 1) == 0);
	close(ends[0]);
	need(reap_all(0) == WRITERS);
}

static void round_pipes(void)
{
	if (chance(2))
		pipe_stream();
	else
		pipe_records();
}

/* --- files ---------------------------------------------------------------- */

#define FILES 16

/* Made, read, given another name, cut, and removed, in a folder of its own. */
static void one_file(int number)
{
	static unsigned char text[30000];
	static unsigned char again[30000];
	int length = 1 + chance(sizeof(text));
	char name[32];
	char other[32];
	int fd;

	snprintf(name, sizeof(name), "file%d", number);
	snprintf(other, sizeof(other), "moved%d", (int)chance(4));
	stream_fill(text, length, number, length);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	need(fd >= 0);
	need(write_all(fd, text, length));
	need(link(name, "link") == 0 && unlink("link") == 0);
	need(pread(fd, again, sizeof(again), 0) == length);
	need(!memcmp(text, again, length));
	close(fd);
	need(rename(name, other) == 0);
	need(fails(open(name, O_RDONLY), ENOENT));
	need(truncate(other, length / 2) == 0);
	fd = open(other, O_RDONLY);
	need(fd >= 0);
	need(read(fd, again, sizeof(again)) == length / 2);
	need(!memcmp(text, again, length / 2));
	need(unlink(other) == 0);
	need(pread(fd, again, 1, 0) == (length > 1));
	close(fd);
}

static void files_in(const char *where)
{
	char path[64];
	int i;

	snprintf(path, sizeof(path), "%s/mixed.%d", where, (int)getpid());
	need(mkdir(path, 0700) == 0 && chdir(path) == 0);
	for (i = 0; i < FILES; i++)
		one_file(i);
	need(chdir("/") == 0 && rmdir(path) == 0);
}

static void round_files(void)
{
	files_in(chance(2) ? "/home" : "/tmp");
}

/* --- terminals ------------------------------------------------------------ */

static void session_at(struct pty *pty)
{
	char line[64];
	int got;

	close(pty->master);
	setsid();
	need(ioctl(pty->slave, TIOCSCTTY, 0) == 0);
	need(write(pty->slave, "+", 1) == 1);
	for (;;) {
		got = read(pty->slave, line, sizeof(line));
		/* A hang-up ends reads first and signals then. */
		if (got == 0 || (got < 0 && errno == EIO))
			sleep_forever();
		need(got > 0);
		need(write(pty->slave, line, got) == got);
	}
}

/* Read from the master up to the byte END. */
static int read_up_to(int fd, char *text, int size, char end)
{
	int length = 0;

	while (length < size - 1 && read(fd, text + length, 1) == 1)
		if (text[length++] == end)
			break;
	text[length] = 0;
	return length;
}

/* A session at a terminal of its own answers, and ends by ^C or a hang-up. */
static void round_terminals(void)
{
	int hang_up = chance(2);
	char text[64];
	struct pty pty;
	pid_t pid;

	pty_open(&pty);
	pid = fork();
	if (pid == 0)
		session_at(&pty);
	close(pty.slave);
	need(read_up_to(pty.master, text, 64, '+') == 1);
	need(write(pty.master, "word\n", 5) == 5);
	/* The echo, then the answer. */
	need(read_up_to(pty.master, text, 64, '\n') == 6);
	need(read_up_to(pty.master, text, 64, '\n') == 6);
	need(!strcmp(text, "word\r\n"));
	if (!hang_up)
		need(write(pty.master, "\003", 1) == 1);
	else
		close(pty.master);
	need(exit_code(pid) == 128 + (hang_up ? SIGHUP : SIGINT));
	if (!hang_up)
		close(pty.master);
}

/* --- memory --------------------------------------------------------------- */

#define PAGE 4096

static void *own_mappings(void *seed)
{
	uint64_t chances = (uint64_t)(long)seed * 2654435761u + 1;
	unsigned char *at;
	int pages;
	int i;
	int j;

	for (i = 0; i < 30; i++) {
		chances = chances * 6364136223846793005u + 1442695040888963407u;
		pages = 2 + (chances >> 40) % 30;
		at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		need(at != MAP_FAILED);
		for (j = 0; j < pages; j++) {
			need(at[j * PAGE] == 0);
			at[j * PAGE] = j + i;
		}
		need(madvise(at + PAGE, PAGE, MADV_DONTNEED) == 0);
		need(at[PAGE] == 0);
		at[PAGE] = 1 + i;
		at = mremap(at, pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE);
		need(at != MAP_FAILED);
		for (j = 0; j < pages; j++)
			need(at[j * PAGE] == (unsigned char)(j + i));
		need(munmap(at, 2 * pages * PAGE) == 0);
	}
	return NULL;
}

/* A child has a copy of what the threads are busy with. */
static int copy_is_mine(void)
{
	static volatile int mine;

	mine = getpid();
	sched_yield();
	return mine != getpid();
}

static void memory_in_threads(void)
{
	pthread_t thread[4];
	long i;

	for (i = 0; i < 4; i++)
		need(!pthread_create(&thread[i], NULL, own_mappings,
				     (void *)(long)chance(100000)));
	for (i = 0; i < 3; i++)
		need(in_child(copy_is_mine) == 0);
	for (i = 0; i < 4; i++)
		need(!pthread_join(thread[i], NULL));
}

static volatile int scribbling;
static volatile unsigned long *scribbled;
static __thread sigjmp_buf off_limits;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(off_limits, 1);
}

/* Write to one page without end; wait in a fault while it may not be. */
static void *scribble(void *unused)
{
	unsigned long count = 0;

	sigsetjmp(off_limits, 1);
	while (scribbling)
		*scribbled = ++count;
	return unused;
}

/* The page does not change while it may not be written. */
static void still_while_protected(void)
{
	unsigned long before;
	int i;

	need(mprotect((void *)scribbled, PAGE, PROT_READ) == 0);
	before = *scribbled;
	for (i = 0; i < 500; i++)
		need(*scribbled == before);
	need(mprotect((void *)scribbled, PAGE, PROT_READ | PROT_WRITE) == 0);
}

/* Another page in its place: what is written to the old one stays there. */
static void still_when_moved(void)
{
	volatile unsigned long *old;
	volatile unsigned long *spare;
	unsigned long before;
	int i;

	spare = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(spare != MAP_FAILED);
	old = mremap((void *)scribbled, PAGE, PAGE,
		     MREMAP_MAYMOVE | MREMAP_FIXED, spare);
	need(old == spare);
	before = *old;
	need(mmap((void *)scribbled, PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == scribbled);
	for (i = 0; i < 500; i++)
		need(*old == before);
	need(munmap((void *)old, PAGE) == 0);
}

/* What one CPU takes from a page table, no other CPU goes on using. */
static void stale_translations(void)
{
	pthread_t thread[2];
	int i;

	signal(SIGSEGV, on_fault);
	scribbled = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(scribbled != MAP_FAILED);
	scribbling = 1;
	for (i = 0; i < 2; i++)
		need(!pthread_create(&thread[i], NULL, scribble, NULL));
	for (i = 0; i < 20; i++) {
		if (i % 2)
			still_while_protected();
		else
			still_when_moved();
	}
	scribbling = 0;
	for (i = 0; i < 2; i++)
		need(!pthread_join(thread[i], NULL));
	need(munmap((void *)scribbled, PAGE) == 0);
	signal(SIGSEGV, SIG_DFL);
}

static void round_memory(void)
{
	if (chance(2))
		memory_in_threads();
	else
		stale_translations();
}

/* Processes share a file's pages: what one stores, all see, and the file. */
static void round_shared(void)
{
	int fd = open("/tmp/mixed.shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned *at;
	int i;

	need(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED);
	for (i = 0; i < 3; i++) {
		if (fork() == 0) {
			for (i = 0; i < 1000; i++)
				__atomic_fetch_add(&at[i % 4 * (PAGE / 4)], 1,
						   __ATOMIC_SEQ_CST);
			_exit(0);
		}
	}
	need(reap_all(0) == 3);
	for (i = 0; i < 4; i++) {
		unsigned count;

		need(at[i * (PAGE / 4)] == 750);
		need(pread(fd, &count, 4, i * PAGE) == 4 && count == 750);
	}
	need(munmap(at, 4 * PAGE) == 0 && close(fd) == 0);
	need(unlink("/tmp/mixed.shared") == 0);
}
