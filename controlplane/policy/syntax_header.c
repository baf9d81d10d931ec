/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a header rule. */
#include <string.h>

#include "header/rule.h"
#include "policy/syntax.h"

#define TOKEN                                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~" /* RFC \
										      3261 25.1 */

const char *syntax_header_name(const char *text)
{
	size_t length = strlen(text);

	if (length > 0 && length <= HEADER_NAME_MAX && strspn(text, TOKEN) == length)
		return NULL;
	return "must be the name of a header: 1 to 64 letters, digits, hyphens and the like, "
	       "without a colon";
}

/* The reader has refused control characters, and with them whatever could end a line. */
const char *syntax_header_value(const char *text)
{
	size_t length = strlen(text);

	if (length <= HEADER_VALUE_MAX && text[0] != ' ' && text[length - 1] != ' ')
		return NULL;
	return "must be at most 512 bytes, without space at its ends";
}

const char *syntax_header_pattern(const char *text)
{
	return strlen(text) <= HEADER_PATTERN_MAX ? NULL : "must be at most 256 bytes";
}
