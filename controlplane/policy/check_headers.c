/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header rules: what each may do, and whose it is. */
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

static void check_owner(struct load *load, const struct config_header_rule *rule)
{
	bool peer = load_given(load, &rule->peer), plan = load_given(load, &rule->dial_plan);

	if (peer == plan && !load_bad(load, &rule->peer) && !load_bad(load, &rule->dial_plan))
		load_error_at(load, peer ? (const void *)&rule->dial_plan : &rule->name,
			      "%s%s; must be of one peer or of one dial_plan",
			      load_label(load, &schema_header_rule, rule).text,
			      peer ? "peer and dial_plan are both given"
				   : "peer and dial_plan are missing");
}

/* Where the member stands that is wrong: that of the rule itself, when it is not there. */
static const void *place_of(const struct load *load, const struct config_header_rule *rule,
			    const char *field)
{
	const void *place = &rule->rule.header;

	if (strcmp(field, "value") == 0)
		place = &rule->rule.value;
	if (strcmp(field, "pattern") == 0)
		place = &rule->rule.pattern;
	return load_given(load, place) ? place : &rule->rule.action;
}

/* What stays hidden by default is told only by somebody who says that he knows. */
static void check_reveals(struct load *load, const struct config_header_rule *rule)
{
	const char *what = header_rule_reveals(&rule->rule);
	struct load_label label = load_label(load, &schema_header_rule, rule);

	if (!what || load_bad(load, &rule->rule.reveals))
		return;
	if (!rule->rule.reveals)
		load_error_at(load, &rule->rule.header,
			      "%sheader: %s reveals %s; must have reveals: true, or be left out",
			      label.text, load_show(rule->rule.header).text, what);
	else
		load_warn_at(load, &rule->rule.header, "%sheader: %s reveals %s", label.text,
			     load_show(rule->rule.header).text, what);
}

static void check_rule(struct load *load, struct config_header_rule *rule)
{
	const char *field = "", *wrong;
	char error[192];

	check_owner(load, rule);
	if (load_bad(load, &rule->rule.action) || load_bad(load, &rule->rule.header) ||
	    load_bad(load, &rule->rule.value) || load_bad(load, &rule->rule.pattern))
		return;
	wrong = header_rule_check(&rule->rule, &field, error, sizeof(error));
	if (wrong) {
		const char *shown = strcmp(field, "value") == 0     ? rule->rule.value
				    : strcmp(field, "pattern") == 0 ? rule->rule.pattern
								    : rule->rule.header;

		load_error_at(load, place_of(load, rule, field), "%s%s: %s %s",
			      load_label(load, &schema_header_rule, rule).text, field,
			      shown ? load_show(shown).text : "it", wrong);
		return;
	}
	check_reveals(load, rule);
}

/* ---- to their owners ---- */

static const void *owner_of(const struct config_header_rule *rule)
{
	return rule->peer ? (const void *)rule->peer : rule->dial_plan;
}

/* By owner; within one, as in the file. */
static int owner_order(const void *a, const void *b)
{
	const struct config_header_rule *x = *(const struct config_header_rule *const *)a;
	const struct config_header_rule *y = *(const struct config_header_rule *const *)b;
	const char *of_x = owner_of(x), *of_y = owner_of(y);

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* The rules of one owner: count of them from the first on. */
static void give(struct load *load, const struct config_header_rule *const *first, unsigned count,
		 const struct header_rule **index)
{
	const struct config_header_rule *rule = first[0];
	struct header_rules *rules = rule->peer
					 ? (struct header_rules *)&rule->peer->header_rules
					 : (struct header_rules *)&rule->dial_plan->header_rules;

	if (count > HEADER_RULES_MAX) {
		load_error_at(load, &first[HEADER_RULES_MAX]->name,
			      "%sis number %u of %s %s; must be at most %u of one owner",
			      load_label(load, &schema_header_rule, first[HEADER_RULES_MAX]).text,
			      HEADER_RULES_MAX + 1, rule->peer ? "peer" : "dial plan",
			      rule->peer ? rule->peer->name : rule->dial_plan->name,
			      HEADER_RULES_MAX);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		index[i] = &first[i]->rule;
	*rules = (struct header_rules){.rule = index, .count = count};
}

static void give_all(struct load *load, const struct config_header_rule **rules, unsigned count)
{
	const struct header_rule **index = load->config->header_rule_index;
	unsigned first = 0;

	qsort(rules, count, sizeof(*rules), owner_order);
	for (unsigned i = 1; i <= count; i++) {
		if (i < count && owner_of(rules[i]) == owner_of(rules[first]))
			continue;
		give(load, rules + first, i - first, index + first);
		first = i;
	}
}

void check_header_rules(struct load *load)
{
	struct config *config = load->config;
	const struct config_header_rule **rules =
	    calloc(config->header_rule_count + 1, sizeof(*rules));
	unsigned count = 0;

	config->header_rule_index =
	    calloc(config->header_rule_count + 1, sizeof(*config->header_rule_index));
	if (!rules || !config->header_rule_index) {
		load->out_of_memory = true;
		free(rules);
		return;
	}
	for (unsigned i = 0; i < config->header_rule_count; i++) {
		struct config_header_rule *rule = &config->header_rules[i];

		check_rule(load, rule);
		if (owner_of(rule))
			rules[count++] = rule;
	}
	if (count)
		give_all(load, rules, count);
	free(rules);
}
