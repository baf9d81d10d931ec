/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/writer.h"

static void a_request_is_written_as_it_is_read(void **state)
{
	struct sip_writer w;
	struct sip_message m;
	char data[2048];
	long n;

	(void)state;
	sip_writer_request(&w, data, sizeof(data), "INVITE", STR("sip:bob@h.example"));
	sip_writer_header(&w, "Via", STR("SIP/2.0/TLS h.example;branch=z9hG4bK1"));
	sip_writer_headerf(&w, "CSeq", "%u %s", 7U, "INVITE");
	sip_writer_header(&w, "From", STR("<sip:a@h.example>;tag=1"));
	sip_writer_header(&w, "To", STR("<sip:bob@h.example>"));
	sip_writer_header(&w, "Call-ID", STR("1@h.example"));
	sip_writer_header(&w, "Contact", STR("<sip:h.example>"));
	n = sip_writer_end(&w, "application/sdp", STR("v=0\r\n"));
	assert_true(n > 0);
	assert_int_equal(sip_message_parse(&m, data, (size_t)n, NULL), 0);
	assert_int_equal(m.method, SIP_METHOD_INVITE);
	assert_int_equal(m.cseq, 7);
	assert_true(str_eq(m.body, STR("v=0\r\n")));
}

static void no_value_can_end_its_line(void **state)
{
	static const struct {
		struct str value;
		long result; /* 1: good */
	} row[] = {
	    {STR("plain"), 1},
	    {STR("tab\tand utf-8 \xc3\xbc"), 1},
	    {STR("a\r\nEvil: 1"), -EINVAL},
	    {STR("a\r\n"), -EINVAL},
	    {STR("a\nEvil: 1"), -EINVAL},
	    {STR("a\n Evil: 1"), -EINVAL},
	    {STR("a\r"), -EINVAL},
	    {STR("\r\n\r\nBody"), -EINVAL},
	    {STR("a\0b"), -EINVAL},
	    {STR("a\x1b[2J"), -EINVAL},
	    {STR("a\x7f"), -EINVAL},
	    {STR("a\r\n b"), 1}, /* a fold becomes spaces */
	    {STR("a\r\n\r\n b"), -EINVAL},
	};
	struct sip_writer w;
	char data[512];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		long n;

		sip_writer_response(&w, data, sizeof(data), 200, NULL);
		sip_writer_header(&w, "Subject", row[i].value);
		n = sip_writer_end(&w, NULL, STR(""));
		assert_int_equal(n > 0 ? 1 : n, row[i].result);

		if (memchr(row[i].value.ptr, '\0', row[i].value.len))
			continue; /* printf ends there */
		sip_writer_response(&w, data, sizeof(data), 200, NULL);
		sip_writer_headerf(&w, "Subject", "%.*s", STR_FMT(row[i].value));
		n = sip_writer_end(&w, NULL, STR(""));
		assert_int_equal(n > 0 ? 1 : n, row[i].result);
		if (n > 0)
			assert_null(memmem(data, (size_t)n, "\r\n ", 3));
	}
}

static void start_lines_and_names_take_no_injection_either(void **state)
{
	struct sip_writer w;
	char data[512];

	(void)state;
	sip_writer_request(&w, data, sizeof(data), "BYE", STR("sip:a SIP/2.0\r\nX: y"));
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_request(&w, data, sizeof(data), "BYE\r\n", STR("sip:a"));
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_request(&w, data, sizeof(data), "BYE", STR(""));
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_response(&w, data, sizeof(data), 400, "Bad\r\nX: y");
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_response(&w, data, sizeof(data), 99, NULL);
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_response(&w, data, sizeof(data), 200, NULL);
	sip_writer_header(&w, "X: y\r\nZ", STR("1"));
	assert_int_equal(sip_writer_end(&w, NULL, STR("")), -EINVAL);
	sip_writer_response(&w, data, sizeof(data), 200, NULL);
	assert_int_equal(sip_writer_end(&w, NULL, STR("body")), -EINVAL); /* of no type */
}

/* Every size of buffer below the need fails with ENOSPC and nothing beyond it is touched (ASan). */
static void a_small_buffer_is_never_overrun(void **state)
{
	struct sip_writer w;
	long need = 1, n = -ENOSPC;

	(void)state;
	for (size_t size = 0; n < 0; size++) {
		char *data = malloc(size + 1);

		assert_non_null(data);
		data[size] = 'G';
		sip_writer_response(&w, data, size, 200, NULL);
		sip_writer_headerf(&w, "Call-ID", "%d@h.example", 12345);
		sip_writer_header(&w, "To", STR("<sip:h.example>"));
		n = sip_writer_end(&w, "text/plain", STR("0123456789"));
		assert_int_equal(data[size], 'G');
		assert_true(n > 0 || n == -ENOSPC);
		need = (long)size;
		free(data);
	}
	assert_int_equal(n, need);
}

#define REQUEST                                                                         \
	"OPTIONS sip:h.example SIP/2.0\r\n"                                             \
	"v: SIP/2.0/UDP client.example:5070 ;branch=z9hG4bK1;received=6.6.6.6;rport , " \
	"SIP/2.0/TCP second.example\r\n"                                                \
	"Via: SIP/2.0/UDP third.example\r\n"                                            \
	"f: <sip:a@h.example>\r\n ;tag=1\r\n"                                           \
	"t: Bob <sip:b@h.example>\r\n"                                                  \
	"i: 1@h.example\r\n"                                                            \
	"CSeq: 1 OPTIONS\r\n"                                                           \
	"X-One: 1\r\nSubject: two\r\n\r\n"

static void a_response_repeats_what_the_rfc_says(void **state)
{
	static const char expected[] =
	    "SIP/2.0 404 Not Found\r\n"
	    "Via: SIP/2.0/UDP client.example:5070;branch=z9hG4bK1;received=192.0.2.7;rport=40000, "
	    "SIP/2.0/TCP second.example\r\n"
	    "Via: SIP/2.0/UDP third.example\r\n"
	    "From: <sip:a@h.example>   ;tag=1\r\n"
	    "To: Bob <sip:b@h.example>;tag=9\r\n"
	    "Call-ID: 1@h.example\r\n"
	    "CSeq: 1 OPTIONS\r\n"
	    "X-One: 1\r\nSubject: two\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct sockaddr_storage source = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&source;
	struct sip_message m;
	struct sip_writer w;
	char data[2048];
	long n;

	(void)state;
	v4->sin_family = AF_INET;
	v4->sin_port = htons(40000);
	inet_pton(AF_INET, "192.0.2.7", &v4->sin_addr);
	assert_int_equal(sip_message_parse(&m, REQUEST, sizeof(REQUEST) - 1, NULL), 0);
	sip_writer_response_to(&w, data, sizeof(data), &m, 404, NULL, STR("9"), &source);
	sip_writer_copy(&w, &m, SIP_HDR_OTHER);
	n = sip_writer_end(&w, NULL, STR(""));
	assert_int_equal(n, sizeof(expected) - 1);
	assert_memory_equal(data, expected, (size_t)n);
}

/* sent-by, rport asked for, source address -> what the topmost Via ends with */
static void received_and_rport_say_where_the_request_came_from(void **state)
{
	static const struct {
		const char *via, *source, *answer;
	} row[] = {
	    {"SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1", "192.0.2.7",
	     "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1"},
	    {"SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK1", "192.0.2.7",
	     "SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK1;received=192.0.2.7"},
	    {"SIP/2.0/UDP 192.0.2.7;rport;branch=z9hG4bK1", "192.0.2.7",
	     "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1;received=192.0.2.7;rport=4000"},
	    {"SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK1", "2001:db8::1",
	     "SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK1"},
	    {"SIP/2.0/TCP h.example;branch=z9hG4bK1;received=1.1.1.1", "2001:db8::1",
	     "SIP/2.0/TCP h.example;branch=z9hG4bK1;received=2001:db8::1"},
	    {"SIP/2.0/TCP h.example;branch=z9hG4bK1;received=1.1.1.1", NULL,
	     "SIP/2.0/TCP h.example;branch=z9hG4bK1;received=1.1.1.1"},
	};
	struct sip_message m;
	struct sip_writer w;
	char data[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sockaddr_storage source = {0};
		struct sockaddr_in *v4 = (struct sockaddr_in *)&source;
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&source;
		char request[1024];
		int length = snprintf(request, sizeof(request),
				      "BYE sip:h.example SIP/2.0\r\nVia: %s\r\n"
				      "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\n"
				      "Call-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
				      row[i].via);
		const struct sip_header *via;
		struct sip_message answer;
		long n;

		if (row[i].source && strchr(row[i].source, ':')) {
			v6->sin6_family = AF_INET6;
			v6->sin6_port = htons(4000);
			inet_pton(AF_INET6, row[i].source, &v6->sin6_addr);
		} else if (row[i].source) {
			v4->sin_family = AF_INET;
			v4->sin_port = htons(4000);
			inet_pton(AF_INET, row[i].source, &v4->sin_addr);
		}
		assert_int_equal(sip_message_parse(&m, request, (size_t)length, NULL), 0);
		sip_writer_response_to(&w, data, sizeof(data), &m, 200, NULL, STR("x"),
				       row[i].source ? &source : NULL);
		n = sip_writer_end(&w, NULL, STR(""));
		assert_true(n > 0);
		assert_int_equal(sip_message_parse(&answer, data, (size_t)n, NULL), 0);
		assert_true(str_eq(answer.to.tag, STR("2"))); /* it had one */
		via = sip_message_header(&answer, SIP_HDR_VIA, NULL);
		if (!str_eq(via->value, str_of(row[i].answer)))
			fail_msg("%.*s", STR_FMT(via->value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_is_written_as_it_is_read),
	    cmocka_unit_test(no_value_can_end_its_line),
	    cmocka_unit_test(start_lines_and_names_take_no_injection_either),
	    cmocka_unit_test(a_small_buffer_is_never_overrun),
	    cmocka_unit_test(a_response_repeats_what_the_rfc_says),
	    cmocka_unit_test(received_and_rport_say_where_the_request_came_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
