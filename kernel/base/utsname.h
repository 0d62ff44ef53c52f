/*
 * utsname.h - the names of this system: uname(2), sethostname(2).
 *
 * Entry points: uts_get, uts_set_nodename, uts_set_domainname.
 */
#pragma once

#include <abi/utsname.h>
#include <kernel/lib/macros.h>

/* Filled by kernel/init/version.c before the first program runs. */
extern struct new_utsname init_uts;

/* uts_get - a copy that no sethostname tears. */
void uts_get(struct new_utsname *uts);

/* Set a name of at most __NEW_UTS_LEN bytes; the caller has checked @len. */
void uts_set_nodename(const char *name, size_t len);
void uts_set_domainname(const char *name, size_t len);
