/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relay as registering client (RFC 3261 10.2): each item of `registrations` keeps one binding
 * of our contact at its peer. Refreshed before it ends, tried again with growing pauses, taken back
 * at an orderly end.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"

struct b2bua;
struct trunks;

int trunks_new(struct trunks **trunks, struct b2bua *b2bua); /* 0 or -ENOMEM */
void trunks_free(struct trunks *trunks);                     /* NULL is fine */
/* The first REGISTERs come soon, not all at once. */
void trunks_start(struct trunks *trunks);
/* Takes all bindings back. */
void trunks_stop(struct trunks *trunks);
/* Whether a binding is still being taken back. */
bool trunks_leaving(const struct trunks *trunks);
/* Does what is due. */
void trunks_run(struct trunks *trunks);
/* Milliseconds until something is due; -1: nothing. */
int64_t trunks_next(const struct trunks *trunks);
/* Those that were registered by that connection are registered again by another. */
void trunks_connection_lost(struct trunks *trunks, uint64_t connection);

/*
 * The user part, in its one spelling, of the address of record whose contact at peer has that user
 * part; NULL: none has.
 */
const char *trunks_number(const struct trunks *trunks, const struct config_peer *peer,
			  const char *contact_user);
/* The Service-Route (RFC 3608) of a registration at peer, as a value for Route; NULL: none. */
const char *trunks_routes(const struct trunks *trunks, const struct config_peer *peer);
/* Adds those whose number, from 1, is above after, in the shape of api/api.h. True: there are more.
 */
struct registration_page;
bool trunks_page(const struct trunks *trunks, struct registration_page *page, uint64_t after);
