/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which codecs may pass, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sdp/filter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void read_list(struct sdp_filter_codec *list, unsigned *count, const char *text)
{
	char copy[256], *save = NULL;

	*count = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save))
		assert_int_equal(sdp_filter_codec_read(&list[(*count)++], str_of(name)), 0);
}

static void read_audio(struct sdp_audio *audio, const char *formats)
{
	/* what phones offer, under numbers that mean nothing */
	static const char maps[] =
	    "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\n"
	    "a=rtpmap:98 iLBC/8000\r\na=rtpmap:99 L16/44100\r\na=rtpmap:100 L16/44100/2\r\n"
	    "a=rtpmap:101 telephone-event/8000\r\na=rtpmap:102 AMR-WB/16000\r\n"
	    "a=fmtp:102 octet-align=1\r\na=rtpmap:103 red/8000\r\na=rtpmap:104 CN/16000\r\n"
	    "a=rtpmap:105 telephone-event/16000\r\n";
	static struct sdp sdp;
	char text[1024];
	const char *error;

	snprintf(text, sizeof(text),
		 "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		 "m=audio 4000 RTP/AVP %s\r\n%s",
		 formats, maps);
	if (sdp_parse(&sdp, str_of(text), &error) < 0)
		fail_msg("%s", error);
	sdp_audio_read(audio, &sdp.media[0]);
}

static void shows(const struct sdp_audio *audio, const char *formats)
{
	char text[128] = "";

	for (unsigned i = 0; i < audio->count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i ? " " : "",
			 audio->codec[i].type);
	assert_string_equal(text, formats);
}

static void codecs_are_filtered_by_name_clock_and_channels(void **state)
{
	static const struct {
		const char *offered, *allow, *deny;
		const char *left; /* NULL: no voice */
	} rows[] = {
	    {"0 8 101", "", "", "0 8 101"},
	    {"0 8 18 101", "PCMA", "", "8 101"},
	    {"0 8 18 101", "pcma PCMU", "", "0 8 101"},
	    {"0 8 18 101", "", "G729", "0 8 101"},
	    {"0 8 101", "", "telephone-event", "0 8"},
	    {"0 8 101 97", "", "telephone-event/48000", "0 8 101"},
	    {"18 101", "PCMA", "", NULL},
	    {"101 13", "", "PCMA", NULL},
	    {"99 100", "L16/44100/2", "", "100"},
	    {"99 100", "L16/44100/1", "", "99"},
	    {"99 100", "L16/44100", "", "99 100"},
	    {"99 100", "L16/8000", "", NULL},
	    {"96 0", "opus/48000/2", "", "96"},
	    {"102 0", "AMR-WB", "", "102"},
	    {"102 0", "AMR", "", NULL},
	    /* what follows goes with the last voice of its clock */
	    {"96 0 97 101", "PCMU", "", "0 101"},
	    {"96 0 97 101 13", "opus", "", "96 97"},
	    {"102 0 104 105 101 13", "", "AMR-WB", "0 101 13"},
	    /* but DTMF at another clock is better than none */
	    {"96 0 101", "opus", "", "96 101"},
	    {"96 101", "opus", "", "96 101"},
	    /* RFC 2198 may hold what is gone */
	    {"103 0 8", "", "PCMA", "0"},
	    {"103 0 8", "", "G729", "103 0 8"},
	    {"103 0 8", "PCMU PCMA", "red", "0 8"},
	    /* a dynamic type that nobody explains has no name */
	    {"120 0", "PCMU", "", "0"},
	    {"120 0", "", "PCMU", "120"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sdp_filter filter = {0};
		struct sdp_audio audio;
		bool left;

		read_list(filter.allow, &filter.allow_count, rows[i].allow);
		read_list(filter.deny, &filter.deny_count, rows[i].deny);
		read_audio(&audio, rows[i].offered);
		left = sdp_filter_codecs(&audio, &filter);
		assert_int_equal(left, rows[i].left != NULL);
		shows(&audio, left ? rows[i].left : rows[i].offered);
	}
}

static void preferred_codecs_come_first(void **state)
{
	static const struct {
		const char *offered, *order, *becomes;
	} rows[] = {
	    {"0 8 18 101", "", "0 8 18 101"},          {"0 8 18 101", "G729 PCMA", "18 8 0 101"},
	    {"101 0 96 8", "PCMA opus", "8 96 0 101"}, {"0 8", "G722", "0 8"},
	    {"13 0 101 8", "PCMA", "8 0 13 101"},      {"99 100", "L16/44100/2", "100 99"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sdp_filter filter = {0};
		struct sdp_audio audio;

		read_list(filter.order, &filter.order_count, rows[i].order);
		read_audio(&audio, rows[i].offered);
		sdp_filter_order(&audio, &filter);
		shows(&audio, rows[i].becomes);
	}
}

static void entries_are_read_strictly(void **state)
{
	static const char *const good[] = {"PCMA", "opus/48000/2", "G726-32/8000", "L16/44100"};
	static const char *const bad[] = {"",
					  "/8000",
					  "PCMA/",
					  "PCMA/0",
					  "PCMA/x",
					  "opus/48000/2/1",
					  "opus/48000/",
					  "opus//2",
					  "a b",
					  "opus/48000/256",
					  "PCMA/1000001",
					  "x\r\ny",
					  "a-name-that-is-too-long-for-a-codec"};
	struct sdp_filter_codec codec;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(sdp_filter_codec_read(&codec, str_of(good[i])), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (sdp_filter_codec_read(&codec, str_of(bad[i])) == 0)
			fail_msg("\"%s\" is taken", bad[i]);
}

static void names_are_ours_not_the_peers(void **state)
{
	struct sdp_audio audio;
	char text[64];

	(void)state;
	read_audio(&audio, "96 18 99 101");
	sdp_filter_names(text, sizeof(text), &audio);
	assert_string_equal(text, "opus, G729, other, telephone-event");
	sdp_filter_names(text, 8, &audio);
	assert_string_equal(text, "opus, G");
	audio.count = 0;
	sdp_filter_names(text, sizeof(text), &audio);
	assert_string_equal(text, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codecs_are_filtered_by_name_clock_and_channels),
	    cmocka_unit_test(preferred_codecs_come_first),
	    cmocka_unit_test(entries_are_read_strictly),
	    cmocka_unit_test(names_are_ours_not_the_peers),
	};

	return cmocka_run_group_tests_name("codec filter", tests, NULL, NULL);
}
