/*
 * The boot command line: see cmdline.h.
 *
 * The line is copied twice: one copy stays whole for /proc/cmdline, the other
 * is cut into words.  Each word remembers whether some part of the kernel
 * asked for it; those nobody asked for are init's.
 *
 * Locks: none; written at boot, before other CPUs and tasks run.
 * Entry points: cmdline_init, cmdline_get, cmdline_get_nth, cmdline_has,
 * cmdline_get_int, cmdline_last_of, cmdline_init_args, cmdline_init_env.
 */
#include <kernel/base/cmdline.h>

#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>

#define WORDS_MAX 128

struct word {
	const char *name;
	const char *value; /* NULL: there is no '=' */
	bool known;	   /* the kernel asked for it */
};

static char raw[CMDLINE_MAX];
static char cut[CMDLINE_MAX];
static char env_text[CMDLINE_MAX]; /* "name=value" words put together */
static struct word words[WORDS_MAX];
static unsigned int nr_words;
static unsigned int first_init_word; /* words behind "--" */

/* cmdline_init - copy and split @text (NULL: empty). */
void cmdline_init(const char *text)
{
	char *cursor = cut;
	char *name, *value;

	strscpy(raw, text ? text : "", sizeof(raw));
	strscpy(cut, raw, sizeof(cut));
	nr_words = 0;
	first_init_word = WORDS_MAX;
	while (nr_words < WORDS_MAX &&
	       (name = next_option(&cursor, ' ', &value))) {
		if (first_init_word == WORDS_MAX && !value &&
		    strcmp(name, "--") == 0) {
			first_init_word = nr_words;
			continue;
		}
		words[nr_words].name = name;
		words[nr_words].value = value;
		words[nr_words].known = false;
		nr_words++;
	}
	if (first_init_word > nr_words)
		first_init_word = nr_words;
}

/* cmdline_raw - the line as the loader gave it, for /proc/cmdline. */
const char *cmdline_raw(void)
{
	return raw;
}

/* As Linux has it, '-' and '_' in a name are the same. */
static bool same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
		if (!*a)
			return true;
	}
}

/* cmdline_get_nth - value of the @n-th word of that name, from 0; or NULL. */
const char *cmdline_get_nth(const char *name, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < first_init_word; i++) {
		if (!same_name(words[i].name, name))
			continue;
		words[i].known = true;
		if (n-- == 0)
			return words[i].value ? words[i].value : "";
	}
	return NULL;
}

/* cmdline_get - value of the last "name=value", "" for a bare one, or NULL. */
const char *cmdline_get(const char *name)
{
	const char *value = NULL;
	const char *next;
	unsigned int n;

	for (n = 0; (next = cmdline_get_nth(name, n)); n++)
		value = next;
	return value;
}

/* cmdline_has - does "name" or "name=value" stand there? */
bool cmdline_has(const char *name)
{
	return cmdline_get(name) != NULL;
}

/* cmdline_get_int - the number behind "name=", or @fallback. */
long cmdline_get_int(const char *name, long fallback)
{
	const char *text = cmdline_get(name);
	long value;

	if (!text || kstrtol(text, 0, &value) != 0)
		return fallback;
	return value;
}

/* cmdline_last_of - which of @a and @b comes last: 1, 2; 0 for neither. */
int cmdline_last_of(const char *a, const char *b)
{
	unsigned int i;
	int last = 0;

	for (i = 0; i < first_init_word; i++) {
		if (same_name(words[i].name, a))
			last = 1;
		else if (same_name(words[i].name, b))
			last = 2;
		else
			continue;
		words[i].known = true;
	}
	return last;
}

/* cmdline_init_args - PID 1's arguments: unknown bare words, and all that
 * stands behind "--". */
unsigned int cmdline_init_args(const char **args, unsigned int max)
{
	static char text[CMDLINE_MAX];
	size_t at = 0;
	unsigned int i, n = 0;

	for (i = 0; i < nr_words && n < max; i++) {
		const struct word *w = &words[i];

		if (i < first_init_word &&
		    (w->known || w->value || strchr(w->name, '.')))
			continue;
		args[n++] = text + at;
		at += strlcpy(text + at, w->name, sizeof(text) - at);
		if (w->value) {
			at += strlcpy(text + at, "=", sizeof(text) - at);
			at += strlcpy(text + at, w->value, sizeof(text) - at);
		}
		at++;
	}
	return n;
}

/* cmdline_init_env - PID 1's environment: unknown words with a value; a name
 * with a dot would be a module's, and is nobody's. */
unsigned int cmdline_init_env(const char **env, unsigned int max)
{
	size_t at = 0;
	unsigned int i, n = 0;

	for (i = 0; i < first_init_word && n < max; i++) {
		const struct word *w = &words[i];

		if (w->known || !w->value || strchr(w->name, '.'))
			continue;
		env[n++] = env_text + at;
		at += strlcpy(env_text + at, w->name, sizeof(env_text) - at);
		at += strlcpy(env_text + at, "=", sizeof(env_text) - at);
		at += strlcpy(env_text + at, w->value, sizeof(env_text) - at) +
		      1;
	}
	return n;
}
