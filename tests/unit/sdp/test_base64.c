/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sdp/base64.h"

static const struct fact {
	const char *text;
	size_t length;
	const char *bytes; /* NULL: refused */
} facts[] = {
    /* RFC 4648 10 */
    {"Zg==", 1, "f"},
    {"Zm8=", 2, "fo"},
    {"Zm9v", 3, "foo"},
    {"Zm9vYg==", 4, "foob"},
    {"Zm9vYmE=", 5, "fooba"},
    {"Zm9vYmFy", 6, "foobar"},
    /* no padding */
    {"Zg", 1, "f"},
    {"Zm8", 2, "fo"},
    {"Zm9vYg", 4, "foob"},
    /* bits behind the last byte */
    {"Zn==", 1, "f"},
    {"Zm9=", 2, "fo"},
    {"+/+/", 3, "\xfb\xff\xbf"},
    {"", 0, ""},
    /* half a padding, padding in the middle, too much of it */
    {"Zg=", 1, NULL},
    {"Z===", 1, NULL},
    {"Zg==Zg==", 2, NULL},
    {"Zm9v====", 3, NULL},
    {"=Zg=", 1, NULL},
    {"Zm==", 2, NULL},
    /* another length */
    {"Zm9v", 2, NULL},
    {"Zm9v", 4, NULL},
    {"Zm9vY", 3, NULL},
    {"", 1, NULL},
    /* another alphabet */
    {"Zm9-", 3, NULL},
    {"Zm9_", 3, NULL},
    {"Zm9 ", 3, NULL},
    {"Zm9\x80", 3, NULL},
    {"Z\nm9v", 3, NULL},
};

static void texts_decode_to_the_bytes_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		uint8_t data[8] = {0};
		bool good = sdp_base64_decode(data, facts[i].length, str_of(facts[i].text));

		if (good != (facts[i].bytes != NULL))
			fail_msg("\"%s\" as %zu bytes", facts[i].text, facts[i].length);
		if (good)
			assert_memory_equal(data, facts[i].bytes, facts[i].length);
	}
}

static void refused_text_leaves_no_bytes_behind(void **state)
{
	static const uint8_t zero[6];
	uint8_t data[6];

	(void)state;
	assert_false(sdp_base64_decode(data, sizeof(data), STR("Zm9vYm!y")));
	assert_memory_equal(data, zero, sizeof(data));
}

static void every_length_comes_back(void **state)
{
	(void)state;
	for (size_t length = 1; length <= 46; length++) {
		uint8_t data[46], back[46] = {0};
		char text[64];

		for (size_t i = 0; i < length; i++)
			data[i] = (uint8_t)(i * 37 + length);
		sdp_base64_encode(text, data, length);
		assert_true(
		    sdp_base64_decode(back, length, (struct str){text, sdp_base64_length(length)}));
		assert_memory_equal(back, data, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_decode_to_the_bytes_of_the_table),
	    cmocka_unit_test(refused_text_leaves_no_bytes_behind),
	    cmocka_unit_test(every_length_comes_back),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
