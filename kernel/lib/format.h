/*
 * printf-style formatting into memory.
 *
 * Conversions: d i u x X o c s p % with flags "-+ #0", width, precision, '*',
 * and sizes hh h l ll z t j.  %p prints 16 hex digits.  %pS prints an address
 * as symbol+offset/size, %ps as the bare symbol (through
 * format_set_symbolizer). There is no floating point.
 */
#pragma once

#include <stdarg.h>

#include <kernel/lib/macros.h>

/*
 * vsnprintf, snprintf - format into @buf, always terminated if @size > 0.
 *
 * Returns the length the whole text would have, as C says.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* vscnprintf, scnprintf - as above; returns the length really stored. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* sprintf - snprintf without a bound, for texts whose length is known. */
int sprintf(char *buf, const char *fmt, ...) __printf(2, 3);

/*
 * format_set_symbolizer - who turns an address into text for %pS and %ps.
 *
 * @fn writes at most @size bytes with a final NUL and returns the length, or
 * 0 if it does not know the address.  @offset: also "+0x12/0x34".
 */
void format_set_symbolizer(size_t (*fn)(char *buf, size_t size,
					unsigned long addr, bool offset));
