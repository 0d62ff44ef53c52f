/*
 * char.h - the character devices of the machine itself.
 */
#pragma once

#include <fs/vfs/types.h>

extern const struct file_operations random_fops;
extern const struct file_operations urandom_fops;
extern const struct file_operations kmsg_fops;

/* random_dev_init - before the first open of the two above. */
void random_dev_init(void);

/* mem_init - null, zero, full, random, urandom, kmsg; once, at boot. */
void mem_init(void);

/* rtc_init - /dev/rtc0, if there is a battery clock; once, at boot. */
void rtc_init(void);
