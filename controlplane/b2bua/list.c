/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls as the operator sees them: JSON, in the shapes that api/api.h documents. Never a key. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/record_counters.h"
#include "b2bua/state.h"

static const char *security_name(const struct leg *leg)
{
	return security_mode_name(leg->peer->dial_plan->security);
}

static const char *direction_name(const struct leg *leg)
{
	static const char *const names[] = {
	    [SDP_SENDRECV] = "sendrecv",
	    [SDP_SENDONLY] = "sendonly",
	    [SDP_RECVONLY] = "recvonly",
	    [SDP_INACTIVE] = "inactive",
	};

	return leg->installed ? names[agreed_heard(&leg->media)->direction] : "none";
}

static json_t *media_name(const struct leg *leg)
{
	if (!leg->installed)
		return json_string(leg->security == RELAY_SRTP ? "SRTP" : "RTP");
	if (leg->media.tx.suite == SDES_NONE)
		return json_string("RTP");
	return json_sprintf("SRTP %s", sdes_suite_name(leg->media.tx.suite));
}

static void add_tls_version(json_t *object, const struct leg *leg)
{
	struct net_peer_status status;

	if (leg->peer->transport != SIP_TLS || !leg_flow(leg))
		return;
	net_peer_status(leg->call->b2bua->net, leg->peer, &status);
	if (status.tls_version[0])
		json_object_set_new(object, "tls_version", json_string(status.tls_version));
}

/* A peer may close its connection while the call goes on, and opens another for what it says next.
 */
static const char *signalling_name(const struct leg *leg)
{
	const struct sip_flow *flow = leg_flow(leg);

	if (!flow)
		return "none";
	return net_flow_encrypted(leg->call->b2bua->net, flow) ? "encrypted" : "clear";
}

static json_t *leg_object(const struct leg *leg)
{
	json_t *object = json_pack(
	    "{s:s, s:s, s:s, s:o, s:s, s:s}", "peer", leg->peer->name, "transport",
	    sip_transport_name(leg->peer->transport), "signalling", signalling_name(leg), "media",
	    media_name(leg), "security", security_name(leg), "direction", direction_name(leg));

	add_tls_version(object, leg);
	return object;
}

json_t *list_call(const struct call *call)
{
	uint64_t now = b2bua_now_ms(call->b2bua);
	uint64_t since = call->answered_ms ? call->answered_ms : call->started_ms;

	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:[o, o]}", "id", call->id, "state",
			 call_state_name(call->state), "since", (json_int_t)call->started_unix_s,
			 "duration_s", (json_int_t)((now - since) / 1000), "from", call->from, "to",
			 call->to, "security", security_mode_name(call_security(call)), "legs",
			 leg_object(&call->leg[LEG_CALLER]), leg_object(&call->leg[LEG_CALLEE]));
}

/* ---- one call, with what the data plane knows of it ---- */

struct question {
	json_t *call;
	void (*done)(void *user, json_t *call);
	void *user;
};

static json_t *address(const struct sluice_addr *addr)
{
	char text[64];

	return json_string(sluice_addr_format(addr, text, sizeof(text)));
}

static void add_number(json_t *object, const char *name, uint64_t number)
{
	json_object_set_new(object, name, json_integer((json_int_t)number));
}

/* The same members as in a record, so that neither can have one that the other has not. */
json_t *list_counters(const struct sluice_stream_counters *c)
{
	struct text text = {0};
	json_t *object = NULL;

	text_open(&text, NULL, '{');
	record_counters(&text, c);
	text_close(&text, '{');
	if (text_end(&text) == 0)
		object = json_loadb(text.data, text.length, 0, NULL);
	text_free(&text);
	return object;
}

static void add_info(json_t *leg, const struct sluice_leg_info *info)
{
	json_object_set_new(leg, "local", address(&info->local));
	json_object_set_new(leg, "remote", address(&info->remote_rtp));
	json_object_set_new(leg, "source", address(&info->source));
	json_object_set_new(leg, "rx_suite", json_string(sluice_suite_name(info->rx_suite)));
	json_object_set_new(leg, "tx_suite", json_string(sluice_suite_name(info->tx_suite)));
	json_object_update_new(leg, list_counters(&info->counters));
}

static void answered(void *user, int status, const void *reply, size_t length)
{
	struct question *question = user;
	const struct sluice_session_info *info = reply;
	json_t *legs = json_object_get(question->call, "legs");

	if (status == 0 && info && length >= sizeof(*info))
		for (unsigned i = 0; i < 2; i++)
			add_info(json_array_get(legs, i), &info->leg[i]);
	question->done(question->user, question->call);
	free(question);
}

void b2bua_call_show(struct b2bua *b2bua, const char *id, void (*done)(void *user, json_t *call),
		     void *user)
{
	const struct call *call = call_find(b2bua, id);
	struct question *question;
	struct sluice_session body;

	if (!call) {
		done(user, NULL);
		return;
	}
	question = malloc(sizeof(*question));
	if (!question || !call->media) {
		free(question);
		done(user, list_call(call));
		return;
	}
	*question = (struct question){.call = list_call(call), .done = done, .user = user};
	body.session = media_session_id(call->media);
	if (media_ask(b2bua->media, SLUICE_GET, &body, sizeof(body), answered, question) < 0)
		answered(question, -ENOMEM, NULL, 0);
}

json_t *b2bua_counters(const struct b2bua *b2bua)
{
	json_t *object = json_object();

#define ADD_COUNTER(symbol, name) add_number(object, name, b2bua->counters.symbol);
	B2BUA_COUNTER_LIST(ADD_COUNTER)
#undef ADD_COUNTER
	for (unsigned i = 1; i < CAUSE_COUNT; i++)
		add_number(object, cause_facts(i)->name, b2bua->counters.cause[i]);
	return object;
}

json_t *b2bua_transaction_counters(const struct b2bua *b2bua)
{
	json_t *object = json_object();
	struct sip_transaction_counters t;

	sip_transactions_counters(b2bua->transactions, &t);
	add_number(object, "servers", t.servers);
	add_number(object, "clients", t.clients);
	add_number(object, "retransmissions-sent", t.retransmissions_sent);
	add_number(object, "retransmissions-received", t.retransmissions_received);
	add_number(object, "stray-responses", t.stray_responses);
	add_number(object, "stray-acks", t.stray_acks);
	add_number(object, "stray-cancels", t.stray_cancels);
	add_number(object, "full", t.full);
	return object;
}

unsigned b2bua_peer_calls(const struct b2bua *b2bua, const struct config_peer *peer)
{
	return admission_peer(b2bua->admission, peer, ADMISSION_BOTH).calls;
}
