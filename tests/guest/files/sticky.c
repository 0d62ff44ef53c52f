/*
 * Links and files of others in sticky directories: fs.protected_symlinks,
 * _hardlinks, _fifos, _regular of proc(5).
 */
#include "tap.h"

#define OTHER 1001

static void set(const char *name, const char *value)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/fs/protected_%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, 1) != 1)
		bail(path);
	close(fd);
}

static int make_things(void)
{
	need(!symlink("target", "sticky/link"));
	need(!symlink("target", "plain/link"));
	need(!symlink("../plain", "sticky/dirlink"));
	need(!mkfifo("sticky/fifo", 0666) && !chmod("sticky/fifo", 0666));
	put_file("sticky/file", "x");
	need(!chmod("sticky/file", 0666));
	put_file("plain/mine", "x");
	put_file("plain/writable", "x");
	need(!chmod("plain/writable", 0666));
	put_file("plain/setuid", "x");
	need(!chmod("plain/setuid", 04777));
	return 0;
}

static int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int follows(void)
{
	need(opens("sticky/link", O_RDONLY) == EACCES);
	need(opens("plain/link", O_RDONLY) == 0);
	need(opens("sticky/dirlink/mine", O_RDONLY) == 0);
	need(opens("sticky/dirlink", O_RDONLY) == EACCES);
	need(opens("sticky/own", O_RDONLY) == 0);
	return 0;
}

static int follows_all(void)
{
	need(opens("sticky/link", O_RDONLY) == 0);
	return 0;
}

static int refused(void)
{
	need(opens("sticky/link", O_RDONLY) == EACCES);
	return 0;
}

static int links(void)
{
	need(fails(link("plain/mine", "plain/a"), EPERM));
	need(fails(link("plain/setuid", "plain/b"), EPERM));
	need(fails(link("plain/link", "plain/c"), EPERM));
	need(fails(link("sticky/fifo", "plain/d"), EPERM));
	need(!link("plain/writable", "plain/e"));
	return 0;
}

static int links_all(void)
{
	need(!link("plain/mine", "plain/f"));
	return 0;
}

static int creates(void)
{
	need(opens("sticky/file", O_CREAT | O_WRONLY) == EACCES);
	need(opens("sticky/file", O_WRONLY) == 0);
	need(opens("sticky/fifo", O_CREAT | O_RDWR) == EACCES);
	need(opens("sticky/fifo", O_RDWR) == 0);
	need(opens("sticky/fresh", O_CREAT | O_WRONLY) == 0);
	need(opens("sticky/fresh", O_CREAT | O_WRONLY) == 0);
	return 0;
}

static int creates_all(void)
{
	need(opens("sticky/file", O_CREAT | O_WRONLY) == 0);
	need(opens("sticky/fifo", O_CREAT | O_RDWR) == 0);
	return 0;
}

static int own_link(void)
{
	need(!symlink("file", "sticky/own"));
	return 0;
}

static void protected(void)
{
	umask(0);
	if (chmod(".", 0777) || mkdir("sticky", 01777) || mkdir("plain", 0777))
		bail("mkdir");
	put_file("sticky/target", "x");
	put_file("plain/target", "x");
	ok(in_child_as(OTHER, make_things) == 0, "things are made");
	ok(in_child_as(STUDENT, own_link) == 0, "a link of one's own");
	set("symlinks", "1");
	ok(in_child_as(STUDENT, follows) == 0,
	   "protected_symlinks: others' last links in a sticky folder");
	ok(in_child(refused) == 0, "root is not exempt");
	set("symlinks", "0");
	ok(in_child_as(STUDENT, follows_all) == 0, "0: all are followed");
	set("symlinks", "1");
	set("hardlinks", "1");
	ok(in_child_as(STUDENT, links) == 0,
	   "protected_hardlinks: only what could be written");
	set("hardlinks", "0");
	ok(in_child_as(STUDENT, links_all) == 0, "0: anything");
	set("hardlinks", "1");
	ok(in_child_as(STUDENT, creates_all) == 0,
	   "protected_regular, _fifos 0: O_CREAT opens others'");
	set("regular", "1");
	set("fifos", "1");
	ok(in_child_as(STUDENT, creates) == 0, "1: EACCES, but without it");
	set("regular", "0");
	set("fifos", "0");
}

int main(void)
{
	each_folder(protected);
	return done_testing();
}
