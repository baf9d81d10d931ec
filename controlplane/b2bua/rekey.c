/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/rekey.h"

#include "b2bua/reoffer.h"
#include "b2bua/state.h"
#include "main/log.h"

static const unsigned wait_ms[REKEY_TRIES] = {4000, 16000, 64000};

void rekey_limit(struct leg *leg, const struct sluice_event *event)
{
	struct call *call = leg->call;
	bool own = event->direction == SLUICE_DIR_TX;

	if (call->state == CALL_ENDING || leg->security != RELAY_SRTP)
		return;
	if (own)
		call->b2bua->counters.key_limit_own++;
	else
		call->b2bua->counters.key_limit_peer++;
	if (b2bua_may_log(call->b2bua))
		log_event(LOG_NOTE, "call %s: %s key with %s is good for %llu more packets",
			  call->id, own ? "our" : "the peer's", leg->peer->name,
			  (unsigned long long)event->value);
	leg->rekey_refusals = 0;
	reoffer_want(leg, REOFFER_KEY);
}

void rekey_refused(struct leg *leg)
{
	struct call *call = leg->call;

	if (leg->rekey_refusals < REKEY_TRIES) {
		leg_timer_arm(leg, LEG_TIMER_REKEY, wait_ms[leg->rekey_refusals++]);
		return;
	}
	call->b2bua->counters.rekeys_failed++;
	if (b2bua_may_log(call->b2bua))
		log_event(LOG_NOTE, "call %s: %s takes no fresh key; its media ends with the key",
			  call->id, leg->peer->name);
}

void rekey_due(struct leg *leg)
{
	reoffer_want(leg, REOFFER_KEY);
}
