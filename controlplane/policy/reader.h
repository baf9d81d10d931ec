/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the walk from YAML to struct config. Internal to policy. */
#pragma once

#include <yaml.h>

#include "policy/load.h"

struct reader {
	struct load *load;
	yaml_document_t document;
};

/* The value of one key of one item. */
struct value {
	const struct schema *schema;
	const struct schema_key *key;
	void *item;
	void *field;
	const yaml_node_t *node; /* NULL: absent */
	unsigned line;
};

/* Reads value->node, which is there, into value->field, or reports what is wrong with it. */
void read_value(struct reader *reader, const struct value *value);
/* The key is not in the file: its default, or an error. */
void read_absent(struct reader *reader, const struct value *value);
/* Nothing of the item could be read; that is already reported. */
void read_nothing(struct reader *reader, const struct value *value);
/* All keys of schema, from a mapping, into item. */
void read_mapping(struct reader *reader, const struct schema *schema, const yaml_node_t *node,
		  void *item);

/* read_values.c: the value is wrong, with where and what it must be. */
void read_refuse(struct reader *reader, const struct value *value, const char *must);
void read_refuse_node(struct reader *reader, const struct value *value, const yaml_node_t *node,
		      const char *must);
/* read_codecs.c */
void read_codecs(struct reader *reader, const struct value *value);
/* read_set.c: a list of choices into bits. */
void read_set(struct reader *reader, const struct value *value);

static inline unsigned line_of(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

static inline const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* A scalar that holds text: not empty, no control characters (a NUL would hide the rest). */
static inline const char *text_of(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.length == 0)
		return NULL;
	for (size_t i = 0; i < node->data.scalar.length; i++)
		if (node->data.scalar.value[i] < 0x20 || node->data.scalar.value[i] == 0x7f)
			return NULL;
	return scalar(node);
}
