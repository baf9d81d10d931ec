/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/session_timer.h"

#include "b2bua/extension.h"
#include "b2bua/reoffer.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"

#define INTERVAL_MAX_S 86400U /* a day; longer ones are cut */
#define RETRY_MS 10000U       /* after a refresh that failed, until the session ends */
#define TOO_SMALL_MAX 3U

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* delta-seconds of Session-Expires or Min-SE. 0, -ENOENT (not there) or -EINVAL. */
enum seconds { SECONDS_OK, SECONDS_ABSENT, SECONDS_BAD };
static enum seconds read_seconds(const struct sip_message *message, enum sip_header_id id,
				 uint32_t *seconds, struct str *params)
{
	const struct sip_header *header = sip_message_header(message, id, NULL);
	struct str number, rest = {0};

	*params = rest;
	if (!header)
		return SECONDS_ABSENT;
	number = header->value;
	for (size_t i = 0; i < number.len; i++)
		if (number.ptr[i] == ';') {
			rest = (struct str){number.ptr + i + 1, number.len - i - 1};
			number.len = i;
			break;
		}
	while (number.len && number.ptr[number.len - 1] == ' ')
		number.len--;
	if (sip_number_parse(seconds, number, UINT32_MAX) < 0)
		return SECONDS_BAD;
	if (*seconds > INTERVAL_MAX_S)
		*seconds = INTERVAL_MAX_S;
	*params = rest;
	return SECONDS_OK;
}

/* ---- a peer asks ---- */

static void take_terms(struct leg *leg, const struct sip_message *request, enum seconds given,
		       unsigned interval_s, struct str refresher)
{
	const struct config_dial_plan *plan = leg->peer->dial_plan;
	bool can = sip_message_has_option(request, SIP_HDR_SUPPORTED, "timer") ||
		   sip_message_has_option(request, SIP_HDR_REQUIRE, "timer");
	struct session_terms *next = &leg->session.next;

	*next = (struct session_terms){0};
	if (given == SECONDS_OK && plan->session_expires_s && interval_s > plan->session_expires_s)
		interval_s = plan->session_expires_s;
	if (given == SECONDS_ABSENT)
		interval_s = plan->session_expires_s;
	if (!interval_s)
		return;
	next->interval_s = larger(interval_s, larger(leg->session.min_s, CONFIG_SESSION_MIN_S));
	next->agreed = can || given == SECONDS_OK;
	/* RFC 4028 table 2: the peer only if it can, and then as it wishes, or itself */
	next->peer_refreshes = can && !str_caseeq(refresher, STR("uas"));
}

enum cause session_timer_asked(struct leg *leg, const struct sip_message *request)
{
	uint32_t interval_s = 0, min_s = 0;
	struct str params, ignored;
	enum seconds given = read_seconds(request, SIP_HDR_SESSION_EXPIRES, &interval_s, &params);

	if (given == SECONDS_BAD ||
	    read_seconds(request, SIP_HDR_MIN_SE, &min_s, &ignored) == SECONDS_BAD)
		return CAUSE_MALFORMED;
	leg->session.min_s = min_s;
	if (given == SECONDS_OK && interval_s < leg->peer->dial_plan->session_min_s) {
		/* RFC 4028 9: who does not know the extension has copied a proxy's wish */
		if (sip_message_has_option(request, SIP_HDR_SUPPORTED, "timer"))
			return CAUSE_INTERVAL;
		interval_s = leg->peer->dial_plan->session_min_s;
	}
	take_terms(leg, request, given, interval_s, sip_param(params, "refresher"));
	return CAUSE_NONE;
}

/* ---- running ---- */

/* RFC 4028 10: BYE a little before the end; a refresh at half the time. */
static void run(struct leg *leg)
{
	const struct session_terms *now = &leg->session.now;
	unsigned early_s = now->interval_s / 3 < 32 ? now->interval_s / 3 : 32;
	uint64_t alive_ms = (uint64_t)(now->interval_s - early_s) * 1000;

	leg->session.too_small = 0;
	if (!now->interval_s) {
		leg_timer_stop(leg, LEG_TIMER_SESSION);
		return;
	}
	leg->session.end_ms = b2bua_now_ms(leg->call->b2bua) + alive_ms;
	leg_timer_arm(leg, LEG_TIMER_SESSION,
		      now->peer_refreshes ? alive_ms : (uint64_t)now->interval_s * 500);
}

void session_timer_resume(struct leg *leg)
{
	run(leg);
}

void session_timer_start(struct leg *leg)
{
	leg->session.now = leg->session.next;
	run(leg);
}

void session_timer_heard(struct leg *leg, const struct sip_message *response)
{
	struct session_terms *now = &leg->session.now;
	uint32_t interval_s;
	struct str params;
	bool given =
	    read_seconds(response, SIP_HDR_SESSION_EXPIRES, &interval_s, &params) == SECONDS_OK;

	if (given)
		now->interval_s = larger(interval_s, CONFIG_SESSION_MIN_S);
	else /* the peer has none (7.2): what we wish, by ourselves */
		now->interval_s = leg->peer->dial_plan->session_expires_s;
	now->agreed = given;
	now->peer_refreshes = given && str_caseeq(sip_param(params, "refresher"), STR("uas"));
	run(leg);
}

void session_timer_refused(struct leg *leg)
{
	if (!leg->session.now.agreed)
		run(leg);
}

bool session_timer_too_small(struct leg *leg, const struct sip_message *response)
{
	uint32_t min_s;
	struct str params;

	if (read_seconds(response, SIP_HDR_MIN_SE, &min_s, &params) != SECONDS_OK ||
	    min_s <= leg->session.min_s || leg->session.too_small >= TOO_SMALL_MAX)
		return false;
	leg->session.too_small++;
	leg->session.min_s = min_s;
	return true;
}

/* ---- refreshing ---- */

static void refreshed(struct uac *uac, const struct sip_message *response, unsigned status)
{
	struct leg *leg = uac->leg;

	if (leg->call->state == CALL_ENDING)
		return;
	if (response && status < 300)
		session_timer_heard(leg, response);
	else if (status == 481 || status == 408)
		call_end_cause(leg->call, CAUSE_DIALOG_GONE, NULL);
	else if (response && status == 422 && session_timer_too_small(leg, response))
		leg_timer_arm(leg, LEG_TIMER_SESSION, 0);
	else if (response)
		session_timer_refused(leg);
}

static void refresh(struct leg *leg)
{
	struct uac_request request = {.method = SIP_METHOD_UPDATE, .done = refreshed};

	if (!leg->dialog.confirmed)
		return;
	if (extension_peer_allows(leg, SIP_METHOD_UPDATE))
		uac_send(leg, &request);
	else
		reoffer_want(leg, REOFFER_REFRESH);
}

void session_timer_due(struct leg *leg)
{
	uint64_t now = b2bua_now_ms(leg->call->b2bua);

	if (!leg->session.now.interval_s)
		return;
	if (now >= leg->session.end_ms) {
		call_end_cause(leg->call, CAUSE_SESSION_EXPIRED, NULL);
		return;
	}
	leg_timer_arm(leg, LEG_TIMER_SESSION,
		      leg->session.end_ms - now < RETRY_MS ? leg->session.end_ms - now : RETRY_MS);
	refresh(leg);
}

/* ---- writing ---- */

void session_timer_write_request(struct sip_writer *writer, const struct leg *leg)
{
	const struct session_timer *session = &leg->session;
	unsigned interval_s = session->now.interval_s ? session->now.interval_s
						      : leg->peer->dial_plan->session_expires_s;

	if (!interval_s)
		return;
	interval_s = larger(interval_s, session->min_s);
	if (session->now.interval_s)
		sip_writer_headerf(writer, "Session-Expires", "%u;refresher=%s", interval_s,
				   session->now.peer_refreshes ? "uas" : "uac");
	else
		sip_writer_headerf(writer, "Session-Expires", "%u", interval_s);
	if (session->min_s > CONFIG_SESSION_MIN_S)
		sip_writer_headerf(writer, "Min-SE", "%u", session->min_s);
}

void session_timer_write_success(struct sip_writer *writer, const struct leg *leg)
{
	const struct session_terms *now = &leg->session.now;

	if (!now->interval_s)
		return;
	if (now->peer_refreshes) /* RFC 4028 9 */
		sip_writer_header(writer, "Require", STR("timer"));
	sip_writer_headerf(writer, "Session-Expires", "%u;refresher=%s", now->interval_s,
			   now->peer_refreshes ? "uac" : "uas");
}
