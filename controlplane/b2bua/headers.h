/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Header rules where messages pass through a call: what the other side's message brings by rule,
 * and what the rules of the receiver make of ours. Without rules these cost a comparison.
 */
#pragma once

#include "b2bua/call.h"
#include "header/view.h"
#include "sip/writer.h"

/* The message as the rules of its sender make it, in view; without rules the message itself. */
const struct sip_message *headers_seen(struct header_view *view, const struct config_peer *sender,
				       const struct sip_message *message);

/* The head of a request of ours is complete: adds what passes, then applies the rules. */
void headers_of_request(struct sip_writer *writer, const struct leg *leg, enum sip_method method);
/*
 * The same for a response to a request of that method. leg NULL: outside of a dialog, to whom we
 * are hearing. kept: what headers_keep() kept of the response that this one was made of; absent: it
 * is the one that is being handled.
 */
void headers_of_reply(struct sip_writer *writer, struct b2bua *b2bua, const struct leg *leg,
		      enum sip_method method, unsigned status, struct str kept);
/* What passes of the response that is being handled, for one to leg's INVITE that has to wait. */
void headers_keep(struct secret *kept, const struct leg *leg, unsigned status);
