/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/dial.h"
#include "b2bua/state.h"
#include "main/log.h"
#include "record/records.h"

struct record {
	struct records *records;
	unsigned number; /* in the journal */
	json_t *json;
};

/* Text of a peer may be no UTF-8. */
static json_t *text_object(const char *text)
{
	json_t *object = json_string(text);
	char escaped[256];

	if (object)
		return object;
	log_escape(escaped, sizeof(escaped), text, strlen(text));
	return json_string(escaped);
}

static json_t *optional_text(const char *text)
{
	return text && text[0] ? text_object(text) : json_null();
}

/* ---- legs ---- */

static json_t *leg_begun(const struct leg *leg)
{
	const struct config_peer *peer = leg->peer;

	return json_pack("{s:s, s:o, s:s, s:s, s:s}", "peer", peer->name, "identity",
			 optional_text(peer->fqdn ? peer->fqdn : peer->address), "dial_plan",
			 peer->dial_plan->name, "transport", sip_transport_name(peer->transport),
			 "security", security_mode_name(peer->dial_plan->security));
}

/* "192.0.2.1:5061"; null: no flow yet. */
static json_t *remote_object(const struct leg *leg)
{
	const struct sockaddr *remote = (const struct sockaddr *)&leg->flow.remote;
	const struct sockaddr_in6 *v6 = (const void *)remote;
	char ip[64];

	if (!leg->has_flow || uv_ip_name(remote, ip, sizeof(ip)) < 0)
		return json_null();
	/* the port lies at the same place for both families */
	return json_sprintf(remote->sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip,
			    ntohs(v6->sin6_port));
}

static void add_signalling(json_t *object, const struct leg *leg)
{
	struct net_peer_status status = {0};
	bool tls = leg->peer->transport == SIP_TLS;

	if (tls)
		net_peer_status(leg->call->b2bua->net, leg->peer, &status);
	json_object_set_new(object, "call_id", optional_text(leg->dialog.call_id));
	json_object_set_new(object, "remote", remote_object(leg));
	json_object_set_new(object, "tls_version", optional_text(status.tls_version));
	json_object_set_new(object, "tls_cipher", optional_text(status.tls_cipher));
}

static json_t *suite_object(const struct leg *leg)
{
	if (!leg->installed.mask || leg->media.tx.suite == SDES_NONE)
		return json_null();
	return json_string(sdes_suite_name(leg->media.tx.suite));
}

static json_t *leg_ended(const struct leg *leg)
{
	json_t *object = leg_begun(leg);

	add_signalling(object, leg);
	json_object_set_new(object, "media",
			    json_string(leg->security == RELAY_SRTP ? "SRTP" : "RTP"));
	json_object_set_new(object, "suite", suite_object(leg));
	return object;
}

static void add_media(json_t *leg, const struct sluice_leg_info *info)
{
	char text[64];

	json_object_set_new(
	    leg, "interface",
	    json_stringn(info->interface, strnlen(info->interface, sizeof(info->interface))));
	json_object_set_new(leg, "media_local",
			    json_string(sluice_addr_format(&info->local, text, sizeof(text))));
	json_object_set_new(leg, "media_remote",
			    json_string(sluice_addr_format(&info->remote_rtp, text, sizeof(text))));
	json_object_set_new(leg, "media_source",
			    json_string(sluice_addr_format(&info->source, text, sizeof(text))));
	json_object_set_new(leg, "counters", list_counters(&info->counters));
}

/* ---- the call ---- */

/* Durations are right whatever is done to the clock meanwhile. */
static int64_t unix_ms(const struct call *call, uint64_t at_ms)
{
	return call->started_unix_ms + (int64_t)(at_ms - call->started_ms);
}

static json_t *call_begun(const struct call *call)
{
	return json_pack("{s:i, s:s, s:o, s:o, s:s, s:o}", "schema", RECORDS_SCHEMA, "call",
			 call->id, "from", text_object(call->from), "to", text_object(call->to),
			 "security", security_mode_name(call_security(call)), "started",
			 records_time(call->started_unix_ms));
}

/* Who made it end. */
static const char *ended_by(enum cause cause)
{
	static const struct {
		enum cause cause;
		const char *by;
	} rows[] = {
	    {CAUSE_CANCELLED, "caller"},  {CAUSE_CALLER_GONE, "caller"},
	    {CAUSE_CALLER_BYE, "caller"}, {CAUSE_CALLEE_BYE, "callee"},
	    {CAUSE_DECLINED, "callee"},   {CAUSE_OPERATOR, "operator"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].cause == cause)
			return rows[i].by;
	return "relay";
}

static void add_end(json_t *object, const struct call *call, const struct verdict *verdict)
{
	uint64_t now_ms = b2bua_now_ms(call->b2bua);
	uint64_t talked_ms = call->answered_ms ? now_ms - call->answered_ms : 0;
	bool answered = call->answered_ms != 0;

	json_object_set_new(object, "answered",
			    answered ? records_time(unix_ms(call, call->answered_ms))
				     : json_null());
	json_object_set_new(object, "ended", records_time(unix_ms(call, now_ms)));
	json_object_set_new(
	    object, "setup_ms",
	    json_integer((json_int_t)((answered ? call->answered_ms : now_ms) - call->started_ms)));
	json_object_set_new(object, "duration_ms", json_integer((json_int_t)talked_ms));
	json_object_set_new(object, "status",
			    json_integer((json_int_t)(answered ? 200U : verdict_status(verdict))));
	json_object_set_new(
	    object, "end",
	    json_pack("{s:s, s:s, s:s}", "cause", cause_facts(verdict->cause)->name, "by",
		      ended_by(verdict->cause), "text",
		      verdict->detail[0] ? verdict->detail : verdict_text(verdict)));
}

void record_begin(struct call *call)
{
	struct records *records = call->b2bua->records;
	json_t *object;

	if (!records)
		return;
	object = call_begun(call);
	json_object_set_new(object, "legs",
			    json_pack("[o, o]", leg_begun(&call->leg[LEG_CALLER]),
				      leg_begun(&call->leg[LEG_CALLEE])));
	call->record = records_begin(records, object);
}

void record_answered(struct call *call)
{
	if (call->b2bua->records)
		records_answered(call->b2bua->records, call->record,
				 unix_ms(call, call->answered_ms));
}

/* A call that there never was: what an operator must know of it all the same. */
void record_refused(const struct b2bua *b2bua, const struct config_peer *from, const char *caller,
		    const char *called, const struct verdict *verdict)
{
	struct timespec now;
	json_t *record;

	if (!b2bua->records)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	record = json_pack("{s:i, s:n, s:o, s:o, s:s, s:n, s:i, s:i, s:i, s:{s:s, s:s, s:s}, "
			   "s:[{s:s, s:o, s:s, s:s, "
			   "s:s}]}",
			   "schema", RECORDS_SCHEMA, "call", "from", text_object(caller), "to",
			   text_object(called), "security",
			   security_mode_name(from->dial_plan->security), "answered", "setup_ms", 0,
			   "duration_ms", 0, "status", (int)verdict_status(verdict), "end", "cause",
			   cause_facts(verdict->cause)->name, "by", "relay", "text",
			   verdict->detail, "legs", "peer", from->name, "identity",
			   optional_text(from->fqdn ? from->fqdn : from->address), "dial_plan",
			   from->dial_plan->name, "transport", sip_transport_name(from->transport),
			   "security", security_mode_name(from->dial_plan->security));
	for (unsigned i = 0; i < 2; i++)
		json_object_set_new(
		    record, i ? "ended" : "started",
		    records_time((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000));
	records_end(b2bua->records, 0, record);
}

struct record *record_end(const struct call *call, const struct verdict *verdict)
{
	struct record *record = call->b2bua->records ? calloc(1, sizeof(*record)) : NULL;
	char session[17];

	if (!record)
		return NULL;
	*record = (struct record){
	    .records = call->b2bua->records, .number = call->record, .json = call_begun(call)};
	add_end(record->json, call, verdict);
	if (call->media) {
		snprintf(session, sizeof(session), "%016" PRIx64, media_session_id(call->media));
		json_object_set_new(record->json, "session", json_string(session));
	}
	if (call->dial)
		json_object_set_new(record->json, "routing", dial_json(call->dial));
	json_object_set_new(record->json, "legs",
			    json_pack("[o, o]", leg_ended(&call->leg[LEG_CALLER]),
				      leg_ended(&call->leg[LEG_CALLEE])));
	return record;
}

void record_finish(struct record *record, const struct sluice_session_info *info)
{
	json_t *legs;

	if (!record)
		return;
	legs = json_object_get(record->json, "legs");
	for (unsigned i = 0; info && i < 2; i++)
		add_media(json_array_get(legs, i), &info->leg[i]);
	records_end(record->records, record->number, record->json);
	free(record);
}
