/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forged packets from the address of a call's own peer: what they cost, and what they cannot. */
#include <string.h>

#include <rte_cycles.h>

#include "chain.h"
#include "worker/forgeries.h"
#include "worker/rate.h"

#define ATTACKED 8U /* session of the chain whose leg 0 decrypts */
#define ALLOWANCE (FORGERIES_PPS / 2U)

enum forger {
	BLIND,    /* does not know the SSRC */
	OLD_NEWS, /* knows it, but no sequence number of today */
	WITNESS,  /* sees the call, and forges its next packets */
};

/* A forged packet beside the genuine one. */
static struct frame forgery(const struct fixture *fixture, const struct chain *chain,
			    const uint8_t *genuine, uint32_t length, enum forger forger, uint16_t i)
{
	uint8_t packet[BYTES + 32];
	uint16_t sequence;

	memcpy(packet, genuine, length);
	packet[length - 1] ^= 1; /* of the tag */
	if (forger == BLIND)
		packet[8] ^= (uint8_t)(1 + i % 255);
	if (forger == OLD_NEWS) {
		sequence = (uint16_t)((packet[2] << 8 | packet[3]) + 20000 + i);
		packet[2] = (uint8_t)(sequence >> 8);
		packet[3] = (uint8_t)sequence;
	}
	return udp_frame(fixture, 0, &chain->inside, &chain->second.local[0], packet, length);
}

static uint16_t next_sequence; /* of the genuine packets of all tests */

/* Each round so many forged packets in one burst with a genuine one behind them. Returns how many
 * genuine ones came through. */
static unsigned attack(struct fixture *fixture, const struct chain *chain, enum forger forger,
		       unsigned rounds, uint16_t forged)
{
	unsigned passed = 0;

	for (unsigned round = 0; round < rounds; round++) {
		uint8_t packet[BYTES + 32];
		uint32_t length = encrypted(fixture, chain, next_sequence++, packet);
		struct frame burst[RING_SLOTS], out;

		for (uint16_t i = 0; i < forged; i++)
			burst[i] = forgery(fixture, chain, packet, length, forger, i);
		burst[forged] =
		    udp_frame(fixture, 0, &chain->inside, &chain->second.local[0], packet, length);
		feed(fixture, 0, burst, forged + 1U);
		passed += sent(fixture, 1, &out);
	}
	return passed;
}

static struct chain limited_chain(struct fixture *fixture, uint32_t rate_pps)
{
	struct chain chain = chain_make(fixture, &key_a);
	struct sluice_set request = {
	    .session = ATTACKED, .mask = SLUICE_SET_RATE, .rate_pps = rate_pps};

	set(fixture, &request);
	/* one genuine packet, so that the source is known */
	assert_int_equal(attack(fixture, &chain, BLIND, 1, 0), 1);
	return chain;
}

static uint64_t refused(struct fixture *fixture, enum sluice_drop drop)
{
	return leg_dropped(fixture, ATTACKED, 0, drop);
}

static void a_forger_who_cannot_see_the_call_costs_it_nothing(void **state)
{
	static const enum forger forgers[] = {BLIND, OLD_NEWS};
	struct fixture *fixture = *state;
	/* of genuine packets not one more than the half second of them that follows */
	struct chain chain = limited_chain(fixture, 401);

	for (unsigned i = 0; i < 2; i++) {
		uint64_t checked;

		assert_int_equal(attack(fixture, &chain, forgers[i], 100, 50), 100);
		checked = refused(fixture, SLUICE_DROP_AUTH);
		assert_in_range(checked, ALLOWANCE, ALLOWANCE + 2 * CRYPTO_BURST_MAX);
		assert_int_equal(refused(fixture, SLUICE_DROP_AUTH_RATE), 5000 * (i + 1) - checked);
	}
	assert_int_equal(refused(fixture, SLUICE_DROP_RATE), 0);
}

static void a_few_forgeries_of_a_witness_take_nothing_of_the_calls_own_rate(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 50);

	/* 200 at once: eight times what the call may send in half a second */
	assert_int_equal(attack(fixture, &chain, WITNESS, 4, 50), 4);
	assert_int_equal(refused(fixture, SLUICE_DROP_AUTH), 200);
	assert_int_equal(attack(fixture, &chain, WITNESS, 10, 0), 10);
}

static void a_flood_of_a_witness_is_bounded_and_ends_with_it(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 0);
	uint64_t begin = rte_rdtsc(), checked;
	double seconds;

	attack(fixture, &chain, WITNESS, 200, 50);
	seconds = (double)(rte_rdtsc() - begin) / (double)rte_get_tsc_hz();
	checked = refused(fixture, SLUICE_DROP_AUTH);
	/* a burst is admitted before it is checked */
	assert_in_range(checked, ALLOWANCE,
			ALLOWANCE + CRYPTO_BURST_MAX + (unsigned)(seconds * FORGERIES_PPS));
	assert_in_range(refused(fixture, SLUICE_DROP_AUTH_RATE), 1, 10200 - checked);
	rte_delay_us_sleep(200000); /* a burst more than the allowance is paid back */
	assert_int_equal(attack(fixture, &chain, WITNESS, 1, 0), 1);
}

static void what_authentic_packets_may_be_is_still_limited(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 50);
	unsigned passed = attack(fixture, &chain, WITNESS, 100, 0);

	assert_in_range(passed, 24, 26); /* half a second of them */
	assert_int_equal(refused(fixture, SLUICE_DROP_RATE), 100 - passed);
}

static void a_packet_seen_before_is_charged_to_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 50);
	uint8_t packet[BYTES + 32];
	uint32_t length = encrypted(fixture, &chain, next_sequence++, packet);
	struct frame out;

	assert_true(decrypted(fixture, &chain, packet, length, &out));
	for (unsigned i = 0; i < 1000; i++)
		assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(refused(fixture, SLUICE_DROP_REPLAY), 1000);
	encrypted(fixture, &chain, next_sequence++, packet);
	assert_true(decrypted(fixture, &chain, packet, length, &out));
}

/* What is forged under the key before the last has been hashed too, whatever its reason is. */
static void forgeries_after_a_re_key_are_bounded_too(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 0);
	uint8_t packet[BYTES + 32];
	uint32_t length;
	struct frame out;

	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key_b);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_b);
	length = encrypted(fixture, &chain, next_sequence++, packet);
	assert_true(decrypted(fixture, &chain, packet, length, &out));
	for (unsigned i = 0; i < 2000; i++) /* a replay under the new key is tried with the old */
		assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_in_range(refused(fixture, SLUICE_DROP_REPLAY), ALLOWANCE,
			ALLOWANCE + CRYPTO_BURST_MAX);
	assert_int_equal(
	    refused(fixture, SLUICE_DROP_REPLAY) + refused(fixture, SLUICE_DROP_AUTH_RATE), 2000);
}

/* ---- the table ---- */

static struct forgeries table;
static struct leg legs[4 * FORGERIES_SETS * FORGERIES_WAYS];

#define LEGS (sizeof(legs) / sizeof(legs[0]))
#define SECOND RATE_HZ

static void a_full_table_says_so_and_keeps_what_it_has(void **state)
{
	unsigned kept = 0;

	(void)state;
	memset(&table, 0, sizeof(table));
	for (unsigned i = 0; i < LEGS; i++)
		kept += forgeries_charge(&table, &legs[i], FORGERY_EXPECTED, 0);
	assert_int_equal(kept, table.used);
	/* hashing spreads them: of four times as many legs as places nearly every place has one */
	assert_in_range(kept, 9 * FORGERIES_SETS * FORGERIES_WAYS / 10,
			FORGERIES_SETS * FORGERIES_WAYS);
	for (unsigned i = 0; i < LEGS; i++)
		forgeries_forget(&table, &legs[i]);
	assert_int_equal(table.used, 0);
}

static void an_allowance_is_used_up_apart_and_comes_back(void **state)
{
	unsigned charged = 0;

	(void)state;
	memset(&table, 0, sizeof(table));
	while (forgeries_allow(&table, &legs[0], FORGERY_STRANGE, 7) && charged < 100000)
		charged += forgeries_charge(&table, &legs[0], FORGERY_STRANGE, 7);
	assert_int_equal(charged, ALLOWANCE + 1);
	assert_true(forgeries_allow(&table, &legs[0], FORGERY_EXPECTED, 7));
	assert_true(forgeries_allow(&table, &legs[1], FORGERY_STRANGE, 7));
	assert_false(forgeries_allow(&table, &legs[0], FORGERY_STRANGE, 7));
	assert_true(forgeries_allow(&table, &legs[0], FORGERY_STRANGE, 7 + SECOND / 100));
}

static void entries_go_when_they_say_nothing_any_more(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	for (unsigned i = 0; i < 100; i++)
		forgeries_charge(&table, &legs[i], i % 2 ? FORGERY_STRANGE : FORGERY_EXPECTED, 0);
	for (unsigned i = 0; i < FORGERIES_SETS; i++)
		forgeries_sweep(&table, 0);
	assert_int_equal(table.used, 100);
	for (unsigned i = 0; i < FORGERIES_SETS; i++)
		forgeries_sweep(&table, SECOND);
	assert_int_equal(table.used, 0);
}

static void a_call_that_ends_takes_its_entry_along(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = limited_chain(fixture, 0);
	struct sluice_session_info info;

	attack(fixture, &chain, WITNESS, 20, 50);
	assert_true(refused(fixture, SLUICE_DROP_AUTH_RATE) > 0);
	for (uint64_t id = 7; id <= 8; id++)
		assert_int_equal(sessions_close(fixture->sessions, id, &info), 0);
	turn(fixture);
	sessions_tick(fixture->sessions);
	/* the next call has the same memory */
	chain = limited_chain(fixture, 0);
	assert_int_equal(attack(fixture, &chain, WITNESS, 1, 40), 1);
	assert_int_equal(refused(fixture, SLUICE_DROP_AUTH), 40);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
#define IN_TIME(function) \
	cmocka_unit_test_setup_teardown(function, one_worker_in_real_time, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_forger_who_cannot_see_the_call_costs_it_nothing),
	    CASE(a_few_forgeries_of_a_witness_take_nothing_of_the_calls_own_rate),
	    IN_TIME(a_flood_of_a_witness_is_bounded_and_ends_with_it),
	    CASE(what_authentic_packets_may_be_is_still_limited),
	    CASE(a_packet_seen_before_is_charged_to_nobody),
	    CASE(forgeries_after_a_re_key_are_bounded_too),
	    CASE(a_call_that_ends_takes_its_entry_along),
	    cmocka_unit_test(a_full_table_says_so_and_keeps_what_it_has),
	    cmocka_unit_test(an_allowance_is_used_up_apart_and_comes_back),
	    cmocka_unit_test(entries_go_when_they_say_nothing_any_more),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
