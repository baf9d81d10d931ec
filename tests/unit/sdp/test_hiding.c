/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Topology hiding as a property: of descriptions in the shape of what phones and trunks send, all
 * marked with words that must not get out, nothing but the codecs appears in what we write.
 */
#include "relay_fixture.h"

#define SECRET_HEAD(ip) "v=0\r\no=secretuser 883300 883311 IN IP4 " ip "\r\ns=secret session\r\n"

static const struct {
	const char *name;
	const char *text;
	enum relay_security security;
} phones[] = {
    {"a trunk of a cloud telephony service",
     SECRET_HEAD(
	 "192.0.2.77") "c=IN IP4 192.0.2.77\r\nb=CT:50000\r\nt=0 0\r\n"
		       "m=audio 49152 RTP/SAVP 104 9 103 111 18 0 8 97 101 13 118\r\n"
		       "c=IN IP4 192.0.2.77\r\n"
		       "a=rtcp:49153\r\na=ice-ufrag:secretufrag\r\na=ice-pwd:secretpwd\r\n"
		       "a=candidate:1 1 UDP 2130706431 192.0.2.77 49152 typ host\r\n"
		       "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_A "|2^31\r\n"
		       "a=maxptime:200\r\na=label:secret-label\r\n"
		       "a=rtpmap:104 SILK/16000\r\na=rtpmap:9 G722/8000\r\n"
		       "a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n"
		       "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n",
     RELAY_SRTP},
    {"a telephony gateway",
     SECRET_HEAD("192.0.2.77") "c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
			       "m=audio 18766 RTP/SAVP 0 101\r\nc=IN IP4 192.0.2.77\r\n"
			       "a=crypto:1 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
			       "GBkaGxwdHh8gISIjJCUmJygpKis=\r\n"
			       "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" KEY_A "\r\n"
			       "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
			       "a=fmtp:101 0-16\r\na=X-secret-capability\r\n"
			       "m=image 18768 udptl t38\r\na=T38FaxVersion:0\r\n",
     RELAY_SRTP},
    {"a softphone with everything",
     SECRET_HEAD(
	 "192.0.2.77") "i=secret info\r\nu=http://secret.example.com/\r\n"
		       "e=secret@example.com\r\np=+1 555 0100\r\nc=IN IP4 192.0.2.77\r\n"
		       "t=0 0\r\na=tool:secretphone 1.2\r\na=ice-lite\r\n"
		       "m=audio 7078 RTP/AVPF 96 97 0 8 101\r\ni=secret microphone\r\n"
		       "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1;stereo=0\r\n"
		       "a=rtpmap:97 speex/16000\r\na=rtpmap:101 telephone-event/48000\r\n"
		       "a=rtpmap:120 secretcodec/8000\r\na=fmtp:120 secret=1\r\n"
		       "a=rtcp-fb:* trr-int 1000\r\na=rtcp-fb:96 nack\r\n"
		       "a=rtcp-xr:rcvr-rtt=all:10000\r\na=extmap:1 urn:secret:ext\r\n"
		       "a=ssrc:11223344 cname:secretcname\r\na=msid:secretmsid track\r\n"
		       "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:secretmid\r\n"
		       "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_A "\r\n"
		       "a=rtcp:7099 IN IP4 192.0.2.77\r\na=rtcp-mux\r\n"
		       "a=remote-candidates:1 192.0.2.77 7078\r\na=control:secret\r\n"
		       "m=video 9078 RTP/AVPF 98\r\na=rtpmap:98 VP8/90000\r\n"
		       "a=candidate:9 1 UDP 1 192.0.2.77 9078 typ host\r\n",
     RELAY_RTP},
    {"a plain phone",
     SECRET_HEAD("192.0.2.77") "c=IN IP4 192.0.2.77\r\nt=0 0\r\na=tool:secretphone\r\n"
			       "m=audio 10020 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n"
			       "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
			       "a=fmtp:101 0-15\r\na=rtcp:10021\r\na=sendrecv\r\n"
			       "a=label:secret\r\na=ptime:20\r\n",
     RELAY_RTP},
};

static const char *const hidden[] = {
    "secret",  "192.0.2.77", "8833",        "49152", "18766",       "7078",  "7099",
    "10020",   "9078",       "18768",       KEY_A,   "AAEC",        "T38",   "candidate",
    "ice-",    "rtcp-fb",    "fingerprint", "ssrc",  "extmap",      "label", "setup",
    "a=rtcp:", "2^31",       "trr",         "VP8",   "a=rtpmap:120"};

/* What every description of ours is made of: whole lines, or their beginnings. */
static const char *const allowed[] = {"v=0",
				      "o=- 1000 1 IN IP4 203.0.113.5",
				      "s=-",
				      "c=IN IP4 203.0.113.5",
				      "t=0 0",
				      "m=audio 30000 RTP/",
				      "m=image 0 ",
				      "m=video 0 ",
				      "a=rtpmap:",
				      "a=fmtp:",
				      "a=ptime:",
				      "a=maxptime:",
				      "a=sendrecv",
				      "a=rtcp-mux",
				      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_OURS,
				      "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" KEY_OURS};

static struct sdp theirs, plain;

static void check(const char *name, const char *text)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strstr(text, hidden[i]))
			fail_msg("%s: \"%s\" got out:\n%s", name, hidden[i], text);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		bool known = false;

		for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !known; i++)
			known = strncmp(line, allowed[i], strlen(allowed[i])) == 0;
		if (!known)
			fail_msg("%s: this line has no business here: %s", name, line);
	}
}

static void nothing_of_a_phone_passes_but_its_codecs(void **state)
{
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
		for (unsigned security = RELAY_RTP; security <= RELAY_SRTP; security++) {
			struct relay_local local =
			    local_of("203.0.113.5", 30000, (enum relay_security)security);

			parse(&theirs, phones[i].text);
			struct relay_remote remote = read_offer(&theirs, phones[i].security);

			local.rtcp_mux = true;
			add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
			assert_true(
			    relay_write_offer(text, sizeof(text), &theirs, &remote, &local) > 0);
			check(phones[i].name, text);
		}
	}
}

static void the_answer_says_nothing_of_the_phone_that_answered(void **state)
{
	char text[4096];

	(void)state;
	parse(&plain, "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\n"
		      "t=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\n");
	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
		struct relay_local local = local_of("203.0.113.5", 30000, RELAY_RTP);
		struct relay_remote caller = read_offer(&plain, RELAY_RTP);

		parse(&theirs, phones[i].text);
		struct relay_remote called = read_offer(&theirs, phones[i].security);

		assert_true(relay_write_answer(text, sizeof(text), &plain, &caller, &theirs,
					       &called, &local) > 0);
		check(phones[i].name, text);
	}
}

/* rtpmap and fmtp are repeated, so they must not be a way to bring other bytes across. */
static void formats_with_bytes_that_are_not_printable_are_dropped(void **state)
{
	struct relay_local local = local_of("203.0.113.5", 30000, RELAY_RTP);
	char text[4096];

	(void)state;
	parse(&theirs, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		       "m=audio 4000 RTP/AVP 96 97\r\na=rtpmap:96 L16/8000\x1b[2J\r\n"
		       "a=rtpmap:97 opus/48000/2\r\na=fmtp:97 x=\xc3\xa9\r\na=fmtp:97\r\n"
		       "a=rtpmap\r\na=rtpmap:\r\na=fmtp:9 7\r\n");
	struct relay_remote remote = read_offer(&theirs, RELAY_RTP);

	assert_true(relay_write_offer(text, sizeof(text), &theirs, &remote, &local) > 0);
	assert_string_equal(strstr(text, "m="), "m=audio 30000 RTP/AVP 96 97\r\n"
						"a=rtpmap:97 opus/48000/2\r\na=sendrecv\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_a_phone_passes_but_its_codecs),
	    cmocka_unit_test(the_answer_says_nothing_of_the_phone_that_answered),
	    cmocka_unit_test(formats_with_bytes_that_are_not_printable_are_dropped),
	};

	return cmocka_run_group_tests_name("topology hiding", tests, NULL, NULL);
}
