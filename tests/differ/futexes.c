/*
 * futex(2) in every operation, rightly and wrongly used, by processes and
 * threads; PI and robust mutexes, futex_waitv.
 */
#include "calls.h"

#define SYS_WAITV 449 /* futex_waitv: musl 1.2.3 has no name for it */

#define WORDS 6

#define words ((unsigned *)crew->shared)
/* Robust lists, one a member: a head, and an entry for each word. */
#define robust_heads	     ((struct robust_list_head *)(crew->shared + 1024))
#define robust_items(number) (crew->shared + 4096 + 64 * (number))

static unsigned words_shown[WORDS];

static const char *word_value(unsigned value)
{
	unsigned tid = value & FUTEX_TID_MASK;

	return fmt("%s%s%s", tid < 20 ? text_result(tid) : pid_name(tid),
		   value & FUTEX_WAITERS ? "|WAITERS" : "",
		   value & FUTEX_OWNER_DIED ? "|OWNER_DIED" : "");
}

static void say_words(void)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		if (words[i] == words_shown[i])
			continue;
		words_shown[i] = words[i];
		say("    word%d: %s", i, word_value(words[i]));
		say_end();
	}
}

static int word_asked;

static long a_word(struct seat *seat, const char **text)
{
	(void)seat;
	if (chance(3)) {
		*text = "word0+1";
		return (long)words + 1;
	}
	if (chance(3)) {
		*text = "bad";
		return 8;
	}
	word_asked = pick(WORDS);
	*text = fmt("word%d", word_asked);
	return (long)(words + word_asked);
}

/* a_value - that of the word named before, mostly. */
static long a_value(struct seat *seat, const char **text)
{
	unsigned value = chance(70) ? words[word_asked] : pick(3);

	(void)seat;
	*text = word_value(value);
	return value;
}

static long a_count(struct seat *seat, const char **text)
{
	static const int counts[] = {0, 1, 1, 1, 2, INT_MAX, -1};
	long count = one_of(counts);

	(void)seat;
	*text = fmt("%ld", count);
	return count;
}

static long a_one(struct seat *seat, const char **text)
{
	if (chance(20))
		return a_count(seat, text);
	*text = "1";
	return 1;
}

static long a_time(struct seat *seat, const char **text)
{
	static const struct timespec times[] = {
		{0, 0}, {0, 1}, {0, 1000000000}, {-1, 0}, {1, -1}, {5000, 0},
	};
	struct timespec *time = crew_data(seat, sizeof(*time));

	if (chance(65)) {
		*text = "NULL";
		return 0;
	}
	*time = one_of(times);
	*text = fmt("{%ld %ld}", time->tv_sec, time->tv_nsec);
	return (long)time;
}

static long a_bitset(struct seat *seat, const char **text)
{
	static const unsigned sets[] = {1, 2, 3, 6, ~0U, 0};
	long set = one_of(sets);

	(void)seat;
	*text = fmt("%#lx", set);
	return set;
}

/* a_wake_op - op, comparison and their arguments, as FUTEX_WAKE_OP packs. */
static long a_wake_op(struct seat *seat, const char **text)
{
	long op = (long)pick(chance(90) ? 5 : 16) << 28 |
		  (long)pick(chance(90) ? 6 : 16) << 24 | pick(4) << 12 |
		  pick(3);

	(void)seat;
	if (chance(5))
		op |= 0xfff000;
	/* No arithmetic with tids. */
	if (words[word_asked] >= 20)
		op &= 0x0fffffff;
	*text = fmt("%#lx", op);
	return op;
}

static unsigned long op_flags(void)
{
	return (chance(40) ? FUTEX_PRIVATE_FLAG : 0) |
	       (chance(10) ? FUTEX_CLOCK_REALTIME : 0);
}

/* An operation with flags now and then. */
#define OPERATION(op)                                                          \
	static long op_##op(struct seat *seat, const char **text)              \
	{                                                                      \
		long flags = op_flags();                                       \
                                                                               \
		(void)seat;                                                    \
		*text = fmt("%s%s%s", #op,                                     \
			    flags & FUTEX_PRIVATE_FLAG ? "|PRIVATE" : "",      \
			    flags & FUTEX_CLOCK_REALTIME ? "|REALTIME" : "");  \
		return FUTEX_##op | flags;                                     \
	}

OPERATION(WAIT)
OPERATION(WAKE)
OPERATION(REQUEUE)
OPERATION(CMP_REQUEUE)
OPERATION(WAKE_OP)
OPERATION(LOCK_PI)
OPERATION(UNLOCK_PI)
OPERATION(TRYLOCK_PI)
OPERATION(WAIT_BITSET)
OPERATION(WAKE_BITSET)
OPERATION(WAIT_REQUEUE_PI)
OPERATION(CMP_REQUEUE_PI)

static long op_any(struct seat *seat, const char **text)
{
	static const int odd[] = {2, 13, 14, 15, 127, 0x200};
	long op = one_of(odd) | op_flags();

	(void)seat;
	*text = fmt("op %#lx", op);
	return op;
}

static long a_waitv(struct seat *seat, const char **text)
{
	struct {
		uint64_t val, uaddr;
		uint32_t flags, reserved;
	} *waiters = crew_data(seat, 3 * 24);
	char list[200] = "";
	int i;

	for (i = 0; i < 3; i++) {
		int word = pick(WORDS);

		waiters[i].val = chance(85) ? words[word] : 77;
		waiters[i].uaddr = chance(96)	? (uint64_t)(words + word)
				   : chance(50) ? 2
						: 8;
		waiters[i].flags = chance(92) ? 2 : pick(256);
		if (chance(40))
			waiters[i].flags |= 128;
		waiters[i].reserved = chance(97) ? 0 : 1;
		sprintf(list + strlen(list), "[%s %#lx %#x %d]",
			word_value(waiters[i].val),
			(long)waiters[i].uaddr - (long)words, waiters[i].flags,
			waiters[i].reserved);
	}
	*text = fmt("%s", list);
	return (long)waiters;
}

static long a_number(struct seat *seat, const char **text)
{
	static const int odd[] = {0, 129, -1};
	long number = chance(94) ? 1 + (long)pick(3) : one_of(odd);

	(void)seat;
	*text = fmt("%ld", number);
	return number;
}

static long a_clock(struct seat *seat, const char **text)
{
	static const int clocks[] = {0, 1, 1, 1, 2, 7, -1};
	long clock = one_of(clocks);

	(void)seat;
	*text = fmt("clock %ld", clock);
	return clock;
}

/* a_head - a robust list of one's own with some mutexes on it. */
static long a_head(struct seat *seat, const char **text)
{
	int number = seat - crew->seats;
	struct robust_list_head *head = &robust_heads[number];
	char *items = robust_items(number);
	struct robust_list *last = &head->list;
	char list[100] = "";
	int i;

	head->futex_offset = (long)words - (long)items;
	head->list_op_pending = NULL;
	/* Entries lie as the words do, so only every other one fits. */
	for (i = 0; i < WORDS; i += 2) {
		int pi = chance(25);

		if (chance(40))
			continue;
		/* The lowest bit of a link: it is a PI mutex. */
		last->next = (struct robust_list *)(items + 4 * i + pi);
		last = (struct robust_list *)(items + 4 * i);
		sprintf(list + strlen(list), " %sword%d", pi ? "PI " : "", i);
	}
	last->next = &head->list;
	if (chance(30)) {
		i = pick(WORDS);
		head->list_op_pending = (struct robust_list *)(items + 4 * i);
		sprintf(list + strlen(list), " pending word%d", i);
	}
	*text = fmt("list of%s", list);
	return (long)head;
}

static long a_head_size(struct seat *seat, const char **text)
{
	long size = chance(90) ? 24 : 23;

	(void)seat;
	*text = fmt("%ld", size);
	return size;
}

#define FUTEX(op, ...)                                                         \
	"futex", SYS_futex,                                                    \
	{                                                                      \
		a_word, op_##op, __VA_ARGS__                                   \
	}

static const struct call calls[] = {
	{10, FUTEX(WAIT, a_value, a_time), NULL},
	{9, FUTEX(WAKE, a_count), NULL},
	{4, FUTEX(REQUEUE, a_count, a_count, a_word), NULL},
	{5, FUTEX(CMP_REQUEUE, a_count, a_count, a_word, a_value), NULL},
	{5, FUTEX(WAKE_OP, a_count, a_count, a_word, a_wake_op), NULL},
	{14, FUTEX(LOCK_PI, any_zero, a_time), NULL},
	{12, FUTEX(UNLOCK_PI, any_zero), NULL},
	{4, FUTEX(TRYLOCK_PI, any_zero), NULL},
	{5, FUTEX(WAIT_BITSET, a_value, a_time, any_zero, a_bitset), NULL},
	{5, FUTEX(WAKE_BITSET, a_count, any_zero, any_zero, a_bitset), NULL},
	{6, FUTEX(WAIT_REQUEUE_PI, a_value, a_time, a_word), NULL},
	{6, FUTEX(CMP_REQUEUE_PI, a_one, a_count, a_word, a_value), NULL},
	{2, FUTEX(any, a_value, a_time, a_word, a_value), NULL},
	{6,
	 "futex_waitv",
	 SYS_WAITV,
	 {a_waitv, a_number, any_odd, a_time, a_clock},
	 NULL},
	{4,
	 "set_robust_list",
	 SYS_set_robust_list,
	 {a_head, a_head_size},
	 NULL},
};

/* step_store - the program itself writes a word, as a mutex's user does. */
static void step_store(void)
{
	static const unsigned flags[] = {0, 0, 0, FUTEX_WAITERS,
					 FUTEX_OWNER_DIED};
	struct seat *seat = &crew->seats[pick(CREW_SEATS)];
	int word = pick(WORDS);
	unsigned value = pick(2);

	if (chance(50))
		value = seat->pid | one_of(flags);
	else if (chance(10))
		value = 2; /* kthreadd */
	crew->steps++;
	words[word] = words_shown[word] = value;
	say("%5d driver: word%d = %s", crew->steps, word,
	    value == 2 ? "kthreadd" : word_value(value));
	say_end();
}

static void step_child(struct seat *seat)
{
	static const unsigned long flags[] = {
		CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, SIGCHLD};
	struct seat *child = crew_free();
	long arg[5] = {(long)one_of(flags)};

	if (child)
		crew_clone(seat, child, fmt("clone(%#lx)", arg[0]), SYS_clone,
			   arg);
}

static void one_step(void)
{
	struct seat *seat = crew_pick();

	if (!seat || chance(5)) {
		if (chance(15))
			crew_reap();
		else
			crew_kick();
	} else if (chance(14)) {
		step_store();
	} else if (chance(8)) {
		step_child(seat);
	} else if (chance(4)) {
		crew_call(seat, "exit(0)", SYS_exit, 0L);
	} else {
		calls_step(seat, calls, ARRAY_SIZE(calls));
	}
	say_words();
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = calls_said;
	crew_start(3);
	while (count-- > 0)
		one_step();
	crew_end();
	return 0;
}
