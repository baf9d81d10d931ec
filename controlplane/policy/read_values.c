/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function a type of the schema. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reader.h"

static bool is_empty(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static void place(struct reader *reader, const struct value *value, enum load_state state)
{
	load_place(reader->load, value->field, value->line, state);
}

static struct load_shown shown_node(const yaml_node_t *node)
{
	if (node->type == YAML_SCALAR_NODE)
		return load_show(scalar(node));
	if (node->type == YAML_MAPPING_NODE)
		return (struct load_shown){"a mapping"};
	if (node->data.sequence.items.top == node->data.sequence.items.start)
		return (struct load_shown){"an empty list"};
	return (struct load_shown){"a list"};
}

/* The value is wrong: says which, where, and what it must be. */
void read_refuse_node(struct reader *reader, const struct value *value, const yaml_node_t *node,
		      const char *must)
{
	struct load_label label = load_label(reader->load, value->schema, value->item);
	load_error(reader->load, line_of(node), "%s%s: %s %s", label.text, value->key->name,
		   shown_node(node).text, must);
}

void read_refuse(struct reader *reader, const struct value *value, const char *must)
{
	read_refuse_node(reader, value, value->node, must);
	place(reader, value, LOAD_BAD);
}

static char *copy(struct reader *reader, const char *text)
{
	char *own = strdup(text);

	if (!own)
		reader->load->out_of_memory = true;
	return own;
}

/* ---- one function a type; value->node is there ---- */

static void read_string(struct reader *reader, const struct value *value)
{
	const char *text = text_of(value->node);
	const char *must = text ? value->key->check(text)
				: "must be text, not empty and without control characters";

	if (must) {
		read_refuse(reader, value, must);
		return;
	}
	*(char **)value->field = copy(reader, text);
	place(reader, value, LOAD_GIVEN);
}

/* Decimal digits alone: 010, 0x10 and 1e3 mean different things to different YAML readers. */
static bool parse_unsigned(const char *text, unsigned min, unsigned max, unsigned *number)
{
	unsigned long value = 0;

	if (!text || text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned long)(*text - '0');
		if (value > max)
			return false;
	}
	*number = (unsigned)value;
	return value >= min;
}

static void read_number(struct reader *reader, const struct value *value)
{
	const struct schema_key *key = value->key;
	bool port = key->type == SCHEMA_PORT;
	unsigned min = port ? 1 : key->min, max = port ? 65535 : key->max, number;
	char must[64];

	if (!parse_unsigned(text_of(value->node), min, max, &number)) {
		snprintf(must, sizeof(must), "must be a whole number from %u to %u", min, max);
		read_refuse(reader, value, must);
		return;
	}
	if (port)
		*(uint16_t *)value->field = (uint16_t)number;
	else
		*(unsigned *)value->field = number * key->scale;
	place(reader, value, LOAD_GIVEN);
}

static void read_bool(struct reader *reader, const struct value *value)
{
	const char *text = text_of(value->node);
	bool yes = text && strcmp(text, "true") == 0;

	if (!yes && !(text && strcmp(text, "false") == 0)) {
		read_refuse(reader, value, "must be true or false");
		return;
	}
	*(bool *)value->field = yes;
	place(reader, value, LOAD_GIVEN);
}

static void refuse_choice(struct reader *reader, const struct value *value)
{
	char must[128];
	size_t used = (size_t)snprintf(must, sizeof(must), "must be one of");

	for (const struct schema_choice *choice = value->key->choices; choice->name; choice++)
		used += (size_t)snprintf(must + used, sizeof(must) - used, "%s %s",
					 choice == value->key->choices ? "" : ",", choice->name);
	read_refuse(reader, value, must);
}

static void read_choice(struct reader *reader, const struct value *value)
{
	const struct schema_choice *choice = value->key->choices;
	const char *text = text_of(value->node);

	while (choice->name && !(text && strcmp(choice->name, text) == 0))
		choice++;
	if (!choice->name) {
		refuse_choice(reader, value);
		return;
	}
	*(unsigned *)value->field = choice->value;
	place(reader, value, LOAD_GIVEN);
}

/* What the data plane's engines can do. */
#define SUITE_LAST SDES_AEAD_AES_256_GCM

static void refuse_suite(struct reader *reader, const struct value *value, const yaml_node_t *node)
{
	char must[256];
	size_t used = (size_t)snprintf(must, sizeof(must), "must be one of");

	for (enum sdes_suite suite = 1; suite <= SUITE_LAST; suite++)
		used += (size_t)snprintf(must + used, sizeof(must) - used, "%s %s",
					 suite == 1 ? "" : ",", sdes_suite_name(suite));
	read_refuse_node(reader, value, node, must);
}

static bool read_suite(struct reader *reader, const struct value *value, const yaml_node_t *node)
{
	unsigned *count = (unsigned *)((char *)value->item + value->key->count_offset);
	enum sdes_suite *suites = value->field;
	const char *text = text_of(node);
	enum sdes_suite suite = text ? sdes_suite_of(str_of(text)) : SDES_NONE;

	if (suite == SDES_NONE || suite > SUITE_LAST) {
		refuse_suite(reader, value, node);
		return false;
	}
	for (unsigned i = 0; i < *count; i++) {
		if (suites[i] == suite) {
			read_refuse_node(reader, value, node,
					 "is in the list twice; once is enough");
			return false;
		}
	}
	suites[(*count)++] = suite;
	return true;
}

static void read_suites(struct reader *reader, const struct value *value)
{
	const yaml_node_t *node = value->node;
	bool good = true;

	if (node->type != YAML_SEQUENCE_NODE ||
	    node->data.sequence.items.top == node->data.sequence.items.start) {
		read_refuse(reader, value, "must be a list of suites, the preferred one first");
		return;
	}
	yaml_node_item_t *item = node->data.sequence.items.start;
	for (; item < node->data.sequence.items.top; item++)
		if (!read_suite(reader, value, yaml_document_get_node(&reader->document, *item)))
			good = false;
	place(reader, value, good ? LOAD_GIVEN : LOAD_BAD);
}

static void read_reference(struct reader *reader, const struct value *value)
{
	struct load *load = reader->load;
	const char *text = text_of(value->node);
	char must[64];

	if (!text) {
		snprintf(must, sizeof(must), "must be the name of a %s", value->key->item->noun);
		read_refuse(reader, value, must);
		return;
	}
	if (!load_room(load, &load->references, load->reference_count, &load->reference_room,
		       sizeof(*load->references)))
		return;
	load->references[load->reference_count] = (struct load_reference){
	    .schema = value->schema, .item = value->item, .key = value->key};
	load->references[load->reference_count].name = copy(reader, text);
	load->reference_count++;
	place(reader, value, LOAD_GIVEN);
}

static void read_items(struct reader *reader, const struct value *value, unsigned count)
{
	const struct schema *schema = value->key->item;
	const yaml_node_item_t *node = value->node->data.sequence.items.start;
	char *items = calloc(count, schema->size);

	if (!items) {
		reader->load->out_of_memory = true;
		return;
	}
	*(char **)value->field = items;
	*(unsigned *)((char *)value->item + value->key->count_offset) = count;
	for (unsigned i = 0; i < count; i++)
		read_mapping(reader, schema, yaml_document_get_node(&reader->document, node[i]),
			     items + i * schema->size);
}

static void read_list(struct reader *reader, const struct value *value)
{
	const yaml_node_t *node = value->node;
	char must[80];
	size_t count = 0;

	if (node->type == YAML_SEQUENCE_NODE)
		count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	else if (!is_empty(node))
		count = SIZE_MAX;
	if (count > value->key->max) {
		snprintf(must, sizeof(must), "must be a list of at most %u items", value->key->max);
		read_refuse(reader, value, must);
	} else if (count == 0 && value->key->need == SCHEMA_REQUIRED) {
		snprintf(must, sizeof(must), "must be a list of at least one %s",
			 value->key->item->noun);
		read_refuse(reader, value, must);
	} else {
		place(reader, value, LOAD_GIVEN);
		if (count > 0)
			read_items(reader, value, (unsigned)count);
	}
}

static bool read_text(struct reader *reader, const struct value *value, const yaml_node_t *node,
		      char **text)
{
	const char *found = text_of(node);
	const char *must = found ? value->key->check(found)
				 : "must be text, not empty and without control characters";

	if (must)
		read_refuse_node(reader, value, node, must);
	else
		*text = copy(reader, found);
	return !must;
}

static void read_texts(struct reader *reader, const struct value *value)
{
	const yaml_node_t *node = value->node;
	const yaml_node_item_t *item = node->data.sequence.items.start;
	size_t count = 0;
	bool good = true;
	char **texts, must[64];

	if (node->type == YAML_SEQUENCE_NODE)
		count = (size_t)(node->data.sequence.items.top - item);
	if (count == 0 || count > value->key->max) {
		snprintf(must, sizeof(must), "must be a list of 1 to %u texts", value->key->max);
		read_refuse(reader, value, must);
		return;
	}
	texts = calloc(count, sizeof(*texts));
	if (!texts) {
		reader->load->out_of_memory = true;
		return;
	}
	*(char ***)value->field = texts;
	*(unsigned *)((char *)value->item + value->key->count_offset) = (unsigned)count;
	for (size_t i = 0; i < count; i++)
		if (!read_text(reader, value, yaml_document_get_node(&reader->document, item[i]),
			       &texts[i]))
			good = false;
	place(reader, value, good ? LOAD_GIVEN : LOAD_BAD);
}

static void (*const readers[])(struct reader *reader, const struct value *value) = {
    [SCHEMA_STRING] = read_string,       [SCHEMA_UNSIGNED] = read_number,
    [SCHEMA_PORT] = read_number,         [SCHEMA_BOOL] = read_bool,
    [SCHEMA_CHOICE] = read_choice,       [SCHEMA_SUITES] = read_suites,
    [SCHEMA_CODECS] = read_codecs,       [SCHEMA_SET] = read_set,
    [SCHEMA_REFERENCE] = read_reference, [SCHEMA_TEXTS] = read_texts,
    [SCHEMA_LIST] = read_list,
};

void read_value(struct reader *reader, const struct value *value)
{
	readers[value->key->type](reader, value);
}

void read_nothing(struct reader *reader, const struct value *value)
{
	place(reader, value, LOAD_BAD);
}

void read_absent(struct reader *reader, const struct value *value)
{
	const struct schema_key *key = value->key;

	if (key->need == SCHEMA_REQUIRED) {
		struct load_label label = load_label(reader->load, value->schema, value->item);

		load_error(reader->load, value->line, "%s%s is missing; it is required", label.text,
			   key->name);
		place(reader, value, LOAD_BAD);
		return;
	}
	place(reader, value, LOAD_ABSENT);
	if (key->type == SCHEMA_STRING && key->text)
		*(char **)value->field = copy(reader, key->text);
	if (key->type == SCHEMA_UNSIGNED)
		*(unsigned *)value->field = key->initial * key->scale;
}
