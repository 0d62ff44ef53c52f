/*
 * Tests of cmdline.c.
 */
#include <kernel/base/cmdline.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

TEST(cmdline_finds_words)
{
	cmdline_init("root=/dev/vda console=tty0 quiet console=ttyS0,9600 "
		     "panic=-1 init=\"/bin/my sh\"");
	CHECK(strcmp(cmdline_get("root"), "/dev/vda") == 0);
	CHECK(strcmp(cmdline_get("console"), "ttyS0,9600") == 0);
	CHECK(strcmp(cmdline_get_nth("console", 0), "tty0") == 0);
	CHECK(cmdline_get_nth("console", 2) == NULL);
	CHECK(cmdline_has("quiet") && strcmp(cmdline_get("quiet"), "") == 0);
	CHECK(!cmdline_has("rw") && cmdline_get_int("panic", 0) == -1);
	CHECK(strcmp(cmdline_get("init"), "/bin/my sh") == 0);
	CHECK(cmdline_get_int("root", 7) == 7);
}

TEST(cmdline_gives_the_rest_to_init)
{
	const char *list[8];
	unsigned int n;

	cmdline_init("ro A=1 single rw mod.x=2 B=\"2 3\" -- -s C=4 ro");
	CHECK(cmdline_last_of("ro", "rw") == 2);
	n = cmdline_init_env(list, 8);
	CHECK(n == 2 && strcmp(list[0], "A=1") == 0);
	CHECK(strcmp(list[1], "B=2 3") == 0);
	n = cmdline_init_args(list, 8);
	CHECK(n == 4 && strcmp(list[0], "single") == 0);
	CHECK(strcmp(list[1], "-s") == 0 && strcmp(list[2], "C=4") == 0);
	CHECK(strcmp(list[3], "ro") == 0);
	CHECK(strstr(cmdline_raw(), "B=\"2 3\" --"));
}

TEST(cmdline_may_be_empty)
{
	const char *list[2];

	cmdline_init(NULL);
	CHECK(!cmdline_has("x") && cmdline_init_args(list, 2) == 0);
}
