/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codec profiles, as a table. */
#include "policy/config.h"
#include "policy/schema.h"
#include "policy/syntax.h"

#define AT(member) offsetof(struct config_codecs, member)
#define CODECS(key, list)                                                             \
	{                                                                             \
		.name = #key, .type = SCHEMA_CODECS, .offset = AT(filter.list),       \
		.count_offset = AT(filter.list##_count), .max = SDP_FILTER_CODECS_MAX \
	}

static const struct schema_key keys[] = {
    {.name = "name",
     .type = SCHEMA_STRING,
     .need = SCHEMA_REQUIRED,
     .offset = AT(name),
     .check = syntax_name},
    CODECS(allow, allow),
    CODECS(deny, deny),
    CODECS(order, order),
    {.name = "ptime_ms",
     .type = SCHEMA_UNSIGNED,
     .offset = AT(filter.ptime_ms),
     .min = 10,
     .max = 200,
     .scale = 1},
};

const struct schema schema_codecs = {"codecs", sizeof(struct config_codecs), keys,
				     sizeof(keys) / sizeof(keys[0])};
