/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether peers serve calls: those with watch_s are asked by OPTIONS (RFC 3261 11), on the
 * connection that calls use, and calls that did or did not reach them count as well.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct b2bua;
struct config_peer;
struct watch;

/* Of all peers of the configuration that want it. 0 or -ENOMEM. */
int watch_new(struct watch **watch, struct b2bua *b2bua);
/* After the transaction table. NULL is fine. */
void watch_free(struct watch *watch);
/* Begins to ask, each peer at a moment of its own within the first seconds. */
void watch_start(struct watch *watch);

/* Asks whose time has come. */
void watch_run(struct watch *watch);
/* Milliseconds until then; -1: nobody is watched. */
int64_t watch_next(const struct watch *watch);

/* False also for who is not watched. */
bool watch_is_down(const struct watch *watch, const struct config_peer *peer);
/* What a call saw: something came of the peer, or nothing could be sent or heard. */
void watch_heard(struct watch *watch, const struct config_peer *peer);
void watch_failed(struct watch *watch, const struct config_peer *peer, const char *why);

/* As api/api.h shows it in peer list; NULL: not watched. */
json_t *watch_json(const struct watch *watch, const struct config_peer *peer);
