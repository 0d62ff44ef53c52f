/*
 * tty.h - terminals: what a driver fills, and what drivers call.
 *
 * A struct tty_struct is one terminal line, real (serial.c) or one end of a
 * pair (pty.c).  tty.c opens, closes and hangs up, and has the file operations;
 * tty_buffer.c keeps what was received; tty_ioctl.c has its settings;
 * tty_jobctl.c its session and foreground group; line_discipline.c,
 * line_edit.c, line_read.c and line_output.c are N_TTY, ldisc.c the choice
 * between that and N_NULL.
 */
#pragma once

#include <abi/major.h>
#include <abi/termios.h>
#include <fs/vfs/types.h>
#include <kernel/base/refcount.h>
#include <kernel/process/workqueue.h>
#include <kernel/types/lock.h>

struct pid;
struct tty_struct;
struct task_struct;

#define TTY_MAJOR    4
#define TTYAUX_MAJOR 5
#define TTYS_MINOR   64

#define N_TTY_BUF 4096 /* longest line, as on Linux */
#define TTY_RX	  4096 /* characters between interrupt and discipline */
#define ECHO_BUF  4096

/* What came with a received character, in the high byte of an rx entry. */
#define TTY_NORMAL  0
#define TTY_BREAK   1
#define TTY_FRAME   2
#define TTY_PARITY  3
#define TTY_OVERRUN 4

/* The driver's half.  Only write is required.  "atomic": never sleeps. */
struct tty_operations {
	int (*open)(struct tty_struct *tty, struct file *file);
	/* No file is open any more, or all of a real line are hung up. */
	void (*close)(struct tty_struct *tty, struct file *file);
	/* What close has left to do that may sleep and hang up others. */
	void (*after_close)(struct tty_struct *tty);
	/* Take up to @n bytes; how many were taken.  Atomic. */
	size_t (*write)(struct tty_struct *tty, const u8 *buf, size_t n);
	size_t (*write_room)(struct tty_struct *tty); /* atomic */
	size_t (*chars_in_buffer)(struct tty_struct *tty);
	void (*flush_buffer)(struct tty_struct *tty);
	void (*set_termios)(struct tty_struct *tty, const struct termios2 *old);
	void (*stop)(struct tty_struct *tty); /* ^S: output rests; atomic */
	void (*start)(struct tty_struct *tty);
	void (*throttle)(struct tty_struct *tty); /* input is full; atomic */
	void (*unthrottle)(struct tty_struct *tty);
	void (*send_xchar)(struct tty_struct *tty, u8 ch);
	int (*break_ctl)(struct tty_struct *tty, bool on);
	int (*tiocmget)(struct tty_struct *tty);
	int (*tiocmset)(struct tty_struct *tty, unsigned int set,
			unsigned int clear);
	bool (*carrier_raised)(struct tty_struct *tty);
	int (*ioctl)(struct tty_struct *tty, unsigned int cmd,
		     unsigned long arg); /* -ENOIOCTLCMD: not mine */
};

/*
 * N_TTY's state.  Locks:  B lock (the line's buf_lock)   O output_lock
 *
 * buf is a ring; head, tail and canon_head run freely.  In canonical mode
 * only what lies before canon_head can be read; delim marks line ends.
 */
struct n_tty {
	struct mutex lock;
	u8 buf[N_TTY_BUF];		     /* [B] */
	unsigned long delim[N_TTY_BUF / 64]; /* [B] */
	size_t head, tail, canon_head;	     /* [B] */
	bool lnext;			     /* [B] next one literal */
	bool erasing;			     /* [B] ECHOPRT's \.../ is open */
	bool pushed_back;		     /* [B] ICANON was switched */

	struct mutex output_lock;
	unsigned int column;	     /* [O] of the cursor */
	unsigned int canon_column;   /* [O] where the line began */
	u8 echo[ECHO_BUF];	     /* [O] echoes not yet written */
	size_t echo_head, echo_tail; /* [O] */
};

/* tty_struct.flags */
#define TTY_THROTTLED	    0
#define TTY_EXCLUSIVE	    1 /* TIOCEXCL */
#define TTY_HUPPED	    2
#define TTY_OTHER_CLOSED    3 /* the pty's other end is gone */
#define TTY_PTY_LOCK	    4
#define TTY_IO_ERROR	    5
#define TTY_DO_WRITE_WAKEUP 6 /* somebody wants SIGIO when there is room */

/*
 * Locks:  M tty_mutex   T termios_rwsem   C ctrl_lock   R rx_lock   A atomic
 *         W read_mutex + write_mutex + termios_rwsem   F fasync_lock
 */
struct tty_struct {
	refcount_t kref; /* [A] */
	const struct tty_operations *ops;
	char name[16];
	dev_t dev;
	int index;
	int count;		 /* [M] open files; a slave's master is one */
	unsigned long flags;	 /* [A] */
	atomic_t ldisc_changers; /* [A] then reads and writes do not wait */
	struct list_head files;	 /* [M] struct tty_file */
	struct rw_semaphore termios_rwsem;
	struct termios2 termios;  /* [T] */
	struct termios2 locked;	  /* [T] bits set: cannot be changed */
	int ldisc;		  /* [W] N_TTY or N_NULL */
	struct winsize winsize;	  /* [T] */
	struct mutex read_mutex;  /* one reader at a time */
	struct mutex write_mutex; /* one writer at a time */
	struct wait_queue read_wait;
	struct wait_queue write_wait;
	struct list_head fasync; /* [F] files with O_ASYNC */
	struct spinlock ctrl_lock;
	struct pid *pgrp;	 /* [C] foreground group */
	struct pid *session;	 /* [C] */
	bool stopped;		 /* [C] by ^S */
	bool tco_stopped;	 /* [C] by TCOOFF */
	bool packet;		 /* [C] TIOCPKT, on the master */
	u8 pktstatus;		 /* [C] */
	struct tty_struct *link; /* the pty's other end */
	struct spinlock rx_lock;
	u16 rx[TTY_RX];		       /* [R] */
	unsigned int rx_head, rx_tail; /* [R] run freely */
	struct work_struct rx_work;    /* takes from rx to the discipline */
	struct work_struct wakeup_work;
	struct n_tty ld;
	void *driver_data;
	void (*free)(struct tty_struct *tty); /* the last reference went */
};

/* One open file of a terminal. */
struct tty_file {
	struct tty_struct *tty;
	struct file *file;
	struct list_head link; /* in tty->files */
	bool console;	       /* opened as /dev/console: never hung up */
	bool hung_up;	       /* [A] reads end, writes fail */
};

/* --- tty.c --- */

/* tty_alloc - a new line with default settings; NULL: no memory. */
struct tty_struct *tty_alloc(const struct tty_operations *ops, const char *name,
			     dev_t dev, int index);
void tty_kref_put(struct tty_struct *tty);

static inline struct tty_struct *tty_kref_get(struct tty_struct *tty)
{
	if (tty)
		refcount_inc(&tty->kref);
	return tty;
}

/* tty_register - @tty answers to its number and appears in /dev. */
int tty_register(struct tty_struct *tty);

/* tty_attach_file - make @file an open file of @tty: 0 or -errno. */
int tty_attach_file(struct tty_struct *tty, struct file *file);

/* tty_open_line - open(2) of a node of @tty: tty_attach_file, the wait for the
 * carrier, and unless @noctty the controlling-terminal rule.  0 or -errno. */
int tty_open_line(struct tty_struct *tty, struct file *file, bool noctty);

/* tty_hangup - the line is gone: every open file ends but those of
 * /dev/console.  @leader_ends: because its session's leader exits.  May sleep.
 */
void tty_hangup(struct tty_struct *tty, bool leader_ends);

/* Is this the end of a pty that programs see as their terminal? */
static inline bool tty_is_slave(const struct tty_struct *tty)
{
	return tty->link && MAJOR(tty->dev) >= UNIX98_PTY_SLAVE_MAJOR;
}
/* tty_vhangup_self - vhangup(2). */
void tty_vhangup_self(void);

/* tty_wakeup - the driver has room again.  Any context. */
void tty_wakeup(struct tty_struct *tty);

/* tty_init - /dev/tty, /dev/console, hooks; once, at boot. */
void tty_init(void);
void serial_init(void);
void pty_init(void);

extern const struct file_operations tty_fops;
extern const struct termios2 tty_std_termios;

static inline struct tty_struct *file_tty(const struct file *file)
{
	return ((struct tty_file *)file->private_data)->tty;
}

/* --- tty_buffer.c --- */

/* tty_insert_char - a character was received.  Any context.  False: no room
 * (and the driver should keep what it has until unthrottle). */
bool tty_insert_char(struct tty_struct *tty, u8 ch, u8 flag);
/* tty_rx_room - how many more characters tty_insert_char takes now. */
unsigned int tty_rx_room(struct tty_struct *tty);
/* tty_push - have the discipline look at them soon.  Any context. */
void tty_push(struct tty_struct *tty);

/* --- pty.c, for fs/devpts --- */

/* Called by devpts to say how slaves get their nodes: create at open of the
 * master, remove when it closes.  @fsi: which devpts instance. */
struct devpts_ops {
	/* The instance a ptmx inode belongs to, referenced; ERR_PTR. */
	void *(*acquire)(struct file *file);
	void (*release)(void *fsi);
	int (*new_index)(void *fsi);
	void (*kill_index)(void *fsi, int index);
	int (*create_node)(void *fsi, int index, struct tty_struct *slave);
	void (*remove_node)(void *fsi, int index);
	/* Open the slave's node for TIOCGPTPEER. */
	struct file *(*open_peer)(void *fsi, int index, int flags);
};
void pty_set_devpts(const struct devpts_ops *ops);

/* ptmx_open - open of /dev/ptmx and of devpts' own ptmx. */
int ptmx_open(struct inode *inode, struct file *file);
/* tty_dev_name - "/dev/..." of the terminal, as /proc shows it. */
dev_t tty_devnum(const struct tty_struct *tty);
