/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout of an SRTP context: one direction of one leg. What an RTP packet touches comes first and
 * together; what only RTCP, a second SSRC or a re-offer touches comes last.
 *
 * Thread: the worker that owns the stream, once handed over; main thread before.
 */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/engine.h"
#include "media/replay.h"
#include "media/suite.h"
#include "worker/srtp_burst.h"

/* One SSRC in one direction: a cache line. */
struct srtp_source {
	alignas(64) struct rtp_replay rtp; /* highest: the 48-bit index, so ROC and s_l as well;
					      not started: that of the key before, or 0 */
	struct rtp_replay rtcp; /* highest: the 31-bit index; of ours the last one used */
	uint64_t last_used;     /* the context's tick */
	uint32_t ssrc;
	uint32_t pad;
};
static_assert(sizeof(struct srtp_source) == 64, "a source is one cache line");

/*
 * What stays of a source that had to make room: enough that its indices are never accepted again
 * (receive) nor used again (transmit). A number is one above the highest index; 0: none yet.
 */
struct srtp_retired {
	uint64_t rtp_next;
	uint32_t rtcp_next;
	uint32_t ssrc;
};

#define SRTP_RETIRED_MAX 16U

struct srtp_context {
	alignas(64) uint8_t rtp_salt[16]; /* session salt, then zeros (rtp_iv()) */
	uint64_t rtp_left;                /* packets the master key may still be used for */
	uint64_t tick;                    /* counts packets, to know the oldest source */
	uint8_t mki[4];                   /* network order, mki_length bytes of it */
	uint8_t mki_length;
	uint8_t rtp_tag_length;
	uint8_t rtcp_tag_length;
	uint8_t suite; /* enum sluice_suite */
	uint8_t source_count;
	uint8_t source_last; /* slot of the last packet: nearly always that of the next */
	uint8_t retired_count;
	uint8_t retired_next; /* slot of the oldest once all are taken */
	bool aead;            /* the tag is part of what is encrypted (RFC 7714) */
	uint8_t pad[11];

	struct crypto_key rtp_key;
	struct srtp_source source[SRTP_SSRC_MAX];

	struct crypto_key rtcp_key;
	uint8_t rtcp_salt[16];
	uint64_t rtcp_left;
	uint64_t rtp_limit; /* what rtp_left and rtcp_left began with */
	uint64_t rtcp_limit;
	uint8_t master[SLUICE_KEY_MAX]; /* key and salt: srtp_context_same_key() */
	uint8_t master_length;
	uint8_t pad2[1];
	struct srtp_retired retired[SRTP_RETIRED_MAX];
};

/*
 * An RTP packet of a stream with one SSRC touches the first line, the key and one source, in each
 * of the two contexts it crosses: less than 1 KiB. The whole is what a leg costs in one direction.
 */
static_assert(offsetof(struct srtp_context, rtp_key) == 64, "one line before the key");
static_assert(2 * offsetof(struct srtp_context, source[1]) <= 1024, "hot state of a stream");
static_assert(sizeof(struct srtp_context) <= 1664, "SRTP state of a leg in one direction");

/*
 * The source of that SSRC without moving anything: in its slot, or rebuilt in scratch from what was
 * kept when it retired. NULL when the context has never seen it, or has forgotten it.
 */
const struct srtp_source *srtp_source_peek(const struct srtp_context *context, uint32_t ssrc,
					   struct srtp_source *scratch);

enum srtp_source_room {
	SRTP_SOURCE_FORGET, /* receive: the longest retired source is forgotten */
	SRTP_SOURCE_KEEP,   /* transmit: never, since its indices could be used again */
};

/*
 * The slot of that SSRC, for a packet that is accepted; made when there is none, where the source
 * that was silent longest retires. NULL only with SRTP_SOURCE_KEEP: no room
 * (SLUICE_DROP_SSRC_LIMIT).
 */
struct srtp_source *srtp_source_take(struct srtp_context *context, uint32_t ssrc,
				     enum srtp_source_room room);
