/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out for what a source does with its numbers, as tables of facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/bytes.h"
#include "media/renumber.h"
#include "media/rtcp.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define SSRC 0x1234U
#define WAIT (-1) /* not sent: far, and not confirmed */
#define LATE (-2) /* not sent: of a run that is over */

struct step {
	uint16_t sequence;
	int32_t sent; /* number, or WAIT, LATE */
};

struct story {
	const char *what;
	uint64_t next; /* one above the highest index sent before; 0: none */
	struct step steps[10];
	size_t count;
};

static const struct story stories[] = {
    {"numbers below 2^10 stay", 0, {{1000, 1000}, {1001, 1001}, {1002, 1002}}, 3},
    {"the first is below 2^10", 0, {{0x8000 + 500, 500}, {0x8000 + 501, 501}}, 2},
    {"also at the very end", 0, {{65535, 1023}, {0, 1024}, {1, 1025}}, 3},
    {"the first leaves room for late ones", 0, {{3, 103}, {2, 102}, {0, 100}, {65535, 99}}, 4},
    {"a gap stays a gap", 0, {{1000, 1000}, {1003, 1003}, {1004, 1004}}, 3},
    {"reordering stays reordering", 0, {{1000, 1000}, {1002, 1002}, {1001, 1001}}, 3},
    {"a duplicate has its twin's number", 0, {{1000, 1000}, {1000, 1000}}, 2},
    {"a wrap of ours", 65535, {{32767, 65535}, {34000, 1232}, {34001, 1233}}, 3},
    {"a wrap of the source's", 0, {{65530, 1018}, {2, 1026}, {65531, 1019}}, 3},
    {"a gap of 2999", 0, {{1000, 1000}, {3999, 3999}}, 2},
    {"a jump of 3000 is a restart", 0, {{1000, 1000}, {4000, WAIT}, {4001, 1001}, {4002, 1002}}, 4},
    {"a rewind goes on behind the highest",
     0,
     {{1000, 1000}, {1001, 1001}, {200, WAIT}, {201, 1002}, {202, 1003}},
     5},
    {"99 back is late, 100 back is a restart",
     0,
     {{1000, 1000}, {901, 901}, {900, WAIT}, {1001, 1001}},
     4},
    {"a restart whose second packet is lost",
     0,
     {{1000, 1000}, {30000, WAIT}, {30002, 1001}, {30003, 1002}},
     4},
    {"a restart whose first packets are swapped",
     0,
     {{1000, 1000}, {30001, WAIT}, {30000, WAIT}, {30002, 1001}, {30003, 1002}},
     5},
    {"a stray moves nothing", 0, {{1000, 1000}, {40000, WAIT}, {1001, 1001}, {1002, 1002}}, 4},
    {"strays that do not follow each other move nothing",
     0,
     {{1000, 1000}, {40000, WAIT}, {50000, WAIT}, {60000, WAIT}, {20000, WAIT}, {1001, 1001}},
     6},
    {"a stray that comes twice moves nothing",
     0,
     {{1000, 1000}, {40000, WAIT}, {40000, WAIT}, {1001, 1001}},
     4},
    {"a packet between takes the confirmation away",
     0,
     {{1000, 1000}, {40000, WAIT}, {1001, 1001}, {40001, WAIT}, {40002, 1002}},
     5},
    {"a late packet of the run before, across the restart",
     0,
     {{1000, 1000}, {40000, WAIT}, {40001, 1001}, {1001, WAIT}, {40002, 1002}},
     5},
    {"a late packet from before the restart's first",
     0,
     {{1000, 1000}, {40000, WAIT}, {40001, 1001}, {40000, LATE}, {39999, LATE}},
     5},
    {"reordering after a restart",
     0,
     {{1000, 1000}, {40000, WAIT}, {40001, 1001}, {40003, 1003}, {40002, 1002}},
     5},
    {"two sources with one SSRC: the first holds it",
     0,
     {{1000, 1000}, {40000, WAIT}, {1001, 1001}, {40001, WAIT}, {1002, 1002}, {40002, WAIT}},
     6},
    {"two sources with one SSRC: until it is silent",
     0,
     {{1000, 1000},
      {40000, WAIT},
      {1001, 1001},
      {40001, WAIT},
      {40002, 1002},
      {1002, WAIT},
      {40003, 1003}},
     7},
    {"after a restart of ours, whatever the number",
     (UINT64_C(3) << 16) + 500,
     {{60000, 500}, {60001, 501}, {60003, 503}, {60002, 502}},
     4},
    {"nothing before a restart of ours", 70000, {{60000, 4464}, {59999, LATE}}, 2},
    {"a restart at our wrap", 65535, {{7, 65535}, {8, 0}, {9000, WAIT}, {9001, 1}}, 4},
};

static int32_t send(struct rtp_renumber *renumber, uint32_t ssrc, uint16_t sequence, uint64_t next)
{
	struct rtp_renumber_source *source = rtp_renumber_find(renumber, ssrc);
	uint16_t sent;

	if (!source)
		source = rtp_renumber_begin(renumber, ssrc, sequence, next);
	switch (rtp_renumber_packet(source, sequence, &sent)) {
	case RTP_RENUMBER_SEND:
		return sent;
	case RTP_RENUMBER_WAIT:
		return WAIT;
	default:
		return LATE;
	}
}

static void a_source_is_numbered_as_its_story_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(stories); i++) {
		const struct story *story = &stories[i];
		struct rtp_renumber renumber = {0};

		for (size_t s = 0; s < story->count; s++) {
			const struct step *step = &story->steps[s];
			int32_t sent = send(&renumber, SSRC, step->sequence, story->next);

			if (sent != step->sent)
				fail_msg("%s: step %zu: sent %d, not %d", story->what, s, sent,
					 step->sent);
		}
	}
}

static void each_ssrc_has_its_own_numbers(void **state)
{
	struct rtp_renumber renumber = {0};

	(void)state;
	assert_int_equal(send(&renumber, 1, 40500, 0), 40500 % 1024);
	assert_int_equal(send(&renumber, 2, 500, 0), 500);
	assert_int_equal(send(&renumber, 1, 40501, 0), 40501 % 1024);
	assert_int_equal(send(&renumber, 2, 501, 0), 501);
}

static void the_source_that_was_silent_longest_makes_room(void **state)
{
	struct rtp_renumber renumber = {0};

	(void)state;
	for (uint32_t ssrc = 1; ssrc <= RTP_RENUMBER_SOURCES; ssrc++)
		send(&renumber, ssrc, 1000, 0);
	send(&renumber, 1, 1001, 0);
	send(&renumber, 100, 1000, 0);
	assert_non_null(rtp_renumber_find(&renumber, 1));
	assert_non_null(rtp_renumber_find(&renumber, 100));
	assert_null(rtp_renumber_find(&renumber, 2));
	/* it comes back behind what was sent for it */
	assert_int_equal(send(&renumber, 2, 100, 1001), 1001);
}

/* ---- reports ---- */

/* A source whose 65000 is sent as 32232; then it restarts at 30007 as 32235. */
static struct rtp_renumber shifted(bool restarted)
{
	struct rtp_renumber renumber = {0};

	send(&renumber, SSRC, 65000, 32232);
	send(&renumber, SSRC, 65001, 0);
	send(&renumber, SSRC, 65002, 0);
	if (restarted) {
		send(&renumber, SSRC, 30006, 0);
		send(&renumber, SSRC, 30007, 0);
	}
	return renumber;
}

struct block_case {
	const char *what;
	bool restarted;
	uint32_t ssrc;
	uint32_t reported;
	uint32_t shown; /* to the source */
};

static const struct block_case block_cases[] = {
    {"in the first run", false, SSRC, 32234, 65002},
    {"after the source's wrap: a cycle of its own", false, SSRC, 32232 + 1000, 65000 + 1000},
    {"after our wrap", false, SSRC, 0x10005, 0x10005 + 32768},
    {"after a restart, in its new numbers", true, SSRC, 32235, 30007},
    {"of another source", false, SSRC + 1, 32234, 32234},
};

/* SR with one block, then RR with one: both are shifted. */
static uint32_t compound(uint8_t *packet, uint32_t ssrc, uint32_t highest)
{
	memset(packet, 0, 52 + 32);
	memcpy(packet, "\x81\xc8\x00\x0c", 4);
	bytes_put_be32(packet + 28, ssrc);
	bytes_put_be32(packet + 36, highest);
	memcpy(packet + 52, "\x81\xc9\x00\x07", 4);
	bytes_put_be32(packet + 60, ssrc);
	bytes_put_be32(packet + 68, highest);
	return 52 + 32;
}

static void report_blocks_are_shifted_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(block_cases); i++) {
		const struct block_case *row = &block_cases[i];
		struct rtp_renumber renumber = shifted(row->restarted);
		uint8_t packet[84], expected[84];
		uint32_t length = compound(packet, row->ssrc, row->reported);

		compound(expected, row->ssrc, row->shown);
		assert_int_equal(rtcp_check(packet, length, RTCP_COMPOUND), RTP_OK);
		rtp_renumber_reports(&renumber, packet, length);
		if (memcmp(packet, expected, sizeof(packet)) != 0)
			fail_msg("%s: shown %u", row->what, bytes_get_be32(packet + 36));
	}
}

struct feedback_case {
	const char *what;
	uint32_t length;
	uint8_t packet[28];
	uint8_t expected[28];
};

/* 0x7de8 is 32232, sent for 65000: 0xfde8 */
static const struct feedback_case feedback_cases[] = {
    {"generic NACK: every PID, no BLP", 20,
     "\x81\xcd\0\4\0\0\0\1\0\0\x12\x34\x7d\xe8\0\1\x7d\xea\x7d\xea",
     "\x81\xcd\0\4\0\0\0\1\0\0\x12\x34\xfd\xe8\0\1\xfd\xea\x7d\xea"},
    {"NACK of another source", 16, "\x81\xcd\0\3\0\0\0\1\0\0\x12\x35\x7d\xe8\0\1",
     "\x81\xcd\0\3\0\0\0\1\0\0\x12\x35\x7d\xe8\0\1"},
    {"TMMBR has no numbers", 20, "\x83\xcd\0\4\0\0\0\1\0\0\x12\x34\0\0\x12\x34\x7d\xe8\x7d\xe8",
     "\x83\xcd\0\4\0\0\0\1\0\0\x12\x34\0\0\x12\x34\x7d\xe8\x7d\xe8"},
    {"XR loss RLE", 20, "\x80\xcf\0\4\0\0\0\1\1\0\0\2\0\0\x12\x34\x7d\xe8\x7d\xea",
     "\x80\xcf\0\4\0\0\0\1\1\0\0\2\0\0\x12\x34\xfd\xe8\xfd\xea"},
    {"XR receiver reference time has no numbers, the block behind it has", 28,
     "\x80\xcf\0\6\0\0\0\1\4\0\0\1\x7d\xe8\x7d\xea\6\0\0\2\0\0\x12\x34\x7d\xe8\x7d\xea",
     "\x80\xcf\0\6\0\0\0\1\4\0\0\1\x7d\xe8\x7d\xea\6\0\0\2\0\0\x12\x34\xfd\xe8\xfd\xea"},
};

static void feedback_is_shifted_back(void **state)
{
	struct rtp_renumber renumber = shifted(false);

	(void)state;
	for (size_t i = 0; i < ROWS(feedback_cases); i++) {
		const struct feedback_case *row = &feedback_cases[i];
		uint8_t packet[28];

		memcpy(packet, row->packet, sizeof(packet));
		assert_int_equal(rtcp_check(packet, row->length, RTCP_REDUCED_SIZE), RTP_OK);
		rtp_renumber_reports(&renumber, packet, row->length);
		if (memcmp(packet, row->expected, sizeof(packet)) != 0)
			fail_msg("%s", row->what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_source_is_numbered_as_its_story_says),
	    cmocka_unit_test(each_ssrc_has_its_own_numbers),
	    cmocka_unit_test(the_source_that_was_silent_longest_makes_room),
	    cmocka_unit_test(report_blocks_are_shifted_back),
	    cmocka_unit_test(feedback_is_shifted_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
