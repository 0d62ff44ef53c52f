/*
 * What sysinfo(2) tells.
 *
 * Entry points: do_sysinfo.
 */
#pragma once

#include <abi/sysinfo.h>

/* do_sysinfo - fill *@info, padding included; memory in bytes. */
void do_sysinfo(struct sysinfo *info);
