/*
 * version.c - the banner, and uname's strings.
 *
 * Programs look at the release to know what they may use, so it is that of
 * the Linux whose interface this is.
 *
 * Entry points: version_init.
 */
#include <kernel/init/init.h>

#include <kernel/base/printk.h>
#include <kernel/base/utsname.h>
#include <kernel/lib/string.h>

#define UTS_RELEASE "6.1.0-tine"

/*
 * version_init - see init.h.
 */
void __init version_init(void)
{
	static const struct new_utsname uts = {
		.sysname = "Linux",
		.nodename = "(none)",
		.release = UTS_RELEASE,
		.version = "#1 SMP Tine",
		.machine = "x86_64",
		.domainname = "(none)",
	};

	init_uts = uts;
	pr_notice("Tine version %s (%s) (gcc %s) %s\n", uts.release, "x86_64",
		  __VERSION__, uts.version);
}
