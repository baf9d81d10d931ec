/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header/rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum header_message header_message_of(enum sip_method method, unsigned status)
{
	static const enum header_message of_method[] = {
	    [SIP_METHOD_INVITE] = HEADER_MESSAGE_INVITE,
	    [SIP_METHOD_BYE] = HEADER_MESSAGE_BYE,
	    [SIP_METHOD_UPDATE] = HEADER_MESSAGE_UPDATE,
	    [SIP_METHOD_INFO] = HEADER_MESSAGE_INFO,
	    [SIP_METHOD_MESSAGE] = HEADER_MESSAGE_MESSAGE,
	    [SIP_METHOD_NOTIFY] = HEADER_MESSAGE_NOTIFY,
	};
	bool listed = (size_t)method < sizeof(of_method) / sizeof(of_method[0]) &&
		      (of_method[method] != 0 || method == SIP_METHOD_INVITE);

	if (status)
		return status >= 100 && status < 700
			   ? (enum header_message)(HEADER_MESSAGE_1XX + status / 100 - 1)
			   : HEADER_MESSAGES;
	return listed ? of_method[method] : HEADER_MESSAGES;
}

bool header_rule_names(const struct header_rule *rule, struct str name)
{
	if (rule->known)
		return header_is(rule->known, name);
	return str_caseeq(name, str_of(rule->header));
}

bool header_rule_is_for(const struct header_rule *rule, enum header_direction direction,
			enum header_message message)
{
	return rule->direction == direction && message < HEADER_MESSAGES &&
	       rule->messages & 1U << message;
}

/* ---- checks ---- */

static const char *check_header(struct header_rule *rule, char *error, size_t size)
{
	static const char *const doing[] = {[HEADER_PASS] = "passed on",
					    [HEADER_ADD] = "added",
					    [HEADER_REMOVE] = "removed",
					    [HEADER_REPLACE] = "replaced"};

	rule->known = header_known(str_of(rule->header));
	if (!rule->known)
		return NULL;
	if (strlen(rule->header) == 1) {
		snprintf(error, size, "must be written in full: %s", rule->known->name);
		return error;
	}
	if (rule->known->may & 1U << rule->action)
		return NULL;
	snprintf(error, size, "must not be %s by a rule: it %s", doing[rule->action],
		 rule->known->why);
	return error;
}

static const char *check_value(const struct header_rule *rule)
{
	bool wanted = rule->action == HEADER_ADD || rule->action == HEADER_REPLACE;

	if (!wanted)
		return rule->value ? "must be left out: nothing is written by this action" : NULL;
	if (!rule->value)
		return "must be there: it is what the action writes";
	return rule->action == HEADER_REPLACE ? header_template_check(rule->value, rule->compiled)
					      : NULL;
}

static const char *check_pattern(struct header_rule *rule, char *error, size_t size)
{
	if (!rule->pattern)
		return NULL;
	if (rule->action == HEADER_ADD)
		return "must be left out: nothing is searched by this action";
	switch (header_pattern_new(&rule->compiled, rule->pattern, error, size)) {
	case 0:
		return NULL;
	case -ENOMEM:
		return "needs more memory than there is";
	default:
		return error;
	}
}

const char *header_rule_check(struct header_rule *rule, const char **field, char *error,
			      size_t size)
{
	const char *wrong = check_header(rule, error, size);

	*field = "header";
	if (wrong)
		return wrong;
	*field = "pattern";
	wrong = check_pattern(rule, error, size);
	if (wrong)
		return wrong;
	*field = "value";
	return check_value(rule);
}

const char *header_rule_reveals(const struct header_rule *rule)
{
	static const char *const what[] = {
	    [HEADER_TELLS_NOTHING] = NULL,
	    [HEADER_TELLS_TOPOLOGY] = "the topology of one side (products, hosts, networks)",
	    [HEADER_TELLS_IDENTITY] = "who calls or is called, to peers without trust too",
	};

	if (!rule->known)
		return NULL;
	if (rule->known->shields)
		return rule->action == HEADER_REMOVE || rule->action == HEADER_REPLACE
			   ? "a caller that asked to be hidden"
			   : NULL;
	return rule->action == HEADER_PASS ? what[rule->known->tells] : NULL;
}

void header_rule_clear(struct header_rule *rule)
{
	header_pattern_free(rule->compiled);
	rule->compiled = NULL;
}
