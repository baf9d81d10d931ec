/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sluice_client.h"

static void every_drop_has_a_name_and_a_text(void **state)
{
	(void)state;
	for (unsigned drop = 0; drop < SLUICE_DROP_COUNT; drop++) {
		assert_string_not_equal(sluice_drop_name(drop), "?");
		assert_true(strlen(sluice_drop_text(drop)) > 5);
		for (unsigned other = 0; other < drop; other++)
			assert_string_not_equal(sluice_drop_name(drop), sluice_drop_name(other));
	}
	assert_string_equal(sluice_drop_name(SLUICE_DROP_AUTH), "auth");
	assert_string_equal(sluice_drop_name(SLUICE_DROP_COUNT), "?");
}

static void suites_and_events_have_names(void **state)
{
	(void)state;
	for (unsigned suite = 0; suite < SLUICE_SUITE_COUNT; suite++)
		assert_string_not_equal(sluice_suite_name(suite), "?");
	assert_string_equal(sluice_suite_name(1), "AES_CM_128_HMAC_SHA1_80");
	assert_string_equal(sluice_suite_name(SLUICE_SUITE_COUNT), "?");
	for (unsigned codec = 0; codec < SLUICE_CODEC_COUNT; codec++)
		assert_string_not_equal(sluice_codec_name(codec), "?");
	assert_string_equal(sluice_codec_name(SLUICE_CODEC_G711), "G.711");
	assert_string_equal(sluice_codec_name(SLUICE_CODEC_COUNT), "?");
	for (unsigned type = 1; type <= SLUICE_EVENT_SILENCE; type++)
		assert_string_not_equal(sluice_event_name(type), "?");
	assert_string_equal(sluice_event_name(0), "?");
	assert_string_equal(sluice_event_name(SLUICE_EVENT_SILENCE + 1), "?");
}

static void an_address_is_written_as_people_write_it(void **state)
{
	const struct sluice_addr v4 = {.family = 4, .port = 4000, .ip = {192, 0, 2, 1}};
	const struct sluice_addr v6 = {
	    .family = 6, .port = 65535, .ip = {0x20, 1, 0xd, 0xb8, [15] = 1}};
	const struct sluice_addr none = {0};
	char text[56];

	(void)state;
	assert_string_equal(sluice_addr_format(&v4, text, sizeof(text)), "192.0.2.1:4000");
	assert_string_equal(sluice_addr_format(&v6, text, sizeof(text)), "[2001:db8::1]:65535");
	assert_string_equal(sluice_addr_format(&none, text, sizeof(text)), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_drop_has_a_name_and_a_text),
	    cmocka_unit_test(suites_and_events_have_names),
	    cmocka_unit_test(an_address_is_written_as_people_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
