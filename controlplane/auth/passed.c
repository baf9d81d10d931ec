/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/passed.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tls/mac.h"

#define SETS 1024U /* a power of two */
#define WAYS 8U
#define PARTS_MAX 16U

struct place {
	unsigned char key[PASSED_KEY];
	uint64_t until_ms; /* 0: free */
	bool used;
	uint32_t cseq; /* used: by that request */
	char user[PASSED_USER_TEXT];
};

struct passed {
	unsigned char secret[TLS_MAC_KEY]; /* so that nobody outside can fill a set */
	struct place place[SETS][WAYS];
};

struct passed *passed_new(void)
{
	struct passed *passed = calloc(1, sizeof(*passed));

	if (passed &&
	    getrandom(passed->secret, sizeof(passed->secret), 0) == sizeof(passed->secret))
		return passed;
	passed_free(passed);
	return NULL;
}

void passed_free(struct passed *passed)
{
	if (passed)
		explicit_bzero(passed->secret, sizeof(passed->secret));
	free(passed);
}

int passed_key(const struct passed *passed, const struct str parts[], unsigned count,
	       unsigned char key[static PASSED_KEY])
{
	char lengths[PARTS_MAX * 21 + 1] = "";
	struct str all[PARTS_MAX + 1] = {{0}};
	unsigned char mac[TLS_MAC_SIZE];
	size_t used = 0;

	assert(count <= PARTS_MAX);
	/* so that no part can pretend to be the end of another */
	for (unsigned i = 0; i < count; i++) {
		used +=
		    (size_t)snprintf(lengths + used, sizeof(lengths) - used, "%zu,", parts[i].len);
		all[i + 1] = parts[i];
	}
	all[0] = (struct str){lengths, used};
	if (tls_mac(passed->secret, all, count + 1, mac) < 0)
		return -EIO;
	memcpy(key, mac, PASSED_KEY);
	return 0;
}

static struct place *set_of(struct passed *passed, const unsigned char *key)
{
	uint32_t number;

	memcpy(&number, key, sizeof(number));
	return passed->place[number % SETS];
}

/* That of the key, else a free one or the oldest. */
static struct place *take_place(struct place *set, const unsigned char *key)
{
	struct place *oldest = &set[0];

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].until_ms && memcmp(set[i].key, key, PASSED_KEY) == 0)
			return &set[i];
		if (set[i].until_ms < oldest->until_ms)
			oldest = &set[i];
	}
	return oldest;
}

void passed_note(struct passed *passed, const unsigned char key[static PASSED_KEY], struct str user,
		 uint64_t now_ms)
{
	struct place *place = take_place(set_of(passed, key), key);

	*place = (struct place){.until_ms = now_ms + PASSED_LIFETIME_MS};
	memcpy(place->key, key, PASSED_KEY);
	snprintf(place->user, sizeof(place->user), "%.*s", STR_FMT(user));
}

const char *passed_answers(struct passed *passed, const unsigned char key[static PASSED_KEY],
			   uint32_t cseq, enum passed_way way, uint64_t now_ms)
{
	struct place *set = set_of(passed, key);

	for (unsigned i = 0; i < WAYS; i++) {
		struct place *place = &set[i];

		if (place->until_ms <= now_ms || memcmp(place->key, key, PASSED_KEY) != 0 ||
		    (place->used && place->cseq != cseq))
			continue;
		if (way == PASSED_TAKE) {
			place->used = true;
			place->cseq = cseq;
		}
		return place->user;
	}
	return NULL;
}
