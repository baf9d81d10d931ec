/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit list, and the limits of a peer and of all calls for other commands. */
#include "admission/admission.h"
#include "main/daemon.h"

/* Calls now, and in the last second, against what may be. */
static json_t *usage_object(const struct usage *usage, unsigned max_calls, unsigned rate,
			    uint64_t now_ms)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "calls", (json_int_t)usage->calls,
	    "max_calls", (json_int_t)max_calls, "calls_peak", (json_int_t)usage->calls_peak,
	    "calls_per_s", (json_int_t)meter_last(&usage->meter, now_ms), "max_calls_per_s",
	    (json_int_t)rate, "calls_per_s_peak", (json_int_t)usage->meter.peak, "refused_calls",
	    (json_int_t)usage->refused_calls, "refused_rate", (json_int_t)usage->refused_rate);
}

json_t *operator_total_limits(const struct daemon *daemon)
{
	const struct usage usage = admission_total(b2bua_admission(daemon->b2bua));

	return usage_object(&usage, daemon->config->max_calls, daemon->config->calls_per_s,
			    uv_now(&daemon->loop));
}

json_t *operator_peer_limits(const struct daemon *daemon, const struct config_peer *peer)
{
	const struct admission *admission = b2bua_admission(daemon->b2bua);
	const struct usage in = admission_peer(admission, peer, ADMISSION_IN);
	const struct usage out = admission_peer(admission, peer, ADMISSION_OUT);
	const struct usage both = admission_peer(admission, peer, ADMISSION_BOTH);
	uint64_t now_ms = uv_now(&daemon->loop);

	return json_pack("{s:o, s:o, s:o}", "in",
			 usage_object(&in, peer->max_calls_in, peer->calls_per_s_in, now_ms), "out",
			 usage_object(&out, peer->max_calls_out, peer->calls_per_s_out, now_ms),
			 "both", usage_object(&both, peer->max_calls, 0, now_ms));
}

static void add(json_t *list, const char *what, const char *name, json_t *usage)
{
	json_object_set_new(usage, "what", json_string(what));
	json_object_set_new(usage, "name", json_string(name));
	json_array_append_new(list, usage);
}

static void add_numbers(json_t *list, const struct daemon *daemon,
			const struct config_number_limit *limit)
{
	const struct usage usage = admission_numbers(b2bua_admission(daemon->b2bua), limit);
	json_t *object = usage_object(&usage, limit->max_calls, 0, uv_now(&daemon->loop));

	json_object_set_new(object, "number", json_string(limit->number));
	json_object_set_new(object, "max_calls_per_minute",
			    json_integer((json_int_t)limit->calls_per_minute));
	add(list, "numbers", limit->name, object);
}

void operator_limit_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	const struct admission *admission = b2bua_admission(daemon->b2bua);
	const struct config *config = daemon->config;
	uint64_t now_ms = uv_now(&daemon->loop);
	json_t *list = json_array();

	(void)args;
	add(list, "all", "", operator_total_limits(daemon));
	for (unsigned i = 0; i < config->interface_count; i++) {
		const struct config_interface *it = &config->interfaces[i];
		const struct usage usage = admission_interface(admission, it);

		add(list, "interface", it->name,
		    usage_object(&usage, it->max_calls, it->calls_per_s, now_ms));
	}
	for (unsigned i = 0; i < config->dial_plan_count; i++) {
		const struct config_dial_plan *it = &config->dial_plans[i];
		const struct usage usage = admission_plan(admission, it);

		add(list, "dial plan", it->name,
		    usage_object(&usage, it->max_calls, it->calls_per_s, now_ms));
	}
	for (unsigned i = 0; i < config->number_limit_count; i++)
		add_numbers(list, daemon, &config->number_limits[i]);
	api_answer(request, list);
}
