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
