/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/config.h"

bool config_number_match(const char *pattern, struct str number)
{
	size_t i = 0;

	for (; *pattern != '\0' && *pattern != '*'; pattern++, i++)
		if (i == number.len || (*pattern != '?' && *pattern != number.ptr[i]))
			return false;
	return *pattern == '*' || i == number.len;
}

const struct config_route *config_route(const struct config *config, const struct config_peer *from,
					struct str number)
{
	for (unsigned i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];

		if ((!route->from || route->from == from) &&
		    config_number_match(route->number, number))
			return route;
	}
	return NULL;
}
