/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of choices. */
#include <stdio.h>
#include <string.h>

#include "policy/reader.h"

static void refuse_member(struct reader *reader, const struct value *value, const yaml_node_t *node)
{
	char must[256];
	size_t used = (size_t)snprintf(must, sizeof(must), "must be one of");

	for (const struct schema_choice *choice = value->key->choices;
	     choice->name && used < sizeof(must); choice++)
		used += (size_t)snprintf(must + used, sizeof(must) - used, "%s %s",
					 choice == value->key->choices ? "" : ",", choice->name);
	read_refuse_node(reader, value, node, must);
}

static bool read_member(struct reader *reader, const struct value *value, const yaml_node_t *node)
{
	const struct schema_choice *choice = value->key->choices;
	const char *text = text_of(node);
	unsigned *bits = value->field;

	while (choice->name && !(text && strcmp(choice->name, text) == 0))
		choice++;
	if (!choice->name) {
		refuse_member(reader, value, node);
		return false;
	}
	if (*bits & 1U << choice->value) {
		read_refuse_node(reader, value, node, "is in the list twice; once is enough");
		return false;
	}
	*bits |= 1U << choice->value;
	return true;
}

void read_set(struct reader *reader, const struct value *value)
{
	const yaml_node_t *node = value->node;
	bool good = true;

	if (node->type != YAML_SEQUENCE_NODE ||
	    node->data.sequence.items.top == node->data.sequence.items.start) {
		read_refuse(reader, value, "must be a list, such as [INVITE, 2xx]");
		return;
	}
	yaml_node_item_t *item = node->data.sequence.items.start;
	for (; item < node->data.sequence.items.top; item++)
		good &=
		    read_member(reader, value, yaml_document_get_node(&reader->document, *item));
	load_place(reader->load, value->field, value->line, good ? LOAD_GIVEN : LOAD_BAD);
}
