/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names: each is unique in its list, and each that is referred to exists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

static int row_order(const void *a, const void *b)
{
	const struct unique_row *x = a, *y = b;
	int order = strcasecmp(x->key, y->key);

	if (order != 0)
		return order;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item; /* {…}, {…} on one line */
}

static unsigned rows_compact(const struct load *load, struct unique_row *rows, unsigned count)
{
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!rows[i].key)
			continue;
		rows[used] = rows[i];
		rows[used++].line = load_line(load, rows[i].field);
	}
	return used;
}

void check_unique(struct load *load, const struct schema *schema, struct unique_row *rows,
		  unsigned count, const char *what, const char *must)
{
	unsigned first = 0;

	count = rows_compact(load, rows, count);
	qsort(rows, count, sizeof(*rows), row_order);
	for (unsigned i = 1; i < count; i++) {
		if (strcasecmp(rows[first].key, rows[i].key) != 0) {
			first = i;
			continue;
		}
		struct load_label label = load_label(load, schema, rows[i].item);
		load_error(load, rows[i].line, "%s%s: %s is already used at line %u; %s",
			   label.text, what, load_show(rows[i].key).text, rows[first].line, must);
	}
}

/* The items of one list, in the order of their names. */
struct index {
	const struct schema *schema;
	struct unique_row *rows;
	unsigned count;
};

static void index_make(struct load *load, struct index *index, const struct schema *schema)
{
	const struct schema_key *list = schema_list_of(schema);
	const char *items = *(char *const *)((const char *)load->config + list->offset);
	unsigned count = *(const unsigned *)((const char *)load->config + list->count_offset);

	index->schema = schema;
	index->count = 0;
	index->rows = calloc(count + 1, sizeof(*index->rows));
	if (!index->rows) {
		load->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		const char *item = items + i * schema->size;
		const char *name = *(char *const *)item;

		if (name)
			index->rows[index->count++] = (struct unique_row){name, item, item, 0};
	}
	check_unique(load, schema, index->rows, index->count, "name",
		     "each needs a name of its own");
}

static int name_order(const void *name, const void *row)
{
	return strcasecmp(name, ((const struct unique_row *)row)->key);
}

static const void *index_find(const struct index *index, const char *name)
{
	const struct unique_row *row =
	    bsearch(name, index->rows, index->count, sizeof(*row), name_order);

	return row && strcmp(row->key, name) == 0 ? row->item : NULL;
}

/* The names that there are; a long list is cut. */
static void list_names(const struct index *index, char *text, size_t size)
{
	size_t used = 0;

	if (index->count == 0)
		snprintf(text, size, "none is configured");
	for (unsigned i = 0; i < index->count; i++) {
		const char *name = index->rows[i].key;

		if (i == 8 || used + strlen(name) + 8 > size) {
			snprintf(text + used, size - used, ", ...");
			return;
		}
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i == 0 ? "must be one of " : ", ", name);
	}
}

static void resolve(struct load *load, const struct load_reference *reference,
		    const struct index *index)
{
	const void **slot =
	    (const void **)((char *)(uintptr_t)reference->item + reference->key->offset);
	char names[640];

	*slot = index_find(index, reference->name);
	if (*slot)
		return;
	list_names(index, names, sizeof(names));
	load_error_at(load, slot, "%s%s: there is no %s %s; %s",
		      load_label(load, reference->schema, reference->item).text,
		      reference->key->name, index->schema->noun, load_show(reference->name).text,
		      names);
}

void resolve_references(struct load *load)
{
	const struct schema *const schemas[] = {
	    &schema_tls,      &schema_listener,    &schema_dial_plan, &schema_peer,
	    &schema_schedule, &schema_translation, &schema_route,     &schema_registration,
	    &schema_codecs,   &schema_header_rule, &schema_interface, &schema_number_limit};

	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		struct index index;

		index_make(load, &index, schemas[i]);
		for (unsigned j = 0; j < load->reference_count && index.rows; j++)
			if (load->references[j].key->item == schemas[i] && load->references[j].name)
				resolve(load, &load->references[j], &index);
		free(index.rows);
	}
}
