/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"
#include "cli/view.h"

static void registration_cells(struct table *table, const json_t *registration)
{
	static const char *const keys[] = {"kind", "name", "peer", "aor", "contact", "state"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		table_cell(table, json_object_get(registration, keys[i])
				      ? view_string(registration, keys[i]).text
				      : "");
	table_cell(table, view_duration(view_number(registration, "expires_s")).text);
	table_cell(table, view_number(registration, "status")
			      ? view_number_text(registration, "status").text
			      : "");
	table_cell(table, view_number(registration, "failures")
			      ? view_number_text(registration, "failures").text
			      : "");
	table_cell(table, json_object_get(registration, "source")
			      ? view_string(registration, "source").text
			      : "");
}

static const char *const titles[] = {"KIND",      "NAME",   "PEER",     "AOR",
				     "CONTACT",   "STATE",  ">ENDS IN", ">STATUS",
				     ">FAILURES", "SOURCE", NULL};

const struct view_list view_list_registrations = {"registrations", titles, registration_cells,
						  "registration", "registrations"};
