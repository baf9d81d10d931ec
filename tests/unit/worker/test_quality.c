/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload types that differ between legs, RTCP that is read, and what both legs report. */
#include <string.h>

#include <rte_cycles.h>

#include "../clock.h"
#include "fixture.h"
#include "media/bytes.h"
#include "session/session.h"

#define ID 7U
#define BYTES 172U

static void payloads_set(struct fixture *fixture, uint8_t leg,
			 const struct sluice_payload *payloads, uint8_t count)
{
	struct sluice_set request = {
	    .session = ID, .leg = leg, .mask = SLUICE_SET_PAYLOADS, .payload_count = count};

	memcpy(request.payload, payloads, count * sizeof(*payloads));
	set(fixture, &request);
}

static struct sluice_stream_counters counters_of(struct fixture *fixture, unsigned leg)
{
	struct sluice_session_info info;

	assert_int_equal(sessions_get(fixture->sessions, ID, &info), 0);
	return info.leg[leg].counters;
}

/* From the peer of a side; what the other side sent for it. */
static bool pass(struct fixture *fixture, const struct sluice_open_reply *session, unsigned side,
		 const uint8_t *packet, uint32_t length, struct frame *out)
{
	struct sluice_addr from = side ? addr4(outside_peer, 5000) : addr4(inside_peer, 4000);
	struct frame frame = udp_frame(fixture, side, &from, &session->local[side], packet, length);

	feed(fixture, side, &frame, 1);
	if (!sent(fixture, 1 - side, out))
		return false;
	assert_frame_right(out);
	return true;
}

/* RTP of that type; the type under which it was sent on, or -1. byte 1 keeps its marker. */
static int type_sent(struct fixture *fixture, const struct sluice_open_reply *session,
		     uint8_t byte1)
{
	static uint16_t sequence;
	uint8_t packet[BYTES];
	const uint8_t *payload;
	struct frame out;
	uint32_t length;

	rtp_make(packet, BYTES, ++sequence, 1);
	packet[1] = byte1;
	if (!pass(fixture, session, 0, packet, BYTES, &out))
		return -1;
	payload = payload_of(&out, &length);
	assert_int_equal(length, BYTES);
	assert_memory_equal(payload + 2, packet + 2, BYTES - 2);
	return payload[1];
}

static void payload_types_are_those_of_the_other_leg(void **state)
{
	static const struct sluice_payload map[] = {
	    {8, 8, SLUICE_CODEC_G711, 0, 8000},
	    {111, 96, SLUICE_CODEC_OPUS, 0, 48000},
	    {101, 97, SLUICE_CODEC_EVENT, 0, 8000},
	};
	static const struct {
		const char *what;
		uint8_t byte1;
		int sent;
	} facts[] = {
	    {"the same here and there", 8, 8},
	    {"mapped", 111, 96},
	    {"mapped, with its marker", 0x80 | 111, 0x80 | 96},
	    {"an event between", 0x80 | 101, 0x80 | 97},
	    {"and back", 8, 8},
	    {"not agreed, and free there", 13, 13},
	    {"not agreed, and something else there", 96, -1},
	    {"again", 111, 96},
	};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	assert_int_equal(type_sent(fixture, &session, 111), 111); /* nothing is said yet */
	payloads_set(fixture, 0, map, 3);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		int got = type_sent(fixture, &session, facts[i].byte1);

		if (got != facts[i].sent)
			fail_msg("%s: %d", facts[i].what, got);
	}
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_PAYLOAD_TYPE), 1);
	payloads_set(fixture, 0, NULL, 0);
	assert_int_equal(type_sent(fixture, &session, 111), 111);
	sessions_tick(fixture->sessions);
	assert_int_equal(payload_maps_used(fixture->interfaces.payload_maps), 0);
}

static void legs_with_the_same_map_share_it(void **state)
{
	static const struct sluice_payload map[] = {{8, 8, SLUICE_CODEC_G711, 0, 8000}};
	static const struct sluice_payload other[] = {{0, 0, SLUICE_CODEC_G711, 0, 8000}};
	struct fixture *fixture = *state;
	struct sluice_session_info info;

	plain_session(fixture, ID);
	payloads_set(fixture, 0, map, 1);
	payloads_set(fixture, 1, map, 1);
	payloads_set(fixture, 1, map, 1);
	sessions_tick(fixture->sessions);
	assert_int_equal(payload_maps_used(fixture->interfaces.payload_maps), 1);
	payloads_set(fixture, 1, other, 1);
	sessions_tick(fixture->sessions);
	assert_int_equal(payload_maps_used(fixture->interfaces.payload_maps), 2);
	assert_int_equal(sessions_close(fixture->sessions, ID, &info), 0);
	turn(fixture);
	sessions_tick(fixture->sessions);
	assert_int_equal(payload_maps_used(fixture->interfaces.payload_maps), 0);
}

/* Packets of 20 ms that come all at once: the jitter is the same whatever the clock. */
static uint32_t jitter_of(struct fixture *fixture, const struct sluice_open_reply *session,
			  uint8_t type, uint32_t clock_hz)
{
	for (uint16_t i = 0; i < 200; i++) {
		uint8_t packet[BYTES];
		struct frame out;

		rtp_make(packet, BYTES, i, type);
		packet[1] = type;
		bytes_put_be32(packet + 4, i * (clock_hz / 50));
		assert_true(pass(fixture, session, 0, packet, BYTES, &out));
	}
	return counters_of(fixture, 0).jitter_us;
}

static void jitter_is_of_the_codecs_own_clock(void **state)
{
	static const struct sluice_payload map[] = {{111, 111, SLUICE_CODEC_OPUS, 0, 48000},
						    {9, 9, SLUICE_CODEC_G722, 0, 8000}};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	payloads_set(fixture, 0, map, 2);
	/* D is 20 ms each time, less the little that the test takes */
	assert_in_range(jitter_of(fixture, &session, 111, 48000), 15000, 20100);
	assert_int_equal(counters_of(fixture, 0).codec, SLUICE_CODEC_OPUS);
	assert_int_equal(counters_of(fixture, 0).payload_type, 111);
	assert_in_range(jitter_of(fixture, &session, 9, 8000), 15000, 20100);
	assert_int_equal(counters_of(fixture, 0).codec, SLUICE_CODEC_G722);
}

static void events_are_no_jitter(void **state)
{
	static const struct sluice_payload map[] = {{8, 8, SLUICE_CODEC_G711, 0, 8000},
						    {101, 101, SLUICE_CODEC_EVENT, 0, 8000}};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	uint8_t packet[16];
	struct frame out;

	payloads_set(fixture, 0, map, 2);
	for (uint16_t i = 0; i < 100; i++) {
		/* an event of one timestamp that goes on and on (RFC 4733 2.5.1.2) */
		rtp_make(packet, sizeof(packet), i, 1);
		packet[1] = i ? 101 : 8;
		bytes_put_be32(packet + 4, 77);
		assert_true(pass(fixture, &session, 0, packet, sizeof(packet), &out));
		rte_delay_us_sleep(1000);
	}
	assert_int_equal(counters_of(fixture, 0).jitter_us, 0);
	assert_int_equal(counters_of(fixture, 0).codec, SLUICE_CODEC_G711);
	assert_int_equal(counters_of(fixture, 0).lost, 0);
	assert_int_equal(counters_of(fixture, 0).received, 100);
}

/* One key pressed: its packets share a timestamp, and the last comes three times (RFC 4733 2.5.1).
 */
static void an_event_passes_untouched_with_its_three_ends(void **state)
{
	static const struct sluice_payload map[] = {{8, 8, SLUICE_CODEC_G711, 0, 8000},
						    {101, 101, SLUICE_CODEC_EVENT, 0, 8000}};
	static const uint8_t durations[] = {1, 2, 3, 4, 4, 4}; /* of 160 */
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame out;
	uint32_t length;

	payloads_set(fixture, 0, map, 2);
	for (uint16_t i = 0; i < sizeof(durations); i++) {
		uint8_t packet[16];

		rtp_make(packet, sizeof(packet), (uint16_t)(65533 + i), 1);
		packet[1] = (uint8_t)((i ? 0 : 0x80) | 101);
		bytes_put_be32(packet + 4, 8000);
		packet[12] = 11; /* # */
		packet[13] = (uint8_t)((i >= 3 ? 0x80 : 0) | 10);
		bytes_put_be16(packet + 14, (uint16_t)(160 * durations[i]));
		assert_true(pass(fixture, &session, 0, packet, sizeof(packet), &out));
		assert_memory_equal(payload_of(&out, &length), packet, sizeof(packet));
		assert_int_equal(length, sizeof(packet));
	}
	assert_int_equal(counters_of(fixture, 0).lost, 0);
	assert_int_equal(counters_of(fixture, 0).reordered, 0);
}

/* ---- RTCP ---- */

static void report_send(struct fixture *fixture, const struct sluice_open_reply *session,
			unsigned side, uint32_t lost, uint32_t jitter, uint32_t dlsr)
{
	uint8_t report[32] = {0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1};
	struct frame out;

	bytes_put_be32(report + 12, lost);
	bytes_put_be32(report + 20, jitter);
	bytes_put_be32(report + 24, 0xb7052000);
	bytes_put_be32(report + 28, dlsr);
	assert_true(pass(fixture, session, side, report, sizeof(report), &out));
}

static uint64_t us_of(uint64_t tsc)
{
	return (uint64_t)((double)tsc * 1e6 / (double)rte_get_tsc_hz());
}

static void both_legs_report_what_their_peers_get(void **state)
{
	static const struct sluice_payload map[] = {{8, 8, SLUICE_CODEC_G711, 0, 8000}};
	/* an SR of SSRC 1 at the NTP time b44db705.20000000 */
	static const uint8_t sr[28] = {0x80, 200, 0, 6, 0, 0, 0, 1, 0xb4, 0x4d, 0xb7, 0x05, 0x20};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_stream_counters inside, outside;
	struct sluice_session_info info;
	uint64_t left_tsc[2], came_tsc[2], had_us; /* before and after */
	struct frame out;

	payloads_set(fixture, 0, map, 1);
	assert_int_equal(counters_of(fixture, 0).mos_x100, 0);
	assert_int_equal(counters_of(fixture, 0).last_rtcp_ms_ago, UINT64_MAX);
	for (unsigned i = 0; i < 100; i++)
		assert_true(type_sent(fixture, &session, 8) == 8);
	left_tsc[0] = rte_rdtsc();
	assert_true(pass(fixture, &session, 0, sr, sizeof(sr), &out));
	left_tsc[1] = rte_rdtsc();
	rte_delay_us_sleep(60000);
	/* the outside peer had it for all that time but 50 ms, and lost 2 packets */
	came_tsc[0] = rte_rdtsc();
	had_us = us_of(came_tsc[0] - left_tsc[1]) - 50000;
	report_send(fixture, &session, 1, 2, 80, (uint32_t)(had_us * 65536 / 1000000));
	came_tsc[1] = rte_rdtsc();
	assert_int_equal(sessions_close(fixture->sessions, ID, &info), 0);
	turn(fixture);
	inside = info.leg[0].counters;
	outside = info.leg[1].counters;
	/* reports are rounded, to a quarter of a millisecond */
	assert_in_range(outside.rtt_us, us_of(came_tsc[0] - left_tsc[1]) - had_us - 500,
			us_of(came_tsc[1] - left_tsc[0]) - had_us + 500);
	assert_int_equal(outside.rtt_max_us, outside.rtt_us);
	assert_int_equal(inside.rtt_us, 0);
	assert_int_equal(outside.remote_lost, 2);
	assert_int_equal(outside.remote_jitter_us, 10000); /* 80 / 8 kHz */
	/* 2 % of G.711, and a delay that is not heard: 93.2 - 95 * 2 / 27.1 = 86.19, MOS 4.23 */
	assert_in_range(outside.remote_mos_x100, 422, 424);
	assert_int_equal(outside.mos_x100, 0); /* nothing came from there */
	assert_int_equal(inside.lost, 0);
	assert_in_range(inside.mos_x100, 430, 441);
	assert_true(inside.last_rtcp_ms_ago < 1000);
}

static void a_bye_of_rtcp_ends_nothing(void **state)
{
	static const uint8_t bye[16] = {0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame out;

	assert_int_equal(type_sent(fixture, &session, 8), 8);
	assert_true(pass(fixture, &session, 0, bye, sizeof(bye), &out));
	assert_int_equal(type_sent(fixture, &session, 8), 8);
	sessions_tick(fixture->sessions);
	assert_int_equal(fixture->event_count, 0);
}

/* ---- silence of RTP and RTCP ---- */

/* To both threads: what the worker heard of leg 0 is so much longer ago. */
static void wait_ms(struct fixture *fixture, unsigned ms)
{
	uint32_t *heard_ms = &session_find(fixture->sessions, ID)->media.seldom[0].last_rtcp_ms;

	for (unsigned i = 0; i < ms / 10; i++) {
		clock_pass_ms(10);
		*heard_ms -= *heard_ms ? 10 : 0;
		sessions_tick(fixture->sessions);
	}
}

static void silence_with_rtcp_is_told_apart_from_silence_of_rtp(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_set request = {.session = ID,
				     .mask = SLUICE_SET_SILENCE | SLUICE_SET_DIRECTION,
				     .direction = 0, /* on hold: RTP is not awaited */
				     .silence_timeout_ms = 200};
	struct frame out;

	set(fixture, &request);
	wait_ms(fixture, 400);
	assert_int_equal(fixture->event_count, 0); /* it never sent RTCP */
	for (unsigned i = 0; i < 4; i++) {
		assert_true(pass(fixture, &session, 0, report, sizeof(report), &out));
		wait_ms(fixture, 100);
	}
	assert_int_equal(fixture->event_count, 0);
	wait_ms(fixture, 500);
	assert_int_equal(fixture->event_count, 1); /* once */
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_SILENCE);
	assert_int_equal(fixture->event[0].leg, 0);
	assert_in_range(fixture->event[0].value, 200, 300);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
#define IN_TIME(function) \
	cmocka_unit_test_setup_teardown(function, one_worker_in_real_time, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(payload_types_are_those_of_the_other_leg),
	    CASE(legs_with_the_same_map_share_it),
	    CASE(jitter_is_of_the_codecs_own_clock),
	    IN_TIME(events_are_no_jitter),
	    CASE(an_event_passes_untouched_with_its_three_ends),
	    IN_TIME(both_legs_report_what_their_peers_get),
	    CASE(a_bye_of_rtcp_ends_nothing),
	    CASE(silence_with_rtcp_is_told_apart_from_silence_of_rtp),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
