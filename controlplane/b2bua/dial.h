/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a call to its callee: the targets that its routes name, which of them it was sent to,
 * and why each of these failed. It goes on to the next target until the caller has been told of
 * media: what it was told then is the answer of one callee, and RFC 3264 knows no second one.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "b2bua/cause.h"
#include "policy/routing.h"
#include "sip/message.h"

#define DIAL_WHY_MAX 64U

struct b2bua;
struct call;
struct dial;
struct leg;

struct dial_wish {
	const struct config_peer *from;    /* whose routes count */
	const struct config_peer *other;   /* whose leg the callee is joined to */
	const char *called, *caller;       /* user parts in one spelling */
	const struct sip_message *request; /* whose headers routes look at; NULL: a transfer */
	bool emergency;                    /* admission_is_emergency() */
	bool sips;                         /* only over TLS (RFC 3261 26.2.2) */
};

/*
 * Finds the targets and goes to the first that may take the call. 0 and *dial, the caller's; or -1
 * and verdict: why none is to be had, what the caller gets, and for the operator which route said
 * so.
 */
int dial_new(struct b2bua *b2bua, const struct dial_wish *wish, struct dial **dial,
	     struct verdict *verdict);
void dial_free(struct dial *dial); /* NULL is fine */

/* Who is called now. */
const struct config_peer *dial_peer(const struct dial *dial);
/*
 * Begins the dialog of the callee's leg with who is called now, with the numbers as that one wants
 * them; or with the next target, where a translation makes no number or the codecs of its peer
 * leave nothing of what the caller offered. display: the caller's name as it wrote it, or absent.
 * 0, or -errno with the verdict on the first of them.
 */
int dial_begin(struct call *call, struct str display, struct verdict *verdict);
/* A calling number of the caller's, other than that of From, as who is called now wants it. 0 or
 * -EINVAL. */
int dial_caller(const struct leg *callee, char number[static REWRITE_TEXT_MAX]);

/* An INVITE goes to the callee: soon something must be heard of it. */
void dial_sent(struct leg *callee);
/* Something was heard. */
void dial_heard(struct leg *callee);
/* Whether another target may be tried: the caller knows of no media yet. To be asked before what is
 * known of the callee's early dialogs is forgotten. */
enum dial_way { DIAL_SETTLED, DIAL_OPEN };
enum dial_way dial_way(const struct leg *callee);
/*
 * The INVITE to the callee has failed: with a final status of the peer's, or 0 with the cause that
 * stands for one. True: the next target is being called, or the call has ended in the attempt.
 */
bool dial_failed(struct leg *callee, enum dial_way way, unsigned status, enum cause cause);
/*
 * The callee is somebody else now (RFC 3261 8.1.3.4): the targets of that user part, as the
 * caller's routes name them, instead of those that there were. True: the first of them is being
 * called.
 */
bool dial_elsewhere(struct call *call, const char *called, bool sips);
/* LEG_TIMER_TARGET */
void dial_due(struct leg *callee);

/* {"route": …, "called": …, "caller": …, "attempts": […]} for the call's record. */
json_t *dial_json(const struct dial *dial);
