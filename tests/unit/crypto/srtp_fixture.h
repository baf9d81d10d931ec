/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the SRTP tests share: an engine that counts its HMACs and tags of GCM, keys, packets. */
#pragma once

#include <string.h>

#include "../engine_under_test.h"
#include "media/rtp.h"
#include "worker/srtp_context.h"
#include "worker/srtp_worker.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define SSRC 0xfeedbeefU
#define SPARES 4U /* contexts with more than one SSRC at a time */
#define PAYLOAD_BYTES 160U
#define RTP_BYTES (RTP_HEADER_MIN + PAYLOAD_BYTES)
#define RTCP_BYTES 28U
#define INDEX(roc, sequence) ((uint64_t)(roc) << 16 | (sequence))

static unsigned hmacs; /* made since somebody set it to 0 */

static void counting_tag_burst(struct crypto_engine_worker *engine_worker, struct crypto_op *ops,
			       unsigned n)
{
	hmacs += n;
	engine_under_test()->tag_burst(engine_worker, ops, n);
}

static struct crypto_engine counting_engine;
static struct srtp_worker *worker;

static int fixture_setup(void **state)
{
	(void)state;
	counting_engine = *engine_under_test();
	counting_engine.tag_burst = counting_tag_burst;
	return srtp_worker_new(&worker, &counting_engine, SPARES);
}

static int fixture_teardown(void **state)
{
	(void)state;
	srtp_worker_free(worker);
	worker = NULL;
	return 0;
}

static inline struct sluice_key key_of(enum sluice_suite suite, uint8_t first)
{
	const struct rtp_suite *facts = rtp_suite_find(suite);
	struct sluice_key key = {.suite = (uint8_t)suite};

	if (facts)
		key.key_len = (uint8_t)(facts->key_length + facts->salt_length);
	for (unsigned i = 0; i < key.key_len; i++)
		key.key[i] = (uint8_t)(first + 7 * i);
	return key;
}

/* A packet with the room that the contract asks for. */
struct wire {
	uint8_t bytes[2048];
	uint32_t length;
	enum srtp_packet_kind kind;
};

static inline struct wire rtp_wire(uint32_t ssrc, uint16_t sequence)
{
	struct wire wire = {.length = RTP_BYTES, .kind = SRTP_PACKET_RTP};

	wire.bytes[0] = 0x80;
	wire.bytes[1] = 8;
	bytes_put_be16(wire.bytes + 2, sequence);
	bytes_put_be32(wire.bytes + 4, 160U * sequence);
	bytes_put_be32(wire.bytes + 8, ssrc);
	memset(wire.bytes + RTP_HEADER_MIN, 0x55, PAYLOAD_BYTES);
	return wire;
}

static inline struct wire rtcp_wire(uint32_t ssrc)
{
	struct wire wire = {.length = RTCP_BYTES, .kind = SRTP_PACKET_RTCP};

	wire.bytes[0] = 0x80;
	wire.bytes[1] = RTCP_SR;
	bytes_put_be16(wire.bytes + 2, RTCP_BYTES / 4 - 1);
	bytes_put_be32(wire.bytes + 4, ssrc);
	memset(wire.bytes + 8, 0x33, RTCP_BYTES - 8);
	return wire;
}

typedef void burst_fn(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n);

static inline struct srtp_packet packet_of(struct srtp_context *context, struct wire *wire)
{
	return (struct srtp_packet){.context = context,
				    .data = wire->bytes,
				    .length = wire->length,
				    .capacity = sizeof(wire->bytes),
				    .kind = wire->kind};
}

/* One packet through protect or unprotect; its length changes only when it was not dropped. */
static inline enum sluice_drop work(burst_fn *burst, struct srtp_context *context,
				    struct wire *wire)
{
	struct srtp_packet packet = packet_of(context, wire);

	burst(worker, &packet, 1);
	wire->length = packet.length;
	return packet.drop;
}

static inline enum sluice_drop protect(struct srtp_context *context, struct wire *wire)
{
	return work(srtp_protect_burst, context, wire);
}

static inline enum sluice_drop unprotect(struct srtp_context *context, struct wire *wire)
{
	return work(srtp_unprotect_burst, context, wire);
}

/* As if packets up to that index had passed. */
static inline void advance_rtp(struct srtp_context *context, uint32_t ssrc, uint64_t index)
{
	srtp_source_take(worker, context, ssrc, SRTP_SOURCE_KEEP);
	rtp_replay_commit(&context->rtp, index);
}

static inline void advance_rtcp(struct srtp_context *context, uint32_t ssrc, uint32_t index)
{
	struct rtp_replay window;

	srtp_source_take(worker, context, ssrc, SRTP_SOURCE_KEEP);
	window = srtp_rtcp_window(context);
	rtp_replay_commit(&window, index);
	srtp_rtcp_window_set(context, &window);
}

static inline unsigned source_count(const struct srtp_context *context)
{
	const struct srtp_others *others = srtp_others(context);

	return (context->has_source != 0) + (others ? others->count : 0U);
}

/* What a peer with that key sends as packet number index of ssrc, whatever came before. */
static inline struct wire sealed_rtp(const struct sluice_key *key, uint32_t ssrc, uint64_t index)
{
	struct wire wire = rtp_wire(ssrc, (uint16_t)index);
	struct srtp_context sender;

	srtp_context_init(&sender, worker, key);
	if (index > 0)
		advance_rtp(&sender, ssrc, index - 1);
	protect(&sender, &wire);
	return wire;
}

static inline struct wire sealed_rtcp(const struct sluice_key *key, uint32_t ssrc, uint32_t index)
{
	struct wire wire = rtcp_wire(ssrc);
	struct srtp_context sender;

	srtp_context_init(&sender, worker, key);
	if (index > 0)
		advance_rtcp(&sender, ssrc, index - 1);
	protect(&sender, &wire);
	return wire;
}
