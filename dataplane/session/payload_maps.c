/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/payload_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/pool.h"

#define BUCKETS PAYLOAD_MAPS_MAX

struct payload_maps {
	struct rtp_payload_map map[PAYLOAD_MAPS_MAX]; /* workers: ro */
	uint32_t users[PAYLOAD_MAPS_MAX];
	uint16_t next[PAYLOAD_MAPS_MAX]; /* in its bucket, or of the free ones; 0: the last */
	uint16_t bucket[BUCKETS];        /* 0: empty, as map 0 is in none */
	uint16_t free;
	uint16_t touched; /* entries above this one were never used */
	unsigned used;
};

int payload_maps_new(struct payload_maps **maps)
{
	*maps = pool_map(sizeof(**maps));
	return *maps ? 0 : -ENOMEM;
}

void payload_maps_free(struct payload_maps *maps)
{
	pool_unmap(maps, sizeof(*maps));
}

const struct rtp_payload_map *payload_maps_array(const struct payload_maps *maps)
{
	return maps->map;
}

static uint16_t *bucket_of(struct payload_maps *maps, const struct rtp_payload_map *map)
{
	uint64_t words[sizeof(*map) / 8], hash = 0;

	memcpy(words, map, sizeof(words));
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return &maps->bucket[(hash >> 40) % BUCKETS];
}

static bool says_nothing(const struct rtp_payload_map *map)
{
	return map->entry[0].clock == 0;
}

/* 0: there is none. */
static uint16_t entry_new(struct payload_maps *maps)
{
	uint16_t index = maps->free;

	if (index)
		maps->free = maps->next[index];
	else if (maps->touched < PAYLOAD_MAPS_MAX - 1)
		index = ++maps->touched;
	return index;
}

int payload_maps_take(struct payload_maps *maps, const struct rtp_payload_map *map)
{
	uint16_t *bucket = bucket_of(maps, map), index;

	if (says_nothing(map))
		return 0;
	for (index = *bucket; index; index = maps->next[index]) {
		if (memcmp(&maps->map[index], map, sizeof(*map)) != 0)
			continue;
		maps->users[index]++;
		return index;
	}
	index = entry_new(maps);
	if (!index)
		return -ENOSPC;
	maps->map[index] = *map;
	maps->users[index] = 1;
	maps->next[index] = *bucket;
	*bucket = index;
	maps->used++;
	return index;
}

void payload_maps_give(struct payload_maps *maps, uint16_t index)
{
	uint16_t *at;

	if (!index || --maps->users[index])
		return;
	at = bucket_of(maps, &maps->map[index]);
	while (*at != index)
		at = &maps->next[*at];
	*at = maps->next[index];
	maps->next[index] = maps->free;
	maps->free = index;
	maps->used--;
}

unsigned payload_maps_used(const struct payload_maps *maps)
{
	return maps->used;
}
