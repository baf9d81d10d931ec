/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain, undrain */
#include <errno.h>
#include <string.h>

#include "main/daemon.h"
#include "main/log.h"

#define TIMEOUT_MAX_S 604800

void operator_drain(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const json_t *timeout = json_object_get(args, "timeout_s");
	const json_t *then = json_object_get(args, "then");
	json_int_t timeout_s = timeout ? json_integer_value(timeout) : 0;
	bool exits = then && strcmp(json_string_value(then) ?: "", "exit") == 0;

	if (timeout && (!json_is_integer(timeout) || timeout_s < 1 || timeout_s > TIMEOUT_MAX_S)) {
		api_refuse(request, "timeout_s must be a whole number from 1 to %d", TIMEOUT_MAX_S);
	} else if (then && !exits && strcmp(json_string_value(then) ?: "", "stay") != 0) {
		api_refuse(request, "then must be stay or exit");
	} else if (daemon->stopping) {
		api_refuse(request, "the daemon is stopping");
	} else {
		log_event(LOG_NOTE, "uid %u asks to drain", (unsigned)api_person(request).uid);
		drain_begin(daemon, (unsigned)timeout_s, exits ? DRAIN_THEN_EXIT : DRAIN_THEN_STAY);
		api_answer(request, json_pack("{s:o, s:I}", "drain", drain_object(daemon), "calls",
					      (json_int_t)b2bua_calls(daemon->b2bua)));
	}
}

void operator_undrain(void *user, struct api_request *request, const json_t *args)
{
	int rc = drain_end(user);

	(void)args;
	if (rc == 0 || rc == -EALREADY)
		api_answer(request, NULL);
	else
		api_refuse(request, "the daemon is stopping");
}
