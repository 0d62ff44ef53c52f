/*
 * lock.h - the structs of every lock and wait queue, and the order of locks.
 *
 * Types only: <kernel/base/spinlock.h> has the spinning locks' functions,
 * <kernel/sched/wait.h>, mutex.h, rwsem.h and completion.h those that sleep.
 *
 * Each lock has a rank.  A CPU (spinning locks) or a task (sleeping locks)
 * may only take a lock whose rank is higher than that of every lock it
 * already holds; two of one rank only through the _nested functions, which
 * state the order themselves (by address, or parent before child).
 * docs/locking.md tells what each one guards.
 */
#pragma once

#include <abi/types.h>
#include <kernel/lib/list.h>

struct task_struct;

enum lock_rank {
	LOCK_NONE, /* not checked: early boot, tests */

	/* Sleeping locks, outermost first. */
	LOCK_REBOOT,	    /* reboot_mutex */
	LOCK_FILE_POS,	    /* file.f_pos_lock */
	LOCK_PIPE,	    /* pipe_inode_info.mutex */
	LOCK_SEQ,	    /* seq_file.lock */
	LOCK_EPOLL,	    /* epmutex: which epoll watches which */
	LOCK_EPOLL_ITEMS,   /* eventpoll.mtx, outer before inner */
	LOCK_DISK_SCAN,	    /* reading a partition table, telling of devices */
	LOCK_MOUNT,	    /* namespace_sem: the mount tree */
	LOCK_RENAME,	    /* super_block.s_rename_mutex */
	LOCK_SUPER,	    /* super_block.s_umount */
	LOCK_CRED_GUARD,    /* signal_struct.cred_guard_mutex */
	LOCK_TTY_OPEN,	    /* tty open and close */
	LOCK_TTY_READ,	    /* tty.read_mutex */
	LOCK_TTY_WRITE,	    /* tty.write_mutex */
	LOCK_TTY_TERMIOS,   /* tty.termios_rwsem */
	LOCK_TTY_LDISC,	    /* n_tty.lock */
	LOCK_TTY_OUTPUT,    /* n_tty.output_lock */
	LOCK_RTC,	    /* rtc_mutex: the battery clock's settings */
	LOCK_INODE,	    /* inode.i_rwsem, parents before children */
	LOCK_PSEUDO,	    /* trees of generated files */
	LOCK_MMAP,	    /* mm_struct.mmap_lock */
	LOCK_MAPPING,	    /* address_space.i_mmap_rwsem */
	LOCK_TRUNCATE,	    /* ext2's block map against truncate */
	LOCK_EXT2_ALLOC,    /* block and inode bitmaps */
	LOCK_BDEV,	    /* block_device open count, partitions */
	LOCK_LEAF_SLEEPING, /* a sleeping lock under which none is taken */

	/* Spinning locks, outermost first.  Interrupts take none of those
	 * before LOCK_FIRST_IRQ; the others are always taken with interrupts
	 * off. */
	LOCK_MUTEX_WAIT,  /* inside mutex and rwsem */
	LOCK_FASYNC,	  /* who gets SIGIO of which file */
	LOCK_TASKLIST,	  /* tasklist_lock: parents, children, groups */
	LOCK_TASK,	  /* task_struct.alloc_lock: mm, files, fs, comm */
	LOCK_FILES,	  /* files_struct.file_lock */
	LOCK_FS_LIST,	  /* list of all fs_structs */
	LOCK_FS,	  /* fs_struct.lock */
	LOCK_FILE,	  /* file.f_lock */
	LOCK_FLOCK,	  /* file locks of all inodes */
	LOCK_SB_LIST,	  /* lists of super blocks and file systems */
	LOCK_MOUNT_HASH,  /* mount hash */
	LOCK_INODE_HASH,  /* inode hash and lists */
	LOCK_INODE_STATE, /* inode.i_lock */
	LOCK_DENTRY_TREE, /* d_move against those who walk up to the root */
	LOCK_DCACHE,	  /* a bucket of the dentry hash */
	LOCK_DENTRY,	  /* dentry.d_lock, parents before children */
	LOCK_DENTRY_LRU,  /* list of unused dentries */
	LOCK_BUFFER,	  /* buffers of a page */
	LOCK_PAGE_TABLE,  /* mm_struct.page_table_lock */
	LOCK_LRU,	  /* page lists */
	LOCK_FUTEX,	  /* a futex bucket */
	LOCK_FUTEX_PI,	  /* pi_lock: who has and awaits PI futexes */
	LOCK_LEAF, /* a spinning lock under which only those below are taken */
	LOCK_FIRST_IRQ,
	LOCK_SIGHAND = LOCK_FIRST_IRQ, /* sighand_struct.siglock */
	LOCK_CPU_TIMERS,	       /* cpu_timers_lock: timers on CPU time */
	LOCK_TTY_CTRL,	 /* tty.ctrl_lock: session and foreground group */
	LOCK_PIDS,	 /* pid bitmap and hash */
	LOCK_PAGE_CACHE, /* address_space.tree_lock */
	LOCK_QUEUE,	 /* block request queue */
	LOCK_VIRTQUEUE,	 /* virtqueue */
	LOCK_LEAF_IRQ,	 /* as LOCK_LEAF, with interrupts off */
	LOCK_WAIT,	 /* wait_queue.lock */
	LOCK_POLL_WAIT,	 /* a poll table's wait queue, woken from another's */
	LOCK_RQ,	 /* run queue */
	LOCK_TIMER,	 /* per-CPU timer queue */
	LOCK_VMALLOC,	 /* kernel ranges */
	LOCK_KERNEL_PT,	 /* kernel page tables */
	LOCK_SLAB,	 /* kmem_cache */
	LOCK_ZONE,	 /* buddy lists */
	LOCK_IRQ,	 /* irq_desc */
	LOCK_IRQ_CHIP,	 /* I/O APIC registers */
	LOCK_RANDOM,	 /* entropy pool */
	LOCK_CLOCK,	 /* the clock's write side */
	LOCK_CONSOLE,	 /* syslog(2)'s place in the log */
	LOCK_DEVICE,	 /* a serial port: printk takes it under anything */
	LOCK_TTY_BUF,	 /* tty.rx_lock: received characters */
	LOCK_LOG,	 /* printk's ring */
	NR_LOCK_RANKS,
};

/* A spinning lock; state 0: free, nobody waits.  Locks:  A atomic   D owner
 * only, debug builds */
struct spinlock {
	u16 state; /* [A] low byte: 1 if held; high byte: CPUs that starve */
	u8 rank;   /* enum lock_rank, fixed */
	s8 cpu;	   /* [D] 1 + CPU that holds it, 0 when free */
};

/* Sequence counter with its writers' lock: readers retry, never wait. */
struct seqlock {
	u32 sequence; /* odd while a writer is inside */
	struct spinlock lock;
};

/*
 * Wait queue.  @func is called under the queue's lock with the entry and the
 * poll key; it returns nonzero when it woke somebody.
 */
struct wait_entry;
typedef int (*wait_func_t)(struct wait_entry *entry, unsigned long key);

#define WQ_EXCLUSIVE 0x01 /* wake_up(n) stops after n of these */

struct wait_entry {
	struct list_head link;
	struct task_struct *task; /* whom default_wake_function wakes */
	wait_func_t func;
	unsigned int flags;
};

struct wait_queue {
	struct spinlock lock;
	struct list_head head;
};

/* Sleeping lock with an owner; waiters in order of arrival. */
struct mutex {
	unsigned long owner; /* [A] the task, and MUTEX_* flags below it */
	struct spinlock wait_lock;
	u8 rank;
	struct list_head waiters; /* [wait_lock] in order of arrival */
};

/* Many readers or one writer; waiters in order of arrival. */
struct rw_semaphore {
	struct spinlock wait_lock;
	u8 rank;
	unsigned long count;	   /* [A] RWSEM_*: who holds it, who waits */
	struct task_struct *owner; /* [A] the writer */
	struct list_head waiters;  /* [wait_lock] */
};

struct completion {
	unsigned int done; /* [wait.lock] */
	struct wait_queue wait;
};
