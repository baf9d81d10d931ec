/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header rules, as a table. */
#include "policy/config.h"
#include "policy/schema.h"
#include "policy/syntax.h"

static const struct schema_choice directions[] = {
    {"in", HEADER_IN},
    {"out", HEADER_OUT},
    {NULL, 0},
};

static const struct schema_choice actions[] = {
    {"pass", HEADER_PASS},       {"add", HEADER_ADD}, {"remove", HEADER_REMOVE},
    {"replace", HEADER_REPLACE}, {NULL, 0},
};

static const struct schema_choice messages[] = {
#define HEADER_MESSAGE_CHOICE(symbol, name) {name, HEADER_MESSAGE_##symbol},
    HEADER_MESSAGE_LIST(HEADER_MESSAGE_CHOICE)
#undef HEADER_MESSAGE_CHOICE
	{NULL, 0},
};

#define AT(member) offsetof(struct config_header_rule, member)

static const struct schema_key keys[] = {
    {.name = "name",
     .type = SCHEMA_STRING,
     .need = SCHEMA_REQUIRED,
     .offset = AT(name),
     .check = syntax_name},
    {.name = "peer", .type = SCHEMA_REFERENCE, .offset = AT(peer), .item = &schema_peer},
    {.name = "dial_plan",
     .type = SCHEMA_REFERENCE,
     .offset = AT(dial_plan),
     .item = &schema_dial_plan},
    {.name = "direction",
     .type = SCHEMA_CHOICE,
     .need = SCHEMA_REQUIRED,
     .offset = AT(rule.direction),
     .choices = directions},
    {.name = "messages",
     .type = SCHEMA_SET,
     .need = SCHEMA_REQUIRED,
     .offset = AT(rule.messages),
     .choices = messages},
    {.name = "action",
     .type = SCHEMA_CHOICE,
     .need = SCHEMA_REQUIRED,
     .offset = AT(rule.action),
     .choices = actions},
    {.name = "header",
     .type = SCHEMA_STRING,
     .need = SCHEMA_REQUIRED,
     .offset = AT(rule.header),
     .check = syntax_header_name},
    {.name = "value",
     .type = SCHEMA_STRING,
     .offset = AT(rule.value),
     .check = syntax_header_value},
    {.name = "pattern",
     .type = SCHEMA_STRING,
     .offset = AT(rule.pattern),
     .check = syntax_header_pattern},
    {.name = "reveals", .type = SCHEMA_BOOL, .offset = AT(rule.reveals)},
};

const struct schema schema_header_rule = {"header rule", sizeof(struct config_header_rule), keys,
					  sizeof(keys) / sizeof(keys[0])};
