/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a glance sees, and what it leaves to the parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>

#include "sip/glance.h"
#include "sip/writer.h"

#define VIA "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:a@a.example>;tag=1\r\n"
#define TO "To: <sip:b@b.example>\r\n"
#define CALL_ID "Call-ID: x@y\r\n"
#define CSEQ "CSeq: 7 INVITE\r\n"
#define INVITE "INVITE sip:b@b.example SIP/2.0\r\n"
#define REST "Contact: <sip:a@a.example>\r\nContent-Length: 0\r\n\r\n"

static const struct {
	const char *text;
	bool seen;
} messages[] = {
    {INVITE VIA FROM TO CALL_ID CSEQ REST, true},
    {INVITE
     "v: SIP/2.0/UDP a\r\nf: sip:a@a\r\nt: sip:b@b\r\ni : x\r\nCSEQ:\r\n 7\r\n INVITE\r\n" REST,
     true},
    {INVITE VIA VIA FROM TO CALL_ID CSEQ "Priority: emergency\r\n" REST, true},
    /* left to the parser */
    {"", false},
    {"\r\n\r\n", false},
    {"SIP/2.0 200 OK\r\n" VIA FROM TO CALL_ID CSEQ REST, false},
    {"INVITE sip:b@b.example SIP/3.0\r\n" VIA FROM TO CALL_ID CSEQ REST, false},
    {"INVITE  sip:b@b.example SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ REST, false},
    {INVITE VIA FROM TO CALL_ID CSEQ, false}, /* no end */
    {INVITE FROM TO CALL_ID CSEQ REST, false},
    {INVITE VIA TO CALL_ID CSEQ REST, false},
    {INVITE VIA FROM CALL_ID CSEQ REST, false},
    {INVITE VIA FROM TO CSEQ REST, false},
    {INVITE VIA FROM TO CALL_ID REST, false},
    {INVITE VIA FROM TO TO CALL_ID CSEQ REST, false},
    {INVITE VIA FROM TO "t: <sip:b@b>;tag=2\r\n" CALL_ID CSEQ REST, false},
    {INVITE VIA FROM TO CALL_ID CSEQ "i: z\r\n" REST, false},
    {INVITE VIA FROM TO CALL_ID "CSeq: 7 BYE\r\n" REST, false},
    {INVITE VIA FROM TO CALL_ID "CSeq: 2147483648 INVITE\r\n" REST, false},
    {INVITE VIA FROM TO CALL_ID CSEQ "no colon\r\n" REST, false},
};

static void only_a_plain_request_is_seen(void **state)
{
	struct sip_message message;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (sip_glance(&message, messages[i].text, strlen(messages[i].text)) !=
		    messages[i].seen)
			fail_msg("row %zu", i);
}

/* To, and the tag in it; NULL: none */
static const struct {
	const char *to, *tag;
} tags[] = {
    {"<sip:b@b.example>;tag=abc", "abc"},
    {"sip:b@b.example;tag=abc", "abc"},
    {"<sip:b@b.example>;x=1 ; TAG = abc", "abc"},
    {"<sip:b@b.example>\r\n ;tag=abc", "abc"},
    {"\"a;tag=no\" <sip:b@b.example>;tag=abc", "abc"},
    {"\"a\\\";tag=no <\" <sip:b@b.example>;tag=abc", "abc"},
    {"<sip:b@b.example>;x=\";tag=no\";tag=abc", "abc"},
    {"<sip:b@b.example;tag=no>;tag=abc", "abc"},
    {"<sip:b@b.example>", NULL},
    {"sip:tag=x@b.example", NULL},
    {"\"a;tag=no\" <sip:b@b.example>", NULL},
    {"<sip:b@b.example;tag=no>", NULL},
    {"<sip:b@b.example>;stag=abc", NULL},
    {"<sip:b@b.example>;x=\";tag=no\"", NULL},
};

static void a_to_tag_is_where_the_parser_sees_it(void **state)
{
	struct sip_message glanced, parsed;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		int length = snprintf(text, sizeof(text), "%sTo: %s\r\n%s",
				      INVITE VIA FROM CALL_ID CSEQ, tags[i].to, REST);

		assert_int_equal(sip_message_parse(&parsed, text, (size_t)length, NULL), 0);
		assert_true(sip_glance(&glanced, text, (size_t)length));
		assert_true(str_eq(glanced.to.tag, parsed.to.tag));
		assert_true(str_eq(glanced.to.tag, str_of(tags[i].tag)));
		assert_int_equal(!glanced.to.tag.ptr, !tags[i].tag);
	}
}

static void an_answer_is_written_from_a_glance_as_from_the_parsed(void **state)
{
	static const char text[] =
	    INVITE "v: SIP/2.0/UDP a.example;rport;branch=z9hG4bK1 , SIP/2.0/UDP b;branch=z9hG4bK0"
		   "\r\n" VIA "Max-Forwards: 70\r\n" FROM
		   "To: \"B\"\r\n <sip:b@b.example>\r\nSubject: x\r\n" CALL_ID CSEQ REST;
	const struct sockaddr_storage nowhere = {0};
	struct sip_message message[2];
	struct sip_writer writer;
	char answer[2][1024];
	long length[2];

	(void)state;
	assert_int_equal(sip_message_parse(&message[0], text, sizeof(text) - 1, NULL), 0);
	assert_true(sip_glance(&message[1], text, sizeof(text) - 1));
	assert_true(sip_glance_via(&message[1]));
	assert_true(message[1].via.rport);
	for (unsigned i = 0; i < 2; i++) {
		sip_writer_response_to(&writer, answer[i], sizeof(answer[i]), &message[i], 503,
				       NULL, STR("mine"), &nowhere);
		length[i] = sip_writer_end(&writer, NULL, STR(""));
		assert_true(length[i] > 0);
	}
	assert_int_equal(length[0], length[1]);
	assert_memory_equal(answer[0], answer[1], (size_t)length[0]);
	assert_non_null(memmem(answer[0], (size_t)length[0], ";tag=mine", 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_plain_request_is_seen),
	    cmocka_unit_test(a_to_tag_is_where_the_parser_sees_it),
	    cmocka_unit_test(an_answer_is_written_from_a_glance_as_from_the_parsed),
	};

	return cmocka_run_group_tests_name("sip glance", tests, NULL, NULL);
}
