/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/hops.h"

#include <assert.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/pool.h"

#define NONE UINT32_MAX
#define BUCKETS HOPS_MAX

struct hop_user {
	uint32_t users;
	uint32_t next; /* in its bucket, or in the list of free ones */
};

struct hops {
	struct hop *hop; /* workers: ro */
	struct hop_user *user;
	uint32_t *bucket;
	uint32_t free;    /* first of the list */
	uint32_t touched; /* entries from this one on were never used */
	unsigned used;
};

#define TABLE_BYTES(hops, field) (HOPS_MAX * sizeof((hops)->field[0]))

int hops_new(struct hops **hops)
{
	struct hops *new = calloc(1, sizeof(*new));

	*hops = NULL;
	if (!new)
		return -ENOMEM;
	new->hop = pool_map(TABLE_BYTES(new, hop));
	new->user = pool_map(TABLE_BYTES(new, user));
	new->bucket = pool_map(TABLE_BYTES(new, bucket));
	if (!new->hop || !new->user || !new->bucket) {
		hops_free(new);
		return -ENOMEM;
	}
	new->free = NONE;
	*hops = new;
	return 0;
}

void hops_free(struct hops *hops)
{
	if (!hops)
		return;
	pool_unmap(hops->hop, TABLE_BYTES(hops, hop));
	pool_unmap(hops->user, TABLE_BYTES(hops, user));
	pool_unmap(hops->bucket, TABLE_BYTES(hops, bucket));
	free(hops);
}

const struct hop *hops_array(const struct hops *hops)
{
	return hops->hop;
}

/* A bucket holds the index plus one, so that zeroed memory is an empty table. */
static uint32_t *bucket_of(const struct hops *hops, const struct hop *hop)
{
	uint64_t words[2];

	static_assert(sizeof(words) == sizeof(*hop), "the hash takes all of a hop");
	memcpy(words, hop, sizeof(words));
	words[0] =
	    (words[0] ^ words[1] * UINT64_C(0xff51afd7ed558ccd)) * UINT64_C(0x9e3779b97f4a7c15);
	return &hops->bucket[(words[0] >> 40) % BUCKETS];
}

static uint32_t entry_new(struct hops *hops)
{
	uint32_t index = hops->free;

	if (index != NONE)
		hops->free = hops->user[index].next;
	else if (hops->touched < HOPS_MAX)
		index = hops->touched++;
	return index;
}

int hops_take(struct hops *hops, const struct hop *hop)
{
	uint32_t *bucket = bucket_of(hops, hop), index;

	for (uint32_t i = *bucket; i; i = hops->user[i - 1].next) {
		if (memcmp(&hops->hop[i - 1], hop, sizeof(*hop)))
			continue;
		hops->user[i - 1].users++;
		return (int)(i - 1);
	}
	index = entry_new(hops);
	if (index == NONE)
		return -ENOSPC;
	hops->hop[index] = *hop;
	hops->user[index] = (struct hop_user){.users = 1, .next = *bucket};
	*bucket = index + 1;
	hops->used++;
	return (int)index;
}

void hops_give(struct hops *hops, uint16_t index)
{
	uint32_t *at = bucket_of(hops, &hops->hop[index]);

	if (--hops->user[index].users)
		return;
	while (*at != index + 1U)
		at = &hops->user[*at - 1].next;
	*at = hops->user[index].next;
	hops->user[index].next = hops->free;
	hops->free = index;
	hops->used--;
}

unsigned hops_used(const struct hops *hops)
{
	return hops->used;
}
