/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media session of a call in the data plane. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/record.h"
#include "b2bua/rekey.h"
#include "b2bua/replacing.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/transfer.h"
#include "main/log.h"

static void put_address(struct sluice_addr *to, const struct sdp_address *address, uint16_t port)
{
	*to = (struct sluice_addr){0};
	if (!address->family || !port)
		return;
	to->family = address->family;
	to->port = port;
	memcpy(to->ip, address->ip, address->family == 4 ? 4 : sizeof(to->ip));
}

/* The numbers of suites are the same here and there (sdes.h). */
static void put_key(struct sluice_key *to, const struct sdes_crypto *crypto,
		    const struct sdes_key *key)
{
	*to = (struct sluice_key){.suite = (uint8_t)crypto->suite};
	if (crypto->suite == SDES_NONE)
		return;
	to->key_len = crypto->key_length;
	to->mki_len = crypto->mki_length;
	to->mki = key->mki;
	to->lifetime = key->lifetime;
	memcpy(to->key, key->bytes, crypto->key_length);
}

static_assert(SDES_KEYS_MAX == SLUICE_RX_KEYS_MAX, "all keys of a line fit the media API");

static void put_rx_keys(struct sluice_set *set, const struct relay_remote *heard)
{
	put_key(&set->rx[0], &heard->crypto, &heard->crypto.key);
	for (unsigned i = 0; i < heard->crypto_more.count; i++)
		put_key(&set->rx[i + 1], &heard->crypto, &heard->crypto_more.key[i]);
}

/* From the peer's point of view to the relay's. */
static uint8_t direction_of(enum sdp_direction direction)
{
	static const uint8_t directions[] = {
	    [SDP_SENDRECV] = SLUICE_DIR_RX | SLUICE_DIR_TX,
	    [SDP_SENDONLY] = SLUICE_DIR_RX,
	    [SDP_RECVONLY] = SLUICE_DIR_TX,
	    [SDP_INACTIVE] = 0,
	};

	return directions[direction];
}

/*
 * Silence ends a call only while both sides are to talk: before the answer the caller may be
 * silent, and who puts the other on hold often sends nothing, whatever its direction says.
 */
static uint32_t timeout_of(struct leg *leg)
{
	if (leg->call->state != CALL_ANSWERED ||
	    agreed_heard(&leg->media)->direction != SDP_SENDRECV ||
	    agreed_heard(&leg_other(leg)->media)->direction != SDP_SENDRECV)
		return 0;
	return leg->peer->dial_plan->media_timeout_ms;
}

/* The same, with RTCP: also on hold, where a peer that sends RTCP goes on with it (RFC 3264 8.4).
 */
static uint32_t silence_of(struct leg *leg)
{
	return leg->call->state == CALL_ANSWERED ? leg->peer->dial_plan->silence_timeout_ms : 0;
}

static_assert(SDP_PAYLOADS_MAX == SLUICE_PAYLOADS_MAX, "a map fits the media API");
static_assert((int)SDP_CODEC_G711 == (int)SLUICE_CODEC_G711 &&
		  (int)SDP_CODEC_OPUS == (int)SLUICE_CODEC_OPUS &&
		  (int)SDP_CODEC_NOISE == (int)SLUICE_CODEC_NOISE,
	      "numbers of codecs");

/* The media API wants clocks that the quality of speech can be reckoned with. */
static bool clock_is_usual(uint32_t clock_hz)
{
	return clock_hz >= 1000 && clock_hz <= 384000 && clock_hz % 25 == 0;
}

static void put_payloads(struct sluice_set *set, struct leg *leg)
{
	struct sdp_payload payloads[SDP_PAYLOADS_MAX];
	unsigned count =
	    sdp_payloads_map(payloads, agreed_said(&leg->media), &agreed_heard(&leg->media)->audio,
			     &agreed_heard(&leg_other(leg)->media)->audio);

	for (unsigned i = 0; i < count; i++)
		set->payload[i] = (struct sluice_payload){
		    .type = payloads[i].type,
		    .other = payloads[i].other,
		    .codec = payloads[i].kind < SLUICE_CODEC_COUNT ? payloads[i].kind : 0,
		    .clock_hz = clock_is_usual(payloads[i].clock_hz) ? payloads[i].clock_hz : 8000,
		};
	set->payload_count = (uint8_t)count;
}

/* Said only if the dial plan says it: see first_mask(). */
static uint8_t dscp_of(const struct config_dial_plan *plan)
{
	return plan->dscp == CONFIG_DSCP_INTERFACE ? 0 : (uint8_t)plan->dscp;
}

static uint32_t first_mask(const struct config_dial_plan *plan)
{
	return plan->dscp == CONFIG_DSCP_INTERFACE ? SLUICE_SET_ALL & ~(uint32_t)SLUICE_SET_DSCP
						   : (uint32_t)SLUICE_SET_ALL;
}

/* By what anybody asked for: we too may have. */
static uint32_t rate_of(struct leg *leg)
{
	const struct sdp_audio *heard = &agreed_heard(&leg->media)->audio;
	uint32_t by_other = sdp_rate_pps(heard, &agreed_heard(&leg_other(leg)->media)->audio);
	uint32_t by_us = sdp_rate_pps(heard, agreed_said(&leg->media));

	return by_us > by_other ? by_us : by_other;
}

static void describe(struct leg *leg, struct sluice_set *set)
{
	static const enum sluice_latch latches[] = {
	    [MEDIA_SOURCE_ADDRESS] = SLUICE_LATCH_ADDRESS,
	    [MEDIA_SOURCE_STRICT] = SLUICE_LATCH_STRICT,
	    [MEDIA_SOURCE_ANY] = SLUICE_LATCH_ANY,
	};
	const struct relay_remote *heard = agreed_heard(&leg->media);

	*set = (struct sluice_set){
	    .leg = (uint8_t)leg->number,
	    .direction = direction_of(heard->direction),
	    .latch = (uint8_t)latches[leg->peer->dial_plan->media_source],
	    .dscp = dscp_of(leg->peer->dial_plan),
	    .media_timeout_ms = timeout_of(leg),
	    .silence_timeout_ms = silence_of(leg),
	    .rate_pps = rate_of(leg),
	    .rtcp_mux = leg->media.said_rtcp_mux && heard->rtcp_mux,
	};
	put_address(&set->remote_rtp, &heard->rtp_address, heard->rtp_port);
	put_address(&set->remote_rtcp, &heard->rtcp_address, heard->rtcp_port);
	put_rx_keys(set, heard);
	put_key(&set->tx, &leg->media.tx, &leg->media.tx.key);
	put_payloads(set, leg);
}

/* The data plane refused a change: what is relayed is not what was agreed. */
static void was_set(void *user, int status)
{
	struct call *call = user;

	if (status == 0 || status == -ENOTCONN)
		return;
	b2bua_enter(call->b2bua);
	log_event(LOG_NOTE, "call %s: data plane refused its media: %s", call->id,
		  strerror(-status));
	call_end_cause(call, CAUSE_MEDIA_REFUSED, NULL);
	b2bua_leave(call->b2bua);
}

void session_install(struct leg *leg)
{
	struct sluice_set set;
	uint32_t mask;

	/* a leg that was taken over has no key of ours until it has answered our re-INVITE */
	if (!leg->call->media || (leg->security == RELAY_SRTP && leg->media.tx.suite == SDES_NONE))
		return;
	describe(leg, &set);
	mask = leg->installed ? media_session_difference(leg->call->media, &set)
			      : first_mask(leg->peer->dial_plan);
	leg->installed = true;
	if (mask) {
		set.mask = mask;
		if (media_session_set(leg->call->media, &set, was_set) < 0)
			was_set(leg->call, -EINVAL);
	}
	explicit_bzero(&set, sizeof(set));
}

static uint8_t family_of(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->ss_family != AF_INET6)
		return 4;
	return IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? 4 : 6;
}

/* Another target may have its media elsewhere. */
static void could_not_open(struct call *call, enum cause cause)
{
	struct leg *callee = &call->leg[LEG_CALLEE];

	if (!dial_failed(callee, dial_way(callee), 0, cause))
		call_end_cause(call, cause, NULL);
}

static void opened(void *user, int status, const struct sluice_addr local[2])
{
	struct call *call = user;
	struct b2bua *b2bua = call->b2bua;

	b2bua_enter(b2bua);
	if (status == 0 && call->state == CALL_EARLY) {
		call->leg[LEG_CALLER].local = local[LEG_CALLER];
		call->leg[LEG_CALLEE].local = local[LEG_CALLEE];
		if (call->transferor)
			transfer_opened(call);
		else if (call->replaces)
			replacing_opened(call);
		else
			invite_send(&call->leg[LEG_CALLEE]);
	} else if (status == -ENOSPC) {
		could_not_open(call, CAUSE_MEDIA_FULL);
	} else if (status == -ENOTCONN) {
		call_end_cause(call, CAUSE_NO_MEDIA, NULL);
	} else if (status < 0) {
		log_event(LOG_NOTE, "call %s: data plane refused its interfaces %s and %s: %s",
			  call->id, call->leg[LEG_CALLER].peer->dial_plan->media_interface,
			  call->leg[LEG_CALLEE].peer->dial_plan->media_interface,
			  strerror(-status));
		could_not_open(call, CAUSE_MEDIA_REFUSED);
	}
	b2bua_leave(b2bua);
}

/* Of what the caller offered; else of where it is. */
static uint8_t caller_family(const struct leg *caller)
{
	uint8_t offered = caller->next ? caller->next->heard.rtp_address.family : 0;

	return offered ? offered : family_of(&caller->flow.remote);
}

int session_open(struct call *call)
{
	const struct leg *caller = &call->leg[LEG_CALLER], *callee = &call->leg[LEG_CALLEE];
	const char *interface[2] = {caller->peer->dial_plan->media_interface,
				    callee->peer->dial_plan->media_interface};
	uint8_t family[2] = {
	    caller_family(caller),
	    family_of(&callee->listener->socket_address),
	};

	return media_session_open(call->b2bua->media, &call->media, interface, family, opened,
				  call);
}

/* The last words on a call wait for its counters, which come when the call itself is gone. */
struct epitaph {
	char id[CALL_ID_DIGITS + 1];
	char from[64], to[64];
	char suite[2][48];
	const char *security, *cause;
	unsigned status;
	double duration_s;
	struct record *record;
};

static unsigned long long count(const struct sluice_session_info *info, unsigned leg, bool lost)
{
	const struct sluice_stream_counters *counters;

	if (!info)
		return 0;
	counters = &info->leg[leg].counters;
	return lost ? counters->lost : counters->received;
}

#define QUALITY_TEXT_MAX 192

/* "12 reordered, jitter 0.4 ms, round trip 18.0 ms, MOS 4.40; it reports 3 lost, MOS 4.31" */
static const char *quality(char text[QUALITY_TEXT_MAX], const struct sluice_session_info *info,
			   unsigned leg)
{
	const struct sluice_stream_counters *c = info ? &info->leg[leg].counters : NULL;
	char trip[32] = "unknown", reports[64] = "";

	if (!c || !c->received)
		return "nothing received";
	if (c->rtt_us)
		snprintf(trip, sizeof(trip), "%.1f ms", c->rtt_us / 1000.0);
	if (c->remote_mos_x100)
		snprintf(reports, sizeof(reports), ", it reports %u lost, MOS %.2f", c->remote_lost,
			 c->remote_mos_x100 / 100.0);
	snprintf(text, QUALITY_TEXT_MAX,
		 "%llu reordered, jitter %.1f ms, round trip %s, MOS %.2f%s",
		 (unsigned long long)c->reordered, c->jitter_us / 1000.0, trip, c->mos_x100 / 100.0,
		 reports);
	return text;
}

static void closed(void *user, const struct sluice_session_info *info)
{
	struct epitaph *e = user;
	char text[2][QUALITY_TEXT_MAX];

	log_event(LOG_CALL_ENDED,
		  "call %s from %s to %s: %s (%u) after %.1f s, security %s, media %s and %s, "
		  "packets %llu and %llu, lost %llu and %llu; caller: %s; callee: %s%s",
		  e->id, e->from, e->to, e->cause, e->status, e->duration_s, e->security,
		  e->suite[0], e->suite[1], count(info, 0, false), count(info, 1, false),
		  count(info, 0, true), count(info, 1, true), quality(text[0], info, 0),
		  quality(text[1], info, 1), info ? "" : " (counters unknown)");
	record_finish(e->record, info);
	free(e);
}

static void write_epitaph(struct epitaph *e, const struct call *call, const struct verdict *verdict)
{
	uint64_t now = b2bua_now_ms(call->b2bua);

	memcpy(e->id, call->id, sizeof(e->id));
	for (unsigned i = 0; i < 2; i++) {
		enum sdes_suite suite = call->leg[i].media.tx.suite;

		strncpy(e->suite[i], suite ? sdes_suite_name(suite) : "RTP",
			sizeof(e->suite[i]) - 1);
	}
	strncpy(e->from, call->leg[LEG_CALLER].peer->name, sizeof(e->from) - 1);
	strncpy(e->to, call->leg[LEG_CALLEE].peer->name, sizeof(e->to) - 1);
	e->security = security_mode_name(call_security(call));
	e->cause = cause_facts(verdict->cause)->name;
	e->status = call->answered_ms ? 200 : verdict_status(verdict);
	e->duration_s = call->answered_ms ? (double)(now - call->answered_ms) / 1000.0 : 0.0;
}

void session_close(struct call *call, const struct verdict *verdict)
{
	struct media_session *session = call->media;
	struct epitaph *e = calloc(1, sizeof(*e));

	if (!e) {
		call->media = NULL;
		media_session_close(session, NULL, NULL);
		return;
	}
	write_epitaph(e, call, verdict);
	e->record = record_end(call, verdict);
	call->media = NULL;
	if (session)
		media_session_close(session, closed, e);
	else
		closed(e, NULL);
}

/* ---- what the data plane tells ---- */

static void up(void *user, bool restored)
{
	struct b2bua *b2bua = user;

	if (restored)
		log_event(LOG_MEDIA_RESTORED, "data plane is back; %u calls installed again",
			  b2bua->call_count);
	else
		log_event(LOG_MEDIA_UP, "data plane is there");
}

static void down(void *user)
{
	(void)user; /* said by the client; calls go on, new ones get 503 */
}

static void timed_out(struct call *call, const struct sluice_event *event)
{
	bool silence = event->type == SLUICE_EVENT_SILENCE;

	if (call->state != CALL_ANSWERED || event->leg > 1 || transfer_is_alone(call))
		return;
	log_event(LOG_MEDIA_TIMEOUT, "call %s: %s from %s for %llu ms", call->id,
		  silence ? "neither RTP nor RTCP" : "no RTP", call->leg[event->leg].peer->name,
		  (unsigned long long)event->value);
	call_end_cause(call, silence ? CAUSE_SILENCE : CAUSE_MEDIA_TIMEOUT, NULL);
}

static void event(void *user, void *session_user, const struct sluice_event *event)
{
	struct b2bua *b2bua = user;
	struct call *call = session_user;

	b2bua_enter(b2bua);
	if (call &&
	    (event->type == SLUICE_EVENT_MEDIA_TIMEOUT || event->type == SLUICE_EVENT_SILENCE))
		timed_out(call, event);
	else if (call && event->type == SLUICE_EVENT_KEY_LIMIT)
		rekey_limit(&call->leg[event->leg & 1], event);
	else if (event->type == SLUICE_EVENT_CAPTURE)
		log_event(LOG_CAPTURE, "%s %s: capture %.*s, %llu packets",
			  call ? "call" : "session", call ? call->id : "of a call that is gone",
			  (int)strnlen(event->text, sizeof(event->text)), event->text,
			  (unsigned long long)event->value);
	else if (call && b2bua_may_log(b2bua))
		log_event(LOG_NOTE, "call %s: %s on the leg of %s (%llu)", call->id,
			  sluice_event_name(event->type), call->leg[event->leg & 1].peer->name,
			  (unsigned long long)event->value);
	else if (!call && b2bua_may_log(b2bua))
		log_event(LOG_NOTE, "data plane: %s: %.*s", sluice_event_name(event->type),
			  (int)strnlen(event->text, sizeof(event->text)), event->text);
	b2bua_leave(b2bua);
}

static void lost(void *user, void *session_user, const char *reason)
{
	struct b2bua *b2bua = user;
	struct call *call = session_user;

	b2bua_enter(b2bua);
	log_event(LOG_NOTE, "call %s: data plane could not take it back: %s", call->id, reason);
	call_end_cause(call, CAUSE_MEDIA_LOST, NULL);
	b2bua_leave(b2bua);
}

const struct media_ops b2bua_media_ops = {.up = up, .down = down, .event = event, .lost = lost};
