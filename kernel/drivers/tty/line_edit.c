/*
 * line_edit.c - N_TTY's editing: the keys that change a line of canonical
 * mode before it is complete, and how the screen follows, termios(3).
 *
 * The line is what lies between canon_head and head in the ring; erasing
 * moves head back, by whole characters where IUTF8 is set.
 *
 * Locks: the caller holds ld.lock.
 *
 * Entry points: n_tty_edit_char, n_tty_finish_erasing.
 */
#include <abi/termios.h>
#include <kernel/drivers/tty/internal.h>

static bool is_continuation(const struct tty_struct *tty, u8 ch)
{
	return i_flag(tty, IUTF8) && (ch & 0xc0) == 0x80;
}

static bool is_control(u8 ch)
{
	return ch < ' ' || ch == 0x7f;
}

/* Take the tab off the screen that stood at ld->head. */
static void erase_tab(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	unsigned int columns = 0;
	size_t pos = ld->head;
	u8 ch = 0;

	for (; pos != ld->canon_head; pos--) {
		ch = n_tty_at(ld, pos - 1);
		if (ch == '\t')
			break;
		if (is_control(ch))
			columns += l_flag(tty, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(tty, ch))
			columns++;
	}
	echo_erase_tab(tty, columns, pos != ld->canon_head);
}

/* Take the erased character @ch off the screen; it stood at ld->head. */
static void echo_erase(struct tty_struct *tty, u8 ch)
{
	if (ch == '\t') {
		erase_tab(tty);
		return;
	}
	if (is_control(ch) && l_flag(tty, ECHOCTL))
		echo_string(tty, "\b \b");
	if (!is_control(ch) || l_flag(tty, ECHOCTL))
		echo_string(tty, "\b \b");
}

/*
 * n_tty_finish_erasing - the / behind what ECHOPRT shows as erased, if that
 * has begun.  ld.lock held; may sleep (echo).
 */
void n_tty_finish_erasing(struct tty_struct *tty)
{
	if (tty->ld.erasing) {
		echo_char_raw(tty, '/');
		tty->ld.erasing = false;
	}
}

/* ECHOPRT: what is erased, between \\ and /; @end is behind its last byte. */
static void echo_print(struct tty_struct *tty, size_t end)
{
	struct n_tty *ld = &tty->ld;
	size_t pos = ld->head;

	if (!ld->erasing) {
		echo_char_raw(tty, '\\');
		ld->erasing = true;
	}
	echo_char(tty, n_tty_at(ld, pos));
	while (++pos != end) {
		echo_char_raw(tty, n_tty_at(ld, pos));
		echo_move_back(tty);
	}
}

static bool is_word_char(u8 ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= 'a' && ch <= 'z') || ch == '_' ||
	       (ch >= 0xc0 && ch != 0xd7 && ch != 0xf7);
}

enum erase { ERASE_CHAR, ERASE_WORD, ERASE_LINE };

/* Drop the last character, all of its UTF-8 bytes, and show it; false: the word
 * has ended, or the character would be left in part.  *@in_word: one of a word
 * was dropped. */
static bool erase_one(struct tty_struct *tty, enum erase what, bool *in_word)
{
	struct n_tty *ld = &tty->ld;
	size_t pos = ld->head, end = ld->head;
	u8 ch;

	do
		ch = n_tty_at(ld, --pos);
	while (is_continuation(tty, ch) && pos != ld->canon_head);
	if (is_continuation(tty, ch))
		return false;
	if (what == ERASE_WORD) {
		if (!is_word_char(ch) && *in_word)
			return false;
		*in_word |= is_word_char(ch);
	}
	ld->head = pos;
	if (!l_flag(tty, ECHO))
		return true;
	if (l_flag(tty, ECHOPRT))
		echo_print(tty, end);
	else if (what == ERASE_CHAR && !l_flag(tty, ECHOE))
		echo_char(tty, control_char(tty, VERASE));
	else
		echo_erase(tty, ch);
	return true;
}

/* VERASE, VWERASE, and VKILL where it shows each character go. */
static void erase(struct tty_struct *tty, enum erase what)
{
	struct n_tty *ld = &tty->ld;
	bool in_word = false;

	while (ld->head != ld->canon_head) {
		if (!erase_one(tty, what, &in_word) || what == ERASE_CHAR)
			break;
	}
	if (ld->head == ld->canon_head && l_flag(tty, ECHO))
		n_tty_finish_erasing(tty);
}

static void kill_line(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;

	if (ld->head == ld->canon_head)
		return;
	if (!l_flag(tty, ECHO)) {
		ld->head = ld->canon_head;
		return;
	}
	if (l_flag(tty, ECHOK) && l_flag(tty, ECHOKE) && l_flag(tty, ECHOE)) {
		erase(tty, ERASE_LINE);
		return;
	}
	ld->head = ld->canon_head;
	n_tty_finish_erasing(tty);
	echo_char(tty, control_char(tty, VKILL));
	if (l_flag(tty, ECHOK))
		echo_char_raw(tty, '\n');
}

static void reprint_line(struct tty_struct *tty)
{
	struct n_tty *ld = &tty->ld;
	size_t pos;

	n_tty_finish_erasing(tty);
	echo_char(tty, control_char(tty, VREPRINT));
	echo_char_raw(tty, '\n');
	for (pos = ld->canon_head; pos != ld->head; pos++)
		echo_char(tty, n_tty_at(ld, pos));
}

/*
 * n_tty_edit_char - erase, word erase, kill, reprint, literal next: canonical
 * mode's keys.  True when @ch was one.  ld.lock held; may sleep (echo).
 */
bool n_tty_edit_char(struct tty_struct *tty, u8 ch)
{
	struct n_tty *ld = &tty->ld;

	if (ch == _POSIX_VDISABLE)
		return false;
	if (ch == control_char(tty, VERASE)) {
		erase(tty, ERASE_CHAR);
		return true;
	}
	if (ch == control_char(tty, VKILL)) {
		kill_line(tty);
		return true;
	}
	if (!l_flag(tty, IEXTEN))
		return false;
	if (ch == control_char(tty, VWERASE)) {
		erase(tty, ERASE_WORD);
		return true;
	}
	if (ch == control_char(tty, VLNEXT)) {
		ld->lnext = true;
		if (l_flag(tty, ECHO)) {
			n_tty_finish_erasing(tty);
			if (l_flag(tty, ECHOCTL))
				echo_string(tty, "^\b");
		}
		return true;
	}
	if (ch == control_char(tty, VREPRINT) && l_flag(tty, ECHO)) {
		reprint_line(tty);
		return true;
	}
	return false;
}
