/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REGISTER of phones, passed through to the registrar of their peer (`registrar`). The registrar is
 * told a contact of ours with a token; calls to it go to the phone, by the flow that it registered
 * by. Credentials pass untouched: the relay knows no secret of the phone's, so the Request-URI,
 * which they are made of, stays what the phone wrote.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

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
/* The bindings of that connection are gone. */
void phones_connection_lost(struct phones *phones, uint64_t connection);

/* REGISTER outside a dialog, of the peer whose message is being handled. */
void phone_register(struct b2bua *b2bua, struct sip_server *server,
		    const struct sip_message *request, const struct sip_flow *flow);

/* Whether a user part has the form of our tokens. */
bool phone_is_token(struct str user);
/* The phone that registrar may call by that token; NULL: none. */
const struct location *phone_by_token(const struct phones *phones,
				      const struct config_peer *registrar, struct str token);
/* Appends an object for each binding to array, in the shape of api/api.h. */
void phones_list(const struct phones *phones, json_t *array);
unsigned phones_count(const struct phones *phones);
