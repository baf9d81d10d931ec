/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold when there is much of everything: numbers that wrap, floods, churn. */
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "fixture.h"
#include "session/session.h"
#include "worker/forgeries.h"

#define CHURN 100000U /* sessions; SLUICE_TEST_SHARE=N: an Nth of them */
#define ROUNDS 200U
#define FORGED 50U /* of every burst; the rest is honest */

static struct session *session_of(const struct fixture *fixture, uint64_t id)
{
	return session_find(fixture->sessions, id);
}

static struct sluice_session_info info_of(struct fixture *fixture, uint64_t id)
{
	struct sluice_session_info info;

	assert_int_equal(sessions_get(fixture->sessions, id, &info), 0);
	return info;
}

/* An RTP packet from the inside peer, or from another address. */
static struct frame inside_frame(const struct fixture *fixture,
				 const struct sluice_open_reply *opened, const char *from,
				 uint16_t sequence)
{
	struct sluice_addr source = addr4(from, 4000);
	uint8_t packet[172];

	rtp_make(packet, sizeof(packet), sequence, 0x1234);
	return udp_frame(fixture, 0, &source, &opened->local[0], packet, sizeof(packet));
}

static void drain(struct fixture *fixture, unsigned *received)
{
	struct frame frame;

	while (sent(fixture, 1, &frame))
		(*received)++;
}

/* Of the 1,536 bytes that operators plan with (docs/operations.md) tables take some 41 in a data
 * plane of 50,000 sessions; more of each in one as small as this. */
static void a_call_takes_704_bytes_and_192_for_each_key(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_memory_status memory;

	sessions_memory(fixture->sessions, &memory);
	assert_in_range(memory.call_plain, 704, 704 + 256);
	assert_int_equal(memory.call_srtp, memory.call_plain + 2 * 192);
	assert_int_equal(memory.call_srtp2, memory.call_plain + 4 * 192);
}

static void numbers_of_a_leg_go_on_when_their_words_wrap(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply opened = plain_session(fixture, 1);
	struct media *media = &session_of(fixture, 1)->media;
	struct sluice_session_info info;
	unsigned received = 0;

	media->leg[0].stats.received = UINT32_MAX - 1;
	media->leg[0].received_bytes = UINT32_MAX - 100;
	media->leg[1].sent = UINT32_MAX;
	media->leg[1].sent_bytes = UINT32_MAX - 172;
	media->drops[0][leg_drop_place(SLUICE_DROP_SOURCE)] = UINT8_MAX;
	for (uint16_t i = 0; i < 3; i++) {
		struct frame honest = inside_frame(fixture, &opened, inside_peer, i);
		struct frame strange = inside_frame(fixture, &opened, "192.0.2.66", i);

		feed(fixture, 0, &honest, 1);
		feed(fixture, 0, &strange, 1);
	}
	drain(fixture, &received);
	assert_int_equal(received, 3);
	info = info_of(fixture, 1);
	assert_int_equal(info.leg[0].counters.received, UINT64_C(0x100000000) + 1);
	assert_int_equal(info.leg[0].counters.received_bytes, UINT32_MAX - 100 + 3 * 172ULL);
	assert_int_equal(info.leg[1].counters.sent, UINT32_MAX + 3ULL);
	assert_int_equal(info.leg[1].counters.sent_bytes, UINT32_MAX - 172 + 3 * 172ULL);
	assert_int_equal(info.leg[0].counters.drops[SLUICE_DROP_SOURCE], UINT8_MAX + 3ULL);
	sessions_tick(fixture->sessions);
	assert_int_equal(info_of(fixture, 1).leg[1].counters.sent, UINT32_MAX + 3ULL);
}

/* The worker counts on between the main thread's look at carries and that at words. */
static void forged_packets_are_told_once_though_their_carry_is_late(void **state)
{
	static const struct {
		uint8_t word;
		uint32_t carry;
		uint32_t told; /* 0: nothing is */
	} looks[] = {{200, 0, 200}, {200, 0, 0}, {3, 0, 0}, {3, 1, 59}, {4, 1, 1}};
	struct fixture *fixture = *state;
	struct session *session;
	struct leg_carries *carries = calloc(1, sizeof(*carries));

	assert_non_null(carries);
	plain_session(fixture, 1);
	session = session_of(fixture, 1);
	session->carries = carries; /* freed with the session */
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		session->media.drops[0][leg_drop_place(SLUICE_DROP_AUTH)] = looks[i].word;
		carries->carry[0][LEG_COUNT_DROPS + SLUICE_DROP_AUTH] = looks[i].carry;
		fixture->sessions->watched_ms = 0;
		fixture->sessions->second_ms = 0;
		fixture->event_count = 0;
		sessions_tick(fixture->sessions);
		assert_int_equal(fixture->event_count, looks[i].told ? 1 : 0);
		if (!looks[i].told)
			continue;
		assert_int_equal(fixture->event[0].type, SLUICE_EVENT_AUTH_FAILURES);
		assert_int_equal(fixture->event[0].value, looks[i].told);
	}
}

/*
 * Whole bursts, nearly all of them forged packets that claim to come from one call's peer; beyond
 * what may be forged on a call nothing is hashed, and the other call loses nothing.
 */
static void a_flood_at_one_call_costs_the_others_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply attacked = plain_session(fixture, 1);
	struct sluice_open_reply other = plain_session(fixture, 2);
	struct sluice_set set = {.session = 1, .mask = SLUICE_SET_RATE | SLUICE_SET_RX_KEY};
	struct sluice_session_info info;
	unsigned received = 0;
	uint64_t hashed;

	set.rate_pps = 100;
	set.rx[0].suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80;
	set.rx[0].key_len = 30;
	assert_int_equal(sessions_set(fixture->sessions, &set), 0);
	turn(fixture);
	for (uint16_t round = 0; round < ROUNDS; round++) {
		struct frame burst[FORGED + 1];

		for (uint16_t i = 0; i < FORGED; i++)
			burst[i] = inside_frame(fixture, &attacked, inside_peer,
						(uint16_t)(round * FORGED + i));
		burst[FORGED] = inside_frame(fixture, &other, inside_peer, round);
		feed(fixture, 0, burst, FORGED + 1);
		drain(fixture, &received);
	}
	assert_int_equal(received, ROUNDS);
	info = info_of(fixture, 1);
	hashed = info.leg[0].counters.drops[SLUICE_DROP_AUTH] +
		 info.leg[0].counters.drops[SLUICE_DROP_REPLAY];
	/* what is allowed at once, and a burst more */
	assert_in_range(hashed, FORGERIES_PPS / 2, FORGERIES_PPS / 2 + FORGED);
	assert_int_equal(info.leg[0].counters.drops[SLUICE_DROP_AUTH_RATE],
			 ROUNDS * FORGED - hashed);
	assert_int_equal(info_of(fixture, 2).leg[0].counters.dropped, 0);
}

static void encrypted_session(struct fixture *fixture, uint64_t id)
{
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_set request;

	(void)opened(fixture, id, 4);
	for (uint8_t leg = 0; leg < 2; leg++) {
		request = plain_leg(id, leg, leg ? &outside : &inside);
		if (leg) {
			request.rx[0].suite = request.tx.suite =
			    SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80;
			request.rx[0].key_len = request.tx.key_len = 30;
			memcpy(request.rx[0].key, &id, sizeof(id));
		}
		assert_int_equal(sessions_set(fixture->sessions, &request), 0);
	}
}

static void streams_are_gone(const struct fixture *fixture)
{
	for (unsigned i = 0; i < fixture->interfaces.address_count; i++) {
		const struct worker_address *address = &fixture->interfaces.address[i];

		for (unsigned pair = 0; pair < (address->port_last - address->port_first + 1U) / 2;
		     pair++)
			assert_true(address->streams[pair] == 0);
	}
}

static uint64_t churn(void)
{
	const char *share = getenv("SLUICE_TEST_SHARE");
	unsigned long part = share ? strtoul(share, NULL, 10) : 1;

	assert_in_range(part, 1, CHURN / 1000);
	return CHURN / part;
}

static void many_sessions_leave_nothing_behind(void **state)
{
	const uint64_t last = churn();
	struct fixture *fixture = *state;
	const struct sessions *sessions = fixture->sessions;
	struct sluice_session_info info;
	size_t touched = 0;

	for (uint64_t id = 1; id <= last; id++) {
		encrypted_session(fixture, id);
		if (id > 4)
			assert_int_equal(sessions_close(fixture->sessions, id - 4, &info), 0);
		turn(fixture);
		if (id % 16 == 0)
			sessions_tick(fixture->sessions);
		if (id == last / 2)
			touched = pool_touched_bytes(sessions->calls);
	}
	assert_int_equal(pool_touched_bytes(sessions->calls), touched); /* memory is flat */
	for (uint64_t id = last - 3; id <= last; id++)
		assert_int_equal(sessions_close(fixture->sessions, id, &info), 0);
	turn(fixture);
	sessions_tick(fixture->sessions);
	streams_are_gone(fixture);
	assert_int_equal(sessions_count(sessions), 0);
	assert_int_equal(pool_used(sessions->calls), 0);
	assert_int_equal(pool_used(sessions->mails), 0);
	assert_int_equal(pool_used(sessions->keys), 0);
	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++)
		if (sessions->contexts[i])
			assert_int_equal(pool_used(sessions->contexts[i]), 0);
	assert_int_equal(hops_used(fixture->interfaces.hops), 0);
	assert_int_equal(interfaces_used(&fixture->interfaces, 0), 0);
	assert_int_equal(interfaces_used(&fixture->interfaces, 1), 0);
}

static void the_busy_share_is_time_spent_on_packets(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply opened = plain_session(fixture, 1);
	const struct worker_counters *counters = worker_counters(fixture->worker[0]);
	uint64_t busy_tsc = counter_get(&counters->busy_tsc), begin_tsc;
	uint64_t heartbeat = counter_get(&counters->heartbeat);
	unsigned received = 0;

	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(worker_step(fixture->worker[0]), 0);
	assert_int_equal(counter_get(&counters->busy_tsc), busy_tsc);
	assert_int_equal(counter_get(&counters->heartbeat), heartbeat + 1000);
	begin_tsc = rte_rdtsc();
	for (uint16_t i = 0; i < ROUNDS; i++) {
		struct frame frame = inside_frame(fixture, &opened, inside_peer, i);

		feed(fixture, 0, &frame, 1);
		drain(fixture, &received);
	}
	assert_int_equal(received, ROUNDS);
	assert_in_range(counter_get(&counters->busy_tsc) - busy_tsc, 1, rte_rdtsc() - begin_tsc);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_call_takes_704_bytes_and_192_for_each_key),
	    CASE(numbers_of_a_leg_go_on_when_their_words_wrap),
	    CASE(forged_packets_are_told_once_though_their_carry_is_late),
	    CASE(a_flood_at_one_call_costs_the_others_nothing),
	    CASE(the_busy_share_is_time_spent_on_packets),
	    CASE(many_sessions_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
