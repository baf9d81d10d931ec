/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/replacing.h"

#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/reoffer.h"
#include "b2bua/replaces.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

/* ---- which dialog ---- */

static bool may_replace(const struct config_peer *from, const struct leg *leg)
{
	return leg->peer == from || (from->dial_plan->replaces == REPLACES_DIAL_PLAN &&
				     leg->peer->dial_plan == from->dial_plan);
}

static bool is_settled(const struct leg *leg)
{
	return leg->call->state == CALL_ANSWERED && leg->dialog.confirmed && !leg->invite &&
	       !leg->our_invite && leg->call->exchange.state == EXCHANGE_NONE;
}

/* RFC 3891 3: an answered dialog may be replaced, unless only an early one was meant. */
static enum cause check_answered(const struct leg *leg, const struct replaces *replaces)
{
	if (!leg->dialog.confirmed)
		return CAUSE_REPLACES_ENDED;
	if (replaces->early_only)
		return CAUSE_REPLACES_ANSWERED;
	return is_settled(&leg->call->leg[!leg->number]) ? CAUSE_NONE : CAUSE_GLARE;
}

/* An early one only where the INVITE was ours: the callee's. */
static enum cause check_early(const struct leg *leg)
{
	const struct call *call = leg->call;
	const struct leg *waiting = &call->leg[LEG_CALLER];

	if (leg->number != LEG_CALLEE || !waiting->invite)
		return CAUSE_NO_DIALOG;
	if (waiting->reliable.settled) /* it has its answer, and the 200 brings no other */
		return CAUSE_NO_UPDATE;
	if (waiting->reliable.pending || call->exchange.delayed ||
	    (call->exchange.state != EXCHANGE_OFFERED &&
	     call->exchange.state != EXCHANGE_ANSWERED) ||
	    call->exchange.kind != EXCHANGE_FIRST)
		return CAUSE_OVERLAP;
	return CAUSE_NONE;
}

static enum cause check_leg(const struct leg *leg, const struct replaces *replaces)
{
	const struct call *call = leg->call;

	if (call->state == CALL_ENDING)
		return CAUSE_REPLACES_ENDED;
	if (call->transfer || call->transferor || call->replaces || call->replaced_by)
		return CAUSE_GLARE;
	return call->state == CALL_ANSWERED ? check_answered(leg, replaces) : check_early(leg);
}

enum cause replacing_check(struct b2bua *b2bua, const struct sip_message *invite,
			   const struct config_peer *from, struct leg **leg)
{
	const struct sip_header *header = sip_message_header(invite, SIP_HDR_REPLACES, NULL);
	struct replaces replaces;
	enum cause cause;

	*leg = NULL;
	if (!header || from->dial_plan->replaces == REPLACES_OFF)
		return CAUSE_NONE;
	if (!replaces_of_header(&replaces, header->value))
		return CAUSE_MALFORMED;
	*leg = replaces_any(b2bua, &replaces);
	/* a dialog of somebody else is none: nobody learns what others have */
	if (!*leg || !may_replace(from, *leg))
		cause = CAUSE_NO_DIALOG;
	else
		cause = check_leg(*leg, &replaces);
	if (cause != CAUSE_NONE)
		*leg = NULL;
	return cause;
}

/* ---- begin and end ---- */

void replacing_begin(struct call *call, struct leg *leg)
{
	call->replaces = leg;
	leg->call->replaced_by = call;
	call->b2bua->counters.replaced++;
}

static void unlink_calls(struct call *call)
{
	call->replaces->call->replaced_by = NULL;
	call->replaces = NULL;
	call->lent = false;
}

bool replacing_is_lent(const struct call *call)
{
	return call->replaced_by && call->replaced_by->lent;
}

void replacing_answered(struct call *call)
{
	struct leg *replaced = call->replaces;

	if (!replaced)
		return;
	unlink_calls(call);
	call_end_cause(replaced->call, CAUSE_REPLACED, NULL);
}

/* M goes back to the call that it was in, if it can. */
static void give_back(struct call *call, const struct leg *gone)
{
	struct leg *replaced = call->replaces, *borrowed = &call->leg[LEG_CALLEE];
	struct leg *owner = leg_other(replaced);
	bool lent = call->lent;

	unlink_calls(call);
	if (!lent)
		return;
	if (borrowed->our_invite) { /* nobody knows what it will agree to */
		call_end_cause(replaced->call, CAUSE_DIALOG_GONE, NULL);
		return;
	}
	leg_adopt(owner, borrowed);
	if (gone != borrowed) /* it did agree, and sends its media elsewhere */
		reoffer_want(owner, REOFFER_KEY);
	reoffer_kick(replaced);
}

void replacing_ended(struct call *call, const struct leg *gone)
{
	struct call *other = call->replaced_by;
	bool lent = replacing_is_lent(call);

	if (call->replaces)
		give_back(call, gone);
	if (!other)
		return;
	unlink_calls(other);
	if (!lent) /* else it goes on without what it replaces */
		call_end_cause(other, CAUSE_REPLACES_ENDED, NULL);
}

/* ---- early ---- */

/* M's dialog, which is waiting for its answer, with its INVITE and what it was told early. */
static void take_waiting(struct leg *to, struct leg *from)
{
	struct call *before = from->call, *call = to->call;

	call->exchange.asker = LEG_CALLER;
	to->told_version = from->told_version;
	to->next->heard = from->next->heard;
	to->reliable = from->reliable;
	from->reliable = (struct reliable){0};
	to->invite = from->invite;
	from->invite = NULL;
	leg_adopt(to, from);
	sip_server_set_user(to->invite, to);
	secret_set(&call->exchange.answer, secret_str(&before->exchange.offer));
}

/*
 * Each offer is answered with the other: P's first, then M's, whose own becomes the exchange's. The
 * lengths of the answers, or -1.
 */
static int answer_both(struct call *call, char *to_caller, char *to_waiting, int lengths[2])
{
	struct exchange *exchange = &call->exchange;
	struct secret offer;

	lengths[LEG_CALLER] = answer_make(&call->leg[LEG_CALLER], secret_str(&exchange->answer),
					  to_caller, OFFER_TEXT_MAX);
	offer = exchange->offer;
	exchange->offer = exchange->answer;
	exchange->answer = offer;
	exchange->offerer = LEG_CALLEE;
	lengths[LEG_CALLEE] = answer_make(&call->leg[LEG_CALLEE], secret_str(&exchange->answer),
					  to_waiting, OFFER_TEXT_MAX);
	return lengths[LEG_CALLER] < 0 || lengths[LEG_CALLEE] < 0 ? -1 : 0;
}

static void join_early(struct call *call)
{
	struct leg *caller = &call->leg[LEG_CALLER], *callee = &call->leg[LEG_CALLEE];
	char to_caller[OFFER_TEXT_MAX], to_waiting[OFFER_TEXT_MAX];
	int lengths[2];

	take_waiting(callee, &call->replaces->call->leg[LEG_CALLER]);
	replacing_answered(call);
	if (answer_both(call, to_caller, to_waiting, lengths) < 0) {
		call_end_cause(call, CAUSE_NOT_ACCEPTABLE, NULL);
	} else {
		answer_mark(call);
		if (exchange_commit(call) < 0)
			goto wipe;
		/* RFC 3261 13.2.1: it may hold on to what it was told first */
		if (callee->told_version)
			reoffer_want(callee, REOFFER_CHANGED);
		callee->told_version = 0;
		reliable_success(caller, (struct str){to_caller, (size_t)lengths[LEG_CALLER]});
		reliable_success(callee, (struct str){to_waiting, (size_t)lengths[LEG_CALLEE]});
		exchange_end(call);
	}
wipe:
	explicit_bzero(to_caller, sizeof(to_caller));
	explicit_bzero(to_waiting, sizeof(to_waiting));
}

static void open_early(struct call *call)
{
	enum cause cause = check_early(call->replaces);

	if (cause == CAUSE_NONE && call->exchange.state != EXCHANGE_OFFERED)
		cause = CAUSE_REPLACES_OFFER;
	if (cause == CAUSE_NONE)
		join_early(call);
	else
		call_end_cause(call, cause, NULL);
}

/* ---- answered ---- */

static void open_answered(struct call *call)
{
	struct leg *lent = leg_other(call->replaces);

	if (!is_settled(lent)) {
		call_end_cause(call, CAUSE_GLARE, NULL);
		return;
	}
	leg_adopt(&call->leg[LEG_CALLEE], lent);
	call->lent = true;
	invite_send(&call->leg[LEG_CALLEE]);
}

void replacing_opened(struct call *call)
{
	if (call->replaces->call->state == CALL_EARLY)
		open_early(call);
	else
		open_answered(call);
}
