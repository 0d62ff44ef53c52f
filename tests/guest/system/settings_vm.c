/*
 * /proc/sys/vm and a few beside it: dirty limits, reserves, layout, mounts;
 * and the permissions of all the settings there are, proc(5).
 */
#include "system/settings.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

static char saved[100];

static int set_number(const char *name, long value)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld", value);
	return set(name, number);
}

static int is(const char *name, long value)
{
	const char *now = get(name);

	return *now && atol(now) == value;
}

/* NAME takes VALUE; its old value comes back. */
static int takes(const char *name, long value)
{
	int good;

	strncpy(saved, get(name), sizeof(saved) - 1);
	good = !set_number(name, value) && is(name, value);
	return set(name, saved) ? 0 : good;
}

static void dirty(void)
{
	ok(is("vm/dirty_ratio", 20) && is("vm/dirty_bytes", 0) &&
		   is("vm/dirty_background_ratio", 10) &&
		   is("vm/dirty_background_bytes", 0),
	   "dirty limits are ratios at first");
	ok(!set("vm/dirty_bytes", "1048576") && is("vm/dirty_ratio", 0) &&
		   is("vm/dirty_bytes", 1048576),
	   "bytes put the ratio to 0");
	ok(!set("vm/dirty_ratio", "20") && is("vm/dirty_bytes", 0),
	   "and the other way round");
	ok(!set("vm/dirty_background_bytes", "4096") &&
		   is("vm/dirty_background_ratio", 0) &&
		   !set("vm/dirty_background_ratio", "10") &&
		   is("vm/dirty_background_bytes", 0),
	   "for the background, too");
	ok(refuses("vm/dirty_bytes", "0") &&
		   refuses("vm/dirty_bytes", "8191") &&
		   refuses("vm/dirty_background_bytes", "0") &&
		   refuses("vm/dirty_ratio", "101"),
	   "neither too few nor too many");
}

/* --- reserves ------------------------------------------------------------- */

static long room;

static long meminfo(const char *name)
{
	char *at = strstr(file_text("/proc/meminfo", text, sizeof(text)), name);

	return at ? atol(at + strlen(name) + 1) : -1;
}

static int maps_most(void)
{
	return mmap(NULL, room / 10 * 7 << 10, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		       ? 3
		       : 4;
}

static void reserves(void)
{
	long admin = atol(get("vm/admin_reserve_kbytes"));
	long user = atol(get("vm/user_reserve_kbytes"));

	ok(admin > 1000 && admin <= 8192 && user > 1000 && user <= 131072,
	   "admin_reserve_kbytes, user_reserve_kbytes: 3 % of what was free");
	set("vm/overcommit_memory", "2");
	room = meminfo("CommitLimit") - meminfo("Committed_AS");
	set("vm/admin_reserve_kbytes", "0");
	ok(in_child_as(STUDENT, maps_most) == 4, "without a reserve: mapped");
	set_number("vm/admin_reserve_kbytes", room / 2);
	ok(in_child_as(STUDENT, maps_most) == 3, "with one: ENOMEM");
	ok(in_child(maps_most) == 4, "but for root");
	set("vm/overcommit_memory", "0");
	set_number("vm/admin_reserve_kbytes", admin);
	ok(takes("vm/user_reserve_kbytes", 5) &&
		   refuses("vm/user_reserve_kbytes", "-1"),
	   "user_reserve_kbytes");
	ok(takes("vm/min_free_kbytes", 4096) &&
		   refuses("vm/min_free_kbytes", "-1"),
	   "min_free_kbytes");
}

/* --- layout --------------------------------------------------------------- */

static int where(void)
{
	execl("/proc/self/exe", "settings_vm", "where", NULL);
	return 9;
}

static void layout(void)
{
	ok(in_child(where) == 4, "mappings go down from the stack");
	set("vm/legacy_va_layout", "1");
	ok(in_child(where) == 3, "legacy_va_layout: up from a third");
	set("vm/legacy_va_layout", "0");
	ok(takes("vm/mmap_rnd_bits", 32) && refuses("vm/mmap_rnd_bits", "27") &&
		   refuses("vm/mmap_rnd_bits", "33"),
	   "mmap_rnd_bits: 28 to 32");
	set("vm/mmap_rnd_bits", "32");
	ok(in_child(where) == 4, "obeyed: programs still start");
	set("vm/mmap_rnd_bits", "28");
}

static void others(void)
{
	long max = atol(get("fs/mount-max"));

	ok(max == 100000 && refuses("fs/mount-max", "0"), "mount-max");
	set("fs/mount-max", "1");
	ok_errno(mount("none", "/mnt", "tmpfs", 0, NULL), ENOSPC,
		 "one mount too many: ENOSPC");
	ok_errno(mount("/tmp", "/mnt", NULL, MS_BIND, NULL), ENOSPC,
		 "a bind too");
	set_number("fs/mount-max", max);
	ok(!mount("none", "/mnt", "tmpfs", 0, NULL) && !umount("/mnt"),
	   "else there is room");
	ok(takes("kernel/overflowuid", 99) && takes("kernel/overflowgid", 0) &&
		   takes("fs/overflowuid", 65535) &&
		   takes("fs/overflowgid", 1) &&
		   refuses("fs/overflowuid", "65536") &&
		   refuses("kernel/overflowgid", "-1"),
	   "overflowuid, overflowgid: 16 bits");
	ok(takes("debug/exception-trace", 0), "exception-trace");
	ok(!set("kernel/random/urandom_min_reseed_secs", "7") &&
		   is("kernel/random/urandom_min_reseed_secs", 60) &&
		   !set("kernel/random/write_wakeup_threshold", "7") &&
		   is("kernel/random/write_wakeup_threshold", 256),
	   "random: two that may be written and stay");
}

/* --- who kills whom ------------------------------------------------------- */

static long kib_of_hog;

static int holds_memory(void)
{
	char *map = mmap(NULL, kib_of_hog << 10, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	need(map != MAP_FAILED);
	raise(SIGSTOP);
	return 5;
}

static int eats_memory(void)
{
	long i;

	for (i = 0; i < 1 << 20; i++) {
		char *map =
			mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (map == MAP_FAILED)
			return 1;
		*map = 1;
	}
	return 2;
}

/* The program that most others run stays in memory, so that who looks around
 * once a second, as timeout(1) does, asks for none and is not who is killed. */
static void hold_busybox(void)
{
	int fd = open("/bin/busybox", O_RDONLY);
	struct stat stat;
	void *text;

	if (fd < 0 || fstat(fd, &stat))
		bail("/bin/busybox");
	text = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (text == MAP_FAILED || mlock(text, stat.st_size))
		bail("mlock");
	close(fd);
}

static void allocating_task(void)
{
	pid_t hog;
	int status;

	hold_busybox();
	kib_of_hog = meminfo("MemAvailable") * 6 / 10;
	hog = start_child(holds_memory);
	waitpid(hog, &status, WUNTRACED);
	set("vm/oom_kill_allocating_task", "1");
	ok(in_child(eats_memory) == 128 + SIGKILL,
	   "oom_kill_allocating_task: who asks is killed");
	set("vm/oom_kill_allocating_task", "0");
	kill(hog, SIGCONT);
	ok(exit_code(hog) == 5, "not who has more");
}

/* --- permissions ---------------------------------------------------------- */

static const struct {
	int mode;
	const char *names; /* below kernel, vm, fs by the word before */
} modes[] = {
	{0444, "kernel/arch kernel/cap_last_cap kernel/ngroups_max "
	       "kernel/osrelease kernel/ostype kernel/version kernel/pty/nr "
	       "kernel/random/boot_id kernel/random/entropy_avail "
	       "kernel/random/poolsize kernel/random/uuid fs/file-nr "
	       "fs/inode-nr fs/inode-state"},
	{0600, "vm/mmap_rnd_bits"},
	{0200, "vm/drop_caches"},
	{0666, "kernel/ns_last_pid"},
	{0644, "kernel/hostname kernel/domainname kernel/dmesg_restrict "
	       "kernel/kptr_restrict kernel/panic kernel/pid_max "
	       "kernel/printk kernel/pty/max kernel/pty/reserve "
	       "kernel/randomize_va_space kernel/sched_rr_timeslice_ms "
	       "kernel/sched_rt_period_us kernel/sched_rt_runtime_us "
	       "kernel/threads-max kernel/overflowuid "
	       "kernel/random/urandom_min_reseed_secs vm/dirty_bytes "
	       "vm/dirty_ratio vm/dirty_expire_centisecs vm/mmap_min_addr "
	       "vm/dirty_writeback_centisecs vm/max_map_count "
	       "vm/overcommit_kbytes vm/overcommit_memory "
	       "vm/overcommit_ratio vm/min_free_kbytes fs/file-max fs/nr_open "
	       "fs/pipe-max-size fs/pipe-user-pages-hard "
	       "fs/pipe-user-pages-soft fs/protected_fifos "
	       "fs/protected_hardlinks fs/protected_regular "
	       "fs/protected_symlinks fs/suid_dumpable fs/mount-max "
	       "fs/epoll/max_user_watches"},
};

static int mode_is(const char *name, int mode)
{
	struct stat st;
	char path[80];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if (!stat(path, &st) && S_ISREG(st.st_mode) && !st.st_uid &&
	    !st.st_gid && (int)(st.st_mode & 07777) == mode)
		return 1;
	tap_line("# %s: %o\n", name, st.st_mode);
	return 0;
}

static void permissions(void)
{
	char names[2048];
	char rule[40];
	char *name;
	size_t i;
	int good;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		strcpy(names, modes[i].names);
		good = 1;
		for (name = strtok(names, " "); name; name = strtok(NULL, " "))
			good &= mode_is(name, modes[i].mode);
		snprintf(rule, sizeof(rule), "settings of mode %o",
			 modes[i].mode);
		ok(good, rule);
	}
}

int main(int argc, char **argv)
{
	void *map =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc > 1 && !strcmp(argv[1], "where"))
		return (unsigned long)map < 0x400000000000 ? 3 : 4;
	dirty();
	reserves();
	layout();
	others();
	permissions();
	allocating_task();
	return done_testing();
}
