/*
 * ptys.c - pairs of terminals that go while bytes are on their way: whichever
 * end is closed first, with both workers still busy, nothing is lost but the
 * bytes.
 */
#include "../pty.h"

#define ROUNDS 400

static struct pty pty;

/* One pair, written to at both ends, closed in the order given. */
static int round_trip(int master_first)
{
	static const char text[200] = "text\n";

	pty_open(&pty);
	need(write(pty.slave, text, sizeof(text)) == sizeof(text));
	need(write(pty.master, text, sizeof(text)) == sizeof(text));
	need(close(master_first ? pty.master : pty.slave) == 0);
	need(close(master_first ? pty.slave : pty.master) == 0);
	return 0;
}

static int rounds(int master_first)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		if (round_trip(master_first))
			return 1;
	return 0;
}

int main(void)
{
	ok(rounds(1) == 0, "the master closes first");
	ok(rounds(0) == 0, "the slave closes first");
	return done_testing();
}
