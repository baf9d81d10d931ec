/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What REGISTER and its answers say of bindings (RFC 3261 10.2, 10.3): Contact, Expires,
 * Min-Expires, Service-Route. Any thread; no state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/message.h"

#define CONTACTS_EXPIRES_DEFAULT_S 3600U /* where nobody says (10.3 step 6) */

/* The number that a header of that name, known or not, is; UINT32_MAX: absent, or no number. */
uint32_t contacts_header_seconds(const struct sip_message *message, const char *name);
/* The same, 0 when absent. */
uint32_t contacts_seconds(const struct sip_message *message, const char *name);
/* Of one contact of message: its expires parameter, else Expires, else fallback_s. */
uint32_t contacts_expires(const struct sip_message *message, const struct sip_name_addr *contact,
			  uint32_t fallback_s);

/*
 * The next contact of a message. walk is zero at first. False: there is no other; *malformed says
 * whether that is because one cannot be read.
 */
struct contacts_walk {
	const struct sip_header *header;
	struct str rest;
	bool malformed;
};
bool contacts_next(const struct sip_message *message, struct contacts_walk *walk,
		   struct sip_name_addr *contact);

/*
 * For how long a 200 binds our contact: by the entry with the same user, host and port; without
 * one, by Expires, as some registrars show an address of their own finding; else what was asked. 0:
 * not at all.
 */
uint32_t contacts_granted(const struct sip_message *response, struct str ours, uint32_t asked_s);

/* All values of the headers of that name, joined by commas. Length; 0: none; -E2BIG. */
int contacts_join(const struct sip_message *message, const char *name, char *text, size_t size);
