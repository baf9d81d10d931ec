/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad packets made of a good one: each differs from it in what its kind says, and in no more. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "forge.h"

#define FREE_PORT 0x4e20U
#define UDP4 34U
#define UDP6 54U
#define PAYLOAD 20U
#define TAG 10U
#define FRAME(udp) ((udp) + 8U + 12U + PAYLOAD + TAG)

static struct forge forge;

/* Every byte is its own place, but for what says that it is IP. */
static size_t frame_make(uint8_t *frame, uint32_t udp)
{
	for (uint32_t i = 0; i < FRAME(udp); i++)
		frame[i] = (uint8_t)(i + 1);
	frame[14] = udp == UDP4 ? 0x45 : 0x60;
	frame[udp + 8] = 0x80;
	return FRAME(udp);
}

/* Bytes that may differ: offsets from the UDP header, -1 the last byte of the frame. */
struct fact {
	enum forge_kind kind;
	int may[8];
	unsigned count;
};

static const struct fact facts[] = {
    {FORGE_TAG, {10, 11, 16, 17, 18, 19, -1}, 7},
    {FORGE_TAG_NEAR, {10, 11, -1}, 3},
    {FORGE_SOURCE, {0, 1}, 2},
    {FORGE_UNKNOWN_PORT, {2, 3}, 2},
    {FORGE_MALFORMED, {8}, 1},
    {FORGE_REPLAYED, {0}, 0},
};

static bool is_checksum(uint32_t at, uint32_t udp)
{
	return udp == UDP4 && (at == udp + 6 || at == udp + 7); /* 0 with IPv4: none */
}

static bool may_differ(const struct fact *fact, uint32_t at, uint32_t udp, size_t length)
{
	for (unsigned i = 0; i < fact->count; i++)
		if (at == (fact->may[i] < 0 ? length - 1 : udp + (uint32_t)fact->may[i]))
			return true;
	return false;
}

static void check(const struct fact *fact, uint32_t udp)
{
	uint8_t good[256], bad[FORGE_FRAME_MAX];
	size_t length = frame_make(good, udp);
	unsigned changed = 0;

	assert_int_equal(forge_prepare(&forge, fact->kind, good, length, FREE_PORT), 0);
	assert_int_equal(forge.length, length);
	forge_write(&forge, bad, 7, 0x1234);
	for (uint32_t at = 0; at < length; at++) {
		if (bad[at] == good[at] || is_checksum(at, udp))
			continue;
		assert_true(may_differ(fact, at, udp, length));
		changed++;
	}
	assert_int_equal(changed > 0, fact->kind != FORGE_REPLAYED);
}

static void each_kind_changes_what_it_says_alone(void **state)
{
	(void)state;
	assert_int_equal(sizeof(facts) / sizeof(facts[0]), FORGE_KIND_COUNT);
	for (unsigned i = 0; i < FORGE_KIND_COUNT; i++) {
		check(&facts[i], UDP4);
		check(&facts[i], UDP6);
	}
}

static void a_forged_tag_is_never_the_good_one(void **state)
{
	uint8_t good[256], bad[FORGE_FRAME_MAX];
	size_t length = frame_make(good, UDP4);

	(void)state;
	for (unsigned near = 0; near < 2; near++) {
		assert_int_equal(forge_prepare(&forge, near ? FORGE_TAG_NEAR : FORGE_TAG, good,
					       length, FREE_PORT),
				 0);
		for (uint32_t n = 0; n < 1000; n++) {
			forge_write(&forge, bad, n, (uint16_t)n);
			assert_int_not_equal(bad[length - 1], good[length - 1]);
		}
	}
}

static void guesses_differ_from_packet_to_packet(void **state)
{
	uint8_t good[256], one[FORGE_FRAME_MAX], other[FORGE_FRAME_MAX];
	size_t length = frame_make(good, UDP4);

	(void)state;
	assert_int_equal(forge_prepare(&forge, FORGE_TAG, good, length, FREE_PORT), 0);
	forge_write(&forge, one, 1, 0);
	forge_write(&forge, other, 2, 0);
	assert_memory_not_equal(one + UDP4 + 16, other + UDP4 + 16, 4);
}

static void the_source_is_never_the_peers_own_port(void **state)
{
	uint8_t good[256], bad[FORGE_FRAME_MAX];
	size_t length = frame_make(good, UDP4);

	(void)state;
	assert_int_equal(forge_prepare(&forge, FORGE_SOURCE, good, length, FREE_PORT), 0);
	for (uint32_t n = 0; n < 3000; n++) {
		forge_write(&forge, bad, n, 0);
		assert_memory_not_equal(bad + UDP4, good + UDP4, 2);
	}
}

static void what_is_no_rtp_frame_is_refused(void **state)
{
	uint8_t good[256];
	size_t length = frame_make(good, UDP4);

	(void)state;
	assert_int_equal(forge_prepare(&forge, FORGE_TAG, good, UDP4 + 8, 0), -EINVAL);
	good[14] = 0x46; /* IPv4 options */
	assert_int_equal(forge_prepare(&forge, FORGE_TAG, good, length, 0), -EINVAL);
	assert_int_equal(forge_prepare(&forge, FORGE_TAG, good, 0, 0), -EINVAL);
}

static void names_are_found_and_have_reasons(void **state)
{
	(void)state;
	for (int kind = 0; kind < FORGE_KIND_COUNT; kind++) {
		assert_int_equal(forge_find(forge_name((enum forge_kind)kind)), kind);
		assert_int_not_equal(forge_drops((enum forge_kind)kind), 0);
	}
	assert_int_equal(forge_find("nothing"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_changes_what_it_says_alone),
	    cmocka_unit_test(a_forged_tag_is_never_the_good_one),
	    cmocka_unit_test(guesses_differ_from_packet_to_packet),
	    cmocka_unit_test(the_source_is_never_the_peers_own_port),
	    cmocka_unit_test(what_is_no_rtp_frame_is_refused),
	    cmocka_unit_test(names_are_found_and_have_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
