/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission/admission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admission/callers.h"
#include "route/pattern.h"

/* By slot; made when first used, and never moved: tickets point to them. */
struct usages {
	struct usage **at;
	unsigned count;
};

struct admission {
	struct usage total;
	struct usages peers[ADMISSION_DIRECTIONS];
	struct usages plans, interfaces, numbers;
	struct callers callers;
};

/* One limit that one call has to pass. */
struct gate {
	struct usage *usage;
	const char *name;
	unsigned calls; /* 0: no limit */
	unsigned rate, period_ms;
	enum admission_limit limit; /* the next one is its rate */
	bool of_callee;
};

struct gates {
	struct gate gate[ADMISSION_HELD_MAX];
	unsigned count;
	struct caller *caller;
	bool out_of_memory;
};

/* ---- memory ---- */

static int fit(struct usages *usages, unsigned top)
{
	struct usage **grown;

	if (top < usages->count)
		return 0;
	grown = reallocarray(usages->at, top + 1U, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + usages->count, 0, (top + 1U - usages->count) * sizeof(*grown));
	usages->at = grown;
	usages->count = top + 1;
	return 0;
}

int admission_fit(struct admission *admission, const struct config *config)
{
	int rc = 0;

	for (unsigned i = 0; i < ADMISSION_DIRECTIONS && rc == 0; i++)
		rc = fit(&admission->peers[i], config->slots.peers);
	if (rc == 0)
		rc = fit(&admission->plans, config->slots.dial_plans);
	if (rc == 0)
		rc = fit(&admission->interfaces, config->slots.interfaces);
	if (rc == 0)
		rc = fit(&admission->numbers, config->slots.number_limits);
	return rc;
}

struct admission *admission_new(void)
{
	struct admission *admission = calloc(1, sizeof(*admission));

	if (admission && callers_init(&admission->callers) < 0) {
		admission_free(admission);
		return NULL;
	}
	return admission;
}

static void usages_free(struct usages *usages)
{
	for (unsigned i = 0; i < usages->count; i++)
		free(usages->at[i]);
	free(usages->at);
}

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	for (unsigned i = 0; i < ADMISSION_DIRECTIONS; i++)
		usages_free(&admission->peers[i]);
	usages_free(&admission->plans);
	usages_free(&admission->interfaces);
	usages_free(&admission->numbers);
	callers_free(&admission->callers);
	free(admission);
}

static struct usage *usage_get(struct usages *usages, unsigned slot)
{
	if (slot >= usages->count)
		return NULL;
	if (!usages->at[slot])
		usages->at[slot] = calloc(1, sizeof(struct usage));
	return usages->at[slot];
}

/* ---- the limits of a call ---- */

/* A call between two peers of one dial plan or interface, or of a peer with itself, counts once. */
static void add(struct gates *gates, const struct gate *gate)
{
	for (unsigned i = 0; i < gates->count; i++)
		if (gate->usage && gates->gate[i].usage == gate->usage)
			return;
	if (!gate->usage)
		gates->out_of_memory = true;
	else
		gates->gate[gates->count++] = *gate;
}

static void add_interface(struct gates *gates, struct admission *admission,
			  const struct config_peer *peer, bool of_callee)
{
	const struct config_interface *interface = peer->dial_plan->interface;

	if (interface)
		add(gates,
		    &(struct gate){usage_get(&admission->interfaces, interface->slot),
				   interface->name, interface->max_calls, interface->calls_per_s,
				   BUCKET_SECOND_MS, ADMISSION_INTERFACE, of_callee});
}

static void add_plan(struct gates *gates, struct admission *admission,
		     const struct config_peer *peer, bool of_callee)
{
	const struct config_dial_plan *plan = peer->dial_plan;

	add(gates,
	    &(struct gate){usage_get(&admission->plans, plan->slot), plan->name, plan->max_calls,
			   plan->calls_per_s, BUCKET_SECOND_MS, ADMISSION_PLAN, of_callee});
}

static void add_peer(struct gates *gates, struct admission *admission,
		     const struct config_peer *peer, enum admission_direction direction,
		     bool of_callee)
{
	const unsigned calls[] = {peer->max_calls_in, peer->max_calls_out, peer->max_calls};
	const unsigned rates[] = {peer->calls_per_s_in, peer->calls_per_s_out, 0};

	add(gates, &(struct gate){usage_get(&admission->peers[direction], peer->slot), peer->name,
				  calls[direction], rates[direction], BUCKET_SECOND_MS,
				  of_callee ? ADMISSION_TO_PEER : ADMISSION_PEER, of_callee});
}

/* The first that fits, as with routes. */
static const struct config_number_limit *number_limit(const struct admission_request *request)
{
	const struct config *config = request->config;

	for (unsigned i = 0; i < config->number_limit_count; i++) {
		const struct config_number_limit *limit = &config->number_limits[i];

		if ((!limit->from || config_peer_same(limit->from, request->from)) &&
		    pattern_match(limit->number, str_of(request->callee), NULL))
			return limit;
	}
	return NULL;
}

static void add_numbers(struct gates *gates, struct admission *admission,
			const struct admission_request *request)
{
	const struct config_number_limit *limit = number_limit(request);

	if (limit)
		add(gates, &(struct gate){usage_get(&admission->numbers, limit->slot), limit->name,
					  limit->max_calls, limit->calls_per_minute,
					  BUCKET_MINUTE_MS, ADMISSION_NUMBERS, false});
}

static void find_caller(struct gates *gates, struct admission *admission,
			const struct admission_request *request)
{
	const struct config_dial_plan *plan = request->from->dial_plan;

	if (!plan->caller_max_calls && !plan->caller_calls_per_minute)
		return;
	gates->caller = callers_get(&admission->callers, request->from->slot, request->caller);
	if (!gates->caller)
		gates->out_of_memory = true;
}

static void add_callee(struct gates *gates, struct admission *admission,
		       const struct config_peer *to)
{
	add_interface(gates, admission, to, true);
	add_plan(gates, admission, to, true);
	add_peer(gates, admission, to, ADMISSION_OUT, true);
	add_peer(gates, admission, to, ADMISSION_BOTH, true);
}

static void gates_of(struct gates *gates, struct admission *admission,
		     const struct admission_request *request)
{
	const struct config *config = request->config;

	*gates = (struct gates){0};
	add(gates, &(struct gate){&admission->total, "", config->max_calls, config->calls_per_s,
				  BUCKET_SECOND_MS, ADMISSION_CALLS, false});
	add_interface(gates, admission, request->from, false);
	add_plan(gates, admission, request->from, false);
	add_peer(gates, admission, request->from, ADMISSION_IN, false);
	add_peer(gates, admission, request->from, ADMISSION_BOTH, false);
	add_callee(gates, admission, request->to);
	add_numbers(gates, admission, request);
	find_caller(gates, admission, request);
}

bool admission_is_emergency(const struct config *config, const struct config_peer *from,
			    const char *callee, bool priority_emergency)
{
	if (priority_emergency && from->trust)
		return true;
	for (unsigned i = 0; i < config->emergency_count; i++)
		if (pattern_match(config->emergency[i].number, str_of(callee), NULL))
			return true;
	return false;
}

unsigned admission_duration_s(const struct admission_request *request)
{
	const struct config_number_limit *limit = number_limit(request);
	const unsigned limits_s[] = {request->from->dial_plan->max_call_s,
				     request->to->dial_plan->max_call_s,
				     limit ? limit->max_call_s : 0};
	unsigned least_s = 0;

	for (unsigned i = 0; i < 3 && !request->emergency; i++)
		if (limits_s[i] && (!least_s || limits_s[i] < least_s))
			least_s = limits_s[i];
	return least_s;
}

/* ---- asking ---- */

/* ADMISSION_PASS, or the limit; counts nothing. */
static enum admission_limit ask(struct gate *gate, uint64_t now_ms)
{
	/* the relay itself always has one */
	if ((gate->calls || gate->limit == ADMISSION_CALLS) && gate->usage->calls >= gate->calls)
		return gate->limit;
	if (!bucket_has(&gate->usage->bucket, gate->rate, gate->period_ms, now_ms))
		return gate->limit + 1;
	return ADMISSION_PASS;
}

static enum admission_limit ask_caller(struct caller *caller, const struct config_dial_plan *plan,
				       uint64_t now_ms, struct admission_refusal *refusal)
{
	refusal->name = plan->name;
	refusal->limit = plan->caller_max_calls;
	if (plan->caller_max_calls && caller->calls >= plan->caller_max_calls)
		return ADMISSION_CALLER;
	refusal->limit = plan->caller_calls_per_minute;
	if (!bucket_has(&caller->bucket, plan->caller_calls_per_minute, BUCKET_MINUTE_MS, now_ms))
		return ADMISSION_CALLER_RATE;
	return ADMISSION_PASS;
}

static enum admission_limit refuse(struct gate *gate, enum admission_limit limit,
				   struct admission_refusal *refusal)
{
	bool full = limit == gate->limit;

	*(full ? &gate->usage->refused_calls : &gate->usage->refused_rate) += 1;
	*refusal = (struct admission_refusal){gate->name, full ? gate->calls : gate->rate};
	return limit;
}

enum admission_limit admission_check(struct admission *admission,
				     const struct admission_request *request,
				     struct admission_refusal *refusal)
{
	struct gates gates;
	enum admission_limit limit;

	*refusal = (struct admission_refusal){"", 0};
	gates_of(&gates, admission, request);
	if (gates.out_of_memory)
		return ADMISSION_MEMORY;
	if (request->emergency)
		return ADMISSION_PASS;
	for (unsigned i = 0; i < gates.count; i++) {
		limit = ask(&gates.gate[i], request->now_ms);
		if (limit != ADMISSION_PASS)
			return refuse(&gates.gate[i], limit, refusal);
	}
	if (!gates.caller)
		return ADMISSION_PASS;
	return ask_caller(gates.caller, request->from->dial_plan, request->now_ms, refusal);
}

enum admission_limit admission_check_callee(struct admission *admission,
					    const struct admission_request *request)
{
	struct admission_refusal refusal;
	struct gates gates = {0};

	add_callee(&gates, admission, request->to);
	if (gates.out_of_memory)
		return ADMISSION_MEMORY;
	for (unsigned i = 0; i < gates.count && !request->emergency; i++) {
		enum admission_limit limit = ask(&gates.gate[i], request->now_ms);

		if (limit != ADMISSION_PASS)
			return refuse(&gates.gate[i], limit, &refusal);
	}
	return ADMISSION_PASS;
}

/* ---- taking and giving back ---- */

static void hold(struct admission_ticket *ticket, struct gate *gate,
		 const struct admission_request *request)
{
	struct usage *usage = gate->usage;

	if (!request->emergency &&
	    bucket_has(&usage->bucket, gate->rate, gate->period_ms, request->now_ms))
		bucket_take(&usage->bucket, gate->rate, gate->period_ms);
	meter_count(&usage->meter, request->now_ms);
	usage->calls++;
	if (usage->calls > usage->calls_peak)
		usage->calls_peak = usage->calls;
	ticket->held[ticket->count] = usage;
	if (gate->of_callee)
		ticket->of_callee = (uint16_t)(ticket->of_callee | 1U << ticket->count);
	ticket->count++;
}

void admission_take(struct admission *admission, const struct admission_request *request,
		    struct admission_ticket *ticket)
{
	unsigned rate = request->from->dial_plan->caller_calls_per_minute;
	struct gates gates;

	gates_of(&gates, admission, request);
	for (unsigned i = 0; i < gates.count; i++)
		hold(ticket, &gates.gate[i], request);
	ticket->caller = gates.caller;
	if (!gates.caller)
		return;
	callers_begin(&admission->callers, gates.caller);
	if (bucket_has(&gates.caller->bucket, rate, BUCKET_MINUTE_MS, request->now_ms))
		bucket_take(&gates.caller->bucket, rate, BUCKET_MINUTE_MS);
}

void admission_release(struct admission *admission, struct admission_ticket *ticket)
{
	for (unsigned i = 0; i < ticket->count; i++)
		ticket->held[i]->calls--;
	if (ticket->caller)
		callers_end(&admission->callers, ticket->caller);
	*ticket = (struct admission_ticket){0};
}

static bool holds(const struct admission_ticket *ticket, const struct usage *usage)
{
	for (unsigned i = 0; i < ticket->count; i++)
		if (ticket->held[i] == usage)
			return true;
	return false;
}

void admission_move(struct admission *admission, const struct admission_request *request,
		    struct admission_ticket *ticket)
{
	struct admission_ticket kept = {.caller = ticket->caller};
	struct gates gates = {0};

	for (unsigned i = 0; i < ticket->count; i++) {
		if (ticket->of_callee & 1U << i)
			ticket->held[i]->calls--;
		else
			kept.held[kept.count++] = ticket->held[i];
	}
	*ticket = kept;
	add_callee(&gates, admission, request->to);
	for (unsigned i = 0; i < gates.count; i++)
		if (!holds(ticket, gates.gate[i].usage))
			hold(ticket, &gates.gate[i], request);
}

/* ---- for the operator ---- */

static struct usage usage_at(const struct usages *usages, unsigned slot)
{
	return slot < usages->count && usages->at[slot] ? *usages->at[slot] : (struct usage){0};
}

struct usage admission_total(const struct admission *admission)
{
	return admission->total;
}

struct usage admission_peer(const struct admission *admission, const struct config_peer *peer,
			    enum admission_direction direction)
{
	return usage_at(&admission->peers[direction], peer->slot);
}

struct usage admission_plan(const struct admission *admission, const struct config_dial_plan *plan)
{
	return usage_at(&admission->plans, plan->slot);
}

struct usage admission_interface(const struct admission *admission,
				 const struct config_interface *interface)
{
	return usage_at(&admission->interfaces, interface->slot);
}

struct usage admission_numbers(const struct admission *admission,
			       const struct config_number_limit *limit)
{
	return usage_at(&admission->numbers, limit->slot);
}
