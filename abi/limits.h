/*
 * limits.h - how long names, paths and vectors may be.
 */
#pragma once

#define NR_OPEN	       1024
#define NGROUPS_MAX    65536
#define ARG_MAX	       131072
#define LINK_MAX       127
#define MAX_CANON      255
#define MAX_INPUT      255
#define NAME_MAX       255
#define PATH_MAX       4096
#define PIPE_BUF       4096
#define XATTR_NAME_MAX 255
#define XATTR_SIZE_MAX 65536
#define XATTR_LIST_MAX 65536
#define RTSIG_MAX      32

/* readv, writev and kin (UIO_MAXIOV in <linux/uio.h>) */
#define IOV_MAX	    1024
#define UIO_FASTIOV 8

/* One string of execve(2), with its zero; how many there may be. */
#define MAX_ARG_STRLEN	 131072
#define MAX_ARG_STRINGS	 0x7fffffff
#define TASK_COMM_LEN	 16
#define MAX_SYMLINKS	 40
#define NR_OPEN_DEFAULT	 64
#define OPEN_MAX_DEFAULT 1024

/* Spelled as gcc's own limits.h does, so that host tests may include both. */
#define CHAR_BIT   __CHAR_BIT__
#define SHRT_MAX   __SHRT_MAX__
#define USHRT_MAX  (SHRT_MAX * 2 + 1)
#define INT_MAX	   __INT_MAX__
#define INT_MIN	   (-INT_MAX - 1)
#define UINT_MAX   (INT_MAX * 2U + 1U)
#define LONG_MAX   __LONG_MAX__
#define LONG_MIN   (-LONG_MAX - 1L)
#define ULONG_MAX  (LONG_MAX * 2UL + 1UL)
#define LLONG_MAX  __LONG_LONG_MAX__
#define LLONG_MIN  (-LLONG_MAX - 1LL)
#define ULLONG_MAX (LLONG_MAX * 2ULL + 1ULL)
#define U8_MAX	   0xff
#define U16_MAX	   0xffff
#define U32_MAX	   0xffffffffu
#define S32_MAX	   0x7fffffff
#define S32_MIN	   (-S32_MAX - 1)
#define U64_MAX	   0xffffffffffffffffULL
#define S64_MAX	   0x7fffffffffffffffLL
#define S64_MIN	   (-S64_MAX - 1)
