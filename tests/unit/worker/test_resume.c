/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane was killed, and its sessions are put back with the keys that they had. The judge
 * is libsrtp as the peer, which noticed nothing: it must open all that is sent before and after,
 * and it refuses an index of RTP or RTCP that it has seen, or that is below its window. So what it
 * takes was under no index used before: no two packets shared keystream (RFC 3711 9.1).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../crypto/libsrtp_peer.h"
#include "fixture.h"
#include "media/bytes.h"

#define ID 7U
#define BYTES 60U
#define SSRC 0x1234U
#define OTHER 0x5678U
#define YOUNG (SLUICE_FIRST_INDEX_MAX + 1 + 1500) /* of a key of which only the age is known */
#define LEAP 2000U                                /* behind the last look */
#define RTCP_LEAP 70000U

struct life {
	struct fixture *fixture;
	struct sluice_open_reply session;
	struct sluice_key key;
	struct libsrtp_peer *peer;
	unsigned salt; /* no two packets have the same bytes */
};

static void install(struct life *life, const struct sluice_key *key)
{
	struct sluice_set request = {
	    .session = ID, .leg = 1, .mask = SLUICE_SET_TX_KEY | SLUICE_SET_RX_KEY};

	request.tx = request.rx[0] = *key;
	request.rx[0].resume_of = SLUICE_RESUME_SOURCE;
	set(life->fixture, &request);
}

static struct life born(void **state, enum sluice_suite suite)
{
	struct life life = {.fixture = *state, .key = {.suite = (uint8_t)suite}};

	life.key.key_len = suite == SLUICE_SUITE_AEAD_AES_128_GCM ? 28 : 30;
	memset(life.key.key, 0x17, life.key.key_len);
	life.session = plain_session(life.fixture, ID);
	install(&life, &life.key);
	life.peer = libsrtp_peer_new(&life.key, LIBSRTP_RECEIVES);
	assert_non_null(life.peer);
	return life;
}

static void ended(struct life *life)
{
	struct sluice_session_info info;

	libsrtp_peer_free(life->peer);
	assert_int_equal(sessions_close(life->fixture->sessions, ID, &info), 0);
	turn(life->fixture);
}

static void restarted(struct life *life, const struct sluice_position *resume,
		      enum sluice_resume resume_of)
{
	struct sluice_session_info info;
	struct sluice_key key = life->key;

	assert_int_equal(sessions_close(life->fixture->sessions, ID, &info), 0);
	turn(life->fixture);
	life->session = plain_session(life->fixture, ID);
	key.resume = *resume;
	key.resume_of = (uint8_t)resume_of;
	install(life, &key);
}

/* One packet of the plain side; whether something was sent to the peer for it. */
static bool said(struct life *life, uint8_t *packet, uint32_t length, struct frame *out)
{
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct frame frame =
	    udp_frame(life->fixture, 0, &from, &life->session.local[0], packet, length);

	feed(life->fixture, 0, &frame, 1);
	return sent(life->fixture, 1, out);
}

static bool peer_takes(struct life *life, const struct frame *out, bool rtcp)
{
	uint8_t bytes[BYTES + 64];
	uint32_t length;
	const uint8_t *payload = payload_of(out, &length);

	assert_true(length <= sizeof(bytes));
	memcpy(bytes, payload, length);
	return libsrtp_unprotect(life->peer, bytes, &length, rtcp);
}

static bool speaks(struct life *life, uint32_t ssrc, uint16_t sequence, struct frame *out)
{
	uint8_t packet[BYTES];

	rtp_make(packet, BYTES, sequence, ssrc);
	bytes_put_be32(packet + 12, ++life->salt);
	return said(life, packet, BYTES, out);
}

static bool reports(struct life *life, uint32_t ssrc, struct frame *out)
{
	uint8_t packet[28] = {0x80, 200, 0, 6};

	bytes_put_be32(packet + 4, ssrc);
	bytes_put_be32(packet + 8, ++life->salt);
	return said(life, packet, sizeof(packet), out);
}

/* count packets of RTP and a report; the peer hears them all. Returns the number after them. */
static uint16_t talk(struct life *life, uint32_t ssrc, uint16_t sequence, unsigned count)
{
	struct frame out;

	for (unsigned i = 0; i < count; i++) {
		assert_true(speaks(life, ssrc, sequence, &out));
		if (!peer_takes(life, &out, false))
			fail_msg("the peer does not hear %u, packet %u", (unsigned)sequence, i);
		sequence++;
	}
	assert_true(reports(life, ssrc, &out));
	assert_true(peer_takes(life, &out, true));
	return sequence;
}

static struct sluice_position looked(const struct life *life)
{
	struct sluice_session_info info;

	assert_int_equal(sessions_get(life->fixture->sessions, ID, &info), 0);
	return info.leg[1].tx_position;
}

static const struct sluice_position young = {.rtp_next = YOUNG, .rtcp_next = RTCP_LEAP};
static const enum sluice_suite suites[] = {SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80,
					   SLUICE_SUITE_AEAD_AES_128_GCM};
#define EACH_SUITE(s) for (size_t s = 0; s < sizeof(suites) / sizeof(suites[0]); s++)

/* Wherever its source began: around its wrap, its middle, and what we begin with. */
static const uint16_t begins[] = {0, 1, 50, 99, 900, 1023, 0x7f80, 0x7fff, 0x8000, 0xff80, 0xffff};

static void a_call_that_was_never_looked_at_is_heard_again(void **state)
{
	EACH_SUITE(s)
	{
		for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
			struct life life = born(state, suites[s]);
			uint16_t sequence = talk(&life, SSRC, begins[i], 150);

			restarted(&life, &young, SLUICE_RESUME_ANY);
			talk(&life, SSRC, sequence, 150);
			ended(&life);
		}
	}
}

/* The judge would notice: begun again from nothing, the same indices come. */
static void begun_again_from_nothing_the_peer_refuses_reused_indices(void **state)
{
	static const struct sluice_position nothing;
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct frame out;

	talk(&life, SSRC, 50, 150);
	restarted(&life, &nothing, SLUICE_RESUME_SOURCE);
	assert_true(speaks(&life, SSRC, 200, &out));
	assert_false(peer_takes(&life, &out, false));
	assert_true(reports(&life, SSRC, &out));
	assert_false(peer_takes(&life, &out, true));
	ended(&life);
}

static void a_source_that_says_its_numbers_again_gets_others(void **state)
{
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);

	talk(&life, SSRC, 500, 150);
	restarted(&life, &young, SLUICE_RESUME_ANY);
	talk(&life, SSRC, 500, 150);
	ended(&life);
}

/* An announcement, then a person; and after the restart either, or a third. */
static void whoever_speaks_under_a_young_key_is_heard(void **state)
{
	EACH_SUITE(s)
	{
		struct life life = born(state, suites[s]);

		talk(&life, OTHER, 800, 150);
		talk(&life, SSRC, 30000, 100);
		restarted(&life, &young, SLUICE_RESUME_ANY);
		talk(&life, SSRC, 30100, 100);
		talk(&life, OTHER, 950, 100);
		talk(&life, 1, 5, 100);
		talk(&life, 0, 5, 100);
		talk(&life, SSRC, 30200, 100);
		ended(&life);
	}
}

/* A second time, before anybody looked: what the first leapt to is where the second begins. */
static void a_young_key_goes_on_over_two_restarts(void **state)
{
	struct sluice_position later = young;
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	uint16_t sequence = talk(&life, SSRC, 60000, 100);

	restarted(&life, &young, SLUICE_RESUME_ANY);
	assert_true(looked(&life).rtp_next == 0 && looked(&life).rtcp_next == 0);
	sequence = talk(&life, SSRC, sequence, 100);
	assert_true(looked(&life).rtp_next == YOUNG + 100);
	later.rtp_next += LEAP;
	later.rtcp_next += RTCP_LEAP;
	restarted(&life, &later, SLUICE_RESUME_ANY);
	talk(&life, SSRC, sequence, 100);
	ended(&life);
}

/* 9 s of 50 packets a second after the last look, two wraps later. */
static void a_call_looked_at_before_its_last_packets_is_heard_again(void **state)
{
	EACH_SUITE(s)
	{
		struct life life = born(state, suites[s]);
		struct sluice_position position;
		uint16_t sequence = 7;
		struct frame out;

		for (unsigned i = 0; i < 50; i++) { /* gaps that are no restart (RFC 3550 A.1) */
			assert_true(speaks(&life, SSRC, sequence, &out));
			assert_true(peer_takes(&life, &out, false));
			sequence = (uint16_t)(sequence + 2900);
		}
		sequence = talk(&life, SSRC, sequence, 10);
		position = looked(&life);
		assert_int_equal(position.rtp_next >> 16, 2);
		sequence = talk(&life, SSRC, sequence, 450);
		position.rtp_next += LEAP;
		position.rtcp_next += RTCP_LEAP;
		restarted(&life, &position, SLUICE_RESUME_SOURCE);
		talk(&life, SSRC, sequence, 450);
		ended(&life);
	}
}

static bool asks_for_a_key(struct fixture *fixture)
{
	bool asked = false;

	sessions_tick(fixture->sessions);
	for (unsigned i = 0; i < fixture->event_count; i++) {
		const struct sluice_event *event = &fixture->event[i];

		asked |= event->type == SLUICE_EVENT_KEY_LIMIT && event->leg == 1 &&
			 event->direction == SLUICE_DIR_TX;
	}
	fixture->event_count = 0;
	return asked;
}

/* No peer could guess the roll-over counter of a source that it hears for the first time. */
static void a_newcomer_far_on_waits_for_another_key(void **state)
{
	struct sluice_position far = {.rtp_next = 0x7ff0, .rtcp_next = 1};
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct frame out;

	restarted(&life, &far, SLUICE_RESUME_ANY);
	for (uint16_t i = 0; i < 32; i++)
		assert_true(speaks(&life, SSRC, i, &out));
	assert_false(asks_for_a_key(life.fixture));
	assert_false(speaks(&life, OTHER, 1, &out));
	assert_false(reports(&life, OTHER, &out));
	for (uint16_t i = 32; i < 64; i++)
		assert_true(speaks(&life, SSRC, i, &out));
	assert_true(asks_for_a_key(life.fixture));
	ended(&life);
}

static void a_key_used_nobody_knows_how_far_waits_for_another(void **state)
{
	struct sluice_position unknown = {.rtp_next = 1ULL << 48, .rtcp_next = 1U << 31};
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	uint16_t sequence = talk(&life, SSRC, 900, 10);
	struct frame out;

	restarted(&life, &unknown, SLUICE_RESUME_SOURCE);
	for (unsigned i = 0; i < 64; i++)
		assert_false(speaks(&life, SSRC, sequence++, &out));
	assert_false(reports(&life, SSRC, &out));
	assert_int_equal(leg_dropped(life.fixture, ID, 0, SLUICE_DROP_KEY_LIFETIME), 65);
	assert_true(asks_for_a_key(life.fixture));
	life.key.key[0]++;
	libsrtp_peer_free(life.peer);
	life.peer = libsrtp_peer_new(&life.key, LIBSRTP_RECEIVES);
	install(&life, &life.key);
	talk(&life, SSRC, sequence, 100);
	ended(&life);
}

static void what_cannot_be_resumed_is_refused(void **state)
{
	struct life life = born(state, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	const struct {
		struct sluice_position resume;
		uint8_t resume_of, rx_resume_of;
	} rows[] = {
	    {{.rtp_next = 5}, SLUICE_RESUME_ANY, 0},
	    {{.rtcp_next = 5}, SLUICE_RESUME_ANY, 0},
	    {{.rtp_next = 5, .rtcp_next = 5}, 2, 0},
	    {{.rtp_next = 5, .rtcp_next = 5}, 0, SLUICE_RESUME_ANY},
	    {{.rtp_next = (1ULL << 48) + 1, .rtcp_next = 5}, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_set request = {
		    .session = ID, .leg = 1, .mask = SLUICE_SET_TX_KEY | SLUICE_SET_RX_KEY};

		request.tx = request.rx[0] = life.key;
		request.tx.resume = request.rx[0].resume = rows[i].resume;
		request.tx.resume_of = rows[i].resume_of;
		request.rx[0].resume_of = rows[i].rx_resume_of;
		assert_int_equal(sessions_set(life.fixture->sessions, &request), -EINVAL);
	}
	ended(&life);
}

static int start(void **state)
{
	return libsrtp_start() ? group_setup(state) : -1;
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_call_that_was_never_looked_at_is_heard_again),
	    CASE(begun_again_from_nothing_the_peer_refuses_reused_indices),
	    CASE(a_source_that_says_its_numbers_again_gets_others),
	    CASE(whoever_speaks_under_a_young_key_is_heard),
	    CASE(a_young_key_goes_on_over_two_restarts),
	    CASE(a_call_looked_at_before_its_last_packets_is_heard_again),
	    CASE(a_newcomer_far_on_waits_for_another_key),
	    CASE(a_key_used_nobody_knows_how_far_waits_for_another),
	    CASE(what_cannot_be_resumed_is_refused),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
