/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"
#include "cli/view.h"

void view_bans(FILE *out, json_t *bans)
{
	static const char *const titles[] = {"SOURCE", ">TIMES",   ">LEFT",
					     "REASON", ">REFUSED", NULL};
	struct table table;

	if (json_array_size(bans) == 0) {
		fputs("no source is banned\n", out);
		return;
	}
	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(bans); i++) {
		const json_t *ban = json_array_get(bans, i);

		table_cell(&table, view_string(ban, "source").text);
		table_cell(&table, view_number_text(ban, "times").text);
		table_cell(&table, view_duration(view_number(ban, "left_s")).text);
		table_cell(&table, view_string(ban, "reason").text);
		table_cell(&table, view_number_text(ban, "refused").text);
	}
	table_end(&table, out);
}

void view_ban_lift(FILE *out, json_t *nothing)
{
	(void)nothing;
	fputs("lifted\n", out);
}
