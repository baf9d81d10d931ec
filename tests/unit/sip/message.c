/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/message.h"
#include "sip/writer.h"

#define GOOD (-1)
#define SILENT 0

#define LINE "OPTIONS sip:b@h.example SIP/2.0\r\n"
#define VIA "Via: SIP/2.0/UDP c.example;branch=z9hG4bKa\r\n"
#define FROM "From: <sip:a@c.example>;tag=1\r\n"
#define TO "To: <sip:b@h.example>\r\n"
#define ID "Call-ID: 1@c.example\r\n"
#define CSEQ "CSeq: 1 OPTIONS\r\n"
#define REST FROM TO ID CSEQ
#define ALL VIA REST
#define END "\r\n"

/* Parses a copy on the heap of exactly that size, so that ASan sees each byte read beyond. */
static int verdict_of(struct str text, char reason[96])
{
	char *copy = malloc(text.len + (text.len == 0));
	struct sip_parse_error error;
	struct sip_message message;
	struct sip_writer writer;
	char answer[8192];
	int result;

	assert_non_null(copy);
	memcpy(copy, text.ptr, text.len);
	result = sip_message_parse(&message, copy, text.len, &error);
	snprintf(reason, 96, "%s", error.reason);
	if (result == 0) {
		assert_int_equal(error.status, 0);
		assert_string_equal(error.reason, "");
	} else {
		assert_int_equal(result, -EBADMSG);
		assert_string_not_equal(error.reason, "");
		/* whatever is to be answered can be */
		sip_writer_response_to(&writer, answer, sizeof(answer), &message, 400, error.reason,
				       STR("t"), NULL);
		if (error.status != 0)
			assert_true(sip_writer_end(&writer, NULL, STR("")) > 0);
	}
	free(copy);
	return result == 0 ? GOOD : (int)error.status;
}

struct row {
	int verdict;
	struct str text;
	const char *reason; /* how it begins; NULL: any */
};

static void judge(const struct row *row, size_t count)
{
	char reason[96];

	for (size_t i = 0; i < count; i++) {
		int verdict = verdict_of(row[i].text, reason);

		if (verdict != row[i].verdict ||
		    (row[i].reason && strncmp(reason, row[i].reason, strlen(row[i].reason)) != 0))
			fail_msg("verdict %d (%s), not %d (%s):\n%.*s", verdict, reason,
				 row[i].verdict, row[i].reason ? row[i].reason : "any",
				 STR_FMT(row[i].text));
	}
}

#define JUDGE(rows) judge(rows, sizeof(rows) / sizeof((rows)[0]))

static void start_lines_have_a_verdict(void **state)
{
	static const struct row row[] = {
	    {GOOD, STR(LINE ALL END), NULL},
	    {GOOD, STR("\r\n\r\n" LINE ALL END), NULL},
	    {GOOD, STR("OPTIONS sip:b@h.example sip/2.0\r\n" ALL END), NULL},
	    {GOOD, STR("OPTIONS urn:service:sos SIP/2.0\r\n" ALL END), NULL},
	    {GOOD, STR("OPTIONS tel:+1234 SIP/2.0\r\n" ALL END), NULL},
	    {505, STR("OPTIONS sip:b@h.example SIP/3.0\r\n" ALL END), "SIP version"},
	    {505, STR("OPTIONS sip:b@h.example SIP/2.00\r\n" ALL END), "SIP version"},
	    {400, STR("OPTIONS sip:b@h.example HTTP/1.1\r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS sip:b@h.example SIP/2.0 \r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS sip:b@h.example SIP/2.\r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS  sip:b@h.example SIP/2.0\r\n" ALL END), "Request-URI is"},
	    {400, STR("OPTIONS sip:b@h.example  SIP/2.0\r\n" ALL END), "Request-URI is"},
	    {400, STR("OPTIONS\tsip:b@h.example SIP/2.0\r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS <sip:b@h.example> SIP/2.0\r\n" ALL END), "Request-URI is"},
	    {400, STR("OPTIONS sip:b@h.example;x=\"a b\" SIP/2.0\r\n" ALL END), "Request-URI is"},
	    {400, STR("OPTIONS sip:b@h.example?Route=x SIP/2.0\r\n" ALL END), "Request-URI carr"},
	    {400, STR("OPTIONS sip:b%00@h.example SIP/2.0\r\n" ALL END), "Request-URI is"},
	    {400, STR("OPTIONS sip:b@h.example\r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS\r\n" ALL END), "Request line"},
	    {400, STR(" " LINE ALL END), "Request line"},
	    {400, STR("OPTIONS sip:b@h.example SIP/2.0\r\n x\r\n" ALL END), NULL},
	    {400, STR("OPT(IONS sip:b@h.example SIP/2.0\r\n" ALL END), "Request line"},
	    {400, STR("OPTIONS sip:b@h.example\0 SIP/2.0\r\n" ALL END), NULL},
	    {GOOD, STR("SIP/2.0 200 OK\r\n" ALL END), NULL},
	    {GOOD, STR("SIP/2.0 200 \r\n" ALL END), NULL},
	    {GOOD, STR("SIP/2.0 404 \xd0\xbd\xd0\xb5\xd1\x82\r\n" ALL END), NULL},
	    {SILENT, STR("SIP/2.0 200\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0  200 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0 20 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0 0200 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0 099 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0 700 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/2.0 4294967301 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR("SIP/7.0 200 OK\r\n" ALL END), "Status line"},
	    {SILENT, STR(""), NULL},
	    {SILENT, STR("\r\n"), NULL},
	    {SILENT, STR("\r\n\r\n\r\n\r\n"), NULL},
	    {SILENT, STR("OPTIONS"), NULL},
	    {SILENT, STR(LINE END), "Missing Via"},
	    {400, STR(LINE ALL), "No empty line"},
	};

	(void)state;
	JUDGE(row);
}

static void headers_have_a_verdict(void **state)
{
	static const struct row row[] = {
	    /* names, space, folds, unknown headers */
	    {GOOD,
	     STR(LINE
		 "v:SIP/2.0/UDP c.example;branch=z9hG4bKa\r\nf\t :\t<sip:a@c.example>;tag=1\r\n"
		 "T: sip:b@h.example\r\nI:1\r\ncseq:1\tOPTIONS\r\nx!y: \r\n" END),
	     NULL},
	    {GOOD,
	     STR(LINE "Via:\r\n SIP/2.0/UDP\r\n\tc.example\r\n ;branch=z9hG4bKa\r\n" FROM TO ID
		      "CSeq:\r\n 1\r\n OPTIONS\r\n" END),
	     NULL},
	    {400, STR(LINE ALL "Subject\r\n : x\r\n" END), "Header line without"},
	    {400, STR(LINE ALL "Subject\r\n" END), "Header line without"},
	    {400, STR(LINE ALL ": x\r\n" END), "Header line without"},
	    {400, STR(LINE ALL "Sub ject: x\r\n" END), "Header line without"},
	    {400, STR(LINE ALL "Subject: a\nb\r\n" END), "CR or LF alone"},
	    {400, STR(LINE ALL "Subject: a\n b\r\n" END), "CR or LF alone"},
	    {400, STR(LINE ALL "Subject: a\rb\r\n" END), "CR or LF alone"},
	    {400, STR(LINE ALL "Subject: a\r\r\n" END), "CR or LF alone"},
	    {400, STR(LINE ALL "Subject: a\0b\r\n" END), "NUL"},
	    {400, STR(LINE ALL "Subject: a\x01\r\n" END), "Control"},
	    {400, STR(LINE ALL "Subject: a\x7f\r\n" END), "Control"},
	    {400, STR(LINE ALL "Subject: \xff\r\n" END), "The head is not UTF-8"},
	    {400, STR(LINE ALL "Subject: \xc0\x80\r\n" END), "The head is not UTF-8"},
	    {400, STR(LINE ALL "Subject: \xed\xa0\x80\r\n" END), "The head is not UTF-8"},
	    {400, STR(LINE ALL "Subject: \xe2\x82\r\n" END), "The head is not UTF-8"},
	    {GOOD, STR(LINE ALL "Subject: \xe2\x82\xac \xf0\x9f\x93\x9e\r\n" END), NULL},
	    /* mandatory */
	    {SILENT, STR(LINE REST END), "Missing Via"},
	    {SILENT, STR(LINE VIA TO ID CSEQ END), "Missing From"},
	    {SILENT, STR(LINE VIA FROM ID CSEQ END), "Missing To"},
	    {SILENT, STR(LINE VIA FROM TO CSEQ END), "Missing Call-ID"},
	    {SILENT, STR(LINE VIA FROM TO ID END), "Missing CSeq"},
	    /* once */
	    {400, STR(LINE ALL FROM END), "Duplicate From"},
	    {400, STR(LINE ALL "t: <sip:x@h.example>\r\n" END), "Duplicate To"},
	    {400, STR(LINE ALL "i: 2\r\n" END), "Duplicate Call-ID"},
	    {400, STR(LINE ALL CSEQ END), "Duplicate CSeq"},
	    {400, STR(LINE ALL "l: 0\r\nContent-Length: 0\r\n" END), "Duplicate Content-L"},
	    {400, STR(LINE ALL "Max-Forwards: 1\r\nMax-Forwards: 1\r\n" END), "Duplicate Max"},
	    {400, STR(LINE ALL "Subject: a\r\nDate: 1\r\nDate: 2\r\n" END), "Duplicate Date"},
	    {GOOD, STR(LINE ALL "Route: <sip:h>\r\nRoute: <sip:i>\r\nk: a\r\nk: b\r\n" END), NULL},
	    /* Via */
	    {GOOD,
	     STR(LINE "Via: SIP/2.0/UDP c.example;branch=z9hG4bKa,SIP/2.0/TCP d\r\n" REST END),
	     NULL},
	    {400, STR(LINE ALL "Via: x\r\n" END), "Via is malformed"},
	    {400, STR(LINE VIA "Via: \r\n" REST END), "Via is malformed"},
	    {400, STR(LINE VIA "Via: SIP/2.0/UDP a,,SIP/2.0/UDP b\r\n" REST END), "Via is malf"},
	    {SILENT, STR(LINE "Via: x\r\n" REST END), "Via is malformed"},
	    {SILENT, STR(LINE "Via: x\r\n" ALL END), "Via is malformed"},
	    {400, STR(LINE "Via: SIP/7.0/UDP c;branch=z9hG4bKa\r\n" REST END), "Via is not of"},
	    {GOOD, STR(LINE "Via: SIP/2.0/UDP c\r\n" REST END), NULL}, /* of RFC 2543 */
	    {GOOD, STR(LINE "Via: SIP/2.0/UDP c;branch=old\r\n" REST END), NULL},
	    {GOOD,
	     STR(LINE "Via: SIP/2.0/UDP c;received=[2001:db8::1];branch=z9hG4bKa\r\n" REST END),
	     NULL},
	    {SILENT,
	     STR(LINE "Via: SIP/2.0/UDP c;received=[192.0.2.1];branch=z9hG4bKa\r\n" REST END),
	     "Via is malformed"},
	    {400, STR(LINE "Via: SIP/2.0/UDP c;branch=z9hG4bK\r\n" REST END),
	     "Via branch is nothing"},
	    {GOOD, STR(LINE "Via: SIP/2.0/UDP c;branch=Z9HG4BKx\r\n" REST END), NULL},
	    /* From, To, Contact, Call-ID */
	    {400, STR(LINE VIA "From: \"A <sip:a@c>\r\n" TO ID CSEQ END), "From is malformed"},
	    {400, STR(LINE VIA "From: *\r\n" TO ID CSEQ END), "From is malformed"},
	    {400, STR(LINE VIA FROM "To: <sip:b@h>, <sip:c@h>\r\n" ID CSEQ END), "To is malf"},
	    {400, STR(LINE VIA FROM "To: <sip:b%00@h>\r\n" ID CSEQ END), "To is malformed"},
	    {400, STR(LINE VIA FROM TO "Call-ID: a b\r\n" CSEQ END), "Call-ID"},
	    {400, STR(LINE VIA FROM TO "Call-ID: \r\n" CSEQ END), "Call-ID"},
	    {400, STR(LINE VIA FROM TO "Call-ID: a@\r\n" CSEQ END), "Call-ID"},
	    {400, STR(LINE VIA FROM TO "Call-ID: a@b@c\r\n" CSEQ END), "Call-ID"},
	    {GOOD, STR(LINE VIA FROM TO "Call-ID: {a}[\"<b>\"]/?\\@c:1\r\n" CSEQ END), NULL},
	    {400, STR(LINE ALL "m: x\r\n" END), "Contact is malformed"},
	    {400, STR(LINE ALL "m: \r\n" END), "Contact is malformed"},
	    {400, STR(LINE ALL "m: *\r\n" END), "Contact is malformed"},
	    {GOOD, STR(LINE ALL "m: <sip:a@c.example>;q=1, \"x\" <sip:b@c>\r\n" END), NULL},
	    {GOOD,
	     STR("REGISTER sip:h SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 REGISTER\r\nm: *\r\n" END),
	     NULL},
	    /* numbers */
	    {GOOD, STR(LINE VIA FROM TO ID "CSeq: 2147483647 OPTIONS\r\n" END), NULL},
	    {GOOD, STR(LINE VIA FROM TO ID "CSeq: 000000000001 OPTIONS\r\n" END), NULL},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 2147483648 OPTIONS\r\n" END), "CSeq is not"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 36893488147419103232 OPTIONS\r\n" END),
	     "CSeq is n"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: -1 OPTIONS\r\n" END), "CSeq is malformed"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 1OPTIONS\r\n" END), "CSeq is malformed"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 1\r\n" END), "CSeq is malformed"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 1 BYE\r\n" END), "CSeq method"},
	    {400, STR(LINE VIA FROM TO ID "CSeq: 1 options\r\n" END), "CSeq method"},
	    {GOOD, STR(LINE ALL "Max-Forwards: 255\r\n" END), NULL},
	    {400, STR(LINE ALL "Max-Forwards: 256\r\n" END), "Max-Forwards"},
	    {400, STR(LINE ALL "Max-Forwards: \r\n" END), "Max-Forwards"},
	    {400, STR(LINE ALL "Max-Forwards: 7 0\r\n" END), "Max-Forwards"},
	    /* ACK is never answered */
	    {SILENT, STR("ACK sip:h SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 BYE\r\n" END), NULL},
	    {SILENT, STR("ACK sip:h SIP/3.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n" END), NULL},
	    {SILENT, STR("A(CK sip:h SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n" END), NULL},
	    /* INVITE makes a dialog */
	    {400, STR("INVITE sip:h SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 INVITE\r\n" END),
	     "Missing Contact"},
	};

	(void)state;
	JUDGE(row);
}

#define TYPE "Content-Type: text/plain\r\n"

static void bodies_have_a_verdict(void **state)
{
	static const struct {
		int verdict;
		struct str text;
		const char *body;
	} row[] = {
	    {GOOD, STR(LINE ALL END), ""},
	    {GOOD, STR(LINE ALL TYPE END "hello"), "hello"},
	    {GOOD, STR(LINE ALL TYPE "l: 5\r\n" END "hello"), "hello"},
	    {GOOD, STR(LINE ALL TYPE "l: 3\r\n" END "hello"), "hel"},
	    {GOOD, STR(LINE ALL "l: 0\r\n" END "hello"), ""},
	    {400, STR(LINE ALL TYPE "l: 6\r\n" END "hello"), NULL},
	    {400, STR(LINE ALL TYPE "l: -5\r\n" END "hello"), NULL},
	    {400, STR(LINE ALL TYPE "l: 5 \t5\r\n" END "hello"), NULL},
	    {400, STR(LINE ALL TYPE "l: 18446744073709551621\r\n" END "hello"), NULL},
	    {400, STR(LINE ALL "l: 5\r\n" END "hello"), NULL},
	    {GOOD, STR("SIP/2.0 200 OK\r\n" ALL END "hello"), "hello"},
	    {SILENT, STR("SIP/2.0 200 OK\r\n" ALL "l: 6\r\n" END "hello"), NULL},
	};
	struct sip_parse_error error;
	struct sip_message m;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int result = sip_message_parse(&m, row[i].text.ptr, row[i].text.len, &error);

		assert_int_equal(result == 0 ? GOOD : (int)error.status, row[i].verdict);
		if (result == 0)
			assert_true(str_eq(m.body, str_of(row[i].body)));
		if (result == 0)
			assert_ptr_equal(m.raw.ptr + m.raw.len, m.body.ptr + m.body.len);
	}
}

/* A message with count lines of that text and then the rest of a good one. */
static int verdict_with(const char *line, unsigned count, char reason[96])
{
	static char text[SIP_MESSAGE_MAX * 2];
	size_t n = (size_t)snprintf(text, sizeof(text), LINE VIA);

	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\r\n", line);
	n += (size_t)snprintf(text + n, sizeof(text) - n, REST END);
	return verdict_of((struct str){text, n}, reason);
}

static void bounds_hold(void **state)
{
	static char line[SIP_HEADER_LINE_MAX + 2];
	static char text[SIP_MESSAGE_MAX + 1000];
	char reason[96];
	size_t n;

	(void)state;
	assert_int_equal(verdict_with("Via: SIP/2.0/UDP h", SIP_VIAS_MAX - 1, reason), GOOD);
	assert_int_equal(verdict_with("Via: SIP/2.0/UDP h", SIP_VIAS_MAX, reason), 400);
	assert_string_equal(reason, "More than 70 Via values");
	assert_int_equal(verdict_with("Z: 1", SIP_HEADERS_MAX - 5, reason), GOOD);
	/* the last of From, To, Call-ID and CSeq is beyond the bound */
	assert_int_equal(verdict_with("Z: 1", SIP_HEADERS_MAX - 4, reason), SILENT);
	assert_string_equal(reason, "More than 128 header lines");

	memset(line, 'x', SIP_HEADER_LINE_MAX);
	memcpy(line, "X: ", 3);
	assert_int_equal(verdict_with(line, 1, reason), GOOD);
	line[SIP_HEADER_LINE_MAX] = 'x';
	assert_int_equal(verdict_with(line, 1, reason), 400);
	assert_string_equal(reason, "Header line longer than 8192 bytes");

	n = (size_t)snprintf(text, sizeof(text), "OPTIONS sip:%01020d@h SIP/2.0\r\n" ALL END, 1);
	assert_int_equal(verdict_of((struct str){text, n}, reason), 414);

	n = (size_t)snprintf(text, sizeof(text), LINE ALL TYPE END);
	memset(text + n, 'b', sizeof(text) - n);
	assert_int_equal(verdict_of((struct str){text, SIP_MESSAGE_MAX}, reason), GOOD);
	assert_int_equal(verdict_of((struct str){text, SIP_MESSAGE_MAX + 1}, reason), 413);
}

static void what_was_read_is_where_it_belongs(void **state)
{
	static const char text[] =
	    "INVITE sip:bob@h.example;user=phone SIP/2.0\r\n"
	    "Via: SIP/2.0/TLS one.example:5061;branch=z9hG4bKa;rport, SIP/2.0/UDP two.example\r\n"
	    "Via: SIP/2.0/UDP three.example\r\n"
	    "Max-Forwards: 69\r\n"
	    "From: \"A, B\" <sip:a@c.example>;tag=f1\r\n"
	    "To: <sip:bob@h.example>;tag=t1\r\n"
	    "Call-ID: x@y\r\n"
	    "CSeq: 4711 INVITE\r\n"
	    "Contact: <sip:a@192.0.2.1:5061;transport=tls>\r\n"
	    "Supported: timer,\r\n 100rel\r\n"
	    "Supported: REPLACES\r\n"
	    "Content-Type: application/sdp\r\n"
	    "Content-Length: 3\r\n\r\nv=0";
	struct sip_message m;

	(void)state;
	assert_int_equal(sip_message_parse(&m, text, sizeof(text) - 1, NULL), 0);
	assert_true(m.request);
	assert_int_equal(m.method, SIP_METHOD_INVITE);
	assert_true(str_eq(m.request_uri.user, STR("bob")));
	assert_true(str_eq(m.via.host, STR("one.example")));
	assert_int_equal(m.via.port, 5061);
	assert_true(m.via.rport);
	assert_int_equal(m.via_count, 3);
	assert_int_equal(m.max_forwards, 69);
	assert_true(str_eq(m.from.display, STR("\"A, B\"")));
	assert_true(str_eq(m.from.tag, STR("f1")));
	assert_true(str_eq(m.to.tag, STR("t1")));
	assert_true(str_eq(m.call_id, STR("x@y")));
	assert_int_equal(m.cseq, 4711);
	assert_true(m.has_contact);
	assert_true(str_eq(m.contact.uri.host, STR("192.0.2.1")));
	assert_true(sip_message_has_option(&m, SIP_HDR_SUPPORTED, "100rel"));
	assert_true(sip_message_has_option(&m, SIP_HDR_SUPPORTED, "replaces"));
	assert_false(sip_message_has_option(&m, SIP_HDR_SUPPORTED, "rel"));
	assert_false(sip_message_has_option(&m, SIP_HDR_REQUIRE, "timer"));
	assert_true(str_eq(m.content_type, STR("application/sdp")));
	assert_true(str_eq(m.body, STR("v=0")));
	assert_int_equal(m.raw.len, sizeof(text) - 1);
}

static void a_response_has_the_method_of_its_cseq(void **state)
{
	static const char text[] =
	    "SIP/2.0 180 Ringing now\r\n" VIA FROM TO ID "CSeq: 2 INVITE\r\n\r\n";
	struct sip_message m;

	(void)state;
	assert_int_equal(sip_message_parse(&m, text, sizeof(text) - 1, NULL), 0);
	assert_false(m.request);
	assert_int_equal(m.status, 180);
	assert_true(str_eq(m.reason, STR("Ringing now")));
	assert_int_equal(m.method, SIP_METHOD_INVITE);
	assert_int_equal(m.max_forwards, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(start_lines_have_a_verdict),
	    cmocka_unit_test(headers_have_a_verdict),
	    cmocka_unit_test(bodies_have_a_verdict),
	    cmocka_unit_test(bounds_hold),
	    cmocka_unit_test(what_was_read_is_where_it_belongs),
	    cmocka_unit_test(a_response_has_the_method_of_its_cseq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
