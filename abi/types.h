/*
 * types.h - the integer names everything else is written in.
 *
 * Sizes are those of Linux on x86_64: u64 is unsigned long long, as there.
 * dev_t is the kernel's own packing (12 bits of major, 20 of minor); what
 * programs see is new_encode_dev()'s.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

/*
 * __user marks a pointer into a program's memory: sparse and clang refuse to
 * follow it, so that only copy_to_user and its kin do.
 */
#if defined(__CHECKER__)
#define __user	__attribute__((noderef, address_space(1)))
#define __force __attribute__((force))
#elif defined(__clang__)
#define __user __attribute__((noderef, address_space(1)))
#define __force
#else
#define __user
#define __force
#endif

typedef long ssize_t;
typedef long long loff_t;
typedef long off_t;
typedef int pid_t;
typedef u32 uid_t;
typedef u32 gid_t;
typedef u32 dev_t;
typedef u64 ino_t;
typedef u32 mode_t;
typedef u16 umode_t;
typedef u32 nlink_t;
typedef u64 blkcnt_t;
typedef long clock_t;
typedef long time64_t;
typedef int clockid_t;
typedef int timer_t;
typedef int key_t;

#define MINORBITS 20
#define MINORMASK ((1u << MINORBITS) - 1)

#define MAJOR(dev)	    ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev)	    ((unsigned int)((dev)&MINORMASK))
#define MKDEV(major, minor) ((dev_t)(((dev_t)(major) << MINORBITS) | (minor)))

/*
 * new_encode_dev - the device number as stat, statx and ustat show it:
 * the minor's low 8 bits, 12 bits of major, then the rest of the minor.
 */
static inline u32 new_encode_dev(dev_t dev)
{
	u32 major = MAJOR(dev);
	u32 minor = MINOR(dev);

	return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

/* new_decode_dev - the reverse: what mknod's argument means. */
static inline dev_t new_decode_dev(u32 dev)
{
	u32 major = (dev & 0xfff00) >> 8;
	u32 minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);

	return MKDEV(major, minor);
}
