/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drops that need a fault of the machine or of the network around it, and what bad packets cost. */
#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "fixture.h"
#include "worker/forgeries.h"

#define ID 7U
#define BYTES 172U

static const struct sluice_key key = {.suite = 1, .key_len = 30, .key = {1, 2, 3}};

static struct frame rtp_frame(const struct fixture *fixture, const struct sluice_addr *from,
			      const struct sluice_addr *to, uint16_t sequence, uint32_t length)
{
	uint8_t packet[BYTES];

	rtp_make(packet, length, sequence, 1);
	return udp_frame(fixture, 0, from, to, packet, length);
}

static void secured(struct fixture *fixture, uint8_t leg, uint32_t mask)
{
	struct sluice_set request = {
	    .session = ID, .leg = leg, .mask = mask, .rx = {key}, .tx = key};

	set(fixture, &request);
}

/* A buffer whose packet ends where the buffer does has no room for a tag. */
static void a_packet_without_room_for_its_tag_is_dropped_as_no_buffer(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct frame frame = rtp_frame(fixture, &from, &session.local[0], 1, BYTES), out;
	struct rte_mbuf *mbuf;

	secured(fixture, 1, SLUICE_SET_TX_KEY);
	mbuf = packet_buffer();
	assert_non_null(mbuf);
	mbuf->data_off = (uint16_t)(mbuf->buf_len - frame.length);
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)frame.length), frame.bytes, frame.length);
	assert_int_equal(rte_ring_enqueue(fixture->in[0], mbuf), 0);
	turn(fixture);
	assert_false(sent(fixture, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_NO_BUFFER), 1);
}

static void srtcp_in_clear_is_dropped(void **state)
{
	/* an RR, the index word without its E bit, and room for a tag (RFC 3711 3.4) */
	static const uint8_t report[22] = {0x80, 201, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct frame frame, out;

	secured(fixture, 0, SLUICE_SET_RX_KEY);
	frame = udp_frame(fixture, 0, &from, &session.local[0], report, sizeof(report));
	feed(fixture, 0, &frame, 1);
	assert_false(sent(fixture, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_SRTCP_CLEAR), 1);
}

/* The owner does not look, and the ring to it has 1023 places. */
static void what_the_owner_does_not_take_is_dropped_as_handoff_full(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session[2] = {plain_session(fixture, 1),
					       plain_session(fixture, 2)};
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct sluice_session_info info;
	unsigned given = 0, theirs;

	assert_int_equal(sessions_get(fixture->sessions, 1, &info), 0);
	theirs = info.leg[0].worker == 1 ? 0 : 1; /* the session of worker 1 */
	for (; given < 1200; given++) {
		struct frame frame =
		    rtp_frame(fixture, &from, &session[theirs].local[0], (uint16_t)given, 60);
		struct rte_mbuf *mbuf = packet_buffer();

		assert_non_null(mbuf);
		memcpy(rte_pktmbuf_append(mbuf, (uint16_t)frame.length), frame.bytes, frame.length);
		assert_int_equal(rte_ring_enqueue(fixture->in[0], mbuf), 0);
		worker_step(fixture->worker[0]);
	}
	assert_int_equal(dropped(fixture, SLUICE_DROP_HANDOFF_FULL), 1200 - 1023);
	turn(fixture);
	assert_int_equal(sessions_get(fixture->sessions, theirs + 1, &info), 0);
	assert_int_equal(info.leg[0].counters.received, 1023);
}

/* ---- floods: every bad packet under its reason, and the cheaper check first ---- */

struct flood {
	const char *what;
	enum sluice_drop drop;
	unsigned bursts;
	void (*make)(const struct fixture *fixture, const struct sluice_open_reply *session,
		     struct frame *frame);
};

#define FLOOD_BURST 32U

#define FLOOD(name)                                                                              \
	static void name(const struct fixture *fixture, const struct sluice_open_reply *session, \
			 struct frame *frame)

FLOOD(unknown_port)
{
	struct sluice_addr from = addr4(inside_peer, 4000), to = session->local[0];

	to.port = 20018;
	*frame = rtp_frame(fixture, &from, &to, 1, BYTES);
}

FLOOD(malformed)
{
	struct sluice_addr from = addr4(inside_peer, 4000);

	*frame = rtp_frame(fixture, &from, &session->local[0], 1, BYTES);
	frame->bytes[42] = 0x40; /* version 1 */
}

FLOOD(wrong_source)
{
	struct sluice_addr from = addr4("203.0.113.9", 4000);

	*frame = rtp_frame(fixture, &from, &session->local[0], 1, BYTES);
}

FLOOD(forged_tag)
{
	struct sluice_addr from = addr4(inside_peer, 4000);

	*frame = rtp_frame(fixture, &from, &session->local[0], 1, BYTES);
}

static const struct flood floods[] = {
    {"unknown port", SLUICE_DROP_UNKNOWN_PORT, 200, unknown_port},
    {"malformed", SLUICE_DROP_NOT_RTP, 200, malformed},
    {"wrong source", SLUICE_DROP_SOURCE, 200, wrong_source},
    {"forged tag", SLUICE_DROP_AUTH, FORGERIES_PPS / 2 / FLOOD_BURST, forged_tag},
    {"forged beyond the allowance", SLUICE_DROP_AUTH_RATE, 200, forged_tag},
};

/* Cycles a packet of the quickest burst: others may have been interrupted. Buffers are taken and
 * filled before the clock runs. */
static double flood_run(struct fixture *fixture, const struct frame *frame, unsigned bursts)
{
	uint64_t least = UINT64_MAX;

	for (unsigned burst = 0; burst < bursts; burst++) {
		uint64_t begin, cycles;

		for (unsigned i = 0; i < FLOOD_BURST; i++) {
			struct rte_mbuf *mbuf = packet_buffer();

			assert_non_null(mbuf);
			memcpy(rte_pktmbuf_append(mbuf, (uint16_t)frame->length), frame->bytes,
			       frame->length);
			assert_int_equal(rte_ring_enqueue(fixture->in[0], mbuf), 0);
		}
		begin = rte_rdtsc();
		turn(fixture);
		cycles = rte_rdtsc() - begin;
		least = cycles < least ? cycles : least;
	}
	return (double)least / FLOOD_BURST;
}

static void a_flood_is_dropped_by_the_first_check_that_sees_it(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	double cost[sizeof(floods) / sizeof(floods[0])];

	secured(fixture, 0, SLUICE_SET_RX_KEY);
	for (unsigned i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		struct frame frame;
		uint64_t before;

		floods[i].make(fixture, &session, &frame);
		before = dropped(fixture, floods[i].drop);
		cost[i] = flood_run(fixture, &frame, floods[i].bursts);
		/* of the last one some more are checked, as time goes by */
		assert_in_range(dropped(fixture, floods[i].drop) - before,
				floods[i].bursts * FLOOD_BURST * 3 / 4,
				floods[i].bursts * FLOOD_BURST);
		assert_int_equal(dropped(fixture, SLUICE_DROP_NONE), 0);
		printf("%-28s %6.0f cycles a packet\n", floods[i].what, cost[i]);
	}
	/* only one reaches an HMAC; sanitizers leave that much */
	assert_true(cost[0] < cost[3] && cost[2] < cost[3] && cost[4] < cost[3]);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_packet_without_room_for_its_tag_is_dropped_as_no_buffer),
	    CASE(srtcp_in_clear_is_dropped),
	    cmocka_unit_test_setup_teardown(what_the_owner_does_not_take_is_dropped_as_handoff_full,
					    two_workers, teardown),
	    CASE(a_flood_is_dropped_by_the_first_check_that_sees_it),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
