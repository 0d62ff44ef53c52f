/*
 * Memory and C strings: see string.h.
 *
 * Blocks are moved with `rep movsq` and `rep stosq` and a tail of at most
 * seven bytes; short ones with plain loops, since starting a `rep` costs
 * more than it saves.  The compiler knows what such loops do and would turn
 * them into calls of the very functions they are in: KEEP_LOOP forbids it.
 *
 * Entry points: all of string.h.
 */
#include <kernel/lib/string.h>

#include <abi/errno.h>

#define KEEP_LOOP() __asm__ volatile("")

#define REP_MIN 64 /* below this many bytes, a loop of words wins */

/* Words wherever they lie: unaligned access is no slower here. */
typedef u64 __attribute__((may_alias, aligned(1))) word_t;
typedef u32 __attribute__((may_alias, aligned(1))) half_t;
typedef u16 __attribute__((may_alias, aligned(1))) quarter_t;

/* Up to 7 bytes forward: the rest after the words. */
static inline void copy_tail(u8 *d, const u8 *s, size_t n)
{
	if (n & 4) {
		*(half_t *)d = *(const half_t *)s;
		d += 4;
		s += 4;
	}
	if (n & 2) {
		*(quarter_t *)d = *(const quarter_t *)s;
		d += 2;
		s += 2;
	}
	if (n & 1)
		*d = *s;
}

/* memcpy - copy @n bytes; the two do not overlap.  Returns @dst. */
void *(memcpy)(void *dst, const void *src, size_t n)
{
	size_t words = n / 8;
	void *d = dst;

	if (n >= REP_MIN) {
		__asm__ volatile("rep movsq"
				 : "+D"(d), "+S"(src), "+c"(words)
				 :
				 : "memory");
	} else {
		for (; words > 0; words--) {
			*(word_t *)d = *(const word_t *)src;
			d = (u8 *)d + 8;
			src = (const u8 *)src + 8;
			KEEP_LOOP();
		}
	}
	copy_tail(d, src, n & 7);
	return dst;
}

/* memmove - copy @n bytes that may overlap.  Returns @dst. */
void *memmove(void *dst, const void *src, size_t n)
{
	const u8 *s = src;
	u8 *d = dst;

	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	/* @dst lies inside the source: from the end, words first. */
	for (; n >= 8; n -= 8) {
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
		KEEP_LOOP();
	}
	while (n-- > 0) {
		d[n] = s[n];
		KEEP_LOOP();
	}
	return dst;
}

/* memset - fill @n bytes with @c.  Returns @dst. */
void *(memset)(void *dst, int c, size_t n)
{
	u64 pattern = (u8)c * 0x0101010101010101ULL;
	size_t words = n / 8;
	u8 *d = dst;

	if (n >= REP_MIN) {
		__asm__ volatile("rep stosq"
				 : "+D"(d), "+c"(words)
				 : "a"(pattern)
				 : "memory");
	} else {
		for (; words > 0; words--, d += 8) {
			*(word_t *)d = pattern;
			KEEP_LOOP();
		}
	}
	for (n &= 7; n > 0; n--) {
		*d++ = (u8)c;
		KEEP_LOOP();
	}
	return dst;
}

/* memcmp - <0, 0, >0 as the first bytes that differ. */
int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a;
	const u8 *q = b;

	while (n >= 8 && *(const word_t *)p == *(const word_t *)q) {
		p += 8;
		q += 8;
		n -= 8;
	}
	for (; n > 0; n--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

/* memchr - first byte @c in @n bytes; NULL if there is none. */
void *memchr(const void *p, int c, size_t n)
{
	const u8 *s = p;

	for (; n > 0; n--, s++) {
		if (*s == (u8)c)
			return (void *)s;
	}
	return NULL;
}

/* memchr_inv - first byte that is not @c; NULL if all are. */
void *memchr_inv(const void *p, int c, size_t n)
{
	u64 pattern = (u8)c * 0x0101010101010101ULL;
	const u8 *s = p;

	while (n >= 8 && *(const word_t *)s == pattern) {
		s += 8;
		n -= 8;
	}
	for (; n > 0; n--, s++) {
		if (*s != (u8)c)
			return (void *)s;
	}
	return NULL;
}

/* memmem - first place of @needle in @hay; NULL if there is none. */
void *memmem(const void *hay, size_t hay_len, const void *needle,
	     size_t needle_len)
{
	const u8 *h = hay;

	for (; hay_len >= needle_len; hay_len--, h++) {
		if (memcmp(h, needle, needle_len) == 0)
			return (void *)h;
	}
	return NULL;
}

/* memzero_explicit - clear secrets; the compiler may not leave it out. */
void memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" ::"r"(p) : "memory");
}

/* strlen - bytes before the final NUL. */
size_t strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		KEEP_LOOP();
	}
	return (size_t)(end - s);
}

/* strnlen - as strlen, looking at no more than @max bytes. */
size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

/* strcmp - <0, 0, >0 in the order of unsigned bytes. */
int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

/* strncmp - as strcmp, at most @n bytes. */
int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

/* strncasecmp - as strncmp, ASCII letters without case. */
int strncasecmp(const char *a, const char *b, size_t n)
{
	int diff;

	for (; n > 0; n--, a++, b++) {
		diff = tolower((u8)*a) - tolower((u8)*b);
		if (diff || !*a)
			return diff;
	}
	return 0;
}

/* strcasecmp - as strcmp, ASCII letters without case. */
int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

/* strchrnul - first @c in @s, or its final NUL. */
char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

/* strchr - first @c in @s (the NUL included), or NULL. */
char *strchr(const char *s, int c)
{
	char *at = strchrnul(s, c);

	return *at == (char)c ? at : NULL;
}

/* strnchr - first @c in the first @n bytes of @s, or NULL. */
char *strnchr(const char *s, size_t n, int c)
{
	for (; n > 0 && *s; n--, s++) {
		if (*s == (char)c)
			return (char *)s;
	}
	return NULL;
}

/* strrchr - last @c in @s (the NUL included), or NULL. */
char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

/* strstr - first place of @needle in @hay, or NULL. */
char *strstr(const char *hay, const char *needle)
{
	size_t n = strlen(needle);

	for (;; hay++) {
		if (strncmp(hay, needle, n) == 0)
			return (char *)hay;
		if (!*hay)
			return NULL;
	}
}

/* strspn - bytes at the start of @s that are all in @accept. */
size_t strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

/* strcspn - bytes at the start of @s of which none is in @reject. */
size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;
	return n;
}

/* strpbrk - first byte of @s that is in @accept, or NULL. */
char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

/* strcpy - copy with the NUL; @dst is known to be long enough. */
char *strcpy(char *dst, const char *src)
{
	return memcpy(dst, src, strlen(src) + 1);
}

/* strncpy - copy at most @n bytes and fill up to @n with NULs. */
char *strncpy(char *dst, const char *src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst;
}

/* strcat - append with the NUL; @dst is known to be long enough. */
char *strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

/* strlcpy - copy and terminate; returns strlen(@src). */
size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);
	size_t n;

	if (size > 0) {
		n = min(len, size - 1);
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

/* strlcat - append and terminate; returns the length it tried to make. */
size_t strlcat(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(dst, size);

	if (len == size)
		return size + strlen(src);
	return len + strlcpy(dst + len, src, size - len);
}

/* strscpy - copy and terminate; the length, or -E2BIG if @src was cut. */
ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len;

	if (size == 0)
		return -E2BIG;
	len = strnlen(src, size);
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return (ssize_t)len;
}

/* strsep - cut the next token off *@s at any byte of @delim. */
char *strsep(char **s, const char *delim)
{
	char *token = *s;
	char *end;

	if (!token)
		return NULL;
	end = strpbrk(token, delim);
	if (end)
		*end++ = '\0';
	*s = end;
	return token;
}

/* skip_spaces - first character that is not white space. */
char *skip_spaces(const char *s)
{
	while (isspace(*s))
		s++;
	return (char *)s;
}

/* strim - drop white space at both ends; returns the new start. */
char *strim(char *s)
{
	size_t n;

	s = skip_spaces(s);
	n = strlen(s);
	while (n > 0 && isspace(s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* str_has_prefix - length of @prefix if @s begins with it, else 0. */
size_t str_has_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? n : 0;
}

/* match_string - index of @s in @n strings; -EINVAL if it is not there. */
int match_string(const char *const *array, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n && array[i]; i++) {
		if (strcmp(array[i], s) == 0)
			return (int)i;
	}
	return -EINVAL;
}
