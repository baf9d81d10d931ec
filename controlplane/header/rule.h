/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Header rules of a peer or dial plan: what the operator wants added to, removed from, replaced in,
 * or passed on of the messages that come from it (in) and go to it (out).
 *
 *   message of A ── in rules of A ──> what the relay takes over, and what passes by rule
 *                                        ──> message to B ── out rules of B ──> sent
 *
 * What carries dialogs, bodies, abilities and credentials is out of their reach (known.h). A rule
 * is immutable; any thread may use it.
 */
#pragma once

#include <stdbool.h>

#include "header/known.h"
#include "header/pattern.h"
#include "sip/message.h"

#define HEADER_RULES_MAX 64U /* of a peer, and of a dial plan */
#define HEADER_NAME_MAX 64U
#define HEADER_VALUE_MAX 512U /* of a rule */

enum header_direction { HEADER_IN, HEADER_OUT };

/* Messages that rules are about. CANCEL and ACK hop, PRACK is each leg's own. X(SYMBOL, "name") */
#define HEADER_MESSAGE_LIST(X) \
	X(INVITE, "INVITE")    \
	X(BYE, "BYE")          \
	X(UPDATE, "UPDATE")    \
	X(INFO, "INFO")        \
	X(MESSAGE, "MESSAGE")  \
	X(NOTIFY, "NOTIFY")    \
	X(1XX, "1xx")          \
	X(2XX, "2xx")          \
	X(3XX, "3xx")          \
	X(4XX, "4xx")          \
	X(5XX, "5xx")          \
	X(6XX, "6xx")

enum header_message {
#define HEADER_MESSAGE_ENUM(symbol, name) HEADER_MESSAGE_##symbol,
	HEADER_MESSAGE_LIST(HEADER_MESSAGE_ENUM)
#undef HEADER_MESSAGE_ENUM
	    HEADER_MESSAGES /* also: none of them */
};

struct header_rule {
	enum header_direction direction;
	unsigned messages; /* bits 1 << enum header_message */
	enum header_action action;
	char *header;
	char *value;                      /* ADD: as it is; REPLACE: template (pattern.h) */
	char *pattern;                    /* of the value; NULL: any */
	bool reveals;                     /* the operator knows what it tells */
	struct header_pattern *compiled;  /* of pattern */
	const struct header_known *known; /* NULL: not in the table */
};

/* Those of one owner, in the order of the configuration. */
struct header_rules {
	const struct header_rule *const *rule;
	unsigned count;
};

/* request: status is not looked at. */
enum header_message header_message_of(enum sip_method method, unsigned status);

/* Whether the header is one that the rule names, whatever its value. */
bool header_rule_names(const struct header_rule *rule, struct str name);
bool header_rule_is_for(const struct header_rule *rule, enum header_direction direction,
			enum header_message message);

/*
 * What a rule must be, beyond its form: NULL, or what is wrong with the member that *field names
 * ("header", "value", "pattern"), as the end of a sentence. Fills compiled and known;
 * header_rule_clear() frees. error: room for the text.
 */
const char *header_rule_check(struct header_rule *rule, const char **field, char *error,
			      size_t size);
/* What the rule gives away that would stay hidden without; NULL: nothing that is known. */
const char *header_rule_reveals(const struct header_rule *rule);
void header_rule_clear(struct header_rule *rule);
