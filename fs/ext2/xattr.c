/*
 * xattr.c - extended attributes, in one block of their own per inode.
 *
 * The block has a header, then entries growing upward (sorted by index,
 * length, name; the list ends with four zero bytes), and values growing down
 * from its end.  A change builds the whole new block in memory; a block that
 * several inodes share is copied then.  Names are user., trusted. and
 * security.; ACLs are not supported.
 *
 * Locks: sbi->xattr_lock around every look at or change of a block.
 *
 * Entry points: ext2_listxattr, ext2_getxattr, ext2_setxattr,
 * ext2_removexattr, ext2_xattr_delete, ext2_xattr_sync.
 */
#include <fs/ext2/internal.h>

#include <abi/capability.h>
#include <abi/xattr.h>
#include <fs/vfs/inode.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

#define XATTR_PAD   4
#define FIRST_ENTRY sizeof(struct ext2_xattr_header)

/* e_name_index */
#define INDEX_USER     1
#define INDEX_TRUSTED  4
#define INDEX_SECURITY 6

static const struct {
	const char *prefix;
	u8 index;
} prefixes[] = {
	{XATTR_USER_PREFIX, INDEX_USER},
	{XATTR_TRUSTED_PREFIX, INDEX_TRUSTED},
	{XATTR_SECURITY_PREFIX, INDEX_SECURITY},
};

static u32 entry_len(const struct ext2_xattr_entry *e)
{
	return ALIGN((u32)sizeof(*e) + e->e_name_len, (u32)XATTR_PAD);
}

static struct ext2_xattr_entry *entry_at(char *block, u32 offset)
{
	return (struct ext2_xattr_entry *)(block + offset);
}

static bool is_last(const char *block, u32 offset)
{
	u32 word;

	memcpy(&word, block + offset, sizeof(word));
	return word == 0;
}

/* Split "user.x" into index and "x"; -EOPNOTSUPP for other prefixes. */
static int split_name(struct inode *inode, const char **name, u8 *index)
{
	size_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		len = strlen(prefixes[i].prefix);
		if (strncmp(*name, prefixes[i].prefix, len) != 0)
			continue;
		*name += len;
		*index = prefixes[i].index;
		if (!**name)
			return -EINVAL;
		if (*index == INDEX_USER &&
		    !(EXT2_SB(inode->i_sb)->mount_opt & EXT2_MOUNT_XATTR_USER))
			return -EOPNOTSUPP;
		return 0;
	}
	return -EOPNOTSUPP;
}

/* Is every entry and value inside the block? */
static bool block_valid(char *block, u32 size)
{
	const struct ext2_xattr_header *h = (const void *)block;
	const struct ext2_xattr_entry *e;
	u32 offset;

	if (h->h_magic != EXT2_XATTR_MAGIC || h->h_blocks != 1)
		return false;
	for (offset = FIRST_ENTRY;; offset += entry_len(e)) {
		if (offset + 4 > size)
			return false;
		if (is_last(block, offset))
			return true;
		e = entry_at(block, offset);
		if (offset + sizeof(*e) + e->e_name_len > size ||
		    e->e_value_block || e->e_value_size > size ||
		    e->e_value_offs > size - e->e_value_size)
			return false;
	}
}

/* The inode's block, referenced and checked; *@err 0 and NULL: it has none. */
static struct buffer_head *read_block(struct inode *inode, int *err)
{
	u32 block = EXT2_I(inode)->i_file_acl;
	struct buffer_head *bh;

	*err = 0;
	if (!block)
		return NULL;
	bh = sb_bread(inode->i_sb, block);
	if (!bh) {
		*err = -EIO;
		return NULL;
	}
	if (!block_valid(bh->b_data, bh->b_size)) {
		ext2_error(inode->i_sb, "ext2_xattr",
			   "inode %llu: bad block %u", inode->i_ino, block);
		brelse(bh);
		*err = -EIO;
		return NULL;
	}
	return bh;
}

/* Offset of the entry with this name in a valid block; 0: none. */
static u32 find_entry(char *block, u8 index, const char *name)
{
	size_t len = strlen(name);
	const struct ext2_xattr_entry *e;
	u32 offset;

	for (offset = FIRST_ENTRY; !is_last(block, offset);
	     offset += entry_len(e)) {
		e = entry_at(block, offset);
		if (e->e_name_index == index && e->e_name_len == len &&
		    memcmp(e->e_name, name, len) == 0)
			return offset;
	}
	return 0;
}

static ssize_t get_locked(struct inode *inode, u8 index, const char *name,
			  void *buf, size_t size)
{
	const struct ext2_xattr_entry *e;
	struct buffer_head *bh;
	ssize_t ret;
	u32 offset;
	int err;

	bh = read_block(inode, &err);
	if (!bh)
		return err ? err : -ENODATA;
	offset = find_entry(bh->b_data, index, name);
	if (!offset) {
		brelse(bh);
		return -ENODATA;
	}
	e = entry_at(bh->b_data, offset);
	ret = e->e_value_size;
	if (size && size < e->e_value_size)
		ret = -ERANGE;
	else if (size)
		memcpy(buf, bh->b_data + e->e_value_offs, e->e_value_size);
	brelse(bh);
	return ret;
}

ssize_t ext2_getxattr(struct dentry *dentry, const char *name, void *buf,
		      size_t size)
{
	struct inode *inode = d_inode(dentry);
	ssize_t ret;
	u8 index;

	ret = split_name(inode, &name, &index);
	if (ret)
		return ret;
	mutex_lock(&EXT2_SB(inode->i_sb)->xattr_lock);
	ret = get_locked(inode, index, name, buf, size);
	mutex_unlock(&EXT2_SB(inode->i_sb)->xattr_lock);
	return ret;
}

/* The prefix of an entry that current may see listed, or NULL. */
static const char *visible_prefix(struct inode *inode, u8 index)
{
	size_t i;

	if (index == INDEX_TRUSTED && !capable_noaudit(CAP_SYS_ADMIN))
		return NULL;
	if (index == INDEX_USER &&
	    !(EXT2_SB(inode->i_sb)->mount_opt & EXT2_MOUNT_XATTR_USER))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (prefixes[i].index == index)
			return prefixes[i].prefix;
	}
	return NULL;
}

static ssize_t list_block(struct inode *inode, char *block, char *buf,
			  size_t size)
{
	const struct ext2_xattr_entry *e;
	const char *prefix;
	size_t used = 0;
	size_t len;
	u32 offset;

	for (offset = FIRST_ENTRY; !is_last(block, offset);
	     offset += entry_len(e)) {
		e = entry_at(block, offset);
		prefix = visible_prefix(inode, e->e_name_index);
		if (!prefix)
			continue;
		len = strlen(prefix) + e->e_name_len + 1;
		if (size) {
			if (used + len > size)
				return -ERANGE;
			memcpy(buf + used, prefix, strlen(prefix));
			memcpy(buf + used + strlen(prefix), e->e_name,
			       e->e_name_len);
			buf[used + len - 1] = '\0';
		}
		used += len;
	}
	return (ssize_t)used;
}

ssize_t ext2_listxattr(struct dentry *dentry, char *buf, size_t size)
{
	struct inode *inode = d_inode(dentry);
	struct buffer_head *bh;
	ssize_t ret = 0;
	int err;

	mutex_lock(&EXT2_SB(inode->i_sb)->xattr_lock);
	bh = read_block(inode, &err);
	if (bh)
		ret = list_block(inode, bh->b_data, buf, size);
	brelse(bh);
	mutex_unlock(&EXT2_SB(inode->i_sb)->xattr_lock);
	return err ? err : ret;
}

/* Hash of an entry, as e2fsck checks it: name, then value in words. */
static u32 hash_entry(const char *block, const struct ext2_xattr_entry *e)
{
	u32 hash = 0;
	u32 word;
	u32 i;

	for (i = 0; i < e->e_name_len; i++)
		hash = hash << 5 ^ hash >> 27 ^ (u8)e->e_name[i];
	for (i = 0; i < e->e_value_size; i += 4) {
		memcpy(&word, block + e->e_value_offs + i, sizeof(word));
		hash = hash << 16 ^ hash >> 16 ^ word;
	}
	return hash;
}

/* A block being put together. */
struct xattr_builder {
	char *block;
	u32 size;
	u32 entries_end;  /* where the next entry goes */
	u32 values_start; /* where the last value begins */
};

/* Append an entry with its value.  False: the block is full. */
static bool build_add(struct xattr_builder *b, u8 index, const char *name,
		      size_t name_len, const void *value, size_t value_size)
{
	struct ext2_xattr_entry *e = entry_at(b->block, b->entries_end);
	u32 padded = ALIGN((u32)value_size, (u32)XATTR_PAD);
	u32 len = ALIGN((u32)(sizeof(*e) + name_len), (u32)XATTR_PAD);

	if (b->entries_end + len + 4 + padded > b->values_start)
		return false;
	b->values_start -= padded;
	e->e_name_len = (u8)name_len;
	e->e_name_index = index;
	e->e_value_offs = value_size ? (u16)b->values_start : 0;
	e->e_value_size = (u32)value_size;
	memcpy(e->e_name, name, name_len);
	if (value_size)
		memcpy(b->block + b->values_start, value, value_size);
	e->e_hash = hash_entry(b->block, e);
	b->entries_end += len;
	return true;
}

/* Linux's order: index, then length of the name, then its bytes. */
static int compare_names(const struct ext2_xattr_entry *e, u8 index,
			 const char *name, size_t len)
{
	if (e->e_name_index != index)
		return e->e_name_index < index ? -1 : 1;
	if (e->e_name_len != len)
		return e->e_name_len < len ? -1 : 1;
	return memcmp(e->e_name, name, len);
}

static void build_finish(struct xattr_builder *b)
{
	struct ext2_xattr_header *h = (struct ext2_xattr_header *)b->block;
	const struct ext2_xattr_entry *e;
	u32 offset;
	u32 hash = 0;

	h->h_magic = EXT2_XATTR_MAGIC;
	h->h_refcount = 1;
	h->h_blocks = 1;
	for (offset = FIRST_ENTRY; offset < b->entries_end;
	     offset += entry_len(e)) {
		e = entry_at(b->block, offset);
		hash = hash << 16 ^ hash >> 16 ^ e->e_hash;
	}
	h->h_hash = hash;
}

/*
 * Build @old (NULL: nothing) with the one attribute replaced, added, or, with
 * @value NULL, left out.  -ENOSPC when it does not fit.
 */
static int build_block(struct xattr_builder *b, char *old, u8 index,
		       const char *name, const void *value, size_t size)
{
	size_t len = strlen(name);
	bool done = !value;
	const struct ext2_xattr_entry *e;
	u32 offset;
	int order;

	for (offset = FIRST_ENTRY; old && !is_last(old, offset);
	     offset += entry_len(e)) {
		e = entry_at(old, offset);
		order = compare_names(e, index, name, len);
		if (order >= 0 && !done) {
			done = true;
			if (!build_add(b, index, name, len, value, size))
				return -ENOSPC;
		}
		if (order != 0 &&
		    !build_add(b, e->e_name_index, e->e_name, e->e_name_len,
			       old + e->e_value_offs, e->e_value_size))
			return -ENOSPC;
	}
	if (!done && !build_add(b, index, name, len, value, size))
		return -ENOSPC;
	build_finish(b);
	return 0;
}

/* Drop the inode's reference to its block @bh; the last frees it. */
static void put_block(struct inode *inode, struct buffer_head *bh)
{
	struct ext2_xattr_header *h = (struct ext2_xattr_header *)bh->b_data;
	u32 block = (u32)bh->b_blocknr;

	if (h->h_refcount > 1) {
		h->h_refcount--;
		mark_buffer_dirty(bh);
		brelse(bh);
		inode_sub_bytes(inode, (s64)inode->i_sb->s_blocksize);
		return;
	}
	bforget(bh);
	(void)ext2_free_blocks(inode, block, 1);
}

/* A block of the inode's own with what @b holds; on disk.  0 or -errno. */
static int store_new_block(struct inode *inode, const struct xattr_builder *b)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 goal =
		ext2_group_first_block(EXT2_SB(inode->i_sb), ei->block_group);
	struct buffer_head *bh;
	u32 count = 1;
	u32 block;
	int err;

	block = ext2_new_blocks(inode, goal, &count, &err);
	if (!block)
		return err;
	bh = sb_getblk_zero(inode->i_sb, block);
	if (!bh) {
		(void)ext2_free_blocks(inode, block, 1);
		return -ENOMEM;
	}
	memcpy(bh->b_data, b->block, b->size);
	mark_buffer_dirty(bh);
	err = sync_dirty_buffer(bh);
	if (err) {
		bforget(bh);
		(void)ext2_free_blocks(inode, block, 1);
		return err;
	}
	brelse(bh);
	ei->i_file_acl = block;
	return 0;
}

/* Replace the inode's block, which is @bh or none, by what @b holds. */
static int replace_block(struct inode *inode, struct buffer_head *bh,
			 const struct xattr_builder *b)
{
	const struct ext2_xattr_header *h;
	bool empty = b->entries_end == FIRST_ENTRY;
	int err;

	if (bh && !empty) {
		h = (const struct ext2_xattr_header *)bh->b_data;
		if (h->h_refcount == 1) {
			memcpy(bh->b_data, b->block, b->size);
			mark_buffer_dirty(bh);
			brelse(bh);
			return 0;
		}
	}
	if (!empty) {
		err = store_new_block(inode, b);
		if (err) {
			brelse(bh);
			return err;
		}
	} else {
		EXT2_I(inode)->i_file_acl = 0;
	}
	if (!bh)
		return 0;
	/* The inode leaves the old block before that is free. */
	err = ext2_write_inode(inode, true);
	put_block(inode, bh);
	return err;
}

static int set_locked(struct inode *inode, u8 index, const char *name,
		      const void *value, size_t size, int flags)
{
	u32 block_size = (u32)inode->i_sb->s_blocksize;
	struct xattr_builder b = {
		.size = block_size,
		.entries_end = FIRST_ENTRY,
		.values_start = block_size,
	};
	struct buffer_head *bh;
	bool exists;
	int err;

	bh = read_block(inode, &err);
	if (err)
		return err;
	exists = bh && find_entry(bh->b_data, index, name);
	if (exists && (flags & XATTR_CREATE))
		err = -EEXIST;
	if (!exists && ((flags & XATTR_REPLACE) || !value))
		err = -ENODATA;
	if (err) {
		brelse(bh);
		return err;
	}
	b.block = kzalloc(block_size);
	err = b.block ? build_block(&b, bh ? bh->b_data : NULL, index, name,
				    value, size)
		      : -ENOMEM;
	if (err)
		brelse(bh);
	else
		err = replace_block(inode, bh, &b);
	kfree(b.block);
	if (!err) {
		inode->i_ctime = current_time(inode);
		mark_inode_dirty(inode);
	}
	return err;
}

int ext2_setxattr(struct dentry *dentry, const char *name, const void *value,
		  size_t size, int flags)
{
	struct inode *inode = d_inode(dentry);
	u8 index;
	int err;

	err = split_name(inode, &name, &index);
	if (err)
		return err;
	if (strlen(name) > XATTR_NAME_MAX)
		return -ERANGE;
	if (size > inode->i_sb->s_blocksize)
		return -ENOSPC;
	mutex_lock(&EXT2_SB(inode->i_sb)->xattr_lock);
	/* No value is not the same as an empty one. */
	err = set_locked(inode, index, name, value ? value : "", size, flags);
	mutex_unlock(&EXT2_SB(inode->i_sb)->xattr_lock);
	return err;
}

int ext2_removexattr(struct dentry *dentry, const char *name)
{
	struct inode *inode = d_inode(dentry);
	u8 index;
	int err;

	err = split_name(inode, &name, &index);
	if (err)
		return err;
	mutex_lock(&EXT2_SB(inode->i_sb)->xattr_lock);
	err = set_locked(inode, index, name, NULL, 0, 0);
	mutex_unlock(&EXT2_SB(inode->i_sb)->xattr_lock);
	return err;
}

void ext2_xattr_delete(struct inode *inode)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct buffer_head *bh;
	int err;

	if (!EXT2_I(inode)->i_file_acl)
		return;
	mutex_lock(&sbi->xattr_lock);
	bh = read_block(inode, &err);
	if (bh)
		put_block(inode, bh);
	EXT2_I(inode)->i_file_acl = 0;
	mutex_unlock(&sbi->xattr_lock);
}

int ext2_xattr_sync(struct inode *inode)
{
	u32 block = READ_ONCE(EXT2_I(inode)->i_file_acl);
	struct buffer_head *bh;
	int err;

	bh = block ? sb_find_get_block(inode->i_sb, block) : NULL;
	if (!bh)
		return 0;
	err = sync_dirty_buffer(bh);
	brelse(bh);
	return err;
}
