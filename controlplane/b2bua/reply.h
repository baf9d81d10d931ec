/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses of ours. */
#pragma once

#include "b2bua/call.h"

struct reply {
	unsigned status;       /* 0: of the verdict */
	const struct leg *leg; /* in a dialog: its tag and Contact; NULL: a fresh tag, no Contact */
	const struct verdict *verdict; /* refusals: Warning, Retry-After and what else it needs */
	struct str sdp;                /* absent: no body */
	struct str kept;               /* of headers_keep() */
	uint32_t rseq;                 /* of a reliable 1xx; 0: it is not */
	unsigned capabilities : 1;     /* Allow, Accept, Supported: OPTIONS, 2xx of INVITE */
};

/* Answers a transaction. 0 or -errno. */
int reply_send(struct b2bua *b2bua, struct sip_server *server, const struct reply *reply);
/* Refuses a transaction without dialog; counted and logged. */
void reply_refuse(struct b2bua *b2bua, struct sip_server *server, const struct leg *leg,
		  const struct verdict *verdict);
void reply_refuse_cause(struct b2bua *b2bua, struct sip_server *server, const struct leg *leg,
			enum cause cause);
/* Refuses a request that has no transaction: it did not parse, or the table is full. */
void reply_stateless(struct b2bua *b2bua, const struct sip_message *request,
		     const struct sip_flow *flow, const struct verdict *verdict);
