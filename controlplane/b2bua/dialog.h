/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dialog (RFC 3261 12) of one leg. Our names in it are our own; the peer's are as it wrote them,
 * and are written to that peer only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/message.h"
#include "sip/writer.h"

#define DIALOG_TAG_DIGITS 16U
#define DIALOG_ROUTES_MAX 4096U

struct dialog {
	char local_tag[DIALOG_TAG_DIGITS + 1];
	char *call_id;
	char *remote_tag; /* NULL: not known yet */
	char *local;      /* From of our requests, without tag: "<sip:100@relay.example>" */
	char *remote;     /* To of our requests, without tag */
	char *target;     /* Request-URI: the peer's Contact */
	char *routes;     /* Route of our requests; NULL: none */
	uint32_t local_cseq;
	uint32_t remote_cseq;
	bool remote_cseq_known;
	bool confirmed; /* a 2xx made it a dialog that needs a BYE */
};

/* local_tag is the owner's to fill before each of these. */

/* We are called (12.1.1). 0, -ENOMEM, -E2BIG (route set). */
int dialog_accept(struct dialog *dialog, const struct sip_message *invite);
/* We call (12.1.2): our URI, the peer's, and where the INVITE goes. 0 or -ENOMEM. */
int dialog_start(struct dialog *dialog, const char *local, const char *remote, const char *target);
/* A 2xx to our INVITE makes it whole: tag, target, route set. 0, -ENOMEM, -E2BIG, -EBADMSG (no
 * tag). */
int dialog_confirm(struct dialog *dialog, const struct sip_message *response);
/* INVITE and its 2xx may move the target (12.2). */
int dialog_refresh(struct dialog *dialog, const struct sip_message *message);
/* A dialog that another fork's 2xx to the same INVITE made. 0 or as dialog_confirm(). */
int dialog_fork(struct dialog *fork, const struct dialog *dialog,
		const struct sip_message *response);
/* The same of the first one's ACK, for a leg that has its dialog no more: it was taken into another
 * call, or the call is over. */
int dialog_fork_of(struct dialog *fork, const struct sip_message *ack,
		   const struct sip_message *response);
/* Request-URI of our requests: the target, or where the route set begins with a strict router, that
 * one. Valid while the dialog is not changed. */
struct str dialog_request_uri(const struct dialog *dialog);
void dialog_free(struct dialog *dialog);

/* Whether message is of this dialog: Call-ID and both tags. */
bool dialog_matches(const struct dialog *dialog, const struct sip_message *message);

/* From, To, Call-ID, CSeq, Route. */
void dialog_write(struct sip_writer *writer, const struct dialog *dialog, const char *method,
		  uint32_t cseq);
