/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker knows of a call: two legs, each with the rules for what comes from its peer, and
 * the way to it. The main thread fills it before handing it over, and then changes it by mail
 * alone; it reads the counters, and the terms while no mail is under way (session_view()).
 *
 * A call costs what stands here, so that every byte is counted: see the assertions below. A packet
 * of an established stream touches the first two lines of its own leg and the first of the other.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "media/latch.h"
#include "media/payload.h"
#include "media/renumber.h"
#include "media/rtcp_stats.h"
#include "media/stats.h"
#include "media/word.h"
#include "sluice_media.h"
#include "worker/srtp_burst.h"

enum leg_security {
	LEG_NO_KEY, /* not said yet whether RTP or SRTP: nothing passes */
	LEG_PLAIN,
	LEG_SRTP,
};

#define LEG_PAYLOAD_NONE 0xffU /* is no payload type */

enum leg_key_flag {
	LEG_TOLD_RX_LIMIT = 1U << 0,
	LEG_TOLD_TX_LIMIT = 1U << 1,
	LEG_HAS_KEYRING = 1U << 2, /* leg.keys is there: it lies in a line that few packets need */
};

/*
 * Numbers of a leg that only grow. They are 32 bits wide (those of drops 8); when one wraps the
 * main thread is told and keeps the carry: LEG_COUNT_DROPS + enum sluice_drop for those.
 */
enum leg_count {
	LEG_RECEIVED,
	LEG_RECEIVED_BYTES,
	LEG_RTCP_RECEIVED,
	LEG_SENT,
	LEG_SENT_BYTES,
	LEG_RTCP_SENT,
	LEG_COUNT_DROPS,
	LEG_COUNT_MAX = LEG_COUNT_DROPS + SLUICE_DROP_COUNT,
};

/*
 * Where a leg counts a reason to drop. The reasons before UNKNOWN_PORT are of packets whose leg is
 * not known, but for TRUNCATED; that has the place of UNKNOWN_PORT, which no leg has, AUTH_RATE
 * that of OWN_PACKET and KEEP_ALIVE that of HANDOFF_FULL: a call's memory has room for no more.
 */
#define LEG_DROP_FIRST SLUICE_DROP_UNKNOWN_PORT
#define LEG_DROPS ((unsigned)SLUICE_DROP_AUTH_RATE - (unsigned)LEG_DROP_FIRST)
static_assert((int)SLUICE_DROP_AUTH_RATE == (int)SLUICE_DROP_COUNT - 3 &&
		  (int)SLUICE_DROP_KEEP_ALIVE == (int)SLUICE_DROP_COUNT - 2 &&
		  (int)SLUICE_DROP_KERNEL_FULL == (int)SLUICE_DROP_COUNT - 1,
	      "have no place of their own");

static inline unsigned leg_drop_place(unsigned drop)
{
	switch (drop) {
	case SLUICE_DROP_TRUNCATED:
		return 0;
	case SLUICE_DROP_AUTH_RATE:
		return (unsigned)SLUICE_DROP_OWN_PACKET - (unsigned)LEG_DROP_FIRST;
	case SLUICE_DROP_KEEP_ALIVE:
		return (unsigned)SLUICE_DROP_HANDOFF_FULL - (unsigned)LEG_DROP_FIRST;
	default:
		return drop - LEG_DROP_FIRST;
	}
}

/* Whether a packet of a known leg can be dropped for it. */
static inline bool leg_can_drop(unsigned drop)
{
	return drop == SLUICE_DROP_TRUNCATED ||
	       (drop > LEG_DROP_FIRST && drop != SLUICE_DROP_OWN_PACKET &&
		drop != SLUICE_DROP_HANDOFF_FULL && drop != SLUICE_DROP_KERNEL_FULL);
}

/* The way to the peer of a leg; where to exactly the leg's latch says. main: wo (mail). */
struct leg_path {
	uint16_t hop; /* index of the hops (worker/hop.h), when drop is NONE */
	uint8_t drop; /* enum sluice_drop: NONE, or why no packet can go this way */
	uint8_t dscp;
};

/*
 * The receive keys of a leg that has several, or has old ones for packets in flight: there is no
 * such record otherwise. Made by the main thread, and not changed.
 */
struct leg_keyring {
	struct srtp_keys rx; /* leg.rx is one of them */
	struct srtp_keys rx_old;
};

/*
 * Lies at a cache line's begin, because its memory does (session/pool.h). Indices [2] are by enum
 * srtp_packet_kind: RTP, RTCP.
 */
struct leg {
	/* first line: what every RTP packet needs, from this peer or to it */
	struct srtp_context *rx;    /* the peer's key, of several that of the last packet. worker */
	struct srtp_context *tx;    /* our key towards the peer. main: wo (mail) */
	struct rtp_latch latch_rtp; /* worker */
	struct leg_path path[2];
	uint8_t direction;   /* enum sluice_direction. main: wo (mail) */
	uint8_t rx_security; /* enum leg_security. main: wo (mail) */
	uint8_t tx_security; /* the same */
	uint8_t number;      /* 0 or 1; constant */
	uint32_t sent;       /* worker: wo; main: ro */
	uint32_t sent_bytes; /* the same */
	uint16_t port;       /* local RTP port, even; constant */
	uint8_t address;     /* index of the worker's addresses; constant */
	uint8_t rtcp_mux;    /* main: wo (mail) */
	/* second line: what every accepted RTP packet from this peer needs */
	struct rtp_stats stats;  /* worker: wo; main: a glance */
	uint32_t received_bytes; /* worker: wo; main: ro */
	uint32_t last_rx_ms;    /* the same: the clock's lower half at the last accepted RTP packet;
				   0: none yet */
	uint8_t payload_type;   /* worker: wo; main: ro: of the last speech packet */
	uint8_t payload_other;  /* worker: what the other leg calls that */
	uint16_t payload_clock; /* worker: wo; main: ro: its clock in RTP_CLOCK_UNIT_HZ; 0: ask the
				   map */
	uint32_t rate_interval; /* of the rate of this leg's source; main: wo (mail) */
	uint32_t rate_next;     /* worker; see rate.h */
	uint8_t latch_untold;   /* worker: bit (1 << kind): main does not know the latch yet */
	uint8_t key_flags;      /* worker: enum leg_key_flag */
	uint8_t latch_version[2]; /* worker: wo; main: ro; odd while the latch is written */
	/* third line: what only another source, a re-key or a repeated SET asks for */
	struct rtp_latch_rule rule[2];  /* main: wo (mail) */
	const struct leg_keyring *keys; /* NULL: rx is the only one. main: wo (mail) */
	uint16_t latch_epoch[2];        /* of the last rule, echoed in events. main: wo (mail) */
	uint32_t ssrc_told_ms;          /* worker: when SSRC_CHANGED was last told */
	/* fourth line: numbers of what is sent with tx; the latch of RTCP's own port */
	struct rtp_renumber renumber; /* worker */
	struct rtp_latch latch_rtcp;  /* worker */
	uint32_t candidate_next; /* worker: rate of any other source that may become the peer */
	uint8_t capture;         /* worker: capture_tag(), or CAPTURE_NONE; of both legs the same */
	uint8_t pad;
	uint16_t payloads; /* index of the worker's payload maps. main: wo (mail) */
};
static_assert(offsetof(struct leg, stats) == 64, "the first line");
static_assert(offsetof(struct leg, rule) == 128, "the second line");
static_assert(sizeof(struct leg) == 256, "four lines a leg");

/* What RTCP and events need of a leg: twelve times a minute. */
struct leg_seldom {
	uint32_t rtcp_received; /* worker: wo; main: ro */
	uint32_t rtcp_sent;     /* the same */
	struct rtcp_stats rtcp; /* worker: wo; main: a glance */
	uint32_t last_rtcp_ms;  /* worker: wo; main: ro: as leg.last_rx_ms, of RTCP */
};

struct media {
	struct leg leg[2];
	struct leg_seldom seldom[2]; /* by leg */
	uint64_t session;            /* id, echoed in events; constant */
	uint32_t serial; /* of this opening of the session, echoed in events; constant */
	uint8_t worker;  /* that owns it; constant */
	uint8_t capture; /* main: what runs, as leg.capture will be */
	uint8_t drops[2][LEG_DROPS]; /* by leg, leg_drop_place(). worker: wo; main: ro */
};

static inline struct leg *leg_other(struct leg *leg)
{
	return leg->number ? leg - 1 : leg + 1;
}

static inline struct media *leg_media(struct leg *leg)
{
	return (struct media *)(leg - leg->number);
}

static inline struct leg_seldom *leg_seldom(struct leg *leg)
{
	return &leg_media(leg)->seldom[leg->number];
}

/* Worker: leg.keys. */
static inline const struct leg_keyring *leg_keyring(const struct leg *leg)
{
	return leg->key_flags & LEG_HAS_KEYRING ? leg->keys : NULL;
}

static inline void leg_rx_set(struct leg *leg, struct srtp_context *context)
{
	__atomic_store_n(&leg->rx, context, __ATOMIC_RELAXED);
}

static inline struct srtp_context *leg_rx_get(const struct leg *leg)
{
	return __atomic_load_n(&leg->rx, __ATOMIC_RELAXED);
}

/* All that the peer may encrypt with. */
static inline struct srtp_keys leg_rx_keys(const struct leg *leg)
{
	struct srtp_context *rx = leg_rx_get(leg);

	return leg->keys ? leg->keys->rx : (struct srtp_keys){.context = {rx}, .count = rx != NULL};
}

static inline struct rtp_latch *leg_latch(struct leg *leg, unsigned kind)
{
	return kind == SRTP_PACKET_RTP ? &leg->latch_rtp : &leg->latch_rtcp;
}

/* The address that packets of that kind are sent to; family 0: not known. */
static inline const struct rtp_address *leg_peer(struct leg *leg, unsigned kind)
{
	unsigned way = leg->rtcp_mux ? (unsigned)SRTP_PACKET_RTP : kind;

	return rtp_latch_peer(leg_latch(leg, way), &leg->rule[way]);
}

/* An address as the words in which another thread may see it. */
typedef uint32_t __attribute__((may_alias)) latch_word;
#define LATCH_WORDS (sizeof(struct rtp_address) / sizeof(latch_word))

/* The worker, whenever a latch moves: so that leg_latch_glance() sees all of it or nothing. */
static inline void leg_latch_store(struct leg *leg, unsigned kind, const struct rtp_latch *moved)
{
	struct rtp_latch *latch = leg_latch(leg, kind);
	uint8_t *version = &leg->latch_version[kind];
	latch_word words[LATCH_WORDS];

	memcpy(words, &moved->source, sizeof(words));
	__atomic_store_n(version, (uint8_t)(*version + 1), __ATOMIC_RELAXED);
	for (unsigned i = 0; i < LATCH_WORDS; i++)
		__atomic_store_n((latch_word *)&latch->source + i, words[i], __ATOMIC_RELEASE);
	__atomic_store_n(version, (uint8_t)(*version + 1), __ATOMIC_RELEASE);
	latch->any_until_low = moved->any_until_low;
}

/* The main thread: the source that is latched now. False when it was being moved all the time. */
static inline bool leg_latch_glance(struct leg *leg, unsigned kind, struct rtp_address *source)
{
	struct rtp_latch *latch = leg_latch(leg, kind);
	latch_word words[LATCH_WORDS];

	for (unsigned tries = 0; tries < 100; tries++) {
		uint8_t version = __atomic_load_n(&leg->latch_version[kind], __ATOMIC_ACQUIRE);

		for (unsigned i = 0; i < LATCH_WORDS; i++)
			words[i] =
			    __atomic_load_n((latch_word *)&latch->source + i, __ATOMIC_ACQUIRE);
		if (version & 1 ||
		    version != __atomic_load_n(&leg->latch_version[kind], __ATOMIC_RELAXED))
			continue;
		memcpy(source, words, sizeof(*source));
		return true;
	}
	return false;
}

/* Counters of a whole worker, which are 64 bits wide; see media/word.h. */
static inline void counter_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

static inline void counter_add(uint64_t *counter, uint64_t n)
{
	counter_set(counter, *counter + n);
}

static inline uint64_t counter_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}
