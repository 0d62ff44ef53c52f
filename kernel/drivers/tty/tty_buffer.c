/*
 * tty_buffer.c - what a line's driver has received and its discipline has not
 * yet looked at: a ring of characters, each with its TTY_* flag.
 *
 * Drivers fill it, in interrupts; the rx work, or a reader, empties it.
 *
 * Locks: rx_lock guards the ring.
 *
 * Entry points: tty_rx_room, tty_insert_char, tty_push, tty_rx_take.
 */
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>

/*
 * tty_rx_room - see tty.h.  Any context.
 */
unsigned int tty_rx_room(struct tty_struct *tty)
{
	return TTY_RX - (READ_ONCE(tty->rx_head) - READ_ONCE(tty->rx_tail));
}

/*
 * tty_insert_char - see tty.h.
 */
bool tty_insert_char(struct tty_struct *tty, u8 ch, u8 flag)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&tty->rx_lock, flags);
	room = tty->rx_head - tty->rx_tail < TTY_RX;
	if (room)
		tty->rx[tty->rx_head++ % TTY_RX] = ch | (u16)flag << 8;
	spin_unlock_irqrestore(&tty->rx_lock, flags);
	return room;
}

/*
 * tty_push - see tty.h.
 */
void tty_push(struct tty_struct *tty)
{
	schedule_work(&tty->rx_work);
}

/*
 * tty_rx_take - see internal.h.
 */
bool tty_rx_take(struct tty_struct *tty, u16 *entry)
{
	unsigned long flags;
	bool any;

	spin_lock_irqsave(&tty->rx_lock, flags);
	any = tty->rx_head != tty->rx_tail;
	if (any)
		*entry = tty->rx[tty->rx_tail++ % TTY_RX];
	spin_unlock_irqrestore(&tty->rx_lock, flags);
	return any;
}
