/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of a leg, as records and operators see them: none of the media API's is forgotten.
 */
#include <stdio.h>
#include <string.h>

#include "b2bua/state.h"
#include "sluice_client.h"
#include "world.h"

#define DISTINCT 1000U

static struct sluice_stream_counters distinct(void)
{
	struct sluice_stream_counters c = {
	    .received = DISTINCT,
	    .received_bytes = DISTINCT + 1,
	    .sent = DISTINCT + 2,
	    .sent_bytes = DISTINCT + 3,
	    .rtcp_received = DISTINCT + 4,
	    .rtcp_sent = DISTINCT + 5,
	    .lost = DISTINCT + 6,
	    .reordered = DISTINCT + 7,
	    .dropped = DISTINCT + 8,
	    .jitter_us = DISTINCT + 9,
	    .ssrc = 0xdecade00,
	    .last_rx_ms_ago = DISTINCT + 10,
	    .last_rtcp_ms_ago = DISTINCT + 11,
	    .rtt_us = DISTINCT + 12,
	    .rtt_max_us = DISTINCT + 13,
	    .remote_lost = DISTINCT + 14,
	    .remote_jitter_us = DISTINCT + 15,
	    .mos_x100 = 431,
	    .remote_mos_x100 = 297,
	    .payload_type = 96,
	    .codec = SLUICE_CODEC_OPUS,
	};

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		c.drops[i] = DISTINCT + 16 + i;
	return c;
}

/* A field that the designated list above does not name is zero: the media API has a new one. */
static void every_field_is_set(const struct sluice_stream_counters *c)
{
	const uint8_t *byte = (const uint8_t *)c;
	size_t end = offsetof(struct sluice_stream_counters, drops);

	for (size_t i = 0; i < end; i += 8) {
		uint64_t word;

		memcpy(&word, byte + i, sizeof(word));
		assert_int_not_equal(word, 0);
	}
}

static void shows(const char *text, const char *member, const char *value)
{
	char wanted[96];

	snprintf(wanted, sizeof(wanted), "\"%s\": %s", member, value);
	if (!strstr(text, wanted))
		fail_msg("no %s in %s", wanted, text);
}

static void every_counter_is_shown_under_its_name(void **state)
{
	static const char *const members[] = {
	    "received",      "received_bytes", "sent",           "sent_bytes",
	    "rtcp_received", "rtcp_sent",      "lost",           "reordered",
	    "dropped",       "jitter_us",      "last_rx_ms_ago", "last_rtcp_ms_ago",
	    "rtt_us",        "rtt_max_us",     "remote_lost",    "remote_jitter_us",
	};
	struct sluice_stream_counters c = distinct();
	json_t *object = list_counters(&c);
	char *text, number[16];

	(void)state;
	every_field_is_set(&c);
	assert_non_null(object);
	text = json_dumps(object, JSON_REAL_PRECISION(4));
	assert_non_null(text);
	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		snprintf(number, sizeof(number), "%u", DISTINCT + i);
		shows(text, members[i], number);
	}
	shows(text, "ssrc", "\"decade00\"");
	shows(text, "payload_type", "96");
	shows(text, "mos", "4.31");
	shows(text, "remote_mos", "2.97");
	shows(text, "codec", "\"Opus\"");
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++) {
		snprintf(number, sizeof(number), "%u", DISTINCT + 16 + i);
		shows(text, sluice_drop_name(i), number);
	}
	free(text);
	json_decref(object);
}

static void what_nobody_told_is_null(void **state)
{
	static const char *const unknown[] = {
	    "mos",        "rtt_us", "rtt_max_us",   "remote_lost",      "remote_jitter_us",
	    "remote_mos", "codec",  "payload_type", "last_rtcp_ms_ago", "last_rx_ms_ago",
	};
	const struct sluice_stream_counters c = {.last_rx_ms_ago = UINT64_MAX,
						 .last_rtcp_ms_ago = UINT64_MAX};
	json_t *object = list_counters(&c), *counters = json_object_get(object, "counters");

	(void)state;
	assert_non_null(counters);
	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_true(json_is_null(json_object_get(counters, unknown[i])));
	assert_int_equal(json_integer_value(json_object_get(counters, "received")), 0);
	assert_int_equal(json_object_size(json_object_get(counters, "drops")), 0);
	json_decref(object);
}

#define COUNTERS_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    COUNTERS_TEST(every_counter_is_shown_under_its_name),
	    COUNTERS_TEST(what_nobody_told_is_null),
	};

	return cmocka_run_group_tests_name("b2bua counters", tests, NULL, NULL);
}
