/*
 * Many processes at work in one folder: each name is made once, each file
 * holds what its writer wrote, and in the end the folder is empty.
 */
#include "tap.h"
#include <dirent.h>

#define WORKERS 5
#define FILES	60

static int worker_number;

/* Files of one's own, made, read and removed again and again. */
static int own_files(void)
{
	char name[32];
	char text[64];
	int round;
	int i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "w%d-%d", worker_number,
				 i);
			put_file(name, name);
		}
		for (i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "w%d-%d", worker_number,
				 i);
			need(!strcmp(file_text(name, text, 64), name));
			need(unlink(name) == 0);
		}
	}
	return 0;
}

/* Names that all want: each is made by one of them. */
static int common_names(void)
{
	char name[32];
	int made = 0;
	int fd;
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "common-%d", i);
		fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (fd >= 0) {
			made++;
			close(fd);
		} else {
			need(errno == EEXIST);
		}
	}
	return made;
}

static int common_removal(void)
{
	char name[32];
	int removed = 0;
	int i;

	for (i = FILES - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "common-%d", i);
		if (unlink(name) == 0)
			removed++;
		else
			need(errno == ENOENT);
	}
	return removed;
}

static int renames(void)
{
	char from[32];
	char to[32];
	int i;

	snprintf(from, sizeof(from), "r%d", worker_number);
	put_file(from, "x");
	mkdir("sub", 0755);
	for (i = 0; i < 100; i++) {
		snprintf(to, sizeof(to), i % 2 ? "r%d" : "sub/r%d",
			 worker_number);
		need(rename(from, to) == 0);
		strcpy(from, to);
		need(rename(from, "target") == 0);
		put_file(from, "x");
	}
	return unlink(from);
}

static int appends(void)
{
	char line[32];
	int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "worker %d line %3d\n",
			 worker_number, i);
		need(write(fd, line, 18) == 18);
	}
	return 0;
}

/* all_run - BODY in each worker: the sum of their exit codes. */
static int all_run(int (*body)(void))
{
	pid_t pids[WORKERS];
	int sum = 0;

	for (worker_number = 0; worker_number < WORKERS; worker_number++)
		pids[worker_number] = start_child(body);
	for (worker_number = 0; worker_number < WORKERS; worker_number++)
		sum += exit_code(pids[worker_number]);
	return sum;
}

static int log_is_whole(void)
{
	static char text[WORKERS * 100 * 18 + 1];
	int next[WORKERS] = {0};
	int worker;
	int number;
	int i;

	file_text("log", text, sizeof(text));
	for (i = 0; i < WORKERS * 100; i++) {
		if (sscanf(text + i * 18, "worker %d line %d\n", &worker,
			   &number) != 2 ||
		    worker < 0 || worker >= WORKERS || number != next[worker]++)
			return 0;
	}
	return text[i * 18] == 0;
}

static int count_names(void)
{
	DIR *folder = opendir(".");
	int count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void everything(void)
{
	ok(all_run(own_files) == 0, "files of one's own hold what was written");
	ok(all_run(common_names) == FILES, "a common name is made once");
	ok(all_run(common_removal) == FILES, "and removed once");
	ok(all_run(renames) == 0, "renames to and fro, over a common target");
	ok(all_run(appends) == 0 && log_is_whole(),
	   "lines appended by all are whole and in order");
	ok(unlink("log") == 0 && unlink("target") == 0 && rmdir("sub") == 0 &&
		   count_names() == 2,
	   "the folder is empty");
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
