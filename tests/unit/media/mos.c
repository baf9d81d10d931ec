/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The E-model against values computed by hand from the formulas of ITU-T G.107. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/mos.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

struct mos_case {
	const char *what;
	struct mos_path path;
	double rating;
	unsigned mos_x100;
};

/*
 * Delay = codec + network + 2 * jitter. Idd(400 ms): X = 2, 25 (65^(1/6) - 3 (1 + (2/3)^6)^(1/6) +
 * 2) = 25 (2.0052 - 3.0424 + 2) = 24.07; Idd(200 ms): X = 1, 25 (2^(1/6) - 3 (1 + 1/729)^(1/6) +
 * 2) = 25 (1.12246 - 3.00069 + 2) = 3.04.
 */
static const struct mos_case cases[] = {
    {"G.711, nothing lost", {RTP_CODEC_G711, 1000, 0, 0, 0}, 93.20, 441},
    {"nothing received at all", {RTP_CODEC_G711, 0, 0, 0, 0}, 93.20, 441},
    /* Ie,eff = 95 * 2 / (2 + 25.1) = 7.01 */
    {"G.711, 2 % lost", {RTP_CODEC_G711, 980, 20, 0, 0}, 86.19, 423},
    /* 95 * 10 / 35.1 = 27.07 */
    {"G.711, 10 % lost", {RTP_CODEC_G711, 900, 100, 0, 0}, 66.13, 341},
    {"all lost but one", {RTP_CODEC_G711, 1, 999999, 0, 0}, 17.26, 118},
    {"G.711, 380 ms of network", {RTP_CODEC_G711, 1000, 0, 380000, 0}, 69.13, 356},
    {"G.711, 180 ms of network", {RTP_CODEC_G711, 1000, 0, 180000, 0}, 90.16, 434},
    {"G.711, jitter counts twice", {RTP_CODEC_G711, 1000, 0, 80000, 50000}, 90.16, 434},
    {"G.711, 100 ms is not heard", {RTP_CODEC_G711, 1000, 0, 80000, 0}, 93.20, 441},
    {"G.729", {RTP_CODEC_G729, 1000, 0, 0, 0}, 82.20, 410},
    /* 11 + 84 * 5 / 24 = 28.5 */
    {"G.729, 5 % lost", {RTP_CODEC_G729, 950, 50, 0, 0}, 64.70, 334},
    {"GSM", {RTP_CODEC_GSM, 1000, 0, 0, 0}, 73.20, 374},
    {"a codec of tomorrow", {RTP_CODEC_COUNT, 1000, 0, 0, 0}, 93.20, 441},
};

static void the_rating_is_that_of_g_107(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		double rating = mos_rating(&cases[i].path);
		double off = rating - cases[i].rating;

		if (off > 0.01 || off < -0.01)
			fail_msg("%s: R = %.3f, not %.2f", cases[i].what, rating, cases[i].rating);
		if (mos_x100(rating) != cases[i].mos_x100)
			fail_msg("%s: MOS %u", cases[i].what, mos_x100(rating));
	}
}

/* G.107 annex B: 1 below 0, 4.5 above 100; table B.1 has R 90, 80, 70, 60, 50. */
static void mos_follows_the_rating(void **state)
{
	static const struct {
		double rating;
		unsigned mos_x100;
	} rows[] = {{-1, 100}, {0, 100},  {3, 100},  {50, 258},  {60, 310},
		    {70, 360}, {80, 402}, {90, 434}, {100, 450}, {120, 450}};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_int_equal(mos_x100(rows[i].rating), rows[i].mos_x100);
}

static void worse_is_never_better(void **state)
{
	(void)state;
	for (unsigned codec = 0; codec < RTP_CODEC_COUNT; codec++) {
		for (uint32_t step = 0; step < 100; step++) {
			struct mos_path path = {codec, 1000, step, step * 10000, 0};
			struct mos_path worse = {codec, 1000, step + 1, step * 10000 + 10000, 0};

			assert_true(mos_rating(&path) >= mos_rating(&worse));
			assert_true(mos_x100(mos_rating(&path)) >= mos_x100(mos_rating(&worse)));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rating_is_that_of_g_107),
	    cmocka_unit_test(mos_follows_the_rating),
	    cmocka_unit_test(worse_is_never_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
