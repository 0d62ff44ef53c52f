/*
 * pidfd.h - pidfd_open(2).
 */
#pragma once

#include <abi/fcntl.h>

#define PIDFD_NONBLOCK O_NONBLOCK
