/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/pattern.h"

#include <ctype.h>

/* RFC 3261 25.1: user = unreserved / escaped / user-unreserved, less the signs that are ours. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "-_.!~'()&=+$,;/#%";

static bool is_plain(char c)
{
	return c != '\0' && strchr(plain, c);
}

/* ---- checking ---- */

/* The length of "[...]", or 0: it is wrong. Ranges are of letters and digits, upwards. */
static size_t class_length(const char *text)
{
	size_t i = 1;

	while (text[i] && text[i] != ']') {
		if (!is_plain(text[i]) || text[i] == '-')
			return 0;
		if (text[i + 1] == '-') {
			if (!isalnum((unsigned char)text[i]) ||
			    !isalnum((unsigned char)text[i + 2]) || text[i + 2] < text[i])
				return 0;
			i += 2;
		}
		i++;
	}
	return text[i] == ']' && i > 1 ? i + 1 : 0;
}

/* Nothing but the end of a part may follow. */
static bool ends_after(const char *text, bool in_part)
{
	return text[in_part && text[0] == '}'] == '\0';
}

static bool is_right(const char *text, enum pattern_use use)
{
	unsigned parts = 0;
	bool in_part = false;

	while (*text) {
		size_t length = 1;

		if (*text == '[')
			length = class_length(text);
		else if (*text == '*')
			length = ends_after(text + 1, in_part);
		else if (*text == '{' || *text == '}')
			length = use == PATTERN_TRANSLATION && in_part == (*text == '}');
		else
			length = *text == '?' || is_plain(*text);
		if (length == 0)
			return false;
		if (*text == '{' && ++parts > PATTERN_PARTS_MAX)
			return false;
		if (*text == '{' || *text == '}')
			in_part = *text == '{';
		text += length;
	}
	return !in_part;
}

const char *pattern_check(const char *text, enum pattern_use use)
{
	if (*text && strlen(text) <= PATTERN_MAX && is_right(text, use))
		return NULL;
	return use == PATTERN_ROUTE
		   ? "must be 1 to 128 characters of a number or name, '?' for any one, [2-9] for "
		     "one of these, '*' only at the end for any rest"
		   : "must be 1 to 128 characters of a number or name, '?' for any one, [2-9] for "
		     "one of these, '*' only at the end for any rest, and at most nine parts in "
		     "{}, not within each other";
}

/* ---- matching ---- */

static bool class_has(const char *text, char c)
{
	for (size_t i = 1; text[i] != ']'; i++) {
		if (text[i + 1] == '-') {
			if (c >= text[i] && c <= text[i + 2])
				return true;
			i += 2;
		} else if (c == text[i]) {
			return true;
		}
	}
	return false;
}

static bool one_matches(const char *text, char c)
{
	return *text == '[' ? class_has(text, c) : *text == '?' || *text == c;
}

static void begin_part(struct pattern_parts *parts, struct str rest)
{
	if (parts && parts->count < PATTERN_PARTS_MAX)
		parts->part[parts->count++] = (struct str){rest.ptr, 0};
}

static void end_part(struct pattern_parts *parts, const char *end)
{
	struct str *part = parts && parts->count ? &parts->part[parts->count - 1] : NULL;

	if (part && part->ptr)
		part->len = (size_t)(end - part->ptr);
}

bool pattern_match(const char *text, struct str number, struct pattern_parts *parts)
{
	struct str rest = number.ptr ? number : STR("");

	if (parts)
		*parts = (struct pattern_parts){0};
	while (*text) {
		if (*text == '{') {
			begin_part(parts, rest);
			text++;
		} else if (*text == '}') {
			end_part(parts, rest.ptr);
			text++;
		} else if (*text == '*') {
			rest = (struct str){rest.ptr + rest.len, 0};
			text++;
		} else {
			if (!rest.len || !one_matches(text, *rest.ptr))
				return false;
			rest = (struct str){rest.ptr + 1, rest.len - 1};
			text += *text == '[' ? class_length(text) : 1;
		}
	}
	return rest.len == 0;
}

size_t pattern_prefix(const char *text)
{
	return strcspn(text, "?[*");
}

unsigned pattern_weight(const char *text)
{
	unsigned weight = 0;

	while (*text) {
		weight += *text == '[' ? 3 : *text == '?' ? 1 : *text == '*' ? 0 : 4;
		text += *text == '[' ? class_length(text) : 1;
	}
	return weight;
}

/* ---- values ---- */

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Only the last '*' is ever gone back to: what an earlier one took need not be less. */
bool pattern_value_match(const char *text, struct str value)
{
	const char *star = NULL;
	size_t i = 0, tried = 0;

	if (value.len > PATTERN_VALUE_MAX)
		return false;
	while (i < value.len) {
		if (*text == '*') {
			star = ++text;
			tried = i;
		} else if (*text && (*text == '?' || same_letter(*text, value.ptr[i]))) {
			text++;
			i++;
		} else if (star) {
			text = star;
			i = ++tried;
		} else {
			return false;
		}
	}
	return text[strspn(text, "*")] == '\0';
}
