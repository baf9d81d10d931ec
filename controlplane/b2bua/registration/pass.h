/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest between a phone and the registrar behind the relay (RFC 3261 22): challenges and
 * credentials pass byte for byte, as the relay knows no secret of the phone's. So in a call from
 * the phone to its registrar the Request-URI, which the credentials are made of, stays what the
 * phone wrote, and so does the domain of From, which many registrars look at.
 */
#pragma once

#include "b2bua/call.h"

/* The phone's credentials, but those for the relay's own realm. */
void pass_credentials(struct sip_writer *writer, const struct config_peer *phone,
		      const struct sip_message *request);
/* Whether leg is that of a registrar, called by a phone of its own. */
bool pass_applies(const struct leg *callee);
/* Keeps the challenges of a 401 or 407 for the caller; false: there are none, or it is not its. */
bool pass_challenged(struct leg *callee, const struct sip_message *response);
/* Writes what was kept into the caller's refusal. */
void pass_write(struct sip_writer *writer, const struct leg *caller);
/*
 * Of a call from a phone to its registrar, whose dialog has just begun: the Request-URI becomes
 * what the phone wrote, if the number is still the one that it dialled, and From has the domain
 * that both share. Other calls stay as they are. 0 or -ENOMEM.
 */
int pass_begin(struct leg *callee, const struct sip_message *invite);
