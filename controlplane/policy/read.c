/* SPDX-License-Identifier: GPL-2.0-or-later */
/* YAML to struct config, led by the schema: its depth bounds ours, whatever the file nests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reader.h"

static const yaml_node_t *node_of_key(struct reader *reader, const yaml_node_t *mapping,
				      const char *name)
{
	const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;

	for (; pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
		const char *text = text_of(key);

		if (text && strcmp(text, name) == 0)
			return yaml_document_get_node(&reader->document, pair->value);
	}
	return NULL;
}

static unsigned key_number(const struct schema *schema, const char *text)
{
	unsigned i = 0;

	while (i < schema->count && strcmp(schema->keys[i].name, text) != 0)
		i++;
	return i;
}

static void refuse_key(struct reader *reader, const struct schema *schema, const void *item,
		       const yaml_node_t *key)
{
	struct load_label label = load_label(reader->load, schema, item);
	char known[1024];
	size_t used = 0;

	for (unsigned i = 0; i < schema->count && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i == 0 ? "" : ", ", schema->keys[i].name);
	load_error(reader->load, line_of(key), "%sunknown key %s; must be one of %s", label.text,
		   key->type == YAML_SCALAR_NODE ? load_show(scalar(key)).text : "(not text)",
		   known);
}

static void check_keys(struct reader *reader, const struct schema *schema,
		       const yaml_node_t *mapping, const void *item)
{
	const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	unsigned seen[SCHEMA_KEYS_MAX] = {0};

	for (; pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
		const char *text = text_of(key);
		unsigned number = text ? key_number(schema, text) : schema->count;

		if (number == schema->count) {
			refuse_key(reader, schema, item, key);
		} else if (seen[number]) {
			load_error(reader->load, line_of(key),
				   "%s%s is already given at line %u; once is enough",
				   load_label(reader->load, schema, item).text, text, seen[number]);
		} else {
			seen[number] = line_of(key);
		}
	}
}

void read_mapping(struct reader *reader, const struct schema *schema, const yaml_node_t *node,
		  void *item)
{
	bool mapping = node->type == YAML_MAPPING_NODE;

	if (!mapping)
		load_error(reader->load, line_of(node), "%snot a mapping; must be KEY: VALUE lines",
			   load_label(reader->load, schema, item).text);
	for (unsigned i = 0; i < schema->count; i++) {
		const struct schema_key *key = &schema->keys[i];
		const yaml_node_t *found = mapping ? node_of_key(reader, node, key->name) : NULL;
		struct value value = {
		    .schema = schema,
		    .key = key,
		    .item = item,
		    .field = (char *)item + key->offset,
		    .node = found,
		    .line = line_of(found ? found : node),
		};

		if (found)
			read_value(reader, &value);
		else if (mapping)
			read_absent(reader, &value);
		else
			read_nothing(reader, &value);
	}
	if (mapping)
		check_keys(reader, schema, node, item);
}

/* ---- the file ---- */

static int slurp(struct load *load, char **data, size_t *length)
{
	FILE *file = fopen(load->path, "re");
	char *buffer = malloc(CONFIG_FILE_MAX + 1);
	int rc = 0;

	if (!file || !buffer) {
		rc = -(file ? ENOMEM : errno);
	} else {
		*length = fread(buffer, 1, CONFIG_FILE_MAX + 1, file);
		if (ferror(file))
			rc = -errno;
		else if (*length > CONFIG_FILE_MAX)
			rc = -EFBIG;
	}
	if (file)
		fclose(file);
	if (rc < 0) {
		load_error(load, 0, "cannot be read: %s; must be a YAML file of at most %u MiB",
			   strerror(-rc), CONFIG_FILE_MAX >> 20);
		free(buffer);
		return rc;
	}
	*data = buffer;
	return 0;
}

static void refuse_yaml(struct load *load, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line;

	load_error(load, (unsigned)line + 1,
		   "not YAML: %s; indent with spaces, not tabs, and quote a value that begins with "
		   "* or another sign",
		   parser->problem ? parser->problem : "out of memory");
}

static void refuse_second_document(struct load *load, yaml_parser_t *parser)
{
	yaml_document_t document;

	if (!yaml_parser_load(parser, &document)) {
		refuse_yaml(load, parser);
		return;
	}
	if (yaml_document_get_root_node(&document))
		load_error(load, (unsigned)document.start_mark.line + 1,
			   "a second document begins; must be one document a file");
	yaml_document_delete(&document);
}

static int parse(struct reader *reader, const char *data, size_t length)
{
	struct load *load = reader->load;
	yaml_parser_t parser;
	int rc = -EINVAL;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)data, length);
	if (!yaml_parser_load(&parser, &reader->document)) {
		refuse_yaml(load, &parser);
		goto out;
	}
	if (yaml_document_get_root_node(&reader->document)) {
		refuse_second_document(load, &parser);
		rc = 0;
	} else {
		load_error(load, 1, "empty; must hold at least listeners, dial_plans and peers");
		yaml_document_delete(&reader->document);
	}
out:
	yaml_parser_delete(&parser);
	return rc;
}

int read_file(struct load *load)
{
	struct reader reader = {.load = load};
	char *data = NULL;
	size_t length = 0;
	int rc = slurp(load, &data, &length);

	if (rc < 0)
		return rc;
	rc = parse(&reader, data, length);
	free(data);
	if (rc < 0)
		return rc;
	read_mapping(&reader, &schema_config, yaml_document_get_root_node(&reader.document),
		     load->config);
	yaml_document_delete(&reader.document);
	load_places_sort(load);
	return 0;
}
