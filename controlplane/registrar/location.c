/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registrar/location.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sip/siphash.h"

#define LOOK_AT_MAX 256U /* of a peer's that were not accepted: they may be many */

TAILQ_HEAD(location_list, location);

struct of_peer {
	unsigned count;
	struct location_list lost, unbound; /* the longest so first */
};

struct locations {
	struct location_limits limits;
	unsigned count;
	struct of_peer *of_peer;
	uint64_t last_serial;
	struct location_list all;
	struct index_table tokens, aors, connections, serials;
	struct timer_heap ends;
	struct siphash_key key;
};

int locations_new(struct locations **made, const struct location_limits *limits)
{
	struct locations *locations = calloc(1, sizeof(*locations));

	if (!locations)
		return -ENOMEM;
	locations->limits = *limits;
	TAILQ_INIT(&locations->all);
	locations->of_peer = calloc(limits->peers + 1U, sizeof(*locations->of_peer));
	for (unsigned i = 0; locations->of_peer && i <= limits->peers; i++) {
		TAILQ_INIT(&locations->of_peer[i].lost);
		TAILQ_INIT(&locations->of_peer[i].unbound);
	}
	if (!locations->of_peer || index_init(&locations->tokens, limits->total) < 0 ||
	    index_init(&locations->aors, limits->total) < 0 ||
	    index_init(&locations->connections, limits->total) < 0 ||
	    index_init(&locations->serials, limits->total) < 0 ||
	    timer_heap_init(&locations->ends, limits->total + 1U) < 0 ||
	    getrandom(&locations->key, sizeof(locations->key), 0) !=
		(ssize_t)sizeof(locations->key)) {
		locations_free(locations);
		return -ENOMEM;
	}
	*made = locations;
	return 0;
}

void locations_free(struct locations *locations)
{
	struct location *location;

	if (!locations)
		return;
	while ((location = TAILQ_FIRST(&locations->all)))
		location_remove(locations, location);
	index_free(&locations->tokens);
	index_free(&locations->aors);
	index_free(&locations->connections);
	index_free(&locations->serials);
	timer_heap_free(&locations->ends);
	free(locations->of_peer);
	free(locations);
}

static uint64_t hash_of(const struct locations *locations, struct str text)
{
	return siphash(&locations->key, text);
}

/* ---- finding ---- */

struct location *location_by_token(const struct locations *locations, struct str token)
{
	uint64_t hash = hash_of(locations, token);
	struct index_node *node = NULL;

	while ((node = index_find(&locations->tokens, hash, node))) {
		struct location *location = sip_container_of(node, struct location, by_token);

		if (str_eq(token, str_of(location->token)))
			return location;
	}
	return NULL;
}

struct location *location_by_aor(const struct locations *locations, unsigned peer, struct str aor,
				 const struct location *previous)
{
	uint64_t hash = hash_of(locations, aor);
	struct index_node *node =
	    index_find(&locations->aors, hash, previous ? &previous->by_aor : NULL);

	for (; node; node = index_find(&locations->aors, hash, node)) {
		struct location *location = sip_container_of(node, struct location, by_aor);

		if (location->peer == peer && str_eq(aor, str_of(location->aor)))
			return location;
	}
	return NULL;
}

struct location *location_by_contact(const struct locations *locations, unsigned peer,
				     struct str aor, struct str contact)
{
	struct location *location = NULL;

	while ((location = location_by_aor(locations, peer, aor, location)))
		if (str_eq(contact, str_of(location->contact)))
			return location;
	return NULL;
}

struct location *location_by_connection(const struct locations *locations, uint64_t connection)
{
	struct index_node *node = index_find(&locations->connections, connection, NULL);

	return node ? sip_container_of(node, struct location, by_connection) : NULL;
}

struct location *location_each(const struct locations *locations, const struct location *previous)
{
	return previous ? TAILQ_NEXT(previous, link) : TAILQ_FIRST(&locations->all);
}

struct location *location_after(const struct locations *locations, uint64_t serial)
{
	const struct index_node *node = index_find(&locations->serials, serial, NULL);
	struct location *location = TAILQ_FIRST(&locations->all);

	if (node)
		return TAILQ_NEXT(sip_container_of(node, struct location, by_serial), link);
	while (location && location->serial <= serial)
		location = TAILQ_NEXT(location, link);
	return location;
}

/* ---- those that give way to others ---- */

static bool is_spare(const struct location *location, enum location_spare spare)
{
	return spare == LOCATION_LOST ? location->lost : !location->bound && !location->passage;
}

/* An address of record has few; those of others, however many they are, are not met. */
static struct location *spare_of_aor(const struct locations *locations, enum location_spare spare,
				     unsigned peer, struct str aor)
{
	struct location *location = NULL, *oldest = NULL;

	while ((location = location_by_aor(locations, peer, aor, location)))
		if (is_spare(location, spare) && (!oldest || location->serial < oldest->serial))
			oldest = location;
	return oldest;
}

static struct location *spare_of_peer(const struct of_peer *of_peer, enum location_spare spare)
{
	struct location *location =
	    TAILQ_FIRST(spare == LOCATION_LOST ? &of_peer->lost : &of_peer->unbound);

	for (unsigned i = 0; location && i < LOOK_AT_MAX; i++) {
		if (is_spare(location, spare))
			return location;
		location = spare == LOCATION_LOST ? TAILQ_NEXT(location, lost_link)
						  : TAILQ_NEXT(location, unbound_link);
	}
	return NULL;
}

struct location *location_spare(const struct locations *locations, enum location_spare spare,
				unsigned peer, struct str aor)
{
	struct location *location = NULL;

	if (aor.ptr)
		return spare_of_aor(locations, spare, peer, aor);
	if (peer != UINT_MAX)
		return spare_of_peer(&locations->of_peer[peer], spare);
	for (unsigned i = 0; !location && i <= locations->limits.peers; i++)
		location = spare_of_peer(&locations->of_peer[i], spare);
	return location;
}

/* ---- by time ---- */

struct location *location_ended(const struct locations *locations, uint64_t now_ms)
{
	struct timer_node *first = timer_heap_first(&locations->ends);

	return first && first->due_ms <= now_ms ? sip_container_of(first, struct location, end)
						: NULL;
}

int64_t locations_next(const struct locations *locations, uint64_t now_ms)
{
	const struct timer_node *first = timer_heap_first(&locations->ends);

	if (!first)
		return -1;
	return first->due_ms > now_ms ? (int64_t)(first->due_ms - now_ms) : 0;
}

unsigned locations_count(const struct locations *locations)
{
	return locations->count;
}

/* ---- changing ---- */

static int check_room(const struct locations *locations, unsigned peer, unsigned per_peer,
		      struct str aor)
{
	const struct location *location = NULL;
	unsigned count = 0;

	if (locations->count >= locations->limits.total)
		return -ENOSPC;
	if (per_peer && locations->of_peer[peer].count >= per_peer)
		return -EDQUOT;
	while ((location = location_by_aor(locations, peer, aor, location)))
		count++;
	return count >= locations->limits.per_aor ? -E2BIG : 0;
}

/* A number of which nobody can guess another. */
static int draw_token(struct locations *locations, struct location *location)
{
	uint64_t number;

	do {
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return -EIO;
		snprintf(location->token, sizeof(location->token), "r%016" PRIx64, number);
	} while (location_by_token(locations, str_of(location->token)));
	return 0;
}

static struct location *make(struct str aor, struct str contact)
{
	struct location *location = calloc(1, sizeof(*location));

	if (!location)
		return NULL;
	location->aor = strndup(aor.ptr, aor.len);
	location->contact = strndup(contact.ptr, contact.len);
	location->end.index = TIMER_NO_INDEX;
	if (location->aor && location->contact)
		return location;
	free(location->aor);
	free(location->contact);
	free(location);
	return NULL;
}

static void find_again(struct locations *locations, struct location *location)
{
	if (location->lost)
		TAILQ_REMOVE(&locations->of_peer[location->peer].lost, location, lost_link);
	location->lost = false;
}

static void place(struct locations *locations, struct location *location,
		  const struct sip_flow *flow, uint64_t until_ms)
{
	find_again(locations, location);
	location->flow = *flow;
	index_remove(&location->by_connection);
	if (flow->connection)
		index_insert(&locations->connections, &location->by_connection, flow->connection);
	timer_heap_remove(&locations->ends, &location->end);
	timer_heap_insert(&locations->ends, &location->end, until_ms);
}

int location_add(struct locations *locations, struct location **made, unsigned peer,
		 unsigned per_peer, struct str aor, struct str contact, const struct sip_flow *flow,
		 uint64_t until_ms)
{
	int result = check_room(locations, peer, per_peer, aor);
	struct location *location;

	if (result < 0)
		return result;
	location = make(aor, contact);
	if (!location || draw_token(locations, location) < 0) {
		if (location) {
			free(location->aor);
			free(location->contact);
		}
		free(location);
		return -ENOMEM;
	}
	location->peer = peer;
	location->serial = ++locations->last_serial;
	TAILQ_INSERT_TAIL(&locations->all, location, link);
	TAILQ_INSERT_TAIL(&locations->of_peer[peer].unbound, location, unbound_link);
	locations->count++;
	locations->of_peer[peer].count++;
	index_insert(&locations->tokens, &location->by_token,
		     hash_of(locations, str_of(location->token)));
	index_insert(&locations->aors, &location->by_aor, hash_of(locations, aor));
	index_insert(&locations->serials, &location->by_serial, location->serial);
	place(locations, location, flow, until_ms);
	*made = location;
	return 0;
}

static void leave_unbound(struct locations *locations, struct location *location)
{
	if (!location->bound)
		TAILQ_REMOVE(&locations->of_peer[location->peer].unbound, location, unbound_link);
}

void location_bind(struct locations *locations, struct location *location,
		   const struct sip_flow *flow, uint64_t until_ms)
{
	leave_unbound(locations, location);
	location->bound = true;
	place(locations, location, flow, until_ms);
}

void location_lose(struct locations *locations, struct location *location)
{
	index_remove(&location->by_connection);
	if (!location->lost)
		TAILQ_INSERT_TAIL(&locations->of_peer[location->peer].lost, location, lost_link);
	location->lost = true;
}

void location_remove(struct locations *locations, struct location *location)
{
	find_again(locations, location);
	leave_unbound(locations, location);
	TAILQ_REMOVE(&locations->all, location, link);
	locations->count--;
	locations->of_peer[location->peer].count--;
	index_remove(&location->by_token);
	index_remove(&location->by_aor);
	index_remove(&location->by_connection);
	index_remove(&location->by_serial);
	timer_heap_remove(&locations->ends, &location->end);
	free(location->aor);
	free(location->contact);
	free(location->phone_call_id);
	free(location->path);
	free(location);
}
