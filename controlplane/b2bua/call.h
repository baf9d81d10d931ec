/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call: two legs and one media session.
 *
 *   CALL_EARLY     the caller's INVITE has no final answer
 *   CALL_ANSWERED  200 was sent to the caller
 *   CALL_ENDING    BYE, CANCEL or a final answer is on its way; media is gone. The call is freed
 *                  when no request of ours is under way, or soon if it is a BYE that a dead peer
 *                  leaves unanswered.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admission/admission.h"
#include "b2bua/cause.h"
#include "b2bua/credential.h"
#include "b2bua/dial.h"
#include "b2bua/dialog.h"
#include "b2bua/early.h"
#include "b2bua/exchange.h"
#include "b2bua/negotiation/agreed.h"
#include "b2bua/reason.h"
#include "b2bua/reliable.h"
#include "b2bua/secret.h"
#include "b2bua/session_timer.h"
#include "b2bua/timer.h"
#include "media/media.h"
#include "media/table.h"
#include "policy/config.h"
#include "sip/flow.h"
#include "sip/transaction.h"

#define CALL_ID_DIGITS 8U
#define CALL_LINGER_MS 3000U

struct b2bua;
struct uac;

TAILQ_HEAD(leg_requests, uac);

struct leg {
	struct table_entry by_tag; /* of dialog.local_tag */
	struct call *call;
	enum leg_number number;
	const struct config_peer *peer;
	const struct config_listener *listener; /* whose host and port we say */
	struct dialog dialog;
	bool sips; /* the dialog was asked for by a sips URI: so is our Contact */
	struct sip_flow flow;
	bool has_flow;

	/* The peer's INVITE: NULL when it has its final answer, and for 2xx its ACK. */
	struct sip_server *invite;
	uint32_t invite_cseq;
	bool invite_answered; /* 2xx sent, ACK not yet here */
	bool bye_due;         /* BYE waits for that ACK (RFC 3261 15) */
	const char *bye_reason;
	struct leg_requests requests; /* of ours; the accepted ones too */
	unsigned under_way;           /* of these, without final answer */
	struct uac *our_invite;       /* of these, the INVITE */

	struct early_list early; /* callee: until its final answer */
	unsigned early_count;
	struct early *early_asked; /* whose reliable offer waits for our PRACK; NULL: none */
	struct early *early_now;   /* of these, whose media is heard; NULL: none */
	struct leg_deadline deadline[LEG_TIMERS];
	struct reliable reliable; /* of the peer's first INVITE */
	struct session_timer session;
	struct credential credential; /* ours, where the peer asks for it */
	uint32_t peer_allows;         /* bit (1 << enum sip_method) */
	unsigned reoffer;             /* enum reoffer: an offer of ours that waits */
	bool reoffer_backs_off;
	unsigned rekey_refusals; /* of fresh keys, one after the other */

	enum relay_security security;
	struct sluice_addr local; /* media address, RTP */
	struct agreed media;
	struct leg_media *next;          /* of the exchange under way: exchange_reserve() */
	struct secret said_text;         /* our last description */
	struct secret heard_text;        /* the peer's last that was agreed */
	uint64_t said_version;           /* of its o= line; 0: none yet */
	uint64_t told_version;           /* of the first answer to the caller's INVITE; 0: none */
	uint64_t session_id;             /* of its o= line */
	struct sdp_address last_address; /* of the peer's media, holds aside; family 0: none yet */
	uint16_t last_port;
	bool installed; /* the data plane was told what is agreed */
};

enum call_state { CALL_EARLY, CALL_ANSWERED, CALL_ENDING };

struct call {
	struct table_entry by_id;
	TAILQ_ENTRY(call) link;        /* of all calls, or of the dead */
	TAILQ_ENTRY(call) ending_link; /* of those that are ending, in the order of linger_until */
	uint64_t linger_until_ms;
	struct b2bua *b2bua;
	uint64_t serial; /* calls are numbered as they begin: from 1, never again */
	char id[CALL_ID_DIGITS + 1];
	enum call_state state;
	bool dead;
	struct leg leg[2];
	struct exchange exchange;
	char from[64]; /* user parts, for the operator's list only */
	char to[64];
	struct media_session *media;
	struct dial *dial;     /* its way to the callee; NULL: it was joined to one that is there */
	struct call *transfer; /* that a REFER of one of its legs is making; NULL: none */
	struct leg *transferor; /* whose REFER is making this call; NULL: none */
	struct leg *consulted;  /* and its other call, that is joined; NULL: none */
	struct leg *replaces;   /* of another call: the dialog that this one replaces; NULL: none */
	struct call *replaced_by;       /* that replaces a dialog of this one; NULL: none */
	bool lent;                      /* it has borrowed the other leg of that call */
	int max_forwards;               /* for the callee */
	unsigned redirects;             /* 3xx that were followed: redirect.h */
	bool emergency;                 /* passes all limits */
	unsigned max_call_s;            /* from the answer; 0: no limit */
	struct admission_ticket ticket; /* what it holds of the limits until it is dead */
	unsigned privacy;               /* what the caller wants hidden: caller_id.h */
	uint64_t started_ms;
	uint64_t answered_ms; /* 0: not */
	int64_t started_unix_s;
	int64_t started_unix_ms;
	unsigned record; /* number of its record; 0: none */
	enum cause cause;
	char *user;          /* whose credentials the caller showed; NULL: none were asked for */
	char *challenges[2]; /* of the callee for the caller, WWW and Proxy: registration/pass.h */
	char reason[REASON_TEXT_MAX]; /* of BYE and CANCEL when it ends; empty: none */
};

static inline struct leg *leg_other(struct leg *leg)
{
	return &leg->call->leg[leg->number == LEG_CALLER ? LEG_CALLEE : LEG_CALLER];
}

/* NULL when there is no memory. */
struct call *call_new(struct b2bua *b2bua, const struct config_peer *from,
		      const struct config_peer *to);
/* Counts it against the limits until it is dead, and says how long it may last; the limits were
 * asked before, in the same event. */
void call_admit(struct call *call, const char *caller, const char *callee);
/* It goes on to another peer, which is leg[LEG_CALLEE].peer now. */
void call_readmit(struct call *call);
/*
 * Ends a call whatever its state: the caller's INVITE gets its final answer, the callee's INVITE is
 * cancelled, dialogs get BYE with the cause's Reason, media is closed. gone: a leg that ended by
 * itself and gets no BYE; NULL: none. A call that is ending stays as it is.
 */
void call_end(struct call *call, const struct verdict *verdict, const struct leg *gone);
/* The Reason header of a call that has ended; NULL: none. */
const char *call_reason(const struct call *call);
/* Before its answer: another peer takes the place of the callee, with nothing said or heard. */
void call_change_callee(struct call *call, const struct config_peer *peer);
void call_end_cause(struct call *call, enum cause cause, const struct leg *gone);
/* A call that never began: nobody is told. */
void call_discard(struct call *call);
/* Marks it dead when nothing of it is under way; it is freed when the event has been handled. */
void call_settle(struct call *call);
/* Calls whose BYE is not answered for CALL_LINGER_MS are let go: the BYE goes on without them.
 * Returns in how many milliseconds the next may be due, or -1. */
int64_t call_sweep(struct b2bua *b2bua);
void call_free(struct call *call);
struct call *call_find(const struct b2bua *b2bua, const char *id);

const char *call_state_name(enum call_state state);
/* The security of a call is that of its weaker leg. */
enum security_mode call_security(const struct call *call);

/* leg.c */
/* The leg, and which of its dialogs, a request of a peer belongs to; NULL: none of this peer's. */
struct leg *leg_find(const struct b2bua *b2bua, const struct sip_message *message,
		     const struct config_peer *sender, struct dialog **dialog);
/* By our tag alone: the caller checks the rest. NULL: none. */
struct leg *leg_by_tag(const struct b2bua *b2bua, struct str tag);
/*
 * The dialog of from, with all that was agreed in it, becomes that of to, a leg of another call
 * with the same peer. Our media address and keys are not: to needs a re-INVITE. from is empty
 * afterwards.
 */
void leg_adopt(struct leg *to, struct leg *from);
/* The dialog that requests of ours are in now: before the answer, the early one that is heard. */
struct dialog *leg_dialog(struct leg *leg);
/* Whose leg it is, under a tag of its own. */
void leg_meet(struct leg *leg, const struct config_peer *peer);
/* Anew, for another peer: as it was before anything was said or heard, but for its media address.
 */
void leg_restart(struct leg *leg, const struct config_peer *peer);
/* Draws its tag and makes it findable. */
void leg_register(struct leg *leg);
void leg_free(struct leg *leg);
/* A flow that is open now; NULL: none. */
const struct sip_flow *leg_flow(const struct leg *leg);
/* Where the leg's peer is now: its connection is kept as long as the leg has it. NULL: nowhere. */
void leg_flow_set(struct leg *leg, const struct sip_flow *flow);
/* BYE, now or when the ACK is here; reason NULL: without Reason. */
void leg_bye(struct leg *leg, const char *reason);
/* "<sip:host:port;transport=tls>", "<sips:host:port>" */
void leg_contact(const struct leg *leg, char *text, size_t size);
/* Final answer to the peer's INVITE. */
void leg_refuse_invite(struct leg *leg, const struct verdict *verdict);
