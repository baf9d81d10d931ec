/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The early dialogs of the called side (RFC 3261 12.1.2): one for each To tag that a 1xx brought,
 * as a callee that forks answers from several places. The caller never sees them: it has one early
 * dialog, and hears the media of whoever sent a description last, until the 200 decides.
 */
#pragma once

#include <sys/queue.h>

#include "b2bua/dialog.h"
#include "b2bua/secret.h"

#define EARLY_MAX 12U /* a leg; further forks may ring and answer, but have no early media */

struct leg;

struct early {
	TAILQ_ENTRY(early) link;
	struct dialog dialog;
	uint32_t rseq;        /* of its last reliable response; 0: none */
	bool settled;         /* it was in a reliable one: no other will come for that INVITE */
	struct secret answer; /* the last description that came in it */
};

TAILQ_HEAD(early_list, early);

/* The early dialog of a 1xx, made or its target refreshed. NULL: no tag, too many, no memory. */
struct early *early_heard(struct leg *leg, const struct sip_message *response);
/* NULL: there is none with that tag. */
struct early *early_find(const struct leg *leg, struct str tag);
/* It is over (RFC 6228), or all are as there is a final answer. */
void early_forget(struct leg *leg, struct early *early);
void early_forget_all(struct leg *leg);
