/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SRTP bursts of the data plane, called as its pipeline calls them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/engine.h"
#include "options.h"
#include "subject.h"
#include "worker/srtp_burst.h"
#include "worker/srtp_context.h"

struct sluice_state {
	struct srtp_worker *worker;
	uint32_t streams; /* that have contexts, or zeros */
	uint8_t *tx;      /* contexts */
	uint8_t *rx;
	size_t context_size;
	size_t size; /* bytes of each */
	struct srtp_packet burst[CRYPTO_BURST_MAX];
};

uint32_t sluice_hot_bytes(uint8_t suite)
{
	return (uint32_t)(2 * srtp_context_hot_size(suite));
}

/* As the pool has them: whole cache lines. */
static size_t context_bytes(uint8_t suite)
{
	return (srtp_context_size(suite) + 63) & ~(size_t)63;
}

uint32_t sluice_context_bytes(uint8_t suite)
{
	return (uint32_t)(2 * context_bytes(suite));
}

const char *sluice_features(void)
{
	static char features[64];

	if (crypto_engine_ipsec_mb.probe(features, sizeof(features)) < 0)
		features[0] = '\0';
	return features;
}

static struct srtp_context *context_at(const struct sluice_state *state, uint8_t *contexts,
				       uint32_t stream)
{
	return (struct srtp_context *)(contexts + stream * state->context_size);
}

static void sluice_close(void *opaque)
{
	struct sluice_state *state = opaque;

	for (uint32_t i = 0; i < state->streams; i++) {
		srtp_context_wipe(context_at(state, state->tx, i), state->worker);
		srtp_context_wipe(context_at(state, state->rx, i), state->worker);
	}
	pages_free(state->tx, state->size);
	pages_free(state->rx, state->size);
	srtp_worker_free(state->worker);
	free(state);
}

static int contexts_init(struct sluice_state *state, const struct subject_options *options)
{
	int result = 0;

	state->streams = options->streams;
	for (uint32_t i = 0; i < options->streams && result == 0; i++) {
		struct sluice_key key = {
		    .suite = options->suite->id,
		    .key_len = (uint8_t)(options->suite->key_length + options->suite->salt_length),
		};

		random_fill(key.key, key.key_len);
		result = srtp_context_init(context_at(state, state->tx, i), state->worker, &key);
		if (result == 0)
			result =
			    srtp_context_init(context_at(state, state->rx, i), state->worker, &key);
	}
	return result;
}

static int engine_open(const struct crypto_engine *engine, void **opaque,
		       const struct subject_options *options)
{
	struct sluice_state *state = calloc(1, sizeof(*state));
	int result;

	if (!state)
		return -ENOMEM;
	result = srtp_worker_new(&state->worker, engine, 0);
	if (result < 0)
		goto fail;
	state->context_size = context_bytes(options->suite->id);
	state->size = options->streams * state->context_size;
	state->tx = pages_new(state->size, options->huge);
	state->rx = pages_new(state->size, options->huge);
	result = state->tx && state->rx ? contexts_init(state, options) : -ENOMEM;
	if (result < 0)
		goto fail;
	*opaque = state;
	return 0;
fail:
	sluice_close(state);
	return result;
}

static int ipsec_mb_open(void **opaque, const struct subject_options *options)
{
	return engine_open(&crypto_engine_ipsec_mb, opaque, options);
}

static int libsrtp_open(void **opaque, const struct subject_options *options)
{
	return engine_open(&crypto_engine_libsrtp, opaque, options);
}

static void burst_put(struct sluice_state *state, const struct batch_packet *batch, uint32_t n,
		      uint8_t *contexts, enum batch_kind kind)
{
	for (uint32_t i = 0; i < n; i++)
		state->burst[i] = (struct srtp_packet){
		    .context = context_at(state, contexts, batch[i].stream),
		    .data = batch[i].data,
		    .length = batch[i].length,
		    .capacity = BATCH_CAPACITY,
		    .kind = kind == BATCH_SRTP ? SRTP_PACKET_RTP : SRTP_PACKET_RTCP,
		};
	/* as the relay's pipeline does, when it knows whose a packet is */
	for (uint32_t i = 0; i < n; i++)
		srtp_context_fetch(state->burst[i].context);
}

static uint32_t burst_take(const struct srtp_packet *packets, struct batch_packet *batch,
			   uint32_t n)
{
	uint32_t dropped = 0;

	for (uint32_t i = 0; i < n; i++) {
		batch[i].length = packets[i].length;
		dropped += packets[i].drop != SLUICE_DROP_NONE;
	}
	return dropped;
}

static uint32_t sluice_run(void *opaque, struct batch *batch, enum batch_kind kind,
			   enum batch_direction direction, uint32_t burst)
{
	struct sluice_state *state = opaque;
	uint8_t *contexts = direction == BATCH_PROTECT ? state->tx : state->rx;
	uint32_t dropped = 0;

	for (uint32_t at = 0; at < BATCH_PACKETS; at += burst) {
		uint32_t n = BATCH_PACKETS - at < burst ? BATCH_PACKETS - at : burst;

		burst_put(state, &batch->packet[at], n, contexts, kind);
		if (direction == BATCH_PROTECT)
			srtp_protect_burst(state->worker, state->burst, n);
		else
			srtp_unprotect_burst(state->worker, state->burst, n);
		dropped += burst_take(state->burst, &batch->packet[at], n);
	}
	return dropped;
}

const struct subject subject_ipsec_mb = {
    .name = "ipsec_mb",
    .streams_max = UINT32_MAX,
    .open = ipsec_mb_open,
    .run = sluice_run,
    .close = sluice_close,
};

const struct subject subject_engine_libsrtp = {
    .name = "libsrtp",
    .streams_max = 4096,
    .open = libsrtp_open,
    .run = sluice_run,
    .close = sluice_close,
};

static int product_open(void **opaque, const struct subject_options *options)
{
	struct subject_options product = *options;

	product.suite = options_product();
	return ipsec_mb_open(opaque, &product);
}

const struct subject subject_ipsec_mb_80 = {
    .name = "ipsec_mb_80",
    .streams_max = UINT32_MAX,
    .open = product_open,
    .run = sluice_run,
    .close = sluice_close,
};
