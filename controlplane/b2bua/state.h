/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The b2bua as its own files see it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admission/admission.h"
#include "auth/passed.h"
#include "b2bua/abandoned.h"
#include "b2bua/b2bua.h"
#include "b2bua/call.h"
#include "b2bua/clock.h"
#include "b2bua/watch.h"
#include "sip/siphash.h"

#define B2BUA_INSTANCE_DIGITS 12U
#define B2BUA_PRODUCT "sluice"

/* X(symbol, "name") beside the causes. */
#define B2BUA_COUNTER_LIST(X)                           \
	X(started, "started")                           \
	X(detours, "detours")                           \
	X(answered, "answered")                         \
	X(ended, "ended")                               \
	X(key_withheld, "key-withheld")                 \
	X(wrong_sender, "wrong-sender")                 \
	X(stray_response, "stray-response")             \
	X(stray_ack, "stray-ack")                       \
	X(transfers, "transfers")                       \
	X(redirects, "redirects-followed")              \
	X(replaced, "replaces-accepted")                \
	X(reoffers, "reoffers")                         \
	X(reoffers_refused, "reoffers-refused")         \
	X(key_limit_own, "key-limit-own")               \
	X(key_limit_peer, "key-limit-peer")             \
	X(rekeys_failed, "rekeys-failed")               \
	X(challenges_met, "challenges-met")             \
	X(failovers, "failovers")                       \
	X(options_sent, "options-sent")                 \
	X(options_failed, "options-failed")             \
	X(peer_ups, "peer-ups")                         \
	X(peer_downs, "peer-downs")                     \
	X(registrations_failed, "registrations-failed") \
	X(headers_withheld, "headers-withheld")         \
	X(challenges_passed, "challenges-passed")       \
	X(phones_refreshed, "phones-refreshed")         \
	X(phones_lost, "phones-lost")

struct b2bua_counters {
#define B2BUA_COUNTER_FIELD(symbol, name) uint64_t symbol;
	B2BUA_COUNTER_LIST(B2BUA_COUNTER_FIELD)
#undef B2BUA_COUNTER_FIELD
	uint64_t cause[CAUSE_COUNT];
};

TAILQ_HEAD(call_list, call);
TAILQ_HEAD(uac_list, uac);
TAILQ_HEAD(detour_list, detour);

struct phones;
struct trunks;

struct b2bua {
	const struct config *config;
	struct net *net;
	struct media *media;
	struct records *records; /* NULL: none are kept */
	struct clock *clock;
	struct sip_transactions *transactions;
	struct table calls;   /* by id */
	struct table dialogs; /* legs by local tag */
	struct timer_heap timers;
	struct call_list all;
	struct call_list ending;
	struct call_list dead;
	struct detour_list detours; /* of lost connections, see detour.h */
	unsigned call_count;
	uint64_t last_serial; /* of a call */
	struct admission *admission;
	struct overload *overload;   /* the daemon's; NULL: nobody measures */
	struct siphash_key shed_key; /* of what is refused then, see shed.c */
	struct watch *watch;
	struct abandoned_list abandoned;
	struct uac_list accepted;                 /* INVITEs with 2xx, oldest first: see uac.h */
	char instance[B2BUA_INSTANCE_DIGITS + 1]; /* in our branches: a request with it looped */
	const struct config_peer *sender;         /* of the message being handled */
	char sender_user[PASSED_USER_TEXT]; /* whose credentials it showed; empty: none were asked
					       for */
	const struct sip_message *heard; /* that message, once it is known whose it is; else NULL */
	const struct leg *heard_by;
	unsigned depth; /* of events being handled */
	bool draining;
	uint64_t drain_until_ms;
	void (*drained)(void *user);
	void *drained_user;
	uint64_t log_second; /* refusals that are logged are limited */
	unsigned log_count;
	struct b2bua_counters counters;
	struct trunks *trunks; /* registrations of ours at peers */
	struct phones *phones; /* whose registrations pass through */
	struct nonces *nonces; /* given to peers that must show credentials */
	struct passed *passed; /* challenges of registrars, to such peers */
	char *buffer;          /* SIP_MESSAGE_MAX: one message is written at a time */
};

/*
 * Every entry from outside (a message, a timer, a flow, a media event, an operator) stands between
 * these two. Objects that die in between are freed by the last b2bua_leave(), which also runs and
 * arms the timer: so no function has to ask whether what it holds is still there.
 */
void b2bua_enter(struct b2bua *b2bua);
void b2bua_leave(struct b2bua *b2bua);

uint64_t b2bua_now_ms(const struct b2bua *b2bua);
/* Wipes the message that was written into the buffer. length: what sip_writer_end() said; of one
 * that failed nobody knows how far it got. */
void b2bua_wipe(struct b2bua *b2bua, long length);
/* The one place where bytes go out: SDES keys never pass on a flow that is not encrypted. */
int b2bua_send(struct b2bua *b2bua, const struct sip_flow *flow, const char *data, size_t length);
/* Counts a refusal and writes it to the log, at most 20 a second. */
void b2bua_refused(struct b2bua *b2bua, const struct config_peer *peer,
		   const struct verdict *verdict);
bool b2bua_may_log(struct b2bua *b2bua);

/* list.c: a call without counters, and {"counters": …} of a leg, as JSON in the shape of api/api.h;
 * NULL: no memory. */
json_t *list_call(const struct call *call);
json_t *list_counters(const struct sluice_stream_counters *counters);
