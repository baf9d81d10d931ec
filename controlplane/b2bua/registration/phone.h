/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REGISTER of phones, passed through to the registrar of their peer (`registrar`). The registrar is
 * told a contact of ours with a token; calls to it go to the phone, by the flow that it registered
 * by (RFC 5626 5.3) and by no other: a connection is held open for it, and when it is lost the
 * phone cannot be reached (480) until it registers anew, by the same token. Credentials pass
 * untouched: the relay knows no secret of the phone's, so the Request-URI, which they are made of,
 * stays what the phone wrote.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/cause.h"
#include "registrar/location.h"
#include "sip/transaction.h"

struct b2bua;
struct config_peer;
struct phones;

int phones_new(struct phones **phones, struct b2bua *b2bua); /* 0 or -ENOMEM */
void phones_free(struct phones *phones);                     /* NULL is fine */
/* What is due; milliseconds until the next, -1: nothing. */
void phones_run(struct phones *phones);
int64_t phones_next(const struct phones *phones);
/* The phones of that connection cannot be reached until they register by another. */
void phones_connection_lost(struct phones *phones, uint64_t connection);

/* REGISTER outside a dialog, of the peer whose message is being handled. */
void phone_register(struct b2bua *b2bua, struct sip_server *server,
		    const struct sip_message *request, const struct sip_flow *flow);

/* Whether a user part has the form of our tokens. */
bool phone_is_token(struct str user);
/* The phone that registrar may call by that token; NULL: none, and *cause says why. */
const struct location *phone_by_token(const struct phones *phones,
				      const struct config_peer *registrar, struct str token,
				      enum cause *cause);
/*
 * Where the phone of peer is now whose address of record (a name-addr) and contact (a URI) a dialog
 * names; NULL: it is not known, or cannot be reached. Valid until the next REGISTER.
 */
const struct sip_flow *phone_flow(const struct phones *phones, const struct config_peer *peer,
				  const char *aor, const char *contact);
/* Adds the bindings whose serial is above after, in the shape of api/api.h. True: there are more.
 */
struct registration_page;
bool phones_page(const struct phones *phones, struct registration_page *page, uint64_t after);
/* Also those that the registrar has not accepted yet. */
unsigned phones_count(const struct phones *phones);
