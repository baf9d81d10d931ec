/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources that misbehave are banned for a while: their connections are closed before TLS costs us
 * anything. Each offence weighs; weights fade with time; too much weight bans, each time longer.
 * A source is an IPv4 address, or the /64 of an IPv6 address. Only those whose address a TCP
 * handshake has proven are judged, or a nonce that was sent there and came back: a forged datagram
 * must not ban whom it names.
 *
 * Memory is bounded: where more sources misbehave than there is room for, the one that weighs least
 * is forgotten. Which sources share a place depends on a random key.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* X(SYMBOL, "name", weight in thousandths): a source is banned when it weighs BAN_WEIGHT. */
#define BAN_OFFENCE_LIST(X)                                            \
	X(UNKNOWN_SOURCE, "not an address of a configured peer", 500)  \
	X(TLS_FAILED, "TLS handshake failed", 1000)                    \
	X(UNKNOWN_IDENTITY, "certificate of no configured peer", 1000) \
	X(TIMEOUT, "handshake took too long", 1000)                    \
	X(LIMIT, "too many connections of that address", 200)          \
	X(MESSAGES, "too many messages a second", 2000)                \
	X(CREDENTIALS, "wrong user or password", 1000)

enum ban_offence {
#define BAN_OFFENCE_ENUM(symbol, name, weight) BAN_##symbol,
	BAN_OFFENCE_LIST(BAN_OFFENCE_ENUM)
#undef BAN_OFFENCE_ENUM
};

#define BAN_WEIGHT 10000U   /* thousandths */
#define BAN_FADES_MS 6000U  /* in which a weight of one thousand fades */
#define BAN_FIRST_MS 60000U /* doubles with each further ban */
#define BAN_LONGEST_MS 14400000U
#define BAN_FORGOTTEN_MS 86400000U /* without an offence: the next ban is a first one */

struct ban {
	struct sockaddr_storage source; /* without port; of IPv6 the last 64 bits are 0 */
	enum ban_offence offence;       /* the last */
	unsigned times;                 /* banned so far */
	uint64_t until_ms;              /* 0: not banned */
	uint64_t refused;               /* connections, of this ban */
	uint64_t weight;                /* at judged_ms, in thousandths */
	uint64_t judged_ms;
};

struct bans;

struct bans *bans_new(void);       /* NULL: out of memory, or no random numbers */
void bans_free(struct bans *bans); /* NULL is fine */

/* True when it has just been banned by this offence: *until_ms says until when. */
bool ban_judge(struct bans *bans, const struct sockaddr *source, enum ban_offence offence,
	       uint64_t now_ms, uint64_t *until_ms);
/* Whether a connection of source is to be refused; counts it. */
bool ban_refuses(struct bans *bans, const struct sockaddr *source, uint64_t now_ms);
/* Lifts the ban, and forgets the source. False: there is none. */
bool ban_lift(struct bans *bans, const struct sockaddr *source, uint64_t now_ms);
/* Those that are banned now. */
void ban_each(const struct bans *bans, uint64_t now_ms,
	      void (*each)(void *user, const struct ban *ban), void *user);

const char *ban_offence_text(enum ban_offence offence);
