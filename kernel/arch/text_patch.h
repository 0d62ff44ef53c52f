/*
 * Changing kernel text, which is mapped read-only.
 *
 * Entry points: text_poke.
 */
#pragma once

#include <abi/types.h>

/*
 * text_poke - replace @len (at most 16) bytes at @addr in kernel text through
 * a second, writable mapping.  The caller sees to it that no CPU runs there,
 * or that one byte (int3) makes it safe.  0 or -EINVAL: not text.
 */
int text_poke(void *addr, const void *code, size_t len);
