/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source address may send to a leg: the agreed one, or with symmetric RTP (RFC 4961) one that
 * is latched. On an SRTP leg only an authenticated packet may move the address, at any time; on a
 * plain leg the first packet may, within what the mode allows, and then nobody but the agreed
 * address. One latch for RTP and, unless both share a port, one for RTCP.
 *
 * Thread: the worker that owns the stream.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How long after rtp_latch_set() any source may latch a plain leg. */
#define RTP_LATCH_ANY_MS 3000U

/* The numbers are those of enum sluice_latch. */
enum rtp_latch_mode {
	RTP_LATCH_STRICT = 0,  /* only the agreed address and port */
	RTP_LATCH_ADDRESS = 1, /* the agreed address, any port */
	RTP_LATCH_ANY = 2,     /* any source */
};

enum rtp_latch_leg { RTP_LATCH_PLAIN, RTP_LATCH_SRTP };

/* Laid out as struct sluice_addr. family 0: not set. */
struct rtp_address {
	uint8_t family; /* 0, 4 or 6 */
	uint8_t pad;
	uint16_t port;  /* host order */
	uint8_t ip[16]; /* network order; IPv4 in the first four bytes, the rest zero */
};

/* What signalling said. All bytes zero: nothing, and nobody may send. */
struct rtp_latch_rule {
	struct rtp_address agreed; /* by SDP */
	uint8_t mode;              /* enum rtp_latch_mode */
	uint8_t leg;               /* enum rtp_latch_leg */
	uint16_t any_until_high;   /* of the latch's any_until_low; not the caller's to set */
};

/* What came of it. Apart from the rule, since nearly every packet needs this half alone. */
struct rtp_latch {
	struct rtp_address source; /* latched, or agreed when strict; family 0: none yet */
	uint32_t any_until_low;    /* ms; with the rule's high part, when ANY is over */
};

enum rtp_latch_verdict {
	RTP_LATCH_REFUSED,   /* not a legitimate source */
	RTP_LATCH_ACCEPTED,  /* the source of this leg */
	RTP_LATCH_CANDIDATE, /* becomes the source if the packet is accepted: rtp_latch_commit() */
};

/*
 * Describes the leg anew: next becomes rule. A latched source stays when the rule is what it was,
 * so that a repeated SET does not open a plain leg again. now_ms: a clock that never goes back.
 */
void rtp_latch_set(struct rtp_latch *latch, struct rtp_latch_rule *rule,
		   const struct rtp_latch_rule *next, uint64_t now_ms);

static inline bool rtp_address_same_ip(const struct rtp_address *a, const struct rtp_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static inline bool rtp_address_equal(const struct rtp_address *a, const struct rtp_address *b)
{
	return rtp_address_same_ip(a, b) && a->port == b->port;
}

/* What a packet from this source, of the family of the leg, is worth. Changes nothing. */
enum rtp_latch_verdict rtp_latch_check(const struct rtp_latch *latch,
				       const struct rtp_latch_rule *rule,
				       const struct rtp_address *source, uint64_t now_ms);

/* The same, quick for the source that a leg has. */
static inline enum rtp_latch_verdict rtp_latch_check_quick(const struct rtp_latch *latch,
							   const struct rtp_latch_rule *rule,
							   const struct rtp_address *source,
							   uint64_t now_ms)
{
	if (source->family != 0 && rtp_address_equal(source, &latch->source))
		return RTP_LATCH_ACCEPTED;
	return rtp_latch_check(latch, rule, source, now_ms);
}

/* Moves the leg to the source of a CANDIDATE; on an SRTP leg only after authentication. */
void rtp_latch_commit(struct rtp_latch *latch, const struct rtp_address *source);

/* Where to send: the latched source, else the agreed address (family 0: not known). */
static inline const struct rtp_address *rtp_latch_peer(const struct rtp_latch *latch,
						       const struct rtp_latch_rule *rule)
{
	return latch->source.family != 0 ? &latch->source : &rule->agreed;
}

bool rtp_latch_rule_equal(const struct rtp_latch_rule *a, const struct rtp_latch_rule *b);
