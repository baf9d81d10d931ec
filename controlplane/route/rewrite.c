/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/rewrite.h"

#include <ctype.h>
#include <errno.h>

static unsigned parts_of(const char *pattern)
{
	unsigned count = 0;

	for (; *pattern; pattern++)
		count += *pattern == '{';
	return count;
}

/* The number in "{1}", or 0. */
static unsigned part_number(const char *text)
{
	bool right = text[0] == '{' && text[1] >= '1' && text[1] <= '9' && text[2] == '}';

	return right ? (unsigned)(text[1] - '0') : 0;
}

const char *rewrite_check(const char *match, const char *replace)
{
	unsigned parts = parts_of(match);
	const char *text = replace;

	while (*text) {
		if (*text == '{') {
			if (!part_number(text))
				return "must call parts {1} to {9}";
			if (part_number(text) > parts)
				return "must call only parts that match has in {}";
			text += 3;
		} else if (strchr("}[]*?", *text)) {
			return "must be characters of a number or name, and {1} to {9}";
		} else {
			text++;
		}
	}
	return *replace && strlen(replace) <= PATTERN_MAX
		   ? NULL
		   : "must be 1 to 128 characters of a number or name";
}

struct output {
	char text[REWRITE_TEXT_MAX];
	size_t length;
	bool full;
};

static void put(struct output *output, struct str text)
{
	if (output->length + text.len >= sizeof(output->text)) {
		output->full = true;
		return;
	}
	if (text.len)
		memcpy(output->text + output->length, text.ptr, text.len);
	output->length += text.len;
}

static void put_replacement(struct output *output, const char *replace,
			    const struct pattern_parts *parts)
{
	while (*replace) {
		unsigned part = part_number(replace);

		if (part && part <= parts->count)
			put(output, parts->part[part - 1]);
		else if (!part)
			put(output, (struct str){replace, 1});
		replace += part ? 3 : 1;
	}
}

/* Whether the rule fits; then output is the new number. */
static bool apply(const struct rewrite *rule, const char *text, struct output *output)
{
	size_t strip = rule->strip ? strlen(rule->strip) : 0;
	struct pattern_parts parts;

	if (rule->match) {
		if (!pattern_match(rule->match, str_of(text), &parts))
			return false;
		put_replacement(output, rule->replace, &parts);
		return true;
	}
	if (strip && strncmp(text, rule->strip, strip) != 0)
		return false;
	if (rule->add)
		put(output, str_of(rule->add));
	put(output, str_of(text + strip));
	return true;
}

static bool escapes_are_whole(const struct output *output)
{
	for (size_t i = 0; i < output->length; i++) {
		if (output->text[i] != '%')
			continue;
		if (i + 2 >= output->length || !isxdigit((unsigned char)output->text[i + 1]) ||
		    !isxdigit((unsigned char)output->text[i + 2]))
			return false;
		i += 2;
	}
	return true;
}

int rewrite_apply(const struct rewrite *rules, unsigned count, char text[static REWRITE_TEXT_MAX],
		  unsigned *rule)
{
	for (unsigned i = 0; i < count; i++) {
		struct output output = {.length = 0};

		if (!apply(&rules[i], text, &output))
			continue;
		if (rule)
			*rule = i;
		if (output.full || !output.length || !escapes_are_whole(&output))
			return -EINVAL;
		memcpy(text, output.text, output.length);
		text[output.length] = '\0';
		return (int)i;
	}
	return -ENOENT;
}
