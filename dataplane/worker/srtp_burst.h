/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP and SRTCP in bursts across streams: RFC 3711 and RFC 7714 on top of a crypto engine. Two
 * phases each: protect is a cipher burst, then a hash burst (HMAC, or the tag of GCM); unprotect
 * the other way round, so that nothing is decrypted that is not authentic. State (ROC, replay
 * window, SSRC) moves only after authentication.
 *
 * Thread: contexts and bursts belong to the worker that owns the stream. srtp_context_init() may
 * run in the main thread before the context is handed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
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

#define SRTP_KEYS_MAX SLUICE_RX_KEYS_MAX

/* The contexts of all master keys that a peer may encrypt with. Several are told apart by MKI. */
struct srtp_keys {
	struct srtp_context *context[SRTP_KEYS_MAX];
	unsigned count;
};

struct srtp_packet {
	/* Unprotect with keys: any of them; out: the one of the packet's MKI. */
	struct srtp_context *context;
	const struct srtp_keys *keys; /* NULL: context is the only one */
	uint8_t *data;                /* RTP or RTCP header; decrypted or encrypted in place */
	uint32_t length;              /* bytes; in and out */
	uint32_t capacity; /* bytes writable from data; at least length + SRTP_TRAILER_MAX */
	enum srtp_packet_kind kind;
	enum sluice_drop drop; /* out: NONE, or why the packet must go no further */
};

/* Brings what an RTP packet touches of its context on the way to the cache: its state and the key
 * of AES-128. To be called some work ahead of the burst. */
#define SRTP_CONTEXT_LINES 2U
static inline void srtp_context_fetch(const struct srtp_context *context)
{
	for (unsigned line = 0; line < SRTP_CONTEXT_LINES; line++)
		__builtin_prefetch((const uint8_t *)context + (size_t)64 * line);
}

struct srtp_worker; /* scratch and the engine's worker context */

/*
 * spares: how many contexts of this worker's streams may have more than one SSRC, 768 bytes each.
 * Further SSRCs of others are dropped (SSRC_LIMIT). Returns 0, -ENOMEM or -ENOTSUP (engine).
 */
int srtp_worker_new(struct srtp_worker **worker, const struct crypto_engine *engine,
		    unsigned spares);
/* Has that called during bursts, where the engine can; meanwhile stays the caller's. */
void srtp_worker_meanwhile(struct srtp_worker *worker, const struct crypto_meanwhile *meanwhile);
/* Once all contexts that it has worked are wiped. */
void srtp_worker_free(struct srtp_worker *worker);

/*
 * Bytes of a context of that suite (enum sluice_suite), aligned to 64; and of those what an RTP
 * packet of a stream with one SSRC touches. 0: no such suite.
 */
size_t srtp_context_size(unsigned suite);
size_t srtp_context_hot_size(unsigned suite);

/*
 * Derives the session keys of key (RFC 3711 4.3) and makes an empty context. Returns 0, -ENOTSUP
 * (suite), -EINVAL (key length, MKI).
 */
int srtp_context_init(struct srtp_context *context, struct srtp_worker *worker,
		      const struct sluice_key *key);
/*
 * After a re-key at the same address: tells a context just made of the sources of the one before,
 * so that their ROC goes on (RFC 3711 3.3.1). Sending: it does. Receiving: for the first packet of
 * each source the ROC kept is tried, then 0, and what authenticates stays. Not for a new address,
 * where ROCs begin at 0. Once for each context that there was, that of the last packet first.
 */
void srtp_context_rekey(struct srtp_worker *worker, struct srtp_context *context,
			const struct srtp_context *before);
/* Its end: session keys go back to the engine, memory for further SSRCs to its worker. worker: any
 * of that engine. Main thread, once no burst uses the context; one that is all zero is allowed. */
void srtp_context_wipe(struct srtp_context *context, struct srtp_worker *worker);
/*
 * Goes on with a key that was in use before, after a restart: indices up to key->resume count as
 * used. RESUME_SOURCE: what other sources had of it is not known; sending, their packets are
 * KEY_LIFETIME, and the context is near its limit. RESUME_ANY: it is of all of them, so each begins
 * behind what was sent; as long as a peer that hears one for the first time guesses its roll-over
 * counter right, which is below 2^15. For a context that no packet has passed yet.
 */
void srtp_context_resume(struct srtp_context *context, const struct sluice_key *key);
/* How far the source of the last packet has got; all 0 before the first, or when it cannot be told
 * now. Any thread: a glance. */
void srtp_context_position(const struct srtp_context *context, struct sluice_position *position);
/* One above the highest RTP index that may have been used for that SSRC; 0: none. */
uint64_t srtp_context_rtp_next(const struct srtp_context *context, uint32_t ssrc);
/*
 * True when both were made from the same suite, master key, salt and MKI: a re-offer of the same
 * key keeps ROC and windows. Master keys are not kept, so it is the session keys of SRTCP that are
 * derived again and compared; constant time in the key. worker: any of the engine.
 */
bool srtp_context_same_key(const struct srtp_context *context, struct srtp_worker *worker,
			   const struct sluice_key *key);
/* Its suite: enum sluice_suite. */
unsigned srtp_context_suite(const struct srtp_context *context);
/* Packets that the key may still be used for, RTP or RTCP, whichever ends first (the lesser of SDES
 * lifetime and RFC 3711 9.2). */
uint64_t srtp_context_packets_left(const struct srtp_context *context);
/* True when 90 % of them are used, of RTP or of RTCP, or when a source may not be sent under it:
 * time for a new key. */
bool srtp_context_near_limit(const struct srtp_context *context);

/*
 * n up to CRYPTO_BURST_MAX packets, of any mix of streams and kinds. Packets whose drop is not NONE
 * on entry are passed over. Packets of one stream are worked in their order in the burst; two with
 * the same index: the second is a REPLAY (or TX_INDEX). A context is used for one direction only.
 *
 * A packet that is dropped leaves ROC, windows and indices as they were, and keeps its length and
 * bytes: it may be tried with the context of another key.
 *
 * Several master keys of a peer: each has its own packets and replay windows, and the roll-over
 * counter of a source goes on from key to key (RFC 3711 3.2.1).
 *
 * Drops of unprotect: TRUNCATED, NOT_RTP, SRTCP_CLEAR, REPLAY, REPLAY_OLD, AUTH, MKI (of no key:
 * nothing is hashed), KEY_LIFETIME, SSRC_LIMIT (spares), NO_BUFFER (no memory for an RTCP key). Of
 * protect: TRUNCATED, NOT_RTP, MTU, NO_BUFFER (capacity, and as before), TX_INDEX, KEY_LIFETIME,
 * SSRC_LIMIT: 24 SSRCs (SRTP_SSRC_MAX live ones and 16 remembered) have
 * been sent under this key, and none may be forgotten, since it would begin its indices again.
 */
void srtp_unprotect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n);
void srtp_protect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n);
