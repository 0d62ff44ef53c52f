/*
 * sysctl.h - the kernel's settings as files below /proc/sys, sysctl(8).
 *
 * Whoever owns a setting registers it; the file appears in proc_tree.
 */
#pragma once

#include <fs/vfs/seq_file.h>
#include <fs/vfs/types.h>

/* A number that programs may read and, with mode 0644, set within limits. */
struct sysctl_int {
	const char *name; /* below /proc/sys: "vm/max_map_count" */
	umode_t mode;
	int *value;
	int min, max;
};

/*
 * sysctl_register - make /proc/sys/@name with permissions @mode.
 *
 * @show and @store are those of pseudo_create; a file that cannot be written
 * refuses root too.  Without memory the file is missing.  May sleep.
 * What is written is one number: from the beginning of the file on, and as far
 * as the spaces behind it; elsewhere it means nothing (sysctl_writes_strict).
 */
void sysctl_register(const char *name, umode_t mode,
		     int (*show)(struct seq_file *m, void *data),
		     ssize_t (*store)(void *data, const char *text, size_t len),
		     void *data);

/*
 * sysctl_register_text - the same for words: @store puts @text, without the
 * end of the line and what is behind it, at place @pos of what there is.
 */
void sysctl_register_text(const char *name, umode_t mode,
			  int (*show)(struct seq_file *m, void *data),
			  void (*store)(void *data, const char *text,
					size_t len, size_t pos),
			  void *data);

/*
 * sysctl_register_vector - the same for @nr numbers, each of which may be
 * left as it is from the end on.
 */
void sysctl_register_vector(const char *name, umode_t mode, int *values,
			    unsigned int nr);

/* sysctl_register_ints - the same for a table of @nr numbers, which stays. */
void sysctl_register_ints(const struct sysctl_int *table, size_t nr);

/* sysctl_register_ulong - one number from 0 to LONG_MAX. */
void sysctl_register_ulong(const char *name, umode_t mode,
			   unsigned long *value);

/*
 * sysctl_parse_long - the first number of @text into *@value.
 * 0, or -EINVAL for no number or one outside [@min, @max].
 */
int sysctl_parse_long(const char *text, long min, long max, long *value);
