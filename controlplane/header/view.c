/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header/view.h"

#include <string.h>

#include "sip/names.h"

/* A value without its folds, in room, to be searched. What is too long for that stays as it is. */
static struct str flatten(char room[static HEADER_SUBJECT_MAX], struct str value)
{
	if (!value.len || value.len > HEADER_SUBJECT_MAX || !memchr(value.ptr, '\r', value.len))
		return value;
	for (size_t i = 0; i < value.len; i++)
		room[i] = value.ptr[i] == '\r' || value.ptr[i] == '\n' ? ' ' : value.ptr[i];
	return (struct str){room, value.len};
}

static void remove_at(struct header_view *view, unsigned i)
{
	struct sip_message *message = &view->message;
	unsigned behind = --message->header_count - i;

	memmove(&message->header[i], &message->header[i + 1], behind * sizeof(message->header[0]));
	memmove(&view->passes[i], &view->passes[i + 1], behind * sizeof(view->passes[0]));
}

/* False: it cannot be replaced, and goes. */
static bool replace_at(struct header_view *view, unsigned i, const struct header_rule *rule,
		       struct str value, const struct header_found *found)
{
	char expanded[HEADER_SUBJECT_MAX + HEADER_VALUE_MAX];
	int length = header_template_expand(expanded, sizeof(expanded), rule->value, value, found);

	if (length <= 0 || (size_t)length > sizeof(view->text) - view->used)
		return false;
	memcpy(view->text + view->used, expanded, (size_t)length);
	view->message.header[i].value = (struct str){view->text + view->used, (size_t)length};
	view->used += (size_t)length;
	return true;
}

/* What becomes of one header that the rule names. True: it is still there. */
static bool apply_to(struct header_view *view, unsigned i, const struct header_rule *rule)
{
	char room[HEADER_SUBJECT_MAX];
	struct str value = flatten(room, view->message.header[i].value);
	struct header_found found;
	enum header_match match = header_pattern_match(rule->compiled, value, &found);

	if (match == HEADER_DIFFERS || (match == HEADER_UNKNOWN && rule->action == HEADER_PASS))
		return true;
	if (match == HEADER_MATCHES && rule->action == HEADER_PASS) {
		view->passes[i] = true;
		return true;
	}
	if (match == HEADER_MATCHES && rule->action == HEADER_REPLACE &&
	    replace_at(view, i, rule, value, &found))
		return true;
	if (rule->action == HEADER_REPLACE || match == HEADER_UNKNOWN)
		view->withheld++; /* what cannot be searched is not let through */
	remove_at(view, i);
	return false;
}

static void add(struct header_view *view, const struct header_rule *rule)
{
	struct sip_message *message = &view->message;
	enum sip_header_id id = sip_header_id_of(str_of(rule->header));
	unsigned i;

	/* what may stand once takes the place of what is there */
	for (i = 0; sip_header_once(id) && i < message->header_count;)
		if (message->header[i].id == id)
			remove_at(view, i);
		else
			i++;
	i = message->header_count;
	if (i == SIP_HEADERS_MAX) {
		view->withheld++;
		return;
	}
	message->header[i] = (struct sip_header){
	    .id = id, .name = str_of(rule->header), .value = str_of(rule->value)};
	view->passes[i] = !rule->known || !rule->known->relayed;
	message->header_count++;
}

static void apply(struct header_view *view, const struct header_rule *rule)
{
	if (rule->action == HEADER_ADD) {
		add(view, rule);
		return;
	}
	for (unsigned i = 0; i < view->message.header_count;)
		if (!header_rule_names(rule, view->message.header[i].name) ||
		    apply_to(view, i, rule))
			i++;
}

void header_view_make(struct header_view *view, const struct sip_message *source)
{
	/* a kept message may end with its last header */
	size_t size =
	    offsetof(struct sip_message, header) + source->header_count * sizeof(source->header[0]);

	memcpy(&view->message, source, size);
	memset(view->passes, 0, sizeof(view->passes));
	view->used = 0;
	view->withheld = 0;
}

void header_view_apply(struct header_view *view, enum header_message kind,
		       const struct header_rules *rules)
{
	for (unsigned i = 0; i < rules->count; i++)
		if (header_rule_is_for(rules->rule[i], HEADER_IN, kind))
			apply(view, rules->rule[i]);
}

void header_view_pass(struct header_view *view, enum header_message kind,
		      const struct header_rules *rules)
{
	for (unsigned i = 0; i < rules->count; i++)
		if (rules->rule[i]->action == HEADER_PASS &&
		    header_rule_is_for(rules->rule[i], HEADER_OUT, kind))
			apply(view, rules->rule[i]);
}

/* ---- what passes ---- */

struct lines {
	char *text;
	size_t used;
	unsigned count;
};

static void put(struct lines *lines, struct str text)
{
	memcpy(lines->text + lines->used, text.ptr, text.len);
	lines->used += text.len;
}

static bool put_line(struct lines *lines, struct str name, struct str value)
{
	size_t from;

	if (lines->count == HEADER_PASSED_MAX ||
	    name.len + value.len + 4 > HEADER_PASSED_TEXT_MAX - lines->used)
		return false;
	put(lines, name);
	put(lines, STR(": "));
	from = lines->used;
	if (value.len)
		put(lines, value);
	for (size_t i = from; i < lines->used; i++)
		if (lines->text[i] == '\r' || lines->text[i] == '\n')
			lines->text[i] = ' ';
	put(lines, STR("\r\n"));
	lines->count++;
	return true;
}

size_t header_view_lines(struct header_view *view, char text[static HEADER_PASSED_TEXT_MAX],
			 enum header_privacy privacy)
{
	struct lines lines = {.text = text};

	for (unsigned i = 0; i < view->message.header_count; i++) {
		const struct sip_header *header = &view->message.header[i];
		const struct header_known *known =
		    view->passes[i] ? header_known(header->name) : NULL;
		bool hidden =
		    privacy == HEADER_HIDDEN && known && known->tells == HEADER_TELLS_IDENTITY;

		if (!view->passes[i])
			continue;
		if (hidden ||
		    !put_line(&lines, known ? str_of(known->name) : header->name, header->value))
			view->withheld++;
	}
	return lines.used;
}
