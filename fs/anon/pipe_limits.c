/*
 * pipe_limits.c - how much a user may hold in pipes, pipe(7):
 * fs.pipe-max-size, fs.pipe-user-pages-soft and -hard.
 *
 * Each pipe counts its slots, full or not, for the user who made it.  Over the
 * soft limit a user's new pipes have two slots; over the hard one there are
 * none.  CAP_SYS_RESOURCE and CAP_SYS_ADMIN are above both.
 *
 * Entry points: pipe_account, pipe_unaccount, pipe_over_limit,
 * pipe_limits_init.
 */
#include <abi/errno.h>
#include <fs/anon/internal.h>
#include <fs/anon/pipe.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/sysctl.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/sched/cred.h>

#define SOFT_DEFAULT 16384 /* 1024 descriptors' pipes of 16 pages */

unsigned int pipe_max_size = 1048576;

static unsigned long user_pages_soft = SOFT_DEFAULT; /* 0: no limit */
static unsigned long user_pages_hard;

/* pipe_account - see internal.h. */
bool pipe_account(struct user_struct *user, long slots, bool *over_hard)
{
	unsigned long pages =
		(unsigned long)atomic64_add_return(slots, &user->pipe_bufs);
	unsigned long soft = READ_ONCE(user_pages_soft);
	unsigned long hard = READ_ONCE(user_pages_hard);

	*over_hard = hard && pages > hard;
	return soft && pages > soft;
}

/* pipe_unaccount - see internal.h. */
void pipe_unaccount(struct user_struct *user, long slots)
{
	atomic64_sub(slots, &user->pipe_bufs);
}

/* pipe_limits_bind - see internal.h. */
bool pipe_limits_bind(void)
{
	return !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

static int max_size_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(pipe_max_size));
	return 0;
}

/* proc(5): rounded up to a power of two, at least one page. */
static ssize_t max_size_store(void *data, const char *text, size_t len)
{
	long size;
	int err = sysctl_parse_long(text, 0, 1L << 31, &size);

	if (err)
		return err;
	if (size < (long)PAGE_SIZE)
		size = PAGE_SIZE;
	WRITE_ONCE(pipe_max_size,
		   (unsigned int)roundup_pow_of_two((unsigned long)size));
	return (ssize_t)len;
}

/* pipe_limits_init - the settings; boot. */
void __init pipe_limits_init(void)
{
	sysctl_register("fs/pipe-max-size", 0644, max_size_show, max_size_store,
			NULL);
	sysctl_register_ulong("fs/pipe-user-pages-soft", 0644,
			      &user_pages_soft);
	sysctl_register_ulong("fs/pipe-user-pages-hard", 0644,
			      &user_pages_hard);
}
