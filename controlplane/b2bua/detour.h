/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to requests whose connection is gone go to the same peer on another one (RFC 3261
 * 18.2.2): one that is there, or one that is made. Whom it leads to is settled as for any request
 * of ours, by certificate or by the configured address; neither the address that the lost
 * connection came from nor sent-by in the Via is called, or a message could say where keys go.
 */
#pragma once

#include <stdint.h>

#include "policy/config.h"

struct b2bua;

/* The connection of peer is gone. */
void detour_begin(struct b2bua *b2bua, const struct config_peer *peer, uint64_t connection);
/* Nothing is waited for any more. */
void detour_forget_all(struct b2bua *b2bua);
