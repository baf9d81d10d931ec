/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker knows of a call: two legs, each with the rules for what comes from its peer and the
 * path to it. All of it is written by the owning worker alone (the main thread fills it before
 * handing it over, and afterwards only sends mail); the main thread reads the counters.
 */
#pragma once

#include <stdalign.h>
#include <stdint.h>

#include "media/latch.h"
#include "media/renumber.h"
#include "media/stats.h"
#include "sluice_media.h"
#include "worker/path.h"
#include "worker/rate.h"
#include "worker/srtp_burst.h"

enum leg_security {
	LEG_NO_KEY, /* not said yet whether RTP or SRTP: nothing passes */
	LEG_PLAIN,
	LEG_SRTP,
};

enum leg_key_told { LEG_TOLD_RX_LIMIT = 1U << 0, LEG_TOLD_TX_LIMIT = 1U << 1 };

/* worker: wo; main thread: ro. Relaxed atomics, see counter_add(). */
struct leg_counters {
	uint64_t received;
	uint64_t received_bytes;
	uint64_t rtcp_received;
	uint64_t lost;
	uint64_t reordered;
	uint64_t jitter_us;
	uint64_t ssrc;
	uint64_t last_rx_tsc; /* of the last accepted RTP packet; 0: none yet */
	uint64_t sent;
	uint64_t sent_bytes;
	uint64_t rtcp_sent;
	uint64_t drops[SLUICE_DROP_COUNT];
};

/* Indices [2] are by enum srtp_packet_kind: RTP, RTCP. */
struct leg {
	/* whether a packet from the peer may come in */
	alignas(64) struct leg *other;
	struct srtp_context *rx;     /* the peer's key, of several that of the last packet.
					worker: wo; main thread: ro, relaxed atomic */
	struct srtp_context *rx_old; /* any of the keys before it, for packets in flight */
	struct srtp_context *tx;     /* our key towards the peer */
	uint8_t rx_security;         /* enum leg_security */
	uint8_t tx_security;
	uint8_t direction;    /* enum sluice_direction */
	uint8_t number;       /* 0 or 1 */
	uint8_t latch_untold; /* bit (1 << kind): the main thread does not know the latch yet */
	uint8_t key_told;     /* enum leg_key_told */
	uint16_t port;        /* local RTP port, even */
	uint32_t address;     /* index of the worker's addresses */
	uint8_t capture;      /* capture_tag(), or CAPTURE_NONE; of both legs the same */
	uint64_t session;
	/* second line */
	uint32_t latch_epoch[2];    /* of the last latch settings, echoed in events */
	struct rate rate;           /* from the source of this leg */
	struct rate candidate_rate; /* from any other that may become it */
	uint64_t serial;            /* of this opening of the session, echoed in events */
	uint64_t ssrc_told_tsc;     /* when SSRC_CHANGED was last told */
	alignas(64) struct rtp_latch latch[2]; /* by the local port that the packet came to */
	struct rtp_stats stats;
	struct rtp_renumber renumber;          /* of what is sent with tx */
	struct path path[2];                   /* to the peer */
	struct srtp_keys rx_keys, rx_old_keys; /* all of them: rx is one of rx_keys */
	alignas(64) struct leg_counters counters;
};

struct media {
	struct leg leg[2];
};

/* Counters have one writer, so that an increment needs no locked instruction; the atomic store only
 * keeps a reader from seeing half a word. */
static inline void counter_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

static inline void counter_add(uint64_t *counter, uint64_t n)
{
	counter_set(counter, *counter + n);
}

static inline void leg_rx_set(struct leg *leg, struct srtp_context *context)
{
	__atomic_store_n(&leg->rx, context, __ATOMIC_RELAXED);
}

static inline const struct srtp_context *leg_rx_get(const struct leg *leg)
{
	return __atomic_load_n(&leg->rx, __ATOMIC_RELAXED);
}

static inline uint64_t counter_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}
