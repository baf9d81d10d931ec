/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several master keys of one peer, told apart by MKI (RFC 3711 3.2.1, 8.1). The peer is libsrtp2,
 * which changes between them as it likes.
 *
 * Excluded, by name: SRTCP with an MKI in a 32-bit suite (libsrtp 2.5.0 looks for it as if the tag
 * were as long as that of SRTP; mended by its pull request 733).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libsrtp_peer.h"
#include "srtp_fixture.h"

static struct sluice_key keys[SRTP_KEYS_MAX];
static struct srtp_context contexts[SRTP_KEYS_MAX];
static struct srtp_keys all;
static struct libsrtp_peer *peer;

/* MKIs that differ in their last byte alone, or in all. */
static void use_keys(enum sluice_suite suite, uint8_t mki_length, unsigned count)
{
	static const uint32_t mkis[SRTP_KEYS_MAX] = {0x01, 0xff, 0x00, 0x80};

	all = (struct srtp_keys){.count = count};
	for (unsigned i = 0; i < count; i++) {
		keys[i] = key_of(suite, (uint8_t)(1 + i));
		keys[i].mki_len = mki_length;
		keys[i].mki = mkis[i];
		assert_int_equal(srtp_context_init(&contexts[i], worker, &keys[i]), 0);
		all.context[i] = &contexts[i];
	}
	libsrtp_peer_free(peer);
	peer = libsrtp_peer_new_keys(keys, count, LIBSRTP_SENDS);
	assert_non_null(peer);
}

static struct wire sent(struct wire clear, unsigned key)
{
	libsrtp_peer_send_with(peer, key);
	assert_true(
	    libsrtp_protect(peer, clear.bytes, &clear.length, clear.kind == SRTP_PACKET_RTCP));
	return clear;
}

/* The context that the leg used last stands for the leg; -1: dropped. */
static unsigned last;

static enum sluice_drop receive(struct wire *wire)
{
	struct srtp_packet packet = packet_of(all.context[last], wire);

	packet.keys = &all;
	srtp_unprotect_burst(worker, &packet, 1);
	wire->length = packet.length;
	for (unsigned i = 0; i < all.count && packet.drop == SLUICE_DROP_NONE; i++)
		if (all.context[i] == packet.context)
			last = i;
	return packet.drop;
}

static void take(struct wire clear, unsigned key)
{
	struct wire wire = sent(clear, key);

	assert_int_equal(receive(&wire), SLUICE_DROP_NONE);
	assert_int_equal(last, key);
	assert_int_equal(wire.length, clear.length);
	assert_memory_equal(wire.bytes, clear.bytes, clear.length);
}

static void the_mki_says_which_key_in_every_suite_and_length(void **state)
{
	(void)state;
	for (unsigned id = 1; id < SLUICE_SUITE_COUNT; id++) {
		/* libsrtp 2.5.0 derives AES-192 session keys with AES-128 */
		if (id == SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80 ||
		    id == SLUICE_SUITE_AES_192_CM_HMAC_SHA1_32)
			continue;
		for (uint8_t mki_length = 1; mki_length <= 4; mki_length++) {
			use_keys(id, mki_length, SRTP_KEYS_MAX);
			last = 0;
			for (uint16_t sequence = 1; sequence < 40; sequence++)
				take(rtp_wire(SSRC, sequence), sequence * 7U / 3 % SRTP_KEYS_MAX);
			if (rtp_suite_find(id)->rtp_tag_length == 4)
				continue; /* named above */
			for (unsigned i = 0; i < 12; i++)
				take(rtcp_wire(SSRC), i * 5 % SRTP_KEYS_MAX);
		}
	}
}

/* From key to key the peer's counter goes on; a key that was silent over two wraps, too. */
static void the_roll_over_counter_goes_on_from_key_to_key(void **state)
{
	static const struct {
		uint64_t from, to; /* indices */
		unsigned key;
	} rows[] = {
	    {INDEX(0, 65000), INDEX(0, 65530), 0}, {INDEX(0, 65531), INDEX(1, 9), 1},
	    {INDEX(1, 10), INDEX(1, 20), 0},       {INDEX(1, 21), INDEX(3, 100), 2},
	    {INDEX(3, 101), INDEX(3, 200), 3},     {INDEX(3, 201), INDEX(3, 300), 1},
	};

	(void)state;
	use_keys(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1, SRTP_KEYS_MAX);
	last = 0;
	for (size_t row = 0; row < ROWS(rows); row++)
		for (uint64_t index = rows[row].from; index <= rows[row].to; index++)
			take(rtp_wire(SSRC, (uint16_t)index), rows[row].key);
	assert_int_equal(contexts[1].rtp.highest, INDEX(3, 300));
	assert_int_equal(contexts[0].rtp.highest, INDEX(1, 20));
}

static void a_packet_of_the_key_before_that_was_overtaken_is_opened(void **state)
{
	struct wire late, later;

	(void)state;
	use_keys(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 2, 2);
	last = 0;
	take(rtp_wire(SSRC, 65533), 0);
	late = sent(rtp_wire(SSRC, 65535), 0);
	later = late;
	take(rtp_wire(SSRC, 0), 1);
	take(rtp_wire(SSRC, 1), 1);
	assert_int_equal(receive(&late), SLUICE_DROP_NONE);
	assert_int_equal(receive(&later), SLUICE_DROP_REPLAY);
	take(rtp_wire(SSRC, 2), 1);
}

/* Both in one burst, so that the second is guessed before the first has been authenticated. */
static void two_keys_may_meet_in_one_burst(void **state)
{
	struct wire wires[2];
	struct srtp_packet packets[2];

	(void)state;
	use_keys(SLUICE_SUITE_AEAD_AES_128_GCM, 4, 2);
	wires[0] = sent(rtp_wire(SSRC, 100), 0);
	wires[1] = sent(rtp_wire(SSRC, 101), 1);
	for (unsigned i = 0; i < 2; i++) {
		packets[i] = packet_of(all.context[0], &wires[i]);
		packets[i].keys = &all;
	}
	srtp_unprotect_burst(worker, packets, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(packets[i].drop, SLUICE_DROP_NONE);
		assert_ptr_equal(packets[i].context, &contexts[i]);
	}
}

static void an_mki_that_nobody_told_us_costs_no_hmac(void **state)
{
	static const enum sluice_suite suites[] = {SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32,
						   SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80,
						   SLUICE_SUITE_AEAD_AES_256_GCM};

	(void)state;
	for (size_t i = 0; i < ROWS(suites); i++) {
		for (unsigned kind = 0; kind < 2; kind++) {
			struct sluice_key stranger = key_of(suites[i], 77);
			struct wire wire;
			uint32_t length;

			stranger.mki_len = 1;
			stranger.mki = 2;
			use_keys(suites[i], 1, SRTP_KEYS_MAX);
			last = 0;
			wire =
			    kind ? sealed_rtcp(&stranger, SSRC, 3) : sealed_rtp(&stranger, SSRC, 3);
			length = wire.length;
			hmacs = 0;
			assert_int_equal(receive(&wire), SLUICE_DROP_MKI);
			assert_int_equal(hmacs, 0);
			assert_int_equal(wire.length, length);
			for (unsigned k = 0; k < SRTP_KEYS_MAX; k++)
				assert_int_equal(source_count(&contexts[k]), 0);
		}
	}
}

/* A forger may choose any MKI that he has seen: one HMAC each for a known source. */
static void a_forgery_under_any_mki_costs_one_hmac_and_changes_nothing(void **state)
{
	(void)state;
	use_keys(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1, SRTP_KEYS_MAX);
	last = 0;
	take(rtp_wire(SSRC, 10), 0);
	for (unsigned k = 0; k < SRTP_KEYS_MAX; k++) {
		struct sluice_key forger = keys[k];
		struct wire wire;

		forger.key[0] ^= 1;
		wire = sealed_rtp(&forger, SSRC, 11 + k);
		hmacs = 0;
		assert_int_equal(receive(&wire), SLUICE_DROP_AUTH);
		assert_int_equal(hmacs, 1);
		assert_int_equal(source_count(&contexts[k]), k == 0);
	}
	take(rtp_wire(SSRC, 11), 3);
}

static void each_key_has_a_lifetime_of_its_own(void **state)
{
	struct wire wire;

	(void)state;
	use_keys(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1, 2);
	keys[0].lifetime = 3;
	assert_int_equal(srtp_context_init(&contexts[0], worker, &keys[0]), 0);
	last = 0;
	for (uint16_t sequence = 1; sequence <= 3; sequence++)
		take(rtp_wire(SSRC, sequence), 0);
	wire = sent(rtp_wire(SSRC, 4), 0);
	assert_int_equal(receive(&wire), SLUICE_DROP_KEY_LIFETIME);
	take(rtp_wire(SSRC, 5), 1);
}

/* One that another line of keys replaces: the source is followed from whichever it used last. */
static void new_keys_go_on_from_the_one_that_was_furthest(void **state)
{
	struct srtp_context fresh;
	struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 50);
	struct wire wire;

	(void)state;
	use_keys(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1, 2);
	last = 0;
	take(rtp_wire(SSRC, 65000), 0);
	take(rtp_wire(SSRC, 65535), 1);
	take(rtp_wire(SSRC, 0), 1);
	for (unsigned order = 0; order < 2; order++) {
		assert_int_equal(srtp_context_init(&fresh, worker, &key), 0);
		srtp_context_rekey(worker, &fresh, &contexts[order]);
		srtp_context_rekey(worker, &fresh, &contexts[!order]);
		assert_int_equal(source_count(&fresh), 1);
		wire = sealed_rtp(&key, SSRC, INDEX(1, 1));
		assert_int_equal(unprotect(&fresh, &wire), SLUICE_DROP_NONE);
	}
}

static int setup(void **state)
{
	return libsrtp_start() ? fixture_setup(state) : -1;
}

static int teardown(void **state)
{
	libsrtp_peer_free(peer);
	libsrtp_stop();
	return fixture_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_mki_says_which_key_in_every_suite_and_length),
	    cmocka_unit_test(the_roll_over_counter_goes_on_from_key_to_key),
	    cmocka_unit_test(a_packet_of_the_key_before_that_was_overtaken_is_opened),
	    cmocka_unit_test(two_keys_may_meet_in_one_burst),
	    cmocka_unit_test(an_mki_that_nobody_told_us_costs_no_hmac),
	    cmocka_unit_test(a_forgery_under_any_mki_costs_one_hmac_and_changes_nothing),
	    cmocka_unit_test(each_key_has_a_lifetime_of_its_own),
	    cmocka_unit_test(new_keys_go_on_from_the_one_that_was_furthest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
