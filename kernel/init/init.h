/*
 * init.h - the boot's last part: from drivers to PID 1.
 */
#pragma once

#include <kernel/arch/boot_info.h>

/* kernel_init - PID 1 before it is a program; never returns. */
int kernel_init(void *unused);

/* lock_check_run - debug builds: break the rule of locking that lock_check= on
 * the command line names, to show that it is watched over. */
#ifdef TINE_DEBUG
void lock_check_run(void);
#else
static inline void lock_check_run(void)
{
}
#endif

/* initramfs_reserve - remember where the loader left the archive. */
void initramfs_reserve(const struct boot_info *bi);

/* initramfs_unpack - the archive into "/", its memory given back.  True if
 * there was one.  Panics on an archive that cannot be read. */
bool initramfs_unpack(void);

/* mount_root - root= mounted as "/".  Panics, naming what was tried. */
void mount_root(void);

/*
 * gunzip - inflate a gzip stream of @size bytes at @data.
 *
 * Each piece of output goes to @flush(piece, length, cookie), which returns
 * 0 to go on.  Returns 0 and in *@used the bytes of input taken, -EINVAL for
 * a stream that is damaged, -ENOMEM, or what @flush returned.
 */
int gunzip(const void *data, size_t size, size_t *used,
	   int (*flush)(const void *piece, size_t len, void *cookie),
	   void *cookie);

/* version_init - the banner, and uname(2)'s strings. */
void version_init(void);
