/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "cli/view.h"

void view_drain(FILE *out, json_t *result)
{
	const json_t *drain = json_object_get(result, "drain");
	bool exits = strcmp(view_string(drain, "then").text, "exit") == 0;

	fprintf(out, "draining: no new calls, %s left%s\n", view_number_text(result, "calls").text,
		exits ? ", then the daemon ends" : "");
	if (json_object_get(drain, "left_s"))
		fprintf(out, "what is left in %s is ended\n",
			view_duration(view_number(drain, "left_s")).text);
}

void view_undrain(FILE *out, json_t *nothing)
{
	(void)nothing;
	fputs("serving\n", out);
}

void view_reload(FILE *out, json_t *result)
{
	const json_t *changed = json_object_get(result, "changed");

	for (size_t i = 0; i < json_array_size(changed); i++)
		fprintf(out, "changed: %s\n", json_string_value(json_array_get(changed, i)) ?: "?");
	fprintf(out, "reloaded: %zu values have changed\n", json_array_size(changed));
}
