/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same codec under two numbers: what is answered, offered, and mapped, as tables of facts. */
#include "relay_fixture.h"

#include "sdp/payload.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static struct sdp parsed;

/* formats: what stands behind "m=audio 5010 RTP/AVP ". */
static struct sdp_audio audio_of(const char *formats)
{
	char text[2048];
	struct sdp_audio audio;

	snprintf(text, sizeof(text), HEAD "m=audio 5010 RTP/AVP %s\r\n", formats);
	parse(&parsed, text);
	sdp_audio_read(&audio, &parsed.media[0]);
	return audio;
}

#define OPUS(type) "\r\na=rtpmap:" type " opus/48000/2"
#define DTMF(type) "\r\na=rtpmap:" type " telephone-event/8000"
#define DTMF48(type) "\r\na=rtpmap:" type " telephone-event/48000"

struct types_case {
	const char *what;
	const char *source;
	const char *against;
	const char *answer; /* numbers when source answers against; "-": left out */
	const char *offer;  /* numbers when source is offered to who knows against */
};

static const struct types_case types_cases[] = {
    {"same numbers", "0 101" DTMF("101"), "0 101" DTMF("101"), "0 101", "0 101"},
    {"an event type of its own", "8 96" DTMF("96"), "0 8 101" DTMF("101"), "8 101", "8 101"},
    {"names without case", "111\r\na=rtpmap:111 OPUS/48000/2", "96 0" OPUS("96"), "96", "96"},
    {"a clock of another kind is another codec", "0 96" DTMF("96"), "0 97" DTMF48("97"), "0 -",
     "0 96"},
    {"two event types by their clocks", "98 99 100" OPUS("98") DTMF48("99") DTMF("100"),
     "107 101 102" OPUS("107") DTMF("101") DTMF48("102"), "107 102 101", "107 102 101"},
    {"swapped numbers", "96 97" OPUS("97") DTMF("96"), "96 97" OPUS("96") DTMF("97"), "97 96",
     "97 96"},
    {"a static type with and without rtpmap",
     "0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000/1", "8 0", "0 8", "0 8"},
    {"a static codec under a dynamic number", "107\r\na=rtpmap:107 PCMA/8000", "8", "8", "8"},
    {"AMR of another alignment is another format",
     "96 97\r\na=rtpmap:96 AMR/8000\r\na=fmtp:96 octet-align=1\r\na=rtpmap:97 AMR/8000",
     "98\r\na=rtpmap:98 AMR/8000", "- 98", "96 98"},
    {"rather the one with the same parameters", "96\r\na=rtpmap:96 iLBC/8000\r\na=fmtp:96 mode=30",
     "97 98\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\na=rtpmap:98 iLBC/8000\r\n"
     "a=fmtp:98 mode=30",
     "98", "98"},
    {"what nobody offered is left out of an answer", "0 3", "0", "0 -", "0 3"},
    {"unless nothing fits at all", "3", "0", "3", "3"},
    {"a number in use for something else is not taken again", "96" OPUS("96"), "0 96" DTMF("96"),
     "96", "97"},
    {"a dynamic type without rtpmap is like itself", "0 120", "0 120", "0 120", "0 120"},
    {"RFC 2198 stays while no number changes", "0 121\r\na=rtpmap:121 red/8000\r\na=fmtp:121 0/0",
     "0 121\r\na=rtpmap:121 red/8000", "0 121", "0 121"},
    {"RFC 2198 goes when one does", "96 121" OPUS("96") "\r\na=rtpmap:121 red/48000/2",
     "97 121" OPUS("97") "\r\na=rtpmap:121 red/48000/2", "97 -", "97 -"},
};

static void types_text(char *text, const uint8_t *types, unsigned count)
{
	text[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		char number[8];

		snprintf(number, sizeof(number), "%s%u", i ? " " : "", types[i]);
		strcat(text, types[i] != SDP_TYPE_NONE ? number : i ? " -" : "-");
	}
}

static void a_codec_keeps_the_number_that_its_peer_gave_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(types_cases); i++) {
		const struct types_case *row = &types_cases[i];
		struct sdp_audio source = audio_of(row->source), against = audio_of(row->against);
		uint8_t types[SDP_CODECS_MAX];
		char text[128];

		sdp_answer_types(types, &source, &against);
		types_text(text, types, source.count);
		if (strcmp(text, row->answer) != 0)
			fail_msg("%s: answer %s", row->what, text);
		sdp_offer_types(types, &source, &against);
		types_text(text, types, source.count);
		if (strcmp(text, row->offer) != 0)
			fail_msg("%s: offer %s", row->what, text);
	}
}

static void to_who_named_nothing_an_offer_goes_as_it_is(void **state)
{
	struct sdp_audio source = audio_of("107 0 101" OPUS("107") DTMF("101"));
	struct sdp_audio none = {0}, said;
	uint8_t types[SDP_CODECS_MAX];

	(void)state;
	sdp_offer_types(types, &source, &none);
	sdp_audio_said(&said, &source, types);
	assert_memory_equal(&said, &source, sizeof(said));
}

struct map_case {
	const char *what;
	const char *said;
	const char *heard;
	const char *other;
	const char *map; /* "from>to/clock/kind" */
};

static const struct map_case map_cases[] = {
    {"one number everywhere", "8 101" DTMF("101"), "8 101" DTMF("101"), "8 101" DTMF("101"),
     "8>8/8000/1 101>101/8000/12"},
    {"the other side's own number", "8 101" DTMF("101"), "8 101" DTMF("101"), "8 96" DTMF("96"),
     "8>8/8000/1 101>96/8000/12"},
    {"a peer that sends with its own number, and not with ours", "8 101" DTMF("101"),
     "8 96" DTMF("96"), "8 101" DTMF("101"), "8>8/8000/1 101>101/8000/12 96>101/8000/12"},
    {"its own number means something else to it: ours counts", "96 97" OPUS("96") DTMF48("97"),
     "97 96" OPUS("97") DTMF48("96"), "96 97" OPUS("96") DTMF48("97"),
     "96>96/48000/11 97>97/48000/12"},
    {"what the other side did not name is left out", "0 8 3", "0 8 3", "8", "8>8/8000/1"},
    {"clocks are those of the codec", "9 96" OPUS("96"), "9 96" OPUS("96"), "9 100" OPUS("100"),
     "9>9/8000/2 96>100/48000/11"},
};

static void packets_are_mapped_to_the_number_of_the_other_side(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(map_cases); i++) {
		const struct map_case *row = &map_cases[i];
		struct sdp_audio said = audio_of(row->said), heard = audio_of(row->heard),
				 other = audio_of(row->other);
		struct sdp_payload map[SDP_PAYLOADS_MAX];
		unsigned count = sdp_payloads_map(map, &said, &heard, &other);
		char text[256] = "";

		for (unsigned k = 0; k < count; k++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u>%u/%u/%u",
				 k ? " " : "", map[k].type, map[k].other, map[k].clock_hz,
				 map[k].kind);
		if (strcmp(text, row->map) != 0)
			fail_msg("%s: %s", row->what, text);
	}
}

static void a_map_has_no_more_than_the_data_plane_takes(void **state)
{
	struct sdp_audio many = audio_of("0 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18");
	struct sdp_payload map[SDP_PAYLOADS_MAX];

	(void)state;
	assert_int_equal(many.count, 17);
	assert_int_equal(sdp_payloads_map(map, &many, &many, &many), SDP_PAYLOADS_MAX);
}

static void the_rate_follows_the_shortest_packet_time(void **state)
{
	static const struct {
		unsigned heard_ms, other_ms;
		uint32_t pps;
	} rows[] = {{0, 0, 150},   {20, 20, 150}, {10, 20, 250}, {20, 10, 250},
		    {60, 30, 150}, {5, 0, 450},   {1, 0, 1050}};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sdp_audio heard = {.ptime_ms = rows[i].heard_ms};
		struct sdp_audio other = {.ptime_ms = rows[i].other_ms};

		assert_int_equal(sdp_rate_pps(&heard, &other), rows[i].pps);
	}
}

/* ---- in the descriptions ---- */

static void an_answer_is_written_in_the_offers_numbers(void **state)
{
	static char text[4096];
	static struct sdp offer, answer;
	struct relay_local to_called = local_of("203.0.113.2", 30002, RELAY_RTP);
	struct relay_local to_caller = local_of("203.0.113.1", 30000, RELAY_RTP);
	struct relay_remote caller, called;

	(void)state;
	parse(&offer,
	      HEAD "m=audio 5010 RTP/AVP 107 101 0" OPUS(
		  "107") "\r\na=fmtp:107 useinbandfec=1" DTMF("101") "\r\na=fmtp:101 0-16\r\n");
	caller = read_offer(&offer, RELAY_RTP);
	parse(&answer, HEAD "m=audio 6010 RTP/AVP 96 97 3" OPUS("96") "\r\na=fmtp:96 stereo=0" DTMF(
			   "97") "\r\na=fmtp:97 0-15\r\n");
	called = read_answer(&answer, &to_called);
	assert_true(relay_write_answer(text, sizeof(text), &offer, &caller, &answer, &called,
				       &to_caller) > 0);
	assert_non_null(strstr(text,
			       "m=audio 30000 RTP/AVP 107 101\r\na=rtpmap:107 opus/48000/2\r\n"
			       "a=fmtp:107 stereo=0\r\na=rtpmap:101 telephone-event/8000\r\n"
			       "a=fmtp:101 0-15\r\n"));
	relay_said_answer(&to_caller, &caller, &called);
	assert_int_equal(to_caller.audio.count, 2);
	assert_int_equal(to_caller.audio.codec[0].type, 107);
	assert_int_equal(to_caller.audio.codec[1].type, 101);
}

static void a_later_offer_is_written_in_the_legs_numbers(void **state)
{
	static char text[4096];
	static struct sdp offer;
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_RTP);
	struct relay_remote remote;

	(void)state;
	local.known = audio_of("107 101 0" OPUS("107") DTMF("101"));
	parse(&offer, HEAD "m=audio 5010 RTP/AVP 96 97 8" OPUS("96") DTMF("97") "\r\n");
	remote = read_offer(&offer, RELAY_RTP);
	assert_true(relay_write_offer(text, sizeof(text), &offer, &remote, &local) > 0);
	assert_non_null(strstr(text, "RTP/AVP 107 101 8\r\na=rtpmap:107 opus/48000/2\r\n"
				     "a=rtpmap:101 telephone-event/8000\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_codec_keeps_the_number_that_its_peer_gave_it),
	    cmocka_unit_test(to_who_named_nothing_an_offer_goes_as_it_is),
	    cmocka_unit_test(packets_are_mapped_to_the_number_of_the_other_side),
	    cmocka_unit_test(a_map_has_no_more_than_the_data_plane_takes),
	    cmocka_unit_test(the_rate_follows_the_shortest_packet_time),
	    cmocka_unit_test(an_answer_is_written_in_the_offers_numbers),
	    cmocka_unit_test(a_later_offer_is_written_in_the_legs_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
