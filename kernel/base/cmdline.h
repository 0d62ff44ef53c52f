/*
 * The boot command line: name=value words, split once at boot.
 *
 * What stands after "--" goes to init as arguments; words with a '=' that no
 * part of the kernel asked for go to init's environment, as on Linux, and
 * other unknown words to its arguments.
 *
 * Entry points: cmdline_init, cmdline_get, cmdline_has, cmdline_get_nth,
 * cmdline_raw, cmdline_init_args, cmdline_init_env.
 */
#pragma once

#include <kernel/lib/macros.h>

#define CMDLINE_MAX   2048
#define INIT_ARGS_MAX 32

/* cmdline_init - copy and split @text (NULL: empty). Called once, first. */
void cmdline_init(const char *text);

/* cmdline_raw - the line as the loader gave it, for /proc/cmdline. */
const char *cmdline_raw(void);

/*
 * cmdline_get - value of the last "name=value", "" for a bare "name", or
 * NULL.  Marks every such word as known to the kernel.
 */
const char *cmdline_get(const char *name);

/* cmdline_get_nth - value of the @n-th word of that name, from 0; or NULL. */
const char *cmdline_get_nth(const char *name, unsigned int n);

/* cmdline_has - does "name" or "name=value" stand there? */
bool cmdline_has(const char *name);

/* cmdline_get_int - the number behind "name=", or @fallback. */
long cmdline_get_int(const char *name, long fallback);

/* cmdline_last_of - which of @a and @b comes last: 1, 2; 0 for neither. */
int cmdline_last_of(const char *a, const char *b);

/*
 * cmdline_init_args, cmdline_init_env - what PID 1 gets beside its defaults.
 *
 * Fills at most @max pointers into static memory; returns how many.  Call
 * after every subsystem has asked for its words.
 */
unsigned int cmdline_init_args(const char **args, unsigned int max);
unsigned int cmdline_init_env(const char **env, unsigned int max);
