/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of the call generator: a SIP parser takes them, and each finds its call again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sip/message.h"
#include "text.h"

static const struct options options = {.transport = SIP_TLS, .net = "127.9.8", .port = 5061};
static const struct text_names names = {.options = &options, .pair = 3};
static const struct text_call call = {.slot = 123457, .turn = 42};
static char text[TEXT_MESSAGE_MAX];

static size_t invite(void)
{
	return text_invite(text, &names, &call);
}

static void an_invite_is_sip_with_an_offer_of_srtp(void **state)
{
	size_t length = invite();
	struct sip_message message;

	(void)state;
	assert_int_equal(sip_message_parse(&message, text, length, NULL), 0);
	assert_int_equal(message.method, SIP_METHOD_INVITE);
	assert_true(str_eq(message.request_uri.user, STR("930123457042")));
	assert_non_null(memmem(message.body.ptr, message.body.len, "RTP/SAVP", 8));
}

static void what_is_called_finds_its_call(void **state)
{
	size_t length = invite();
	struct text_heard heard;

	(void)state;
	assert_int_equal(text_read(&heard, text, length), 0);
	assert_int_equal(heard.kind, TEXT_INVITE);
	assert_int_equal(heard.call.slot, call.slot);
	assert_int_equal(heard.call.turn, call.turn);
	assert_true(heard.body.len > 0);
}

static void an_answer_finds_its_call_by_the_call_id(void **state)
{
	char answer[TEXT_MESSAGE_MAX];
	size_t length = invite();
	struct text_heard heard;
	struct sip_message message;

	(void)state;
	assert_int_equal(text_read(&heard, text, length), 0);
	length = text_response(answer, &names, &heard, 200);
	assert_int_equal(sip_message_parse(&message, answer, length, NULL), 0);
	assert_int_equal(message.status, 200);
	assert_true(message.to.tag.len > 0);
	assert_int_equal(text_read(&heard, answer, length), 0);
	assert_int_equal(heard.kind, TEXT_RESPONSE);
	assert_int_equal(heard.status, 200);
	assert_false(heard.of_bye);
	assert_int_equal(heard.call.slot, call.slot);
	assert_int_equal(heard.call.turn, call.turn);
	assert_true(str_eq(text_uri(text_header(&heard, "Contact")),
			   STR("sip:930123457042@127.9.8.103:5061;transport=tls")));
}

static void a_bye_and_its_answer_are_told_from_those_of_an_invite(void **state)
{
	char answer[TEXT_MESSAGE_MAX];
	size_t length = text_request(text, &names, &call, "BYE", "<sip:x@y>;tag=z",
				     "sip:930123457042@127.9.8.1:5061;transport=tls");
	struct text_heard heard;

	(void)state;
	assert_int_equal(text_read(&heard, text, length), 0);
	assert_int_equal(heard.kind, TEXT_BYE);
	length = text_response(answer, &names, &heard, 200);
	assert_int_equal(text_read(&heard, answer, length), 0);
	assert_true(heard.of_bye);
	assert_int_equal(heard.body.len, 0);
}

static void what_belongs_to_no_call_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "\r\n\r\n",
	    "INVITE sip:930123457042@x SIP/2.0\r\nCall-ID: 1\r\n",
	    "INVITE sip:93012345704@127.9.8.103 SIP/2.0\r\n\r\n",
	    "MESSAGE sip:930123457042@127.9.8.103 SIP/2.0\r\n\r\n",
	    "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nCall-ID: 01234\r\n\r\n",
	    "SIP/2.0 200 OK\r\nCall-ID: 0123457-042-3@127.9.8.13\r\n\r\n",
	};
	struct text_heard heard;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(text_read(&heard, bad[i], strlen(bad[i])), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_invite_is_sip_with_an_offer_of_srtp),
	    cmocka_unit_test(what_is_called_finds_its_call),
	    cmocka_unit_test(an_answer_finds_its_call_by_the_call_id),
	    cmocka_unit_test(a_bye_and_its_answer_are_told_from_those_of_an_invite),
	    cmocka_unit_test(what_belongs_to_no_call_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
