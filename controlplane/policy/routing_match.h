/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a route is one for a call. Internal to policy. */
#pragma once

#include "policy/routing.h"

/* All but who calls and the number. text NULL: nobody asks why. */
bool routing_conditions_hold(const struct config_route *route, const struct routing_query *query,
			     char *text);
