/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration says of routing, as tables. */
#include <assert.h>

#include "policy/config.h"
#include "policy/schema_rows.h"
#include "policy/syntax.h"
#include "route/codes.h"
#include "route/zone.h"

static const struct schema_choice balances[] = {
    {"weight", PICK_WEIGHT},
    {"least-calls", PICK_LEAST},
    {NULL, 0},
};

#define TYPE struct config_schedule
static const struct schema_key schedule_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    STRING_OR(zone, "UTC", zone_name_check),
    TEXTS(open, SCHEMA_REQUIRED, open_count, SCHEDULE_HOURS_MAX, syntax_hours),
    TEXTS(closed, SCHEMA_OPTIONAL, closed_count, SCHEDULE_DAYS_MAX, syntax_day),
};
#undef TYPE
const struct schema schema_schedule = {"schedule", sizeof(struct config_schedule), schedule_keys,
				       COUNT(schedule_keys)};

#define TYPE struct rewrite
static const struct schema_key rewrite_keys[] = {
    STRING(strip, SCHEMA_OPTIONAL, syntax_number),
    STRING(add, SCHEMA_OPTIONAL, syntax_number),
    STRING(match, SCHEMA_OPTIONAL, syntax_translated),
    STRING(replace, SCHEMA_OPTIONAL, syntax_replacement),
};
#undef TYPE
const struct schema schema_rewrite = {"rule", sizeof(struct rewrite), rewrite_keys,
				      COUNT(rewrite_keys)};

#define TYPE struct config_translation
static const struct schema_key translation_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    LIST(rules, SCHEMA_REQUIRED, schema_rewrite, rule_count, CONFIG_REWRITES_MAX),
};
#undef TYPE
const struct schema schema_translation = {"translation", sizeof(struct config_translation),
					  translation_keys, COUNT(translation_keys)};

#define TYPE struct config_target
static const struct schema_key target_keys[] = {
    REFERENCE(peer, SCHEMA_REQUIRED, schema_peer),
    NUMBER(priority, priority, 0, 65535, 1, 0),
    NUMBER(weight, weight, 0, 65535, 1, 1),
    NUMBER(max_calls, max_calls, 0, 1000000, 1, 0),
};
#undef TYPE
const struct schema schema_target = {"target", sizeof(struct config_target), target_keys,
				     COUNT(target_keys)};

#define TYPE struct config_route
static const struct schema_key route_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    NUMBER(priority, priority, 0, 65535, 1, 0),
    REFERENCE(from, SCHEMA_OPTIONAL, schema_peer),
    STRING(number, SCHEMA_REQUIRED, syntax_pattern),
    STRING(header, SCHEMA_OPTIONAL, syntax_header_match),
    REFERENCE(schedule, SCHEMA_OPTIONAL, schema_schedule),
    REFERENCE(to, SCHEMA_OPTIONAL, schema_peer),
    LIST(targets, SCHEMA_OPTIONAL, schema_target, target_count, CONFIG_TARGETS_MAX),
    NUMBER(refuse, refuse, 400, 699, 1, 0),
    CHOICE(balance, SCHEMA_OPTIONAL, balances),
    TEXTS(failover_codes, SCHEMA_OPTIONAL, failover_code_count, 32, codes_check),
    NUMBER(tries, tries, 1, CONFIG_TRIES_MAX, 1, 4),
    NUMBER(failover_s, failover_ms, 1, 180, 1000, 30),
    NUMBER(target_timeout_s, target_timeout_ms, 1, 32, 1000, 5),
    REFERENCE(called, SCHEMA_OPTIONAL, schema_translation),
    REFERENCE(caller, SCHEMA_OPTIONAL, schema_translation),
};
#undef TYPE
const struct schema schema_route = {"route", sizeof(struct config_route), route_keys,
				    COUNT(route_keys)};

static_assert(COUNT(route_keys) <= SCHEMA_KEYS_MAX, "room to note which keys were seen");
static_assert(offsetof(struct config_route, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_schedule, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_translation, name) == 0, "references look for the name there");
