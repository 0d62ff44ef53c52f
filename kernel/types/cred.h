/*
 * cred.h - who a task is: ids, groups and capabilities, credentials(7).
 *
 * A struct cred is never changed once a task points to it: whoever changes
 * one copies it (prepare_creds), edits the copy and publishes it
 * (commit_creds).  Functions: <kernel/process/cred.h>.
 */
#pragma once

#include <abi/types.h>
#include <kernel/types/refcount.h>

#define NGROUPS_MAX 65536

/* Supplementary groups, sorted; shared and never changed. */
struct group_info {
	refcount_t usage;
	int ngroups;
	gid_t gid[];
};

struct cred {
	refcount_t usage;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	unsigned int securebits;
	u64 cap_inheritable;
	u64 cap_permitted;
	u64 cap_effective;
	u64 cap_bset;
	u64 cap_ambient;
	struct group_info *group_info;
	struct user_struct *user; /* accounting of the real uid */
};
