/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls: opened in the data plane as a control plane would, through the media API; and the
 * phones at both ends with their keys and what they have sent and heard.
 *
 * Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../common/seen.h"
#include "sluice_client.h"
#include "wire.h"
#include "worker/srtp_burst.h"

/* What a phone sends, and what the phone at the other end has heard of it. */
struct stream {
	struct way way;
	struct srtp_context *encrypt; /* NULL: plain RTP */
	struct srtp_context *decrypt; /* of the other phone */
	uint32_t ssrc;
	uint32_t place;    /* among the streams of its leg, in the order in which they send */
	uint32_t made;     /* packets: the number of the next one's mark */
	struct seen heard; /* by the numbers of their marks */
	uint16_t number;   /* RTP sequence number of mark 0 */
	uint16_t shift;    /* what the relay added to it, known from the first packet on */
	bool shift_known;
	uint8_t leg;           /* whose phone sends */
	uint16_t heard_length; /* bytes of a packet of it as the other phone gets it */
};

struct phones {
	const struct options *options;
	struct sluice_client *client; /* NULL: no relay */
	uint64_t session_first;
	uint32_t open; /* sessions that are */
	uint32_t count;
	struct stream *stream[2];  /* by the leg whose phone sends, then by call */
	struct srtp_context *keys; /* memory of all contexts */
	struct srtp_worker *srtp;
	struct sluice_stats before; /* of the data plane */
};

/* What the relay itself counted of our calls. */
struct phones_relay {
	bool known;
	uint64_t received;
	uint64_t relayed;
	uint64_t drops[32]; /* by enum sluice_drop, of the whole data plane while we ran */
};

/* Opens all calls; *stop set by a signal ends it. Returns 0 or -errno; says why. */
int phones_open(struct phones *phones, const struct options *options, struct wire *wire,
		const volatile int *stop);
/* A media port of the relay, at its end of that leg, that no call has now. Not towards a mirror.
 * Returns 0 or -errno. */
int phones_free_port(struct phones *phones, unsigned leg, uint16_t *port);
/* What the relay counted since. */
struct phones_relay phones_ask(struct phones *phones);
/* Closes what was opened, wipes the keys. */
void phones_close(struct phones *phones);
