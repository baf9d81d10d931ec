/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define HASH "%23" /* '#', which a SIP URI cannot have as it is */
#define HASH_LENGTH (sizeof(HASH) - 1)

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
		} else if (c == '#') { /* of a tel URI: what it becomes is a SIP URI */
			memcpy(text + length, HASH, HASH_LENGTH - 1);
			length += HASH_LENGTH - 1;
			c = HASH[HASH_LENGTH - 1];
		}
		text[length++] = (char)c;
	}
	text[length] = '\0';
	return (int)length;
}

/* How much of text is of a telephone number: digits, '*', '#' (in a SIP URI "%23"), separators. 0:
 * there is no digit. */
static size_t phone_length(const char *text)
{
	bool any = false;
	size_t i = 0;

	while (text[i]) {
		if (strncmp(text + i, HASH, HASH_LENGTH) == 0)
			i += HASH_LENGTH;
		else if (strchr("+0123456789*#-.()", text[i]))
			any |= isdigit((unsigned char)text[i++]) != 0;
		else
			break;
	}
	return any ? i : 0;
}

/* A number ends with the text, or with what is no letter of a name: "1.2_alice" is one. */
static bool ends_number(char c)
{
	return c == '\0' || strchr(";,%&=$?/", c);
}

int number_normalise(char text[static NUMBER_TEXT_MAX], struct str user)
{
	int length = unescape(text, user);
	size_t phone = length < 0 ? 0 : phone_length(text);
	char *to = text;

	if (!phone || !ends_number(text[phone]))
		return length;
	for (size_t i = 0; i < phone; i++)
		if (!strchr("-.()", text[i]))
			*to++ = text[i];
	if (text[phone] != ';') { /* no parameters: whatever that is, it goes on */
		size_t rest = (size_t)length - phone;

		memmove(to, text + phone, rest);
		to += rest;
	}
	*to = '\0';
	return (int)(to - text);
}
