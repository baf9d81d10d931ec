/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header/edit.h"

#include <stdio.h>
#include <string.h>

#include "sip/names.h"

/* One line of what was written: "Name: value\r\n" from start to end. */
struct line {
	size_t start, end;
	struct str name, value;
};

/* The line at offset; false: there is none. Ours have one CRLF each, and no folds. */
static bool line_at(const char *data, size_t length, size_t offset, struct line *line)
{
	const char *text = data + offset;
	const char *end = length > offset ? memchr(text, '\n', length - offset) : NULL;
	const char *colon = end ? memchr(text, ':', (size_t)(end - text)) : NULL;

	if (!end)
		return false;
	*line = (struct line){.start = offset, .end = (size_t)(end + 1 - data)};
	if (!colon || end - colon < 3)
		return true; /* the first line */
	line->name = (struct str){text, (size_t)(colon - text)};
	line->value = (struct str){colon + 2, (size_t)(end - 1 - (colon + 2))};
	return true;
}

/* Bytes from start to end give way to text; false: there is no room. */
static bool splice(struct sip_writer *writer, size_t start, size_t end, struct str text)
{
	if (text.len > end - start && text.len - (end - start) > writer->size - writer->length)
		return false;
	memmove(writer->data + start + text.len, writer->data + end, writer->length - end);
	if (text.len)
		memcpy(writer->data + start, text.ptr, text.len);
	writer->length = writer->length - (end - start) + text.len;
	return true;
}

/* ---- what passes ---- */

static void remove_named(struct sip_writer *writer, size_t length, struct str name)
{
	size_t offset = 0;
	struct line line;

	while (offset < length && line_at(writer->data, length, offset, &line)) {
		offset = line.end;
		if (!line.start || !str_caseeq(line.name, name))
			continue;
		splice(writer, line.start, line.end, (struct str){0});
		length -= line.end - line.start;
		offset = line.start;
	}
}

void header_edit_append(struct sip_writer *writer, struct str lines)
{
	size_t ours = writer->length, offset = 0;
	struct line line;

	if (writer->error)
		return;
	while (line_at(lines.ptr, lines.len, offset, &line)) {
		size_t before = writer->length;
		char name[HEADER_NAME_MAX + 1];

		offset = line.end;
		remove_named(writer, ours, line.name);
		ours -= before - writer->length;
		if (line.name.len > HEADER_NAME_MAX)
			continue;
		if (line.name.len) /* else there is nothing to copy from */
			memcpy(name, line.name.ptr, line.name.len);
		name[line.name.len] = '\0';
		sip_writer_header(writer, name, line.value);
	}
}

/* ---- rules ---- */

struct edit {
	struct sip_writer *writer;
	size_t length_max; /* that the rules may make of it */
	unsigned withheld;
};

static bool replace(struct edit *edit, const struct line *line, const struct header_rule *rule,
		    const struct header_found *found)
{
	char expanded[HEADER_SUBJECT_MAX + HEADER_VALUE_MAX];
	size_t start = (size_t)(line->value.ptr - edit->writer->data);
	int length =
	    header_template_expand(expanded, sizeof(expanded), rule->value, line->value, found);

	if (length <= 0 ||
	    edit->writer->length - line->value.len + (size_t)length > edit->length_max)
		return false;
	return splice(edit->writer, start, start + line->value.len,
		      (struct str){expanded, (size_t)length});
}

/* What becomes of one header that the rule names. True: it is still there. */
static bool apply_to(struct edit *edit, const struct line *line, const struct header_rule *rule)
{
	struct header_found found;
	enum header_match match = header_pattern_match(rule->compiled, line->value, &found);

	if (match == HEADER_DIFFERS)
		return true;
	if (match == HEADER_MATCHES && rule->action == HEADER_REPLACE &&
	    replace(edit, line, rule, &found))
		return true;
	if (rule->action == HEADER_REPLACE || match == HEADER_UNKNOWN)
		edit->withheld++;
	splice(edit->writer, line->start, line->end, (struct str){0});
	return false;
}

static void add(struct edit *edit, const struct header_rule *rule)
{
	if (edit->writer->length + strlen(rule->header) + strlen(rule->value) + 4 >
	    edit->length_max)
		edit->withheld++;
	else
		sip_writer_header(edit->writer, rule->header, str_of(rule->value));
}

/* What may stand once takes the place of what is there. */
static void make_room(struct sip_writer *writer, const struct header_rule *rule)
{
	if (sip_header_once(sip_header_id_of(str_of(rule->header))))
		remove_named(writer, writer->length, str_of(rule->header));
}

static void apply(struct edit *edit, const struct header_rule *rule)
{
	struct sip_writer *writer = edit->writer;
	size_t offset = 0;
	struct line line;

	while (line_at(writer->data, writer->length, offset, &line)) {
		size_t start = line.start;
		bool there =
		    !start || !header_rule_names(rule, line.name) || apply_to(edit, &line, rule);

		if (!there)
			offset = start;
		else if (line_at(writer->data, writer->length, start, &line))
			offset = line.end; /* it may have another length now */
	}
}

unsigned header_edit(struct sip_writer *writer, enum header_message kind,
		     const struct header_rules *rules)
{
	size_t room = writer->size - writer->length;
	struct edit edit = {.writer = writer,
			    .length_max =
				writer->length +
				(room < HEADER_EDIT_ADDED_MAX ? room : HEADER_EDIT_ADDED_MAX)};

	for (unsigned i = 0; i < rules->count && !writer->error; i++) {
		const struct header_rule *rule = rules->rule[i];

		if (!header_rule_is_for(rule, HEADER_OUT, kind) || rule->action == HEADER_PASS)
			continue;
		if (rule->action == HEADER_ADD) {
			make_room(writer, rule);
			add(&edit, rule);
		} else {
			apply(&edit, rule);
		}
	}
	return edit.withheld;
}
