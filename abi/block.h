/*
 * block.h - ioctls of disks.
 */
#pragma once

#include <abi/ioctl.h>
#include <abi/types.h>

#define BLKROSET	  _IO(0x12, 93)
#define BLKROGET	  _IO(0x12, 94)
#define BLKRRPART	  _IO(0x12, 95)
#define BLKGETSIZE	  _IO(0x12, 96)
#define BLKFLSBUF	  _IO(0x12, 97)
#define BLKRASET	  _IO(0x12, 98)
#define BLKRAGET	  _IO(0x12, 99)
#define BLKFRASET	  _IO(0x12, 100)
#define BLKFRAGET	  _IO(0x12, 101)
#define BLKSECTSET	  _IO(0x12, 102)
#define BLKSECTGET	  _IO(0x12, 103)
#define BLKSSZGET	  _IO(0x12, 104)
#define BLKBSZGET	  _IOR(0x12, 112, size_t)
#define BLKBSZSET	  _IOW(0x12, 113, size_t)
#define BLKGETSIZE64	  _IOR(0x12, 114, size_t)
#define BLKDISCARD	  _IO(0x12, 119)
#define BLKIOMIN	  _IO(0x12, 120)
#define BLKIOOPT	  _IO(0x12, 121)
#define BLKALIGNOFF	  _IO(0x12, 122)
#define BLKPBSZGET	  _IO(0x12, 123)
#define BLKDISCARDZEROES  _IO(0x12, 124)
#define BLKSECDISCARD	  _IO(0x12, 125)
#define BLKROTATIONAL	  _IO(0x12, 126)
#define BLKZEROOUT	  _IO(0x12, 127)
#define BLKGETDISKSEQ	  _IOR(0x12, 128, u64)
#define HDIO_GETGEO	  0x0301
#define HDIO_GET_IDENTITY 0x030d

struct hd_geometry {
	unsigned char heads;
	unsigned char sectors;
	unsigned short cylinders;
	unsigned long start;
};

#define CDROMEJECT	     0x5309
#define CDROMCLOSETRAY	     0x5319
#define CDROM_DRIVE_STATUS   0x5326
#define CDROM_GET_CAPABILITY 0x5331

/* /dev/loop* control */
#define LOOP_SET_FD	    0x4C00
#define LOOP_CLR_FD	    0x4C01
#define LOOP_SET_STATUS	    0x4C02
#define LOOP_GET_STATUS	    0x4C03
#define LOOP_SET_STATUS64   0x4C04
#define LOOP_GET_STATUS64   0x4C05
#define LOOP_CHANGE_FD	    0x4C06
#define LOOP_SET_CAPACITY   0x4C07
#define LOOP_SET_DIRECT_IO  0x4C08
#define LOOP_SET_BLOCK_SIZE 0x4C09
#define LOOP_CONFIGURE	    0x4C0A
#define LOOP_CTL_ADD	    0x4C80
#define LOOP_CTL_REMOVE	    0x4C81
#define LOOP_CTL_GET_FREE   0x4C82
