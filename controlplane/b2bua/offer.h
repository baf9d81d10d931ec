/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer/answer of a call: what one side described becomes our description to the other side, with
 * our addresses and keys, and is given to the data plane when it is agreed.
 *
 * Keys of ours: a fresh one for each suite line of a first offer, and for each answer. The key that
 * is in use is kept while the peer's media address and suite stay the same, as hold and resume must
 * not reset its roll-over counter; a peer that moved gets a new one, as it counts from zero again.
 * It has an MKI where the peer's keys have one.
 */
#pragma once

#include "b2bua/call.h"

#define OFFER_TEXT_MAX 8192U

/* Begins an exchange with the offer of leg's peer, whatever the other side may use of it. 0, or
 * -ENOTSUP with verdict filled. */
int offer_hear(struct leg *leg, struct str sdp, struct verdict *verdict);
/* Whether the other side's offer leaves something that leg's peer may use. 0, or -ENOTSUP with
 * verdict filled. */
int offer_suits(const struct leg *leg, struct verdict *verdict);
/* Both: an offer must leave both sides something. */
int offer_take(struct leg *leg, struct str sdp, struct verdict *verdict);
/* Our offer to leg, from what the other side offered. Length or -errno. */
int offer_make(struct leg *leg, char *text, size_t size);
/* The answer of leg's peer to our offer. 0, or -ENOTSUP with verdict filled. */
int answer_take(struct leg *leg, struct str sdp, struct verdict *verdict);
/* Our answer to leg, whose peer offered, from the other side's answer in source. Length or -errno.
 */
int answer_make(struct leg *leg, struct str source, char *text, size_t size);

/* Whether leg's peer describes another media address now than it had. */
bool offer_moved(const struct leg *leg);
