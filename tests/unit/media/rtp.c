/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "media/rtcp.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* 12 bytes of header, of which the first is given, then zeros */
struct rtp_case {
	const char *what;
	uint8_t first;
	uint16_t extension_words; /* written where the extension stands */
	uint32_t length;
	uint8_t last; /* byte */
	enum rtp_check header;
	uint32_t header_length;
	enum rtp_check whole;
};

static const struct rtp_case rtp_cases[] = {
    {"only a header", 0x80, 0, 12, 0, RTP_OK, 12, RTP_OK},
    {"nothing", 0x80, 0, 0, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"a byte short", 0x80, 0, 11, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"version 0 (STUN)", 0x00, 0, 20, 0, RTP_MALFORMED, 0, RTP_MALFORMED},
    {"version 1", 0x40, 0, 20, 0, RTP_MALFORMED, 0, RTP_MALFORMED},
    {"version 3", 0xc0, 0, 20, 0, RTP_MALFORMED, 0, RTP_MALFORMED},
    {"one CSRC", 0x81, 0, 20, 0, RTP_OK, 16, RTP_OK},
    {"15 CSRCs, no payload", 0x8f, 0, 72, 0, RTP_OK, 72, RTP_OK},
    {"15 CSRCs, a byte short", 0x8f, 0, 71, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"an empty extension", 0x90, 0, 16, 0, RTP_OK, 16, RTP_OK},
    {"an extension without its header", 0x90, 0, 15, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"an extension of two words", 0x90, 2, 24, 0, RTP_OK, 24, RTP_OK},
    {"an extension a byte short", 0x90, 2, 23, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"an extension that claims 256 KiB", 0x90, 0xffff, 200, 0, RTP_TRUNCATED, 0, RTP_TRUNCATED},
    {"CSRCs and extension", 0x92, 1, 30, 0, RTP_OK, 28, RTP_OK},
    {"padding of one byte", 0xa0, 0, 20, 1, RTP_OK, 12, RTP_OK},
    {"padding that is all of the payload", 0xa0, 0, 20, 8, RTP_OK, 12, RTP_OK},
    {"padding of no byte", 0xa0, 0, 20, 0, RTP_OK, 12, RTP_MALFORMED},
    {"padding beyond the payload", 0xa0, 0, 20, 9, RTP_OK, 12, RTP_MALFORMED},
    {"padding without payload", 0xa0, 0, 12, 0, RTP_OK, 12, RTP_MALFORMED},
};

static void an_rtp_packet_is_checked_against_its_own_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rtp_cases); i++) {
		const struct rtp_case *row = &rtp_cases[i];
		uint8_t packet[256] = {row->first};
		struct rtp_header header = {0};

		if (row->first & 0x10)
			bytes_put_be16(packet + 12 + 4 * (row->first & 0x0f) + 2,
				       row->extension_words);
		if (row->length > 12)
			packet[row->length - 1] = row->last;
		if (rtp_header_parse(&header, packet, row->length) != row->header ||
		    header.length != row->header_length)
			fail_msg("%s: header", row->what);
		if (rtp_check(&header, packet, row->length) != row->whole)
			fail_msg("%s: packet", row->what);
	}
}

static void the_fields_of_a_header_are_read(void **state)
{
	static const uint8_t packet[] = {0x80, 0xe5, 0x12, 0x34, 0x01, 0x02,
					 0x03, 0x04, 0xfe, 0xed, 0xbe, 0xef};
	struct rtp_header header;

	(void)state;
	assert_int_equal(rtp_header_parse(&header, packet, sizeof(packet)), RTP_OK);
	assert_int_equal(header.sequence, 0x1234);
	assert_int_equal(header.timestamp, 0x01020304);
	assert_int_equal(header.ssrc, 0xfeedbeef);
	assert_int_equal(header.payload_type, 101);
	assert_true(header.marker);
	assert_false(header.padding);
}

static void rtcp_is_what_has_its_second_byte_in_192_to_223(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t packet[2] = {0x80, (uint8_t)byte};

		assert_int_equal(rtp_is_rtcp(packet), byte >= 192 && byte <= 223);
	}
}

struct rtcp_case {
	const char *what;
	uint8_t packet[40];
	uint32_t length;
	enum rtp_check compound;
	enum rtp_check reduced;
};

#define RR 0x80, 201, 0, 1, 1, 2, 3, 4
#define SDES 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 1, 'a', 0
#define BYE 0x81, 203, 0, 1, 1, 2, 3, 4
#define RTPFB 0x81, 205, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8

static const struct rtcp_case rtcp_cases[] = {
    {"RR", {RR}, 8, RTP_OK, RTP_OK},
    {"RR, SDES", {RR, SDES}, 20, RTP_OK, RTP_OK},
    {"RR, SDES, BYE", {RR, SDES, BYE}, 28, RTP_OK, RTP_OK},
    {"SDES first", {SDES, RR}, 20, RTP_MALFORMED, RTP_OK},
    {"feedback alone", {RTPFB}, 12, RTP_MALFORMED, RTP_OK},
    {"a header without SSRC", {0x80, 201, 0, 0}, 4, RTP_TRUNCATED, RTP_TRUNCATED},
    {"a BYE of nobody first", {0x80, 203, 0, 0, RR}, 12, RTP_MALFORMED, RTP_MALFORMED},
    {"a first part without SSRC", {0x80, 201, 0, 0, RR}, 12, RTP_MALFORMED, RTP_MALFORMED},
    {"second part cut off", {RR, SDES}, 16, RTP_TRUNCATED, RTP_TRUNCATED},
    {"second part without length", {RR, SDES}, 10, RTP_TRUNCATED, RTP_TRUNCATED},
    {"second part of version 1", {RR, 0x41, 203, 0, 0}, 12, RTP_MALFORMED, RTP_MALFORMED},
    {"second part is no RTCP", {RR, 0x81, 100, 0, 0}, 12, RTP_MALFORMED, RTP_MALFORMED},
    {"length beyond the packet",
     {0x80, 201, 0xff, 0xff, 1, 2, 3, 4},
     8,
     RTP_TRUNCATED,
     RTP_TRUNCATED},
    {"padding in the last part", {RR, 0xa0, 203, 0, 1, 0, 0, 0, 4}, 16, RTP_OK, RTP_OK},
    {"padding in a part before",
     {0xa0, 201, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4, BYE},
     20,
     RTP_MALFORMED,
     RTP_MALFORMED},
    {"padding not of whole words",
     {RR, 0xa0, 203, 0, 1, 0, 0, 0, 3},
     16,
     RTP_MALFORMED,
     RTP_MALFORMED},
    {"padding of more than the part",
     {RR, 0xa0, 203, 0, 1, 0, 0, 0, 8},
     16,
     RTP_MALFORMED,
     RTP_MALFORMED},
    {"padding of no byte", {RR, 0xa0, 203, 0, 1, 0, 0, 0, 0}, 16, RTP_MALFORMED, RTP_MALFORMED},
};

static void a_compound_rtcp_packet_adds_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rtcp_cases); i++) {
		const struct rtcp_case *row = &rtcp_cases[i];

		if (rtcp_check(row->packet, row->length, RTCP_COMPOUND) != row->compound)
			fail_msg("%s: compound", row->what);
		if (rtcp_check(row->packet, row->length, RTCP_REDUCED_SIZE) != row->reduced)
			fail_msg("%s: reduced size", row->what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_rtp_packet_is_checked_against_its_own_length),
	    cmocka_unit_test(the_fields_of_a_header_are_read),
	    cmocka_unit_test(rtcp_is_what_has_its_second_byte_in_192_to_223),
	    cmocka_unit_test(a_compound_rtcp_packet_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
