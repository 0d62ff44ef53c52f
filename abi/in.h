/*
 * in.h - addresses of AF_INET.
 */
#pragma once

#include <abi/socket.h>

#define IPPROTO_IP   0
#define IPPROTO_ICMP 1
#define IPPROTO_TCP  6
#define IPPROTO_UDP  17
#define IPPROTO_IPV6 41
#define IPPROTO_RAW  255

struct in_addr {
	u32 s_addr; /* network order */
};

struct sockaddr_in {
	sa_family_t sin_family;
	u16 sin_port;
	struct in_addr sin_addr;
	u8 __pad[8];
};
