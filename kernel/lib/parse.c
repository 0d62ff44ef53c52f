/*
 * Numbers and options from text: see parse.h.
 *
 * Everything stands on parse_digits(), which reads as many digits as there
 * are and remembers whether the value ran over.
 *
 * Entry points: kstrto*, simple_strto*, memparse, hex_to_bin, next_option.
 */
#include <kernel/lib/parse.h>

#include <abi/errno.h>
#include <kernel/lib/string.h>

/* hex_to_bin - value of a hex digit, or -1. */
int hex_to_bin(char c)
{
	if (isdigit(c))
		return c - '0';
	c = (char)tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Skip the prefix that @base 0 or 16 allows; returns the base to use. */
static unsigned int parse_base(const char **s, unsigned int base)
{
	bool hex = (*s)[0] == '0' && tolower((*s)[1]) == 'x' &&
		   hex_to_bin((*s)[2]) >= 0;

	if (base == 0)
		base = hex ? 16 : (*s)[0] == '0' ? 8 : 10;
	if (base == 16 && hex)
		*s += 2;
	return base;
}

/* Digits at *@s, which is moved past them; the number of digits. */
static size_t parse_digits(const char **s, unsigned int base,
			   unsigned long long *value, bool *overflow)
{
	const char *start = *s;
	int d;

	*value = 0;
	*overflow = false;
	while ((d = hex_to_bin(**s)) >= 0 && (unsigned int)d < base) {
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, (unsigned int)d, value))
			*overflow = true;
		(*s)++;
	}
	return (size_t)(*s - start);
}

/* kstrtoull - @s is one number, with a final newline at most. */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value;
	bool overflow;

	if (*s == '+')
		s++;
	base = parse_base(&s, base);
	if (parse_digits(&s, base, &value, &overflow) == 0)
		return -EINVAL;
	if (*s == '\n')
		s++;
	if (*s)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	*res = value;
	return 0;
}

/* kstrtoll - as kstrtoull, with a sign. */
int kstrtoll(const char *s, unsigned int base, long long *res)
{
	unsigned long long value;
	int err;

	if (*s != '-') {
		err = kstrtoull(s, base, &value);
		if (err)
			return err;
		if ((long long)value < 0)
			return -ERANGE;
		*res = (long long)value;
		return 0;
	}
	if (s[1] == '+')
		return -EINVAL;
	err = kstrtoull(s + 1, base, &value);
	if (err)
		return err;
	if (value > 1ULL << 63)
		return -ERANGE;
	*res = (long long)(0 - value);
	return 0;
}

/* The narrower types: the same, and -ERANGE where the value does not fit. */
#define DEFINE_KSTRTO(name, wide, wide_type, type)                             \
	int name(const char *s, unsigned int base, type *res)                  \
	{                                                                      \
		wide_type value;                                               \
		int err = wide(s, base, &value);                               \
                                                                               \
		if (err)                                                       \
			return err;                                            \
		if (value != (wide_type)(type)value)                           \
			return -ERANGE;                                        \
		*res = (type)value;                                            \
		return 0;                                                      \
	}

DEFINE_KSTRTO(kstrtoul, kstrtoull, unsigned long long, unsigned long)
DEFINE_KSTRTO(kstrtol, kstrtoll, long long, long)
DEFINE_KSTRTO(kstrtouint, kstrtoull, unsigned long long, unsigned int)
DEFINE_KSTRTO(kstrtoint, kstrtoll, long long, int)
DEFINE_KSTRTO(kstrtou64, kstrtoull, unsigned long long, u64)
DEFINE_KSTRTO(kstrtou32, kstrtoull, unsigned long long, u32)
DEFINE_KSTRTO(kstrtou16, kstrtoull, unsigned long long, u16)
DEFINE_KSTRTO(kstrtou8, kstrtoull, unsigned long long, u8)

/* kstrtobool - y Y 1 on, n N 0 off; -EINVAL otherwise. */
int kstrtobool(const char *s, bool *res)
{
	switch (tolower(s[0])) {
	case 'y':
	case '1':
	case 't':
		*res = true;
		return 0;
	case 'n':
	case '0':
	case 'f':
		*res = false;
		return 0;
	case 'o':
		if (tolower(s[1]) != 'n' && tolower(s[1]) != 'f')
			return -EINVAL;
		*res = tolower(s[1]) == 'n';
		return 0;
	default:
		return -EINVAL;
	}
}

/* simple_strtoull - the number at the start of @s; *@end where it stops. */
unsigned long long simple_strtoull(const char *s, char **end, unsigned int base)
{
	unsigned long long value;
	bool overflow;

	base = parse_base(&s, base);
	(void)parse_digits(&s, base, &value, &overflow);
	if (end)
		*end = (char *)s;
	return overflow ? ~0ULL : value;
}

/* simple_strtoul - as simple_strtoull. */
unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	return (unsigned long)simple_strtoull(s, end, base);
}

/* simple_strtol - as simple_strtoull, with a '-'. */
long simple_strtol(const char *s, char **end, unsigned int base)
{
	if (*s == '-')
		return (long)(0 - simple_strtoull(s + 1, end, base));
	return (long)simple_strtoull(s, end, base);
}

/* memparse - a size with an optional K, M, G, T, P or E behind it. */
unsigned long long memparse(const char *s, char **end)
{
	static const char suffixes[] = "kmgtpe";
	char *stop;
	unsigned long long value = simple_strtoull(s, &stop, 0);
	const char *at = *stop ? strchr(suffixes, tolower(*stop)) : NULL;

	if (at && stop != s) {
		value <<= 10 * (unsigned int)(at - suffixes + 1);
		stop++;
	}
	if (end)
		*end = stop;
	return value;
}

/* Skip to the end of an option: a separator outside quotes, or the NUL. */
static char *option_end(char *s, char sep)
{
	bool quoted = false;

	for (; *s; s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (!quoted && (*s == sep || (sep == ' ' && isspace(*s))))
			break;
	}
	return s;
}

/* Take the quotes off "text" or name="text", in place. */
static char *strip_quotes(char *s)
{
	size_t n = strlen(s);

	if (s[0] != '"')
		return s;
	if (n > 1 && s[n - 1] == '"')
		s[n - 1] = '\0';
	return s + 1;
}

/* next_option - cut "name[=value]" off a list separated by @sep. */
char *next_option(char **cursor, char sep, char **value)
{
	char *name = *cursor;
	char *end, *eq;

	while (*name && (*name == sep || (sep == ' ' && isspace(*name))))
		name++;
	if (!*name) {
		*cursor = name;
		return NULL;
	}
	end = option_end(name, sep);
	*cursor = *end ? end + 1 : end;
	*end = '\0';
	name = strip_quotes(name);
	eq = strchr(name, '=');
	*value = NULL;
	if (eq) {
		*eq = '\0';
		*value = strip_quotes(eq + 1);
	}
	return name;
}
