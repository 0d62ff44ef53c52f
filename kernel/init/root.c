/*
 * root.c - from root= to a mounted file system, and from there to PID 1.
 *
 * With an archive from the loader the first root is the tmpfs it was
 * unpacked into, and rdinit= (or /init) is PID 1; else, or when the archive
 * has no such program, root= is mounted on /root and moved over "/".
 *
 * Entry points: kernel_init, mount_root.
 */
#include <kernel/init/init.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/mount.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/open.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/smp.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/drivers/bus/device.h>
#include <kernel/drivers/char/char.h>
#include <kernel/drivers/tty/tty.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>
#include <kernel/process/exec.h>
#include <kernel/process/kthread.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/completion.h>
#include <kernel/time/clock.h>
#include <kernel/types/time.h>

#define ROOT_DELAY_STEP_NS (100 * NSEC_PER_MSEC)

static const char *init_argv[INIT_ARGS_MAX + 2];
static const char *init_env[INIT_ARGS_MAX + 3] = {
	"HOME=/",
	"TERM=linux",
};

/* The device root= names, after rootdelay= or rootwait. */
static dev_t find_root_device(const char *name)
{
	long delay = cmdline_get_int("rootdelay", 0);
	bool wait = cmdline_has("rootwait");
	dev_t dev;

	if (delay > 0)
		schedule_timeout_uninterruptible_ns(delay * NSEC_PER_SEC);
	for (;;) {
		dev = name_to_dev_t(name);
		if (dev || !wait)
			return dev;
		schedule_timeout_uninterruptible_ns(ROOT_DELAY_STEP_NS);
	}
}

/*
 * mount_root - see init.h.  ro unless rw is the last of the two, as Linux.
 */
void mount_root(void)
{
	const char *name = cmdline_get("root");
	const char *type = cmdline_get("rootfstype");
	const char *options = cmdline_get("rootflags");
	unsigned long flags = cmdline_last_of("ro", "rw") == 2 ? 0 : MS_RDONLY;
	dev_t dev;
	int err;

	if (!name || !*name) {
		bdev_list_all();
		panic("VFS: no root= on the command line and no initramfs");
	}
	dev = find_root_device(name);
	if (!dev) {
		bdev_list_all();
		panic("VFS: Unable to mount root fs: root=%s: no such device",
		      name);
	}
	(void)do_mkdirat(AT_FDCWD, "/root", 0700);
	err = mount_block_root(dev, "/root", type, flags, (void *)options);
	if ((err == -EACCES || err == -EROFS) && !(flags & MS_RDONLY)) {
		/* A disk that cannot be written is still a root. */
		flags |= MS_RDONLY;
		err = mount_block_root(dev, "/root", type, flags,
				       (void *)options);
	}
	if (err) {
		bdev_list_all();
		panic("VFS: Unable to mount root fs on %s (%u:%u) as %s: "
		      "error %d%s",
		      name, MAJOR(dev), MINOR(dev), type ? type : "ext2", err,
		      err == -EINVAL ? " (no file system that Tine knows)"
				     : "");
	}
	err = mount_move_root("/root");
	if (err)
		panic("VFS: cannot move the root to /: error %d", err);
	if (do_mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) == 0)
		pr_info("devtmpfs: mounted\n");
	pr_info("VFS: Mounted root (%u:%u) %s\n", MAJOR(dev), MINOR(dev),
		flags & MS_RDONLY ? "readonly" : "read-write");
}

/* Descriptors 0, 1 and 2 of PID 1. */
static void console_on_rootfs(void)
{
	struct file *file = filp_open("/dev/console", O_RDWR, 0);
	int fd, i;

	if (IS_ERR(file)) {
		pr_warn("Warning: unable to open an initial console.\n");
		return;
	}
	for (i = 0; i < 3; i++) {
		fd = get_unused_fd_flags(0);
		if (fd >= 0)
			fd_install(fd, get_file(file));
	}
	fput(file);
}

static int run_init(const char *path)
{
	init_argv[0] = path;
	pr_info("Run %s as init process\n", path);
	return kernel_execve(path, init_argv, init_env);
}

/* Is there such a program?  Tells an absent /init from a broken one. */
static bool init_exists(const char *name)
{
	struct path path;

	if (kern_path(name, LOOKUP_FOLLOW, &path))
		return false;
	path_put(&path);
	return true;
}

/* PID 1 becomes its program, or the kernel stops and says what it tried. */
static int exec_init(const char *ramdisk_init)
{
	static const char *const usual[] = {"/sbin/init", "/etc/init",
					    "/bin/init", "/bin/sh"};
	const char *wanted = cmdline_get("init");
	unsigned int i;
	int err;

	if (ramdisk_init) {
		err = run_init(ramdisk_init);
		if (!err)
			return 0;
		panic("Failed to execute %s (error %d)", ramdisk_init, err);
	}
	if (wanted && *wanted) {
		err = run_init(wanted);
		if (!err)
			return 0;
		panic("Requested init %s failed (error %d).", wanted, err);
	}
	for (i = 0; i < ARRAY_SIZE(usual); i++) {
		err = run_init(usual[i]);
		if (!err)
			return 0;
		if (err != -ENOENT)
			pr_err("Starting init: %s exists but couldn't execute "
			       "it (error %d)\n",
			       usual[i], err);
	}
	panic("No working init found.  Tried /sbin/init, /etc/init, /bin/init "
	      "and /bin/sh; try passing init= option to kernel.");
}

/*
 * kernel_init - PID 1: start what needs a task, find the root, become init.
 */
int kernel_init(void *unused)
{
	const char *ramdisk_init = cmdline_get("rdinit");
	unsigned int n;

	smp_boot_cpus();
	workqueue_init();
	kthread_run(flusher_thread, NULL, "kflushd");
	kthread_run(reclaim_thread, NULL, "kswapd0");
	mem_init();
	rtc_init();
	tty_init();
	drivers_init();

	if (!ramdisk_init || !*ramdisk_init)
		ramdisk_init = "/init";
	if (!initramfs_unpack() || !init_exists(ramdisk_init)) {
		ramdisk_init = NULL;
		mount_root();
	} else {
		(void)do_mkdirat(AT_FDCWD, "/dev", 0755);
		(void)do_mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	}
	console_on_rootfs();
	lock_check_run();
	(void)cmdline_get("rootfstype");
	(void)cmdline_get("rootflags");
	(void)cmdline_get("init");
	(void)cmdline_last_of("ro", "rw");
	n = cmdline_init_args(init_argv + 1, INIT_ARGS_MAX);
	init_argv[1 + n] = NULL;
	n = cmdline_init_env(init_env + 2, INIT_ARGS_MAX);
	init_env[2 + n] = NULL;
	free_initmem();
	return exec_init(ramdisk_init);
}
