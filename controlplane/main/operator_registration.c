/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registration list, page by page */
#include <string.h>

#include "b2bua/registration/page.h"
#include "main/daemon.h"

static bool is_state(const char *name)
{
	static const char *const names[] = {"registered", "unreachable", "unregistered", "leaving",
					    "left"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

void operator_registration_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	const char *after = json_string_value(json_object_get(args, "after"));
	const struct registration_filter filter = {
	    .peer = json_string_value(json_object_get(args, "peer")),
	    .state = json_string_value(json_object_get(args, "state")),
	};
	unsigned count;
	json_t *page;
	int status;

	if (!operator_page_size(request, args, REGISTRATION_PAGE_DEFAULT, REGISTRATION_PAGE_MAX,
				&count))
		return;
	if (filter.state && !is_state(filter.state)) {
		api_refuse(request, "state must be registered, unreachable, unregistered, leaving "
				    "or left");
		return;
	}
	page = b2bua_registration_page(daemon->b2bua, &filter, after, count, &status);
	if (page)
		api_answer(request, page);
	else
		api_refuse(request,
			   status < 0 ? "after must be the \"next\" of a page" : "out of memory");
}
