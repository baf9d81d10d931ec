/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sluice-controlplane as a whole: what main.c starts and operator.c shows. Thread: the loop's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "api/api.h"
#include "b2bua/b2bua.h"
#include "main/drain.h"
#include "main/measure.h"
#include "media/media.h"
#include "net/net.h"
#include "policy/config.h"
#include "record/records.h"

struct daemon {
	uv_loop_t loop;
	uv_signal_t signals[3];
	struct config *config;
	struct net *net;
	struct media *media;
	struct b2bua *b2bua;
	struct records *records; /* NULL: none are kept */
	struct api_server *api;
	uint64_t started_ms;
	struct drain drain;
	struct measure measure;
	bool reloading;
	bool debug;    /* asked for at the start: whatever log_level says */
	bool closed;   /* nothing is left but to end */
	bool stopping; /* a signal, or drain, asked for it */
	bool ending;   /* all calls were told */
};

/* As log_level of the configuration says. */
void daemon_log_level(const struct daemon *daemon);
/* Ends all calls with BYE and then the process; asked again: at once. */
void daemon_stop(struct daemon *daemon);

/* "unsecured, secured": the modes of the dial plans in use, each once. */
void daemon_modes(const struct config *config, char *text, size_t size);
/* Calls that there may be in one moment, those that wait for their last counters included. */
unsigned daemon_calls_most(const struct config *config);
bool daemon_uses_mode(const struct config *config, enum security_mode mode);

/* operator.c: the commands of the operator API; user is the daemon. */
extern const struct api_command operator_commands[];
extern const unsigned operator_command_count;

static inline json_t *operator_number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* A question to the data plane on behalf of an operator: what answer gets as user, and frees. */
struct operator_question {
	struct daemon *daemon;
	struct api_request *request;
};
/* answer is called once, or the request is refused. */
void operator_ask(struct daemon *daemon, struct api_request *request, enum sluice_type type,
		  void (*answer)(void *user, int status, const void *reply, size_t length));

/* operator_status.c: status */
void operator_status(void *user, struct api_request *request, const json_t *args);
/* operator_stats.c: stats, drops */
void operator_stats(void *user, struct api_request *request, const json_t *args);
void operator_drops(void *user, struct api_request *request, const json_t *args);
/* operator_ban.c: ban list, ban lift */
void operator_ban_list(void *user, struct api_request *request, const json_t *args);
void operator_ban_lift(void *user, struct api_request *request, const json_t *args);

/* operator_capture.c: call capture */
void operator_call_capture(void *user, struct api_request *request, const json_t *args);

/* What the client wants of a page: "count", else initially. False: it was refused. */
bool operator_page_size(struct api_request *request, const json_t *args, unsigned initially,
			unsigned most, unsigned *count);
/* operator_registration.c: registration list */
void operator_registration_list(void *user, struct api_request *request, const json_t *args);
/* operator_list.c: call list, peer list */
void operator_call_list(void *user, struct api_request *request, const json_t *args);
void operator_peer_list(void *user, struct api_request *request, const json_t *args);

/* operator_limits.c: limit list; objects as in api/api.h, the caller's */
void operator_limit_list(void *user, struct api_request *request, const json_t *args);
json_t *operator_total_limits(const struct daemon *daemon);
json_t *operator_peer_limits(const struct daemon *daemon, const struct config_peer *peer);

/* operator_overload.c: of status and stats; objects as in api/api.h, the caller's */
json_t *operator_load(const struct daemon *daemon);
json_t *operator_overload_counters(const struct daemon *daemon);

/* operator_reload.c: reload */
void operator_reload(void *user, struct api_request *request, const json_t *args);

/* operator_drain.c: drain, undrain */
void operator_drain(void *user, struct api_request *request, const json_t *args);
void operator_undrain(void *user, struct api_request *request, const json_t *args);

/* operator_route.c: route test */
void operator_route_test(void *user, struct api_request *request, const json_t *args);

/* operator_record.c: record list, record rotate */
void operator_record_list(void *user, struct api_request *request, const json_t *args);
void operator_record_rotate(void *user, struct api_request *request, const json_t *args);
