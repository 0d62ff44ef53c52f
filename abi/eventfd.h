/*
 * eventfd.h - eventfd2(2).
 */
#pragma once

#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC   02000000
#define EFD_NONBLOCK  00004000
