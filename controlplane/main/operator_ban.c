/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ban list, ban lift */
#include <errno.h>

#include "main/daemon.h"

static void add_ban(void *user, const struct net_ban *ban)
{
	json_array_append_new(user,
			      json_pack("{s:s, s:s, s:i, s:o, s:o}", "source", ban->source,
					"reason", ban->reason, "times", (int)ban->times, "left_s",
					operator_number((ban->left_ms + 999) / 1000), "refused",
					operator_number(ban->refused)));
}

void operator_ban_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	json_t *list = json_array();

	(void)args;
	net_ban_each(daemon->net, add_ban, list);
	api_answer(request, list);
}

void operator_ban_lift(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *source = json_string_value(json_object_get(args, "address"));
	int result = source ? net_ban_lift(daemon->net, source) : -EINVAL;

	if (result == 0)
		api_answer(request, NULL);
	else if (result == -EINVAL)
		api_refuse(request, "which source? give its address: see 'sluicectl ban list'");
	else
		api_refuse(request, "%s is not banned: see 'sluicectl ban list'", source);
}
