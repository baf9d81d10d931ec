/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the world share. */
#pragma once

#include "world.h"

extern struct world *world_now; /* for the functions that the b2bua calls */
extern struct config_listener world_listeners[2];
extern struct config_peer world_peers[PHONES];

void world_address(struct sockaddr_storage *storage, const char *ip, uint16_t port);

/* What the data plane would do a moment later: sessions that were asked for are opened. */
void world_media_answers(struct world *world);

/* Where the relay sees that phone. */
void world_flow(const struct phone *phone, struct sip_flow *flow);

/* Cut where there is no room. */
void world_copy(char *to, size_t size, struct str from);
