/*
 * x87, SSE and AVX registers and their modes are each task's own: across
 * switches, fork, new threads and signals; exec begins with fresh ones.
 */
#include "signal/frame.h"
#include <pthread.h>
#include <sys/syscall.h>

#define WORKERS 4

struct vectors {
	unsigned char ymm[16][32];
};

static unsigned char out[16][32];

/* fill, same - values that name SEED and the register. */
static void fill(struct vectors *v, int seed)
{
	int i, j;

	for (i = 0; i < 16; i++)
		for (j = 0; j < 32; j++)
			v->ymm[i][j] = (unsigned char)(seed * 37 + i * 16 + j);
}

#define EACH(op, reg)                                                          \
	op(0, reg) op(1, reg) op(2, reg) op(3, reg) op(4, reg) op(5, reg)      \
		op(6, reg) op(7, reg) op(8, reg) op(9, reg) op(10, reg)        \
			op(11, reg) op(12, reg) op(13, reg) op(14, reg)        \
				op(15, reg)
#define LOAD_Y(n, r)  "vmovdqu 32*" #n "(%0), %%ymm" #n "\n"
#define STORE_Y(n, r) "vmovdqu %%ymm" #n ", 32*" #n "(%1)\n"
#define LOAD_X(n, r)  "movdqu 32*" #n "(%0), %%xmm" #n "\n"
#define STORE_X(n, r) "movdqu %%xmm" #n ", 32*" #n "(%1)\n"

#define VECTOR_CLOBBERS                                                        \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",        \
		"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",   \
		"xmm15", "rcx", "memory"

/*
 * spin - load all vectors, do nothing for a while, store them.  Nothing else
 * touches them in between but the kernel.
 */
static void spin(const struct vectors *in, struct vectors *back, long turns)
{
	if (has_avx())
		__asm__ volatile(
			EACH(LOAD_Y, ) "mov %2, %%rcx\n"
				       "1: pause; dec %%rcx; jnz 1b\n" EACH(
					       STORE_Y, ) "vzeroupper\n"
			:
			: "r"(in), "r"(back), "r"(turns)
			: VECTOR_CLOBBERS);
	else
		__asm__ volatile(
			EACH(LOAD_X, ) "mov %2, %%rcx\n"
				       "1: pause; dec %%rcx; jnz 1b\n" EACH(
					       STORE_X, )
			:
			: "r"(in), "r"(back), "r"(turns)
			: VECTOR_CLOBBERS);
}

static int same(const struct vectors *a, const struct vectors *b)
{
	int i;

	for (i = 0; i < 16; i++)
		if (memcmp(a->ymm[i], b->ymm[i], has_avx() ? 32 : 16))
			return 0;
	return 1;
}

/* Rounding modes that differ by SEED, and are harmless to others. */
static uint32_t mxcsr_of(int seed)
{
	return 0x1f80 | (uint32_t)(seed & 3) << 13;
}

static uint16_t fcw_of(int seed)
{
	return (uint16_t)(0x37f | (seed & 3) << 10);
}

static int keeps(int seed)
{
	long until = now_ms() + 200;
	struct vectors in;
	struct vectors back;

	fill(&in, seed);
	set_mxcsr(mxcsr_of(seed));
	set_fcw(fcw_of(seed));
	while (now_ms() < until) {
		memset(&back, 0, sizeof(back));
		spin(&in, &back, 20000);
		if (!same(&in, &back))
			return 1;
		if (get_mxcsr() >> 7 != mxcsr_of(seed) >> 7 ||
		    get_fcw() != fcw_of(seed))
			return 2;
	}
	return 0;
}

static volatile int wrong;

static void *thread(void *seed)
{
	if (keeps((int)(long)seed))
		wrong++;
	return NULL;
}

static int process_seed;

static int process(void)
{
	return keeps(process_seed);
}

static void side_by_side(void)
{
	pthread_t threads[WORKERS];
	pid_t pids[WORKERS];
	int good = 0;
	long i;

	for (i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, thread, (void *)(i + 1));
	for (i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	ok(!wrong, "threads keep their vectors and modes");
	for (i = 0; i < WORKERS; i++) {
		process_seed = (int)i + 5;
		pids[i] = start_child(process);
	}
	for (i = 0; i < WORKERS; i++)
		good += exit_code(pids[i]) == 0;
	ok(good == WORKERS, "processes too");
}

static volatile int handled;
static uint32_t mxcsr_seen;
static uint16_t fcw_seen;

/* clobbers - everything there is, in a handler. */
static void clobbers(int sig, siginfo_t *info, void *context)
{
	struct vectors other;
	struct vectors back;

	(void)sig;
	(void)info;
	(void)context;
	mxcsr_seen = get_mxcsr();
	fcw_seen = get_fcw();
	fill(&other, 99);
	spin(&other, &back, 10);
	set_mxcsr(0x1f80 | 0x6000);
	set_fcw(0xf7f);
	__asm__ volatile("fldpi; fldpi; fldpi");
	handled++;
}

static void *signals(void *target)
{
	int i;

	for (i = 0; i < 20; i++) {
		sleep_ms(2);
		pthread_kill(*(pthread_t *)target, SIGUSR1);
	}
	return NULL;
}

static void handlers(void)
{
	pthread_t self = pthread_self();
	pthread_t other;
	long double pi;

	catch_with(SIGUSR1, clobbers, 0);
	pthread_create(&other, NULL, signals, &self);
	__asm__ volatile("fldpi");
	ok(keeps(2) == 0, "handlers that change them all change nothing");
	__asm__ volatile("fstpt %0" : "=m"(pi));
	pthread_join(other, NULL);
	ok(handled > 0 && pi > 3.14L && pi < 3.15L, "x87's stack too");
	ok(mxcsr_seen == 0x1f80 && fcw_seen == 0x37f,
	   "and each begins with the initial modes");
}

/* The same operands, counted from another place. */
#undef LOAD_Y
#define LOAD_Y(n, r) "vmovdqu 32*" #n "(%1), %%ymm" #n "\n"
#undef STORE_Y
#define STORE_Y(n, r) "vmovdqu %%ymm" #n ", 32*" #n "(%2)\n"

/* forks - with vectors loaded; what each side then has goes to its OUT. */
static pid_t forks(const struct vectors *in)
{
	long rax = SYS_fork;

	__asm__ volatile(
		EACH(LOAD_Y, ) "syscall\n" EACH(STORE_Y, ) "vzeroupper\n"
		: "+a"(rax)
		: "D"(in), "S"(out)
		: VECTOR_CLOBBERS, "r11");
	return (pid_t)rax;
}

static void *modes_of_thread(void *unused)
{
	(void)unused;
	return (void *)(long)(get_mxcsr() == mxcsr_of(3) &&
			      get_fcw() == fcw_of(3));
}

static void copies(char *self)
{
	struct vectors in;
	pthread_t other;
	void *good;
	pid_t pid;

	set_mxcsr(mxcsr_of(3));
	set_fcw(fcw_of(3));
	if (has_avx()) {
		fill(&in, 42);
		pid = forks(&in);
		if (pid == 0)
			_exit(!memcmp(out, in.ymm, sizeof(out)) ? 5 : 6);
		ok(exit_code(pid) == 5 && !memcmp(out, in.ymm, sizeof(out)),
		   "fork copies all vectors, and the parent keeps them");
	} else {
		skip("fork copies all vectors", "no AVX");
	}
	pid = fork();
	if (pid == 0)
		_exit(get_mxcsr() == mxcsr_of(3) && get_fcw() == fcw_of(3) ? 5
									   : 6);
	ok(exit_code(pid) == 5, "fork copies the modes");
	pthread_create(&other, NULL, modes_of_thread, NULL);
	pthread_join(other, &good);
	ok(good != NULL, "so does a new thread");
	pid = fork();
	if (pid == 0) {
		execl(self, self, "fresh", NULL);
		_exit(9);
	}
	ok(exit_code(pid) == 5, "exec begins with the initial modes");
	set_mxcsr(0x1f80);
	set_fcw(0x37f);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return get_mxcsr() == 0x1f80 && get_fcw() == 0x37f ? 5 : 6;
	side_by_side();
	handlers();
	copies(argv[0]);
	return done_testing();
}
