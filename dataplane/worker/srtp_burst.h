/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP and SRTCP in bursts across streams: RFC 3711 on top of a crypto engine. Two phases each:
 * protect is a cipher burst, then a hash burst; unprotect the other way round. State (ROC, replay
 * window, SSRC) moves only after authentication.
 *
 * Thread: contexts and bursts belong to the worker that owns the stream. srtp_context_init() may
 * run in the main thread before the context is handed over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "crypto/engine.h"
#include "sluice_media.h"

#define SRTP_SSRC_MAX 8U /* synchronisation sources a leg; the oldest goes */

/* Bytes that protect may add: tag (10), SRTCP index (4), MKI (4); and room to write behind. */
#define SRTP_TRAILER_MAX 32U

/*
 * One direction of one leg: session keys for RTP and RTCP, and per SSRC the ROC, highest index and
 * replay windows. Its layout is in srtp_context.h; memory is the caller's, wiped by
 * srtp_context_wipe().
 */
struct srtp_context;

enum srtp_packet_kind { SRTP_PACKET_RTP, SRTP_PACKET_RTCP };

struct srtp_packet {
	struct srtp_context *context;
	uint8_t *data;     /* RTP or RTCP header; decrypted or encrypted in place */
	uint32_t length;   /* bytes; in and out */
	uint32_t capacity; /* bytes writable from data; at least length + SRTP_TRAILER_MAX */
	enum srtp_packet_kind kind;
	enum sluice_drop drop; /* out: NONE, or why the packet must go no further */
};

struct srtp_worker; /* scratch and the engine's worker context */

int srtp_worker_new(struct srtp_worker **worker, const struct crypto_engine *engine);
void srtp_worker_free(struct srtp_worker *worker);

/*
 * Derives the session keys of key (RFC 3711 4.3) and makes an empty context. Returns 0, -ENOTSUP
 * (suite), -EINVAL (key length, MKI).
 */
int srtp_context_init(struct srtp_context *context, struct srtp_worker *worker,
		      const struct sluice_key *key);
void srtp_context_wipe(struct srtp_context *context);
/* True when both were made from the same suite, master key, salt and MKI: a re-offer of the same
 * key keeps ROC and windows. Constant time in the key. */
bool srtp_context_same_key(const struct srtp_context *context, const struct sluice_key *key);
/* Packets that the key may still be used for, RTP or RTCP, whichever ends first (the lesser of SDES
 * lifetime and RFC 3711 9.2). */
uint64_t srtp_context_packets_left(const struct srtp_context *context);
/* True when 90 % of them are used, of RTP or of RTCP: time for a new key. */
bool srtp_context_near_limit(const struct srtp_context *context);

/*
 * n up to CRYPTO_BURST_MAX packets, of any mix of streams and kinds. Packets whose drop is not NONE
 * on entry are passed over. Packets of one stream are worked in their order in the burst; two with
 * the same index: the second is a REPLAY (or TX_INDEX).
 */
void srtp_unprotect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n);
void srtp_protect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n);
