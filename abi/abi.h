/*
 * abi.h - all of the contract, for the check against Linux in abi/check.
 * The kernel includes the header it needs.
 */
#pragma once

#include <abi/auxvec.h>
#include <abi/block.h>
#include <abi/capability.h>
#include <abi/dirent.h>
#include <abi/elf.h>
#include <abi/epoll.h>
#include <abi/errno.h>
#include <abi/eventfd.h>
#include <abi/fcntl.h>
#include <abi/futex.h>
#include <abi/in.h>
#include <abi/inotify.h>
#include <abi/ioctl.h>
#include <abi/kcmp.h>
#include <abi/kd.h>
#include <abi/limits.h>
#include <abi/major.h>
#include <abi/mman.h>
#include <abi/mount.h>
#include <abi/pidfd.h>
#include <abi/poll.h>
#include <abi/prctl.h>
#include <abi/ptrace.h>
#include <abi/random.h>
#include <abi/reboot.h>
#include <abi/resource.h>
#include <abi/rseq.h>
#include <abi/rtc.h>
#include <abi/sched.h>
#include <abi/signal.h>
#include <abi/socket.h>
#include <abi/stat.h>
#include <abi/statfs.h>
#include <abi/sysinfo.h>
#include <abi/termios.h>
#include <abi/time.h>
#include <abi/timerfd.h>
#include <abi/types.h>
#include <abi/ucontext.h>
#include <abi/uio.h>
#include <abi/un.h>
#include <abi/utsname.h>
#include <abi/wait.h>
#include <abi/xattr.h>
