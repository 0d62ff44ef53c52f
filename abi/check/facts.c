/*
 * facts.c - facts.list as numbers.
 *
 * Compiled twice into one host program: with -DTINE from abi/, without it from
 * Linux's UAPI headers (Debian's linux-libc-dev).  Each gives a table of its
 * own; compare.c holds them side by side.  Only this file may know both.
 *
 * Entry points: the tables tine_facts and linux_facts.
 */
#ifdef TINE

#include <abi/abi.h>
#define FACTS tine_facts

#else

#include <asm/ioctls.h>
#include <asm/prctl.h>
#include <asm/sigcontext.h>
#include <asm/socket.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/auxvec.h>
#include <linux/capability.h>
#include <linux/cdrom.h>
#include <linux/close_range.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/hdreg.h>
#include <linux/in.h>
#include <linux/inotify.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/kd.h>
#include <linux/limits.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/personality.h>
#include <linux/pidfd.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/rseq.h>
#include <linux/rtc.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/serial.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/termios.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/times.h>
#include <linux/timex.h>
#include <linux/tty.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/un.h>
#include <linux/utime.h>
#include <linux/utsname.h>
#include <linux/vt.h>
#include <linux/wait.h>
#include <linux/xattr.h>
#include <stddef.h>
#define FACTS linux_facts

/* Needs signal.h before it. */
#include <asm/ucontext.h>

/* The kernel's names of the registers; the UAPI keeps two spellings. */
#define sigcontext sigcontext_64

#endif

#include "facts.h"

#define SIZE(type) {"sizeof(struct " #type ")", sizeof(struct type), 0},
#define FIELD(type, field)                                                     \
	{"struct " #type "." #field, __builtin_offsetof(struct type, field),   \
	 sizeof(((struct type *)0)->field)},
#define CONST(name) {#name, (unsigned long long)(name), 0},

const struct fact FACTS[] = {
#include "facts.list"
	{0, 0, 0},
};
