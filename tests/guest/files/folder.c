/*
 * getdents64(2): every name once, whatever is added and removed meanwhile;
 * offsets, types, and a thousand names.
 */
#include "tap.h"
#include <dirent.h>
#include <sys/syscall.h>

#define NAMES 1000

static char seen[NAMES];
static char buffer[4096];

struct entry {
	unsigned long inode;
	long offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static char *name_of(int number)
{
	static char name[64];

	snprintf(name, sizeof(name), "entry-%d-%.*s", number, number % 30,
		 "abcdefghijklmnopqrstuvwxyzabcdefghijk");
	return name;
}

static int make(int number)
{
	int fd = open(name_of(number), O_CREAT | O_EXCL | O_WRONLY, 0600);

	return fd >= 0 && close(fd) == 0;
}

/* list - mark what `folder` lists from here on; how many of our names. */
static int list(DIR *folder)
{
	struct dirent *entry;
	int found = 0;
	int number;

	while ((entry = readdir(folder)) != NULL) {
		if (sscanf(entry->d_name, "entry-%d-", &number) != 1)
			continue;
		seen[number]++;
		found++;
	}
	return found;
}

static int all_seen(int times)
{
	int i;

	for (i = 0; i < NAMES; i++)
		if (seen[i] != times)
			return 0;
	return 1;
}

static void many(void)
{
	DIR *folder;
	struct stat st;
	int made = 0;
	int i;

	for (i = 0; i < NAMES; i++)
		made += make(i);
	ok(made == NAMES, "a thousand names are made");
	memset(seen, 0, sizeof(seen));
	folder = opendir(".");
	ok(list(folder) == NAMES && all_seen(1), "each is listed once");
	rewinddir(folder);
	ok(list(folder) == NAMES && all_seen(2), "and again after rewinddir");
	closedir(folder);
	for (i = made = 0; i < NAMES; i++)
		made += stat(name_of(i), &st) == 0;
	ok(made == NAMES, "each is found");
}

static void removing(void)
{
	struct dirent *entry;
	DIR *folder = opendir(".");
	int removed = 0;
	int number;

	while ((entry = readdir(folder)) != NULL) {
		if (sscanf(entry->d_name, "entry-%d-", &number) != 1)
			continue;
		if (number % 2 && unlink(entry->d_name) == 0)
			removed++;
	}
	ok(removed == NAMES / 2, "names can be removed while they are listed");
	memset(seen, 0, sizeof(seen));
	rewinddir(folder);
	ok(list(folder) == NAMES / 2 && seen[2] && !seen[3],
	   "the rest is listed");
	closedir(folder);
}

static void adding(void)
{
	DIR *folder = opendir(".");
	int i;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 100; i++)
		readdir(folder);
	rewinddir(folder);
	for (i = 1; i < NAMES; i += 2)
		make(i);
	list(folder);
	for (i = 0; i < NAMES && seen[i] <= 1 && (i % 2 || seen[i]); i++)
		;
	ok(i == NAMES, "what was there is listed once, new ones at most once");
	closedir(folder);
}

static void positions(void)
{
	DIR *folder = opendir(".");
	struct dirent *entry;
	char name[256];
	long place;
	int i;

	for (i = 0; i < 300; i++)
		readdir(folder);
	place = telldir(folder);
	strcpy(name, readdir(folder)->d_name);
	for (i = 0; i < 300; i++)
		readdir(folder);
	seekdir(folder, place);
	entry = readdir(folder);
	ok(entry && !strcmp(entry->d_name, name), "telldir and seekdir");
	closedir(folder);
}

static void types(void)
{
	struct dirent *entry;
	DIR *folder;
	int good = 0;
	int dots = 0;

	mkdir("kinds", 0755);
	put_file("kinds/file", "x");
	mkdir("kinds/folder", 0755);
	if (symlink("x", "kinds/link") || mkfifo("kinds/fifo", 0600))
		bail("kinds");
	folder = opendir("kinds");
	while ((entry = readdir(folder)) != NULL) {
		struct stat st;
		char path[300];

		snprintf(path, sizeof(path), "kinds/%s", entry->d_name);
		lstat(path, &st);
		good += (st.st_mode & S_IFMT) >> 12 == entry->d_type &&
			st.st_ino == entry->d_ino;
		dots += entry->d_name[0] == '.';
	}
	closedir(folder);
	ok(good == 6 && dots == 2, "types and inode numbers, . and .. too");
}

static void calls(void)
{
	struct entry *entry = (void *)buffer;
	int fd = open("kinds", O_RDONLY);
	int got;

	ok_errno(syscall(SYS_getdents64, fd, buffer, 10), EINVAL,
		 "no room for a single entry");
	got = syscall(SYS_getdents64, fd, buffer, 40);
	ok(got == entry->length && got % 8 == 0 && got >= 24,
	   "a little room: one entry, its length a multiple of 8");
	got = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	ok(got > 0 && syscall(SYS_getdents64, fd, buffer, 4096) == 0,
	   "the rest, then 0");
	ok(lseek(fd, 0, SEEK_SET) == 0 &&
		   syscall(SYS_getdents64, fd, buffer, 4096) > got,
	   "all again after lseek");
	lseek(fd, 0, SEEK_SET);
	ok_errno(syscall(SYS_getdents64, fd, nowhere, 4096), EFAULT,
		 "a bad pointer");
	ok_errno(read(fd, buffer, 10), EISDIR, "read of a folder: EISDIR");
	close(fd);
	fd = open("kinds/file", O_RDONLY);
	ok_errno(syscall(SYS_getdents64, fd, buffer, 4096), ENOTDIR,
		 "a file has no entries");
	close(fd);
	mkdir("gone", 0755);
	fd = open("gone", O_RDONLY);
	rmdir("gone");
	ok_errno(syscall(SYS_getdents64, fd, buffer, 4096), ENOENT,
		 "a removed folder: ENOENT");
	close(fd);
}

static void emptied(void)
{
	int removed = 0;
	int i;

	for (i = 0; i < NAMES; i++)
		removed += unlink(name_of(i)) == 0;
	ok(removed == NAMES, "all are removed");
}

static void everything(void)
{
	many();
	removing();
	adding();
	positions();
	types();
	calls();
	emptied();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
