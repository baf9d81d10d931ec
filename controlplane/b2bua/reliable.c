/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/reliable.h"

#include <string.h>

#include "b2bua/exchange.h"
#include "b2bua/headers.h"
#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/prack.h"
#include "b2bua/random.h"
#include "b2bua/reply.h"
#include "b2bua/session_timer.h"
#include "b2bua/state.h"

#define RSEQ_FIRST_MAX 0x7fffffffU
#define T1_MS 500U
#define PATIENCE_MS (64U * T1_MS)

enum reliable_fit reliable_begin(struct leg *leg, const struct sip_message *invite)
{
	enum prack_policy policy = leg->peer->dial_plan->prack;
	struct reliable *reliable = &leg->reliable;

	reliable->required = sip_message_has_option(invite, SIP_HDR_REQUIRE, "100rel");
	reliable->supported =
	    reliable->required || sip_message_has_option(invite, SIP_HDR_SUPPORTED, "100rel");
	if (policy == PRACK_REQUIRED && !reliable->supported)
		return RELIABLE_MISSING;
	if (policy == PRACK_REQUIRED)
		reliable->required = true;
	if (policy == PRACK_OFF)
		reliable->supported = false;
	return RELIABLE_FITS;
}

/* ---- out ---- */

static void send_plain(struct leg *leg, unsigned status, struct str sdp, struct str kept)
{
	struct reply reply = {.status = status, .leg = leg, .kept = kept};

	if (!leg->reliable.settled)
		reply.sdp = sdp;
	reply_send(leg->call->b2bua, leg->invite, &reply);
}

static void send_reliable(struct leg *leg, unsigned status, struct str sdp, struct str kept)
{
	struct reliable *reliable = &leg->reliable;
	struct reply reply = {.status = status, .leg = leg, .capabilities = 1, .kept = kept};

	if (!reliable->settled)
		reply.sdp = sdp;
	if (reliable->rseq == 0) /* so far from the top that no call gets there */
		reliable->rseq = (uint32_t)(random_number() % (RSEQ_FIRST_MAX / 2));
	reply.rseq = ++reliable->rseq;
	reliable->pending = true;
	reliable->has_sdp = reply.sdp.len > 0;
	reliable->interval_ms = T1_MS;
	reliable->give_up_ms = b2bua_now_ms(leg->call->b2bua) + PATIENCE_MS;
	leg_timer_arm(leg, LEG_TIMER_PROVISIONAL, T1_MS);
	reply_send(leg->call->b2bua, leg->invite, &reply);
}

/* Behind what waits for a PRACK; when there is too much of it, ringing is what can be spared. */
static void hold(const struct leg *leg, struct reliable *reliable, unsigned status, struct str sdp)
{
	for (unsigned i = 0; i < RELIABLE_HELD_MAX; i++) {
		struct reliable_held *held = &reliable->held[i];

		if (held->status == status && !held->sdp.length && !sdp.len)
			return;
		if (held->status && !(i == RELIABLE_HELD_MAX - 1 && sdp.len))
			continue;
		held->status = status;
		if (sdp.len)
			secret_set(&held->sdp, sdp);
		headers_keep(&held->headers, leg, status);
		return;
	}
}

/* kept: of headers_keep(), when it had to wait. */
static void send_provisional(struct leg *leg, unsigned status, struct str sdp,
			     enum reliable_origin origin, struct str kept)
{
	struct reliable *reliable = &leg->reliable;
	bool wanted = sdp.len > 0 || origin == RELIABLE_ORIGIN_100REL;

	if (reliable->required || (reliable->supported && wanted))
		send_reliable(leg, status, sdp, kept);
	else
		send_plain(leg, status, sdp, kept);
}

void reliable_provisional(struct leg *leg, unsigned status, struct str sdp,
			  enum reliable_origin origin)
{
	if (leg->reliable.pending)
		hold(leg, &leg->reliable, status, sdp);
	else
		send_provisional(leg, status, sdp, origin, (struct str){0});
}

static void send_success(struct leg *leg, struct str sdp, struct str kept)
{
	struct reply reply = {.status = 200, .leg = leg, .capabilities = 1, .kept = kept};

	if (!leg->reliable.settled)
		reply.sdp = sdp;
	leg->invite_answered = true;
	leg->dialog.confirmed = true;
	reliable_forget(leg);
	session_timer_start(leg);
	reply_send(leg->call->b2bua, leg->invite, &reply);
}

/* RFC 3262 3: not while a description waits for its PRACK. */
void reliable_success(struct leg *leg, struct str sdp)
{
	struct reliable *reliable = &leg->reliable;

	if (reliable->pending && reliable->has_sdp) {
		reliable->success_due = true;
		secret_set(&reliable->success, sdp);
		headers_keep(&reliable->success_headers, leg, 200);
		return;
	}
	send_success(leg, sdp, (struct str){0});
}

void reliable_forget(struct leg *leg)
{
	struct reliable *reliable = &leg->reliable;

	leg_timer_stop(leg, LEG_TIMER_PROVISIONAL);
	for (unsigned i = 0; i < RELIABLE_HELD_MAX; i++) {
		secret_wipe(&reliable->held[i].sdp);
		secret_wipe(&reliable->held[i].headers);
	}
	secret_wipe(&reliable->success);
	secret_wipe(&reliable->success_headers);
	*reliable = (struct reliable){0};
}

void reliable_due(struct leg *leg)
{
	struct reliable *reliable = &leg->reliable;
	uint64_t now = b2bua_now_ms(leg->call->b2bua), left;

	if (!reliable->pending || !leg->invite)
		return;
	if (now >= reliable->give_up_ms) {
		call_end_cause(leg->call, CAUSE_NO_PRACK, NULL);
		return;
	}
	reliable->interval_ms *= 2;
	left = reliable->give_up_ms - now;
	leg_timer_arm(leg, LEG_TIMER_PROVISIONAL,
		      reliable->interval_ms < left ? reliable->interval_ms : left);
	sip_server_repeat(leg->invite, now);
}

/* ---- PRACK ---- */

static struct reliable_held take_held(struct reliable *reliable)
{
	struct reliable_held first = reliable->held[0];

	memmove(&reliable->held[0], &reliable->held[1],
		sizeof(reliable->held) - sizeof(reliable->held[0]));
	reliable->held[RELIABLE_HELD_MAX - 1] = (struct reliable_held){0};
	return first;
}

static void send_next(struct leg *leg)
{
	struct reliable *reliable = &leg->reliable;
	struct reliable_held next;
	struct secret success, headers;

	if (reliable->success_due) {
		success = reliable->success;
		headers = reliable->success_headers;
		reliable->success = reliable->success_headers = (struct secret){0};
		send_success(leg, secret_str(&success), secret_str(&headers));
		secret_wipe(&success);
		secret_wipe(&headers);
	} else if (reliable->held[0].status) {
		next = take_held(reliable);
		send_provisional(leg, next.status, secret_str(&next.sdp), RELIABLE_ORIGIN_PLAIN,
				 secret_str(&next.headers));
		secret_wipe(&next.sdp);
		secret_wipe(&next.headers);
	}
}

/* "RSEQ CSEQ METHOD" (RFC 3262 7.2) */
static bool matches(const struct leg *leg, const struct sip_message *request)
{
	const struct sip_header *header = sip_message_header(request, SIP_HDR_RACK, NULL);
	struct str part[3] = {{0}}, rest = header ? header->value : (struct str){0};
	uint32_t rseq, cseq;

	for (unsigned i = 0; i < 3 && rest.len; i++) {
		const char *space = memchr(rest.ptr, ' ', rest.len);
		size_t length = space ? (size_t)(space - rest.ptr) : rest.len;

		part[i] = (struct str){rest.ptr, length};
		while (length < rest.len && rest.ptr[length] == ' ')
			length++;
		rest = (struct str){rest.ptr + length, rest.len - length};
	}
	return leg->invite && leg->reliable.pending && !rest.len &&
	       sip_number_parse(&rseq, part[0], UINT32_MAX) == 0 &&
	       sip_number_parse(&cseq, part[1], UINT32_MAX) == 0 &&
	       str_eq(part[2], STR("INVITE")) && rseq == leg->reliable.rseq &&
	       cseq == leg->invite_cseq;
}

static void confirm(struct leg *leg, struct sip_server *server)
{
	struct reply reply = {.status = 200, .leg = leg};

	reply_send(leg->call->b2bua, server, &reply);
}

/* The offer went to the caller in a reliable 1xx: this is its answer, the callee's PRACK takes it.
 */
static void take_answer(struct leg *leg, struct str sdp)
{
	struct call *call = leg->call;
	struct leg *offerer = leg_other(leg);
	struct early *early = offerer->early_asked;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	char text[OFFER_TEXT_MAX];
	int length = -1;

	if (early && sdp.len && answer_take(leg, sdp, &verdict) == 0)
		length = answer_make(offerer, sdp, text, sizeof(text));
	if (length < 0) {
		verdict.cause = CAUSE_BAD_ANSWER;
		call_end(call, &verdict, NULL);
		return;
	}
	offerer->early_asked = NULL;
	offerer->early_now = early;
	early->settled = true;
	if (exchange_commit(call) == 0) {
		exchange_end(call);
		prack_send(offerer, early, (struct str){text, (size_t)length});
	}
	explicit_bzero(text, sizeof(text));
}

static bool is_offer(struct leg *leg, struct str sdp)
{
	return sdp.len && !leg_other(leg)->early_asked;
}

/* An offer in a PRACK (RFC 3262 5) goes on like one in an UPDATE; its answer is the PRACK's. */
static void take_offer(struct leg *leg, struct sip_server *server, struct str sdp)
{
	struct verdict verdict = {.cause = exchange_check(leg)};

	if (verdict.cause != CAUSE_NONE || exchange_begin(leg, server, sdp, &verdict) < 0)
		reply_refuse(leg->call->b2bua, server, leg, &verdict);
}

void reliable_prack(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct reliable *reliable = &leg->reliable;
	struct verdict verdict = {0};
	struct str sdp;

	if (!matches(leg, request)) {
		reply_refuse_cause(leg->call->b2bua, server, leg, CAUSE_STRAY_PRACK);
		return;
	}
	if (!invite_body(request, &sdp, &verdict)) {
		reply_refuse(leg->call->b2bua, server, leg, &verdict);
		return;
	}
	reliable->pending = false;
	reliable->settled |= reliable->has_sdp;
	leg_timer_stop(leg, LEG_TIMER_PROVISIONAL);
	if (is_offer(leg, sdp)) {
		take_offer(leg, server, sdp);
	} else {
		confirm(leg, server);
		if (leg_other(leg)->early_asked)
			take_answer(leg, sdp);
	}
	if (leg->call->state != CALL_ENDING)
		send_next(leg);
}
