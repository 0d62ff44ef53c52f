/*
 * internal.h - what the parts of the terminal layer share.
 */
#pragma once

#include <abi/fcntl.h>
#include <kernel/drivers/tty/tty.h>
#include <kernel/lib/bitmap.h>

/* --- settings --- */
static inline bool i_flag(const struct tty_struct *tty, tcflag_t f)
{
	return tty->termios.c_iflag & f;
}

static inline bool o_flag(const struct tty_struct *tty, tcflag_t f)
{
	return tty->termios.c_oflag & f;
}

static inline bool l_flag(const struct tty_struct *tty, tcflag_t f)
{
	return tty->termios.c_lflag & f;
}

static inline u8 control_char(const struct tty_struct *tty, int which)
{
	return tty->termios.c_cc[which];
}

/* What a pty's c_cflag begins with. */
#define PTY_CFLAG (B38400 | CS8 | CREAD)

/* --- line_discipline.c, line_read.c --- */
void n_tty_init(struct tty_struct *tty);
/* One received character; @flag TTY_*.  Caller holds ld.lock. */
void n_tty_receive(struct tty_struct *tty, u8 ch, u8 flag);
/* May the discipline take another character?  ld.lock held. */
bool n_tty_has_room(const struct tty_struct *tty);
ssize_t n_tty_read(struct tty_struct *tty, struct tty_file *tf,
		   struct iov_iter *iter);
u32 n_tty_poll(struct tty_struct *tty, struct tty_file *tf,
	       struct poll_table *table);
/* Bytes a read would give now: FIONREAD. */
size_t n_tty_chars_available(struct tty_struct *tty);
void n_tty_flush_input(struct tty_struct *tty);
/* ICANON or other settings changed from @old. */
void n_tty_set_termios(struct tty_struct *tty, const struct termios2 *old);
/* Take what the driver received; the rx work. */
void n_tty_receive_work(struct work_struct *work);
/* Tell a master in packet mode that input was thrown away. */
void n_tty_packet_flush(struct tty_struct *tty);

/* Characters in the ring, and the one at @pos; ld.lock held. */
static inline size_t n_tty_buffered(const struct n_tty *ld)
{
	return ld->head - ld->tail;
}

static inline u8 n_tty_at(const struct n_tty *ld, size_t pos)
{
	return ld->buf[pos % N_TTY_BUF];
}

/* What came was taken: raw input is told to readers and owners.  ld.lock held.
 */
void n_tty_received(struct tty_struct *tty);

/* --- line_edit.c --- */
/* Was @ch a key that edits the line?  Then that is done.  ld.lock held. */
bool n_tty_edit_char(struct tty_struct *tty, u8 ch);
/* Something else than erasing follows on the screen.  ld.lock held. */
void n_tty_finish_erasing(struct tty_struct *tty);

/* --- tty_buffer.c --- */
/* The next received character, its TTY_* flag above it; false: none. */
bool tty_rx_take(struct tty_struct *tty, u16 *entry);

/* --- ldisc.c --- */
/* TIOCSETD: 0, -EFAULT, -EINVAL, or -EPERM if only a module might have it. */
int tty_set_ldisc(struct tty_struct *tty, unsigned long arg);
/* The line is as new: N_TTY.  May sleep. */
void tty_reset_ldisc(struct tty_struct *tty);
void ldisc_init(void);

/* A read or write that would sleep ends instead. */
static inline bool tty_io_nonblock(const struct tty_struct *tty,
				   const struct file *file)
{
	return (file->f_flags & O_NONBLOCK) ||
	       atomic_read(&tty->ldisc_changers);
}

/* --- line_output.c --- */
ssize_t n_tty_write(struct tty_struct *tty, struct tty_file *tf,
		    struct iov_iter *iter);
/* Echo @ch; ld.lock held. */
void echo_char(struct tty_struct *tty, u8 ch);	   /* ^X for controls */
void echo_char_raw(struct tty_struct *tty, u8 ch); /* as it is */
void echo_string(struct tty_struct *tty, const char *s);
void echo_move_back(struct tty_struct *tty);
void echo_line_begins(struct tty_struct *tty);
void echo_erase_tab(struct tty_struct *tty, unsigned int columns,
		    bool after_tab);
void flush_echoes(struct tty_struct *tty);
void drop_echoes(struct tty_struct *tty);

/* --- redirect.c --- */
int tioccons(struct file *file);
struct file *redirect_get(void);
void redirect_drop(const struct tty_struct *tty);

/* --- tty_jobctl.c --- */
/* A background process changes the terminal: 0, or -ERESTARTSYS after
 * SIGTTOU, -EIO for an orphan. */
int tty_check_change(struct tty_struct *tty);
/* A background process reads: the same with SIGTTIN. */
int tty_check_read(struct tty_struct *tty);
void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty);
struct tty_struct *get_current_tty(void);
long tty_jobctl_ioctl(struct tty_struct *tty, struct tty_struct *real,
		      struct file *file, unsigned int cmd, unsigned long arg);
void tty_clear_session(struct tty_struct *tty);
void tty_signal_pgrp(struct tty_struct *tty, int sig);
void tty_hangup_session(struct tty_struct *tty, bool leader_ends);
void jobctl_init(void);

/* --- tty_ioctl.c --- */
long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
/* Flow control of output: ^S, ^Q. */
void stop_tty(struct tty_struct *tty);
void start_tty(struct tty_struct *tty);
/* Wait until all output is on the wire; 0 or -ERESTARTSYS. */
int tty_wait_until_sent(struct tty_struct *tty);
unsigned int tty_baud(tcflag_t cflag, speed_t other);
