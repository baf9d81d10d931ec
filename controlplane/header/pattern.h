/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns of header rules: POSIX extended regular expressions, compiled once when the
 * configuration is read, and bounded in all that they may cost. An immutable pattern may be used by
 * any thread.
 */
#pragma once

#include <stddef.h>

#include "sip/str.h"

#define HEADER_PATTERN_MAX 256U  /* bytes of a pattern */
#define HEADER_REPEAT_MAX 64U    /* {n} and the product of all of them: they are unrolled */
#define HEADER_SUBJECT_MAX 1024U /* bytes of a value that is searched */
#define HEADER_GROUPS 10U        /* \0, the whole match, to \9 */

struct header_pattern;

/* 0; -ENOMEM; or -EINVAL with error filled: what is wrong, as the end of a sentence. */
int header_pattern_new(struct header_pattern **pattern, const char *text, char *error, size_t size);
void header_pattern_free(struct header_pattern *pattern); /* NULL is fine */

enum header_match {
	HEADER_MATCHES,
	HEADER_DIFFERS,
	HEADER_UNKNOWN, /* too long to be searched, or no memory: whoever asks takes the safe side
			 */
};

struct header_found {
	struct {
		size_t from, to; /* in the value; from > to: the group took no part */
	} group[HEADER_GROUPS];
};

/* pattern NULL: every value matches, as a whole. value: without folds. found may be NULL. */
enum header_match header_pattern_match(const struct header_pattern *pattern, struct str value,
				       struct header_found *found);

/* NULL when the text may stand for a match, else what it must be. */
const char *header_template_check(const char *text, const struct header_pattern *pattern);
/*
 * value with what was found replaced by text, in which \0 to \9 stand for groups and \\ for a
 * backslash. Length, or -ENOSPC. to is not terminated.
 */
int header_template_expand(char *to, size_t size, const char *text, struct str value,
			   const struct header_found *found);
