/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "media/index.h"
#include "media/replay.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define FRESH RTP_REPLAY_FRESH
#define SEEN RTP_REPLAY_SEEN
#define OLD RTP_REPLAY_OLD
#define W RTP_REPLAY_WINDOW
#define LAST RTP_INDEX_MAX

/* Rows are worked in order on one window; what is FRESH is committed. */
struct step {
	uint64_t index;
	enum rtp_replay_verdict verdict;
};

static const struct step from_zero[] = {
    {0, FRESH},      {0, SEEN},          {1, FRESH},         {0, SEEN},          {1, SEEN},
    {9, FRESH},      {8, FRESH},         {7, FRESH},         {7, SEEN},          {8, SEEN},
    {9, SEEN},       {2, FRESH},         {W, FRESH},         {0, OLD},           {1, SEEN},
    {3, FRESH},      {W + 1, FRESH},     {1, OLD},           {2, SEEN},          {W + 63, FRESH},
    {W + 64, FRESH}, {65, FRESH},        {65, SEEN},         {64, OLD},          {W + 65, FRESH},
    {66, FRESH},     {65, OLD},          {W, SEEN},          {W + 1, SEEN},      {W + 63, SEEN},
    {3 * W, FRESH},  {2 * W, OLD},       {2 * W + 1, FRESH}, {W + 65, OLD},      {3 * W, SEEN},
    {9 * W, FRESH},  {8 * W + 1, FRESH}, {8 * W, OLD},       {9 * W - 1, FRESH},
};

static const struct step from_the_middle[] = {
    {70000, FRESH},        {70000 - 1, FRESH}, {70000 - W + 1, FRESH}, {70000 - W, OLD},
    {70000 - W + 1, SEEN}, {65535, OLD},       {70000 + W - 1, FRESH}, {70000, SEEN},
    {70000 - 1, OLD},      {70000 + W, FRESH}, {70000, OLD},
};

static const struct step over_the_wrap[] = {
    {65534, FRESH}, {65537, FRESH}, {65535, FRESH}, {65536, FRESH},
    {65535, SEEN},  {65536, SEEN},  {65534, SEEN},  {65537, SEEN},
};

static const struct step at_the_end[] = {
    {LAST - 1, FRESH}, {LAST, FRESH}, {LAST, SEEN}, {LAST - 1, SEEN}, {LAST - W, OLD},
};

static const struct {
	const char *what;
	const struct step *steps;
	size_t count;
} tables[] = {
    {"from zero", from_zero, ROWS(from_zero)},
    {"from the middle", from_the_middle, ROWS(from_the_middle)},
    {"over the wrap", over_the_wrap, ROWS(over_the_wrap)},
    {"at the end", at_the_end, ROWS(at_the_end)},
};

static void the_window_knows_fresh_seen_and_old(void **state)
{
	(void)state;
	for (size_t t = 0; t < ROWS(tables); t++) {
		struct rtp_replay replay = {0};

		for (size_t i = 0; i < tables[t].count; i++) {
			const struct step *step = &tables[t].steps[i];

			if (rtp_replay_check(&replay, step->index) != step->verdict)
				fail_msg("%s, step %zu, index %ju", tables[t].what, i,
					 (uintmax_t)step->index);
			if (step->verdict == FRESH)
				rtp_replay_commit(&replay, step->index);
		}
	}
}

static void an_empty_window_has_not_started(void **state)
{
	struct rtp_replay replay = {0};

	(void)state;
	assert_false(rtp_replay_started(&replay));
	assert_int_equal(rtp_replay_check(&replay, 0), FRESH);
	rtp_replay_commit(&replay, 0);
	assert_true(rtp_replay_started(&replay));
	assert_int_equal(rtp_replay_check(&replay, 0), SEEN);
}

static void a_closed_window_lets_only_higher_indices_in(void **state)
{
	struct rtp_replay replay = {0};

	(void)state;
	rtp_replay_close(&replay, 1000);
	for (uint64_t index = 1000 - W + 1; index <= 1000; index++)
		assert_int_equal(rtp_replay_check(&replay, index), SEEN);
	assert_int_equal(rtp_replay_check(&replay, 1000 - W), OLD);
	assert_int_equal(rtp_replay_check(&replay, 1001), FRESH);
}

/* Against a table of every index ever seen. */
static void no_index_is_ever_fresh_twice(void **state)
{
	static uint8_t seen[20000];
	struct rtp_replay replay = {0};
	uint64_t highest = 0;

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t middle = i / 6;
		uint64_t index = middle + (uint64_t)random() % 300;
		enum rtp_replay_verdict verdict = rtp_replay_check(&replay, index);
		enum rtp_replay_verdict expected = seen[index] ? SEEN : FRESH;

		if (highest >= W && index <= highest - W)
			expected = OLD;
		assert_int_equal(verdict, expected);
		if (verdict != FRESH)
			continue;
		rtp_replay_commit(&replay, index);
		seen[index] = 1;
		highest = index > highest ? index : highest;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_window_knows_fresh_seen_and_old),
	    cmocka_unit_test(an_empty_window_has_not_started),
	    cmocka_unit_test(a_closed_window_lets_only_higher_indices_in),
	    cmocka_unit_test(no_index_is_ever_fresh_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
