/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps a NAT open (RFC 6263), and what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/keep_alive.h"

#define STUN(length) 0, 1, 0, length, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12

static const struct {
	const char *what;
	uint8_t bytes[32];
	uint32_t length;
	bool keeps_alive;
} rows[] = {
    {"an empty datagram", {0}, 0, true},
    {"a zero byte", {0}, 1, true},
    {"CR LF", {'\r', '\n'}, 2, true},
    {"CR LF CR LF", {'\r', '\n', '\r', '\n'}, 4, true},
    {"four zero bytes", {0}, 4, true},
    {"five zero bytes", {0}, 5, false},
    {"a letter", {'x'}, 1, false},
    {"CR LF and a byte of RTP", {'\r', '\n', 0x80}, 3, false},
    {"a STUN binding request", {STUN(0)}, 20, true},
    {"a STUN message with another cookie", {0, 0x11, 0, 0, 0x21}, 20, false},
    {"a STUN message with an attribute", {STUN(8), 0x80, 0x22, 0, 4}, 28, true},
    {"a STUN message, a byte cut off", {STUN(8), 0x80, 0x22, 0, 4}, 27, false},
    {"a STUN message and a byte more", {STUN(0)}, 21, false},
    {"a STUN header, a byte short", {STUN(0)}, 19, false},
    {"STUN of RFC 3489, without the cookie", {0, 1, 0, 0, 9}, 20, false},
    {"DTLS", {22, 254, 253}, 32, false},
    {"RTP", {0x80, 0, 0, 1}, 12, false},
};

static void a_keep_alive_is_known_from_its_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (keep_alive_is(rows[i].bytes, rows[i].length) != rows[i].keeps_alive)
			fail_msg("%s", rows[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_keep_alive_is_known_from_its_bytes),
	};

	return cmocka_run_group_tests_name("keep-alives", tests, NULL, NULL);
}
