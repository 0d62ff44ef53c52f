/*
 * Numbers and options from text.
 *
 * The kstrto functions take a whole string (one final newline is allowed)
 * and refuse anything else; simple_strtoull reads what it can.
 * Base 0 means: 0x is hex, 0 is octal, else decimal.
 */
#pragma once

#include <kernel/lib/macros.h>

/* kstrto* - 0 and *@res, -EINVAL if it is no number, -ERANGE if too big. */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int kstrtoll(const char *s, unsigned int base, long long *res);
int kstrtoul(const char *s, unsigned int base, unsigned long *res);
int kstrtol(const char *s, unsigned int base, long *res);
int kstrtouint(const char *s, unsigned int base, unsigned int *res);
int kstrtoint(const char *s, unsigned int base, int *res);
int kstrtou64(const char *s, unsigned int base, u64 *res);
int kstrtou32(const char *s, unsigned int base, u32 *res);
int kstrtou16(const char *s, unsigned int base, u16 *res);
int kstrtou8(const char *s, unsigned int base, u8 *res);

/* kstrtobool - y Y 1 on, n N 0 off; -EINVAL otherwise. */
int kstrtobool(const char *s, bool *res);

/* simple_strtoull - the number at the start of @s; *@end where it stops. */
unsigned long long simple_strtoull(const char *s, char **end,
				   unsigned int base);
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);

/* memparse - a size with an optional K, M, G, T, P or E behind it. */
unsigned long long memparse(const char *s, char **end);

/* hex_to_bin - value of a hex digit, or -1. */
int hex_to_bin(char c);

/*
 * next_option - cut "name[=value]" off a list separated by @sep.
 *
 * @cursor points into a writable string and is moved on; @value becomes NULL
 * where there is no '='.  Empty options are skipped.  Quotes ("a b") around
 * a value are removed and hide the separator.  Returns the name, or NULL at
 * the end.
 */
char *next_option(char **cursor, char sep, char **value);
