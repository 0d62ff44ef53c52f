/*
 * What page_alloc.c and page_reserve.c know of each other.
 */
#pragma once

#include <kernel/lib/macros.h>

struct page;

/* page_alloc.c: pages on the free lists, those of CPUs left out; read without
 * zone_lock a hint. */
extern unsigned long zone_free;

/* take_page - one page as alloc_page, but never told to fail: for programs. */
struct page *take_page(void) __must_check;

/* zone_should_reclaim - are free pages so few that the background is to be
 * woken?  Any context. */
bool zone_should_reclaim(void);
