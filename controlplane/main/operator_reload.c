/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reload */
#include "main/daemon.h"
#include "main/log.h"
#include "main/reload.h"

void operator_reload(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;

	(void)args;
	if (daemon->stopping) {
		api_refuse(request, "the daemon is stopping");
		return;
	}
	log_event(LOG_NOTE, "uid %u asks to reload", (unsigned)api_person(request).uid);
	reload_begin(daemon, request);
}
