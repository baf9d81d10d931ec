/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls of a measurement: opened through the sessions as the media API does it, and the phones
 * at both ends with their keys and sequence numbers.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "worker/srtp_burst.h"
#include "world.h"

#define CALLS_FRAME_HEADER (14U + 20U + 8U) /* Ethernet, IPv4, UDP */
#define CALLS_PAYLOAD 160U                  /* G.711, 20 ms */
#define CALLS_RTP_HEADER 12U
#define CALLS_FRAME_MAX 256U

/* What a phone sends to the relay, and what the phone at the other end is to get of it. */
struct stream {
	struct srtp_context *encrypt; /* NULL: plain RTP */
	struct srtp_context *decrypt; /* of the phone at the other end */
	uint32_t ssrc;
	uint32_t timestamp;
	uint16_t sequence; /* of the next packet */
	uint16_t from_port;
	uint16_t local_port; /* of the relay, where it sends to */
	uint16_t to_port;    /* of the other phone */
	uint8_t from_ip[4];
	uint8_t local_ip[4];
	uint8_t to_ip[4];
};

struct calls {
	uint32_t count;
	uint8_t suite[2];          /* enum sluice_suite of each leg */
	struct stream *stream[2];  /* by the leg whose phone sends, then by call */
	struct srtp_context *keys; /* memory of all contexts */
	size_t keys_size;
	struct srtp_worker *srtp; /* of the phones */
};

/*
 * Opens count calls between a leg inside with suite[0] and one outside with suite[1]. Sequence
 * numbers begin just below 2^15 (RFC 3711 3.3.1 asks for no more), each stream's elsewhere.
 * Returns 0 or -errno; says why on standard error.
 */
int calls_open(struct calls *calls, struct world *world, uint32_t count, const uint8_t suite[2]);
/* Closes them, and returns the packets that the relay's own counters say were received and sent. */
struct calls_counted {
	uint64_t received;
	uint64_t sent;
	uint64_t lost;
	uint64_t dropped;
};
struct calls_counted calls_close(struct calls *calls, struct world *world);
