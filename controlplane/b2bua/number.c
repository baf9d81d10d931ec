/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

/* RFC 3261 25.1: unreserved; and '+', which an international number is written with either way */
static bool needs_no_escape(int c)
{
	return isalnum(c) || (c && strchr("-_.!~*'()+", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that an escape at text stands for; -1: malformed. */
static int escaped(struct str text)
{
	int high, low;

	if (text.len < 3)
		return -1;
	high = hex_digit(text.ptr[1]);
	low = hex_digit(text.ptr[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static int unescape(char *text, struct str user)
{
	static const char digit[] = "0123456789ABCDEF";
	size_t length = 0;

	for (size_t i = 0; i < user.len; i++) {
		int c = (unsigned char)user.ptr[i];

		if (length + 4 > NUMBER_TEXT_MAX)
			return -EINVAL;
		if (c == '%') {
			c = escaped((struct str){user.ptr + i, user.len - i});
			if (c < 0)
				return -EINVAL;
			i += 2;
			if (!needs_no_escape(c)) {
				text[length++] = '%';
				text[length++] = digit[c >> 4];
				c = digit[c & 15];
			}
		}
		text[length++] = (char)c;
	}
	text[length] = '\0';
	return (int)length;
}

/* Up to the end, or its parameters. */
static bool is_phone_number(const char *text)
{
	size_t length = strspn(text, "+0123456789*#-.()");

	return strcspn(text, "0123456789") < length &&
	       (text[length] == '\0' || text[length] == ';');
}

int number_normalise(char text[static NUMBER_TEXT_MAX], struct str user)
{
	int length = unescape(text, user);
	char *to = text;

	if (length < 0 || !is_phone_number(text))
		return length;
	for (const char *from = text; *from && *from != ';'; from++)
		if (!strchr("-.()", *from))
			*to++ = *from;
	*to = '\0';
	return (int)(to - text);
}
