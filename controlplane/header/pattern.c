/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header/pattern.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct header_pattern {
	regex_t regex;
};

/* ---- what a pattern may cost ---- */

/* The number at *text, at most HEADER_REPEAT_MAX + 1; *text is moved behind it. */
static unsigned read_count(const char **text)
{
	unsigned count = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		if (count <= HEADER_REPEAT_MAX)
			count = count * 10 + (unsigned)(**text - '0');
	return count > HEADER_REPEAT_MAX ? HEADER_REPEAT_MAX + 1 : count;
}

/* "{3}", "{3,}", "{3,5}": how often, at the most that is unrolled. */
static unsigned repeats_of(const char *text)
{
	unsigned low = read_count(&text), high = low;

	if (*text == ',') {
		text++;
		high = read_count(&text);
	}
	return low > high ? low : high;
}

/*
 * Back-references make a match take exponential time, and counts are unrolled when the pattern is
 * compiled: nested ones multiply. NULL when neither is a danger.
 */
static const char *cost_objection(const char *text)
{
	unsigned product = 1;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			if (text[1] >= '0' && text[1] <= '9')
				return "must have no back-references";
			text++;
		} else if (*text == '{') {
			unsigned repeats = repeats_of(text + 1);

			product *= repeats > 1 ? repeats : 1;
			if (product > HEADER_REPEAT_MAX)
				return "must have counts {n} whose product is at most 64";
		}
	}
	return NULL;
}

static int refuse(char *error, size_t size, const char *why)
{
	snprintf(error, size, "%s", why);
	return -EINVAL;
}

int header_pattern_new(struct header_pattern **pattern_out, const char *text, char *error,
		       size_t size)
{
	const char *objection = cost_objection(text);
	struct header_pattern *pattern;
	char why[128];
	int rc;

	if (strlen(text) > HEADER_PATTERN_MAX)
		objection = "must be at most 256 bytes";
	if (objection)
		return refuse(error, size, objection);
	pattern = calloc(1, sizeof(*pattern));
	if (!pattern)
		return -ENOMEM;
	rc = regcomp(&pattern->regex, text, REG_EXTENDED);
	if (rc == 0) {
		*pattern_out = pattern;
		return 0;
	}
	regerror(rc, &pattern->regex, why, sizeof(why));
	free(pattern);
	if (rc == REG_ESPACE)
		return -ENOMEM;
	snprintf(error, size, "must be a POSIX extended regular expression (%s)", why);
	return -EINVAL;
}

void header_pattern_free(struct header_pattern *pattern)
{
	if (!pattern)
		return;
	regfree(&pattern->regex);
	free(pattern);
}

/* ---- matching ---- */

static void take_whole(struct header_found *found, size_t length)
{
	for (unsigned i = 0; i < HEADER_GROUPS; i++) {
		found->group[i].from = i ? 1 : 0;
		found->group[i].to = i ? 0 : length;
	}
}

static void take_groups(struct header_found *found, const regmatch_t *groups)
{
	for (unsigned i = 0; i < HEADER_GROUPS; i++) {
		bool there = groups[i].rm_so >= 0;

		found->group[i].from = there ? (size_t)groups[i].rm_so : 1;
		found->group[i].to = there ? (size_t)groups[i].rm_eo : 0;
	}
}

enum header_match header_pattern_match(const struct header_pattern *pattern, struct str value,
				       struct header_found *found)
{
	regmatch_t groups[HEADER_GROUPS];
	char subject[HEADER_SUBJECT_MAX + 1];
	int rc;

	if (!pattern) {
		if (found)
			take_whole(found, value.len);
		return HEADER_MATCHES;
	}
	if (value.len > HEADER_SUBJECT_MAX)
		return HEADER_UNKNOWN;
	if (value.len)
		memcpy(subject, value.ptr, value.len);
	subject[value.len] = '\0';
	rc = regexec(&pattern->regex, subject, found ? HEADER_GROUPS : 0, groups, 0);
	if (rc == 0 && found)
		take_groups(found, groups);
	if (rc == REG_NOMATCH)
		return HEADER_DIFFERS;
	return rc == 0 ? HEADER_MATCHES : HEADER_UNKNOWN;
}

/* ---- templates ---- */

const char *header_template_check(const char *text, const struct header_pattern *pattern)
{
	for (; *text; text++) {
		if (*text != '\\')
			continue;
		text++;
		if (*text == '\\')
			continue;
		if (*text < '0' || *text > '9')
			return "must have a digit or a backslash after a backslash";
		if ((size_t)(*text - '0') > (pattern ? pattern->regex.re_nsub : 0))
			return "must name no group that the pattern does not have";
	}
	return NULL;
}

struct out {
	char *to;
	size_t size, used;
	bool full;
};

static void put(struct out *out, const char *from, size_t length)
{
	if (length > out->size - out->used) {
		out->full = true;
		return;
	}
	if (length)
		memcpy(out->to + out->used, from, length);
	out->used += length;
}

int header_template_expand(char *to, size_t size, const char *text, struct str value,
			   const struct header_found *found)
{
	struct out out = {.to = to, .size = size};
	size_t end = found->group[0].to;

	put(&out, value.ptr, found->group[0].from);
	for (; *text && !out.full; text++) {
		if (*text == '\\' && text[1] >= '0' && text[1] <= '9') {
			unsigned i = (unsigned)(*++text - '0');

			if (found->group[i].from <= found->group[i].to)
				put(&out, value.ptr + found->group[i].from,
				    found->group[i].to - found->group[i].from);
		} else {
			if (*text == '\\' && text[1])
				text++;
			put(&out, text, 1);
		}
	}
	put(&out, value.ptr + end, value.len - end);
	return out.full ? -ENOSPC : (int)out.used;
}
