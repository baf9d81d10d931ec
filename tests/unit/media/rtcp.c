/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What RTCP holds: strict validation of each type, and the walk over it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtcp.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define RR "\x80\xc9\0\1\1\2\3\4"
#define BLOCK "\0\0\0\1\2\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7"
#define SENDER "\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\0\0\0\1\0\0\0\2\0\0\0\3"

struct body_case {
	const char *what;
	enum rtp_check check;
	uint32_t length;
	const char *packet;
};

static const struct body_case body_cases[] = {
    {"RR without blocks", RTP_OK, 8, RR},
    {"RR with a block", RTP_OK, 32, "\x81\xc9\0\7\0\0\0\1" BLOCK},
    {"RR that lacks its block", RTP_MALFORMED, 8, "\x81\xc9\0\1\0\0\0\1"},
    {"RR whose second block is cut", RTP_MALFORMED, 36, "\x82\xc9\0\x08\0\0\0\1" BLOCK "\0\0\0\1"},
    {"RR with a profile's extension", RTP_OK, 12, "\x80\xc9\0\2\0\0\0\1\0\0\0\1"},
    {"RR whose block would be its padding", RTP_MALFORMED, 32,
     "\xa1\xc9\0\7\0\0\0\1\0\0\0\1\2\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\4"},
    {"SR without blocks", RTP_OK, 28, "\x80\xc8\0\6" SENDER},
    {"SR with a block", RTP_OK, 52, "\x81\xc8\0\x0c" SENDER BLOCK},
    {"SR without sender information", RTP_MALFORMED, 8, "\x80\xc8\0\1\0\0\0\1"},
    {"SR that lacks its block", RTP_MALFORMED, 28, "\x81\xc8\0\6" SENDER},
    {"SDES with a CNAME", RTP_OK, 20, RR "\x81\xca\0\2\0\0\0\1\1\1a\0"},
    {"SDES of nobody", RTP_OK, 12, RR "\x80\xca\0\0"},
    {"SDES of two chunks", RTP_OK, 28, RR "\x82\xca\0\4\0\0\0\1\1\1a\0\0\0\0\2\0\0\0\0"},
    {"SDES whose second chunk is missing", RTP_MALFORMED, 20, RR "\x82\xca\0\2\0\0\0\1\1\1a\0"},
    {"SDES item longer than its part", RTP_MALFORMED, 20, RR "\x81\xca\0\2\0\0\0\1\1\3a\0"},
    {"SDES item without length", RTP_MALFORMED, 20, RR "\x81\xca\0\2\0\0\0\1\1\1a\1"},
    {"SDES whose last null is left out", RTP_OK, 20, RR "\x81\xca\0\2\0\0\0\1\1\2ab"},
    {"BYE", RTP_OK, 16, RR "\x81\xcb\0\1\0\0\0\1"},
    {"BYE with a reason", RTP_OK, 20, RR "\x81\xcb\0\2\0\0\0\1\3bye"},
    {"BYE whose reason is longer", RTP_MALFORMED, 20, RR "\x81\xcb\0\2\0\0\0\1\4bye"},
    {"BYE that lacks a source", RTP_MALFORMED, 16, RR "\x82\xcb\0\1\0\0\0\1"},
    {"APP", RTP_OK, 20, RR "\x80\xcc\0\2\0\0\0\1name"},
    {"APP without a name", RTP_MALFORMED, 16, RR "\x80\xcc\0\1\0\0\0\1"},
    {"NACK", RTP_OK, 16, "\x81\xcd\0\3\0\0\0\1\0\0\0\2\0\1\0\0"},
    {"feedback without a media source", RTP_MALFORMED, 8, "\x81\xcd\0\1\0\0\0\1"},
    {"XR of one block", RTP_OK, 12, "\x80\xcf\0\2\0\0\0\1\4\0\0\0"},
    {"XR of nothing", RTP_OK, 8, "\x80\xcf\0\1\0\0\0\1"},
    {"XR whose block is longer", RTP_MALFORMED, 12, "\x80\xcf\0\2\0\0\0\1\4\0\0\1"},
    {"a type of tomorrow is opaque", RTP_OK, 12, RR "\x9f\xd0\0\0"},
};

static void the_body_of_each_type_must_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(body_cases); i++) {
		const struct body_case *row = &body_cases[i];
		enum rtp_check check =
		    rtcp_check((const uint8_t *)row->packet, row->length, RTCP_REDUCED_SIZE);

		if (check != row->check)
			fail_msg("%s: %d", row->what, check);
	}
}

static void a_walk_meets_every_part_and_block(void **state)
{
	static const char bytes[] =
	    "\x82\xc8\0\x12" SENDER BLOCK
	    "\0\0\0\x11\2\xff\xff\xfd\0\0\0\x14\0\0\0\x15\0\0\0\x16\0\0\0\x17"
	    "\x81\xca\0\2\0\0\0\1\1\1a\0"
	    "\xa1\xcb\0\2\0\0\0\1\0\0\0\4";
	uint8_t packet[100];
	struct rtcp_walk walk = {packet, sizeof(packet)};
	struct rtcp_part part;
	const uint8_t *block;

	(void)state;
	assert_int_equal(sizeof(bytes) - 1, sizeof(packet));
	memcpy(packet, bytes, sizeof(packet));
	assert_int_equal(rtcp_check(packet, sizeof(packet), RTCP_COMPOUND), RTP_OK);
	assert_true(rtcp_walk_next(&walk, &part));
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(part.length, 76);
	block = rtcp_block(&part, 0);
	assert_int_equal(rtcp_block_ssrc(block), 1);
	assert_int_equal(rtcp_block_lost(block), 3);
	assert_int_equal(rtcp_block_highest(block), 4);
	assert_int_equal(rtcp_block_jitter(block), 5);
	assert_int_equal(rtcp_block_lsr(block), 6);
	assert_int_equal(rtcp_block_dlsr(block), 7);
	block = rtcp_block(&part, 1);
	assert_int_equal(rtcp_block_ssrc(block), 0x11);
	assert_int_equal(rtcp_block_lost(block), -3); /* duplicates */
	assert_null(rtcp_block(&part, 2));
	assert_true(rtcp_walk_next(&walk, &part));
	assert_int_equal(part.type, RTCP_SDES);
	assert_null(rtcp_block(&part, 0));
	assert_true(rtcp_walk_next(&walk, &part));
	assert_int_equal(part.type, RTCP_BYE);
	assert_int_equal(part.length, 8); /* without its padding */
	assert_false(rtcp_walk_next(&walk, &part));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_body_of_each_type_must_fit),
	    cmocka_unit_test(a_walk_meets_every_part_and_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
