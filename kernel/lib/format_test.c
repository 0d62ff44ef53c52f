/*
 * Tests of format.c: each conversion, flags, and cut output.
 */
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

#define IS(want, ...)                                                          \
	CHECK(snprintf(buf, sizeof(buf), __VA_ARGS__) == (int)strlen(want) &&  \
	      strcmp(buf, want) == 0)

static char buf[200];

static size_t name_of(char *out, size_t size, unsigned long addr, bool offset)
{
	if (addr != 0x1234)
		return 0;
	return strlcpy(out, offset ? "fn+0x4/0x10" : "fn", size);
}

TEST(format_prints_integers)
{
	IS("-5 4294967291", "%d %u", -5, -5u);
	IS("9223372036854775807", "%lld", 0x7fffffffffffffffLL);
	IS("-9223372036854775808", "%ld", (long)(1UL << 63));
	IS("18446744073709551615", "%llu", ~0ULL);
	IS("ff FF 0xff 0", "%x %X %#x %#x", 255, 255, 255, 0);
	IS("17 017", "%o %#o", 15, 15);
	IS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);
	IS("7 8", "%zu %zd", (size_t)7, (ssize_t)8);
	IS("+3  3", "%+d % d", 3, 3);
}

TEST(format_pads)
{
	IS("    5|5    |00005", "%5d|%-5d|%05d", 5, 5, 5);
	IS("   -5|-0005|  005", "%5d|%05d|%5.3d", -5, -5, 5);
	IS("  abc|abc  |ab", "%5s|%-5s|%.2s", "abc", "abc", "abc");
	IS("   x|x   |", "%*s|%*s|", 4, "x", -4, "x");
	IS("abc", "%.*s", 3, "abcdef");
	IS("0000001f", "%08lx", 31L);
	IS("0x001f", "%#06x", 31);
	IS("  c", "%3c", 'c');
	IS("||", "|%.0d|", 0);
	IS("sh        S", "%-10s%c", "sh", 'S');
}

TEST(format_prints_the_rest)
{
	char *volatile none = NULL;

	IS("100%", "%d%%", 100);
	IS("(null)", "%s", none);
	IS("00000000deadbeef", "%p", (void *)0xdeadbeefUL);
	format_set_symbolizer(name_of);
	IS("fn+0x4/0x10 fn", "%pS %ps", (void *)0x1234UL, (void *)0x1234UL);
	IS("0x99", "%pS", (void *)0x99UL);
}

TEST(format_cuts_but_counts)
{
	char small[4];

	CHECK(snprintf(small, 4, "%s", "abcdef") == 6);
	CHECK(strcmp(small, "abc") == 0);
	CHECK(scnprintf(small, 4, "%d", 12345) == 3);
	CHECK(strcmp(small, "123") == 0);
	CHECK(snprintf(NULL, 0, "%d", 77) == 2);
	CHECK(scnprintf(small, 0, "x") == 0);
	CHECK(snprintf(small, 1, "x") == 1 && small[0] == '\0');
}
