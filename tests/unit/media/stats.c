/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "media/stats.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define SSRC 0x1234U

/* Packets of 20 ms of an 8 kHz codec that come exactly in time. */
static enum rtp_stats_change receive(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence)
{
	return rtp_stats_update(stats, ssrc, sequence, 160U * sequence, 160U * sequence);
}

struct loss_case {
	const char *what;
	uint16_t sequences[12];
	size_t count;
	uint64_t lost;
	uint64_t reordered;
};

static const struct loss_case loss_cases[] = {
    {"one packet", {7}, 1, 0, 0},
    {"in order", {1, 2, 3, 4}, 4, 0, 0},
    {"one lost", {1, 2, 4}, 3, 1, 0},
    {"three lost", {1, 5}, 2, 3, 0},
    {"a pair reordered", {1, 3, 2, 4}, 4, 0, 1},
    {"late by two", {1, 3, 4, 2}, 4, 0, 1},
    {"a duplicate hides no loss twice", {1, 2, 2, 3}, 4, 0, 0},
    {"duplicates make no negative loss", {1, 1, 1}, 3, 0, 0},
    {"over the wrap", {65534, 65535, 0, 1}, 4, 0, 0},
    {"lost at the wrap", {65534, 1}, 2, 2, 0},
    {"reordered over the wrap", {65534, 0, 65535, 1}, 4, 0, 1},
    {"the first was late itself", {10, 9, 11}, 3, 0, 1},
    {"a stray packet from far away", {1, 2, 40000, 3, 4}, 5, 0, 0},
    {"a restart", {1, 2, 40000, 40001, 40002}, 5, 0, 0},
    {"a restart after a loss keeps the loss", {1, 3, 40000, 40001, 40003}, 5, 2, 0},
    {"a restart at the wrap", {30000, 65535, 0, 1, 3}, 5, 1, 0},
    {"a jump of 2999 is loss", {0, 2999}, 2, 2998, 0},
};

static void loss_and_reordering_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(loss_cases); i++) {
		const struct loss_case *row = &loss_cases[i];
		struct rtp_stats stats = {0};

		for (size_t p = 0; p < row->count; p++)
			receive(&stats, SSRC, row->sequences[p]);
		if (rtp_stats_lost(&stats) != row->lost || stats.reordered != row->reordered ||
		    stats.received != row->count)
			fail_msg("%s: lost %ju, reordered %ju", row->what,
				 (uintmax_t)rtp_stats_lost(&stats), (uintmax_t)stats.reordered);
	}
}

static void a_change_of_source_is_reported(void **state)
{
	struct rtp_stats stats = {0};

	(void)state;
	assert_int_equal(rtp_stats_lost(&stats), 0);
	assert_int_equal(receive(&stats, SSRC, 1), RTP_STATS_FIRST);
	assert_int_equal(receive(&stats, SSRC, 4), RTP_STATS_SAME);
	assert_int_equal(receive(&stats, SSRC + 1, 100), RTP_STATS_NEW_SSRC);
	assert_int_equal(receive(&stats, SSRC + 1, 102), RTP_STATS_SAME);
	assert_int_equal(receive(&stats, SSRC + 1, 50000), RTP_STATS_SAME);
	assert_int_equal(receive(&stats, SSRC + 1, 50001), RTP_STATS_RESTART);
	assert_int_equal(rtp_stats_lost(&stats), 3);
	assert_int_equal(stats.received, 6);
}

/* RFC 3550 A.8 by hand: J += (|D| - J) / 16, in sixteenths and rounded as there. */
struct jitter_step {
	uint32_t timestamp;
	uint32_t arrival;
	uint32_t jitter_16;
};

static const struct jitter_step jitter_steps[] = {
    {0, 1000, 0},     /* the first has nothing to compare with */
    {160, 1160, 0},   /* in time */
    {320, 1400, 80},  /* 80 late: 0 + 80 - (0 + 8) / 16 */
    {480, 1480, 155}, /* 80 early: 80 + 80 - 88 / 16 */
    {640, 1640, 145}, /* in time: 155 + 0 - 163 / 16 */
    {800, 1800, 136}, /* 145 - 153 / 16 */
    {960, 1944, 143}, /* 16 early: 136 + 16 - 144 / 16 */
};

static void jitter_is_that_of_rfc_3550_a_8(void **state)
{
	static const uint32_t shifts[] = {0, 0xfffffc00};

	(void)state;
	/* the second time both clocks wrap on the way */
	for (size_t s = 0; s < ROWS(shifts); s++) {
		struct rtp_stats stats = {0};

		for (size_t i = 0; i < ROWS(jitter_steps); i++) {
			rtp_stats_update(&stats, SSRC, (uint16_t)i,
					 jitter_steps[i].timestamp + shifts[s],
					 jitter_steps[i].arrival + shifts[s]);
			assert_int_equal(stats.jitter, jitter_steps[i].jitter_16);
		}
		assert_int_equal(rtp_stats_jitter(&stats), 143 / 16);
		assert_int_equal(rtp_stats_jitter_us(&stats, 8000), 143 * 125 / 16);
	}
}

static void a_new_origin_of_timestamps_is_no_jitter(void **state)
{
	struct rtp_stats stats = {0};

	(void)state;
	rtp_stats_update(&stats, SSRC, 1, 160, 160);
	rtp_stats_update(&stats, SSRC, 2, 0x70000000, 320);
	rtp_stats_update(&stats, SSRC, 3, 0x70000000 + 160, 480);
	assert_int_equal(rtp_stats_jitter(&stats), 0);
}

static void a_run_of_many_wraps_is_counted_right(void **state)
{
	struct rtp_stats stats = {0};

	(void)state;
	for (uint32_t i = 0; i < 300000; i++) {
		if (i % 10 != 5)
			receive(&stats, SSRC, (uint16_t)(i + 65000));
	}
	assert_int_equal(stats.received, 270000);
	assert_int_equal(rtp_stats_lost(&stats), 30000);
}

static uint32_t draw(uint32_t below)
{
	static uint32_t state = 5;

	state = state * 1664525U + 1013904223U;
	return (state >> 8) % below;
}

/* The number of the next packet: mostly the next one; now and then lost ones, late ones, strays. */
static uint16_t number_after(uint32_t highest)
{
	switch (draw(8)) {
	case 0:
		return (uint16_t)(highest + draw(RTP_STATS_DROPOUT_MAX + 3));
	case 1:
		return (uint16_t)(highest - draw(RTP_STATS_MISORDER_MAX + 3));
	case 2:
		return (uint16_t)draw(65536);
	default:
		return (uint16_t)(highest + 1);
	}
}

static void the_quick_way_counts_as_the_long_way_or_nothing(void **state)
{
	struct rtp_stats quick = {0}, slow = {0}, before;
	unsigned taken = 0;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		uint32_t ssrc = SSRC + (draw(1000) == 0), timestamp = draw(1U << 20);
		uint16_t sequence = number_after(slow.highest);
		enum rtp_stats_change change;

		if (i % 50000 == 49999) /* a run that has become as long as can be told */
			quick.run_received = slow.run_received = UINT32_MAX - 2;
		before = quick;
		change = rtp_stats_update(&slow, ssrc, sequence, timestamp, 160 * i);
		if (rtp_stats_next(&quick, ssrc, sequence, timestamp, 160 * i)) {
			assert_int_equal(change, RTP_STATS_SAME);
			taken++;
		} else {
			assert_memory_equal(&quick, &before, sizeof(quick));
			rtp_stats_update(&quick, ssrc, sequence, timestamp, 160 * i);
		}
		assert_memory_equal(&quick, &slow, sizeof(quick));
	}
	assert_in_range(taken, 100000, 199999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loss_and_reordering_are_counted),
	    cmocka_unit_test(a_change_of_source_is_reported),
	    cmocka_unit_test(jitter_is_that_of_rfc_3550_a_8),
	    cmocka_unit_test(a_new_origin_of_timestamps_is_no_jitter),
	    cmocka_unit_test(a_run_of_many_wraps_is_counted_right),
	    cmocka_unit_test(the_quick_way_counts_as_the_long_way_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
