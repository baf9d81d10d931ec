/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "cli/table.h"
#include "cli/view.h"

static void show_numbers(FILE *out, const json_t *test)
{
	fprintf(out, "at %s, from %s\n", view_time(view_number(test, "at")).text,
		view_string(test, "from").text);
	fprintf(out, "called %s, which routes see as %s\n", view_string(test, "called").text,
		view_string(test, "routed_called").text);
	fprintf(out, "calling %s, which routes see as %s\n\n", view_string(test, "caller").text,
		view_string(test, "routed_caller").text);
}

static void show_rules(FILE *out, const json_t *test)
{
	static const char *const titles[] = {"ROUTE", ">PRIORITY", "USED", "WHY", NULL};
	const json_t *rules = json_object_get(test, "rules");
	json_int_t more = view_number(test, "not_shown");
	struct table table;

	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);

		table_cell(&table, view_string(rule, "route").text);
		table_cell(&table, view_number_text(rule, "priority").text);
		table_cell(&table, json_is_true(json_object_get(rule, "used")) ? "yes" : "no");
		table_cell(&table, view_string(rule, "why").text);
	}
	table_end(&table, out);
	if (more)
		fprintf(out, "%s more routes are for other numbers\n", view_count(more).text);
}

static void show_targets(FILE *out, const json_t *test)
{
	static const char *const titles[] = {">",      "TARGET",  "ROUTE", ">PRIORITY", ">WEIGHT",
					     "CALLED", "CALLING", "STATE", NULL};
	const json_t *targets = json_object_get(test, "targets");
	struct table table;

	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		bool weighted = json_object_get(target, "weight");

		table_cell(&table, view_count((json_int_t)i + 1).text);
		table_cell(&table, view_string(target, "peer").text);
		table_cell(&table, view_string(target, "route").text);
		table_cell(&table, weighted ? view_number_text(target, "priority").text : "");
		table_cell(&table, weighted ? view_number_text(target, "weight").text : "");
		table_cell(&table, view_string(target, "called").text);
		table_cell(&table, view_string(target, "caller").text);
		table_cell(&table, view_string(target, "state").text);
	}
	fputc('\n', out);
	table_end(&table, out);
}

void view_route_test(FILE *out, json_t *test)
{
	show_numbers(out, test);
	if (json_array_size(json_object_get(test, "rules")))
		show_rules(out, test);
	if (json_array_size(json_object_get(test, "targets")))
		show_targets(out, test);
	if (json_object_get(test, "text") && json_string_length(json_object_get(test, "text")))
		fprintf(out, "\n%s: %s\n", view_string(test, "outcome").text,
			view_string(test, "text").text);
}
