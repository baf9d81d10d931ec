/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted legs: replays and forgeries, re-keys, master keys told apart, their end. */
#include <string.h>

#include "../clock.h"
#include "chain.h"

static void srtp_of_one_leg_is_opened_by_the_other(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t clear[BYTES], packet[BYTES + 32];
	struct sluice_stats stats = {0};
	struct frame out;

	for (uint16_t sequence = 65500; sequence != 100; sequence++) { /* across the wrap */
		uint32_t length = encrypted(fixture, &chain, sequence, packet);
		const uint8_t *payload;

		rtp_make(clear, BYTES, sequence, 1);
		assert_int_equal(length, BYTES + 10);
		assert_memory_not_equal(packet + 12, clear + 12, BYTES - 12);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
		payload = payload_of(&out, &length);
		assert_int_equal(length, BYTES);
		assert_memory_equal(payload + 12, clear + 12, BYTES - 12);
	}
	sessions_stats(fixture->sessions, &stats);
	assert_int_equal(stats.encrypted, 136);
	assert_int_equal(stats.decrypted, 136);
}

static void a_replay_and_a_forgery_change_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32], next[BYTES + 32];
	uint32_t length = encrypted(fixture, &chain, 10, packet);
	struct frame out;

	assert_true(decrypted(fixture, &chain, packet, length, &out));
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);
	encrypted(fixture, &chain, 11, next);
	next[50] ^= 0x10;
	assert_false(decrypted(fixture, &chain, next, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH), 1);
	next[50] ^= 0x10;
	assert_true(decrypted(fixture, &chain, next, length, &out));
}

static void a_repeated_sequence_number_is_not_encrypted_twice(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32];
	struct frame out;

	encrypted(fixture, &chain, 10, packet);
	assert_false(pass_rtp(fixture, &chain.first, &chain.inside, 10, &out));
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_TX_INDEX), 1);
}

static void packets_of_the_old_key_pass_for_two_seconds_after_a_re_key(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t early[BYTES + 32], late[BYTES + 32], new[BYTES + 32];
	uint32_t length;
	struct frame out;

	length = encrypted(fixture, &chain, 9, new);
	assert_true(decrypted(fixture, &chain, new, length, &out));
	encrypted(fixture, &chain, 10, early);
	encrypted(fixture, &chain, 11, late);
	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key_b);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_b);
	encrypted(fixture, &chain, 12, new);
	assert_true(decrypted(fixture, &chain, new, length, &out));
	assert_true(decrypted(fixture, &chain, early, length, &out));
	assert_false(decrypted(fixture, &chain, early, length, &out)); /* the old key's window */
	for (unsigned i = 0; i < 25; i++) {
		clock_pass_ms(100);
		sessions_tick(fixture->sessions);
		turn(fixture);
	}
	assert_false(decrypted(fixture, &chain, late, length, &out));
	/* the reason is the new key's: also for the replay under the old one */
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH), 2);
}

static void the_same_key_again_keeps_the_replay_window(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32];
	uint32_t length = encrypted(fixture, &chain, 10, packet);
	struct frame out;

	assert_true(decrypted(fixture, &chain, packet, length, &out));
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_a);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);
}

/*
 * Key i of session 7, which encrypts with one after the other, as a peer with several master keys
 * does; session 8 was told all of them.
 */
static struct sluice_key master_key(unsigned i)
{
	struct sluice_key key = {.suite = 1, .key_len = 30, .mki_len = 2, .mki = 0x100 + i};

	memset(key.key, (int)i + 1, key.key_len);
	return key;
}

static void keys_set(struct fixture *fixture, unsigned first, unsigned count)
{
	struct sluice_set request = {.session = 8, .mask = SLUICE_SET_RX_KEY};

	for (unsigned i = 0; i < count; i++)
		request.rx[i] = master_key(first + i);
	set(fixture, &request);
}

static void sends_with(struct fixture *fixture, unsigned i)
{
	const struct sluice_key key = master_key(i);

	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key);
}

static void a_peer_may_change_between_its_master_keys(void **state)
{
	struct fixture *fixture = *state;
	const struct sluice_key first = master_key(0);
	struct chain chain = chain_make(fixture, &first);
	uint8_t packet[BYTES + 32], old[BYTES + 32];
	uint32_t length, old_length;
	uint64_t next = 0;
	struct sluice_session_info info;
	struct frame out;

	keys_set(fixture, 0, 4);
	for (unsigned i = 0; i < 4; i++) {
		sends_with(fixture, i);
		length = encrypted(fixture, &chain, (uint16_t)(65534 + i), packet);
		assert_int_equal(length, BYTES + 2 + 10);
		if (i == 0) /* the relay's own numbers */
			next = (uint64_t)(packet[2] << 8 | packet[3]);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
		assert_int_equal(sessions_get(fixture->sessions, 8, &info), 0);
		assert_int_equal(info.leg[0].rx_position.rtp_next, ++next);
	}
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);

	/* keys 2 and 3 stay, with their windows; 0 and 1 go, in two seconds */
	sends_with(fixture, 1);
	old_length = encrypted(fixture, &chain, 2, old);
	keys_set(fixture, 2, 4);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 2);
	assert_true(decrypted(fixture, &chain, old, old_length, &out));
	sends_with(fixture, 5);
	length = encrypted(fixture, &chain, 3, packet);
	assert_true(decrypted(fixture, &chain, packet, length, &out));

	sends_with(fixture, 6); /* nobody knows it */
	length = encrypted(fixture, &chain, 4, packet);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_MKI), 1);
}

/* At 90 %, looked at every 64 packets; a key of very few packets at its end. */
static void the_end_of_a_key_is_told_once_before_it_comes(void **state)
{
	static const struct {
		uint64_t lifetime;
		uint64_t left_least, left_most; /* when it is told */
	} rows[] = {{1, 0, 0},  {10, 0, 0},    {63, 0, 0},   {64, 1, 1},
		    {65, 2, 2}, {100, 37, 37}, {700, 1, 70}, {1000, 1, 100}};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_key key = master_key(i);
		struct chain chain;
		struct frame out;
		unsigned passed = 0;

		key.lifetime = rows[i].lifetime;
		fixture->event_count = 0;
		chain = chain_make(fixture, &key);
		for (uint16_t sequence = 1; sequence <= rows[i].lifetime + 130; sequence++)
			passed += pass_rtp(fixture, &chain.first, &chain.inside, sequence, &out);
		assert_int_equal(passed, rows[i].lifetime);
		assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_KEY_LIFETIME), 130);
		sessions_tick(fixture->sessions);
		assert_int_equal(fixture->event_count, 1);
		assert_int_equal(fixture->event[0].type, SLUICE_EVENT_KEY_LIMIT);
		assert_int_equal(fixture->event[0].leg, 1);
		assert_int_equal(fixture->event[0].direction, SLUICE_DIR_TX);
		assert_in_range(fixture->event[0].value, rows[i].left_least, rows[i].left_most);
		for (uint64_t id = 7; id <= 8; id++) {
			struct sluice_session_info info;

			assert_int_equal(sessions_close(fixture->sessions, id, &info), 0);
			turn(fixture);
			sessions_tick(fixture->sessions);
		}
	}
}

/* The peer's key: what it sends after its end is not opened. */
static void the_end_of_the_peers_key_is_told_too(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_key key = key_a;
	struct chain chain = chain_make(fixture, &key);
	uint8_t packet[BYTES + 32];
	struct frame out;
	unsigned passed = 0;

	key.lifetime = 200;
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_b);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key);
	for (uint16_t sequence = 1; sequence <= 210; sequence++) {
		uint32_t length = encrypted(fixture, &chain, sequence, packet);

		passed += decrypted(fixture, &chain, packet, length, &out);
	}
	assert_int_equal(passed, 200);
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_KEY_LIFETIME), 10);
	sessions_tick(fixture->sessions);
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].leg, 0);
	assert_int_equal(fixture->event[0].direction, SLUICE_DIR_RX);
}

/* What the control plane does with that event, and what the peer sees of it. */
static void a_call_goes_on_past_the_lifetime_of_its_keys(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_key key = master_key(0);
	struct chain chain;
	uint8_t packet[BYTES + 32];
	unsigned keys = 1;
	struct frame out;

	key.lifetime = 300;
	chain = chain_make(fixture, &key);
	keys_set(fixture, 0, 1);
	for (uint16_t sequence = 1; sequence <= 3000; sequence++) {
		uint32_t length = encrypted(fixture, &chain, sequence, packet);

		assert_true(decrypted(fixture, &chain, packet, length, &out));
		sessions_tick(fixture->sessions);
		if (!fixture->event_count)
			continue;
		fixture->event_count = 0;
		key = master_key(keys);
		key.lifetime = 300;
		keys_set(fixture, keys, 1);
		key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key);
		keys++;
	}
	assert_in_range(keys, 10, 13);
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_KEY_LIFETIME), 0);
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_TX_INDEX), 0);
}

int main(void)
{
#define ONE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    ONE(srtp_of_one_leg_is_opened_by_the_other),
	    ONE(a_replay_and_a_forgery_change_nothing),
	    ONE(a_repeated_sequence_number_is_not_encrypted_twice),
	    ONE(packets_of_the_old_key_pass_for_two_seconds_after_a_re_key),
	    ONE(a_peer_may_change_between_its_master_keys),
	    ONE(the_same_key_again_keeps_the_replay_window),
	    ONE(the_end_of_a_key_is_told_once_before_it_comes),
	    ONE(the_end_of_the_peers_key_is_told_too),
	    ONE(a_call_goes_on_past_the_lifetime_of_its_keys),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
