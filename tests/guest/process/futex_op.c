/*
 * FUTEX_WAKE_OP: each operation on the second word, each comparison of what it
 * was, operands that are negative or shifted, whom it wakes, errors.
 */
#include "tap.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int *word; /* two, shared */

static long futex(int *where, int operation, int value, const void *timeout,
		  int *other, int third)
{
	return syscall(SYS_futex, where, operation, value, timeout, other,
		       third);
}

/* wake_op - up to one waiter of each word; the word the operation is on is
 * word[1]. */
static long wake_op(int op, int oparg, int cmp, int cmparg)
{
	unsigned int encoded = (unsigned int)op << 28 |
			       (unsigned int)cmp << 24 |
			       ((unsigned int)oparg & 0xfff) << 12 |
			       ((unsigned int)cmparg & 0xfff);

	return futex(word, FUTEX_WAKE_OP, 1, (void *)1L, word + 1,
		     (int)encoded);
}

/* becomes - OP makes OLD to NEW. */
static int becomes(int op, int oparg, int old, int new)
{
	word[1] = old;
	if (wake_op(op, oparg, FUTEX_OP_CMP_EQ, 0) == 0 && word[1] == new)
		return 1;
	tap_line("# %d became %d, not %d\n", old, word[1], new);
	return 0;
}

static void operations(void)
{
	const int shift = FUTEX_OP_OPARG_SHIFT;

	ok(becomes(FUTEX_OP_SET, 7, 100, 7), "SET");
	ok(becomes(FUTEX_OP_SET, -1, 100, -1), "SET, negative");
	ok(becomes(FUTEX_OP_SET, -2048, 100, -2048), "SET, the least");
	ok(becomes(FUTEX_OP_SET, 2047, 100, 2047), "SET, the greatest");
	ok(becomes(FUTEX_OP_ADD, 5, 100, 105), "ADD");
	ok(becomes(FUTEX_OP_ADD, -101, 100, -1), "ADD, negative");
	ok(becomes(FUTEX_OP_ADD, 1, 0x7fffffff, -0x7fffffff - 1), "ADD wraps");
	ok(becomes(FUTEX_OP_OR, 0xf0, 0x0f, 0xff), "OR");
	ok(becomes(FUTEX_OP_OR, -256, 1, -255), "OR, negative");
	ok(becomes(FUTEX_OP_ANDN, 0xf0, 0xff, 0x0f), "ANDN");
	ok(becomes(FUTEX_OP_ANDN, -1, 0x12345678, 0), "ANDN, negative");
	ok(becomes(FUTEX_OP_XOR, 0xff, 0x0f, 0xf0), "XOR");
	ok(becomes(FUTEX_OP_XOR, -1, 0, -1), "XOR, negative");
	ok(becomes(FUTEX_OP_SET | shift, 0, 9, 1), "shifted by 0");
	ok(becomes(FUTEX_OP_OR | shift, 30, 1, 1 << 30 | 1), "by 30");
	ok(becomes(FUTEX_OP_ANDN | shift, 31, -1, 0x7fffffff), "by 31");
	ok(becomes(FUTEX_OP_SET | shift, 33, 9, 2),
	   "by 33: only five bits count");
	ok(becomes(FUTEX_OP_SET | shift, -31, 9, 2), "nor does the sign");
}

static int waits_second(void)
{
	/* It may be changed before we wait: then there is no waiting. */
	return futex(word + 1, FUTEX_WAIT, word[1], NULL, NULL, 0) ? 12 : 11;
}

static int waits_first(void)
{
	return futex(word, FUTEX_WAIT, word[0], NULL, NULL, 0) ? 12 : 11;
}

static pid_t start_waiter(int (*body)(void))
{
	pid_t pid = start_child(body);

	sleep_ms(3);
	wait_for_state(pid, 'S');
	return pid;
}

static void comparisons(void)
{
	static const struct {
		int cmp, old, arg, woken;
		const char *rule;
	} cases[] = {
		{FUTEX_OP_CMP_EQ, 5, 5, 1, "EQ: equal"},
		{FUTEX_OP_CMP_EQ, 5, 6, 0, "EQ: not equal"},
		{FUTEX_OP_CMP_NE, 5, 6, 1, "NE: not equal"},
		{FUTEX_OP_CMP_NE, 5, 5, 0, "NE: equal"},
		{FUTEX_OP_CMP_LT, 4, 5, 1, "LT: less"},
		{FUTEX_OP_CMP_LT, 5, 5, 0, "LT: equal"},
		{FUTEX_OP_CMP_LE, 5, 5, 1, "LE: equal"},
		{FUTEX_OP_CMP_LE, 6, 5, 0, "LE: greater"},
		{FUTEX_OP_CMP_GT, 6, 5, 1, "GT: greater"},
		{FUTEX_OP_CMP_GT, 5, 5, 0, "GT: equal"},
		{FUTEX_OP_CMP_GE, 5, 5, 1, "GE: equal"},
		{FUTEX_OP_CMP_GE, 4, 5, 0, "GE: less"},
		{FUTEX_OP_CMP_EQ, -3, -3, 1, "EQ: negative"},
		{FUTEX_OP_CMP_LT, -3, 1, 1, "LT: the word has a sign"},
		{FUTEX_OP_CMP_GT, 1, -2048, 1, "GT: the operand too"},
	};
	pid_t pid;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		word[1] = cases[i].old;
		pid = start_waiter(waits_second);
		ok(wake_op(FUTEX_OP_ADD, 0, cases[i].cmp, cases[i].arg) ==
			   cases[i].woken,
		   cases[i].rule);
		futex(word + 1, FUTEX_WAKE, 1, NULL, NULL, 0);
		exit_code(pid);
	}
}

static void counts(void)
{
	pid_t pids[6];
	int i;

	word[0] = word[1] = 5;
	for (i = 0; i < 6; i++)
		pids[i] = start_waiter(i < 3 ? waits_first : waits_second);
	ok(futex(word, FUTEX_WAKE_OP, 2, (void *)2L, word + 1,
		 FUTEX_OP(FUTEX_OP_SET, 6, FUTEX_OP_CMP_EQ, 9)) == 2,
	   "no match: only waiters of the first word, as many as asked");
	ok(futex(word, FUTEX_WAKE_OP, 2, (void *)2L, word + 1,
		 FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 6)) == 3,
	   "a match: those of both");
	ok(word[1] == 7, "the comparison sees the word before, and sets it");
	ok(futex(word + 1, FUTEX_WAKE, 9, NULL, NULL, 0) == 1, "one was left");
	for (i = 0; i < 6; i++)
		exit_code(pids[i]);
	word[1] = 0;
	pids[0] = start_waiter(waits_second);
	ok(futex(word + 1, FUTEX_WAKE_OP, 0, (void *)0L, word + 1,
		 FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)) == 1 &&
		   word[1] == 1,
	   "both words may be one; to wake none is to wake one");
	exit_code(pids[0]);
}

static void errors(void)
{
	int *read_only =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	word[1] = 3;
	ok_errno(wake_op(5, 1, FUTEX_OP_CMP_EQ, 0), ENOSYS,
		 "an unknown operation");
	ok_errno(wake_op(7, 1, FUTEX_OP_CMP_EQ, 0), ENOSYS, "another");
	ok(word[1] == 3, "nothing is changed");
	ok_errno(wake_op(FUTEX_OP_ADD, 1, 6, 0), ENOSYS,
		 "an unknown comparison");
	ok(word[1] == 4, "that is known only after the operation");
	ok_errno(futex(word, FUTEX_WAKE_OP, 1, (void *)1L, nowhere, 0), EFAULT,
		 "no second word");
	ok_errno(futex(nowhere, FUTEX_WAKE_OP, 1, (void *)1L, word, 0), EFAULT,
		 "no first word");
	ok_errno(futex((int *)((char *)word + 2), FUTEX_WAKE_OP, 1, (void *)1L,
		       word + 1, 0),
		 EINVAL, "a first word that is not aligned");
	ok_errno(futex(word, FUTEX_WAKE_OP, 1, (void *)1L,
		       (int *)((char *)word + 6), 0),
		 EINVAL, "nor the second");
	ok_errno(futex(word, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1, (void *)1L,
		       read_only, FUTEX_OP(FUTEX_OP_SET, 1, 0, 0)),
		 EFAULT, "a second word that cannot be written");
}

int main(void)
{
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	operations();
	comparisons();
	counts();
	errors();
	return done_testing();
}
