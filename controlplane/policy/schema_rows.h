/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One macro a row of a schema's table; TYPE is the struct that the table describes, defined around
 * it. */
#pragma once

#include <stddef.h>

#include "policy/schema.h"

#define COUNT(array) ((unsigned)(sizeof(array) / sizeof((array)[0])))
#define STRING(key, must, checker)                                                                \
	{                                                                                         \
		.name = #key, .type = SCHEMA_STRING, .need = must, .offset = offsetof(TYPE, key), \
		.check = checker                                                                  \
	}
#define STRING_OR(key, initially, checker)                                          \
	{                                                                           \
		.name = #key, .type = SCHEMA_STRING, .offset = offsetof(TYPE, key), \
		.text = initially, .check = checker                                 \
	}
#define NUMBER(key, field, low, high, times, initially)                                 \
	{                                                                               \
		.name = #key, .type = SCHEMA_UNSIGNED, .offset = offsetof(TYPE, field), \
		.min = low, .max = high, .scale = times, .initial = initially           \
	}
#define FLAG(key)                                                                \
	{                                                                        \
		.name = #key, .type = SCHEMA_BOOL, .offset = offsetof(TYPE, key) \
	}
/* optional: its default is the enumerator 0 */
#define CHOICE(key, must, table)                                                                  \
	{                                                                                         \
		.name = #key, .type = SCHEMA_CHOICE, .need = must, .offset = offsetof(TYPE, key), \
		.choices = table                                                                  \
	}
#define REFERENCE(key, must, list)                                    \
	{                                                             \
		.name = #key, .type = SCHEMA_REFERENCE, .need = must, \
		.offset = offsetof(TYPE, key), .item = &(list)        \
	}
#define LIST(key, must, list, counter, most)                                                    \
	{                                                                                       \
		.name = #key, .type = SCHEMA_LIST, .need = must, .offset = offsetof(TYPE, key), \
		.count_offset = offsetof(TYPE, counter), .max = most, .item = &(list)           \
	}
/* a list of texts, each checked by itself */
#define TEXTS(key, must, counter, most, checker)                                                 \
	{                                                                                        \
		.name = #key, .type = SCHEMA_TEXTS, .need = must, .offset = offsetof(TYPE, key), \
		.count_offset = offsetof(TYPE, counter), .max = most, .check = checker           \
	}
