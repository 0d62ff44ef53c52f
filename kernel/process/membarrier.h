/*
 * membarrier.h - membarrier(2).
 */
#pragma once

/* ksys_membarrier - the call: 0, the mask for MEMBARRIER_CMD_QUERY, -EINVAL
 * (not known), -EPERM (not registered).  @cpu_id counts only with
 * MEMBARRIER_CMD_FLAG_CPU in @flags.  May wait for other CPUs. */
int ksys_membarrier(int cmd, unsigned int flags, int cpu_id);
