/*
 * time.h - clocks and the structs that carry time.
 */
#pragma once

#include <abi/types.h>

/* The UAPI's __kernel_timespec: 64 bits of seconds. */
struct timespec {
	long tv_sec;
	long tv_nsec;
};

struct timeval {
	long tv_sec;
	long tv_usec;
};

struct itimerspec {
	struct timespec it_interval;
	struct timespec it_value;
};

struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};

struct timezone {
	int tz_minuteswest;
	int tz_dsttime;
};

/* times(2), in ticks of USER_HZ */
struct tms {
	clock_t tms_utime;
	clock_t tms_stime;
	clock_t tms_cutime;
	clock_t tms_cstime;
};

struct utimbuf {
	long actime;
	long modtime;
};

#define USER_HZ	       100
#define CLOCKS_PER_SEC 100

#define ITIMER_REAL		 0
#define ITIMER_VIRTUAL		 1
#define ITIMER_PROF		 2
#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_MONOTONIC_RAW	 4
#define CLOCK_REALTIME_COARSE	 5
#define CLOCK_MONOTONIC_COARSE	 6
#define CLOCK_BOOTTIME		 7
#define CLOCK_REALTIME_ALARM	 8
#define CLOCK_BOOTTIME_ALARM	 9
#define CLOCK_TAI		 11
#define TIMER_ABSTIME		 0x01

/* A clock of a process or thread: the pid's complement, and a kind. */
#define CPUCLOCK_PERTHREAD_MASK 4
#define CPUCLOCK_CLOCK_MASK	3
#define CPUCLOCK_PROF		0
#define CPUCLOCK_VIRT		1
#define CPUCLOCK_SCHED		2
#define CLOCKFD			3

/* adjtimex(2), clock_adjtime(2) */
struct timex {
	unsigned int modes;
	long offset;
	long freq;
	long maxerror;
	long esterror;
	int status;
	long constant;
	long precision;
	long tolerance;
	struct timeval time;
	long tick;
	long ppsfreq;
	long jitter;
	int shift;
	long stabil;
	long jitcnt;
	long calcnt;
	long errcnt;
	long stbcnt;
	int tai;
	int __spare[11];
};

#define ADJ_OFFSET	      0x0001
#define ADJ_FREQUENCY	      0x0002
#define ADJ_MAXERROR	      0x0004
#define ADJ_ESTERROR	      0x0008
#define ADJ_STATUS	      0x0010
#define ADJ_TIMECONST	      0x0020
#define ADJ_TAI		      0x0080
#define ADJ_SETOFFSET	      0x0100
#define ADJ_MICRO	      0x1000
#define ADJ_NANO	      0x2000
#define ADJ_TICK	      0x4000
#define ADJ_OFFSET_SINGLESHOT 0x8001
#define ADJ_OFFSET_SS_READ    0xa001
#define STA_PLL		      0x0001
#define STA_PPSFREQ	      0x0002
#define STA_PPSTIME	      0x0004
#define STA_FLL		      0x0008
#define STA_INS		      0x0010
#define STA_DEL		      0x0020
#define STA_UNSYNC	      0x0040
#define STA_FREQHOLD	      0x0080
#define STA_PPSSIGNAL	      0x0100
#define STA_PPSJITTER	      0x0200
#define STA_PPSWANDER	      0x0400
#define STA_PPSERROR	      0x0800
#define STA_CLOCKERR	      0x1000
#define STA_NANO	      0x2000
#define STA_MODE	      0x4000
#define STA_CLK		      0x8000
#define STA_RONLY                                                              \
	(STA_PPSSIGNAL | STA_PPSJITTER | STA_PPSWANDER | STA_PPSERROR |        \
	 STA_CLOCKERR | STA_NANO | STA_MODE | STA_CLK)
#define TIME_OK	   0
#define TIME_INS   1
#define TIME_DEL   2
#define TIME_OOP   3
#define TIME_WAIT  4
#define TIME_ERROR 5
#define TIME_BAD   TIME_ERROR
