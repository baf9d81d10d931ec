/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats, drops: counters of signalling and media */
#include <stdlib.h>

#include "main/daemon.h"

static json_t *net_object(const struct daemon *daemon)
{
	struct net_counters counters = {0};
	json_t *object = json_object();

	net_counters(daemon->net, &counters);
#define ADD_COUNTER(symbol, name, text) \
	json_object_set_new(object, name, operator_number(counters.symbol));
	NET_COUNTER_LIST(ADD_COUNTER)
#undef ADD_COUNTER
	return object;
}

static json_t *media_object(const struct sluice_stats *s)
{
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sessions",
	    operator_number(s->sessions), "opened", operator_number(s->opened), "received",
	    operator_number(s->received), "relayed", operator_number(s->relayed), "relayed_rtcp",
	    operator_number(s->relayed_rtcp), "decrypted", operator_number(s->decrypted),
	    "encrypted", operator_number(s->encrypted), "to_kernel", operator_number(s->to_kernel),
	    "from_kernel", operator_number(s->from_kernel), "kernel_lost",
	    operator_number(s->kernel_lost));
}

static void stats_answered(void *user, int status, const void *reply, size_t length)
{
	struct operator_question *question = user;
	const struct daemon *daemon = question->daemon;
	bool known = status == 0 && reply && length >= sizeof(struct sluice_stats);

	api_answer(question->request,
		   json_pack("{s:o, s:o, s:o, s:o, s:o, s:o*}", "signalling",
			     b2bua_counters(daemon->b2bua), "overload",
			     operator_overload_counters(daemon), "net", net_object(daemon),
			     "transactions", b2bua_transaction_counters(daemon->b2bua), "media",
			     known ? media_object(reply) : json_null(), "records",
			     daemon->records ? records_counters(daemon->records) : NULL));
	free(question);
}

void operator_stats(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	operator_ask(user, request, SLUICE_STATS, stats_answered);
}

static void drops_answered(void *user, int status, const void *reply, size_t length)
{
	struct operator_question *question = user;
	const struct sluice_stats *stats = reply;
	json_t *list = json_array();

	if (status < 0 || !stats || length < sizeof(*stats)) {
		json_decref(list);
		api_refuse(question->request, "data plane is away: see 'sluicectl status'");
		free(question);
		return;
	}
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o}", "name", sluice_drop_name(i),
						"text", sluice_drop_text(i), "packets",
						operator_number(stats->drops[i])));
	api_answer(question->request, list);
	free(question);
}

void operator_drops(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	operator_ask(user, request, SLUICE_STATS, drops_answered);
}
