/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meaning of limits: which dial plans an interface's limits are for. */
#include <string.h>

#include "policy/load.h"

static const struct config_interface *find(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->interface_count; i++)
		if (config->interfaces[i].name && strcmp(config->interfaces[i].name, name) == 0)
			return &config->interfaces[i];
	return NULL;
}

static bool is_used(const struct config *config, const struct config_interface *interface)
{
	for (unsigned i = 0; i < config->dial_plan_count; i++)
		if (config->dial_plans[i].interface == interface)
			return true;
	return false;
}

/* A name that is misspelt would be a limit of nothing. */
static void check_used(struct load *load, const struct config_interface *interface)
{
	if (!interface->name || is_used(load->config, interface))
		return;
	load_error_at(
	    load, &interface->name,
	    "%sname: no dial plan has %s as its media_interface; must be one that is used",
	    load_label(load, &schema_interface, interface).text, load_show(interface->name).text);
}

static void check_number_limit(struct load *load, const struct config_number_limit *limit)
{
	if (limit->max_calls || limit->calls_per_minute || limit->max_call_s ||
	    load_bad(load, &limit->max_calls) || load_bad(load, &limit->calls_per_minute) ||
	    load_bad(load, &limit->max_call_s))
		return;
	load_error_at(load, &limit->number,
		      "%slimits nothing; must have max_calls, calls_per_minute or max_call_s",
		      load_label(load, &schema_number_limit, limit).text);
}

/* Between the two is what keeps it from going back and forth. */
static void check_overload(struct load *load)
{
	const struct config *config = load->config;

	if (config->overload_leave_ms < config->overload_enter_ms ||
	    load_bad(load, &config->overload_leave_ms) ||
	    load_bad(load, &config->overload_enter_ms))
		return;
	load_error_at(load, &config->overload_leave_ms,
		      "overload_leave_ms: %u; must be below overload_enter_ms, which is %u",
		      config->overload_leave_ms, config->overload_enter_ms);
}

void check_limits(struct load *load)
{
	struct config *config = load->config;
	bool known = true;

	check_overload(load);

	for (unsigned i = 0; i < config->dial_plan_count; i++) {
		struct config_dial_plan *plan = &config->dial_plans[i];

		known = known && plan->media_interface;
		if (plan->media_interface)
			plan->interface = find(config, plan->media_interface);
	}
	for (unsigned i = 0; known && i < config->interface_count; i++)
		check_used(load, &config->interfaces[i]);
	for (unsigned i = 0; i < config->number_limit_count; i++)
		check_number_limit(load, &config->number_limits[i]);
}
