/*
 * Tests of parse.c.
 */
#include <abi/errno.h>

#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

static long long parsed(const char *s, unsigned int base)
{
	long long v;
	int err = kstrtoll(s, base, &v);

	return err ? err * 1000000LL : v;
}

TEST(parse_reads_whole_numbers_only)
{
	CHECK(parsed("42", 10) == 42 && parsed("-42\n", 10) == -42);
	CHECK(parsed("0x1F", 0) == 31 && parsed("017", 0) == 15);
	CHECK(parsed("ff", 16) == 255 && parsed("0xff", 16) == 255);
	CHECK(parsed("", 10) == -EINVAL * 1000000LL);
	CHECK(parsed("4 2", 10) == -EINVAL * 1000000LL);
	CHECK(parsed("42\n\n", 10) == -EINVAL * 1000000LL);
	CHECK(parsed("0x", 0) == -EINVAL * 1000000LL);
	CHECK(parsed("-+1", 0) == -EINVAL * 1000000LL);
	CHECK(parsed("9223372036854775808", 10) == -ERANGE * 1000000LL);
	CHECK(parsed("-9223372036854775808", 10) == (long long)(1ULL << 63));
}

TEST(parse_checks_the_range)
{
	unsigned long long big;
	unsigned int u;
	u8 byte;
	int i;
	bool on;

	CHECK(kstrtoull("18446744073709551615", 10, &big) == 0 && ~big == 0);
	CHECK(kstrtoull("18446744073709551616", 10, &big) == -ERANGE);
	CHECK(kstrtouint("4294967296", 10, &u) == -ERANGE);
	CHECK(kstrtoint("-2147483648", 10, &i) == 0);
	CHECK(kstrtoint("2147483648", 10, &i) == -ERANGE);
	CHECK(kstrtou8("256", 10, &byte) == -ERANGE);
	CHECK(kstrtobool("on", &on) == 0 && on);
	CHECK(kstrtobool("N", &on) == 0 && !on);
	CHECK(kstrtobool("x", &on) == -EINVAL);
}

TEST(parse_reads_prefixes)
{
	char *end;

	CHECK(simple_strtoul("12ab", &end, 10) == 12 && *end == 'a');
	CHECK(simple_strtol("-8,", &end, 0) == -8 && *end == ',');
	CHECK(memparse("64K", &end) == 65536 && !*end);
	CHECK(memparse("2Gx", &end) == 2ULL << 30 && *end == 'x');
	CHECK(memparse("0x10M", &end) == 16ULL << 20);
	CHECK(memparse("K", &end) == 0 && *end == 'K');
}

TEST(parse_splits_options)
{
	char text[] = "ro  size=10k,x name=\"a b\" last";
	char *at = text;
	char *value;

	CHECK(strcmp(next_option(&at, ' ', &value), "ro") == 0 && !value);
	CHECK(strcmp(next_option(&at, ' ', &value), "size") == 0);
	CHECK(strcmp(value, "10k,x") == 0);
	CHECK(strcmp(next_option(&at, ' ', &value), "name") == 0);
	CHECK(strcmp(value, "a b") == 0);
	CHECK(strcmp(next_option(&at, ' ', &value), "last") == 0);
	CHECK(next_option(&at, ' ', &value) == NULL);
}
