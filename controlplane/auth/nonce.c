/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/nonce.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "tls/mac.h"

#define SERIAL_DIGITS 16U
#define MAC_DIGITS 32U     /* of 64: 128 bits are plenty for what lives five minutes */
#define SERIAL_MS_SHIFT 16 /* a serial: milliseconds, and 65,536 nonces in each */
#define SET_BITS 10
#define SETS (1U << SET_BITS)
#define WAYS 8U
#define WINDOW 64U /* counts below the highest that may still come: requests overtake others */

struct place {
	uint64_t serial; /* 0: free */
	uint64_t window; /* bit n: highest - n was used */
	uint32_t highest;
};

struct set {
	uint64_t forgotten; /* the youngest serial that lost its place */
	struct place place[WAYS];
};

struct nonces {
	unsigned char key[TLS_MAC_KEY];
	uint64_t last; /* serial */
	struct set set[SETS];
};

struct nonces *nonces_new(void)
{
	struct nonces *nonces = calloc(1, sizeof(*nonces));

	if (nonces && getrandom(nonces->key, sizeof(nonces->key), 0) == sizeof(nonces->key))
		return nonces;
	nonces_free(nonces);
	return NULL;
}

void nonces_free(struct nonces *nonces)
{
	if (nonces)
		explicit_bzero(nonces, sizeof(*nonces));
	free(nonces);
}

/* The whole text for a serial. */
static int format(const struct nonces *nonces, uint64_t serial, struct str binding,
		  char text[NONCE_TEXT])
{
	unsigned char mac[TLS_MAC_SIZE];
	int result;

	snprintf(text, NONCE_TEXT, "%016" PRIx64, serial);
	const struct str parts[] = {{text, SERIAL_DIGITS}, binding};

	result = tls_mac(nonces->key, parts, 2, mac);
	for (unsigned i = 0; i < MAC_DIGITS / 2; i++)
		snprintf(text + SERIAL_DIGITS + 2 * i, 3, "%02x", mac[i]);
	return result;
}

int nonce_make(struct nonces *nonces, struct str binding, uint64_t now_ms, char text[NONCE_TEXT])
{
	uint64_t serial = now_ms << SERIAL_MS_SHIFT;

	nonces->last = serial > nonces->last ? serial : nonces->last + 1;
	return format(nonces, nonces->last, binding, text);
}

/* Lower-case digits only: nonce_make() writes no others. */
static bool read_serial(struct str text, uint64_t *serial)
{
	*serial = 0;
	if (text.len != NONCE_TEXT - 1)
		return false;
	for (unsigned i = 0; i < SERIAL_DIGITS; i++) {
		char c = text.ptr[i];
		bool digit = c >= '0' && c <= '9';

		if (!digit && (c < 'a' || c > 'f'))
			return false;
		*serial = *serial << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
	}
	return true;
}

static bool is_old(uint64_t serial, uint64_t now_ms)
{
	return (serial >> SERIAL_MS_SHIFT) + NONCE_LIFETIME_MS <= now_ms;
}

enum nonce_verdict nonce_check(const struct nonces *nonces, struct str text, struct str binding,
			       uint64_t now_ms)
{
	char ours[NONCE_TEXT];
	uint64_t serial;

	if (!read_serial(text, &serial) || format(nonces, serial, binding, ours) < 0 ||
	    !tls_equal(ours, text.ptr, NONCE_TEXT - 1))
		return NONCE_FOREIGN;
	return is_old(serial, now_ms) ? NONCE_STALE : NONCE_GOOD;
}

/* Fibonacci hashing: serials that were given one after the other lie in different sets. */
static struct set *set_of(struct nonces *nonces, uint64_t serial)
{
	return &nonces->set[serial * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SET_BITS)];
}

static struct place *find(struct set *set, uint64_t serial)
{
	for (unsigned i = 0; i < WAYS; i++)
		if (set->place[i].serial == serial)
			return &set->place[i];
	return NULL;
}

/* A free one, that of a nonce which is too old anyway, else that of the oldest. */
static struct place *take_place(struct set *set, uint64_t now_ms)
{
	struct place *oldest = &set->place[0];

	for (unsigned i = 0; i < WAYS; i++)
		if (set->place[i].serial < oldest->serial)
			oldest = &set->place[i];
	if (oldest->serial && !is_old(oldest->serial, now_ms) && oldest->serial > set->forgotten)
		set->forgotten = oldest->serial;
	return oldest;
}

static bool window_use(struct place *place, uint32_t count)
{
	uint32_t ahead = count - place->highest, behind = place->highest - count;

	if (count == 0)
		return false;
	if (count > place->highest) {
		place->window = ahead < WINDOW ? place->window << ahead | 1 : 1;
		place->highest = count;
		return true;
	}
	if (behind >= WINDOW || place->window & UINT64_C(1) << behind)
		return false;
	place->window |= UINT64_C(1) << behind;
	return true;
}

enum nonce_verdict nonce_use(struct nonces *nonces, struct str text, uint32_t count,
			     uint64_t now_ms)
{
	uint64_t serial;
	struct place *place;
	struct set *set;

	if (!read_serial(text, &serial) || serial == 0)
		return NONCE_FOREIGN;
	set = set_of(nonces, serial);
	place = find(set, serial);
	if (!place && serial <= set->forgotten)
		return NONCE_STALE;
	if (!place) {
		place = take_place(set, now_ms);
		*place = (struct place){.serial = serial};
	}
	return window_use(place, count) ? NONCE_GOOD : NONCE_REPLAYED;
}
