/*
 * system.c - doors: the system's names and numbers, its log, its end;
 * limits, usage, and attributes of a process.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <abi/random.h>
#include <abi/reboot.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/base/random.h>
#include <kernel/base/utsname.h>
#include <kernel/drivers/tty/tty.h>
#include <kernel/lib/macros.h>
#include <kernel/process/prctl.h>
#include <kernel/process/reboot.h>
#include <kernel/process/rlimit.h>
#include <kernel/process/rusage.h>
#include <kernel/process/sysinfo.h>
#include <kernel/process/syslog.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>
#include <syscalls/args.h>
#include <syscalls/decode.h>

#define RANDOM_CHUNK 256

void syscalls_init(void)
{
	args_init();
	syscall_decode_init();
	syslog_init();
}

long sys_uname(struct new_utsname __user *name)
{
	struct new_utsname uts;

	uts_get(&uts);
	if (current->personality & UNAME26)
		__builtin_memcpy(uts.release, "2.6.60", sizeof("2.6.60"));
	return copy_to_user(name, &uts, sizeof(uts)) ? -EFAULT : 0;
}

/* sethostname(2), setdomainname(2): EPERM, EINVAL, EFAULT in that order */
static long set_name(const char __user *name, int len,
		     void (*set)(const char *name, size_t len))
{
	char copy[__NEW_UTS_LEN];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(copy, name, (size_t)len))
		return -EFAULT;
	set(copy, (size_t)len);
	return 0;
}

long sys_sethostname(char __user *name, int len)
{
	return set_name(name, len, uts_set_nodename);
}

long sys_setdomainname(char __user *name, int len)
{
	return set_name(name, len, uts_set_domainname);
}

long sys_sysinfo(struct sysinfo __user *info)
{
	struct sysinfo out;

	do_sysinfo(&out);
	return copy_to_user(info, &out, sizeof(out)) ? -EFAULT : 0;
}

/* The three actions that give text; the others take no buffer. */
static long syslog_text(int type, char __user *buf, int len)
{
	char *text;
	long ret;

	if (!buf || len < 0)
		return -EINVAL;
	if (!len)
		return 0;
	if (!access_ok(buf, (unsigned long)len))
		return -EFAULT;
	len = (int)min((size_t)len, log_size_buffer());
	text = vmalloc((size_t)len);
	if (!text)
		return -ENOMEM;
	ret = do_syslog(type, text, len);
	if (ret > 0 && copy_to_user(buf, text, (unsigned long)ret))
		ret = -EFAULT;
	vfree(text);
	return ret;
}

long sys_syslog(int type, char __user *buf, int len)
{
	int err;

	if (type != SYSLOG_ACTION_READ && type != SYSLOG_ACTION_READ_ALL &&
	    type != SYSLOG_ACTION_READ_CLEAR)
		return do_syslog(type, NULL, len);
	err = check_syslog_permissions(type);
	return err ? err : syslog_text(type, buf, len);
}

long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg)
{
	char command[256];
	long len;

	if (cmd != LINUX_REBOOT_CMD_RESTART2)
		return ksys_reboot((u32)magic1, (u32)magic2, cmd, NULL);
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	len = strncpy_from_user(command, arg, sizeof(command) - 1);
	if (len < 0)
		return -EFAULT;
	command[sizeof(command) - 1] = '\0';
	return ksys_reboot((u32)magic1, (u32)magic2, cmd, command);
}

/* Wait until the generator has been seeded; looked at ten times a second. */
static int wait_for_random(void)
{
	while (!random_ready()) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		(void)schedule_timeout_interruptible_ns(NSEC_PER_SEC / 10);
	}
	return 0;
}

long sys_getrandom(char __user *buf, size_t count, unsigned int flags)
{
	u8 chunk[RANDOM_CHUNK];
	size_t done = 0;
	size_t n;
	int err;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & GRND_RANDOM) && (flags & GRND_INSECURE))
		return -EINVAL;
	if (!(flags & GRND_INSECURE) && !random_ready()) {
		if (flags & GRND_NONBLOCK)
			return -EAGAIN;
		err = wait_for_random();
		if (err)
			return err;
	}
	count = min(count, (size_t)INT_MAX);
	while (done < count) {
		n = min(count - done, sizeof(chunk));
		get_random_bytes(chunk, n);
		n -= copy_to_user(buf + done, chunk, n);
		if (!n)
			break;
		done += n;
		/* getrandom(2): a large request may be cut by a signal */
		if (done % PAGE_SIZE == 0) {
			if (signal_pending(current))
				break;
			(void)cond_resched();
		}
	}
	__builtin_memset(chunk, 0, sizeof(chunk));
	return done || !count ? (long)done : -EFAULT;
}

long sys_prctl(int option, unsigned long arg2, unsigned long arg3,
	       unsigned long arg4, unsigned long arg5)
{
	return ksys_prctl(option, arg2, arg3, arg4, arg5);
}

long sys_arch_prctl(int option, unsigned long arg2)
{
	return do_arch_prctl_64(current, option, arg2);
}

long sys_personality(unsigned int personality)
{
	return ksys_personality(personality);
}

long sys_prlimit64(pid_t pid, unsigned int resource,
		   const struct rlimit64 __user *new_rlim,
		   struct rlimit64 __user *old_rlim)
{
	struct rlimit64 new;
	struct rlimit64 old;
	int err;

	if (new_rlim && copy_from_user(&new, new_rlim, sizeof(new)))
		return -EFAULT;
	err = ksys_prlimit64(pid, resource, new_rlim ? &new : NULL,
			     old_rlim ? &old : NULL);
	if (err || !old_rlim)
		return err;
	return copy_to_user(old_rlim, &old, sizeof(old)) ? -EFAULT : 0;
}

/* rlimit and rlimit64 are the same on 64 bits. */
long sys_getrlimit(unsigned int resource, struct rlimit __user *rlim)
{
	struct rlimit64 old;
	int err = do_prlimit(current, resource, NULL, &old);

	if (err)
		return err;
	return copy_to_user(rlim, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_setrlimit(unsigned int resource, struct rlimit __user *rlim)
{
	struct rlimit64 new;

	if (copy_from_user(&new, rlim, sizeof(new)))
		return -EFAULT;
	return do_prlimit(current, resource, &new, NULL);
}

long sys_getrusage(int who, struct rusage __user *ru)
{
	struct rusage out;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
	    who != RUSAGE_THREAD)
		return -EINVAL;
	getrusage(current, who, &out);
	return copy_to_user(ru, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_vhangup(void)
{
	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty_vhangup_self();
	return 0;
}
