/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/index.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define INDEX(roc, number) ((uint64_t)(roc) << 16 | (number))

struct guess_case {
	const char *what;
	uint64_t highest;
	uint16_t sequence;
	uint64_t guess;
};

static const struct guess_case guesses[] = {
    /* what                                   highest              sequence guess */
    {"the next packet", INDEX(0, 1), 2, INDEX(0, 2)},
    {"the same packet", INDEX(3, 7), 7, INDEX(3, 7)},
    {"the first wrap", INDEX(0, 65535), 0, INDEX(1, 0)},
    {"a wrap over a loss", INDEX(0, 65530), 5, INDEX(1, 5)},
    {"late, from before the wrap", INDEX(1, 0), 65535, INDEX(0, 65535)},
    {"late, from before a later wrap", INDEX(9, 3), 65534, INDEX(8, 65534)},
    {"ROC 0 has nothing before it", INDEX(0, 0), 65535, INDEX(0, 65535)},
    {"ROC 0, far ahead", INDEX(0, 1), 40000, INDEX(0, 40000)},
    {"half the range ahead: same ROC", INDEX(5, 0), 0x8000, INDEX(5, 0x8000)},
    {"one more: it is late", INDEX(5, 0), 0x8001, INDEX(4, 0x8001)},
    {"half the range back: same ROC", INDEX(5, 0x8000), 0, INDEX(5, 0)},
    {"one more: it has wrapped", INDEX(5, 0x8001), 0, INDEX(6, 0)},
    {"middle, low", INDEX(5, 0x7fff), 0xffff, INDEX(5, 0xffff)},
    {"middle, high", INDEX(5, 0x8000), 0xffff, INDEX(5, 0xffff)},
    {"the last index of a key", INDEX(0xffffffff, 65534), 65535, RTP_INDEX_MAX},
    {"beyond it", INDEX(0xffffffff, 65535), 0, RTP_INDEX_MAX + 1},
};

static void the_guess_is_that_of_rfc_3711_appendix_a(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(guesses); i++) {
		if (rtp_index_guess(guesses[i].highest, guesses[i].sequence) != guesses[i].guess)
			fail_msg("%s", guesses[i].what);
	}
}

/* The definition by its property: of the indices with that sequence number, the nearest. */
static void the_guess_is_the_nearest_index(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 65536; low += 251) {
		for (uint32_t sequence = 0; sequence < 65536; sequence += 17) {
			uint64_t highest = INDEX(7, low);
			uint64_t guess = rtp_index_guess(highest, (uint16_t)sequence);
			uint64_t away = guess > highest ? guess - highest : highest - guess;

			assert_int_equal(guess & 0xffff, sequence);
			assert_true(away <= 0x8000);
		}
	}
}

static void a_stream_is_followed_over_three_wraps(void **state)
{
	uint64_t highest = INDEX(0, 65000);

	(void)state;
	for (uint64_t sent = highest + 1; sent < INDEX(3, 100); sent++) {
		uint64_t guess = rtp_index_guess(highest, (uint16_t)sent);

		assert_true(guess == sent);
		highest = guess;
	}
}

static void an_unseen_source_is_tried_with_roc_0_then_1(void **state)
{
	(void)state;
	assert_true(rtp_index_first(0, 5, 0) == INDEX(0, 5));
	assert_true(rtp_index_first(0, 5, 1) == INDEX(1, 5));
	assert_true(rtp_index_first(0, 65535, 0) == INDEX(0, 65535));
}

static void a_source_under_a_new_key_is_tried_with_the_kept_roc_then_0(void **state)
{
	(void)state;
	assert_true(rtp_index_first(INDEX(7, 9), 10, 0) == INDEX(7, 10));
	assert_true(rtp_index_first(INDEX(7, 65535), 0, 0) == INDEX(8, 0));
	assert_true(rtp_index_first(INDEX(7, 9), 10, 1) == INDEX(0, 10));
	assert_true(rtp_index_first(INDEX(1, 9), 65000, 0) == INDEX(0, 65000));
	assert_true(rtp_index_first(INDEX(1, 9), 65000, 1) == INDEX(1, 65000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_guess_is_that_of_rfc_3711_appendix_a),
	    cmocka_unit_test(the_guess_is_the_nearest_index),
	    cmocka_unit_test(a_stream_is_followed_over_three_wraps),
	    cmocka_unit_test(an_unseen_source_is_tried_with_roc_0_then_1),
	    cmocka_unit_test(a_source_under_a_new_key_is_tried_with_the_kept_roc_then_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
