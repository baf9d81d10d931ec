/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of what routes, schedules and translations are written with. */
#include <ctype.h>
#include <string.h>

#include "policy/syntax.h"
#include "route/pattern.h"
#include "route/schedule.h"

const char *syntax_pattern(const char *text)
{
	return pattern_check(text, PATTERN_ROUTE);
}

const char *syntax_translated(const char *text)
{
	return pattern_check(text, PATTERN_TRANSLATION);
}

const char *syntax_number(const char *text)
{
	if (!strpbrk(text, "?*[]{}") && !pattern_check(text, PATTERN_ROUTE))
		return NULL;
	return "must be 1 to 128 characters of a number or name, without patterns";
}

/* Its parts are checked beside its pattern. */
const char *syntax_replacement(const char *text)
{
	return strlen(text) <= PATTERN_MAX ? NULL : "must be at most 128 characters";
}

const char *syntax_hours(const char *text)
{
	return schedule_hours_parse(text, NULL);
}

const char *syntax_day(const char *text)
{
	return schedule_day_parse(text, NULL);
}

/* RFC 3261 25.1: token ":" value; what no route may look at never is in one. */
const char *syntax_header_match(const char *text)
{
	static const char *const secret[] = {"Authorization", "Proxy-Authorization"};
	size_t length = strcspn(text, ":"), i = 0;

	while (i < length && (isalnum((unsigned char)text[i]) || strchr("-.!%*_+`'~", text[i])))
		i++;
	for (unsigned n = 0; n < 2; n++)
		if (length == strlen(secret[n]) && strncasecmp(text, secret[n], length) == 0)
			return "must be another header: credentials are secret";
	if (i == length && length > 0 && length < 64 && text[length] == ':' &&
	    strlen(text) <= length + PATTERN_MAX &&
	    text[length + 1 + strspn(text + length + 1, " ")])
		return NULL;
	return "must be \"NAME: VALUE\" with a name of at most 63 characters; in the value '*' "
	       "stands "
	       "for anything and '?' for any one character";
}
