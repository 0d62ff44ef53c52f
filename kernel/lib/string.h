/*
 * Memory and C strings.
 *
 * The usual functions of the C library with the usual meaning, and the
 * safer ones of Linux.  memcpy and memset move eight bytes at a time with
 * `rep movsq`/`rep stosq`.  The compiler may call the first four itself.
 */
#pragma once

#include <kernel/lib/macros.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* The compiler writes those of a short known size in line.  (Unit tests give
 * the functions other names.) */
#ifndef memcpy
#define memcpy(dst, src, n) __builtin_memcpy(dst, src, n)
#define memset(dst, c, n)   __builtin_memset(dst, c, n)
#endif

/* memchr - first byte @c in @n bytes; NULL if there is none. */
void *memchr(const void *p, int c, size_t n);

/* memchr_inv - first byte that is not @c; NULL if all are. */
void *memchr_inv(const void *p, int c, size_t n);

/* memmem - first place of @needle in @hay; NULL if there is none. */
void *memmem(const void *hay, size_t hay_len, const void *needle,
	     size_t needle_len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strnchr(const char *s, size_t n, int c);
char *strstr(const char *hay, const char *needle);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strcpy(char *dst, const char *src);
char *strncpy(char *dst, const char *src, size_t n);
char *strcat(char *dst, const char *src);

/* strsep - cut the next token off *@s at any byte of @delim. */
char *strsep(char **s, const char *delim);

/* strlcpy - copy and terminate; returns strlen(@src). */
size_t strlcpy(char *dst, const char *src, size_t size);

/* strlcat - append and terminate; returns the length it tried to make. */
size_t strlcat(char *dst, const char *src, size_t size);

/*
 * strscpy - copy and terminate.
 *
 * Returns the length copied, or -E2BIG if @src was cut (or @size is 0).
 */
ssize_t strscpy(char *dst, const char *src, size_t size);

/* strim - drop white space at both ends; returns the new start. */
char *strim(char *s);

/* skip_spaces - first character that is not white space. */
char *skip_spaces(const char *s);

/* str_has_prefix - length of @prefix if @s begins with it, else 0. */
size_t str_has_prefix(const char *s, const char *prefix);

/* match_string - index of @s in @n strings; -EINVAL if it is not there. */
int match_string(const char *const *array, size_t n, const char *s);

/* memzero_explicit - clear secrets; the compiler may not leave it out. */
void memzero_explicit(void *p, size_t n);

static inline bool isdigit(int c)
{
	return c >= '0' && c <= '9';
}
static inline bool isupper(int c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool islower(int c)
{
	return c >= 'a' && c <= 'z';
}
static inline bool isalpha(int c)
{
	return isupper(c) || islower(c);
}
static inline bool isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}
static inline bool isxdigit(int c)
{
	return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static inline bool isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool isprint(int c)
{
	return c >= 0x20 && c < 0x7f;
}
static inline bool iscntrl(int c)
{
	return (c >= 0 && c < 0x20) || c == 0x7f;
}
static inline int tolower(int c)
{
	return isupper(c) ? c + 32 : c;
}
static inline int toupper(int c)
{
	return islower(c) ? c - 32 : c;
}
