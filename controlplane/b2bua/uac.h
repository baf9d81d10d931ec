/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request of ours on a leg, from the wish to its end: waits for a flow to the peer, runs as
 * client transaction, hears its final answer.
 *
 * An INVITE that got a 2xx stays, without its call if need be, as the transaction table may give
 * it retransmissions of that 2xx for 64*T1 (RFC 6026) and they want their ACK again. It goes to
 * b2bua->accepted and is freed well after that time.
 */
#pragma once

#include "b2bua/call.h"
#include "b2bua/client_user.h"
#include "b2bua/credential.h"
#include "b2bua/extension.h"

#define UAC_ACCEPTED_MS 42000U /* 64*T1 and ten seconds */

struct uac {
	struct client_user user;   /* first: the transaction table knows it by this */
	TAILQ_ENTRY(uac) link;     /* of b2bua->accepted */
	TAILQ_ENTRY(uac) leg_link; /* of leg->requests */
	struct b2bua *b2bua;
	struct leg *leg; /* NULL: an accepted INVITE whose call is gone */
	enum sip_method method;
	uint32_t cseq;
	struct sip_client *client; /* NULL: waits for a flow */
	bool waits_flow;
	bool cancelled;
	bool accepted;
	bool carries_sdp;
	uint64_t forget_ms;
	char *remote_tag;   /* accepted: of the 2xx that won */
	struct secret text; /* the request until it is sent, or answered where it may be challenged;
			       accepted: its ACK */
	struct credential_said said; /* accepted: with the INVITE, for its ACKs */
	unsigned challenges;         /* 401 and 407 that were met */
	struct sip_server *relayed;  /* the request of the other side that this one passes on */
	void (*done)(struct uac *uac, const struct sip_message *response, unsigned status);
};

#define UAC_HEADERS_MAX 4U

struct uac_request {
	enum sip_method method;
	const char *reason; /* Reason header, or NULL */
	const char *content_type;
	struct str body;
	struct sip_server *relayed;
	const struct dialog *dialog; /* an early one of the leg; NULL: the leg's */
	enum extension_set extensions;
	bool passes_on; /* another request, with one hop less than max_forwards */
	int max_forwards;
	struct {
		const char *name; /* NULL: none */
		struct str value;
	} header[UAC_HEADERS_MAX];
	/*
	 * Not for INVITE: the final response, or NULL with the status that stands for it; NULL:
	 * nobody asks. uac is finished afterwards.
	 */
	void (*done)(struct uac *uac, const struct sip_message *response, unsigned status);
};

/* Sends it on the leg's flow, or on a new one to its peer. A failure is heard as if the peer had
 * not answered, perhaps before this returns. */
void uac_send(struct leg *leg, const struct uac_request *request);
/* CANCEL for the leg's INVITE; if it was not sent yet it ends at once. */
void uac_cancel(struct leg *leg, const char *reason);
/* ACK for the 2xx of that INVITE; sdp absent: without body. Kept for retransmissions. */
void uac_acknowledge(struct uac *uac, struct str sdp);
/*
 * The INVITE of ours to leg is not the leg's any more: who gets its transaction hears of it. NULL:
 * it was not sent yet, and never will be. said: what it said of our credentials.
 */
struct sip_client *uac_release(struct leg *leg, struct credential_said *said);
/* The final answer was heard, or none will come: over, unless it is an accepted INVITE. */
void uac_finish(struct uac *uac);
/* The first 2xx of an INVITE. 0 or -ENOMEM. */
int uac_accept(struct uac *uac, const struct sip_message *response);
/* The leg goes: nothing of its requests is heard any more. */
void uac_forget_leg(struct leg *leg);
/* Requests that pass on one of the other side are not waited for any more: that one gets verdict.
 */
void uac_drop_relayed(struct leg *leg, const struct verdict *verdict);
/* Frees accepted INVITEs whose time is over; all: at the end, after the transaction table. */
enum uac_sweep { UAC_SWEEP_OLD, UAC_SWEEP_ALL };
void uac_sweep(struct b2bua *b2bua, enum uac_sweep sweep);

/* "Via" of a request of ours, with a fresh branch. */
void uac_write_via_of(struct sip_writer *writer, const struct b2bua *b2bua,
		      const struct config_listener *listener, enum sip_transport transport);
void uac_write_via(struct sip_writer *writer, const struct leg *leg);
