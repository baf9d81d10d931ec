/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sip/framer.h"
#include "sip/message.h"

#define HEAD "OPTIONS sip:h.example SIP/2.0\r\nVia: SIP/2.0/TCP h.example\r\n"

static void the_first_bytes_of_a_stream_have_one_verdict(void **state)
{
	static const struct {
		struct str data;
		enum sip_frame_verdict verdict;
		size_t length;
	} row[] = {
	    {STR(""), SIP_FRAME_MORE, 0},
	    {STR("\r"), SIP_FRAME_MORE, 0},
	    {STR("\r\n"), SIP_FRAME_PONG, 2},
	    {STR("\r\n\r"), SIP_FRAME_MORE, 0},
	    {STR("\r\n\r\n"), SIP_FRAME_PING, 4},
	    {STR("\r\n\r\n\r\n"), SIP_FRAME_PING, 4},
	    {STR("\r\nOPTIONS"), SIP_FRAME_PONG, 2},
	    {STR("\r\n\rX"), SIP_FRAME_PONG, 2},
	    {STR("\rX"), SIP_FRAME_ERROR, 0},
	    {STR("\n"), SIP_FRAME_ERROR, 0},
	    {STR("\0"), SIP_FRAME_ERROR, 0},
	    {STR(" "), SIP_FRAME_ERROR, 0},
	    {STR("\x16\x03\x01"), SIP_FRAME_ERROR, 0}, /* TLS on a TCP port */
	    {STR("O"), SIP_FRAME_MORE, 0},
	    {STR(HEAD), SIP_FRAME_MORE, 0},
	    {STR(HEAD "Content-Length: 0\r\n\r"), SIP_FRAME_MORE, 0},
	    {STR(HEAD "Content-Length: 0\r\n\r\n"), SIP_FRAME_MESSAGE, sizeof(HEAD) + 20},
	    {STR(HEAD "l:0\r\n\r\nmore"), SIP_FRAME_MESSAGE, sizeof(HEAD) + 6},
	    {STR(HEAD "CONTENT-length\t:\r\n 003\r\n\r\nabcd"), SIP_FRAME_MESSAGE,
	     sizeof(HEAD) + 28},
	    {STR(HEAD "l: 5\r\n\r\nabcd"), SIP_FRAME_MORE, 0},
	    {STR(HEAD "l: 3\r\n\r\na\0c"), SIP_FRAME_MESSAGE, sizeof(HEAD) + 10},
	    {STR(HEAD "\r\n"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 1\r\nl: 1\r\n\r\nab"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 1\r\nContent-Length: 1\r\n\r\nab"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: -1\r\n\r\nab"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l:\r\n\r\n"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 1,1\r\n\r\nab"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 65537\r\n\r\n"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 65500\r\n\r\n"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "l: 18446744073709551617\r\n\r\nab"), SIP_FRAME_ERROR, 0},
	    {STR(HEAD "S: a\0b\r\n"), SIP_FRAME_ERROR, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t scanned = 0, length = 77;
		const char *error = NULL;
		enum sip_frame_verdict verdict =
		    sip_framer_next(row[i].data.ptr, row[i].data.len, &scanned, &length, &error);

		if (verdict != row[i].verdict || length != row[i].length)
			fail_msg("row %zu: verdict %d length %zu (%s)", i, verdict, length,
				 error ? error : "-");
		assert_int_equal(error != NULL, verdict == SIP_FRAME_ERROR);
	}
}

#define ONE HEAD "l: 5\r\n\r\nhello"
#define TWO HEAD "l: 0\r\n\r\n"
#define THREE HEAD "l: 4\r\n\r\n\r\n\r\n"

struct stream {
	char data[4096];
	size_t length, scanned;
	unsigned messages, pings, pongs;
};

/* Gives n bytes to a stream and takes what is whole. */
static void feed(struct stream *s, const char *data, size_t n)
{
	size_t length;
	const char *error;

	memcpy(s->data + s->length, data, n);
	s->length += n;
	for (;;) {
		enum sip_frame_verdict verdict =
		    sip_framer_next(s->data, s->length, &s->scanned, &length, &error);

		if (verdict == SIP_FRAME_MORE)
			return;
		assert_int_not_equal(verdict, SIP_FRAME_ERROR);
		s->messages += verdict == SIP_FRAME_MESSAGE;
		s->pings += verdict == SIP_FRAME_PING;
		s->pongs += verdict == SIP_FRAME_PONG;
		memmove(s->data, s->data + length, s->length - length);
		s->length -= length;
	}
}

static void messages_are_cut_alike_however_the_network_cuts_them(void **state)
{
	static const char all[] = "\r\n" ONE TWO "\r\n\r\n" THREE TWO;

	(void)state;
	for (size_t piece = 1; piece < sizeof(all); piece++) {
		struct stream s = {.length = 0};

		for (size_t at = 0; at < sizeof(all) - 1; at += piece)
			feed(&s, all + at,
			     sizeof(all) - 1 - at < piece ? sizeof(all) - 1 - at : piece);
		assert_int_equal(s.messages, 4);
		/* a ping in two pieces is two pongs */
		assert_int_equal(2 * s.pings + s.pongs, 3);
		assert_int_equal(s.length, 0);
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* 64 KiB a byte at a time: quadratic would be 2 thousand million bytes looked at. */
static void a_message_that_comes_byte_by_byte_costs_linear_time(void **state)
{
	static char data[SIP_MESSAGE_MAX];
	size_t scanned = 0, length, head;
	const char *error;
	double before = seconds();
	enum sip_frame_verdict verdict = SIP_FRAME_MORE;

	(void)state;
	head = (size_t)snprintf(data, sizeof(data), HEAD);
	while (head < sizeof(data) / 2)
		head += (size_t)snprintf(data + head, sizeof(data) - head, "X: %0200d\r\n", 1);
	head += (size_t)snprintf(data + head, sizeof(data) - head, "l: 30000\r\n\r\n");
	for (size_t n = 1; n < head + 30000; n++) {
		verdict = sip_framer_next(data, n, &scanned, &length, &error);
		assert_int_equal(verdict, SIP_FRAME_MORE);
	}
	verdict = sip_framer_next(data, head + 30000, &scanned, &length, &error);
	assert_int_equal(verdict, SIP_FRAME_MESSAGE);
	assert_int_equal(length, head + 30000);
	assert_true(seconds() - before < 0.5);
}

static void a_head_without_end_is_refused_at_the_limit(void **state)
{
	static char data[SIP_MESSAGE_MAX];
	size_t scanned = 0, length;
	const char *error;

	(void)state;
	memset(data, 'a', sizeof(data));
	assert_int_equal(sip_framer_next(data, sizeof(data) - 1, &scanned, &length, &error),
			 SIP_FRAME_MORE);
	assert_int_equal(sip_framer_next(data, sizeof(data), &scanned, &length, &error),
			 SIP_FRAME_ERROR);
	assert_string_equal(error, "head above its limit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_bytes_of_a_stream_have_one_verdict),
	    cmocka_unit_test(messages_are_cut_alike_however_the_network_cuts_them),
	    cmocka_unit_test(a_message_that_comes_byte_by_byte_costs_linear_time),
	    cmocka_unit_test(a_head_without_end_is_refused_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
