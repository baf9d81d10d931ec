/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One offer/answer exchange at a time goes through a call (RFC 3264 4): who asked, what carries it
 * on each side, and how its end reaches the side that asked.
 */
#pragma once

#include "b2bua/cause.h"
#include "b2bua/secret.h"
#include "sip/message.h"

struct call;
struct leg;
struct sip_server;
struct uac;

enum leg_number { LEG_CALLER, LEG_CALLEE };

enum exchange_state {
	EXCHANGE_NONE,
	EXCHANGE_ASKED,    /* an INVITE without SDP went out: the offer comes in its 200 */
	EXCHANGE_OFFERED,  /* the offer went out: the answer comes in 1xx, 200, or ACK */
	EXCHANGE_ANSWERED, /* early: an answer is installed, the 200 may bring another */
};

/* Whose wish it is. */
enum exchange_kind {
	EXCHANGE_FIRST,  /* the caller's, of the INVITE that made the call */
	EXCHANGE_CHANGE, /* a peer's, in the dialog */
	EXCHANGE_OWN,    /* the relay's: only the leg that is not the asker takes part */
};

struct exchange {
	enum exchange_state state;
	enum exchange_kind kind;
	enum leg_number asker;   /* whose request began it; OWN: whose description we offer */
	enum leg_number offerer; /* whose peer made the offer; the asker, or with ASKED the other */
	bool delayed;            /* the INVITE had no offer */
	unsigned reason;         /* OWN: enum reoffer */
	struct sip_server *request; /* UPDATE or PRACK of the asker; NULL: its INVITE */
	struct secret offer;        /* of the offerer, as it came */
	struct secret answer;       /* of the other, the last one */
	struct uac *unacknowledged; /* the 200 of the answering side whose ACK waits for the
				       asker's */
};

/* Whether leg's peer may offer something now; CAUSE_NONE, or why not. */
enum cause exchange_check(struct leg *leg);
/*
 * Takes the offer of an UPDATE or PRACK to the other side, by UPDATE if it can, else by INVITE. 0:
 * request will be answered; -1: verdict says why not, and it will not.
 */
int exchange_begin(struct leg *leg, struct sip_server *request, struct str sdp,
		   struct verdict *verdict);
/* The peer repeats what was agreed, for its session timer: not the other side's business. */
bool exchange_is_refresh(const struct leg *leg, const struct sip_message *request, struct str sdp);
/* Our answer to that. Length, or -1 with verdict. */
int exchange_answer_alone(struct leg *leg, struct str sdp, char *text, struct verdict *verdict);

/* Whether the asker can still be told. */
bool exchange_has_asker(const struct call *call);
/* Success or refusal of what the asker asked for. */
void exchange_deliver(struct leg *asker, struct str sdp);
void exchange_refuse(struct leg *asker, const struct verdict *verdict);

/*
 * Memory for what both legs negotiate, leg->next, all zero at first; harmless if it is there. It is
 * there from the offer until exchange_end(), and in no call that has agreed. 0 or -ENOMEM.
 */
int exchange_reserve(struct call *call);
/* Both sides agreed: the data plane is told what changed. 0; or -errno: that failed, and the
 * call has ended. */
int exchange_commit(struct call *call);
/* Ends the exchange; what was not committed is forgotten, and all that was negotiated wiped. */
void exchange_end(struct call *call);
