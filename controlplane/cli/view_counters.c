/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/table.h"
#include "cli/view.h"
#include "main/log.h"

static const char *const titles[] = {"", "", ">", NULL};

/* One table for all groups, so that the figures stand in one column. */
void view_stats(FILE *out, json_t *stats)
{
	struct table table;
	const char *group, *name;
	json_t *members, *value;
	char shown[96];

	table_begin(&table, titles);
	json_object_foreach (stats, group, members) {
		const char *heading = group;

		json_object_foreach (members, name, value) {
			log_escape(shown, sizeof(shown), heading, strlen(heading));
			table_cell(&table, shown);
			log_escape(shown, sizeof(shown), name, strlen(name));
			table_cell(&table, shown);
			table_cell(&table, view_count(json_integer_value(value)).text);
			heading = "";
		}
	}
	table_end(&table, out);
}

void view_drops(FILE *out, json_t *drops)
{
	static const char *const columns[] = {">PACKETS", "REASON", "MEANING", NULL};
	struct table table;
	json_int_t sum = 0;

	table_begin(&table, columns);
	for (size_t i = 0; i < json_array_size(drops); i++) {
		const json_t *drop = json_array_get(drops, i);

		sum += view_number(drop, "packets");
		table_cell(&table, view_number_text(drop, "packets").text);
		table_cell(&table, view_string(drop, "name").text);
		table_cell(&table, view_string(drop, "text").text);
	}
	table_cell(&table, view_count(sum).text);
	table_cell(&table, "all");
	table_cell(&table, "");
	table_end(&table, out);
}
