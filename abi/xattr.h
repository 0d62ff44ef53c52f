/*
 * xattr.h - extended attributes.
 */
#pragma once

#define XATTR_CREATE		     0x1
#define XATTR_REPLACE		     0x2
#define XATTR_OS2_PREFIX	     "os2."
#define XATTR_MAC_OSX_PREFIX	     "osx."
#define XATTR_BTRFS_PREFIX	     "btrfs."
#define XATTR_HURD_PREFIX	     "gnu."
#define XATTR_SECURITY_PREFIX	     "security."
#define XATTR_SYSTEM_PREFIX	     "system."
#define XATTR_TRUSTED_PREFIX	     "trusted."
#define XATTR_USER_PREFIX	     "user."
#define XATTR_CAPS_SUFFIX	     "capability"
#define XATTR_NAME_CAPS		     XATTR_SECURITY_PREFIX XATTR_CAPS_SUFFIX
#define XATTR_POSIX_ACL_ACCESS	     "posix_acl_access"
#define XATTR_NAME_POSIX_ACL_ACCESS  XATTR_SYSTEM_PREFIX XATTR_POSIX_ACL_ACCESS
#define XATTR_POSIX_ACL_DEFAULT	     "posix_acl_default"
#define XATTR_NAME_POSIX_ACL_DEFAULT XATTR_SYSTEM_PREFIX XATTR_POSIX_ACL_DEFAULT
#define XATTR_NAME_MAX		     255
#define XATTR_SIZE_MAX		     65536
#define XATTR_LIST_MAX		     65536
