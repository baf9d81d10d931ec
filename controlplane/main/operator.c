/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the operator API: JSON in the shapes of api/api.h. */
#include <stdlib.h>

#include "main/daemon.h"

void operator_ask(struct daemon *daemon, struct api_request *request, enum sluice_type type,
		  void (*answer)(void *user, int status, const void *reply, size_t length))
{
	struct operator_question *question = malloc(sizeof(*question));

	if (!question) {
		api_refuse(request, "out of memory");
		return;
	}
	*question = (struct operator_question){daemon, request};
	if (media_ask(daemon->media, type, NULL, 0, answer, question) < 0) {
		free(question);
		api_refuse(request, "out of memory");
	}
}

/* ---- calls ---- */

static const char *call_id(struct api_request *request, const json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));

	if (!id)
		api_refuse(request, "which call? give its id: see 'sluicectl call list'");
	return id;
}

static void no_such_call(struct api_request *request)
{
	api_refuse(request, "no such call: see 'sluicectl call list'");
}

static void call_shown(void *user, json_t *call)
{
	if (call)
		api_answer(user, call);
	else
		no_such_call(user);
}

static void run_call_show(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *id = call_id(request, args);

	if (id)
		b2bua_call_show(daemon->b2bua, id, call_shown, request);
}

static void run_call_hangup(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *id = call_id(request, args);

	if (!id)
		return;
	if (b2bua_call_hangup(daemon->b2bua, id) == 0)
		api_answer(request, NULL);
	else
		no_such_call(request);
}

const struct api_command operator_commands[] = {
    {"status", false, operator_status},
    {"call list", false, operator_call_list},
    {"call show", false, run_call_show},
    {"call hangup", true, run_call_hangup},
    {"call capture", true, operator_call_capture},
    {"peer list", false, operator_peer_list},
    {"route test", false, operator_route_test},
    {"stats", false, operator_stats},
    {"drops", false, operator_drops},
    {"ban list", false, operator_ban_list},
    {"record list", false, operator_record_list},
    {"record rotate", true, operator_record_rotate},
    {"registration list", false, operator_registration_list},
    {"ban lift", true, operator_ban_lift},
    {"limit list", false, operator_limit_list},
    {"reload", true, operator_reload},
    {"drain", true, operator_drain},
    {"undrain", true, operator_undrain},
};
const unsigned operator_command_count = sizeof(operator_commands) / sizeof(operator_commands[0]);
