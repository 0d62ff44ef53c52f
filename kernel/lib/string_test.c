/*
 * Tests of string.c: the block functions at all small lengths and offsets, the
 * string functions at their edges.
 */
#include <abi/errno.h>

#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

static u8 a[400], b[400];

static void fill(void)
{
	int i;

	for (i = 0; i < 400; i++) {
		a[i] = (u8)(i * 7 + 1);
		b[i] = 0xee;
	}
}

TEST(memcpy_copies_exactly)
{
	size_t n, from, to, i;

	for (n = 0; n < 150; n++) {
		for (from = 0; from < 9; from += 2) {
			to = (n + from) % 11;
			fill();
			CHECK(memcpy(b + to, a + from, n) == b + to);
			for (i = 0; i < 400; i++)
				CHECK(b[i] == (i >= to && i < to + n
						       ? a[from + i - to]
						       : 0xee));
		}
	}
}

TEST(memmove_copies_over_itself)
{
	size_t n, from, to, i;

	for (n = 0; n < 100; n += 3) {
		for (from = 0; from < 40; from += 3) {
			to = 20;
			fill();
			memcpy(b, a, sizeof(b));
			memmove(b + to, b + from, n);
			for (i = 0; i < 400; i++)
				CHECK(b[i] == (i >= to && i < to + n
						       ? a[from + i - to]
						       : a[i]));
		}
	}
}

TEST(memset_fills_exactly)
{
	size_t n, to, i;

	for (n = 0; n < 150; n++) {
		to = n % 9;
		fill();
		memset(b + to, 0x1c5, n);
		for (i = 0; i < 400; i++)
			CHECK(b[i] == (i >= to && i < to + n ? 0xc5 : 0xee));
	}
}

TEST(memcmp_orders_by_unsigned_bytes)
{
	size_t i;

	for (i = 0; i < 40; i++) {
		fill();
		memcpy(b, a, sizeof(b));
		CHECK(memcmp(a, b, 40) == 0);
		a[i] = 0x80;
		b[i] = 0x7f;
		CHECK(memcmp(a, b, 40) > 0 && memcmp(b, a, 40) < 0);
		CHECK(memcmp(a, b, i) == 0);
	}
	CHECK(memchr("abc", 'c', 3) && !memchr("abc", 'c', 2));
	memset(a, 9, 50);
	CHECK(memchr_inv(a, 9, 50) == NULL);
	a[33] = 8;
	CHECK(memchr_inv(a, 9, 50) == &a[33]);
	CHECK(memmem("hello", 5, "lo", 2) && !memmem("hello", 4, "lo", 2));
}

TEST(strings_compare_and_search)
{
	CHECK(strcmp("a", "b") < 0 && strcmp("ab", "a") > 0);
	CHECK(strcmp("\xff", "a") > 0 && strcmp("", "") == 0);
	CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0);
	CHECK(strcasecmp("HeLLo", "hEllO") == 0);
	CHECK(strchr("abc", 'd') == NULL && *strchr("abc", 0) == 0);
	CHECK(strrchr("a/b/c", '/')[1] == 'c');
	CHECK(strstr("aab", "ab") && strstr("x", "") && !strstr("a", "ab"));
	CHECK(strspn("aab", "a") == 2 && strcspn("aab", "b") == 2);
	CHECK(strpbrk("a,b", ",;")[1] == 'b' && !strpbrk("ab", ","));
	CHECK(strlen("") == 0 && strnlen("abc", 2) == 2);
	CHECK(str_has_prefix("ttyS0", "ttyS") == 4);
	CHECK(str_has_prefix("tty", "ttyS") == 0);
}

TEST(strings_copy_with_a_bound)
{
	char buf[5];

	CHECK(strscpy(buf, "abc", 5) == 3 && strcmp(buf, "abc") == 0);
	CHECK(strscpy(buf, "abcde", 5) == -E2BIG && strcmp(buf, "abcd") == 0);
	CHECK(strscpy(buf, "abcd", 5) == 4);
	CHECK(strscpy(buf, "x", 0) == -E2BIG);
	CHECK(strlcpy(buf, "abcdefg", 5) == 7 && strcmp(buf, "abcd") == 0);
	strcpy(buf, "ab");
	CHECK(strlcat(buf, "cdef", 5) == 6 && strcmp(buf, "abcd") == 0);
	strncpy(buf, "x", 5);
	CHECK(memcmp(buf, "x\0\0\0\0", 5) == 0);
}

TEST(strings_are_cut_and_trimmed)
{
	static const char *const names[] = {"one", "two"};
	char text[] = "  a,b,,c \n";
	char *s = strim(text);

	CHECK(strcmp(s, "a,b,,c") == 0);
	CHECK(strcmp(strsep(&s, ","), "a") == 0);
	CHECK(strcmp(strsep(&s, ","), "b") == 0);
	CHECK(strcmp(strsep(&s, ","), "") == 0);
	CHECK(strcmp(strsep(&s, ","), "c") == 0);
	CHECK(strsep(&s, ",") == NULL);
	CHECK(match_string(names, 2, "two") == 1);
	CHECK(match_string(names, 2, "tw") == -EINVAL);
}
