/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of payload types in use (media/payload.h): calls of the same phones have the same ones,
 * so each is there once, and a leg has two bytes of it. Map 0 says nothing and is always there.
 *
 * Thread: the main thread; workers read the entries.
 */
#pragma once

#include <stdint.h>

#include "media/payload.h"

#define PAYLOAD_MAPS_MAX 8192U

struct payload_maps;

int payload_maps_new(struct payload_maps **maps);  /* 0 or -ENOMEM */
void payload_maps_free(struct payload_maps *maps); /* NULL is allowed */

/* What the workers read. */
const struct rtp_payload_map *payload_maps_array(const struct payload_maps *maps);

/* The index of a map like this one, which has one user more; -ENOSPC when all are in use. */
int payload_maps_take(struct payload_maps *maps, const struct rtp_payload_map *map);

/* One user less. The workers must not use the index any more. */
void payload_maps_give(struct payload_maps *maps, uint16_t index);

unsigned payload_maps_used(const struct payload_maps *maps);
