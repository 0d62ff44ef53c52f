/*
 * printf-style formatting: see format.h for the conversions.
 *
 * A struct out counts every character of the whole text and stores those
 * that fit, so the return value and the cut are always right.  A conversion
 * is first parsed into a struct spec, then printed by its kind.
 *
 * Entry points: vsnprintf, snprintf, vscnprintf, scnprintf, sprintf,
 * format_set_symbolizer.
 */
#include <kernel/lib/format.h>

#include <kernel/lib/string.h>

struct out {
	char *buf;
	size_t size;
	size_t len; /* of the whole text, stored or not */
};

struct spec {
	bool left;  /* '-' */
	bool plus;  /* '+' */
	bool space; /* ' ' */
	bool alt;   /* '#' */
	bool zero;  /* '0' */
	int width;
	int precision; /* -1: none given */
	int size;      /* bytes of the integer argument */
};

static size_t (*symbolizer)(char *buf, size_t size, unsigned long addr,
			    bool offset);

/* format_set_symbolizer - who turns an address into text for %pS and %ps. */
void format_set_symbolizer(size_t (*fn)(char *buf, size_t size,
					unsigned long addr, bool offset))
{
	symbolizer = fn;
}

static inline void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_repeat(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *sp, const char *s,
		     size_t len)
{
	size_t i;
	int pad = sp->width > (int)len ? sp->width - (int)len : 0;

	if (!sp->left)
		put_repeat(o, ' ', pad);
	for (i = 0; i < len; i++)
		put(o, s[i]);
	if (sp->left)
		put_repeat(o, ' ', pad);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	if (!s)
		s = "(null)";
	put_text(o, sp, s,
		 sp->precision >= 0 ? strnlen(s, (size_t)sp->precision)
				    : strlen(s));
}

/* The digits of @v, last first, to @tmp; how many.  0 has none. */
static int make_digits(char *tmp, u64 v, unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;

	while (v) {
		tmp[n++] = digits[v % base];
		v /= base;
	}
	return n;
}

/* @v in @base behind @sign ("", "-", "+", " ", "0x"). */
static void put_number(struct out *o, const struct spec *sp, u64 v,
		       unsigned int base, bool upper, const char *sign)
{
	char tmp[24];
	int n = make_digits(tmp, v, base, upper);
	int digits = max(n, sp->precision >= 0 ? sp->precision : 1);
	int sign_len = (int)strlen(sign);
	int pad;

	if (base == 8 && sp->alt && digits == n)
		digits++;
	if (sp->zero && !sp->left && sp->precision < 0)
		digits = max(digits, sp->width - sign_len);
	pad = sp->width - digits - sign_len;
	if (!sp->left)
		put_repeat(o, ' ', pad);
	while (*sign)
		put(o, *sign++);
	put_repeat(o, '0', digits - n);
	while (n > 0)
		put(o, tmp[--n]);
	if (sp->left)
		put_repeat(o, ' ', pad);
}

static void put_signed(struct out *o, const struct spec *sp, s64 v)
{
	const char *sign = sp->plus ? "+" : sp->space ? " " : "";

	if (v < 0)
		put_number(o, sp, 0 - (u64)v, 10, false, "-");
	else
		put_number(o, sp, (u64)v, 10, false, sign);
}

/* %p, %pS and %ps.  Returns the characters of @fmt used after the 'p'. */
static int put_pointer(struct out *o, struct spec *sp, const char *fmt,
		       const void *p)
{
	char text[160];
	size_t len = 0;

	if (*fmt == 'S' || *fmt == 's') {
		if (symbolizer)
			len = symbolizer(text, sizeof(text), (unsigned long)p,
					 *fmt == 'S');
		if (len > 0) {
			put_text(o, sp, text, len);
		} else {
			put_number(o, sp, (unsigned long)p, 16, false, "0x");
		}
		return 1;
	}
	sp->precision = 16;
	put_number(o, sp, (unsigned long)p, 16, false, "");
	return 0;
}

static const char *parse_flags(struct spec *sp, const char *fmt)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			sp->left = true;
			break;
		case '+':
			sp->plus = true;
			break;
		case ' ':
			sp->space = true;
			break;
		case '#':
			sp->alt = true;
			break;
		case '0':
			sp->zero = true;
			break;
		default:
			return fmt;
		}
	}
}

static const char *parse_size(struct spec *sp, const char *fmt)
{
	sp->size = sizeof(int);
	switch (*fmt) {
	case 'h':
		sp->size = sizeof(short);
		if (*++fmt == 'h') {
			sp->size = sizeof(char);
			fmt++;
		}
		break;
	case 'l':
		sp->size = sizeof(long);
		if (*++fmt == 'l')
			fmt++;
		break;
	case 'z':
	case 't':
	case 'j':
		sp->size = sizeof(long);
		fmt++;
		break;
	default:
		break;
	}
	return fmt;
}

static int parse_int(const char **fmt)
{
	int n = 0;

	while (isdigit(**fmt) && n < 100000)
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

/* The integer argument as its size says, sign-extended if @is_signed. */
static u64 narrow(u64 v, int size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? (u64)(s8)v : (u8)v;
	case 2:
		return is_signed ? (u64)(s16)v : (u16)v;
	case 4:
		return is_signed ? (u64)(s32)v : (u32)v;
	default:
		return v;
	}
}

static void put_integer(struct out *o, const struct spec *sp, char conv, u64 v)
{
	switch (conv) {
	case 'd':
	case 'i':
		put_signed(o, sp, (s64)narrow(v, sp->size, true));
		break;
	case 'u':
		put_number(o, sp, narrow(v, sp->size, false), 10, false, "");
		break;
	case 'o':
		put_number(o, sp, narrow(v, sp->size, false), 8, false, "");
		break;
	default:
		v = narrow(v, sp->size, false);
		put_number(o, sp, v, 16, conv == 'X',
			   !sp->alt || v == 0 ? ""
			   : conv == 'X'      ? "0X"
					      : "0x");
		break;
	}
}

/* vsnprintf - format into @buf; the length the whole text would have. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = {buf, size, 0};
	struct spec sp;
	char c;

	while ((c = *fmt++)) {
		if (c != '%') {
			put(&o, c);
			continue;
		}
		memset(&sp, 0, sizeof(sp));
		sp.precision = -1;
		fmt = parse_flags(&sp, fmt);
		if (*fmt == '*') {
			sp.width = va_arg(args, int);
			if (sp.width < 0) {
				sp.left = true;
				sp.width = -sp.width;
			}
			fmt++;
		} else {
			sp.width = parse_int(&fmt);
		}
		if (*fmt == '.') {
			if (*++fmt == '*') {
				sp.precision = max(va_arg(args, int), -1);
				fmt++;
			} else {
				sp.precision = parse_int(&fmt);
			}
		}
		fmt = parse_size(&sp, fmt);
		switch (c = *fmt++) {
		case 'd':
		case 'i':
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			put_integer(&o, &sp, c,
				    sp.size == 8 ? va_arg(args, u64)
						 : va_arg(args, u32));
			break;
		case 'c':
			c = (char)va_arg(args, int);
			put_text(&o, &sp, &c, 1);
			break;
		case 's':
			put_string(&o, &sp, va_arg(args, const char *));
			break;
		case 'p':
			fmt += put_pointer(&o, &sp, fmt, va_arg(args, void *));
			break;
		case '%':
			put(&o, '%');
			break;
		default:
			/* Unknown: show it; a NUL ends the format. */
			put(&o, '%');
			if (!c)
				fmt--;
			else
				put(&o, c);
			break;
		}
	}
	if (size > 0)
		buf[min(o.len, size - 1)] = '\0';
	return (int)o.len;
}

/* snprintf - as vsnprintf. */
int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

/* vscnprintf - as vsnprintf; returns the length really stored. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	if (size == 0)
		return 0;
	return min(n, (int)size - 1);
}

/* scnprintf - as snprintf; returns the length really stored. */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

/* sprintf - snprintf without a bound. */
int sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, 0x7fffffff, fmt, args);
	va_end(args);
	return n;
}
