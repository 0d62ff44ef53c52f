/*
 * utsname.c - the names of this system.
 *
 * Locks: uts_lock guards the two names that change.
 *
 * Entry points: uts_get, uts_set_nodename, uts_set_domainname.
 */
#include <kernel/base/utsname.h>

#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

static DEFINE_SPINLOCK(uts_lock, LOCK_LEAF);

struct new_utsname init_uts;

/*
 * uts_get - see utsname.h.  Any context but interrupts.
 */
void uts_get(struct new_utsname *uts)
{
	spin_lock(&uts_lock);
	*uts = init_uts;
	spin_unlock(&uts_lock);
}

static void set_name(char *field, const char *name, size_t len)
{
	assert(len <= __NEW_UTS_LEN);
	spin_lock(&uts_lock);
	memset(field, 0, __NEW_UTS_LEN + 1);
	memcpy(field, name, len);
	spin_unlock(&uts_lock);
}

/*
 * uts_set_nodename - sethostname(2) after its checks.
 */
void uts_set_nodename(const char *name, size_t len)
{
	set_name(init_uts.nodename, name, len);
}

/*
 * uts_set_domainname - setdomainname(2) after its checks.
 */
void uts_set_domainname(const char *name, size_t len)
{
	set_name(init_uts.domainname, name, len);
}
