/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cli/view.h"

struct view_text view_against(const json_t *object, const char *now, const char *limit)
{
	struct view_text shown = view_number_text(object, now);

	if (view_number(object, limit))
		snprintf(shown.text, sizeof(shown.text), "%.80s/%.80s",
			 view_number_text(object, now).text, view_number_text(object, limit).text);
	return shown;
}

static void limit_cells(struct table *table, const json_t *limit)
{
	json_int_t refused =
	    view_number(limit, "refused_calls") + view_number(limit, "refused_rate");
	char minute[96] = "";

	if (view_number(limit, "max_calls_per_minute"))
		snprintf(minute, sizeof(minute), "%.60s a minute",
			 view_number_text(limit, "max_calls_per_minute").text);
	table_cell(table, view_string(limit, "what").text);
	table_cell(table, view_string(limit, "name").text);
	table_cell(table,
		   json_object_get(limit, "number") ? view_string(limit, "number").text : "");
	table_cell(table, view_against(limit, "calls", "max_calls").text);
	table_cell(table, view_number_text(limit, "calls_peak").text);
	table_cell(table, view_against(limit, "calls_per_s", "max_calls_per_s").text);
	table_cell(table, view_number_text(limit, "calls_per_s_peak").text);
	table_cell(table, minute);
	table_cell(table, view_count(refused).text);
}

void view_limits(FILE *out, json_t *limits)
{
	static const char *const titles[] = {"LIMIT",    "NAME",  "NUMBER",  ">CALLS",   ">PEAK",
					     ">CALLS/S", ">PEAK", "AT MOST", ">REFUSED", NULL};
	struct table table;

	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(limits); i++)
		limit_cells(&table, json_array_get(limits, i));
	table_end(&table, out);
}
