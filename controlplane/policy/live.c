/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/schema.h"

/* What may change while calls go on; a list as a whole. */
static const struct {
	const struct schema *schema;
	const char *key;
} live_keys[] = {
    {&schema_config, "max_calls"},
    {&schema_config, "calls_per_s"},
    {&schema_config, "overload_enter_ms"},
    {&schema_config, "overload_leave_ms"},
    {&schema_config, "overload_retry_after_s"},
    {&schema_config, "max_memory_mib"},
    {&schema_config, "drain_status"},
    {&schema_config, "stop_drain_s"},
    {&schema_config, "log_level"},
    {&schema_config, "number_limits"},
    {&schema_config, "emergency"},
    {&schema_tls, "certificate"},
    {&schema_tls, "private_key"},
    {&schema_tls, "trust"},
    {&schema_interface, "max_calls"},
    {&schema_interface, "calls_per_s"},
    {&schema_dial_plan, "max_calls"},
    {&schema_dial_plan, "calls_per_s"},
    {&schema_dial_plan, "max_call_s"},
    {&schema_dial_plan, "caller_max_calls"},
    {&schema_dial_plan, "caller_calls_per_minute"},
    {&schema_dial_plan, "allow_downgrade"},
    {&schema_dial_plan, "refer"},
    {&schema_dial_plan, "capture"},
    {&schema_peer, "max_calls"},
    {&schema_peer, "max_calls_in"},
    {&schema_peer, "max_calls_out"},
    {&schema_peer, "calls_per_s_in"},
    {&schema_peer, "calls_per_s_out"},
    {&schema_peer, "trust"},
    {&schema_peer, "auth_identity"},
};

static bool is_live(const struct schema *schema, const struct schema_key *key)
{
	for (size_t i = 0; i < sizeof(live_keys) / sizeof(live_keys[0]); i++)
		if (live_keys[i].schema == schema && strcmp(live_keys[i].key, key->name) == 0)
			return true;
	return false;
}

/* ---- the value of a key ---- */

static void *field(const void *item, size_t offset)
{
	return (char *)(uintptr_t)item + offset;
}

static unsigned count_of(const void *item, const struct schema_key *key)
{
	return *(const unsigned *)field(item, key->count_offset);
}

static char *items_of(const void *item, const struct schema_key *key)
{
	return *(char **)field(item, key->offset);
}

static bool text_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *name_at(const void *reference)
{
	const char *const *item = *(const char *const *const *)reference;

	return item ? *item : NULL;
}

static bool items_same(const struct schema_key *key, const void *a, const void *b);

static bool codecs_same(const struct schema_key *key, const void *a, const void *b)
{
	const struct sdp_filter_codec *x = field(a, key->offset), *y = field(b, key->offset);
	unsigned count = count_of(a, key);

	if (count != count_of(b, key))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!text_same(x[i].name, y[i].name) || x[i].clock_hz != y[i].clock_hz ||
		    x[i].channels != y[i].channels)
			return false;
	return true;
}

static bool texts_same(const struct schema_key *key, const void *a, const void *b)
{
	char *const *x = *(char *const **)field(a, key->offset);
	char *const *y = *(char *const **)field(b, key->offset);
	unsigned count = count_of(a, key);

	if (count != count_of(b, key))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!text_same(x[i], y[i]))
			return false;
	return true;
}

static bool value_same(const struct schema_key *key, const void *a, const void *b)
{
	const void *x = field(a, key->offset), *y = field(b, key->offset);

	switch (key->type) {
	case SCHEMA_STRING:
		return text_same(*(char *const *)x, *(char *const *)y);
	case SCHEMA_PORT:
		return *(const uint16_t *)x == *(const uint16_t *)y;
	case SCHEMA_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case SCHEMA_UNSIGNED:
	case SCHEMA_CHOICE:
	case SCHEMA_SET:
		return *(const unsigned *)x == *(const unsigned *)y;
	case SCHEMA_SUITES:
		return count_of(a, key) == count_of(b, key) &&
		       memcmp(x, y, count_of(a, key) * sizeof(enum sdes_suite)) == 0;
	case SCHEMA_REFERENCE:
		return text_same(name_at(x), name_at(y));
	case SCHEMA_CODECS:
		return codecs_same(key, a, b);
	case SCHEMA_TEXTS:
		return texts_same(key, a, b);
	case SCHEMA_LIST:
		return items_same(key, a, b);
	}
	return false;
}

static bool items_same(const struct schema_key *key, const void *a, const void *b)
{
	unsigned count = count_of(a, key);

	if (count != count_of(b, key))
		return false;
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; j < key->item->count; j++)
			if (!value_same(&key->item->keys[j], items_of(a, key) + i * key->item->size,
					items_of(b, key) + i * key->item->size))
				return false;
	return true;
}

/* ---- comparing ---- */

struct comparison {
	void (*report)(void *user, enum live_kind kind, const char *what);
	void *user;
	unsigned restarts;
};

static void tell(struct comparison *comparison, enum live_kind kind, const char *noun,
		 const char *name, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s%s%s", noun, name[0] ? " " : "", name,
		 noun[0] ? ": " : "", what);
	comparison->restarts += kind == LIVE_NEEDS_RESTART;
	comparison->report(comparison->user, kind, text);
}

static const char *find_name(const struct schema_key *list, const void *in, const char *name)
{
	for (unsigned i = 0; i < count_of(in, list); i++) {
		const char *item = items_of(in, list) + i * list->item->size;

		if (text_same(*(char *const *)(const void *)item, name))
			return item;
	}
	return NULL;
}

static void compare_item(struct comparison *comparison, const struct schema *schema, const void *a,
			 const void *b)
{
	for (unsigned i = 0; i < schema->count; i++) {
		const struct schema_key *key = &schema->keys[i];

		if (!value_same(key, a, b))
			tell(comparison, is_live(schema, key) ? LIVE_CHANGES : LIVE_NEEDS_RESTART,
			     schema->noun, *(char *const *)a, key->name);
	}
}

/* The order counts too: routes are tried in it, and listeners are known by their place. */
static void compare_list(struct comparison *comparison, const struct schema_key *list,
			 const void *now, const void *next)
{
	const char *noun = list->item->noun;
	bool same_names = count_of(now, list) == count_of(next, list);
	unsigned before = comparison->restarts;

	for (unsigned i = 0; i < count_of(now, list); i++) {
		const char *a = items_of(now, list) + i * list->item->size;
		const char *name = *(char *const *)(const void *)a;
		const char *b = find_name(list, next, name);

		same_names = same_names && b == items_of(next, list) + i * list->item->size;
		if (b)
			compare_item(comparison, list->item, a, b);
		else
			tell(comparison, LIVE_NEEDS_RESTART, noun, name ? name : "", "removed");
	}
	for (unsigned i = 0; i < count_of(next, list); i++) {
		const char *b = items_of(next, list) + i * list->item->size;
		const char *name = *(char *const *)(const void *)b;

		if (!find_name(list, now, name))
			tell(comparison, LIVE_NEEDS_RESTART, noun, name ? name : "", "added");
	}
	if (!same_names && comparison->restarts == before)
		tell(comparison, LIVE_NEEDS_RESTART, "", "", list->name);
}

unsigned config_live_compare(const struct config *now, const struct config *next,
			     void (*report)(void *user, enum live_kind kind, const char *what),
			     void *user)
{
	struct comparison comparison = {report, user, 0};

	for (unsigned i = 0; i < schema_config.count; i++) {
		const struct schema_key *key = &schema_config.keys[i];
		bool live = is_live(&schema_config, key);

		if (key->type == SCHEMA_LIST && !live)
			compare_list(&comparison, key, now, next);
		else if (!value_same(key, now, next))
			tell(&comparison, live ? LIVE_CHANGES : LIVE_NEEDS_RESTART, "", "",
			     key->name);
	}
	return comparison.restarts;
}

/* ---- taking over ---- */

static void swap(void *a, void *b, size_t size)
{
	char kept[sizeof(void *)];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

static void swap_value(const struct schema_key *key, void *a, void *b)
{
	static const size_t sizes[] = {
	    [SCHEMA_STRING] = sizeof(char *),   [SCHEMA_UNSIGNED] = sizeof(unsigned),
	    [SCHEMA_PORT] = sizeof(uint16_t),   [SCHEMA_BOOL] = sizeof(bool),
	    [SCHEMA_CHOICE] = sizeof(unsigned), [SCHEMA_SET] = sizeof(unsigned),
	    [SCHEMA_LIST] = sizeof(void *),
	};

	swap(field(a, key->offset), field(b, key->offset), sizes[key->type]);
	if (key->type == SCHEMA_LIST)
		swap(field(a, key->count_offset), field(b, key->count_offset), sizeof(unsigned));
}

static void apply_item(const struct schema *schema, void *a, void *b)
{
	for (unsigned i = 0; i < schema->count; i++) {
		const struct schema_key *key = &schema->keys[i];

		if (is_live(schema, key))
			swap_value(key, a, b);
		else if (key->type == SCHEMA_LIST && schema == &schema_config)
			for (unsigned j = 0; j < count_of(a, key); j++)
				apply_item(key->item, items_of(a, key) + j * key->item->size,
					   items_of(b, key) + j * key->item->size);
	}
}

/* What came with the list of next points into next. */
static void own_references(struct config *now)
{
	for (unsigned i = 0; i < now->number_limit_count; i++) {
		const struct config_peer **from = &now->number_limits[i].from;

		for (unsigned j = 0; *from && j < now->peer_count; j++)
			if (strcmp(now->peers[j].name, (*from)->name) == 0) {
				*from = &now->peers[j];
				break;
			}
	}
}

int config_live_apply(struct config *now, struct config *next)
{
	int rc = config_succeed(next, now);

	if (rc < 0)
		return rc;
	apply_item(&schema_config, now, next);
	own_references(now);
	now->slots = next->slots;
	for (unsigned i = 0; i < now->peer_count; i++) {
		swap(&now->peers[i].auth_password, &next->peers[i].auth_password, sizeof(char *));
		swap(&now->peers[i].auth_users, &next->peers[i].auth_users, sizeof(void *));
	}
	return 0;
}
