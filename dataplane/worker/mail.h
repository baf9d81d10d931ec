/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the main thread and a worker tell each other. Mail goes to the worker by a ring, is carried
 * out between two bursts, and comes back by another ring: from then on the worker holds no pointer
 * that the mail took away from it. That is the grace period.
 *
 * Memory: mail and all it points to belong to the main thread.
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "media/latch.h"
#include "worker/leg.h"

enum mail_kind {
	MAIL_LEG,     /* what parts names of a leg changes */
	MAIL_GRACE,   /* media has left the stream table: no burst holds it when the mail is back */
	MAIL_CAPTURE, /* its packets are captured from now on, or no more */
};

enum mail_part {
	MAIL_RX_KEY = 1U << 0,    /* rx_security, rx */
	MAIL_RX_OLD = 1U << 1,    /* rx_old: the keys before, or none */
	MAIL_TX_KEY = 1U << 2,    /* tx_security, tx */
	MAIL_DIRECTION = 1U << 3, /* direction, rtcp_mux */
	MAIL_RATE = 1U << 4,
	MAIL_LATCH_RTP = 1U << 5,
	MAIL_LATCH_RTCP = 1U << 6,
	MAIL_PATH_RTP = 1U << 7,
	MAIL_PATH_RTCP = 1U << 8,
	MAIL_REKEY = 1U << 9, /* the new keys are for the same address: ROCs go on */
	MAIL_PAYLOADS = 1U << 14,
};

/* The part for a kind of packet: MAIL_OF(LATCH, kind), MAIL_OF(PATH, kind). */
#define MAIL_OF(part, kind) ((unsigned)MAIL_##part##_RTP << (kind))

/*
 * All that the main thread says of a leg: whole in every mail of the leg, so that the newest mail
 * under way, or else the leg, is what was said last. [2]: by enum srtp_packet_kind.
 */
struct leg_terms {
	struct srtp_keys rx, rx_old;
	const struct leg_keyring *keys; /* the same again, when needed: leg.keys */
	struct srtp_context *tx;
	struct rtp_latch_rule rule[2];
	uint16_t latch_epoch[2];
	struct leg_path path[2];
	uint32_t rate_interval;
	uint8_t rx_security; /* enum leg_security */
	uint8_t tx_security;
	uint8_t direction;
	uint8_t rtcp_mux;
	uint16_t payloads; /* index of the payload maps */
};

#define MAIL_RETIRED_MAX (2 * SRTP_KEYS_MAX + 1) /* receive keys, those before them, our own */

struct mail {
	enum mail_kind kind;
	struct media *media;
	/* MAIL_LEG; worker: ro */
	unsigned leg;
	unsigned parts; /* enum mail_part: which of the terms changed */
	struct leg_terms terms;
	/* MAIL_CAPTURE; worker: ro */
	uint8_t capture; /* capture_tag(), or CAPTURE_NONE */
	struct capture_ring *capture_ring;
	/* main thread only */
	struct mail *next;                              /* while it waits for room in the ring */
	struct srtp_context *retired[MAIL_RETIRED_MAX]; /* to free when the mail is back */
	unsigned retired_count;
	const struct leg_keyring *retired_keys; /* the same */
	struct leg_path retired_path[2];        /* their hops, the same */
	uint16_t retired_payloads;              /* index of the payload maps, the same; 0: none */
	uint8_t capture_over; /* MAIL_CAPTURE: tag of the one that ends when the mail is back */
};

enum worker_event_type {
	WORKER_EVENT_LATCHED,      /* address: the new source of kind */
	WORKER_EVENT_SSRC_CHANGED, /* value: the new SSRC */
	WORKER_EVENT_KEY_LIMIT,    /* value: packets left */
	WORKER_EVENT_CARRY,        /* value: enum leg_count, which has wrapped once more */
};

struct worker_event {
	uint64_t session;
	uint64_t value;
	uint32_t serial; /* of the session's opening */
	uint16_t latch_epoch;
	uint16_t pad2;
	struct rtp_address address;
	uint8_t type; /* enum worker_event_type */
	uint8_t leg;
	uint8_t kind;      /* enum srtp_packet_kind */
	uint8_t direction; /* KEY_LIMIT: enum sluice_direction */
};
static_assert(sizeof(struct worker_event) % 4 == 0, "rte_ring element");
