/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sdp/sdp.h"

#define V "v=0\r\n"
#define O "o=anna 17 42 IN IP4 192.0.2.1\r\n"
#define S "s=-\r\n"
#define C "c=IN IP4 192.0.2.1\r\n"
#define T "t=0 0\r\n"
#define HEAD V O S C T
#define M "m=audio 4000 RTP/AVP 0 8 101\r\n"
#define ORDER " stands twice or out of order (RFC 8866 5)"
#define MISSING " is missing (RFC 8866 5)"
#define RULE_O "o= is USER ID VERSION NETTYPE ADDRTYPE ADDRESS, 64-bit numbers (RFC 8866 5.2)"
#define RULE_C "c= is NETTYPE ADDRTYPE ADDRESS (RFC 8866 5.7)"
#define RULE_M "m= is MEDIA PORT[/COUNT] PROTO FORMAT..., port 0..65535 (RFC 8866 5.14)"
#define RULE_A "a= is NAME or NAME:VALUE, the name a token (RFC 8866 5.13)"
#define RULE_PT "m=: an RTP format is a payload type 0..127 (RFC 8866 5.14)"
#define LINE "a line is TYPE=VALUE, one letter, no space (RFC 8866 5)"
#define RULE_CC "c= is missing, in the session and in the media section (RFC 8866 5.7)"
#define RTCP "a=rtcp: is PORT [IN IP4|IP6 ADDRESS] (RFC 3605 2.1)"

static struct sdp sdp;

static const char *const good[] = {
    HEAD,
    HEAD M,
    "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 1 RTP/AVP 0\n",
    V O "s=\r\n" C T M,
    V O "s= \r\n" C T M,
    V O S "i=x\r\nu=http://example.com/\r\ne=a@example.com\r\ne=b@example.com\r\n"
	  "p=+1 617 555-6011\r\n" C "b=CT:1000\r\nb=AS:80\r\nt=0 0\r\nr=7d 1h 0 25h\r\n"
	  "z=2882844526 -1h 2898848070 0\r\nt=3034423619 3042462419\r\nr=1 1 1\r\nk=prompt\r\n"
	  "a=tool:x\r\na=recvonly\r\n" M
	  "i=microphone\r\nc=IN IP6 2001:db8::1\r\nb=AS:64\r\nk=clear:x\r\na=ptime:20\r\n",
    HEAD "m=audio 4000 RTP/AVP 0", /* the last line has no end */
    HEAD M "\r\n\r\n",             /* empty lines after it */
    HEAD M "a=x:\r\n",
    HEAD M "a=fmtp:97 \xc3\xa9\x01\r\n",
    HEAD "m=audio 4000 RTP/AVP 0 \r\n", /* one space at the end */
    V O S "c=IN IP4 192.0.2.1 \r\nt=0 0 \r\n" M,
    V O S T "m=audio 0 RTP/AVP 0\r\n", /* no c=, but the section is off */
    V O S T M C,
    V O S "c=IN IP4 pbx.example.com\r\n" T M,
    V O S "c=IN IP4 224.2.1.1/127/3\r\n" T M,
    V O S "c=ATM NSAP 47.0091.8100.0000\r\n" T M,
    "v=0\r\no=- 18446744073709551615 0 IN IP6 ::1\r\n" S C T M,
    HEAD "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    HEAD "m=image 4002 udptl t38\r\nm=message 7654 TCP/MSRP *\r\n",
};

static void good_descriptions_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *error = "";

		if (sdp_parse(&sdp, str_of(good[i]), &error))
			fail_msg("%zu: %s\n%s", i, error, good[i]);
		assert_null(error);
	}
}

static const struct bad {
	const char *text;
	const char *error;
} bad[] = {
    {"", "v=" MISSING},
    {"\r\n", "v=" MISSING},
    {"v=1\r\n" O S T, "v= is 0 (RFC 8866 5.1)"},
    {"v=\r\n" O S T, "v= is 0 (RFC 8866 5.1)"},
    {O S T, "v=" MISSING},
    {V S T, "o=" MISSING},
    {V O T, "s=" MISSING},
    {V O S, "t=" MISSING},
    {V O S C, "t=" MISSING},
    {V O S C M, "t=" MISSING},
    {V O S C "a=sendrecv\r\n" T, "t=" MISSING},
    {V O S C "r=1 1 1\r\n" T, "t=" MISSING},
    {M, "v=" MISSING},
    {V V O S T, "v=" ORDER},
    {V O O S T, "o=" ORDER},
    {V S O T, "o=" MISSING},
    {V O S C C T, "c=" ORDER},
    {V O S T C, "c=" ORDER},
    {V O S T "i=late\r\n", "i=" ORDER},
    {V O S T "a=x\r\nb=AS:1\r\n", "b=" ORDER},
    {V O S T "a=x\r\n" T, "t=" ORDER},
    {V O S T "k=prompt\r\nk=prompt\r\n", "k=" ORDER},
    {HEAD M "a=x\r\n" C, "c=" ORDER},
    {HEAD M C C, "c=" ORDER},
    {HEAD M "b=AS:1\r\ni=x\r\n", "i=" ORDER},
    {HEAD M T, "a session's line stands in a media section (RFC 8866 5)"},
    {HEAD M V, "a session's line stands in a media section (RFC 8866 5)"},
    {HEAD "x=1\r\n", "unknown type letter (RFC 8866 5)"},
    {HEAD "A=1\r\n", "unknown type letter (RFC 8866 5)"},
    {HEAD M "\x80=1\r\n", "unknown type letter (RFC 8866 5)"},
    {V O S "\r\n" C T, LINE},
    {V O S "c\r\n", LINE},
    {V O S "c =IN IP4 192.0.2.1\r\n", LINE},
    {V O S " c=IN IP4 192.0.2.1\r\n", LINE},
    {V O S "foo\r\n", LINE},
    {V O "s=a\rb\r\n" T, "bare CR (RFC 8866 9)"},
    {V O "s=a\r\r\n" T, "bare CR (RFC 8866 9)"},
    {V "o=anna 17 42 IN IP4\r\n" S T, RULE_O},
    {V "o=anna 17 42 IN IP4 \r\n" S T, RULE_O},
    {V "o=anna x 42 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o=anna -1 42 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o=anna 18446744073709551616 42 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o=anna 17 99999999999999999999 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o= 17 42 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o=anna  17 42 IN IP4 192.0.2.1\r\n" S T, RULE_O},
    {V "o=anna 17 42 IN IP4 192.0.2.1 x\r\n" S T, RULE_O},
    {V O S "c=IN IP4\r\n" T, RULE_C},
    {V O S "c=IN\r\n" T, RULE_C},
    {V O S "c=\r\n" T, RULE_C},
    {V O S "c=IN  IP4 192.0.2.1\r\n" T, RULE_C},
    {V O S "c=IN IP4 192.0.2.1 192.0.2.2\r\n" T, RULE_C},
    {V O S "c=IN IP4 <host>\r\n" T, RULE_C},
    {V O S C "t=0\r\n", "t= is START STOP, two numbers (RFC 8866 5.9)"},
    {V O S C "t=0 x\r\n", "t= is START STOP, two numbers (RFC 8866 5.9)"},
    {V O S C "t=0 0 0\r\n", "t= is START STOP, two numbers (RFC 8866 5.9)"},
    {HEAD "a=\r\n", RULE_A},
    {HEAD "a=:x\r\n", RULE_A},
    {HEAD "a= x\r\n", RULE_A},
    {HEAD M "a=x y\r\n", RULE_A},
    {HEAD "m=audio\r\n", RULE_M},
    {HEAD "m=audio 4000\r\n", RULE_M},
    {HEAD "m=audio 4000 RTP/AVP\r\n", RULE_M},
    {HEAD "m=audio 4000 RTP/AVP \r\n", RULE_M},
    {HEAD "m=audio 65536 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio -1 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio +1 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 0x1 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000/ RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000/0 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000/65536 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000 RTP//AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000 RTP/ 0\r\n", RULE_M},
    {HEAD "m=audio  4000 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=audio 4000 RTP/AVP 0  8\r\n", RULE_M},
    {HEAD "m=aud:io 4000 RTP/AVP 0\r\n", RULE_M},
    {HEAD "m=image 4000 udptl t\x01"
	  "38\r\n",
     RULE_M},
    {HEAD "m=audio 4000 RTP/AVP 128\r\n", RULE_PT},
    {HEAD "m=audio 4000 RTP/AVP x\r\n", RULE_PT},
    {HEAD "m=audio 4000 RTP/SAVP 08\r\n", RULE_PT},
    {V O S T M, RULE_CC},
    {V O S T M C M, RULE_CC},
    {V O S T M M C, RULE_CC},
    {HEAD M "a=rtcp:\r\n", RTCP},
    {HEAD M "a=rtcp\r\n", RTCP},
    {HEAD M "a=rtcp:65536\r\n", RTCP},
    {HEAD M "a=rtcp:4001 IN IP4\r\n", RTCP},
    {HEAD M "a=rtcp:4001 192.0.2.1\r\n", RTCP},
};

static void bad_descriptions_are_refused_with_line_and_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *error = NULL;
		int result = sdp_parse(&sdp, str_of(bad[i].text), &error);

		if (result != -EBADMSG || !error || strcmp(error, bad[i].error))
			fail_msg("%zu: %d %s\n%s", i, result, error ? error : "", bad[i].text);
	}
}

static void nul_anywhere_is_refused(void **state)
{
	static const char text[] = HEAD M;
	const char *error;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char copy[sizeof(text)];

		memcpy(copy, text, sizeof(text));
		copy[i] = '\0';
		assert_int_equal(sdp_parse(&sdp, (struct str){copy, sizeof(text) - 1}, &error),
				 -EBADMSG);
		assert_string_equal(error, "NUL (RFC 8866 9)");
	}
}

/* HEAD, then count times line, then a media section if line is none. */
static int parse_many(const char *line, unsigned count, const char **error)
{
	static char text[40000];
	size_t length = (size_t)snprintf(text, sizeof(text), "%s", HEAD M);

	for (unsigned i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", line);
	return sdp_parse(&sdp, (struct str){text, length}, error);
}

static void counts_are_bounded(void **state)
{
	const char *error;
	char formats[256] = "m=audio 4000 RTP/AVP";

	(void)state;
	assert_int_equal(parse_many(M, SDP_MEDIA_MAX - 1, &error), 0);
	assert_int_equal(sdp.media_count, SDP_MEDIA_MAX);
	assert_int_equal(parse_many(M, SDP_MEDIA_MAX, &error), -EBADMSG);
	assert_string_equal(error, "m=: more than 8 media sections");

	assert_int_equal(parse_many("a=x\r\n", SDP_ATTRIBUTES_MAX, &error), 0);
	assert_int_equal(sdp.media[0].attribute_count, SDP_ATTRIBUTES_MAX);
	assert_int_equal(parse_many("a=x\r\n", SDP_ATTRIBUTES_MAX + 1, &error), -EBADMSG);
	assert_string_equal(error, "a=: more than 96 attributes in a media section");

	for (unsigned i = 0; i < SDP_FORMATS_MAX; i++)
		snprintf(formats + strlen(formats), sizeof(formats) - strlen(formats), " %u",
			 96 + i % 32);
	assert_int_equal(parse_many(formats, 1, &error), 0);
	assert_int_equal(sdp.media[1].format_count, SDP_FORMATS_MAX);
	strcat(formats, " 0");
	assert_int_equal(parse_many(formats, 1, &error), -EBADMSG);
	assert_string_equal(error, "m=: more than 32 formats");

	assert_int_equal(
	    parse_many("b=AS:0123456789012345678901234567890123456789\r\n", 400, &error), -EBADMSG);
	assert_string_equal(error, "longer than 16384 bytes");
}

static void facts_of_a_description_are_read(void **state)
{
	static const char text[] = V O "s=A name\r\n" C T "a=sendonly\r\na=group:BUNDLE a\r\n"
				       "m=audio 49170 RTP/SAVP 0 97\r\n"
				       "c=IN IP6 2001:db8::7\r\n"
				       "a=rtpmap:97 opus/48000/2\r\n"
				       "a=ptime:20.5\r\n"
				       "a=maxptime:120\r\n"
				       "a=rtcp:49200 IN IP4 198.51.100.9\r\n"
				       "a=rtcp-mux\r\n"
				       "a=inactive\r\n"
				       "a=x-later:1\r\n"
				       "a=x-later:2\r\n"
				       "m=video 51372/2 rtp/avpf 99\r\n"
				       "m=image 0 udptl t38\r\n";
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	const char *error;
	const struct sdp_media *audio = &sdp.media[0];

	(void)state;
	assert_int_equal(sdp_parse(&sdp, str_of(text), &error), 0);
	assert_true(str_eq(sdp.origin_user, STR("anna")));
	assert_true(str_eq(sdp.name, STR("A name")));
	assert_int_equal(sdp.session_id, 17);
	assert_int_equal(sdp.session_version, 42);
	assert_int_equal(sdp.media_count, 3);

	assert_true(str_eq(audio->type, STR("audio")));
	assert_int_equal(audio->port, 49170);
	assert_int_equal(audio->port_count, 1);
	assert_int_equal(audio->proto, SDP_RTP_SAVP);
	assert_int_equal(audio->format_count, 2);
	assert_true(str_eq(audio->format[1], STR("97")));
	assert_int_equal(audio->connection.family, 6);
	assert_memory_equal(audio->connection.ip, v6, 16);
	assert_int_equal(audio->rtcp_port, 49200);
	assert_int_equal(audio->rtcp_address.family, 4);
	assert_int_equal(audio->rtcp_address.ip[0], 198);
	assert_true(audio->rtcp_mux);
	assert_int_equal(audio->direction, SDP_INACTIVE);
	assert_int_equal(audio->ptime_ms, 20);
	assert_int_equal(audio->maxptime_ms, 120);
	assert_int_equal(audio->attribute_count, 8);

	const struct sdp_attribute *later = sdp_attribute(audio, "x-later", NULL);

	assert_true(str_eq(later->value, STR("1")));
	later = sdp_attribute(audio, "x-later", later);
	assert_true(str_eq(later->value, STR("2")));
	assert_null(sdp_attribute(audio, "x-later", later));
	assert_null(sdp_attribute(audio, "group", NULL));
	assert_null(sdp_attribute(audio, "inactive", NULL)->value.ptr);

	assert_int_equal(sdp.media[1].port_count, 2);
	assert_int_equal(sdp.media[1].proto, SDP_RTP_AVPF);
	assert_int_equal(sdp.media[1].connection.family, 4); /* the session's */
	assert_int_equal(sdp.media[1].direction, SDP_SENDONLY);
	assert_int_equal(sdp.media[2].proto, SDP_PROTO_OTHER);
	assert_int_equal(sdp.media[2].port, 0);
}

static void hints_that_make_no_sense_count_as_not_given(void **state)
{
	static const char *const values[] = {
	    "a=ptime\r\n",     "a=ptime:\r\n",      "a=ptime:x\r\n", "a=ptime:-1\r\n",
	    "a=ptime: 20\r\n", "a=ptime:10001\r\n", "a=ptime:.5\r\n"};
	const char *error;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(parse_many(values[i], 1, &error), 0);
		assert_int_equal(sdp.media[0].ptime_ms, 0);
	}
}

static const struct address_fact {
	const char *line;
	uint8_t family;
	bool unicast;
	bool unspecified;
} addresses[] = {
    {"c=IN IP4 192.0.2.1\r\n", 4, true, false},
    {"c=IN IP4 0.0.0.0\r\n", 4, false, true},
    {"c=IN IP4 0.0.0.1\r\n", 4, false, false},
    {"c=IN IP4 224.0.0.1\r\n", 4, false, false},
    {"c=IN IP4 255.255.255.255\r\n", 4, false, false},
    {"c=IN IP4 240.0.0.1\r\n", 4, false, false},
    {"c=IN IP4 223.255.255.255\r\n", 4, true, false},
    {"c=IN IP6 2001:db8::1\r\n", 6, true, false},
    {"c=IN IP6 ::\r\n", 6, false, true},
    {"c=IN IP6 ff02::1\r\n", 6, false, false},
    {"c=IN IP6 ::ffff:192.0.2.1\r\n", 6, false, false},
    {"c=IN IP4 192.0.2.1/127\r\n", 0, false, false},
    {"c=IN IP4 192.0.2\r\n", 0, false, false},
    {"c=IN IP4 192.0.2.256\r\n", 0, false, false},
    {"c=IN IP4 192.0.02.1\r\n", 0, false, false},
    {"c=IN IP4 2001:db8::1\r\n", 0, false, false},
    {"c=IN IP6 192.0.2.1\r\n", 0, false, false},
    {"c=IN IP6 host.example.com\r\n", 0, false, false},
    {"c=in IP4 192.0.2.1\r\n", 0, false, false},
    {"c=IN IP5 192.0.2.1\r\n", 0, false, false},
};

static void addresses_are_literals_or_of_no_family(void **state)
{
	const char *error;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct sdp_address *address = &sdp.media[0].connection;

		if (parse_many(addresses[i].line, 1, &error))
			fail_msg("%s%s", addresses[i].line, error);
		if (address->family != addresses[i].family ||
		    sdp_address_is_unicast(address) != addresses[i].unicast ||
		    sdp_address_is_unspecified(address) != addresses[i].unspecified)
			fail_msg("%s: family %u", addresses[i].line, address->family);
	}
}

/* In a buffer of its own size, so that the sanitizer sees a read past its end. */
static void every_prefix_is_parsed_without_reading_past_it(void **state)
{
	static const char text[] = HEAD M "a=rtcp:4001 IN IP4 192.0.2.1\r\na=ptime:20\r\n";
	const char *error;

	(void)state;
	for (size_t length = 1; length < sizeof(text); length++) {
		char *copy = malloc(length);

		assert_non_null(copy);
		memcpy(copy, text, length);
		int result = sdp_parse(&sdp, (struct str){copy, length}, &error);

		assert_true(result == 0 || (result == -EBADMSG && error));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_descriptions_are_taken),
	    cmocka_unit_test(bad_descriptions_are_refused_with_line_and_rule),
	    cmocka_unit_test(nul_anywhere_is_refused),
	    cmocka_unit_test(counts_are_bounded),
	    cmocka_unit_test(facts_of_a_description_are_read),
	    cmocka_unit_test(hints_that_make_no_sense_count_as_not_given),
	    cmocka_unit_test(addresses_are_literals_or_of_no_family),
	    cmocka_unit_test(every_prefix_is_parsed_without_reading_past_it),
	};

	return cmocka_run_group_tests_name("sdp", tests, NULL, NULL);
}
