/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a source does with its numbers, no index of our key is used twice with other bytes. The
 * judge is a receiver that knows nothing of the relay: it opens all that is sent with a context of
 * its own, whose replay window refuses an index that it has seen.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../engine_under_test.h"
#include "fixture.h"
#include "media/bytes.h"
#include "media/index.h"
#include "worker/srtp_context.h"

#define ID 7U
#define BYTES 60U
#define ROUNDS 6000U
#define SSRCS 3U

static const struct sluice_key key = {.suite = 1, .key_len = 30, .key = {1, 2, 3}};

/* The peer: its context, and every index of each SSRC that it has seen. */
struct peer {
	struct srtp_worker *worker;
	struct srtp_context *context;
	uint64_t highest[SSRCS];
	uint8_t *seen[SSRCS]; /* by index */
	unsigned heard;
};

#define INDICES (1U << 22)

static void peer_begin(struct peer *peer)
{
	*peer = (struct peer){0};
	assert_int_equal(srtp_worker_new(&peer->worker, engine_under_test(), 1), 0);
	peer->context = aligned_alloc(64, (sizeof(*peer->context) + 63) & ~(size_t)63);
	assert_non_null(peer->context);
	assert_int_equal(srtp_context_init(peer->context, peer->worker, &key), 0);
	for (unsigned i = 0; i < SSRCS; i++) {
		peer->seen[i] = calloc(1, INDICES);
		assert_non_null(peer->seen[i]);
	}
}

static void peer_end(struct peer *peer)
{
	srtp_context_wipe(peer->context, peer->worker);
	free(peer->context);
	srtp_worker_free(peer->worker);
	for (unsigned i = 0; i < SSRCS; i++)
		free(peer->seen[i]);
}

/* Opens a frame as a receiver does; the index must be one that it has not seen. */
static uint64_t peer_hears(struct peer *peer, const struct frame *frame)
{
	uint8_t bytes[BYTES + 64];
	struct srtp_packet packet = {.context = peer->context,
				     .data = bytes,
				     .capacity = sizeof(bytes),
				     .kind = SRTP_PACKET_RTP};
	const uint8_t *payload = payload_of(frame, &packet.length);
	uint32_t ssrc;
	uint64_t index;

	memcpy(bytes, payload, packet.length);
	srtp_unprotect_burst(peer->worker, &packet, 1);
	assert_int_equal(packet.drop, SLUICE_DROP_NONE);
	ssrc = bytes_get_be32(bytes + 8) - 1;
	assert_true(ssrc < SSRCS);
	index = rtp_index_guess(peer->highest[ssrc], bytes_get_be16(bytes + 2));
	assert_true(index < INDICES);
	assert_int_equal(peer->seen[ssrc][index], 0);
	peer->seen[ssrc][index] = 1;
	if (index > peer->highest[ssrc])
		peer->highest[ssrc] = index;
	peer->heard++;
	return index;
}

static void secured(struct fixture *fixture, const struct sluice_key *tx)
{
	struct sluice_set request = {
	    .session = ID, .leg = 1, .mask = SLUICE_SET_TX_KEY, .rx = {*tx}, .tx = *tx};

	set(fixture, &request);
}

/* One packet of plain RTP into leg 0; what was sent for it on leg 1. */
static bool speak(struct fixture *fixture, const struct sluice_open_reply *session, uint32_t ssrc,
		  uint16_t sequence, uint8_t salt, struct frame *out)
{
	struct sluice_addr from = addr4(inside_peer, 4000);
	uint8_t packet[BYTES];
	struct frame frame;

	rtp_make(packet, BYTES, sequence, ssrc);
	memset(packet + 12, salt, BYTES - 12); /* other bytes under the same number */
	frame = udp_frame(fixture, 0, &from, &session->local[0], packet, BYTES);
	feed(fixture, 0, &frame, 1);
	return sent(fixture, 1, out);
}

/* What a source may do next. */
static uint16_t next_of(uint16_t sequence, unsigned dice)
{
	switch (dice % 40) {
	case 0: /* restart anywhere */
		return (uint16_t)random();
	case 1: /* rewind a little */
		return (uint16_t)(sequence - random() % 300);
	case 2: /* duplicate */
		return sequence;
	case 3: /* loss */
		return (uint16_t)(sequence + random() % 4000);
	case 4: /* rewind far */
		return (uint16_t)(sequence - random() % 40000);
	case 5: /* reordered */
		return (uint16_t)(sequence - 1);
	case 6:
		return (uint16_t)(sequence + 2);
	default:
		return (uint16_t)(sequence + 1);
	}
}

static void no_index_is_used_twice_whatever_the_sources_do(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	unsigned seed = (unsigned)time(NULL);
	uint16_t sequence[SSRCS][2] = {{0}};
	struct peer peer;

	printf("seed %u\n", seed);
	srandom(seed);
	secured(fixture, &key);
	peer_begin(&peer);
	for (unsigned i = 0; i < ROUNDS; i++) {
		/* two senders with one SSRC, now and then */
		unsigned ssrc = (unsigned)random() % SSRCS, twin = random() % 50 == 0;
		struct frame out;

		sequence[ssrc][twin] = next_of(sequence[ssrc][twin], (unsigned)random());
		if (i % 1000 == 999) /* the same key again, as a re-INVITE says it */
			secured(fixture, &key);
		if (speak(fixture, &session, ssrc + 1, sequence[ssrc][twin], (uint8_t)i, &out))
			peer_hears(&peer, &out);
	}
	/* about one in eight is far, repeated or rewound; a source that is silenced is a failure */
	assert_true(peer.heard > ROUNDS / 2);
	assert_int_equal(peer.heard + leg_dropped(fixture, ID, 0, SLUICE_DROP_SEQUENCE) +
			     leg_dropped(fixture, ID, 0, SLUICE_DROP_TX_INDEX),
			 ROUNDS);
	peer_end(&peer);
}

static void a_restarted_source_is_heard_from_its_second_packet_on(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame out;
	struct peer peer;
	uint64_t index;

	secured(fixture, &key);
	peer_begin(&peer);
	for (uint16_t i = 0; i < 10; i++) {
		assert_true(speak(fixture, &session, 1, (uint16_t)(50000 + i), 1, &out));
		index = peer_hears(&peer, &out);
		assert_int_equal(index, 50000 % 1024 + i);
	}
	assert_false(speak(fixture, &session, 1, 20, 2, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_SEQUENCE), 1);
	for (uint16_t i = 0; i < 10; i++) {
		assert_true(speak(fixture, &session, 1, (uint16_t)(21 + i), 2, &out));
		index = peer_hears(&peer, &out);
		assert_int_equal(index, 50000 % 1024 + 10 + i);
	}
	peer_end(&peer);
}

static void a_key_resumed_after_a_restart_goes_on_behind_what_was_sent(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_key resumed = key;
	struct frame out;
	struct peer peer;

	resumed.resume = (struct sluice_position){.rtp_next = 0x1fff0, .rtcp_next = 5, .ssrc = 1};
	secured(fixture, &resumed);
	peer_begin(&peer);
	peer.highest[0] = 0x1ffef;
	assert_true(srtp_source_take(peer.worker, peer.context, 1, SRTP_SOURCE_FORGET));
	rtp_replay_close(&peer.context->rtp, 0x1ffef);
	for (uint16_t i = 0; i < 40; i++) { /* across the wrap */
		assert_true(speak(fixture, &session, 1, (uint16_t)(700 + i), 1, &out));
		assert_int_equal(peer_hears(&peer, &out), 0x1fff0 + i);
	}
	peer_end(&peer);
}

/* Of other sources nobody knows how far the key was used for them: music on hold before it, say. */
static void a_key_resumed_after_a_restart_serves_no_other_source(void **state)
{
	static const struct sluice_key fresh = {.suite = 1, .key_len = 30, .key = {9}};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);
	uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 2};
	struct sluice_key resumed = key;
	struct frame frame, out;

	resumed.resume = (struct sluice_position){.rtp_next = 5000, .rtcp_next = 5, .ssrc = 1};
	secured(fixture, &resumed);
	assert_true(speak(fixture, &session, 1, 700, 1, &out));
	assert_false(speak(fixture, &session, 2, 700, 1, &out));
	frame = udp_frame(fixture, 0, &from, &session.local[0], report, sizeof(report));
	feed(fixture, 0, &frame, 1);
	assert_false(sent(fixture, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_KEY_LIFETIME), 2);
	assert_true(speak(fixture, &session, 1, 701, 1, &out));
	sessions_tick(fixture->sessions);
	for (unsigned i = 0; i < fixture->event_count; i++) {
		const struct sluice_event *event = &fixture->event[i];

		if (event->type == SLUICE_EVENT_KEY_LIMIT) {
			assert_int_equal(event->leg, 1);
			assert_int_equal(event->direction, SLUICE_DIR_TX);
			secured(fixture, &fresh);
		}
	}
	assert_true(speak(fixture, &session, 2, 701, 1, &out));
}

static void a_key_used_nobody_knows_how_far_sends_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_key unknown = key;
	struct frame out;

	unknown.resume.rtcp_next = 1;
	secured(fixture, &unknown);
	assert_false(speak(fixture, &session, 1, 700, 1, &out));
	assert_false(speak(fixture, &session, 0, 700, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_KEY_LIFETIME), 2);
}

static void a_plain_leg_is_sent_the_numbers_of_the_source(void **state)
{
	static const uint16_t numbers[] = {60000, 60001, 5, 5, 40000, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct frame out;
		uint32_t length;

		assert_true(speak(fixture, &session, 1, numbers[i], 0, &out));
		assert_int_equal(bytes_get_be16(payload_of(&out, &length) + 2), numbers[i]);
	}
}

static void the_source_reads_reports_in_its_own_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr outside = addr4(outside_peer, 5000);
	uint8_t report[32] = {0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1};
	struct frame frame, out;
	const uint8_t *shown;
	uint32_t length;

	secured(fixture, &key);
	assert_true(speak(fixture, &session, 1, 50000, 1, &out));
	bytes_put_be32(report + 16, 50000 % 1024);
	frame = udp_frame(fixture, 1, &outside, &session.local[1], report, sizeof(report));
	feed(fixture, 1, &frame, 1);
	assert_true(sent(fixture, 0, &out));
	assert_frame_right(&out);
	shown = payload_of(&out, &length);
	assert_int_equal(length, sizeof(report));
	assert_int_equal(bytes_get_be32(shown + 16), 50000);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(no_index_is_used_twice_whatever_the_sources_do),
	    CASE(a_restarted_source_is_heard_from_its_second_packet_on),
	    CASE(a_key_resumed_after_a_restart_goes_on_behind_what_was_sent),
	    CASE(a_key_resumed_after_a_restart_serves_no_other_source),
	    CASE(a_key_used_nobody_knows_how_far_sends_nothing),
	    CASE(a_plain_leg_is_sent_the_numbers_of_the_source),
	    CASE(the_source_reads_reports_in_its_own_numbers),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
