/*
 * rmap.h - from a page of a file to the entries that map it.
 *
 * Through mapping->i_mmap: every mapping that may show the page is tried.
 * The caller holds the page lock; i_mmap_rwsem is taken.
 */
#pragma once

#include <kernel/types/mm.h>

/* page_mkclean - write-protect and clean every entry of a shared mapping, so
 * that the next store faults.  Returns whether one was dirty. */
bool page_mkclean(struct page *page);

/* try_to_unmap - remove every entry that maps it; false if one is left
 * (locked memory).  Dirty entries make the page dirty. */
bool try_to_unmap(struct page *page);

/* page_referenced - entries used since last asked (and marks them unused). */
int page_referenced(struct page *page);
