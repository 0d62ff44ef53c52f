/*
 * dir.c - directories: blocks of entries, each as long as it says.
 *
 * An entry's rec_len reaches to the next one or to the block's end, so a
 * removed entry's room goes to the one before it.  Nothing of a block is
 * believed before check_entry has seen it; a damaged block is reported and
 * passed over.  Blocks are buffers of the device, as all metadata.
 *
 * Locks: dir->i_rwsem, shared to look, exclusive to change.
 *
 * Entry points: ext2_find_entry, ext2_add_link, ext2_delete_entry,
 * ext2_set_link, ext2_make_empty, ext2_empty_dir, ext2_dir_fops.
 */
#include <fs/ext2/internal.h>

#include <abi/dirent.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <kernel/lib/string.h>

static const u8 type_by_mode[16] = {
	[S_IFREG >> 12] = EXT2_FT_REG_FILE, [S_IFDIR >> 12] = EXT2_FT_DIR,
	[S_IFCHR >> 12] = EXT2_FT_CHRDEV,   [S_IFBLK >> 12] = EXT2_FT_BLKDEV,
	[S_IFIFO >> 12] = EXT2_FT_FIFO,	    [S_IFSOCK >> 12] = EXT2_FT_SOCK,
	[S_IFLNK >> 12] = EXT2_FT_SYMLINK,
};

static const u8 dirent_by_type[EXT2_FT_MAX] = {
	[EXT2_FT_UNKNOWN] = DT_UNKNOWN, [EXT2_FT_REG_FILE] = DT_REG,
	[EXT2_FT_DIR] = DT_DIR,		[EXT2_FT_CHRDEV] = DT_CHR,
	[EXT2_FT_BLKDEV] = DT_BLK,	[EXT2_FT_FIFO] = DT_FIFO,
	[EXT2_FT_SOCK] = DT_SOCK,	[EXT2_FT_SYMLINK] = DT_LNK,
};

static u32 dir_blocks(const struct inode *dir)
{
	return (u32)(i_size_read(dir) >> dir->i_sb->s_blocksize_bits);
}

/* Block @lblock of @dir, referenced; NULL and *@err: -EIO, 0 for a hole. */
static struct buffer_head *dir_bread(struct inode *dir, u32 lblock, int *err)
{
	struct buffer_head *bh;
	u32 pblk;
	int ret;

	ret = ext2_map_blocks(dir, lblock, 1, &pblk);
	*err = ret < 0 ? ret : 0;
	if (ret <= 0)
		return NULL;
	bh = sb_bread(dir->i_sb, pblk);
	if (!bh)
		*err = -EIO;
	return bh;
}

static struct ext2_dir_entry *entry_at(const struct buffer_head *bh, u32 offset)
{
	return (struct ext2_dir_entry *)(bh->b_data + offset);
}

/* Is what lies at @offset an entry?  Complains if not. */
static bool check_entry(struct inode *dir, const struct buffer_head *bh,
			u32 offset)
{
	const struct ext2_dir_entry *de = entry_at(bh, offset);
	const char *reason = NULL;

	if (offset + EXT2_MIN_REC_LEN > bh->b_size)
		reason = "entry crosses the end of the block";
	else if (de->rec_len < EXT2_MIN_REC_LEN)
		reason = "rec_len is too small";
	else if (de->rec_len & 3)
		reason = "rec_len is not aligned";
	else if (de->rec_len < EXT2_DIR_REC_LEN(de->name_len))
		reason = "rec_len is too small for name_len";
	else if (de->rec_len > bh->b_size - offset)
		reason = "entry crosses the end of the block";
	else if (de->inode > EXT2_SB(dir->i_sb)->inodes_count)
		reason = "inode out of bounds";
	if (!reason)
		return true;
	ext2_error(dir->i_sb, "ext2_check_entry",
		   "bad entry in directory #%llu: %s - block=%llu, offset=%u",
		   dir->i_ino, reason, bh->b_blocknr, offset);
	return false;
}

static bool name_matches(const struct ext2_dir_entry *de,
			 const struct qstr *name)
{
	return de->inode && de->name_len == name->len &&
	       memcmp(de->name, name->name, name->len) == 0;
}

/* Look for @name in one block.  1: found, @entry filled but for bh. */
static int search_block(struct inode *dir, struct buffer_head *bh,
			const struct qstr *name, struct ext2_entry *entry)
{
	u32 offset;

	entry->prev = NULL;
	for (offset = 0; offset < bh->b_size;) {
		if (!check_entry(dir, bh, offset))
			return -EFSCORRUPTED;
		entry->de = entry_at(bh, offset);
		if (name_matches(entry->de, name))
			return 1;
		entry->prev = entry->de;
		offset += entry->de->rec_len;
	}
	return 0;
}

int ext2_find_entry(struct inode *dir, const struct qstr *name,
		    struct ext2_entry *entry)
{
	struct ext2_inode_info *ei = EXT2_I(dir);
	u32 nr = dir_blocks(dir);
	u32 start = READ_ONCE(ei->dir_start);
	u32 lblock;
	u32 i;
	int damaged = 0;
	int err;

	if (name->len > EXT2_NAME_LEN)
		return -ENOENT;
	if (start >= nr)
		start = 0;
	/* Begin where the last search ended: names are used in order. */
	for (i = 0; i < nr; i++) {
		lblock = start + i < nr ? start + i : start + i - nr;
		entry->bh = dir_bread(dir, lblock, &err);
		if (!entry->bh) {
			damaged = damaged ? damaged : err;
			continue;
		}
		err = search_block(dir, entry->bh, name, entry);
		if (err > 0) {
			entry->lblock = lblock;
			WRITE_ONCE(ei->dir_start, lblock);
			return 0;
		}
		brelse(entry->bh);
		damaged = damaged ? damaged : err;
	}
	/* Do not say that a name is free when we could not look. */
	return damaged ? damaged : -ENOENT;
}

int ext2_inode_by_name(struct inode *dir, const struct qstr *name, u64 *ino)
{
	struct ext2_entry entry;
	int err;

	err = ext2_find_entry(dir, name, &entry);
	if (err)
		return err;
	*ino = entry.de->inode;
	brelse(entry.bh);
	return 0;
}

static void set_type(const struct inode *dir, struct ext2_dir_entry *de,
		     const struct inode *inode)
{
	de->file_type = ext2_has_filetype(EXT2_SB(dir->i_sb))
				? type_by_mode[inode->i_mode >> 12]
				: 0;
}

static bool dir_is_sync(const struct inode *dir)
{
	return (dir->i_flags & S_SYNC) ||
	       (dir->i_sb->s_flags & (SB_SYNCHRONOUS | SB_DIRSYNC)) ||
	       (EXT2_I(dir)->i_flags & EXT2_DIRSYNC_FL);
}

/* A block of @dir was changed. */
static void commit_block(struct inode *dir, struct buffer_head *bh,
			 bool update_times)
{
	mark_buffer_dirty(bh);
	if (dir_is_sync(dir))
		(void)sync_dirty_buffer(bh);
	if (update_times) {
		dir->i_mtime = current_time(dir);
		dir->i_ctime = dir->i_mtime;
	}
	/* e2fsck would rebuild the index that is no longer true. */
	EXT2_I(dir)->i_flags &= ~(u32)EXT2_INDEX_FL;
	mark_inode_dirty(dir);
}

/* Write @name for @inode at the free place @de of @room bytes. */
static void write_entry(struct inode *dir, struct ext2_dir_entry *de, u32 room,
			const struct qstr *name, const struct inode *inode)
{
	de->rec_len = (u16)room;
	de->name_len = (u8)name->len;
	memcpy(de->name, name->name, name->len);
	set_type(dir, de, inode);
	de->inode = (u32)inode->i_ino;
}

/* Put the entry into @bh.  0, -EEXIST, -ENOSPC: no room in this block. */
static int add_to_block(struct inode *dir, struct buffer_head *bh,
			const struct qstr *name, struct inode *inode)
{
	u32 needed = EXT2_DIR_REC_LEN(name->len);
	struct ext2_dir_entry *place = NULL;
	struct ext2_dir_entry *de;
	u32 used = 0;
	u32 offset;

	for (offset = 0; offset < bh->b_size; offset += de->rec_len) {
		if (!check_entry(dir, bh, offset))
			return -EFSCORRUPTED;
		de = entry_at(bh, offset);
		if (name_matches(de, name))
			return -EEXIST;
		if (place)
			continue;
		used = de->inode ? EXT2_DIR_REC_LEN(de->name_len) : 0;
		if (de->rec_len - used >= needed)
			place = de;
	}
	if (!place)
		return -ENOSPC;

	/* Split what is in use from what is free behind it. */
	used = place->inode ? EXT2_DIR_REC_LEN(place->name_len) : 0;
	if (used) {
		de = (struct ext2_dir_entry *)((char *)place + used);
		write_entry(dir, de, place->rec_len - used, name, inode);
		place->rec_len = (u16)used;
	} else {
		write_entry(dir, place, place->rec_len, name, inode);
	}
	return 0;
}

/* A further block for @dir with one free entry, on disk; or NULL. */
static struct buffer_head *append_block(struct inode *dir, int *err)
{
	u32 lblock = dir_blocks(dir);
	struct buffer_head *bh;
	bool fresh;
	u32 pblk;
	int ret;

	ret = ext2_map_create(dir, lblock, 1, &pblk, &fresh);
	if (ret < 0) {
		*err = ret;
		return NULL;
	}
	bh = sb_getblk_zero(dir->i_sb, pblk);
	*err = -ENOMEM;
	if (bh) {
		entry_at(bh, 0)->rec_len = (u16)bh->b_size;
		mark_buffer_dirty(bh);
		*err = sync_dirty_buffer(bh);
	}
	if (*err) {
		brelse(bh);
		ext2_truncate_blocks(dir, i_size_read(dir));
		return NULL;
	}
	i_size_write(dir, i_size_read(dir) + dir->i_sb->s_blocksize);
	mark_inode_dirty(dir);
	return bh;
}

/* The name stands in @bh now: remember it until the inode is written. */
static void note_new_name(struct inode *inode, const struct buffer_head *bh)
{
	WRITE_ONCE(EXT2_I(inode)->dirent_block, (u32)bh->b_blocknr);
}

int ext2_add_link(struct dentry *dentry, struct inode *inode)
{
	struct inode *dir = d_inode(dentry->d_parent);
	const struct qstr *name = &dentry->d_name;
	u32 nr = dir_blocks(dir);
	struct buffer_head *bh;
	u32 lblock;
	int err;

	if (name->len > EXT2_NAME_LEN)
		return -ENAMETOOLONG;
	/* Blocks before dir_room were full; a removal moves it back. */
	for (lblock = EXT2_I(dir)->dir_room; lblock < nr; lblock++) {
		bh = dir_bread(dir, lblock, &err);
		if (err)
			return err;
		if (!bh)
			continue;
		err = add_to_block(dir, bh, name, inode);
		if (err != -ENOSPC)
			goto done;
		brelse(bh);
	}
	bh = append_block(dir, &err);
	if (!bh)
		return err;
	err = add_to_block(dir, bh, name, inode);
done:
	if (!err) {
		EXT2_I(dir)->dir_room = lblock;
		note_new_name(inode, bh);
		commit_block(dir, bh, true);
	}
	brelse(bh);
	return err;
}

void ext2_delete_entry(struct inode *dir, struct ext2_entry *entry)
{
	struct ext2_dir_entry *de = entry->de;

	if (entry->prev)
		entry->prev->rec_len =
			(u16)((char *)de + de->rec_len - (char *)entry->prev);
	de->inode = 0;
	EXT2_I(dir)->dir_room = min(EXT2_I(dir)->dir_room, entry->lblock);
	commit_block(dir, entry->bh, true);
}

void ext2_set_link(struct inode *dir, struct ext2_entry *entry,
		   struct inode *inode, bool update_times)
{
	entry->de->inode = (u32)inode->i_ino;
	set_type(dir, entry->de, inode);
	note_new_name(inode, entry->bh);
	commit_block(dir, entry->bh, update_times);
}

int ext2_make_empty(struct inode *inode, struct inode *parent)
{
	static const struct qstr dot = {.name = ".", .len = 1};
	static const struct qstr dotdot = {.name = "..", .len = 2};
	struct buffer_head *bh;
	u32 first = EXT2_DIR_REC_LEN(1);
	int err;

	bh = append_block(inode, &err);
	if (!bh)
		return err;
	write_entry(inode, entry_at(bh, 0), first, &dot, inode);
	write_entry(inode, entry_at(bh, first), bh->b_size - first, &dotdot,
		    parent);
	mark_buffer_dirty(bh);
	err = sync_dirty_buffer(bh);
	brelse(bh);
	return err;
}

/* Is this entry one that an empty directory has? */
static bool is_dot_entry(const struct inode *dir,
			 const struct ext2_dir_entry *de)
{
	if (!de->inode)
		return true;
	if (de->name[0] != '.' || de->name_len > 2)
		return false;
	if (de->name_len == 1)
		return de->inode == dir->i_ino;
	return de->name[1] == '.';
}

int ext2_empty_dir(struct inode *inode)
{
	u32 nr = dir_blocks(inode);
	struct buffer_head *bh;
	u32 lblock;
	u32 offset;
	int err;

	for (lblock = 0; lblock < nr; lblock++) {
		bh = dir_bread(inode, lblock, &err);
		if (err)
			return err;
		for (offset = 0; bh && offset < bh->b_size;
		     offset += entry_at(bh, offset)->rec_len) {
			if (!check_entry(inode, bh, offset) ||
			    !is_dot_entry(inode, entry_at(bh, offset))) {
				brelse(bh);
				return 0;
			}
		}
		brelse(bh);
	}
	return 1;
}

int ext2_sync_dir(struct inode *dir)
{
	u32 nr = dir_blocks(dir);
	struct buffer_head *bh;
	u32 lblock;
	u32 pblk;
	int ret = 0;
	int err;

	for (lblock = 0; lblock < nr; lblock++) {
		err = ext2_map_blocks(dir, lblock, 1, &pblk);
		if (err <= 0) {
			ret = ret ? ret : err;
			continue;
		}
		bh = sb_find_get_block(dir->i_sb, pblk);
		if (!bh)
			continue;
		err = sync_dirty_buffer(bh);
		brelse(bh);
		ret = ret ? ret : err;
	}
	return ret;
}

static unsigned int entry_dtype(const struct inode *dir,
				const struct ext2_dir_entry *de)
{
	if (!ext2_has_filetype(EXT2_SB(dir->i_sb)) ||
	    de->file_type >= EXT2_FT_MAX)
		return DT_UNKNOWN;
	return dirent_by_type[de->file_type];
}

/*
 * Emit the entries of one block from @from on.  1: the reader is full; 0:
 * block done; -errno.  An entry that begins before @from is passed: names may
 * have come and gone since the position was taken.
 */
static int emit_block(struct inode *dir, struct buffer_head *bh, u32 from,
		      struct dir_context *ctx)
{
	loff_t base = ctx->pos - from;
	struct ext2_dir_entry *de;
	u32 offset;

	for (offset = 0; offset < bh->b_size; offset += de->rec_len) {
		if (!check_entry(dir, bh, offset))
			return -EFSCORRUPTED;
		de = entry_at(bh, offset);
		if (offset < from || !de->inode)
			continue;
		ctx->pos = base + offset;
		if (!dir_emit(ctx, de->name, de->name_len, de->inode,
			      entry_dtype(dir, de)))
			return 1;
		ctx->pos += de->rec_len;
	}
	return 0;
}

static int ext2_iterate(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);
	u32 bits = dir->i_sb->s_blocksize_bits;
	u32 mask = (u32)dir->i_sb->s_blocksize - 1;
	struct buffer_head *bh;
	u32 lblock;
	int err;

	while (ctx->pos < i_size_read(dir)) {
		lblock = (u32)(ctx->pos >> bits);
		bh = dir_bread(dir, lblock, &err);
		if (bh) {
			err = emit_block(dir, bh, (u32)ctx->pos & mask, ctx);
			brelse(bh);
			if (err > 0)
				return 0;
		}
		/* Past a damaged block, the rest can still be listed. */
		ctx->pos = ((loff_t)lblock + 1) << bits;
		if (err)
			return err;
	}
	return 0;
}

const struct file_operations ext2_dir_fops = {
	.llseek = generic_file_llseek,
	.iterate = ext2_iterate,
	.ioctl = ext2_ioctl,
	.fsync = ext2_fsync,
};
