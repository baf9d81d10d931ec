/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../micro/batch.h"
#include "media/renumber.h"
#include "media/suite.h"
#include "worker/srtp_context.h"

#define SETTLE_EVERY 256U  /* sessions between two turns of the mail */
#define CALLS_A_PEER 8192U /* ports 16384 and up of one phone address */
#define PEER_PORT_FIRST 16384U
/* First numbers that the relay sends as they are. */
#define FIRST_MAX RTP_RENUMBER_FIRST_MAX
#define FIRST_MIN RTP_RENUMBER_MISORDER_MAX
/* So high that nothing is over it, yet the limit is reckoned as for a call. */
#define RATE_PPS 100000000U

/* Both keys of one leg of a call; one context at each end of each. */
struct leg_keys {
	struct sluice_key from_phone;
	struct sluice_key to_phone;
};

static void key_draw(struct sluice_key *key, uint8_t suite_id)
{
	const struct rtp_suite *suite = rtp_suite_find(suite_id);

	*key = (struct sluice_key){.suite = suite_id};
	if (!suite)
		return;
	key->key_len = (uint8_t)(suite->key_length + suite->salt_length);
	random_fill(key->key, key->key_len);
}

static struct sluice_addr phone_address(unsigned leg, uint32_t call)
{
	uint32_t host = 0x100U + call / CALLS_A_PEER;

	return (struct sluice_addr){
	    .family = 4,
	    .port = (uint16_t)(PEER_PORT_FIRST + 2 * (call % CALLS_A_PEER)),
	    .ip = {198, (uint8_t)(18 + leg), (uint8_t)(host >> 8), (uint8_t)host}};
}

static int session_set(struct world *world, uint32_t call, unsigned leg, struct leg_keys *keys)
{
	struct sluice_set set = {.session = call + 1U,
				 .leg = (uint8_t)leg,
				 .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
				 .latch = SLUICE_LATCH_STRICT,
				 .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
					 SLUICE_SET_DIRECTION | SLUICE_SET_LATCH | SLUICE_SET_RATE,
				 .rate_pps = RATE_PPS,
				 .rtcp_mux = 1,
				 .remote_rtp = phone_address(leg, call),
				 .rx = {keys->from_phone},
				 .tx = keys->to_phone};

	return sessions_set(world->sessions, &set);
}

/* The phone's halves: of each leg's two keys the other end of what the relay has. */
static int phone_keys(struct calls *calls, uint32_t call, unsigned leg, struct leg_keys *keys)
{
	struct srtp_context *contexts = calls->keys;
	size_t at = 2 * ((size_t)call * 2 + leg);
	int rc;

	if (calls->suite[leg] == SLUICE_SUITE_NONE)
		return 0;
	calls->stream[leg][call].encrypt = &contexts[at];
	calls->stream[1 - leg][call].decrypt = &contexts[at + 1];
	rc = srtp_context_init(&contexts[at], calls->srtp, &keys->from_phone);
	return rc ? rc : srtp_context_init(&contexts[at + 1], calls->srtp, &keys->to_phone);
}

static void stream_begin(struct stream *stream, uint32_t number, const struct sluice_addr *from,
			 const struct sluice_addr *local, const struct sluice_addr *to)
{
	stream->ssrc = 0x10000000U + number;
	stream->sequence = (uint16_t)(FIRST_MAX - number * 7919U % (FIRST_MAX - FIRST_MIN));
	stream->from_port = from->port;
	stream->local_port = local->port;
	stream->to_port = to->port;
	memcpy(stream->from_ip, from->ip, 4);
	memcpy(stream->local_ip, local->ip, 4);
	memcpy(stream->to_ip, to->ip, 4);
}

static int call_open(struct calls *calls, struct world *world, uint32_t call)
{
	struct sluice_open open = {
	    .session = call + 1U,
	    .leg = {{.interface = "inside", .family = 4}, {.interface = "outside", .family = 4}}};
	struct sluice_open_reply reply;
	int rc = sessions_open(world->sessions, &open, &reply);

	for (unsigned leg = 0; leg < 2 && !rc; leg++) {
		struct sluice_addr from = phone_address(leg, call);
		struct sluice_addr to = phone_address(1 - leg, call);
		struct leg_keys keys;

		key_draw(&keys.from_phone, calls->suite[leg]);
		key_draw(&keys.to_phone, calls->suite[leg]);
		stream_begin(&calls->stream[leg][call], call * 2 + leg, &from, &reply.local[leg],
			     &to);
		rc = session_set(world, call, leg, &keys);
		rc = rc ? rc : phone_keys(calls, call, leg, &keys);
	}
	return rc;
}

static int memory_take(struct calls *calls)
{
	calls->keys_size = (size_t)calls->count * 4 * sizeof(struct srtp_context);
	calls->keys = pages_new(calls->keys_size, 1);
	for (unsigned leg = 0; leg < 2; leg++)
		calls->stream[leg] = calloc(calls->count, sizeof(struct stream));
	if (!calls->keys || !calls->stream[0] || !calls->stream[1])
		return -ENOMEM;
	return srtp_worker_new(&calls->srtp, &crypto_engine_ipsec_mb, 0);
}

int calls_open(struct calls *calls, struct world *world, uint32_t count, const uint8_t suite[2])
{
	int rc;

	*calls = (struct calls){.count = count, .suite = {suite[0], suite[1]}};
	rc = memory_take(calls);
	for (uint32_t call = 0; call < count && !rc; call++) {
		rc = call_open(calls, world, call);
		if (call % SETTLE_EVERY == 0)
			world_settle(world);
	}
	world_settle(world);
	if (rc) {
		fprintf(stderr, "relay: cannot open %u calls: %s\n", count, strerror(-rc));
		calls_close(calls, world);
	}
	return rc;
}

static void counted_add(struct calls_counted *counted, const struct sluice_session_info *info)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		const struct sluice_stream_counters *counters = &info->leg[leg].counters;

		counted->received += counters->received;
		counted->sent += counters->sent;
		counted->lost += counters->lost;
		counted->dropped += counters->dropped;
	}
}

struct calls_counted calls_close(struct calls *calls, struct world *world)
{
	struct calls_counted counted = {0};
	struct sluice_session_info info;

	for (uint32_t call = 0; call < calls->count; call++) {
		if (sessions_close(world->sessions, call + 1U, &info) == 0)
			counted_add(&counted, &info);
		if (call % SETTLE_EVERY == 0)
			world_settle(world);
	}
	world_settle(world);
	if (calls->srtp)
		srtp_worker_free(calls->srtp);
	if (calls->keys)
		explicit_bzero(calls->keys, calls->keys_size);
	pages_free(calls->keys, calls->keys_size);
	free(calls->stream[0]);
	free(calls->stream[1]);
	*calls = (struct calls){0};
	return counted;
}
