/*
 * socket.c - doors: sockets.  No address family is configured: socket(2)
 * and socketpair(2) check their arguments and answer EAFNOSUPPORT, as Linux
 * does for a family it was built without; no descriptor is a socket, so the
 * others answer ENOTSOCK, or EBADF for what is not open.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/vfs/file_table.h>
#include <kernel/arch/uaccess.h>
#include <syscalls/args.h>

/* "From a program of 32 bits": the kernel alone sets it. */
#define MSG_CMSG_COMPAT 0x80000000U

/* The checks of socket(2) that come before the family is looked up. */
static long check_socket(int family, int type)
{
	int kind = type & SOCK_TYPE_MASK;

	if (type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (kind >= SOCK_MAX)
		return -EINVAL;
	return -EAFNOSUPPORT;
}

/* What any call on an existing socket answers. */
static long no_socket(int fd)
{
	struct file *file = fget((unsigned int)fd);

	if (!file)
		return -EBADF;
	fput(file);
	return -ENOTSOCK;
}

/* The same of the calls with messages: no program says that it has 32 bits. */
static long no_message(int fd, unsigned int flags)
{
	return flags & MSG_CMSG_COMPAT ? -EINVAL : no_socket(fd);
}

long sys_socket(int family, int type, int protocol)
{
	(void)protocol;
	return check_socket(family, type);
}

long sys_socketpair(int family, int type, int protocol, int __user *usockvec)
{
	(void)protocol;
	(void)usockvec;
	return check_socket(family, type);
}

long sys_bind(int fd, struct sockaddr __user *umyaddr, int addrlen)
{
	(void)umyaddr;
	(void)addrlen;
	return no_socket(fd);
}

long sys_listen(int fd, int backlog)
{
	(void)backlog;
	return no_socket(fd);
}

long sys_accept4(int fd, struct sockaddr __user *upeer_sockaddr,
		 int __user *upeer_addrlen, int flags)
{
	long ret = no_socket(fd);

	(void)upeer_sockaddr;
	(void)upeer_addrlen;
	if (ret == -ENOTSOCK && (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)))
		return -EINVAL;
	return ret;
}

long sys_accept(int fd, struct sockaddr __user *upeer_sockaddr,
		int __user *upeer_addrlen)
{
	return sys_accept4(fd, upeer_sockaddr, upeer_addrlen, 0);
}

long sys_connect(int fd, struct sockaddr __user *uservaddr, int addrlen)
{
	char address[128]; /* struct sockaddr_storage */
	long ret = no_socket(fd);

	/* connect(2) reads the address of what is open, socket or not. */
	if (ret == -EBADF)
		return ret;
	if (addrlen < 0 || addrlen > (int)sizeof(address))
		return -EINVAL;
	return copy_from_user(address, uservaddr, (size_t)addrlen) ? -EFAULT
								   : ret;
}

long sys_getsockname(int fd, struct sockaddr __user *usockaddr,
		     int __user *usockaddr_len)
{
	(void)usockaddr;
	(void)usockaddr_len;
	return no_socket(fd);
}

long sys_getpeername(int fd, struct sockaddr __user *usockaddr,
		     int __user *usockaddr_len)
{
	(void)usockaddr;
	(void)usockaddr_len;
	return no_socket(fd);
}

long sys_sendto(int fd, void __user *buff, size_t len, unsigned int flags,
		struct sockaddr __user *addr, int addr_len)
{
	(void)buff;
	(void)len;
	(void)flags;
	(void)addr;
	(void)addr_len;
	return no_socket(fd);
}

long sys_recvfrom(int fd, void __user *ubuf, size_t size, unsigned int flags,
		  struct sockaddr __user *addr, int __user *addr_len)
{
	(void)ubuf;
	(void)size;
	(void)flags;
	(void)addr;
	(void)addr_len;
	return no_socket(fd);
}

long sys_sendmsg(int fd, struct msghdr __user *msg, unsigned int flags)
{
	(void)msg;
	return no_message(fd, flags);
}

long sys_recvmsg(int fd, struct msghdr __user *msg, unsigned int flags)
{
	(void)msg;
	return no_message(fd, flags);
}

long sys_sendmmsg(int fd, struct mmsghdr __user *mmsg, unsigned int vlen,
		  unsigned int flags)
{
	(void)mmsg;
	(void)vlen;
	return no_message(fd, flags);
}

long sys_recvmmsg(int fd, struct mmsghdr __user *mmsg, unsigned int vlen,
		  unsigned int flags, struct timespec __user *timeout)
{
	struct timespec ts;
	int err;

	(void)mmsg;
	(void)vlen;
	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	err = timeout ? get_timespec(&ts, timeout) : 0;
	return err ? err : no_socket(fd);
}

long sys_shutdown(int fd, int how)
{
	(void)how;
	return no_socket(fd);
}

long sys_setsockopt(int fd, int level, int optname, char __user *optval,
		    int optlen)
{
	(void)level;
	(void)optname;
	(void)optval;
	if (optlen < 0)
		return -EINVAL;
	return no_socket(fd);
}

long sys_getsockopt(int fd, int level, int optname, char __user *optval,
		    int __user *optlen)
{
	(void)level;
	(void)optname;
	(void)optval;
	(void)optlen;
	return no_socket(fd);
}
