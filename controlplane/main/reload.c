/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "main/daemon.h"
#include "main/log.h"
#include "main/notify.h"
#include "policy/live.h"

#define ERRORS_MAX 32U /* kept of one reading; the rest as a number */

struct reload {
	uv_work_t work;
	struct daemon *daemon;
	struct api_request *request; /* NULL: nobody asked by the API */
	struct config *next;
	char *errors[ERRORS_MAX];
	unsigned error_count;
	json_t *changed; /* array of texts */
};

static void keep_error(struct reload *reload, const char *text)
{
	if (reload->error_count < ERRORS_MAX)
		reload->errors[reload->error_count] = strdup(text);
	reload->error_count++;
}

/* In a thread of the pool: a large file takes longer than a call may wait. */
static void on_error(void *user, const char *text)
{
	keep_error(user, text);
}

static void read_again(uv_work_t *work)
{
	struct reload *reload = work->data;

	reload->next = config_load(reload->daemon->config->path, on_error, reload);
}

static void on_difference(void *user, enum live_kind kind, const char *what)
{
	struct reload *reload = user;
	char text[320];

	if (kind == LIVE_CHANGES) {
		json_array_append_new(reload->changed, json_string(what));
		return;
	}
	snprintf(text, sizeof(text), "%s: has changed, which needs a restart", what);
	keep_error(reload, text);
}

/* Room for all that next allows: who has more than it needs loses nothing by it. */
static int make_room(struct daemon *daemon, const struct config *next, char *error, size_t size)
{
	int rc = b2bua_fit(daemon->b2bua, next, error, size);

	if (rc == 0 && daemon->records) {
		rc = records_grow(daemon->records, daemon_calls_most(next));
		if (rc < 0)
			snprintf(error, size,
				 "record_file: no room on the disk for the journal of that many "
				 "calls (max_calls): %s",
				 strerror(-rc));
	}
	return rc;
}

/* All that may fail, then what cannot; certificates, which are in use from then on, last of these.
 */
static void apply(struct reload *reload)
{
	struct daemon *daemon = reload->daemon;
	char error[512];
	unsigned renewed = 0;

	if (config_live_compare(daemon->config, reload->next, on_difference, reload) > 0)
		return;
	if (config_secrets_load(reload->next, error, sizeof(error)) < 0 ||
	    make_room(daemon, reload->next, error, sizeof(error)) < 0 ||
	    net_renew(daemon->net, reload->next, &renewed, error, sizeof(error)) < 0) {
		keep_error(reload, error);
		return;
	}
	if (config_live_apply(daemon->config, reload->next) < 0) {
		keep_error(reload, "out of memory");
		return;
	}
	daemon_log_level(daemon);
	if (renewed)
		json_array_append_new(reload->changed,
				      json_sprintf("certificates of %u tls profiles", renewed));
}

static void tell_refused(struct reload *reload)
{
	const char *first = reload->errors[0] ? reload->errors[0] : "out of memory";

	for (unsigned i = 0; i < reload->error_count && i < ERRORS_MAX; i++)
		if (reload->errors[i])
			log_event(LOG_CONFIG_REFUSED, "not reloaded: %s", reload->errors[i]);
	if (!reload->request)
		return;
	if (reload->error_count > 1)
		api_refuse(reload->request,
			   "nothing has changed: %.300s (and %u more: see the log, event 1002)",
			   first, reload->error_count - 1);
	else
		api_refuse(reload->request, "nothing has changed: %.400s", first);
}

static void tell_done(struct reload *reload)
{
	size_t count = json_array_size(reload->changed);

	for (size_t i = 0; i < count; i++)
		log_event(LOG_CONFIG_RELOADED, "changed: %s",
			  json_string_value(json_array_get(reload->changed, i)));
	log_event(LOG_CONFIG_RELOADED, "%s is reloaded: %zu values have changed",
		  reload->daemon->config->path, count);
	if (reload->request)
		api_answer(reload->request, json_pack("{s:O}", "changed", reload->changed));
}

static void done(uv_work_t *work, int status)
{
	struct reload *reload = work->data;
	struct daemon *daemon = reload->daemon;

	(void)status;
	daemon->reloading = false;
	if (daemon->closed)
		keep_error(reload, "the daemon is stopping");
	else if (reload->next)
		apply(reload);
	if (reload->error_count)
		tell_refused(reload);
	else
		tell_done(reload);
	notify_service("READY=1");
	for (unsigned i = 0; i < ERRORS_MAX; i++)
		free(reload->errors[i]);
	config_free(reload->next);
	json_decref(reload->changed);
	free(reload);
}

/* systemd wants to know when it began (sd_notify(3)). */
static void tell_service(void)
{
	struct timespec now;
	char text[96];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld%06ld", (long long)now.tv_sec,
		 now.tv_nsec / 1000);
	notify_service(text);
}

void reload_begin(struct daemon *daemon, struct api_request *request)
{
	struct reload *reload = daemon->reloading ? NULL : calloc(1, sizeof(*reload));

	if (!reload) {
		if (request)
			api_refuse(request,
				   daemon->reloading ? "a reload is under way" : "out of memory");
		else
			log_event(LOG_CONFIG_REFUSED, "not reloaded: a reload is under way");
		return;
	}
	reload->daemon = daemon;
	reload->request = request;
	reload->work.data = reload;
	reload->changed = json_array();
	tell_service();
	daemon->reloading = uv_queue_work(&daemon->loop, &reload->work, read_again, done) == 0;
	if (!daemon->reloading) {
		keep_error(reload, "no thread can be started");
		done(&reload->work, 0);
	}
}
