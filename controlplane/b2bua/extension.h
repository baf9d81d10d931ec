/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two ends of a leg can: option tags (RFC 3261 19.2) and methods that we name, as the dial
 * plan of the leg's peer allows, and those that the peer named.
 */
#pragma once

#include <stdbool.h>

#include "policy/config.h"
#include "sip/message.h"
#include "sip/writer.h"

struct leg;

/* A Require with a tag that we do not do with that dial plan, or any Proxy-Require. */
bool extension_is_unknown(const struct sip_message *request, const struct config_dial_plan *plan);
/* Unsupported: the tags of these (RFC 3261 8.2.2.3), the only input that an answer repeats. */
void extension_write_unsupported(struct sip_writer *writer, const struct sip_message *request,
				 const struct config_dial_plan *plan);
/* Supported, without the tags that are off; but one leaves reliability out: offers that nobody can
 * answer in time must not be invited. */
enum extension_set { EXTENSION_ALL, EXTENSION_NOT_100REL };
void extension_write_supported(struct sip_writer *writer, const struct config_dial_plan *plan,
			       enum extension_set set);
/* plan NULL: what every plan has. */
void extension_write_allow(struct sip_writer *writer, const struct config_dial_plan *plan);

/* Whether a description may be in the answer: Accept says so, or is not there (RFC 3261 20.1). */
bool extension_accepts_sdp(const struct sip_message *request);

/* Allow of the leg's peer; a message without it changes nothing. */
void extension_learn(struct leg *leg, const struct sip_message *message);
/* What was never named is not allowed. */
bool extension_peer_allows(const struct leg *leg, enum sip_method method);
