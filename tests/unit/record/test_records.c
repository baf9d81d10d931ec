/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main/log.h"
#include "record/records.h"

static char directory[] = "/tmp/sluice-records-XXXXXX";
static char path[64], live[80];

static int fresh(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/calls", directory);
	snprintf(live, sizeof(live), "%s.live", path);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	unlink(path);
	unlink(live);
	return rmdir(directory);
}

static struct records *opened(void)
{
	const struct records_config config = {.path = path, .bytes = 1 << 20, .calls = 4};
	struct records *records;
	char error[256];

	if (records_open(&records, &config, error, sizeof(error)))
		fail_msg("%s", error);
	return records;
}

static json_int_t counter(const struct records *records, const char *name)
{
	json_t *counters = records_counters(records);
	json_int_t value = json_integer_value(json_object_get(counters, name));

	json_decref(counters);
	return value;
}

static void times_are_rfc_3339_with_milliseconds(void **state)
{
	static const struct {
		int64_t unix_ms;
		const char *text;
	} facts[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {1714557072001, "2024-05-01T09:51:12.001Z"},
	    {951782399999, "2000-02-28T23:59:59.999Z"},
	    {4102444800000, "2100-01-01T00:00:00.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		json_t *time = records_time(facts[i].unix_ms);

		assert_string_equal(json_string_value(time), facts[i].text);
		json_decref(time);
	}
}

static void a_call_that_ended_has_one_record(void **state)
{
	struct records *records = opened();
	unsigned number = records_begin(records, json_pack("{s:s}", "call", "1"));
	json_t *last;

	(void)state;
	assert_int_not_equal(number, 0);
	records_answered(records, number, 5);
	records_end(records, number, json_pack("{s:s, s:i}", "call", "1", "status", 200));
	last = records_last(records, 9);
	assert_int_equal(json_array_size(last), 1);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(last, 0), "status")),
			 200);
	json_decref(last);
	assert_int_equal(counter(records, "written"), 1);
	records_close(records);
	records = opened();
	assert_int_equal(counter(records, "unclean"), 0);
	records_close(records);
}

static void a_call_without_an_end_is_recorded_as_unclean_once(void **state)
{
	struct records *records = opened();
	json_t *last, *record;

	(void)state;
	records_answered(records, records_begin(records, json_pack("{s:s}", "call", "1")),
			 1714557072001);
	records_begin(records, json_pack("{s:s}", "call", "2"));
	records_close(records); /* as good as a crash */
	records = opened();
	assert_int_equal(counter(records, "unclean"), 2);
	records_close(records);
	records = opened();
	assert_int_equal(counter(records, "unclean"), 0);
	last = records_last(records, 9);
	assert_int_equal(json_array_size(last), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *answered;

		record = json_array_get(last, i);
		answered = json_object_get(record, "answered");
		if (strcmp(json_string_value(json_object_get(record, "call")), "1") == 0)
			assert_string_equal(json_string_value(answered),
					    "2024-05-01T09:51:12.001Z");
		else
			assert_true(json_is_null(answered));
		assert_true(json_is_null(json_object_get(record, "ended")));
		assert_string_equal(
		    json_string_value(json_object_get(json_object_get(record, "end"), "cause")),
		    "unclean");
	}
	json_decref(last);
	records_close(records);
}

static void more_calls_than_the_journal_has_room_for_are_recorded_at_their_end(void **state)
{
	struct records *records = opened();
	unsigned number = 1;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		number = records_begin(records, json_pack("{s:i}", "call", (int)i));
	assert_int_equal(number, 0);
	assert_int_equal(counter(records, "unguarded"), 1);
	records_end(records, number, json_pack("{s:i}", "call", 4));
	assert_int_equal(counter(records, "written"), 1);
	records_close(records);
}

static void rotation_begins_another_file(void **state)
{
	struct records *records = opened();
	json_t *last;
	char command[128];

	(void)state;
	records_end(records, 0, json_pack("{s:i}", "call", 1));
	assert_int_equal(records_rotate(records), 0);
	last = records_last(records, 9);
	assert_int_equal(json_array_size(last), 0);
	json_decref(last);
	records_close(records);
	snprintf(command, sizeof(command), "rm %s-2*", path);
	assert_int_equal(system(command), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_rfc_3339_with_milliseconds),
	    TEST(a_call_that_ended_has_one_record),
	    TEST(a_call_without_an_end_is_recorded_as_unclean_once),
	    TEST(more_calls_than_the_journal_has_room_for_are_recorded_at_their_end),
	    TEST(rotation_begins_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
