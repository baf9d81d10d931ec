/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kept message is what a parser would make of the kept bytes, piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sip/message_copy.h"

static const char *const texts[] = {
    "INVITE sip:bob:pw@example.com:5070;transport=tcp;lr SIP/2.0\r\n"
    "Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKa;rport=9;received=192.0.2.9\r\n"
    "Via: SIP/2.0/UDP a.example;branch=z9hG4bKb\r\n"
    "From: \"A \\\" B\" <sip:a:b@example.org:1;x=y>;tag=1;p=q\r\nTo: <tel:+1234;ext=5>;tag=t\r\n"
    "Call-ID: 1@x\r\nCSeq: 7 INVITE\r\nMax-Forwards: 9\r\n"
    "Contact: C <sip:c@192.0.2.1:5060;transport=udp>;expires=1\r\n"
    "Content-Type: application/sdp\r\nX-Own: folded\r\n value\r\nContent-Length: 5\r\n\r\nv=0\r\n",
    "SIP/2.0 404 Not Found Here\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKc\r\n"
    "f: <sip:a@b>;tag=2\r\nt: sip:c@d;tag=3\r\ni: x\r\nCSeq: 1 BYE\r\nl: 0\r\n\r\n",
    "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKd\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:c@d>;tag=4\r\nCall-ID: y\r\nCSeq: 2 BYE\r\n\r\n",
};

static void a_copy_is_what_parsing_the_bytes_again_would_make(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t length = strlen(texts[i]);
		char *bytes = malloc(length);
		struct sip_message message, again;
		struct sip_message *copy;

		memset(&message, 0, sizeof(message)); /* padding is compared, too */
		memset(&again, 0, sizeof(again));
		assert_int_equal(sip_message_parse(&message, texts[i], length, NULL), 0);
		assert_int_equal(message.raw.len, length);
		memcpy(bytes, texts[i], length);
		assert_int_equal(sip_message_parse(&again, bytes, length, NULL), 0);
		copy = sip_message_copy(&message, bytes);
		assert_non_null(copy);
		assert_memory_equal(copy, &again,
				    offsetof(struct sip_message, header) +
					again.header_count * sizeof(again.header[0]));
		free(copy);
		free(bytes);
	}
}

/* A datagram may begin with empty lines and go on behind its Content-Length. */
static void only_the_message_itself_is_kept(void **state)
{
	static const char text[] = "\r\n\r\nBYE sip:a@b SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKd\r\n"
				   "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=4\r\nCall-ID: y\r\n"
				   "CSeq: 2 BYE\r\nContent-Length: 0\r\n\r\nmore";
	struct sip_message message, *copy;
	char *bytes;

	(void)state;
	assert_int_equal(sip_message_parse(&message, text, sizeof(text) - 1, NULL), 0);
	bytes = malloc(message.raw.len);
	memcpy(bytes, message.raw.ptr, message.raw.len);
	copy = sip_message_copy(&message, bytes);
	assert_non_null(copy);
	assert_ptr_equal(copy->raw.ptr, bytes);
	assert_ptr_equal(copy->method_token.ptr, bytes);
	assert_true(str_eq(copy->call_id, STR("y")));
	assert_true(copy->call_id.ptr > bytes && copy->call_id.ptr < bytes + copy->raw.len);
	free(copy);
	free(bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_is_what_parsing_the_bytes_again_would_make),
	    cmocka_unit_test(only_the_message_itself_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
