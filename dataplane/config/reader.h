/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a YAML document under tables of keys; internal to the configuration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <yaml.h>

struct config_reader {
	yaml_document_t document;
	const char *path;
	FILE *errors;
	unsigned error_count;
};

enum config_need { CONFIG_OPTIONAL, CONFIG_REQUIRED };

/* One key of a mapping: how its value is read into the caller's struct. */
struct config_key {
	const char *name;
	enum config_need need;
	const char *allowed; /* for messages */
	void (*read)(struct config_reader *reader, const struct config_key *key,
		     const yaml_node_t *node, void *into);
	/* for the readers of plain values (parts.h): the field in that struct, */
	size_t offset, size;
	unsigned long least, most; /* what a number may be; of a word, what the first one stands
				      for */
	const char *const *words;  /* NULL ends them */
};

/* A reader of plain values, and the field of struct type that it fills. */
#define CONFIG_FIELD(reader, type, field)                       \
	.read = reader, .offset = offsetof(struct type, field), \
	.size = sizeof(((struct type *)0)->field)

/* Says path:line: message, and counts it. node may be NULL (the whole file). */
void config_error(struct config_reader *reader, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says that the value of key is wrong: its text, and what is allowed. */
void config_refuse(struct config_reader *reader, const struct config_key *key,
		   const yaml_node_t *node);

/* The text of a scalar, or NULL; NUL-terminated (values with a NUL inside are NULL too). */
const char *config_scalar(const yaml_node_t *node);

/* A decimal number from min to max. */
bool config_number(const yaml_node_t *node, unsigned long min, unsigned long max,
		   unsigned long *value);

/* Index of the scalar in words (NULL ends them), or -1. */
int config_word(const yaml_node_t *node, const char *const *words);

/* Copies the scalar when it has 1 to size - 1 printable characters without space. */
bool config_text(const yaml_node_t *node, char *text, size_t size);

/* Reads a mapping by its table of keys (name NULL ends it): unknown, doubled and missing keys are
 * errors. */
void config_mapping(struct config_reader *reader, const yaml_node_t *node, const char *what,
		    const struct config_key *keys, void *into);

/* The number of items of a sequence, and one of them. */
size_t config_count(const yaml_node_t *sequence);
const yaml_node_t *config_item(struct config_reader *reader, const yaml_node_t *sequence, size_t i);

/* Parses the file. 0; -EINVAL (bad YAML, said), -errno (unreadable, said). On success
 * config_reader_close() frees. */
int config_reader_open(struct config_reader *reader, const char *path, FILE *errors);
void config_reader_close(struct config_reader *reader);
const yaml_node_t *config_root(struct config_reader *reader);
