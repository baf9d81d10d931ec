/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "cli/table.h"
#include "cli/view.h"

static const json_t *leg_of(const json_t *record, unsigned number)
{
	return json_array_get(json_object_get(record, "legs"), number);
}

/* "0.0 %" of what came from that leg's peer; "-": nothing is known. */
static struct view_text loss(const json_t *record, unsigned number)
{
	const json_t *counters = json_object_get(leg_of(record, number), "counters");
	json_int_t lost = view_number(counters, "lost");

	return view_share(lost, lost + view_number(counters, "received"));
}

static void record_cells(struct table *table, const json_t *record)
{
	const json_t *end = json_object_get(record, "end");
	char status[16];

	snprintf(status, sizeof(status), "%d", (int)view_number(record, "status"));
	table_cell(table, view_string(record, "call").text);
	table_cell(table, view_string(record, "started").text);
	table_cell(table, view_string(record, "from").text);
	table_cell(table, view_string(record, "to").text);
	table_cell(table, view_string(leg_of(record, 0), "peer").text);
	table_cell(table, view_string(leg_of(record, 1), "peer").text);
	table_cell(table, view_string(record, "security").text);
	table_cell(table, view_duration(view_number(record, "duration_ms") / 1000).text);
	table_cell(table, json_object_get(record, "status") ? status : "-");
	table_cell(table, view_string(end, "cause").text);
	table_cell(table, view_string(end, "by").text);
	table_cell(table, loss(record, 0).text);
	table_cell(table, loss(record, 1).text);
}

void view_records(FILE *out, json_t *records)
{
	static const char *const titles[] = {"ID",    "STARTED",  "FROM",   "TO",     "LEG A",
					     "LEG B", "SECURITY", "TALKED", "STATUS", "ENDED",
					     "BY",    "LOSS A",   "LOSS B", NULL};
	struct table table;
	size_t count = json_array_size(records);

	if (count == 0) {
		fputs("no call records in this file\n", out);
		return;
	}
	table_begin(&table, titles);
	for (size_t i = 0; i < count; i++)
		record_cells(&table, json_array_get(records, i));
	table_end(&table, out);
}

void view_rotated(FILE *out, json_t *nothing)
{
	(void)nothing;
	fputs("another file is begun\n", out);
}
