/*
 * wait.h - options of wait4(2) and waitid(2), and the status they give.
 */
#pragma once

#define WNOHANG	   0x00000001
#define WUNTRACED  0x00000002
#define WSTOPPED   WUNTRACED
#define WEXITED	   0x00000004
#define WCONTINUED 0x00000008
#define WNOWAIT	   0x01000000

#define __WNOTHREAD 0x20000000
#define __WALL	    0x40000000
#define __WCLONE    0x80000000

/* waitid(2): kinds of id */
#define P_ALL	0
#define P_PID	1
#define P_PGID	2
#define P_PIDFD 3

/* The status word: exit code above, signal and core flag below. */
#define WAIT_CORE_FLAG	  0x80
#define WAIT_STOPPED(sig) (((sig) << 8) | 0x7f)
#define WAIT_CONTINUED	  0xffff
#define WAIT_EXITED(code) (((code)&0xff) << 8)
