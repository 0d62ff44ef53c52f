/*
 * un.h - addresses of AF_UNIX.
 */
#pragma once

#include <abi/socket.h>

#define UNIX_PATH_MAX 108

struct sockaddr_un {
	sa_family_t sun_family;
	char sun_path[UNIX_PATH_MAX];
};
