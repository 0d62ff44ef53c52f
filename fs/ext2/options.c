/*
 * options.c - reading and showing ext2's mount options.
 *
 * Entry points: ext2_default_options, ext2_parse_options,
 * ext2_apply_options, ext2_show_options.
 */
#include <fs/ext2/options.h>

#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/printk.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>

#define ERRORS_MASK                                                            \
	(EXT2_MOUNT_ERRORS_CONT | EXT2_MOUNT_ERRORS_RO |                       \
	 EXT2_MOUNT_ERRORS_PANIC)

/* An option that is only a bit: set some, clear others. */
struct flag_option {
	const char *name;
	const char *value; /* it must have, or NULL */
	unsigned long set;
	unsigned long clear;
};

static const struct flag_option flag_options[] = {
	{"errors", "continue", EXT2_MOUNT_ERRORS_CONT, ERRORS_MASK},
	{"errors", "remount-ro", EXT2_MOUNT_ERRORS_RO, ERRORS_MASK},
	{"errors", "panic", EXT2_MOUNT_ERRORS_PANIC, ERRORS_MASK},
	{"grpid", NULL, EXT2_MOUNT_GRPID, 0},
	{"bsdgroups", NULL, EXT2_MOUNT_GRPID, 0},
	{"nogrpid", NULL, 0, EXT2_MOUNT_GRPID},
	{"sysvgroups", NULL, 0, EXT2_MOUNT_GRPID},
	{"user_xattr", NULL, EXT2_MOUNT_XATTR_USER, 0},
	{"nouser_xattr", NULL, 0, EXT2_MOUNT_XATTR_USER},
	{"minixdf", NULL, EXT2_MOUNT_MINIX_DF, 0},
	{"bsddf", NULL, 0, EXT2_MOUNT_MINIX_DF},
	{"debug", NULL, EXT2_MOUNT_DEBUG, 0},
	/* Linux takes these and does nothing: there is nothing to do. */
	{"check", "none", 0, 0},
	{"nocheck", NULL, 0, 0},
	{"nouid32", NULL, 0, 0},
	{"noquota", NULL, 0, 0},
	{"noacl", NULL, 0, 0},
	{"nobh", NULL, 0, 0},
	{"orlov", NULL, 0, 0},
	{"oldalloc", NULL, 0, 0},
	{"reservation", NULL, 0, 0},
	{"noreservation", NULL, 0, 0},
};

struct ext2_options ext2_default_options(const struct ext2_super_block *es)
{
	struct ext2_options opts = {
		.mount_opt = EXT2_MOUNT_XATTR_USER,
		.resuid = es->s_def_resuid,
		.resgid = es->s_def_resgid,
	};

	/* An image must not be able to panic us: that only mount may ask. */
	if (es->s_errors == EXT2_ERRORS_RO || es->s_errors == EXT2_ERRORS_PANIC)
		opts.mount_opt |= EXT2_MOUNT_ERRORS_RO;
	else
		opts.mount_opt |= EXT2_MOUNT_ERRORS_CONT;
	return opts;
}

struct ext2_options ext2_current_options(const struct ext2_sb_info *sbi)
{
	return (struct ext2_options){
		.mount_opt = sbi->mount_opt,
		.resuid = sbi->resuid,
		.resgid = sbi->resgid,
	};
}

void ext2_apply_options(struct ext2_sb_info *sbi,
			const struct ext2_options *opts)
{
	sbi->mount_opt = opts->mount_opt;
	sbi->resuid = opts->resuid;
	sbi->resgid = opts->resgid;
}

static bool parse_flag(const char *name, const char *value,
		       struct ext2_options *opts)
{
	const struct flag_option *o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flag_options); i++) {
		o = &flag_options[i];
		if (strcmp(o->name, name) != 0 || !o->value != !value ||
		    (value && strcmp(o->value, value) != 0))
			continue;
		opts->mount_opt &= ~o->clear;
		opts->mount_opt |= o->set;
		return true;
	}
	return false;
}

static int parse_one(const char *name, const char *value,
		     struct ext2_options *opts)
{
	u32 number;

	if (parse_flag(name, value, opts))
		return 0;
	if (!value || kstrtou32(value, 0, &number))
		return -EINVAL;
	if (strcmp(name, "resuid") == 0)
		opts->resuid = number;
	else if (strcmp(name, "resgid") == 0)
		opts->resgid = number;
	else if (strcmp(name, "sb") != 0 || number != 1)
		return -EINVAL;
	return 0;
}

int ext2_parse_options(struct super_block *sb, const char *text,
		       struct ext2_options *opts)
{
	char *copy;
	char *cursor;
	char *name;
	char *value;
	int err = 0;

	if (!text || !*text)
		return 0;
	copy = kstrdup(text);
	if (!copy)
		return -ENOMEM;
	cursor = copy;
	while (!err && (name = next_option(&cursor, ',', &value))) {
		err = parse_one(name, value, opts);
		if (err)
			pr_err("EXT2-fs (%s): error: unrecognized mount option "
			       "\"%s%s%s\" or missing value\n",
			       sb->s_id, name, value ? "=" : "",
			       value ? value : "");
	}
	kfree(copy);
	return err;
}

int ext2_show_options(struct seq_file *m, struct super_block *sb)
{
	const struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_options def = ext2_default_options(sbi->es);
	unsigned long changed = sbi->mount_opt ^ def.mount_opt;

	if (sbi->mount_opt & EXT2_MOUNT_MINIX_DF)
		seq_puts(m, ",minixdf");
	if (sbi->mount_opt & EXT2_MOUNT_GRPID)
		seq_puts(m, ",grpid");
	if (sbi->resuid != def.resuid)
		seq_printf(m, ",resuid=%u", sbi->resuid);
	if (sbi->resgid != def.resgid)
		seq_printf(m, ",resgid=%u", sbi->resgid);
	if (changed & ERRORS_MASK)
		seq_puts(m, sbi->mount_opt & EXT2_MOUNT_ERRORS_PANIC
				    ? ",errors=panic"
			    : sbi->mount_opt & EXT2_MOUNT_ERRORS_RO
				    ? ",errors=remount-ro"
				    : ",errors=continue");
	if (sbi->mount_opt & EXT2_MOUNT_DEBUG)
		seq_puts(m, ",debug");
	if (!(sbi->mount_opt & EXT2_MOUNT_XATTR_USER))
		seq_puts(m, ",nouser_xattr");
	return 0;
}
