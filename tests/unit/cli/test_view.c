/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people see: golden/NAME.json shown as golden/NAME.txt. To renew the texts after a change
 * that was meant: GOLDEN=… GOLDEN_WRITE=1 test_cli_view, and read the difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "cli/view.h"

static void show_list(FILE *out, const struct view_list *list, const json_t *items)
{
	struct view_paging paging;

	view_page_begin(&paging, list);
	view_page(&paging, out, items);
	view_page_end(&paging, out);
}

static void view_call_list(FILE *out, json_t *calls)
{
	show_list(out, &view_list_calls, calls);
}

static void view_peers(FILE *out, json_t *peers)
{
	show_list(out, &view_list_peers, peers);
}

static void view_registrations(FILE *out, json_t *registrations)
{
	show_list(out, &view_list_registrations, registrations);
}

static const struct {
	const char *name;
	void (*view)(FILE *out, json_t *result);
} goldens[] = {
    {"status", view_status},
    {"status_down", view_status},
    {"status_empty", view_status},
    {"call_list", view_call_list},
    {"call_list_empty", view_call_list},
    {"call", view_call},
    {"call_empty", view_call},
    {"peers", view_peers},
    {"peers_empty", view_peers},
    {"peers_watched", view_peers},
    {"route_test", view_route_test},
    {"route_test_none", view_route_test},
    {"stats", view_stats},
    {"drops", view_drops},
    {"hangup", view_hangup},
    {"bans", view_bans},
    {"bans_empty", view_bans},
    {"ban_lift", view_ban_lift},
    {"registrations", view_registrations},
    {"registrations_empty", view_registrations},
    {"drain", view_drain},
    {"limits", view_limits},
    {"status_draining", view_status},
    {"status_overloaded", view_status},
};

static FILE *golden_open(const char *name, const char *ending, const char *mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.%s", getenv("GOLDEN"), name, ending);
	FILE *file = fopen(path, mode);
	if (!file)
		fail_msg("%s", path);
	return file;
}

static void compare(const char *name, const char *shown)
{
	char expected[16384];
	FILE *file;

	if (getenv("GOLDEN_WRITE")) {
		file = golden_open(name, "txt", "w");
		fputs(shown, file);
	} else {
		file = golden_open(name, "txt", "r");
		expected[fread(expected, 1, sizeof(expected) - 1, file)] = '\0';
		if (strcmp(shown, expected) != 0)
			fail_msg("%s is shown as\n%s", name, shown);
	}
	fclose(file);
}

static void results_are_shown_as_the_goldens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		FILE *in = golden_open(goldens[i].name, "json", "r");
		json_t *result = json_loadf(in, JSON_DECODE_ANY, NULL);
		char *shown;
		size_t size;
		FILE *out = open_memstream(&shown, &size);

		fclose(in);
		assert_non_null(result);
		goldens[i].view(out, result);
		fclose(out);
		compare(goldens[i].name, shown);
		free(shown);
		json_decref(result);
	}
}

static void results_of_the_wrong_shape_do_not_hurt(void **state)
{
	static const char *const shapes[] = {
	    "null",
	    "5",
	    "[]",
	    "{}",
	    "[1, null, [], \"x\"]",
	    "{\"a\": 5, \"b\": {\"c\": []}, \"legs\": {}, \"mode\": 5, \"data_plane\": []}",
	    "[{\"legs\": [5], \"id\": 7, \"duration_s\": \"x\"}]",
	    "{\"legs\": [{\"counters\": {\"drops\": [1]}}], \"since\": 9000000000000000000}",
	    "{\"data_plane\": {\"up\": true, \"workers\": [1], \"ports\": [[]]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		json_t *result = json_loads(shapes[i], JSON_DECODE_ANY, NULL);

		assert_non_null(result);
		for (size_t j = 0; j < sizeof(goldens) / sizeof(goldens[0]); j++) {
			FILE *out = fopen("/dev/null", "w");

			goldens[j].view(out, result);
			fclose(out);
		}
		json_decref(result);
	}
}

static void a_table_is_aligned(void **state)
{
	static const char *const titles[] = {"NAME", ">COUNT", "EMPTY", "LAST", NULL};
	static const char *const cells[] = {"a", "1", "", "x", "long name", "1,000", "", ""};
	struct table table;
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);

	(void)state;
	table_begin(&table, titles);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		table_cell(&table, cells[i]);
	table_end(&table, out);
	fclose(out);
	assert_string_equal(shown, "NAME       COUNT  LAST\n"
				   "a              1  x\n"
				   "long name  1,000\n");
	free(shown);
}

static void a_table_in_pages_has_its_titles_once_and_more_for_a_new_column(void **state)
{
	static const char *const titles[] = {"NAME", "LATE", NULL};
	static const char *const cells[] = {"long name", "", "b", "", "c", "now"};
	struct table table;
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);

	(void)state;
	table_begin(&table, titles);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		table_cell(&table, cells[i]);
		if (i % 2 == 1)
			table_flush(&table, out);
	}
	table_end(&table, out);
	fclose(out);
	assert_string_equal(shown, "NAME\n"
				   "long name\n"
				   "b\n"
				   "NAME       LATE\n"
				   "c          now\n");
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(results_are_shown_as_the_goldens),
	    cmocka_unit_test(results_of_the_wrong_shape_do_not_hurt),
	    cmocka_unit_test(a_table_is_aligned),
	    cmocka_unit_test(a_table_in_pages_has_its_titles_once_and_more_for_a_new_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
