/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation of numbers: rules tried in order, of which the first that fits is applied, once.
 *
 * Thread: any; nothing is kept.
 */
#pragma once

#include "route/pattern.h"

#define REWRITE_TEXT_MAX 256U /* bytes of a number, NUL included */

/*
 * Either strip and add, one of which may be absent: a number that begins with strip loses it, and
 * gets add in front; or match and replace: {1} to {9} of the replacement are the parts of the
 * pattern.
 */
struct rewrite {
	const char *strip, *add;
	const char *match, *replace;
};

/* NULL when the replacement suits the pattern, else what it must be. */
const char *rewrite_check(const char *match, const char *replace);

/*
 * Applies the first rule that fits to text. Returns its number, -ENOENT (none fits: text is as it
 * was), or -EINVAL: the result would be empty, too long, or cut an escape (%20) in two; then text
 * is as it was and *rule, which may be NULL, says which rule it was.
 */
int rewrite_apply(const struct rewrite *rules, unsigned count, char text[static REWRITE_TEXT_MAX],
		  unsigned *rule);
