/*
 * Settings under /proc/sys: read, written, refused.
 *
 * Entry points: get, set, refuses.
 */
#pragma once

#include "tap.h"

static char text[8192];

/* get - what setting NAME holds, in TEXT; "" if it cannot be read. */
static inline char *get(const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return file_text(path, text, sizeof(text));
}

/* set - 0, or -1 and errno. */
static inline int set(const char *name, const char *value)
{
	char path[80];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ret = write(fd, value, strlen(value)) < 0 ? -1 : 0;
	if (close(fd))
		return -1;
	return ret;
}

/* refuses - EINVAL is what NAME says to VALUE. */
static inline int refuses(const char *name, const char *value)
{
	return fails(set(name, value), EINVAL);
}
