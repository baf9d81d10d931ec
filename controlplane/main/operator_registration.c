/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registration list */
#include "main/daemon.h"

void operator_registration_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;

	(void)args;
	api_answer(request, b2bua_registrations(daemon->b2bua));
}
