/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/load.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"

void load_free(struct load *load)
{
	for (unsigned i = 0; i < load->errors_kept; i++)
		free(load->errors[i].text);
	for (unsigned i = 0; i < load->reference_count; i++)
		free(load->references[i].name);
	free(load->errors);
	free(load->places);
	free(load->references);
}

bool load_room(struct load *load, void *array, unsigned count, unsigned *room, size_t size)
{
	void **items = array;

	if (count < *room)
		return true;
	unsigned more = *room ? *room * 2 : 64;
	void *grown = reallocarray(*items, more, size);
	if (!grown) {
		load->out_of_memory = true;
		return false;
	}
	*items = grown;
	*room = more;
	return true;
}

/* ---- errors ---- */

__attribute__((format(printf, 3, 0))) static void keep_error(struct load *load, unsigned line,
							     const char *format, va_list args)
{
	struct load_error *error;

	load->error_count++;
	if (load->errors_kept == CONFIG_ERRORS_MAX ||
	    !load_room(load, &load->errors, load->errors_kept, &load->errors_room, sizeof(*error)))
		return;
	error = &load->errors[load->errors_kept];
	error->line = line;
	error->number = load->errors_kept;
	if (vasprintf(&error->text, format, args) < 0)
		load->out_of_memory = true;
	else
		load->errors_kept++;
}

void load_error(struct load *load, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep_error(load, line, format, args);
	va_end(args);
}

void load_error_at(struct load *load, const void *field, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep_error(load, load_line(load, field), format, args);
	va_end(args);
}

void load_warn_at(struct load *load, const void *field, const char *format, ...)
{
	struct config *config = load->config;
	char *text = NULL, *whole = NULL;
	va_list args;
	int length;

	if (!load_room(load, &config->warnings, config->warning_count, &load->warnings_room,
		       sizeof(*config->warnings)))
		return;
	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length >= 0) {
		length = asprintf(&whole, "%s:%u: %s", load->path, load_line(load, field), text);
		free(text);
	}
	if (length < 0)
		load->out_of_memory = true;
	else
		config->warnings[config->warning_count++] = whole;
}

static int error_order(const void *a, const void *b)
{
	const struct load_error *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void report_line(const struct load *load, unsigned line, const char *text,
			void (*report)(void *user, const char *text), void *user)
{
	char *whole;
	int length = line ? asprintf(&whole, "%s:%u: %s", load->path, line, text)
			  : asprintf(&whole, "%s: %s", load->path, text);

	if (length < 0)
		return;
	report(user, whole);
	free(whole);
}

void load_report(struct load *load, void (*report)(void *user, const char *text), void *user)
{
	char more[64];

	if (load->errors)
		qsort(load->errors, load->errors_kept, sizeof(*load->errors), error_order);
	for (unsigned i = 0; i < load->errors_kept; i++)
		report_line(load, load->errors[i].line, load->errors[i].text, report, user);
	if (load->out_of_memory)
		report_line(load, 0, "out of memory", report, user);
	if (load->error_count > load->errors_kept) {
		snprintf(more, sizeof(more), "and %u more errors",
			 load->error_count - load->errors_kept);
		report_line(load, 0, more, report, user);
	}
}

struct load_shown load_show(const char *text)
{
	struct load_shown shown;

	shown.text[0] = '"';
	size_t length = log_escape(shown.text + 1, 81, text, strlen(text));
	memcpy(shown.text + 1 + length, "\"", 2);
	return shown;
}

/* ---- places ---- */

void load_place(struct load *load, const void *field, unsigned line, enum load_state state)
{
	if (!load_room(load, &load->places, load->place_count, &load->place_room,
		       sizeof(*load->places)))
		return;
	load->places[load->place_count++] = (struct load_place){field, line, state};
}

static int place_order(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct load_place *)a)->field;
	uintptr_t y = (uintptr_t)((const struct load_place *)b)->field;

	return x < y ? -1 : x > y;
}

void load_places_sort(struct load *load)
{
	if (load->places)
		qsort(load->places, load->place_count, sizeof(*load->places), place_order);
}

static const struct load_place *place_of(const struct load *load, const void *field)
{
	static const struct load_place nowhere;
	struct load_place wanted = {.field = field};
	const struct load_place *place = NULL;

	if (load->places)
		place =
		    bsearch(&wanted, load->places, load->place_count, sizeof(wanted), place_order);
	return place ? place : &nowhere;
}

unsigned load_line(const struct load *load, const void *field)
{
	return place_of(load, field)->line;
}

bool load_given(const struct load *load, const void *field)
{
	return place_of(load, field)->state == LOAD_GIVEN;
}

bool load_bad(const struct load *load, const void *field)
{
	return place_of(load, field)->state == LOAD_BAD;
}

/* The items of a list, in the struct that has it. */
static const char *items_of(const struct schema_key *list, const void *object, unsigned *count)
{
	*count = *(const unsigned *)((const char *)object + list->count_offset);
	return *(char *const *)((const char *)object + list->offset);
}

static size_t number_of(const struct schema *schema, const char *first, const void *item)
{
	return (size_t)((const char *)item - first) / schema->size;
}

/* The list of an item of top in which item lies; NULL: in none. */
static const struct schema_key *list_within(const struct schema_key *top, const void *owner,
					    const struct schema *schema, const void *item)
{
	for (unsigned i = 0; i < top->item->count; i++) {
		const struct schema_key *key = &top->item->keys[i];
		unsigned count;

		if (key->type != SCHEMA_LIST || key->item != schema)
			continue;
		const char *first = items_of(key, owner, &count);
		if (first && (const char *)item >= first &&
		    (const char *)item < first + count * schema->size)
			return key;
	}
	return NULL;
}

/* Errors are few: looking through all items is good enough. */
static bool label_within(const struct load *load, const struct schema_key *top,
			 const struct schema *schema, const void *item, struct load_label *label)
{
	unsigned count, ignored;
	const char *owners = items_of(top, load->config, &count);

	for (unsigned i = 0; owners && i < count; i++) {
		const void *owner = owners + i * top->item->size;
		const struct schema_key *list = list_within(top, owner, schema, item);

		if (!list)
			continue;
		*label = load_label(load, top->item, owner);
		size_t used = strlen(label->text);
		snprintf(label->text + used, sizeof(label->text) - used, "%s %zu: ", schema->noun,
			 number_of(schema, items_of(list, owner, &ignored), item) + 1);
		return true;
	}
	return false;
}

struct load_label load_label(const struct load *load, const struct schema *schema, const void *item)
{
	const struct schema_key *list = schema_list_of(schema);
	struct load_label label = {""};
	unsigned count;

	for (unsigned i = 0; !list && i < schema_config.count; i++)
		if (schema_config.keys[i].type == SCHEMA_LIST &&
		    label_within(load, &schema_config.keys[i], schema, item, &label))
			return label;
	if (!list)
		return label;
	const char *name = *(char *const *)item;
	if (name)
		snprintf(label.text, sizeof(label.text), "%s %s: ", schema->noun, name);
	else
		snprintf(label.text, sizeof(label.text), "%s %zu: ", schema->noun,
			 number_of(schema, items_of(list, load->config, &count), item) + 1);
	return label;
}
