/*
 * kcmp.h - kcmp(2): what may be compared.
 */
#pragma once

#include <abi/types.h>

#define KCMP_FILE      0
#define KCMP_VM	       1
#define KCMP_FILES     2
#define KCMP_FS	       3
#define KCMP_SIGHAND   4
#define KCMP_IO	       5
#define KCMP_SYSVSEM   6
#define KCMP_EPOLL_TFD 7
#define KCMP_TYPES     8

/* What KCMP_EPOLL_TFD's idx2 points to: of those that epoll @efd watches as
 * descriptor @tfd, the one after @toff others. */
struct kcmp_epoll_slot {
	u32 efd;
	u32 tfd;
	u32 toff;
};
