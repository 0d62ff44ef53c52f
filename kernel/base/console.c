/*
 * Consoles: which of those that drivers offer are used.
 *
 * console= words are matched against "NAMEindex"; the last such word is the
 * preferred console, /dev/console.  Without any word the first real console
 * that registers is enabled and preferred.  Boot consoles show the log until
 * the preferred one comes, and are then dropped.
 *
 * Locks: `owned` is a flag, not a spinlock: printk tries it and leaves the
 * showing to the owner when it is taken, in interrupts too.
 * Entry points: register_console, unregister_console, console_dev, console_at,
 * console_lock, console_trylock, console_unlock.
 */
#include <kernel/base/console.h>

#include <kernel/arch/barrier.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

static LIST_HEAD(consoles); /* [owned] the preferred one first */
static bool owned;	    /* [A] */
static bool any_wanted;	    /* [I] console= was given */

/* console_trylock - own the consoles if nobody does; true if so. */
bool console_trylock(void)
{
	return !__atomic_test_and_set(&owned, __ATOMIC_ACQUIRE);
}

/* console_lock - own the consoles; spins.  Not from interrupts. */
void console_lock(void)
{
	while (!console_trylock()) {
		if (panic_in_progress())
			return;
		cpu_relax();
	}
}

/* console_unlock - give the consoles back. */
void console_unlock(void)
{
	__atomic_clear(&owned, __ATOMIC_RELEASE);
}

/* console_list - all registered consoles; the caller owns the lock. */
struct list_head *console_list(void)
{
	return &consoles;
}

/* Does console= word @word name @con?  *@options: what stands behind ','. */
static bool word_names(const char *word, const struct console *con,
		       const char **options)
{
	size_t len = strcspn(word, ",");
	char name[24];

	scnprintf(name, sizeof(name), "%s%d", con->name, max(con->index, 0));
	if (strlen(name) != len || strncmp(name, word, len) != 0) {
		/* "console=tty" alone is tty0. */
		if (strlen(con->name) != len || con->index > 0 ||
		    strncmp(con->name, word, len) != 0)
			return false;
	}
	*options = word[len] == ',' ? word + len + 1 : NULL;
	return true;
}

/* Is @con named on the command line?  @preferred: by the last word. */
static bool wanted(const struct console *con, const char **options,
		   bool *preferred)
{
	const char *word;
	const char *opt;
	unsigned int n;
	bool found = false;

	*preferred = false;
	for (n = 0; (word = cmdline_get_nth("console", n)); n++) {
		*preferred = word_names(word, con, &opt);
		if (*preferred) {
			*options = opt;
			found = true;
		}
	}
	return found;
}

/* Is a real (not a boot) console enabled already? */
static bool have_real(void)
{
	struct console *con;

	list_for_each_entry (con, &consoles, link) {
		if (!(con->flags & CON_BOOT))
			return true;
	}
	return false;
}

/* Drop all boot consoles; what they showed need not be shown again. */
static u64 drop_boot_consoles(void)
{
	struct console *con, *next;
	u64 seq = 0;

	list_for_each_entry_safe (con, next, &consoles, link) {
		if (!(con->flags & CON_BOOT))
			continue;
		seq = max(seq, con->seq);
		if (con->mid_line)
			con->write(con, "\n", 1);
		con->flags &= ~CON_ENABLED;
		list_del_init(&con->link);
	}
	return seq;
}

/* register_console - use @con if it is wanted; shows what was logged so far. */
void register_console(struct console *con)
{
	const char *options = NULL;
	bool preferred = false;
	bool use;

	use = wanted(con, &options, &preferred);
	if (con->flags & CON_BOOT)
		use = !have_real();
	else if (!any_wanted && !have_real())
		use = preferred = true;
	if (!use || (con->setup && con->setup(con, options) != 0))
		return;

	console_lock();
	con->seq = 0;
	con->mid_line = false;
	con->flags |= CON_ENABLED;
	if (preferred) {
		con->seq = drop_boot_consoles();
		con->flags |= CON_PREFERRED;
		list_add(&con->link, &consoles);
	} else {
		list_add_tail(&con->link, &consoles);
	}
	console_unlock();
	pr_info("printk: %sconsole [%s%d] enabled\n",
		con->flags & CON_BOOT ? "boot" : "", con->name,
		max(con->index, 0));
}

/* unregister_console - stop using @con. */
void unregister_console(struct console *con)
{
	console_lock();
	if (con->flags & CON_ENABLED) {
		con->flags &= ~(CON_ENABLED | CON_PREFERRED);
		list_del_init(&con->link);
	}
	console_unlock();
}

/* console_dev - device number of /dev/console's terminal, 0 if none. */
dev_t console_dev(void)
{
	struct console *con;
	dev_t dev = 0;

	console_lock();
	list_for_each_entry (con, &consoles, link) {
		if (con->dev) {
			dev = con->dev;
			break;
		}
	}
	console_unlock();
	return dev;
}

/* console_at - the @n-th registered console, NULL past the end. */
const struct console *console_at(unsigned int n)
{
	struct console *con;
	struct console *found = NULL;

	console_lock();
	list_for_each_entry (con, &consoles, link) {
		if (n-- == 0) {
			found = con;
			break;
		}
	}
	console_unlock();
	return found;
}

/* console_init - read console= from the command line. */
void console_init(void)
{
	any_wanted = cmdline_has("console");
}
