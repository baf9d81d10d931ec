/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table from (from, prefix) to the patterns that have exactly these. A number is looked up
 * once for each length that any prefix has, with a hash that grows by a character at a time. All
 * keys are the operator's own, so nobody outside can make them collide.
 */
#include "route/prefix.h"

#include <stdint.h>
#include <stdlib.h>

#define NOTHING UINT32_MAX
#define FNV_OFFSET 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

struct prefix_index {
	const struct prefix_key *keys;
	uint32_t mask;
	uint32_t *bucket; /* first key with a prefix; NOTHING: empty; open addressing */
	uint32_t *next;   /* by key: of the same prefix, in order; NOTHING: the last */
	uint32_t *last;   /* by key, of the first of its prefix */
	uint8_t *length;  /* by key: of its prefix */
	bool has_length[PATTERN_MAX + 1];
};

static uint64_t step(uint64_t hash, unsigned char c)
{
	return (hash ^ c) * FNV_PRIME;
}

static uint64_t begin(unsigned from)
{
	uint64_t hash = FNV_OFFSET;

	for (unsigned i = 0; i < 4; i++)
		hash = step(hash, (unsigned char)(from >> (8 * i)));
	return hash;
}

/* The bucket of that prefix, or the empty one where it would be. */
static uint32_t *bucket_of(const struct prefix_index *index, uint64_t hash, unsigned from,
			   struct str prefix)
{
	uint64_t at = hash ^ hash >> 32;

	for (;; at++) {
		uint32_t *bucket = &index->bucket[at & index->mask];
		const struct prefix_key *key;

		if (*bucket == NOTHING)
			return bucket;
		key = &index->keys[*bucket];
		if (key->from == from && index->length[*bucket] == prefix.len &&
		    memcmp(key->pattern, prefix.ptr, prefix.len) == 0)
			return bucket;
	}
}

static void insert(struct prefix_index *index, uint32_t number)
{
	const struct prefix_key *key = &index->keys[number];
	struct str prefix = {key->pattern, pattern_prefix(key->pattern)};
	uint64_t hash = begin(key->from);
	uint32_t *bucket;

	for (size_t i = 0; i < prefix.len; i++)
		hash = step(hash, (unsigned char)prefix.ptr[i]);
	bucket = bucket_of(index, hash, key->from, prefix);
	index->length[number] = (uint8_t)prefix.len;
	index->has_length[prefix.len] = true;
	index->next[number] = NOTHING;
	index->last[number] = number;
	if (*bucket == NOTHING) {
		*bucket = number;
	} else {
		index->next[index->last[*bucket]] = number;
		index->last[*bucket] = number;
	}
}

struct prefix_index *prefix_index_new(const struct prefix_key *keys, unsigned count)
{
	struct prefix_index *index = calloc(1, sizeof(*index));
	uint32_t buckets = 16;

	if (!index)
		return NULL;
	while (buckets < count * 2ULL)
		buckets *= 2;
	index->mask = buckets - 1;
	index->bucket = malloc(buckets * sizeof(*index->bucket));
	index->next = calloc(count + 1U, sizeof(*index->next));
	index->last = calloc(count + 1U, sizeof(*index->last));
	index->length = calloc(count + 1U, sizeof(*index->length));
	index->keys = keys;
	if (!index->bucket || !index->next || !index->last || !index->length) {
		prefix_index_free(index);
		return NULL;
	}
	memset(index->bucket, 0xff, buckets * sizeof(*index->bucket));
	for (uint32_t i = 0; i < count; i++)
		insert(index, i);
	return index;
}

void prefix_index_free(struct prefix_index *index)
{
	if (!index)
		return;
	free(index->bucket);
	free(index->next);
	free(index->last);
	free(index->length);
	free(index);
}

static void find_of(const struct prefix_index *index, unsigned from, struct str number,
		    void (*each)(void *user, unsigned key), void *user)
{
	uint64_t hash = begin(from);

	for (size_t i = 0; i <= number.len && i <= PATTERN_MAX; i++) {
		uint32_t key = NOTHING;

		if (index->has_length[i])
			key = *bucket_of(index, hash, from, (struct str){number.ptr, i});
		for (; key != NOTHING; key = index->next[key])
			if (pattern_match(index->keys[key].pattern, number, NULL))
				each(user, key);
		if (i < number.len)
			hash = step(hash, (unsigned char)number.ptr[i]);
	}
}

void prefix_index_find(const struct prefix_index *index, unsigned from, struct str number,
		       void (*each)(void *user, unsigned key), void *user)
{
	struct str text = number.ptr ? number : STR("");

	find_of(index, 0, text, each, user);
	if (from)
		find_of(index, from, text, each, user);
}
