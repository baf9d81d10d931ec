/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/dial.h"
#include "b2bua/record_counters.h"
#include "b2bua/state.h"
#include "main/log.h"
#include "record/records.h"

struct record {
	struct records *records;
	unsigned number;    /* in the journal */
	struct text text;   /* the object, up to its legs */
	struct text leg[2]; /* their objects, not closed */
};

static const char *optional(const char *text)
{
	return text && text[0] ? text : NULL;
}

/* ---- legs ---- */

/* Leaves the object open. */
static void add_peer(struct text *text, const struct config_peer *peer)
{
	text_open(text, NULL, '{');
	text_string(text, "peer", peer->name);
	text_string(text, "identity", optional(peer->fqdn ? peer->fqdn : peer->address));
	text_string(text, "dial_plan", peer->dial_plan->name);
	text_string(text, "transport", sip_transport_name(peer->transport));
	text_string(text, "security", security_mode_name(peer->dial_plan->security));
}

/* "192.0.2.1:5061"; null: no flow yet. */
static void add_remote(struct text *text, const struct leg *leg)
{
	const struct sockaddr *remote = (const struct sockaddr *)&leg->flow.remote;
	const struct sockaddr_in6 *v6 = (const void *)remote;
	char ip[64], address[80];

	if (!leg->has_flow || uv_ip_name(remote, ip, sizeof(ip)) < 0) {
		text_null(text, "remote");
		return;
	}
	/* the port lies at the same place for both families */
	snprintf(address, sizeof(address), remote->sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip,
		 ntohs(v6->sin6_port));
	text_string(text, "remote", address);
}

static void add_signalling(struct text *text, const struct leg *leg)
{
	struct net_peer_status status = {0};

	if (leg->peer->transport == SIP_TLS)
		net_peer_status(leg->call->b2bua->net, leg->peer, &status);
	text_string(text, "call_id", optional(leg->dialog.call_id));
	add_remote(text, leg);
	text_string(text, "tls_version", optional(status.tls_version));
	text_string(text, "tls_cipher", optional(status.tls_cipher));
}

static const char *suite_name(const struct leg *leg)
{
	if (!leg->installed || leg->media.tx.suite == SDES_NONE)
		return NULL;
	return sdes_suite_name(leg->media.tx.suite);
}

/* Leaves the object open. */
static void leg_ended(struct text *text, const struct leg *leg)
{
	add_peer(text, leg->peer);
	add_signalling(text, leg);
	text_string(text, "media", leg->security == RELAY_SRTP ? "SRTP" : "RTP");
	text_string(text, "suite", suite_name(leg));
}

static void add_address(struct text *text, const char *name, const struct sluice_addr *addr)
{
	char address[64];

	text_string(text, name, sluice_addr_format(addr, address, sizeof(address)));
}

static void add_media(struct text *text, const struct sluice_leg_info *info)
{
	char interface[SLUICE_NAME_MAX + 1] = "";

	memcpy(interface, info->interface, strnlen(info->interface, SLUICE_NAME_MAX));
	text_string(text, "interface", interface);
	add_address(text, "media_local", &info->local);
	add_address(text, "media_remote", &info->remote_rtp);
	add_address(text, "media_source", &info->source);
	record_counters(text, &info->counters);
}

/* ---- the call ---- */

/* Durations are right whatever is done to the clock meanwhile. */
static int64_t unix_ms(const struct call *call, uint64_t at_ms)
{
	return call->started_unix_ms + (int64_t)(at_ms - call->started_ms);
}

/* Leaves the object open. */
static void call_begun(struct text *text, const struct call *call)
{
	text_open(text, NULL, '{');
	text_number(text, "schema", RECORDS_SCHEMA);
	text_string(text, "call", call->id);
	text_string(text, "from", call->from);
	text_string(text, "to", call->to);
	if (call->user)
		text_string(text, "user", call->user);
	text_string(text, "security", security_mode_name(call_security(call)));
	text_time(text, "started", call->started_unix_ms);
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

/* Why it ended; the detail is for the operator alone. */
static void add_verdict(struct text *text, const struct verdict *verdict, const char *by)
{
	text_open(text, "end", '{');
	text_string(text, "cause", cause_facts(verdict->cause)->name);
	text_string(text, "by", by);
	text_string(text, "text", verdict->detail[0] ? verdict->detail : verdict_text(verdict));
	text_close(text, '{');
}

static void add_end(struct text *text, const struct call *call, const struct verdict *verdict)
{
	uint64_t now_ms = b2bua_now_ms(call->b2bua);
	bool answered = call->answered_ms != 0;
	uint64_t setup_end_ms = answered ? call->answered_ms : now_ms;

	if (answered)
		text_time(text, "answered", unix_ms(call, call->answered_ms));
	else
		text_null(text, "answered");
	text_time(text, "ended", unix_ms(call, now_ms));
	text_number(text, "setup_ms", (int64_t)(setup_end_ms - call->started_ms));
	text_number(text, "duration_ms", answered ? (int64_t)(now_ms - call->answered_ms) : 0);
	text_number(text, "status", answered ? 200 : (int64_t)verdict_status(verdict));
	add_verdict(text, verdict, ended_by(verdict->cause));
}

void record_begin(struct call *call)
{
	struct records *records = call->b2bua->records;
	struct text text = {0};

	if (!records)
		return;
	call_begun(&text, call);
	text_open(&text, "legs", '[');
	for (unsigned i = 0; i < 2; i++) {
		add_peer(&text, call->leg[i].peer);
		text_close(&text, '{');
	}
	text_close(&text, '[');
	text_close(&text, '{');
	call->record = records_begin_text(records, &text);
	text_free(&text);
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
	struct text text = {0};
	struct timespec now;
	int64_t now_ms;

	if (!b2bua->records)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	text_open(&text, NULL, '{');
	text_number(&text, "schema", RECORDS_SCHEMA);
	text_null(&text, "call");
	text_string(&text, "from", caller);
	text_string(&text, "to", called);
	text_string(&text, "security", security_mode_name(from->dial_plan->security));
	text_time(&text, "started", now_ms);
	text_null(&text, "answered");
	text_time(&text, "ended", now_ms);
	text_number(&text, "setup_ms", 0);
	text_number(&text, "duration_ms", 0);
	text_number(&text, "status", (int64_t)verdict_status(verdict));
	add_verdict(&text, verdict, "relay");
	text_open(&text, "legs", '[');
	add_peer(&text, from);
	text_close(&text, '{');
	text_close(&text, '[');
	text_close(&text, '{');
	records_end_text(b2bua->records, 0, &text);
	text_free(&text);
}

struct record *record_end(const struct call *call, const struct verdict *verdict)
{
	struct record *record = call->b2bua->records ? calloc(1, sizeof(*record)) : NULL;
	char session[17];

	if (!record)
		return NULL;
	record->records = call->b2bua->records;
	record->number = call->record;
	call_begun(&record->text, call);
	add_end(&record->text, call, verdict);
	if (call->media) {
		snprintf(session, sizeof(session), "%016" PRIx64, media_session_id(call->media));
		text_string(&record->text, "session", session);
	}
	if (call->dial)
		text_json(&record->text, "routing", dial_json(call->dial));
	for (unsigned i = 0; i < 2; i++)
		leg_ended(&record->leg[i], &call->leg[i]);
	return record;
}

void record_finish(struct record *record, const struct sluice_session_info *info)
{
	if (!record)
		return;
	text_open(&record->text, "legs", '[');
	for (unsigned i = 0; i < 2; i++) {
		if (info)
			add_media(&record->leg[i], &info->leg[i]);
		text_append(&record->text, &record->leg[i]);
		text_close(&record->text, '{');
		text_free(&record->leg[i]);
	}
	text_close(&record->text, '[');
	text_close(&record->text, '{');
	records_end_text(record->records, record->number, &record->text);
	text_free(&record->text);
	free(record);
}
