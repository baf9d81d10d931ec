/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trip, loss and jitter from reports, with values computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtcp.h"
#include "media/rtcp_stats.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define SSRC 0xaaU
#define SECOND 65536U

/* An SR of the source, with the NTP time 0xb44db705.20000000 of RFC 3550 figure 2. */
static uint32_t sr_make(uint8_t *packet)
{
	memset(packet, 0, 28);
	memcpy(packet, "\x80\xc8\0\6\0\0\0\xaa\xb4\x4d\xb7\x05\x20", 13);
	return 28;
}

struct report {
	uint32_t ssrc;
	int32_t lost;
	uint32_t jitter;
	uint32_t lsr;
	uint32_t dlsr;
};

static uint32_t rr_make(uint8_t *packet, const struct report *report)
{
	memset(packet, 0, 32);
	memcpy(packet, "\x81\xc9\0\7\0\0\0\xbb", 8);
	bytes_put_be32(packet + 8, report->ssrc);
	bytes_put_be32(packet + 12, (uint32_t)report->lost & 0xffffff);
	bytes_put_be32(packet + 20, report->jitter);
	bytes_put_be32(packet + 24, report->lsr);
	bytes_put_be32(packet + 28, report->dlsr);
	return 32;
}

struct rtt_case {
	const char *what;
	uint32_t sr_at;
	uint32_t rr_at;
	uint32_t lsr;
	uint32_t dlsr;
	uint32_t rtt; /* in 1/4096 s */
};

static const struct rtt_case rtt_cases[] = {
    /* RFC 3550 figure 2: A = 46864.500, LSR = 46853.125, DLSR = 5.250: 6.125 s */
    {"the example of RFC 3550", 46853 * SECOND + SECOND / 8, 46864 * SECOND + SECOND / 2,
     0xb7052000, 0x00054000, (6 * SECOND + SECOND / 8) / 16},
    {"none is told", 0, SECOND, 0, 0, 0},
    {"of another SR", 0, SECOND, 0xb7052001, 0, 0},
    {"over the wrap of our clock", 0xffff0000, 0x8000, 0xb7052000, 0x8000, SECOND / 16},
    {"no longer than the peer sat on it", SECOND, 2 * SECOND, 0xb7052000, SECOND, 1},
    {"a clock that runs a little fast", SECOND, 2 * SECOND, 0xb7052000, SECOND + 100, 1},
    {"a lie: before it came", SECOND, 2 * SECOND, 0xb7052000, 3 * SECOND, 0},
    {"a lie: a minute", 0, 60 * SECOND, 0xb7052000, 0, 0},
};

static void the_round_trip_is_that_of_lsr_and_dlsr(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rtt_cases); i++) {
		const struct rtt_case *row = &rtt_cases[i];
		const struct report report = {SSRC, 0, 0, row->lsr, row->dlsr};
		struct rtcp_stats source = {0}, listener = {0};
		uint8_t packet[32];
		uint32_t length = sr_make(packet);

		rtcp_stats_update(&source, &listener, 0xbb, packet, length, row->sr_at);
		length = rr_make(packet, &report);
		rtcp_stats_update(&listener, &source, SSRC, packet, length, row->rr_at);
		if (listener.rtt != row->rtt || listener.rtt_max != row->rtt)
			fail_msg("%s: %u", row->what, listener.rtt);
		assert_int_equal(source.rtt, 0);
	}
	assert_int_equal(rtcp_rtt_us((6 * SECOND + SECOND / 8) / 16), 6125000);
}

static void the_longest_round_trip_is_kept(void **state)
{
	static const uint32_t trips[] = {SECOND / 10, SECOND / 2, SECOND / 20};
	struct rtcp_stats source = {.sr_ntp = 7, .sr_at = 0}, listener = {0};

	(void)state;
	for (size_t i = 0; i < ROWS(trips); i++) {
		const struct report report = {SSRC, 0, 0, 7, SECOND};
		uint8_t packet[32];
		uint32_t length = rr_make(packet, &report);

		rtcp_stats_update(&listener, &source, SSRC, packet, length, SECOND + trips[i]);
	}
	assert_int_equal(listener.rtt, SECOND / 20 / 16);
	assert_int_equal(listener.rtt_max, SECOND / 2 / 16);
}

struct loss_case {
	const char *what;
	struct report report;
	uint32_t lost;
	uint32_t jitter;
};

static const struct loss_case loss_cases[] = {
    {"of our source", {SSRC, 17, 90, 0, 0}, RTCP_STATS_TOLD | 17, 90},
    {"no loss is told too", {SSRC, 0, 0, 0, 0}, RTCP_STATS_TOLD, 0},
    {"duplicates are no negative loss", {SSRC, -5, 3, 0, 0}, RTCP_STATS_TOLD, 3},
    {"the most there is", {SSRC, 0x7fffff, 0, 0, 0}, RTCP_STATS_TOLD | 0x7fffff, 0},
    {"of another source", {SSRC + 1, 17, 90, 0, 0}, 0, 0},
};

static void loss_and_jitter_are_those_of_the_block_about_our_media(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(loss_cases); i++) {
		const struct loss_case *row = &loss_cases[i];
		struct rtcp_stats source = {0}, listener = {0};
		uint8_t packet[32];
		uint32_t length = rr_make(packet, &row->report);

		rtcp_stats_update(&listener, &source, SSRC, packet, length, SECOND);
		listener = rtcp_stats_glance(&listener);
		if (listener.lost != row->lost || listener.jitter != row->jitter)
			fail_msg("%s: lost %x, jitter %u", row->what, listener.lost,
				 listener.jitter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_round_trip_is_that_of_lsr_and_dlsr),
	    cmocka_unit_test(the_longest_round_trip_is_kept),
	    cmocka_unit_test(loss_and_jitter_are_those_of_the_block_about_our_media),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
