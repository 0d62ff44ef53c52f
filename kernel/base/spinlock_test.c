/*
 * Tests of spinlock.c with threads of the host for CPUs: one at a time is
 * inside, and one that comes late gets in beside others that never rest.
 *
 * Links: kernel/base/spinlock.c
 */
#include <kernel/base/spinlock.h>
#include <tests/unit/unit.h>

/* The C library's, whose headers a unit test does not include. */
int pthread_create(unsigned long *thread, const void *attr,
		   void *(*body)(void *), void *arg);
int pthread_join(unsigned long thread, void **value);

#define THREADS 3
#define TURNS	20000

static struct spinlock lock;
static long counter; /* [lock] */
static bool stop;    /* [A] */
static long greedy;  /* turns of those who never rest */

void cpu_nap(void)
{
}

static void *take_turns(void *unused)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
	return unused;
}

static void *never_rest(void *unused)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		spin_lock(&lock);
		greedy++;
		spin_unlock(&lock);
	}
	return unused;
}

static void start(unsigned long *threads, void *(*body)(void *))
{
	int i;

	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, body, NULL) == 0);
}

static void join(const unsigned long *threads)
{
	int i;

	for (i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

TEST(one_at_a_time_is_inside)
{
	unsigned long threads[THREADS];

	spin_lock_init(&lock, LOCK_NONE);
	start(threads, take_turns);
	join(threads);
	CHECK(counter == (long)THREADS * TURNS);
	CHECK(lock.state == 0);
}

TEST(nobody_waits_for_ever)
{
	unsigned long threads[THREADS];
	int i;

	spin_lock_init(&lock, LOCK_NONE);
	counter = 0;
	start(threads, never_rest);
	for (i = 0; i < 200 || !READ_ONCE(greedy); i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	join(threads);
	CHECK(counter == i);
	CHECK(lock.state == 0);
}

TEST(a_try_does_not_wait)
{
	spin_lock_init(&lock, LOCK_NONE);
	CHECK(spin_trylock(&lock) && spin_is_locked(&lock));
	CHECK(!spin_trylock(&lock));
	spin_unlock(&lock);
	CHECK(!spin_is_locked(&lock));
	/* Somebody starves for it: those who only try stand back. */
	lock.state = SPIN_STARVING;
	CHECK(!spin_trylock(&lock) && !spin_is_locked(&lock));
}
