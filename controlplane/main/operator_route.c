/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route test: what routing would do, with the daemon's own configuration and knowledge of peers. */
#include <time.h>

#include "b2bua/random.h"
#include "b2bua/route_test.h"
#include "main/daemon.h"

static bool is_down(void *user, const struct config_peer *peer)
{
	const struct daemon *daemon = user;

	return b2bua_peer_is_down(daemon->b2bua, peer);
}

static unsigned calls_to(void *user, const struct config_peer *peer)
{
	const struct daemon *daemon = user;

	return b2bua_peer_calls_to(daemon->b2bua, peer);
}

static uint32_t draw(void *user)
{
	(void)user;
	return (uint32_t)random_number();
}

void operator_route_test(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const json_t *at = json_object_get(args, "at");
	const struct route_test test = {
	    .from = json_string_value(json_object_get(args, "from")),
	    .called = json_string_value(json_object_get(args, "called")),
	    .caller = json_string_value(json_object_get(args, "caller")),
	    .headers = json_object_get(args, "headers"),
	    .unix_s = json_is_integer(at) ? (int64_t)json_integer_value(at) : (int64_t)time(NULL),
	    .is_down = is_down,
	    .calls = calls_to,
	    .random = draw,
	    .user = daemon,
	};
	char error[160];
	json_t *result;

	if (!test.from || !test.called) {
		api_refuse(request, "give the calling peer (from) and the called number (called)");
		return;
	}
	result = route_test(daemon->config, &test, error, sizeof(error));
	if (result)
		api_answer(request, result);
	else
		api_refuse(request, "%s", error);
}
