/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/reader.h"

void config_error(struct config_reader *reader, const yaml_node_t *node, const char *format, ...)
{
	va_list args;

	reader->error_count++;
	if (node)
		fprintf(reader->errors, "%s:%zu: ", reader->path, node->start_mark.line + 1);
	else
		fprintf(reader->errors, "%s: ", reader->path);
	va_start(args, format);
	vfprintf(reader->errors, format, args);
	va_end(args);
	fputc('\n', reader->errors);
}

void config_refuse(struct config_reader *reader, const struct config_key *key,
		   const yaml_node_t *node)
{
	const char *text = config_scalar(node);

	if (text)
		config_error(reader, node, "%s: '%.64s' is not allowed; allowed: %s", key->name,
			     text, key->allowed);
	else
		config_error(reader, node, "%s: wrong kind of value; allowed: %s", key->name,
			     key->allowed);
}

const char *config_scalar(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

bool config_number(const yaml_node_t *node, unsigned long min, unsigned long max,
		   unsigned long *value)
{
	const char *text = config_scalar(node);
	char *end;

	if (!text || !isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoul(text, &end, 10);
	return !errno && !*end && *value >= min && *value <= max;
}

int config_word(const yaml_node_t *node, const char *const *words)
{
	const char *text = config_scalar(node);

	for (int i = 0; text && words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return -1;
}

bool config_text(const yaml_node_t *node, char *text, size_t size)
{
	const char *scalar = config_scalar(node);
	size_t length = scalar ? strlen(scalar) : 0;

	if (!length || length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)scalar[i]))
			return false;
	memcpy(text, scalar, length + 1);
	return true;
}

size_t config_count(const yaml_node_t *sequence)
{
	return (size_t)(sequence->data.sequence.items.top - sequence->data.sequence.items.start);
}

const yaml_node_t *config_item(struct config_reader *reader, const yaml_node_t *sequence, size_t i)
{
	return yaml_document_get_node(&reader->document, sequence->data.sequence.items.start[i]);
}

static int key_find(const struct config_key *keys, const char *name)
{
	for (int i = 0; keys[i].name; i++)
		if (!strcmp(name, keys[i].name))
			return i;
	return -1;
}

static void key_unknown(struct config_reader *reader, const yaml_node_t *node, const char *what,
			const struct config_key *keys)
{
	const char *text = config_scalar(node);
	char allowed[256] = "";

	for (int i = 0; keys[i].name; i++) {
		size_t used = strlen(allowed);

		snprintf(allowed + used, sizeof(allowed) - used, "%s%s", i ? ", " : "",
			 keys[i].name);
	}
	config_error(reader, node, "%s: unknown key '%.64s'; allowed: %s", what, text ? text : "?",
		     allowed);
}

void config_mapping(struct config_reader *reader, const yaml_node_t *node, const char *what,
		    const struct config_key *keys, void *into)
{
	unsigned long seen = 0;

	if (node->type != YAML_MAPPING_NODE) {
		config_error(reader, node, "%s: must be a mapping (key: value)", what);
		return;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&reader->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
		const char *text = config_scalar(name);
		int i = text ? key_find(keys, text) : -1;

		if (i < 0) {
			key_unknown(reader, name, what, keys);
		} else if (seen & 1UL << i) {
			config_error(reader, name, "%s: key '%s' is there twice", what, text);
		} else {
			seen |= 1UL << i;
			keys[i].read(reader, &keys[i], value, into);
		}
	}
	for (int i = 0; keys[i].name; i++)
		if (keys[i].need == CONFIG_REQUIRED && !(seen & 1UL << i))
			config_error(reader, node, "%s: '%s' is missing; allowed: %s", what,
				     keys[i].name, keys[i].allowed);
}

int config_reader_open(struct config_reader *reader, const char *path, FILE *errors)
{
	yaml_parser_t parser;
	FILE *file;
	int rc = 0;

	*reader = (struct config_reader){.path = path, .errors = errors};
	file = fopen(path, "re");
	if (!file) {
		rc = -errno;
		config_error(reader, NULL, "cannot be read: %s", strerror(-rc));
		return rc;
	}
	if (!yaml_parser_initialize(&parser)) {
		rc = -ENOMEM;
		goto close;
	}
	yaml_parser_set_input_file(&parser, file);
	if (!yaml_parser_load(&parser, &reader->document)) {
		rc = -EINVAL;
		fprintf(errors, "%s:%zu: not YAML: %s\n", path, parser.problem_mark.line + 1,
			parser.problem ? parser.problem : "unreadable");
	} else if (!yaml_document_get_root_node(&reader->document)) {
		rc = -EINVAL;
		config_error(reader, NULL, "is empty");
		yaml_document_delete(&reader->document);
	}
	yaml_parser_delete(&parser);
close:
	fclose(file);
	return rc;
}

void config_reader_close(struct config_reader *reader)
{
	yaml_document_delete(&reader->document);
}

const yaml_node_t *config_root(struct config_reader *reader)
{
	return yaml_document_get_root_node(&reader->document);
}
