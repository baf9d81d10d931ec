/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists that can be long, page by page: call list, peer list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/page.h"
#include "main/daemon.h"
#include "policy/syntax.h"

#define PEERS_DEFAULT 100U
#define PEERS_MAX 1000U

bool operator_page_size(struct api_request *request, const json_t *args, unsigned initially,
			unsigned most, unsigned *count)
{
	const json_t *wanted = json_object_get(args, "count");
	json_int_t number = wanted ? json_integer_value(wanted) : initially;

	if (number < 1 || number > most) {
		api_refuse(request, "count must be a whole number from 1 to %u", most);
		return false;
	}
	*count = (unsigned)number;
	return true;
}

/* ---- call list ---- */

static bool is_state(const char *name)
{
	return strcmp(name, "early") == 0 || strcmp(name, "answered") == 0 ||
	       strcmp(name, "ending") == 0;
}

static bool read_filter(struct api_request *request, const json_t *args, struct page_filter *filter)
{
	const json_t *older = json_object_get(args, "older_s");
	const char *must = NULL;

	filter->peer = json_string_value(json_object_get(args, "peer"));
	filter->number = json_string_value(json_object_get(args, "number"));
	filter->state = json_string_value(json_object_get(args, "state"));
	if (older && json_integer_value(older) > 0)
		filter->older_ms = (uint64_t)json_integer_value(older) * 1000;
	if (filter->state && !is_state(filter->state))
		api_refuse(request, "state must be early, answered or ending");
	else if (older && !(json_is_integer(older) && json_integer_value(older) >= 0))
		api_refuse(request, "older_s must be a whole number of seconds");
	else if (filter->number && (must = syntax_pattern(filter->number)))
		api_refuse(request, "number: '%s' %s", filter->number, must);
	else
		return true;
	return false;
}

void operator_call_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	const char *after = json_string_value(json_object_get(args, "after"));
	struct page_filter filter = {0};
	unsigned count;
	json_t *page;
	int rc;

	if (!operator_page_size(request, args, PAGE_CALLS_DEFAULT, PAGE_CALLS_MAX, &count) ||
	    !read_filter(request, args, &filter))
		return;
	page = b2bua_call_page(daemon->b2bua, &filter, after, count, &rc);
	if (page)
		api_answer(request, page);
	else
		api_refuse(request, "after must be the \"next\" of a page");
}

/* ---- peer list ---- */

static void add_text(json_t *object, const char *name, const char *text)
{
	if (text && text[0])
		json_object_set_new(object, name, json_string(text));
}

static const char *peer_state(const struct net_peer_status *status)
{
	if (status->connections)
		return "up";
	return status->last_error[0] ? "down" : "idle";
}

static json_t *peer_object(const struct daemon *daemon, const struct config_peer *peer)
{
	struct net_peer_status status = {0};
	json_t *watch = b2bua_peer_watch(daemon->b2bua, peer), *object;

	net_peer_status(daemon->net, peer, &status);
	object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "name", peer->name, "transport",
			   sip_transport_name(peer->transport), "dial_plan", peer->dial_plan->name,
			   "security", security_mode_name(peer->dial_plan->security), "state",
			   peer_state(&status), "connections", (json_int_t)status.connections,
			   "calls", (json_int_t)b2bua_peer_calls(daemon->b2bua, peer));
	json_object_set_new(object, "limits", operator_peer_limits(daemon, peer));
	add_text(object, "fqdn", peer->fqdn);
	add_text(object, "address", peer->address);
	add_text(object, "tls_version", status.tls_version);
	add_text(object, "tls_cipher", status.tls_cipher);
	add_text(object, "last_error", status.last_error);
	if (watch)
		json_object_set_new(object, "watch", watch);
	if (status.certificate_not_after)
		json_object_set_new(object, "certificate_not_after",
				    json_integer(status.certificate_not_after));
	return object;
}

/* "17.carrier": the peer that ended the last page, and where it stood. A reload may have moved it;
 * when it is gone, the place counts. */
static unsigned peer_after(const struct config *config, const char *after, int *rc)
{
	unsigned long place;
	char *end;

	*rc = 0;
	if (!after)
		return 0;
	place = strtoul(after, &end, 10);
	if (after[0] < '0' || after[0] > '9' || *end != '.') {
		*rc = -EINVAL;
		return 0;
	}
	if (place < config->peer_count && strcmp(config->peers[place].name, end + 1) == 0)
		return (unsigned)place + 1;
	for (unsigned i = 0; i < config->peer_count; i++)
		if (strcmp(config->peers[i].name, end + 1) == 0)
			return i + 1;
	return place < config->peer_count ? (unsigned)place : config->peer_count;
}

void operator_peer_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	const struct config *config = daemon->config;
	const char *after = json_string_value(json_object_get(args, "after"));
	unsigned count, at, end;
	json_t *list, *page;
	int rc;

	if (!operator_page_size(request, args, PEERS_DEFAULT, PEERS_MAX, &count))
		return;
	at = peer_after(config, after, &rc);
	if (rc < 0) {
		api_refuse(request, "after must be the \"next\" of a page");
		return;
	}
	end = config->peer_count - at > count ? at + count : config->peer_count;
	list = json_array();
	for (; at < end; at++)
		json_array_append_new(list, peer_object(daemon, &config->peers[at]));
	page = json_pack("{s:o, s:I}", "peers", list, "total", (json_int_t)config->peer_count);
	if (end < config->peer_count)
		json_object_set_new(page, "next",
				    json_sprintf("%u.%s", end - 1, config->peers[end - 1].name));
	api_answer(request, page);
}
