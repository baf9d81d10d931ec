/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in the spirit of RFC 4475: odd but valid ones that must pass, plausible but invalid ones
 * with their verdict; and the same messages with bytes changed at random, which must never hurt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "sip/message.h"
#include "sip/writer.h"

#define GOOD (-1)
#define SILENT 0

static const struct {
	const char *about;
	int verdict;
	struct str text;
} torture[] = {
    {"every header folded, compact, in odd case and with space wherever it may stand", GOOD,
     STR("INVITE sip:relay@h.example;x-param SIP/2.0\r\n"
	 "TO :\r\n sip:callee@h.example ;\r\n\t tag    = 9k\r\n"
	 "f   : \"Quote \\\\\\\"d\" <sip:caller@c.example>\r\n  ;\r\n  nt;tag = aa\r\n"
	 "mAx-fOrWaRdS: 0068\r\n"
	 "i: odd.space@192.0.2.1\r\n"
	 "cseq: 0009\r\n  INVITE\r\n"
	 "V  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=z9hG4bKodd\r\n"
	 "s :\r\n"
	 "NewHeader: any | octets \\\" ; with \xc3\xa9\r\n that mean nothing\r\n"
	 "c:application/sdp\r\n"
	 "Route:\r\n <sip:p1.example;lr>\r\n"
	 "v: SIP / 2.0 / TCP  next.example ;\r\n branch = z9hG4bK2 ,\r\n"
	 " SIP/2.0/TLS third.example\r\n ; received=192.0.2.3\r\n"
	 "m:\"Quoted \\\" ,;< >\" <sip:j@c.example> ; np ; q=0.3 , <sip:two@c.example>\r\n"
	 "l: 5\r\n\r\nv=0\r\n")},
    {"every mark that a token, a user, a parameter or a Call-ID may hold", GOOD,
     STR("!odd'Meth0d*.%20`of+all~_ "
	 "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(x)@"
	 "h.example;a%3db=[c/d:e&f+g$h] SIP/2.0\r\n"
	 "Via: SIP/2.0/UDP h1.example;branch=z9hG4bK-.!%66*_+`'~\r\n"
	 "To: \"all \\\\ \\\" of ~!@#$%^&*()_+{}|:<>?[];',./\" <sip:h.example>\r\n"
	 "From: token1~` token2'+_ token3*%!.- <sip:mundane@c.example>;"
	 "fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.\r\n"
	 "Call-ID: oddmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
	 "CSeq: 139122385 !odd'Meth0d*.%20`of+all~_\r\n"
	 "extensionHeader-!.%*+_`'~: \xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\r\n\r\n")},
    {"escapes in user names, that of a percent sign among them", GOOD,
     STR("OPTIONS sip:%73%70%25%34%31@h.example SIP/2.0\r\n"
	 "Via: SIP/2.0/TCP c.example;branch=z9hG4bK1\r\n"
	 "From: <sip:I%20have%20space@c.example>;tag=938\r\n"
	 "To: \"Watson, Thomas\" <sip:%2541@example.org>\r\n"
	 "Call-ID: esc02\r\nCSeq: 1 OPTIONS\r\n\r\n")},
    {"no space between display name and address", GOOD,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: caller<sip:c@c.example>;tag=323\r\n"
	 "Call-ID: lwsdisp\r\nCSeq: 60 OPTIONS\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bKkdjuw\r\nl: 0\r\n\r\n")},
    {"long values in each header, dozens of Via hops", GOOD,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: \"I have a display name of extreme length and it only ends here, after some words\""
	 " <sip:u@h.example:5060;unknownparam1=verylongvalue;verylongparameterName=x>\r\n"
	 "From: "
	 "sip:a-caller-with-quite-a-long-name-for-a-caller@c.example;tag=12982982982982982\r\n"
	 "Call-ID: longreq.oneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneoneone\r\n"
	 "CSeq: 3882340 OPTIONS\r\n"
	 "v: SIP/2.0/TCP s30.example;branch=z9hG4bK1,SIP/2.0/TCP s29,SIP/2.0/TCP s28,"
	 "SIP/2.0/TCP s27,SIP/2.0/TCP s26,SIP/2.0/TCP s25,SIP/2.0/TCP s24,SIP/2.0/TCP s23\r\n"
	 "v: SIP/2.0/TCP s22,SIP/2.0/TCP s21,SIP/2.0/TCP s20,SIP/2.0/TCP s19,SIP/2.0/TCP s18,"
	 "SIP/2.0/TCP s17,SIP/2.0/TCP s16,SIP/2.0/TCP s15,SIP/2.0/TCP s14,SIP/2.0/TCP s13\r\n"
	 "v: SIP/2.0/TCP s12,SIP/2.0/TCP s11,SIP/2.0/TCP s10,SIP/2.0/TCP s9,SIP/2.0/TCP s8,"
	 "SIP/2.0/TCP s7,SIP/2.0/TCP s6,SIP/2.0/TCP s5,SIP/2.0/TCP s4,SIP/2.0/TCP s3\r\n"
	 "v: SIP/2.0/TCP s2,SIP/2.0/TCP s1;received=192.0.2.1\r\n\r\n")},
    {"a datagram goes on after its message: the second request is no part of it", GOOD,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: dblreq\r\n"
	 "CSeq: 8 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "Content-Length: 0\r\n\r\nINVITE sip:other@h.example SIP/2.0\r\n\r\n")},
    {"parameters of a URI and of a header that look alike are kept apart", GOOD,
     STR("OPTIONS sip:u;par=u%40c.example@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example;tag=2\r\nFrom: <sip:c@c.example;tag=no>;tag=yes\r\n"
	 "Call-ID: semiuri\r\nCSeq: 8 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "Contact: <sip:c@c.example;x=y?Route=%3Csip:p.example%3E>;x=z\r\n\r\n")},
    {"transport names that nobody has built yet", GOOD,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: transports\r\n"
	 "CSeq: 60 OPTIONS\r\nVia: SIP/2.0/SCTP c.example;branch=z9hG4bK1\r\n"
	 "Via: SIP/2.0/UNKNOWN t.example;branch=z9hG4bK2\r\n\r\n")},
    {"a reason phrase in another script", GOOD,
     STR("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\nCall-ID: unreason\r\nCSeq: 35 INVITE\r\n"
	 "From: <sip:u@h.example>;tag=1\r\nTo: <sip:c@c.example>;tag=2\r\n\r\n")},
    {"no reason phrase, but its space", GOOD,
     STR("SIP/2.0 100 \r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\nCall-ID: noreason\r\nCSeq: 35 INVITE\r\n"
	 "From: <sip:u@h.example>;tag=1\r\nTo: <sip:c@c.example>\r\n\r\n")},
    {"a scheme that we do not speak is for the caller to refuse", GOOD,
     STR("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\n"
	 "To: <isbn:2983792873>\r\nFrom: <http://www.example.com>;tag=1\r\nCall-ID: unkscm\r\n"
	 "CSeq: 60 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"a body with NUL in it", GOOD,
     STR("MESSAGE sip:u@h.example SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: mpart\r\n"
	 "CSeq: 1 MESSAGE\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "c: application/octet-stream\r\nl: 4\r\n\r\na\0\r\n")},

    {"separators where there should be values: no Via that an answer could follow", SILENT,
     STR("INVITE sip:u@h.example SIP/2.0\r\n"
	 "To: sip:j.user@h.example\r\nFrom: sip:caller@c.example;tag=134161461246\r\n"
	 "Call-ID: badinv\r\nCSeq: 8 INVITE\r\n"
	 "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
	 "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\nl: 0\r\n\r\n")},
    {"a length beyond the end of the datagram", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: clerr\r\n"
	 "CSeq: 8 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "c: text/plain\r\nContent-Length: 9999\r\n\r\nshort")},
    {"a negative length", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: ncl\r\n"
	 "CSeq: 8 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "c: text/plain\r\nContent-Length: -999\r\n\r\nshort")},
    {"numbers beyond what the relay can count", 400,
     STR("REGISTER sip:h.example SIP/2.0\r\n"
	 "Via: SIP/2.0/TCP c.example;branch=z9hG4bK1\r\nTo: <sip:u@h.example>\r\n"
	 "From: <sip:u@h.example>;tag=1\r\nCall-ID: scalar02\r\n"
	 "CSeq: 36893488147419103232 REGISTER\r\nMax-Forwards: 300\r\n"
	 "Expires: 10000000000000000000000000000000000000000\r\n\r\n")},
    {"the same in a response, which nobody answers", SILENT,
     STR("SIP/2.0 503 Service Unavailable\r\n"
	 "Via: SIP/2.0/TCP c.example;branch=z9hG4bK1\r\nTo: <sip:u@h.example>\r\n"
	 "From: <sip:u@h.example>;tag=1\r\nCall-ID: scalarlg\r\n"
	 "CSeq: 9292394834772304023312 OPTIONS\r\nRetry-After: "
	 "949302838503028349304023988\r\n\r\n")},
    {"a display name whose quote never closes", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: \"Mr. J. User <sip:j.user@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\n"
	 "Call-ID: quotbal\r\nCSeq: 8 OPTIONS\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"a Request-URI in angle brackets", 400,
     STR("OPTIONS <sip:u@h.example> SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: ltgtruri\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"space inside the Request-URI", 400,
     STR("OPTIONS sip:u@h.example; lr SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: lwsruri\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"space after the start line", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0  \r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: trws\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"a Request-URI that would have the relay add a Route", 400,
     STR("OPTIONS sip:u@h.example?Route=%3Csip:p.example%3E SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: escruri\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"an address that must stand in brackets and does not", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: sip:u@h.example\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: regbadct\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n"
	 "Contact: sip:u@h.example?Route=%3Csip:p.example%3E\r\n\r\n")},
    {"display name of characters that no token has", 400,
     STR("OPTIONS sip:u@h.example SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: Bell, Alexander <sip:c@c.example>;tag=43\r\n"
	 "Call-ID: baddn\r\nCSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP "
	 "c.example;branch=z9hG4bK1\r\n\r\n")},
    {"a version from the future, in the Via too", 505,
     STR("OPTIONS sip:u@h.example SIP/7.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: badvers\r\n"
	 "CSeq: 1 OPTIONS\r\nVia: SIP/7.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"a method and a CSeq that differ", 400,
     STR("NEWMETHOD sip:u@h.example SIP/2.0\r\n"
	 "To: <sip:u@h.example>\r\nFrom: <sip:c@c.example>;tag=1\r\nCall-ID: mismatch\r\n"
	 "CSeq: 8 INVITE\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\nm: <sip:c>\r\n\r\n")},
    {"a status of four digits", SILENT,
     STR("SIP/2.0 4294967301 better not break the receiver\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\nCall-ID: bigcode\r\nCSeq: 35 INVITE\r\n"
	 "From: <sip:u@h.example>;tag=1\r\nTo: <sip:c@c.example>\r\n\r\n")},
    {"two of everything that may stand once", 400,
     STR("INVITE sip:u@h.example SIP/2.0\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\nCSeq: 5 INVITE\r\nCall-ID: multi01.1\r\n"
	 "CSeq: 59 INVITE\r\nCall-ID: multi01.2\r\nFrom: sip:c@c.example;tag=1\r\n"
	 "From: sip:d@c.example;tag=2\r\nTo: sip:u@h.example\r\nTo: sip:v@h.example\r\n"
	 "Max-Forwards: 70\r\nMax-Forwards: 5\r\nContact: <sip:c@c.example>\r\nl: 0\r\n\r\n")},
    {"a request that lacks what an answer needs", SILENT,
     STR("INVITE sip:u@h.example SIP/2.0\r\nCSeq: 193942 INVITE\r\n"
	 "Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bK1\r\nContent-Type: text/plain\r\nl: "
	 "0\r\n\r\n")},
    {"an INVITE of RFC 2543, without a branch that is unique", GOOD,
     STR("INVITE sip:u@h.example SIP/2.0\r\n"
	 "Via: SIP/2.0/UDP iftgw.example\r\nFrom: <sip:+13035551111@ift.example;user=phone>\r\n"
	 "To: sip:+16505552222@ss1.example;user=phone\r\nCall-ID: inv2543\r\nCSeq: 56 INVITE\r\n"
	 "Contact: <sip:+13035551111@ift.example>\r\n\r\n")},
    {"a zero byte hidden by an escape in a user name", 400,
     STR("REGISTER sip:h.example SIP/2.0\r\n"
	 "To: sip:null-%00-null@h.example\r\nFrom: sip:null-%00-null@h.example;tag=1\r\n"
	 "Call-ID: escnull\r\nCSeq: 1 REGISTER\r\n"
	 "Via: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n\r\n")},
    {"lines that end with LF alone", SILENT,
     STR("OPTIONS sip:u@h.example SIP/2.0\nTo: sip:u@h.example\nFrom: <sip:c@c.example>;tag=1\n"
	 "Call-ID: lf\nCSeq: 1 OPTIONS\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\n\n")},
    {"half a message", SILENT, STR("INVITE sip:u@h.example SIP/2.0\r\nVia: SIP/2.0/UDP c.exam")},
};

#define TORTURES (sizeof(torture) / sizeof(torture[0]))

static void each_message_gets_its_verdict(void **state)
{
	struct sip_parse_error error;
	struct sip_message m;

	(void)state;
	for (size_t i = 0; i < TORTURES; i++) {
		int result =
		    sip_message_parse(&m, torture[i].text.ptr, torture[i].text.len, &error);

		if ((result == 0 ? GOOD : (int)error.status) != torture[i].verdict)
			fail_msg("%s: %u %s", torture[i].about, error.status, error.reason);
	}
}

/* xorshift: the same numbers on each machine and in each run */
static uint32_t next_number(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* One change: another byte, a byte less, a piece twice, or a cut. Returns the new length. */
static size_t mutate(char *data, size_t length, size_t room, uint32_t *seed)
{
	static const char sharp[] = "\0\r\n \t\"<>@:;,=%\\?[]/\xff\xc3 z0";
	size_t at = length > 0 ? next_number(seed) % length : 0;
	size_t n;

	switch (next_number(seed) % 5) {
	case 0:
		data[at] = (char)next_number(seed);
		return length;
	case 1:
		data[at] = sharp[next_number(seed) % (sizeof(sharp) - 1)];
		return length;
	case 2:
		memmove(data + at, data + at + 1, length - at - 1);
		return length - 1;
	case 3:
		n = next_number(seed) % 40;
		if (at + n > length || length + n > room)
			return length;
		memmove(data + at + n, data + at, length - at);
		return length + n;
	default:
		return next_number(seed) % 20 == 0 && at > 0 ? at : length;
	}
}

/* Reads all that a user could read of a message. */
static void read_all(const struct sip_message *m)
{
	const struct sip_header *header = NULL;
	struct sip_writer writer;
	char answer[4096];

	for (int id = 0; id < SIP_HDR_COUNT; id++)
		while ((header = sip_message_header(m, (enum sip_header_id)id, header)) != NULL) {
			struct str rest = header->value, item;
			struct sip_name_addr addr;

			while (sip_list_next(&rest, &item))
				if (sip_name_addr_parse(&addr, item) == 0)
					(void)sip_uri_equal(&addr.uri, &m->request_uri);
		}
	sip_writer_response_to(&writer, answer, sizeof(answer), m, 400, NULL, STR("t"), NULL);
	for (int id = 0; id < SIP_HDR_COUNT; id++)
		sip_writer_copy(&writer, m, (enum sip_header_id)id);
	/* whatever came in, what goes out has lines that begin where we began them */
	assert_int_not_equal(sip_writer_end(&writer, "text/plain", m->body), -EINVAL);
}

static void changed_messages_never_hurt(void **state)
{
	uint32_t seed = 20250101;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		for (size_t i = 0; i < TORTURES; i++) {
			size_t length = torture[i].text.len, room = length + 400;
			char *data = malloc(room);
			unsigned changes = 1 + next_number(&seed) % 6;
			struct sip_message m;
			char *exact;

			assert_non_null(data);
			memcpy(data, torture[i].text.ptr, length);
			while (changes-- > 0 && length > 0)
				length = mutate(data, length, room, &seed);
			exact = malloc(length + (length == 0)); /* ASan guards its end */
			assert_non_null(exact);
			memcpy(exact, data, length);
			sip_message_parse(&m, exact, length, NULL);
			read_all(&m);
			free(exact);
			free(data);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_message_gets_its_verdict),
	    cmocka_unit_test(changed_messages_never_hurt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
