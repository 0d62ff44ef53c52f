/*
 * mlock.h - keep pages in memory: mlock(2), mlock2, munlock, mlockall.
 *
 * Locked memory counts against RLIMIT_MEMLOCK unless @privileged
 * (CAP_IPC_LOCK), which the caller finds out.
 */
#pragma once

#include <kernel/types/mm.h>

/* 0 or -errno as mlock(2).  @onfault: lock pages as they come. */
int vm_mlock(unsigned long start, size_t len, bool onfault, bool privileged);
int vm_munlock(unsigned long start, size_t len);
int vm_mlockall(int flags, bool privileged);
int vm_munlockall(void);

/* mlock_set_capable - how mmap(MAP_LOCKED) and brk ask whether current may
 * pass RLIMIT_MEMLOCK; filled by kernel/process (CAP_IPC_LOCK). */
void mlock_set_capable(bool (*capable)(void));

/* can_do_mlock - may current lock anything?  mlock_future_check - @len bytes
 * more with flags @vm_flags: 0 or -EAGAIN. */
bool can_do_mlock(void);
int mlock_future_check(struct mm_struct *mm, unsigned long vm_flags,
		       unsigned long len);
